"""Running sums, products and extremes along one axis."""

from __future__ import annotations

import math
from typing import Any

from tane.ops.accepting import not_bool, only_float
from tane.ops.primitive import primitive

__all__: list[str] = []


def _at(axis: int, index: Any) -> tuple[Any, ...]:
    return (slice(None),) * axis + (index,)


def _reverse_sum(F: Any, g: Any, axis: int) -> Any:
    return F.flip(F.cumsum(F.flip(g, (axis,)), axis=axis), (axis,)) if g.shape else g


cumsum = primitive(
    "cumsum",
    lambda F, x, axis=0: F.cumsum(x, axis).reshape(x.shape),
    lambda F, g, axis: _reverse_sum(F, g, axis),
    wide=True,
    promotes="same",
)


# ---- linear recurrences ---------------------------------------------------------------------------------------------------------------
def _scan(F: Any, a: Any, b: Any, axis: int) -> Any:
    out = b.copy()
    for i in range(1, b.shape[axis]):
        out[_at(axis, i)] += a[_at(axis, i)] * out[_at(axis, i - 1)]
    return out


def _later(F: Any, x: Any, axis: int) -> Any:
    """``x`` moved one place down the axis, 0 in the last."""
    return F.cat([x[_at(axis, slice(1, None))], x[_at(axis, slice(0, 1))] ** 0 - 1], axis=axis)


def _earlier(F: Any, x: Any, axis: int) -> Any:
    """``x`` moved one place up the axis, 0 in the first."""
    return F.cat([x[_at(axis, slice(0, 1))] ** 0 - 1, x[_at(axis, slice(None, -1))]], axis=axis)


def _reverse_scan(F: Any, a: Any, b: Any, axis: int) -> Any:
    """``s[i] = b[i] + a[i + 1] * s[i + 1]``."""
    return F.flip(F.scan(F.flip(_later(F, a, axis), (axis,)), F.flip(b, (axis,)), axis), (axis,))


# s[i] = b[i] + a[i] * s[i - 1]. Its gradients are such a recurrence from the other end: the op is closed under differentiation, and nothing is divided.
scan = primitive(
    "scan",
    lambda F, a, b, axis=0: _scan(F, a, b, axis),
    lambda F, g, a, y, axis: _reverse_scan(F, a, g, axis) * _earlier(F, y, axis),
    lambda F, g, a, axis: _reverse_scan(F, a, g, axis),
)


def _cumprod_gradient(F: Any, g: Any, x: Any, y: Any, axis: int) -> Any:
    """The product before the place, times what comes after it: exact where elements are 0."""
    if not x.shape or x.shape[axis] == 0:
        return g
    before = F.cat([y[_at(axis, slice(0, 1))] ** 0, y[_at(axis, slice(None, -1))]], axis=axis)
    return before * _reverse_scan(F, x, g, axis)


cumprod = primitive(
    "cumprod",
    lambda F, x, axis=0: F.cumprod(x, axis).reshape(x.shape),
    lambda F, g, x, y, axis: _cumprod_gradient(F, g, x, y, axis),
    wide=True,
    promotes="same",
)


def _logcumsumexp_gradient(F: Any, g: Any, x: Any, y: Any, axis: int) -> Any:
    """``sum over k >= i of g[k] * exp(x[i] - y[k])``, where ``y`` grows: every factor of the recurrence is at most 1."""
    if not x.shape or x.shape[axis] == 0:
        return g
    y = F.where(y == -math.inf, 0, y)
    growth = _earlier(F, y, axis) - y  # the first place is never used
    return F.exp(x - y) * _reverse_scan(F, F.exp(F.minimum(growth, 0)), g, axis)


logcumsumexp = primitive(
    "logcumsumexp",
    lambda F, x, axis=0: F.logaddexp.accumulate(x, axis) if x.ndim else x.copy(),
    lambda F, g, x, y, axis: _logcumsumexp_gradient(F, g, x, y, axis),
    wide=True,
    promotes="same",
)
cumsum.accepts, cumprod.accepts = not_bool("cumsum_out_cpu"), not_bool("cumprod_out_cpu")
logcumsumexp.accepts = only_float("logcumsumexp_out_cpu")


# ---- extremes so far ------------------------------------------------------------------------------------------------------------------
def _extreme_so_far(F: Any, x: Any, axis: int, ufunc: str) -> tuple[Any, Any]:
    """The extreme up to each place, and the last place at which it was attained."""
    if x.ndim == 0:
        return x.copy(), F.zeros((), dtype="int64")
    values = getattr(F, ufunc).accumulate(x, axis)
    places = F.arange(x.shape[axis]).reshape((-1,) + (1,) * (x.ndim - axis - 1))
    return values, F.maximum.accumulate(F.where((x == values) | (x != x), places, 0), axis)


def _extreme_op(name: str, ufunc: str) -> Any:
    return primitive(
        name,
        lambda F, x, axis=0: _extreme_so_far(F, x, axis, ufunc),
        lambda F, g, x_shape, indices, axis: F.scatter_zeros(g, getattr(indices, "array", indices), x_shape, axis),
        extra=("indices",),
    )


cummax, cummin = _extreme_op("cummax", "maximum"), _extreme_op("cummin", "minimum")
