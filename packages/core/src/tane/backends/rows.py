"""Sums and extremes along the last axis on the CPU, and sums of rows.

NumPy's reductions start anew for every row, which takes longer than the row itself where rows are short: a sum over rows of 64 takes ten times as long as the
product with a vector of ones that BLAS computes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["amax", "amin", "sum_", "sum_product"]

LONG = 4096  # a longer row is summed pairwise, for accuracy, and its extreme found directly
F32, F64 = np.dtype(np.float32), np.dtype(np.float64)
ONES: dict[Any, Any] = {F32: np.ones(LONG, F32), F64: np.ones(LONG, F64)}
add_up, largest, smallest = np.add.reduce, np.maximum.reduce, np.minimum.reduce


def rows_of(x: Any, axis: Any) -> Any:
    """``x`` as a matrix whose rows are to be reduced, or None where that is not what the axis means or does not pay."""
    if type(axis) is not int:
        return None
    shape = x.shape
    ndim = len(shape)
    if (axis != -1 and axis != ndim - 1) or ndim < 2 or not x.flags.c_contiguous:
        return None
    d = x.dtype
    if (d is not F32 and d is not F64) or not 0 < shape[-1] <= LONG:
        return None
    return x if ndim == 2 else x.reshape(-1, shape[-1])


def sum_(x: Any, axis: Any = None, keepdims: bool = False, **named: Any) -> Any:
    """``np.add.reduce``, with the axis None by default."""
    if axis == (0,) or axis == 0:  # the gradient of a bias
        shape = x.shape
        if len(shape) == 2 and 0 < shape[0] <= LONG and not named and x.flags.c_contiguous:
            ones = ONES.get(x.dtype)
            if ones is not None:
                total = ones[: shape[0]] @ x
                return total.reshape(1, -1) if keepdims else total
        return add_up(x, axis=axis, keepdims=keepdims, **named)
    rows = rows_of(x, axis)
    if rows is None or named:
        return add_up(x, axis=axis, keepdims=keepdims, **named)
    total = rows @ ONES[x.dtype][: x.shape[-1]]
    return total.reshape(*x.shape[:-1], 1) if keepdims else total if x.ndim == 2 else total.reshape(x.shape[:-1])


def _extreme(reduce: Any, position: Any) -> Any:
    def extreme(x: Any, axis: Any = None, keepdims: bool = False, **named: Any) -> Any:
        rows = rows_of(x, axis)
        if rows is None or named:
            return reduce(x, axis=axis, keepdims=keepdims, **named)
        places = position(rows, 1)
        places += np.arange(0, rows.size, rows.shape[1])
        found = rows.reshape(-1).take(places)
        return found.reshape(*x.shape[:-1], 1) if keepdims else found if x.ndim == 2 else found.reshape(x.shape[:-1])

    return extreme


amax = _extreme(largest, np.ndarray.argmax)
amin = _extreme(smallest, np.ndarray.argmin)


def sum_product(a: Any, b: Any, axis: Any = -1) -> Any:
    """``sum(a * b)`` along one axis, which is kept."""
    if (axis == -1 or axis == a.ndim - 1) and a.ndim and a.dtype is b.dtype and (a.dtype is F32 or a.dtype is F64):
        return np.vecdot(a, b)[..., None]
    return add_up(a * b, axis=axis, keepdims=True)
