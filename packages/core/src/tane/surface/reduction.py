"""Reductions: sum, mean, extremes."""

from __future__ import annotations

from typing import Any

from tane.dtypes import INTEGER, dtype as DType, int64, to_numpy_dtype
from tane.ops import pointwise, reduction as op
from tane.surface.expose import method, write_out
from tane.tensor import Tensor

__all__ = ["amax", "amin", "mean", "sum"]


def axes(input: Tensor, dim: Any, axis: Any = None) -> Any:
    """PyTorch's ``dim`` (or NumPy's ``axis``) as an axis argument, its range checked."""
    dim = axis if dim is None else dim
    if dim is None or (not isinstance(dim, int) and len(dim) == 0):
        return None
    ndim = input.array.ndim
    for d in (dim,) if isinstance(dim, int) else dim:
        low = -max(ndim, 1)
        if not low <= d < -low:
            raise IndexError(f"Dimension out of range (expected to be in range of [{low}, {-low - 1}], but got {d})")
    if ndim == 0:
        return None
    return dim if isinstance(dim, int) else tuple(dim)


@method()
def sum(
    input: Tensor,
    dim: Any = None,
    keepdim: bool = False,
    *,
    dtype: DType | None = None,
    out: Tensor | None = None,
    axis: Any = None,
    keepdims: bool = False,
) -> Tensor:
    """The sum over the dimensions ``dim`` (all, where none is given). Integers add up in int64.

    >>> import tane
    >>> tane.ones(2, 3).sum(dim=1)
    tensor([3., 3.])
    """
    if dtype is None and input.dtype.category <= INTEGER:
        dtype = int64
    if dtype is not None:
        input = pointwise.cast.call(input, to_numpy_dtype(dtype))
    if dim is not None or axis is not None:
        dim = axes(input, dim, axis)
    result: Tensor = op.sum_.call(input, dim, keepdim or keepdims)
    return result if out is None else write_out(out, result, "sum")


@method()
def mean(
    input: Tensor,
    dim: Any = None,
    keepdim: bool = False,
    *,
    dtype: DType | None = None,
    out: Tensor | None = None,
    axis: Any = None,
    keepdims: bool = False,
) -> Tensor:
    """The mean over the dimensions ``dim`` of a floating-point tensor."""
    if dtype is not None:
        input = pointwise.cast.call(input, to_numpy_dtype(dtype))
    elif input.dtype.category <= INTEGER:
        raise RuntimeError(
            "mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. "
            f"Got: {input.dtype.tensor_name.removesuffix('Tensor')}"
        )
    result: Tensor = op.mean.call(input, axes(input, dim, axis), keepdim or keepdims)
    return result if out is None else write_out(out, result, "mean")


@method()
def amax(input: Tensor, dim: Any = (), keepdim: bool = False, *, out: Tensor | None = None) -> Tensor:
    """The largest value over ``dim``; its gradient is shared equally among the elements that attain it."""
    result: Tensor = op.amax.call(input, axes(input, dim), keepdim)
    return result if out is None else write_out(out, result, "amax")


@method()
def amin(input: Tensor, dim: Any = (), keepdim: bool = False, *, out: Tensor | None = None) -> Tensor:
    """The smallest value over ``dim``; its gradient is shared equally among the elements that attain it."""
    result: Tensor = op.amin.call(input, axes(input, dim), keepdim)
    return result if out is None else write_out(out, result, "amin")
