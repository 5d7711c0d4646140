"""softmax, log_softmax and logsumexp."""

from __future__ import annotations

from typing import Any

from tane.dtypes import dtype as DType
from tane.dtypes import to_numpy_dtype
from tane.ops import pointwise
from tane.ops import softmax as op
from tane.surface.expose import F32, F64, method, write_out
from tane.surface.reduction import axes, one_axis
from tane.tensor import Tensor

__all__ = ["log_softmax", "logsumexp", "softmax"]


def _along(primitive: Any, input: Tensor, dim: int, dtype: DType | None) -> Tensor:
    if dtype is not None:
        input = pointwise.cast.call(input, to_numpy_dtype(dtype))
    d = input.array.dtype
    if (d is F32 or d is F64) and -input.array.ndim <= dim < input.array.ndim:
        return primitive.call(input, dim)
    axis = one_axis(input, dim)
    if not input.array.size:
        return input.clone()
    return primitive.call(input, axis)


@method()
def softmax(input: Tensor, dim: int, dtype: DType | None = None, *, out: Tensor | None = None) -> Tensor:
    """``exp(input)`` divided by its sum along ``dim``; computed in ``dtype`` where one is given.

    >>> import tane
    >>> tane.softmax(tane.tensor([0., 0., 0., 0.]), dim=0)
    tensor([0.2500, 0.2500, 0.2500, 0.2500])
    """
    result = _along(op.softmax, input, dim, dtype)
    return result if out is None else write_out(out, result, "softmax")


@method()
def log_softmax(input: Tensor, dim: int, dtype: DType | None = None, *, out: Tensor | None = None) -> Tensor:
    """The logarithm of :func:`softmax`, without its loss of digits."""
    result = _along(op.log_softmax, input, dim, dtype)
    return result if out is None else write_out(out, result, "log_softmax")


@method()
def logsumexp(input: Tensor, dim: Any, keepdim: bool = False, *, out: Tensor | None = None) -> Tensor:
    """``log(sum(exp(input)))`` over the dimensions ``dim``, without overflow."""
    axis = axes(input, dim)
    if not input.array.size:
        result: Tensor = pointwise.exp.call(input).sum(dim, keepdim).log()
    else:
        result = op.logsumexp.call(input, axis, keepdim)
    return result if out is None else write_out(out, result, "logsumexp")
