"""Views by the layout of the memory: narrow, select, unfold, as_strided, and copies that put such a part into a tensor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tane.ops import index as indices
from tane.ops import strided as op
from tane.surface.expose import method, write_out
from tane.surface.metadata import set_view
from tane.surface.size import one_axis
from tane.tensor import Tensor

__all__ = ["as_strided", "as_strided_scatter", "diagonal_scatter", "narrow", "narrow_copy", "select", "select_scatter", "slice_scatter"]


@method()
def narrow(input: Tensor, dim: int, start: Any, length: int) -> Tensor:
    """A view of ``length`` slices along ``dim``, from ``start`` on."""
    if not input.array.ndim:
        raise RuntimeError("narrow() cannot be applied to a 0-dim tensor.")
    axis = one_axis(input, dim)
    size = input.array.shape[axis]
    if isinstance(start, Tensor) and (start.array.ndim or start.array.dtype.kind not in "iu"):
        raise RuntimeError("start must be an 0-dim integral Tensor.")
    start = int(start)
    if length < 0:
        raise RuntimeError("narrow(): length must be non-negative.")
    if not -size <= start <= size:
        raise IndexError(f"start out of range (expected to be in range of [-{size}, {size}], but got {start})")
    start += size if start < 0 else 0
    if start + length > size:
        raise RuntimeError(f"start ({start}) + length ({length}) exceeds dimension size ({size}).")
    return indices.getitem.call(input, (*(slice(None),) * axis, slice(start, start + length)))


@method()
def narrow_copy(input: Tensor, dim: int, start: int, length: int, *, out: Tensor | None = None) -> Tensor:
    """:func:`narrow` as a copy."""
    result: Tensor = narrow(input, dim, start, length).clone()
    return result if out is None else write_out(out, result, "narrow_copy")


@method()
def select(input: Tensor, dim: int, index: Any) -> Tensor:
    """A view of the slice ``index`` along ``dim``, without that dimension."""
    if not input.array.ndim:
        raise IndexError("select() cannot be applied to a 0-dim tensor.")
    axis = one_axis(input, dim)
    index = int(index)
    size = input.array.shape[axis]
    if not -size <= index < size:
        raise IndexError(f"select(): index {index} out of range for tensor of size {list(input.array.shape)} at dimension {axis}")
    return indices.select.call(input, (*(slice(None),) * axis, index, ...))


@method("unfold")
def unfold(self: Tensor, dimension: int, size: int, step: int) -> Tensor:
    """A view of all stretches of ``size`` along a dimension, one every ``step``; they lie along a new last dimension.

    >>> import tane
    >>> tane.arange(5).unfold(0, 2, 2)
    tensor([[0, 1],
            [2, 3]])
    """
    axis = one_axis(self, dimension)
    length = self.array.shape[axis] if self.array.ndim else 1
    if size < 0:
        raise RuntimeError(f"size is {size} but must be >= 0")
    if size > length:
        raise RuntimeError(f"maximum size for tensor at dimension {axis} is {length} but size is {size}")
    if step <= 0:
        raise RuntimeError(f"step is {step} but must be > 0")
    return op.unfold.call(self, axis, size, step)


@method()
def as_strided(input: Tensor, size: Any, stride: Any, storage_offset: int | None = None) -> Tensor:
    """A view of the tensor's memory with any sizes and strides, from any offset."""
    shape, strides = tuple(size), tuple(stride)
    if len(shape) != len(strides):
        raise RuntimeError(f"mismatch in length of strides and shape: {len(strides)} strides, {len(shape)} sizes")
    if any(s < 0 for s in strides):
        raise RuntimeError(f"as_strided: Negative strides are not supported at the moment, got strides: {list(strides)}")
    array = input.array
    source = op.Layout.of(array)
    to = op.Layout(shape, strides, source.offset if storage_offset is None else storage_offset)
    held = op.memory(array).size
    if all(shape) and to.last() >= held:
        raise RuntimeError(
            f"setStorage: sizes {list(shape)}, strides {list(strides)}, storage offset {to.offset}, and itemsize {array.itemsize} requiring a storage "
            f"size of {(to.last() + 1) * array.itemsize} are out of bounds for storage of size {held * array.itemsize}"
        )
    return op.as_strided.call(input, source, to)


@method()
def as_strided_(self: Tensor, size: Any, stride: Any, storage_offset: int | None = None) -> Tensor:
    """:func:`as_strided` in place."""
    return set_view(self, as_strided(self, size, stride, storage_offset))


# ---- a part of a tensor replaced, as a copy -----------------------------------------------------------------------------------------
def _replaced(input: Tensor, src: Tensor, index: Sequence[Any], name: str) -> Tensor:
    shape = input.array[tuple(index)].shape
    if tuple(src.array.shape) != tuple(shape):
        raise RuntimeError(
            f"expected src to have a size equal to the slice of self. src size = {list(src.array.shape)}, slice size = {list(shape)}"
        )
    return indices.index_put.call(input, src.to(input.dtype), tuple(index), False)


@method()
def select_scatter(input: Tensor, src: Tensor, dim: int, index: int) -> Tensor:
    """A copy of ``input`` with ``src`` in the place of ``input.select(dim, index)``."""
    axis = one_axis(input, dim)
    select(input.detach(), axis, index)
    return _replaced(input, src, (*(slice(None),) * axis, index, ...), "select_scatter")


@method()
def slice_scatter(
    input: Tensor,
    src: Tensor,
    dim: int = 0,
    start: int | None = None,
    end: int | None = None,
    step: int = 1,
    *,
    out: Tensor | None = None,
) -> Tensor:
    """A copy of ``input`` with ``src`` in the place of the slice ``start:end:step`` along ``dim``."""
    result = _replaced(input, src, (*(slice(None),) * one_axis(input, dim), slice(start, end, step)), "slice_scatter")
    return result if out is None else write_out(out, result, "slice_scatter")


@method()
def diagonal_scatter(input: Tensor, src: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """A copy of ``input`` with ``src`` along a diagonal."""
    result: Tensor = input.clone()
    result.diagonal(offset, dim1, dim2).copy_(src)
    return result


@method()
def as_strided_scatter(input: Tensor, src: Tensor, size: Any, stride: Any, storage_offset: int | None = None) -> Tensor:
    """A copy of ``input`` with ``src`` in the place of ``input.as_strided(...)``."""
    result: Tensor = input.clone()
    as_strided(result, size, stride, storage_offset).copy_(src)
    return result
