"""Losses whose target is the number of a class.

``target`` is a raw array of class numbers in [0, C) of shape (N, d1, …), for inputs (N, C, d1, …) or (C); ``coefficients``, of the target's shape, weigh
the elements (0: ignored); ``total`` is what the mean divides by. In an input's gradient ``p - onehot`` stands in one place for both.
"""

from __future__ import annotations

from typing import Any

from tane.nn.ops.common import raw
from tane.ops.primitive import F as Tensors
from tane.ops.primitive import primitive

__all__ = ["class_axis", "cross_entropy", "nll_loss"]


def class_axis(ndim: int) -> int:
    return 0 if ndim == 1 else 1


def _at(F: Any, shape: tuple[int, ...], target: Any) -> tuple[Any, ...]:
    """The advanced index of each element's own class."""
    n = len(shape)
    if n == 2:
        return F.arange(shape[0]), target
    if n == 1:
        return (target,)
    rest = [d for i, d in enumerate(shape) if i != 1]
    grid = [F.arange(d).reshape((1,) * i + (d,) + (1,) * (n - 2 - i)) for i, d in enumerate(rest)]
    return (grid[0], target, *grid[1:])


def _combined(F: Any, losses: Any, coefficients: Any, reduction: str, total: Any) -> Any:
    if coefficients is not None:
        # An ignored element's loss may be infinite, and 0 * inf is NaN.
        losses = F.where(coefficients == 0, 0, losses * coefficients)
    if reduction == "none":
        return losses
    summed = F.sum(losses, axis=None)
    return summed / total if reduction == "mean" else summed


def _own(F: Any, g: Any, coefficients: Any, reduction: str, total: Any) -> Any:
    """The gradient of each element's own loss."""
    if reduction == "mean":
        g = F.scaled_by(g, 1 / total)
    return g if coefficients is None else F.scaled_by(g, coefficients)


nll_loss = primitive(
    "nll_loss",
    lambda F, input, target=None, coefficients=None, reduction="mean", total=1: _combined(
        F, -input[_at(F, input.shape, target)], coefficients, reduction, total
    ),
    lambda F, g, input_shape, target, coefficients, reduction, total: F.nll_spread(g, input_shape, target, coefficients, reduction, total),
    wide=True,
)
nll_spread = primitive(
    "nll_spread",
    lambda F, x, shape=(), target=None, coefficients=None, reduction="mean", total=1: _spread(
        F, x, shape, target, coefficients, reduction, total
    ),
    lambda F, g, target, coefficients, reduction, total: F.nll_loss(g, target, coefficients, reduction, total),
    backward="NllLossBackwardBackward0",
)


def _spread(F: Any, g: Any, shape: tuple[int, ...], target: Any, coefficients: Any, reduction: str, total: Any) -> Any:
    out = F.zeros(shape, dtype=g.dtype)
    out[_at(F, shape, target)] = -_own(F, g, coefficients, reduction, total)
    return out


def _less_own(F: Any, x: Any, target: Any, values: Any) -> Any:
    """``x``, changed in place: less by ``values`` where each element's own class stands."""
    if x.ndim == 2:
        F.subtract_entries(x, target, values)
    else:
        x[_at(F, x.shape, target)] -= values
    return x


def _cross_entropy(
    F: Any, input: Any, target: Any = None, coefficients: Any = None, reduction: str = "mean", total: Any = 1
) -> tuple[Any, Any, Any]:
    """The loss; and for its gradient ``exp(input - max)``, and the sums of that over all classes."""
    if input.ndim == 2:
        losses, e, scale = F.row_losses(input, target)
    else:
        axis = class_axis(input.ndim)
        d = input - F.amax(input, axis=axis, keepdims=True)
        own = d[_at(F, d.shape, target)]
        e = F.exp(d)
        scale = F.sum(e, axis=axis, keepdims=True)
        losses = F.log(scale).reshape(own.shape) - own
    return _combined(F, losses, coefficients, reduction, total), e, scale


cross_entropy = primitive(
    "cross_entropy",
    _cross_entropy,
    lambda F, g, input, e, scale, target, coefficients, reduction, total: F.cross_entropy_spread(
        g, input, e, scale, target, coefficients, reduction, total
    ),
    kept=("e", "scale"),
    wide=True,
    backward="NllLossBackward0",
)


def _spread_error(
    F: Any,
    x: Any,
    input: Any,
    e: Any = None,
    scale: Any = None,
    target: Any = None,
    coefficients: Any = None,
    reduction: str = "mean",
    total: Any = 1,
) -> Any:
    """``own * (softmax(input) - onehot(target))``, from what the forward left of its softmax; ``x`` is the gradient of the loss."""
    own = x * (1 / total) if reduction == "mean" else x
    if coefficients is not None:
        own = own * coefficients
    if reduction == "none" or coefficients is not None:
        return _less_own(F, e * (F.expand_dims(own, class_axis(e.ndim)) / scale), target, own)
    return _less_own(F, e * (own / scale), target, own)


def _spread_gradient(F: Any, G: Any, x: Any, e: Any, scale: Any, target: Any, coefficients: Any, reduction: str, total: Any) -> Any:
    """What the gradient of the loss gets through ``own``."""
    r = F.sum(F.cross_entropy_error(x, e / scale, target) * G, axis=class_axis(len(x.shape)))
    if coefficients is not None:
        r = F.scaled_by(r, coefficients)
    if reduction != "none":
        r = F.sum(r, axis=None)
    return F.scaled_by(r, 1 / total) if reduction == "mean" else r


cross_entropy_spread = primitive(
    "cross_entropy_spread",
    _spread_error,
    lambda F, g, input, e, scale, target, coefficients, reduction, total: _spread_gradient(
        F, g, input, e, scale, target, coefficients, reduction, total
    ),
    lambda F, g, x, input, coefficients, reduction, total: _error_gradient(
        F, g * _each(F, x, input, coefficients, reduction, total), input
    ),
    backward="NllLossBackwardBackward0",
)

# Under create_graph the kept values come as Tensors; the op takes them raw.
Tensors.cross_entropy_spread = lambda g, input, e, scale, *rest: cross_entropy_spread.call(g, input, raw(e), raw(scale), *rest)  # type: ignore[attr-defined]


def _each(F: Any, g: Any, x: Any, coefficients: Any, reduction: str, total: Any) -> Any:
    own = _own(F, g, coefficients, reduction, total)
    return F.expand_dims(own, class_axis(len(x.shape))) if reduction == "none" or coefficients is not None else own


def _error(F: Any, x: Any, p: Any, target: Any) -> Any:
    return _less_own(F, p.copy(), target, 1)


def _error_gradient(F: Any, g: Any, x: Any) -> Any:
    axis = class_axis(len(x.shape))
    p = F.softmax(x, axis)
    return p * (g - F.sum(g * p, axis=axis, keepdims=True))


# softmax(x) - onehot(target), from the probabilities that the forward left.
cross_entropy_error = primitive(
    "cross_entropy_error",
    lambda F, input, p=None, target=None: _error(F, input, p, target),
    lambda F, g, input: _error_gradient(F, g, input),
)
