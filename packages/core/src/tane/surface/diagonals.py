"""Triangles and diagonals of matrices."""

from __future__ import annotations

from typing import Any

from tane.autocasting import to_float
from tane.convert import place
from tane.dtypes import dtype as DType
from tane.dtypes import int64, to_numpy_dtype
from tane.ops import shape as op
from tane.ops.accepting import unsupported
from tane.ops.pointwise import clone
from tane.surface.expose import inplace, method, write_out
from tane.surface.size import axis_in, one_axis
from tane.tensor import Tensor, wrap

__all__ = ["diag", "diag_embed", "diagflat", "diagonal", "diagonal_copy", "trace", "tril", "tril_indices", "triu", "triu_indices"]


def _triangle(name: str, primitive: Any, doc: str) -> Any:
    @method(name)
    def function(input: Tensor, diagonal: int = 0, *, out: Tensor | None = None) -> Tensor:
        if input.array.ndim < 2:
            raise RuntimeError(f"{name}: input tensor must have at least 2 dimensions")
        result: Tensor = primitive.call(input, diagonal)
        return result if out is None else write_out(out, result, name)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = (
        f"A copy of the matrix, or of each in a batch, with zeros {doc} the diagonal that lies ``diagonal`` above the main one."
    )
    inplace(function, f"{name}_", False)
    return function


tril, triu = _triangle("tril", op.tril, "above"), _triangle("triu", op.triu, "below")


def tril_indices(row: int, col: int, offset: int = 0, *, dtype: DType = int64, device: Any = None, layout: Any = None) -> Tensor:
    """The rows and columns of the lower triangle of a ``row`` by ``col`` matrix, in two rows."""
    return _triangle_indices(row, col, offset, dtype, device, lower=True)


def triu_indices(row: int, col: int, offset: int = 0, *, dtype: DType = int64, device: Any = None, layout: Any = None) -> Tensor:
    """The rows and columns of the upper triangle of a ``row`` by ``col`` matrix, in two rows."""
    return _triangle_indices(row, col, offset, dtype, device, lower=False)


def _triangle_indices(row: int, col: int, offset: int, dtype: Any, device: Any, lower: bool) -> Tensor:
    for name, n in (("row", row), ("col", col)):
        if n < 0:
            raise RuntimeError(f"{name} must be non-negative, got{n}")
    F = place(device)[0].F
    above = F.arange(col) - F.arange(row).reshape((row, 1))
    found = ((above <= offset) if lower else (above >= offset)).nonzero()
    return wrap(F.stack(found).astype(to_numpy_dtype(dtype)))


@method()
def diagonal(input: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """A view of the diagonal that lies ``offset`` above the main one of the planes ``dim1``, ``dim2``, as the last dimension."""
    a, b = one_axis(input, dim1), one_axis(input, dim2)
    if a == b:
        raise RuntimeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    return op.diagonal.call(input, offset, a, b)


@method()
def diagonal_copy(input: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1, *, out: Tensor | None = None) -> Tensor:
    """:func:`diagonal` as a copy."""
    result: Tensor = clone.call(diagonal(input, offset, dim1, dim2))
    return result if out is None else write_out(out, result, "diagonal_copy")


@method()
def diag_embed(input: Tensor, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """Matrices of zeros with the last dimension of ``input`` along a diagonal; they lie in the dimensions ``dim1`` and ``dim2`` of the result."""
    shape = input.array.shape
    if not shape:
        raise RuntimeError("diag_embed: input must have at least one dimension")
    ndim = len(shape) + 1
    a, b = axis_in(dim1, ndim), axis_in(dim2, ndim)
    if a == b:
        raise RuntimeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    size = shape[-1] + abs(offset)
    rest = iter(shape[:-1])
    return op.diag_embed.call(input, tuple([size if d in (a, b) else next(rest) for d in range(ndim)]), offset, a, b)


@method()
def diag(input: Tensor, diagonal: int = 0, *, out: Tensor | None = None) -> Tensor:
    """The diagonal of a matrix, or the matrix with a vector along its diagonal."""
    ndim = input.array.ndim
    if ndim not in (1, 2):
        raise RuntimeError(f"diag(): Supports 1D or 2D tensors. Got {ndim}D")
    result = diag_embed(input, diagonal) if ndim == 1 else diagonal_copy(input, diagonal)
    return result if out is None else write_out(out, result, "diag")


@method()
def diagflat(input: Tensor, offset: int = 0) -> Tensor:
    """The matrix with all elements of ``input`` along a diagonal."""
    return diag_embed(op.reshape.call(input.contiguous(), (input.array.size,)), offset)


@to_float
@method()
def trace(input: Tensor) -> Tensor:
    """The sum of the main diagonal of a matrix."""
    if input.array.ndim != 2:
        raise RuntimeError(f"trace: expected a matrix, but got tensor with dim {input.array.ndim}")
    if input.array.dtype.kind == "b":
        raise unsupported("trace", input.dtype)
    return op.trace.call(input.long() if input.array.dtype.kind in "biu" else input)
