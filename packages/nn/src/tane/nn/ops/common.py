"""What several tables of ops use."""

from __future__ import annotations

from typing import Any

from tane.ops.primitive import primitive

__all__ = ["multi_margin_result", "multilabel_margin_result", "raw", "scaled_by", "weighted_logits_result"]


def raw(x: Any) -> Any:
    """The raw array behind a Tensor, or the array itself."""
    return getattr(x, "array", x)


# A product with a raw array, or a number: linear, so its own gradient.
scaled_by = primitive(
    "scaled_by", lambda F, x, factor=1.0: x * factor, lambda F, g, factor: F.scaled_by(g, factor), backward="MulBackward0"
)


def _result(name: str, backward: str) -> Any:
    """What a composed loss ends in, so that it prints with the one name that PyTorch's has."""
    return primitive(f"{name}_result", lambda F, x: x.copy(), lambda F, g: g, backward=backward)


multi_margin_result = _result("multi_margin", "MultiMarginLossBackward0")
multilabel_margin_result = _result("multilabel_margin", "MultilabelMarginLossBackward0")
weighted_logits_result = _result("weighted_logits", "BinaryCrossEntropyWithLogitsBackward0")
