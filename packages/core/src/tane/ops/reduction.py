"""Ops that reduce axes: sums, means, extremes, products."""

from __future__ import annotations

import math
from typing import Any

from tane.ops.primitive import primitive

__all__ = ["kept", "normal_axes"]


def normal_axes(axis: Any, ndim: int) -> tuple[int, ...]:
    """``axis`` (None, a number or several) as a tuple of distinct, non-negative axes."""
    if axis is None:
        return tuple(range(ndim))
    return tuple(a % ndim if ndim else 0 for a in (axis if isinstance(axis, (tuple, list)) else (axis,)))


def kept(shape: tuple[int, ...], axis: Any) -> tuple[int, ...]:
    """The shape with reduced axes kept as 1."""
    axes = normal_axes(axis, len(shape))
    return tuple(1 if i in axes else d for i, d in enumerate(shape))


def restore(g: Any, shape: tuple[int, ...], axis: Any, keepdims: bool) -> Any:
    """A reduced gradient with its axes put back as 1s; the engine repeats it to the full shape."""
    return g if axis is None or keepdims else g.reshape(kept(shape, axis))


def count(shape: tuple[int, ...], axis: Any) -> int:
    """How many elements each result is made of."""
    return math.prod(shape[a] for a in normal_axes(axis, len(shape))) if shape else 1


sum_ = primitive(
    "sum",
    lambda F, x, axis=None, keepdims=False: F.sum(x, axis=axis, keepdims=keepdims),
    lambda F, g, x_shape, axis, keepdims: restore(g, x_shape, axis, keepdims),
    promotes="same",
    wide=True,
)

mean = primitive(
    "mean",
    lambda F, x, axis=None, keepdims=False: (
        F.sum(x, axis=axis, keepdims=keepdims) / count(x.shape, axis) if x.size else F.mean(x, axis=axis, keepdims=keepdims)
    ),
    lambda F, g, x_shape, axis, keepdims: restore(g, x_shape, axis, keepdims) / count(x_shape, axis),
    promotes="same",
    wide=True,
)


def _extreme(F: Any, g: Any, x: Any, y: Any, axis: Any, keepdims: bool) -> Any:
    """The gradient of a maximum goes to the elements that attain it, in equal shares."""
    hits = x == restore(y, x.shape, axis, keepdims)
    hits = F.cast(hits, g.dtype)
    return restore(g, x.shape, axis, keepdims) * (hits / F.sum(hits, axis=axis, keepdims=True))


amax = primitive(
    "amax",
    lambda F, x, axis=None, keepdims=False: F.amax(x, axis=axis, keepdims=keepdims),
    lambda F, g, x, y, axis, keepdims: _extreme(F, g, x, y, axis, keepdims),
)
amin = primitive(
    "amin",
    lambda F, x, axis=None, keepdims=False: F.amin(x, axis=axis, keepdims=keepdims),
    lambda F, g, x, y, axis, keepdims: _extreme(F, g, x, y, axis, keepdims),
)
all_ = primitive("all", lambda F, x, axis=None, keepdims=False: F.all(x, axis=axis, keepdims=keepdims), None)
any_ = primitive("any", lambda F, x, axis=None, keepdims=False: F.any(x, axis=axis, keepdims=keepdims), None)
argmax = primitive("argmax", lambda F, x, axis=None, keepdims=False: F.argmax(x, axis=axis, keepdims=keepdims), None)
argmin = primitive("argmin", lambda F, x, axis=None, keepdims=False: F.argmin(x, axis=axis, keepdims=keepdims), None)
