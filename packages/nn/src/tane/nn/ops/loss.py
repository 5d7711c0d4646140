"""Losses of two tensors element by element, each with its reduction in the same node."""

from __future__ import annotations

import math
from typing import Any

from tane.ops.accepting import only_float
from tane.ops.primitive import primitive

__all__ = ["reduced", "share"]


def reduced(F: Any, x: Any, reduction: str) -> Any:
    """All elements, their sum or their mean."""
    if reduction == "mean":
        return F.sum(x, axis=None) / x.size
    return F.sum(x, axis=None) if reduction == "sum" else x


def share(g: Any, shape: tuple[int, ...], reduction: str, factor: float = 1.0) -> Any:
    """What each element's own loss gets of the gradient of the reduced one, times ``factor``."""
    if reduction == "mean":
        return g * (factor / math.prod(shape)) if math.prod(shape) else g
    return g if factor == 1 else g * factor


def _quadratic_then_linear(F: Any, d: Any, bend: float) -> Any:
    """Half the square up to ``bend``, then the tangent."""
    a = F.absolute(d)
    return F.where(a < bend, a * a * 0.5, (a - 0.5 * bend) * bend)


def _limited(F: Any, d: Any, bend: float) -> Any:
    return F.where(F.absolute(d) < bend, d, F.sign(d) * bend)


PAIR: dict[str, Any] = {"promotes": "same", "wide": True}

mse_loss = primitive(
    "mse_loss",
    lambda F, input, target, reduction="mean": reduced(F, F.square(input - target), reduction),
    lambda F, g, input, target, reduction: (input - target) * share(g, input.shape, reduction, 2),
    lambda F, g, input, target, reduction: (target - input) * share(g, input.shape, reduction, 2),
    **PAIR,
)
smooth_l1_loss = primitive(
    "smooth_l1_loss",
    lambda F, input, target, reduction="mean", beta=1.0: reduced(F, _quadratic_then_linear(F, input - target, beta) / beta, reduction),
    lambda F, g, input, target, reduction, beta: _limited(F, input - target, beta) * share(g, input.shape, reduction, 1 / beta),
    lambda F, g, input, target, reduction, beta: _limited(F, target - input, beta) * share(g, input.shape, reduction, 1 / beta),
    **PAIR,
)
huber_loss = primitive(
    "huber_loss",
    lambda F, input, target, reduction="mean", delta=1.0: reduced(F, _quadratic_then_linear(F, input - target, delta), reduction),
    lambda F, g, input, target, reduction, delta: _limited(F, input - target, delta) * share(g, input.shape, reduction),
    lambda F, g, input, target, reduction, delta: _limited(F, target - input, delta) * share(g, input.shape, reduction),
    **PAIR,
)
soft_margin_loss = primitive(
    "soft_margin_loss",
    lambda F, input, target, reduction="mean": reduced(F, _log1p_exp(F, -input * target), reduction),
    lambda F, g, input, target, reduction: share(g, input.shape, reduction) * (-target * F.sigmoid(-input * target)),
    None,
    **PAIR,
)

# ---- binary cross entropy --------------------------------------------------------------------------------------------------------
binary_cross_entropy = primitive(
    "binary_cross_entropy",
    # Logarithms end at -100, so that a certain but wrong prediction costs something finite.
    lambda F, input, target, reduction="mean": reduced(
        F, (target - 1) * F.maximum(F.log1p(-input), -100) - target * F.maximum(F.log(input), -100), reduction
    ),
    lambda F, g, input, target, reduction: share(g, input.shape, reduction) * ((input - target) / F.maximum(input * (1 - input), 1e-12)),
    lambda F, g, input, reduction: share(g, input.shape, reduction) * (F.log1p(-input) - F.log(input)),
    **PAIR,
)


def _log1p_exp(F: Any, x: Any) -> Any:
    """``log(1 + exp(x))`` without overflow."""
    return F.log1p(F.exp(-F.absolute(x))) + F.maximum(x, 0)


def _logits(F: Any, x: Any, t: Any, w: Any) -> Any:
    """The loss of logits ``x``, with ``w`` the weight of positive targets."""
    return (1 - t) * x + (t * (w - 1) + 1) * _log1p_exp(F, -x)


binary_cross_entropy_with_logits = primitive(
    "binary_cross_entropy_with_logits",
    lambda F, input, target, reduction="mean": reduced(F, _log1p_exp(F, -input) + (1 - target) * input, reduction),
    lambda F, g, input, target, reduction: share(g, input.shape, reduction) * (F.sigmoid(input) - target),
    lambda F, g, input, reduction: share(g, input.shape, reduction) * -input,
    **PAIR,
)
binary_cross_entropy_weighted = primitive(
    "binary_cross_entropy_weighted",
    lambda F, input, target, positive, reduction="mean": reduced(F, _logits(F, input, target, positive), reduction),
    lambda F, g, input, target, positive, reduction: (
        share(g, input.shape, reduction) * ((target * (positive - 1) + 1) * F.sigmoid(input) - target * positive)
    ),
    lambda F, g, input, positive, reduction: share(g, input.shape, reduction) * ((positive - 1) * _log1p_exp(F, -input) - input),
    None,
    backward="BinaryCrossEntropyWithLogitsBackward0",
    **PAIR,
)

for _op, _kernel in [
    (mse_loss, "mse_cpu"),
    (smooth_l1_loss, "smooth_l1_cpu"),
    (huber_loss, "huber_cpu"),
    (soft_margin_loss, "soft_margin_cpu"),
    (binary_cross_entropy, "binary_cross_entropy"),
    (binary_cross_entropy_with_logits, "log_sigmoid_cpu"),
    (binary_cross_entropy_weighted, "log_sigmoid_cpu"),
]:
    _op.accepts = only_float(_kernel)
