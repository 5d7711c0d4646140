"""Ops that reduce axes: sums, means, products, extremes, spreads and norms.

PyTorch names the nodes of some of them by whether axes were given; those are declared twice. ``axis`` is None, a number or a tuple.
"""

from __future__ import annotations

import math
from typing import Any

from tane.ops.joint import Joint
from tane.ops.primitive import primitive

__all__ = ["count", "kept", "normal_axes", "restore"]


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


# ---- sums and means -----------------------------------------------------------------------------------------------------------------
def _mean(F: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    total = F.sum(x, axis=axis, keepdims=keepdims)
    number = count(x.shape, axis)
    return total / number if number else total * math.nan


def _sum_op(name: str, backward: str) -> Any:
    return primitive(
        name,
        lambda F, x, axis=None, keepdims=False: F.sum(x, axis=axis, keepdims=keepdims),
        lambda F, g, x_shape, axis, keepdims: restore(g, x_shape, axis, keepdims),
        promotes="same",
        wide=True,
        backward=backward,
    )


def _mean_op(name: str, backward: str) -> Any:
    return primitive(
        name,
        lambda F, x, axis=None, keepdims=False: _mean(F, x, axis, keepdims),
        lambda F, g, x_shape, axis, keepdims: restore(g, x_shape, axis, keepdims) * (1 / (count(x_shape, axis) or math.nan)),
        promotes="same",
        wide=True,
        backward=backward,
    )


# The sum of products along one axis, which is kept: what softmax's gradient is made of.
sum_product = primitive(
    "sum_product",
    lambda F, a, b, axis=-1: F.sum_product(a, b, axis),
    lambda F, g, b: g * b,
    lambda F, g, a: g * a,
)
sum_dim, sum_ = _sum_op("sum_dim", "SumBackward1"), _sum_op("sum", "SumBackward0")
mean_dim, mean = _mean_op("mean_dim", "MeanBackward1"), _mean_op("mean", "MeanBackward0")
nansum = primitive(
    "nansum",
    lambda F, x, axis=None, keepdims=False: F.sum(F.where(x != x, 0, x), axis=axis, keepdims=keepdims),
    lambda F, g, x, axis, keepdims: restore(g, x.shape, axis, keepdims) * (x == x),
    promotes="same",
    wide=True,
    numpy="sum_of_numbers",
)


# ---- products -----------------------------------------------------------------------------------------------------------------------
def others(F: Any, x: Any, axis: int) -> Any:
    """For each element, the product of all others along ``axis``: of those before it and those after it, so that zeros do no harm."""
    if x.shape[axis] == 0:
        return x
    one = x[(slice(None),) * axis + (slice(0, 1),)] ** 0
    head, tail = (slice(None),) * axis + (slice(None, -1),), (slice(None),) * axis + (slice(1, None),)
    before = F.cumprod(F.cat([one, x[head]], axis=axis), axis=axis)
    after = F.flip(F.cumprod(F.flip(F.cat([x[tail], one], axis=axis), (axis,)), axis=axis), (axis,))
    return before * after


def _prod_gradient(F: Any, g: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    if not x.shape:
        return g
    if axis is None:
        return g * others(F, x.reshape((-1,)), 0).reshape(x.shape)
    axis = normal_axes(axis, len(x.shape))[0]
    return restore(g, x.shape, axis, keepdims) * others(F, x, axis)


def _prod_op(name: str, backward: str) -> Any:
    return primitive(
        name,
        lambda F, x, axis=None, keepdims=False: F.prod(x, axis=axis, keepdims=keepdims),
        lambda F, g, x, axis, keepdims: _prod_gradient(F, g, x, axis, keepdims),
        promotes="same",
        wide=True,
        backward=backward,
    )


prod_dim, prod = _prod_op("prod_dim", "ProdBackward1"), _prod_op("prod", "ProdBackward0")


# ---- extremes -----------------------------------------------------------------------------------------------------------------------
def shared(F: Any, g: Any, x: Any, y: Any, axis: Any, keepdims: bool) -> Any:
    """The gradient of a value that elements attain goes to those elements, in equal shares; NaN is attained by NaN."""
    y = restore(y, x.shape, axis, keepdims)
    hits = F.cast((x == y) | ((x != x) & (y != y)), g.dtype)
    return restore(g, x.shape, axis, keepdims) * (hits / F.sum(hits, axis=axis, keepdims=True))


def _extreme_op(name: str, function: str, backward: str) -> Any:
    return primitive(
        name,
        lambda F, x, axis=None, keepdims=False: getattr(F, function)(x, axis=axis, keepdims=keepdims),
        lambda F, g, x, y, axis, keepdims: shared(F, g, x, y, axis, keepdims),
        backward=backward,
        numpy=None if name == function else name,
    )


amax, amin = _extreme_op("amax", "amax", "AmaxBackward0"), _extreme_op("amin", "amin", "AminBackward0")
max_all, min_all = _extreme_op("max_all", "amax", "MaxBackward1"), _extreme_op("min_all", "amin", "MinBackward1")


def _attained_op(name: str, function: str, position: str, backward: str) -> Any:
    """The extreme along one axis and where it is; the gradient goes to that one place."""
    return primitive(
        name,
        lambda F, x, axis=0, keepdims=False: (
            getattr(F, function)(x, axis=axis, keepdims=keepdims),
            getattr(x, position)(axis, keepdims=keepdims)[...],
        ),
        lambda F, g, x_shape, indices, axis, keepdims: to_place(F, g, indices, x_shape, axis, keepdims),
        extra=("indices",),
        backward=backward,
    )


def to_place(F: Any, g: Any, indices: Any, shape: tuple[int, ...], axis: int, keepdims: bool) -> Any:
    """Zeros of ``shape`` with ``g`` at ``indices`` along ``axis``."""
    if not shape:
        return g
    whole = kept(shape, axis)
    return F.scatter_zeros(g.reshape(whole), getattr(indices, "array", indices).reshape(whole), shape, axis)


max_dim = _attained_op("max_dim", "amax", "argmax", "MaxBackward0")
min_dim = _attained_op("min_dim", "amin", "argmin", "MinBackward0")
aminmax = Joint(
    "aminmax",
    lambda F, x, axis=None, keepdims=False: (F.amin(x, axis=axis, keepdims=keepdims), F.amax(x, axis=axis, keepdims=keepdims)),
    lambda F, gs, x, ys, axis, keepdims: (shared(F, gs[0], x, ys[0], axis, keepdims) + shared(F, gs[1], x, ys[1], axis, keepdims),),
)
argmax = primitive("argmax", lambda F, x, axis=None, keepdims=False: x.argmax(axis, keepdims=keepdims), None)
argmin = primitive("argmin", lambda F, x, axis=None, keepdims=False: x.argmin(axis, keepdims=keepdims), None)
all_ = primitive("all", lambda F, x, axis=None, keepdims=False: F.all(x, axis=axis, keepdims=keepdims), None)
any_ = primitive("any", lambda F, x, axis=None, keepdims=False: F.any(x, axis=axis, keepdims=keepdims), None)
count_nonzero = primitive(
    "count_nonzero", lambda F, x, axis=None, keepdims=False: F.sum((x != 0).astype("int64"), axis=axis, keepdims=keepdims), None
)


# ---- spreads ------------------------------------------------------------------------------------------------------------------------
def _deviations(F: Any, x: Any, axis: Any) -> Any:
    return x - F.sum(x, axis=axis, keepdims=True) * (1 / (count(x.shape, axis) or math.nan))


def _var(F: Any, x: Any, axis: Any, correction: float, keepdims: bool) -> Any:
    apart = _deviations(F, x, axis)
    total = F.sum(apart * apart, axis=axis, keepdims=keepdims)
    return total / freedom if (freedom := max(count(x.shape, axis) - correction, 0)) else total / (total * 0)


def _var_gradient(F: Any, g: Any, x: Any, axis: Any, correction: float, keepdims: bool) -> Any:
    freedom = count(x.shape, axis) - correction
    return restore(g, x.shape, axis, keepdims) * (_deviations(F, x, axis) * (2 / freedom if freedom else math.inf))


def _halved(F: Any, g: Any, y: Any) -> Any:
    """The gradient that a square root hands on, and 0 where it was 0."""
    return F.where(y == 0, 0, g / (F.where(y == 0, 1, y) * 2))


var = primitive(
    "var",
    lambda F, x, axis=None, correction=1, keepdims=False: _var(F, x, axis, correction, keepdims),
    lambda F, g, x, axis, correction, keepdims: _var_gradient(F, g, x, axis, correction, keepdims),
    numpy="variance",
    wide=True,
)
std = primitive(
    "std",
    lambda F, x, axis=None, correction=1, keepdims=False: F.sqrt(_var(F, x, axis, correction, keepdims)),
    lambda F, g, x, y, axis, correction, keepdims: _var_gradient(F, _halved(F, g, y), x, axis, correction, keepdims),
    numpy="deviation",
    wide=True,
)
var_mean = Joint(
    "var_mean",
    lambda F, x, axis=None, correction=1, keepdims=False: (_var(F, x, axis, correction, keepdims), _mean(F, x, axis, keepdims)),
    lambda F, gs, x, axis, correction, keepdims: (
        _var_gradient(F, gs[0], x, axis, correction, keepdims) + restore(gs[1], x.shape, axis, keepdims) * (1 / count(x.shape, axis)),
    ),
    wide=True,
)
std_mean = Joint(
    "std_mean",
    lambda F, x, axis=None, correction=1, keepdims=False: (F.sqrt(_var(F, x, axis, correction, keepdims)), _mean(F, x, axis, keepdims)),
    lambda F, gs, x, ys, axis, correction, keepdims: (
        _var_gradient(F, _halved(F, gs[0], ys[0]), x, axis, correction, keepdims)
        + restore(gs[1], x.shape, axis, keepdims) * (1 / count(x.shape, axis)),
    ),
    wide=True,
)


# ---- norms --------------------------------------------------------------------------------------------------------------------------
def _norm(F: Any, x: Any, ord: float, axis: Any, keepdims: bool) -> Any:
    if ord == 2 and x.dtype.kind != "c":
        return F.sqrt(F.vdot(x, x)) if axis is None and not keepdims else F.sqrt(F.sum(x * x, axis=axis, keepdims=keepdims))
    size = F.absolute(x)
    if ord == 2:
        return F.sqrt(F.sum(size * size, axis=axis, keepdims=keepdims))
    if ord == 1:
        return F.sum(size, axis=axis, keepdims=keepdims)
    if ord == math.inf:
        return F.amax(size, axis=axis, keepdims=keepdims)
    if ord == -math.inf:
        return F.amin(size, axis=axis, keepdims=keepdims)
    if ord == 0:
        return F.sum((size != 0).astype(size.dtype), axis=axis, keepdims=keepdims)
    return F.power(F.sum(F.power(size, ord), axis=axis, keepdims=keepdims), 1 / ord)


def _norm_gradient(F: Any, g: Any, x: Any, y: Any, ord: float, axis: Any, keepdims: bool) -> Any:
    y, g = restore(y, x.shape, axis, keepdims), restore(g, x.shape, axis, keepdims)
    if ord == 2:
        return x * F.where(y == 0, 0, g / F.where(y == 0, 1, y))
    if ord == 1:
        return g * F.sgn(x)
    if ord == 0:
        return x * 0 * g
    size = F.absolute(x)
    if abs(ord) == math.inf:
        hits = F.cast(size == y, g.dtype)
        return F.sgn(x) * (g * (hits / F.sum(hits, axis=axis, keepdims=True)))
    if ord < 2:  # |x| ** (ord - 1) is infinite at 0, or for ord between 1 and 2 its derivative is
        zero = size == 0
        slope = F.where(zero, 0, F.power(F.where(zero, 1, size), ord - 1))
    else:
        slope = F.power(size, ord - 1)
    return F.sgn(x) * slope * F.where(y == 0, 0, g / F.power(F.where(y == 0, 1, y), ord - 1))


vector_norm = primitive(
    "vector_norm",
    lambda F, x, ord=2, axis=None, keepdims=False: _norm(F, x, ord, axis, keepdims),
    lambda F, g, x, y, ord, axis, keepdims: _norm_gradient(F, g, x, y, ord, axis, keepdims),
    backward="LinalgVectorNormBackward0",
    holomorphic=False,
    wide=True,
)
