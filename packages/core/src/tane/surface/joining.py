"""Tensors joined: cat, stack and the names that say along which dimension."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tane.backends.backend import backend_of
from tane.ops import shape as op
from tane.surface.expose import write_out
from tane.surface.size import axis_in
from tane.tensor import Tensor, wrap

__all__ = ["block_diag", "cat", "column_stack", "concat", "concatenate", "dstack", "hstack", "row_stack", "stack", "vstack"]


def listed(tensors: Any, name: str) -> list[Tensor]:
    """The argument ``tensors`` as a list, or PyTorch's error."""
    if isinstance(tensors, Tensor):
        raise TypeError(f"{name}(): argument 'tensors' (position 1) must be tuple of Tensors, not Tensor")
    found = list(tensors)
    for i, t in enumerate(found):
        if not isinstance(t, Tensor):
            raise TypeError(f"expected Tensor as element {i} in argument 0, but got {type(t).__name__}")
    return found


def joined(tensors: Sequence[Tensor], dim: int, name: str) -> Tensor:
    """:func:`cat` of a list of tensors."""
    if not tensors:
        raise ValueError(f"torch.{name}(): expected a non-empty list of Tensors")
    first: Any = tensors[0].array.shape
    if len(first) and all(x.array.shape == first for x in tensors):
        return op.cat.call(tensors, axis_in(dim, len(first)))
    first = None
    for i, x in enumerate(tensors):
        shape = x.array.shape
        if shape == (0,):  # PyTorch passes over these whatever the others' shape is
            continue
        if not shape:
            raise RuntimeError(f"zero-dimensional tensor (at position {i}) cannot be concatenated")
        if first is None:
            first = shape
            axis = axis_in(dim, len(shape))
        elif shape != first:
            if len(shape) != len(first):
                raise RuntimeError(f"Tensors must have same number of dimensions: got {len(first)} and {len(shape)}")
            for d, (p, q) in enumerate(zip(first, shape, strict=True)):
                if d != axis and p != q:
                    raise RuntimeError(
                        f"Sizes of tensors must match except in dimension {axis}. Expected size {p} in dimension {d} but got size {q} "
                        f"for tensor number {i} in the list."
                    )
    if first is None:
        axis = axis_in(dim, 1)
    elif len(first) > 1:
        tensors = [x if x.array.shape != (0,) else _emptied(x, first, axis) for x in tensors]
    return op.cat.call(tensors, axis)


def _emptied(x: Tensor, like: tuple[int, ...], axis: int) -> Tensor:
    """An empty vector in the shape of no slices."""
    return op.reshape.call(x, (*like[:axis], 0, *like[axis + 1 :]))


def cat(tensors: Any, dim: int = 0, *, out: Tensor | None = None, axis: int | None = None) -> Tensor:
    """Tensors joined along an existing dimension, in their promoted type.

    >>> import tane
    >>> tane.cat([tane.zeros(1, 2), tane.ones(1, 2)], dim=1)
    tensor([[0., 0., 1., 1.]])
    """
    result = joined(listed(tensors, "cat"), dim if axis is None else axis, "cat")
    return result if out is None else write_out(out, result, "cat")


def concat(tensors: Any, dim: int = 0, *, out: Tensor | None = None, axis: int | None = None) -> Tensor:
    """Another name for :func:`cat`."""
    return cat(tensors, dim, out=out, axis=axis)


def concatenate(tensors: Any, dim: int = 0, *, out: Tensor | None = None, axis: int | None = None) -> Tensor:
    """NumPy's name for :func:`cat`."""
    return cat(tensors, dim, out=out, axis=axis)


def stack(tensors: Any, dim: int = 0, *, out: Tensor | None = None, axis: int | None = None) -> Tensor:
    """Tensors of one shape joined along a new dimension."""
    tensors = listed(tensors, "stack")
    if not tensors:
        raise RuntimeError("stack expects a non-empty TensorList")
    first = tensors[0].array.shape
    for i, x in enumerate(tensors):
        if x.array.shape != first:
            raise RuntimeError(
                f"stack expects each tensor to be equal size, but got {list(first)} at entry 0 and {list(x.array.shape)} at entry {i}"
            )
    result: Tensor = op.stack.call(tensors, axis_in(dim if axis is None else axis, len(first) + 1))
    return result if out is None else write_out(out, result, "stack")


def _widened(tensors: Any, count: int, name: str) -> list[Tensor]:
    """The tensors with at least ``count`` dimensions."""
    from_1d: Any = {1: lambda n: (n,), 2: lambda n: (1, n), 3: lambda n: (1, n, 1)}[count]

    def wide(t: Tensor) -> Tensor:
        shape = t.array.shape
        if len(shape) >= count:
            return t
        return op.reshape.call(t, (1,) * count if not shape else from_1d(shape[0]) if len(shape) == 1 else (*shape, 1))

    found = listed(tensors, name)
    if not found:
        raise RuntimeError(f"{name} expects a non-empty TensorList")
    return [wide(t) for t in found]


def hstack(tensors: Any, *, out: Tensor | None = None) -> Tensor:
    """Tensors joined side by side: along the first dimension of vectors, the second of others."""
    wide = _widened(tensors, 1, "hstack")
    result = joined(wide, 0 if wide[0].array.ndim == 1 else 1, "hstack")
    return result if out is None else write_out(out, result, "hstack")


def vstack(tensors: Any, *, out: Tensor | None = None) -> Tensor:
    """Tensors joined one below the other; vectors are rows."""
    result = joined(_widened(tensors, 2, "vstack"), 0, "vstack")
    return result if out is None else write_out(out, result, "vstack")


def row_stack(tensors: Any, *, out: Tensor | None = None) -> Tensor:
    """Another name for :func:`vstack`."""
    return vstack(tensors, out=out)


def dstack(tensors: Any, *, out: Tensor | None = None) -> Tensor:
    """Tensors joined along the third dimension."""
    result = joined(_widened(tensors, 3, "dstack"), 2, "dstack")
    return result if out is None else write_out(out, result, "dstack")


def column_stack(tensors: Any, *, out: Tensor | None = None) -> Tensor:
    """Tensors joined side by side; vectors are columns."""
    columns = [op.reshape.call(t, (t.array.size, 1)) if t.array.ndim < 2 else t for t in listed(tensors, "column_stack")]
    result = joined(columns, 1, "column_stack")
    return result if out is None else write_out(out, result, "column_stack")


def block_diag(*tensors: Any) -> Tensor:
    """A matrix with the given ones along its diagonal and zeros elsewhere; vectors are rows."""
    blocks = _widened(tensors, 2, "block_diag")
    for i, t in enumerate(blocks):
        if t.array.ndim > 2:
            raise RuntimeError(f"torch.block_diag: Input tensors must have 2 or fewer dimensions. Input {i} has {t.array.ndim} dimensions")
    width = sum(t.array.shape[1] for t in blocks)
    rows, start = [], 0
    for t in blocks:
        height, own = t.array.shape
        zeros = backend_of(type(t.array)).F.zeros
        parts = [zeros((height, start), dtype=t.array.dtype), t, zeros((height, width - start - own), dtype=t.array.dtype)]
        rows.append(joined([x if isinstance(x, Tensor) else wrap(x) for x in parts], 1, "block_diag"))
        start += own
    return joined(rows, 0, "block_diag")
