"""``F`` over a NumPy-like module: its functions by their own names, faster spellings where NumPy has one, and a few extras.

Formulas may use any function of NumPy's, called with NumPy's parameter names, and besides those the extras defined here. A backend
whose array library mirrors NumPy passes its module and is done.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any

__all__ = ["Namespace", "composed"]

# The forwards of ops that are formulas themselves, by their names in ``F``: what one formula defines, another may use.
composed: dict[str, Callable[..., Any]] = {}

TALL, NARROW = 512, 16  # thousands of rows added up into a handful of numbers: float32 would lose digits that PyTorch's sums keep


class Namespace:
    """The functions formulas compute with, over one array module ``xp``.

    >>> import numpy
    >>> F = Namespace(numpy)
    >>> float(F.sum(F.multiply(numpy.ones(3), 2.0), axis=None))
    6.0
    """

    def __init__(self, xp: ModuleType | Any) -> None:
        self.xp = xp
        # Reducing with the ufunc itself skips NumPy's Python wrappers, a microsecond or two each.
        self.sum, self.prod = xp.add.reduce, xp.multiply.reduce
        self.amax = self.max = xp.maximum.reduce
        self.amin = self.min = xp.minimum.reduce
        self.all, self.any = xp.logical_and.reduce, xp.logical_or.reduce
        self.mm = xp.dot  # of two matrices, for which it does less before it begins than matmul

    def __getattr__(self, name: str) -> Any:
        # Dunder look-ups come from copy, pickle and inspection, not from formulas.
        if name.startswith("__"):
            raise AttributeError(name)
        function = getattr(self.xp, name, None)
        if function is None:
            formula = composed.get(name) or getattr(import_module("tane.backends.special"), name, None)
            if formula is None:
                raise AttributeError(f"the array namespace {getattr(self.xp, '__name__', self.xp)!r} has no function {name!r}")
            function = functools.partial(formula, self)
        self.__dict__[name] = function
        return function

    def cast(self, x: Any, dtype: Any) -> Any:
        """``x`` in another element type (``dtype`` a NumPy dtype), itself where it has that type already."""
        return x if x.dtype == dtype else x.astype(dtype)

    def times(self, g: Any, x: Any) -> Any:
        """The gradient of a single number that multiplied ``x``: ``g * x``, summed already where that is one step."""
        return g * x

    def sum_all(self, x: Any) -> Any:
        """The sum of all elements: the gradient of a single number. A backend may add in any order, which shows in the last bit."""
        return self.sum(x, axis=None)

    def sum_rows(self, x: Any) -> Any:
        """The sum of the rows of a matrix: the gradient of a bias."""
        if x.shape[0] >= TALL and x.shape[1] <= NARROW and x.dtype.kind == "f":
            return self.sum(x, axis=0, dtype="float64").astype(x.dtype)
        return self.sum(x, axis=0)

    def sum_product(self, a: Any, b: Any, axis: Any = -1) -> Any:
        """``sum(a * b)`` along one axis, which is kept."""
        return self.sum(a * b, axis=axis, keepdims=True)

    def scatter_add(self, shape: tuple[int, ...], index: Any, values: Any) -> Any:
        """Zeros of ``shape`` with ``values`` added at ``index``; repeated positions add up."""
        out = self.xp.zeros(shape, values.dtype)
        self.xp.add.at(out, index, values)
        return out

    def put(self, x: Any, index: Any, values: Any) -> Any:
        """A copy of ``x`` with ``values`` at ``index``."""
        out = x[...].copy()  # NumPy's 0-d results are scalars, which cannot be written to
        out[index] = values
        return out

    def row_losses(self, x: Any, columns: Any) -> tuple[Any, Any, Any]:
        """Of each row of a matrix of logits, its cross entropy with the class in ``columns``; ``exp(x - max)``; and the sums of that, kept."""
        d = x - self.amax(x, axis=1, keepdims=True)
        e = self.exp(d)
        scale = self.sum(e, axis=1, keepdims=True)
        return self.log(scale).reshape(columns.shape) - self.entries(d, columns), e, scale

    def entries(self, x: Any, columns: Any) -> Any:
        """Of each row of a matrix, the entry in the column that ``columns`` names for it."""
        return x[self.xp.arange(x.shape[0]), columns]

    def subtract_entries(self, x: Any, columns: Any, values: Any) -> None:
        """Subtract ``values`` from those entries, in place."""
        x[self.xp.arange(x.shape[0]), columns] -= values

    def all_within(self, index: Any, size: int) -> bool | None:
        """Whether every whole number of ``index`` lies in [0, size). A device that would have to wait for the answer may say None: not known."""
        if not index.size:
            return True
        signed = index.dtype
        if signed.kind == "i":  # read as unsigned, a negative number is a huge one: one reduction answers both questions
            index = index.view(f"u{signed.itemsize}")
        return bool(self.amax(index, axis=None).item() < size)

    def scatter_rows(self, count: int, index: Any, values: Any) -> Any:
        """``count`` rows of zeros with row ``i`` of ``values`` added to row ``index[i]``; as :meth:`scatter_add`, faster for long rows."""
        xp = self.xp
        out = xp.zeros((count, *values.shape[1:]), values.dtype)
        if index.size:
            order = xp.argsort(index, kind="stable")
            ranked = index[order]
            first = xp.concatenate([xp.zeros(1, order.dtype), xp.flatnonzero(ranked[1:] != ranked[:-1]) + 1])
            out[ranked[first]] = xp.add.reduceat(values[order], first, axis=0)
        return out

    def as_strided(self, x: Any, shape: tuple[int, ...], strides: tuple[int, ...]) -> Any:
        """A view of ``x`` with this shape and these strides in bytes; the caller answers for its bounds."""
        return self.xp.lib.stride_tricks.as_strided(x, shape=shape, strides=strides)
