"""What the CPU does faster with matrices of short rows: their sums and extremes, the sum of all rows, and the losses of rows of logits.

NumPy's reductions start anew for every row, which takes longer than the row itself where rows are short: a sum over rows of 64 takes ten times as long
as the product with a vector of ones that BLAS computes. Each function here says what the one of its name in
:class:`~tane.backends.namespace.Namespace` says, or NumPy's.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tane.backends.namespace import NARROW, TALL

__all__ = ["all_within", "amax", "amin", "entries", "row_losses", "subtract_entries", "sum", "sum_all", "sum_product", "sum_rows", "times"]

LONG = 4096  # a longer row is summed pairwise, for accuracy, and its extreme found directly
F32, F64 = np.dtype(np.float32), np.dtype(np.float64)
ONES: dict[Any, Any] = {F32: np.ones(LONG, F32), F64: np.ones(LONG, F64)}
UNSIGNED: dict[Any, Any] = {np.dtype(f"i{n}"): np.dtype(f"u{n}") for n in (1, 2, 4, 8)}
add_up: Any
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


def sum(x: Any, axis: Any = None, keepdims: bool = False, dtype: Any = None) -> Any:
    """``np.add.reduce``, with the axis None by default."""
    if axis is None or dtype is not None:
        return add_up(x, axis, dtype, None, keepdims)
    if axis == (0,) or axis == 0:
        shape = x.shape
        if len(shape) == 2 and 0 < shape[0] <= LONG and x.flags.c_contiguous:
            ones = ONES.get(x.dtype)
            if ones is not None:
                total = ones[: shape[0]].dot(x)
                return total.reshape(1, -1) if keepdims else total
        return add_up(x, axis, None, None, keepdims)
    rows = rows_of(x, axis)
    if rows is None:
        return add_up(x, axis, None, None, keepdims)
    total = rows.dot(ONES[x.dtype][: x.shape[-1]])
    return total.reshape(*x.shape[:-1], 1) if keepdims else total if x.ndim == 2 else total.reshape(x.shape[:-1])


def times(g: Any, x: Any) -> Any:
    """The gradient of a single number that multiplied ``x``; see :meth:`tane.backends.namespace.Namespace.times`."""
    if g.ndim == 1 and type(x) is np.ndarray and x.shape == g.shape and x.dtype is g.dtype and x.dtype in ONES and g.size <= LONG:
        return g.dot(x)
    return g * x


def sum_all(x: Any) -> Any:
    """The sum of all elements of a gradient; see :meth:`tane.backends.namespace.Namespace.sum_all`."""
    if x.ndim == 1 and 0 < x.size <= LONG and x.flags.c_contiguous:
        ones = ONES.get(x.dtype)
        if ones is not None:
            return x.dot(ones[: x.size])
    return add_up(x, None)


def sum_rows(x: Any) -> Any:
    """The sum of the rows of a matrix; see :meth:`tane.backends.namespace.Namespace.sum_rows`."""
    n, c = x.shape
    ones = ONES.get(x.dtype)
    if n >= TALL and c <= NARROW and x.dtype.kind == "f":
        return add_up(x, 0, np.float64).astype(x.dtype)
    if ones is None or n > LONG or not x.flags.c_contiguous:
        return add_up(x, 0)
    return ones[:n].dot(x)


def all_within(index: Any, size: int) -> bool:
    """Whether every whole number of ``index`` lies in [0, size)."""
    if not index.size:
        return True
    unsigned = UNSIGNED.get(index.dtype)
    if unsigned is not None:  # read as unsigned, a negative number is a huge one: one search answers both questions
        index = index.view(unsigned)
    return bool(index.item(index.argmax()) < size)


def starts(rows: int, columns: int) -> Any:
    """Where each row of a matrix begins when it is read in one go."""
    found = STARTS.get((rows, columns))
    if found is None:
        if len(STARTS) >= 64:
            STARTS.clear()
        found = np.arange(0, rows * columns, columns)
        if rows <= LONG:
            STARTS[rows, columns] = found
    return found


STARTS: dict[tuple[int, int], Any] = {}


def _extreme(reduce: Any, position: Any) -> Any:
    def extreme(x: Any, axis: Any = None, keepdims: bool = False, **named: Any) -> Any:
        rows = rows_of(x, axis)
        if rows is None or named:
            return reduce(x, axis=axis, keepdims=keepdims, **named)
        found = rows.take(position(rows, 1) + starts(*rows.shape))
        return found.reshape(*x.shape[:-1], 1) if keepdims else found if x.ndim == 2 else found.reshape(x.shape[:-1])

    return extreme


def row_losses(x: Any, columns: Any) -> tuple[Any, Any, Any]:
    """The cross entropies of rows of logits; see :meth:`tane.backends.namespace.Namespace.row_losses`."""
    n, c = x.shape
    d = x.dtype
    if not (x.flags.c_contiguous and d in ONES and 0 < c <= LONG and n):
        d = x - amax(x, axis=1, keepdims=True)
        e = np.exp(d)
        scale = sum(e, axis=1, keepdims=True)
        return np.log(scale).reshape(columns.shape) - entries(d, columns), e, scale
    begin = starts(n, c)
    d = x - x.take(x.argmax(1) + begin).reshape(n, 1)
    e = np.exp(d)
    total = e.dot(ONES[x.dtype][:c])
    losses = np.log(total)
    losses -= d.take(columns + begin)
    return losses, e, total.reshape(n, 1)


def entries(x: Any, columns: Any) -> Any:
    """Of each row of a matrix, the entry in the column that ``columns`` names for it."""
    if not x.flags.c_contiguous or not x.size:
        return x[np.arange(x.shape[0]), columns]
    return x.take(columns + starts(*x.shape))


def subtract_entries(x: Any, columns: Any, values: Any) -> None:
    """Subtract ``values`` from those entries, in place."""
    if x.flags.c_contiguous and x.size:
        x.reshape(-1)[columns + starts(*x.shape)] -= values
    else:
        x[np.arange(x.shape[0]), columns] -= values


amax = _extreme(largest, np.ndarray.argmax)
amin = _extreme(smallest, np.ndarray.argmin)


def sum_product(a: Any, b: Any, axis: Any = -1) -> Any:
    """``sum(a * b)`` along one axis, which is kept."""
    if (axis == -1 or axis == a.ndim - 1) and a.ndim and a.dtype is b.dtype and (a.dtype is F32 or a.dtype is F64):
        return np.vecdot(a, b)[..., None]
    return add_up(a * b, axis=axis, keepdims=True)
