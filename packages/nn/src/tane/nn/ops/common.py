"""What several tables of ops use."""

from __future__ import annotations

from typing import Any

from tane.ops.primitive import primitive

__all__ = ["raw", "scaled_by"]


def raw(x: Any) -> Any:
    """The raw array behind a Tensor, or the array itself."""
    return getattr(x, "array", x)


# A product with a raw array, or a number: linear, so its own gradient.
scaled_by = primitive(
    "scaled_by", lambda F, x, factor=1.0: x * factor, lambda F, g, factor: F.scaled_by(g, factor), backward="MulBackward0"
)
