"""Arguments that speak of dimensions and sizes, checked and made plain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tane.tensor import Tensor

__all__ = ["axis_in", "one_axis", "several_axes", "sizes"]


def axis_in(dim: int, ndim: int) -> int:
    """``dim`` checked for ``ndim`` dimensions and made non-negative."""
    if 0 <= dim < ndim:
        return dim
    low = -max(ndim, 1)
    if not low <= dim < -low:
        raise IndexError(f"Dimension out of range (expected to be in range of [{low}, {-low - 1}], but got {dim})")
    return dim % ndim if ndim else 0


def one_axis(input: Tensor, dim: int, extra: int = 0) -> int:
    """``dim`` checked and made non-negative; ``extra`` is 1 where the result has one dimension more."""
    try:
        return axis_in(dim, input.array.ndim + extra)
    except TypeError:
        if hasattr(dim, "__index__"):
            return axis_in(dim.__index__(), input.array.ndim + extra)
        raise TypeError(f"argument 'dim' must be int, not {type(dim).__name__}") from None


def several_axes(input: Tensor, dims: Sequence[int]) -> tuple[int, ...]:
    """Dimensions checked and made non-negative."""
    return tuple([one_axis(input, d) for d in dims])


def sizes(shape: Sequence[Any]) -> tuple[int, ...]:
    """A shape given as one sequence or as several numbers."""
    if len(shape) == 1 and type(shape[0]) is not int and hasattr(shape[0], "__len__") and getattr(shape[0], "shape", None) != ():
        shape = shape[0]
    for d in shape:
        if type(d) is not int:
            return tuple([_whole(d) for d in shape])
    return tuple(shape)


def _whole(d: Any) -> int:
    if isinstance(d, bool) or not hasattr(d, "__index__"):
        raise TypeError(f"sizes must be ints, not {type(d).__name__}")
    return int(d.__index__())
