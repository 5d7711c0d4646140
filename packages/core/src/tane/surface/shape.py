"""Shapes: view, reshape, transpose, joining and splitting."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from tane.backends.backend import backend_of
from tane.ops import shape as op
from tane.surface.expose import method, write_out
from tane.tensor import Tensor

__all__ = ["cat", "permute", "reshape", "squeeze", "stack", "t", "transpose", "unsqueeze"]


def one_axis(input: Tensor, dim: int, extra: int = 0) -> int:
    """``dim`` checked and made non-negative; ``extra`` is 1 where the result has one dimension more."""
    ndim = input.array.ndim + extra
    low = -max(ndim, 1)
    if not low <= dim < -low:
        raise IndexError(f"Dimension out of range (expected to be in range of [{low}, {-low - 1}], but got {dim})")
    return dim % ndim if ndim else 0


def sizes(shape: Sequence[Any]) -> tuple[int, ...]:
    """A shape given as one sequence or as several numbers."""
    if len(shape) == 1 and not isinstance(shape[0], int) and hasattr(shape[0], "__len__"):
        shape = shape[0]
    return tuple(int(d) for d in shape)


def completed(input: Tensor, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape with its -1 worked out; PyTorch's error where the number of elements does not fit."""
    size = input.array.size
    if shape.count(-1) > 1:
        raise RuntimeError("only one dimension can be inferred")
    if any(d < -1 for d in shape):
        raise RuntimeError(f"invalid shape dimension {min(shape)}")
    known = math.prod(d for d in shape if d != -1)
    if -1 in shape:
        if known == 0 and size == 0:
            raise RuntimeError(
                f"cannot reshape tensor of 0 elements into shape {list(shape)} because the unspecified dimension size -1 can be any value and is ambiguous"
            )
        if known and size % known == 0:
            return tuple(size // known if d == -1 else d for d in shape)
    elif known == size:
        return shape
    raise RuntimeError(f"shape '{list(shape)}' is invalid for input of size {size}")


def aliases(result: Any, array: Any) -> bool:
    """Whether two raw arrays lie in the same memory."""
    backend = backend_of(type(array))
    return backend.owner(result) is backend.owner(array)


@method("reshape")
def reshape(input: Tensor, *shape: Any) -> Tensor:
    """The same elements in another shape, one of whose sizes may be -1: a view where the layout allows one, else a copy."""
    wanted = completed(input, sizes(shape))
    array = input.array
    if array.size and not array.flags.c_contiguous and not aliases(array.reshape(wanted), array):
        return op.copy_reshape.call(input, wanted)  # type: ignore[no-any-return]
    return op.reshape.call(input, wanted)  # type: ignore[no-any-return]


@method("transpose", "swapaxes", "swapdims")
def transpose(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """A view with two dimensions exchanged."""
    a, b = one_axis(input, dim0), one_axis(input, dim1)
    return op.swapaxes.call(input, a, b) if input.array.ndim else op.reshape.call(input, ())  # type: ignore[no-any-return]


@method()
def t(input: Tensor) -> Tensor:
    """The transpose of a matrix; a vector or scalar as it is."""
    if input.array.ndim > 2:
        raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {input.array.ndim}D")
    return op.t.call(input)  # type: ignore[no-any-return]


Tensor.T = property(lambda self: op.permute.call(self, tuple(range(self.array.ndim))[::-1]))  # type: ignore[attr-defined]
Tensor.mT = property(lambda self: transpose(self, -2, -1))  # type: ignore[attr-defined]


@method("permute")
def permute(input: Tensor, *dims: Any) -> Tensor:
    """A view with the dimensions in another order."""
    order = tuple(one_axis(input, d) for d in sizes(dims))
    if sorted(order) != list(range(input.array.ndim)):
        raise RuntimeError(
            f"permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired ordering of dimensions i.e. "
            f"input.dim() = {input.array.ndim} is not equal to len(dims) = {len(order)}"
            if len(order) != input.array.ndim
            else "permute(): duplicate dims are not allowed."
        )
    return op.permute.call(input, order)  # type: ignore[no-any-return]


@method()
def unsqueeze(input: Tensor, dim: int) -> Tensor:
    """A view with a dimension of size 1 put in at ``dim``."""
    return op.expand_dims.call(input, one_axis(input, dim, 1))  # type: ignore[no-any-return]


@method()
def squeeze(input: Tensor, dim: Any = None) -> Tensor:
    """A view without the dimensions of size 1, or without those of ``dim`` that have size 1."""
    shape = input.array.shape
    chosen = range(len(shape)) if dim is None else [one_axis(input, d) for d in ((dim,) if isinstance(dim, int) else dim)]
    return op.squeeze.call(input, tuple(d for d in chosen if shape and shape[d] == 1))  # type: ignore[no-any-return]


def cat(tensors: Any, dim: int = 0, *, out: Tensor | None = None, axis: int | None = None) -> Tensor:
    """Tensors joined along an existing dimension."""
    tensors = list(tensors)
    if not tensors:
        raise RuntimeError("torch.cat(): expected a non-empty list of Tensors")
    dim = dim if axis is None else axis
    tensors = [x for x in tensors if x.array.shape != (0,)] or tensors[:1]
    for i, x in enumerate(tensors):
        if x.array.ndim == 0:
            raise RuntimeError(f"zero-dimensional tensor (at position {i}) cannot be concatenated")
    dim = one_axis(tensors[0], dim)
    first = tensors[0].array.shape
    for i, x in enumerate(tensors):
        if x.array.ndim != len(first):
            raise RuntimeError(f"Tensors must have same number of dimensions: got {len(first)} and {x.array.ndim}")
        for d, (p, q) in enumerate(zip(first, x.array.shape, strict=True)):
            if d != dim and p != q:
                raise RuntimeError(
                    f"Sizes of tensors must match except in dimension {dim}. Expected size {p} but got size {q} for tensor number {i} in the list."
                )
    from_ops: Tensor = op.cat.call(tensors, dim)
    if out is not None:
        return write_out(out, from_ops, "cat")
    return from_ops


def stack(tensors: Any, dim: int = 0, *, out: Tensor | None = None) -> Tensor:
    """Tensors of one shape joined along a new dimension."""
    tensors = list(tensors)
    if not tensors:
        raise RuntimeError("stack expects a non-empty TensorList")
    first = tensors[0].array.shape
    for i, x in enumerate(tensors):
        if x.array.shape != first:
            raise RuntimeError(
                f"stack expects each tensor to be equal size, but got {list(first)} at entry 0 and {list(x.array.shape)} at entry {i}"
            )
    result: Tensor = op.stack.call(tensors, one_axis(tensors[0], dim, 1))
    if out is not None:
        return write_out(out, result, "stack")
    return result
