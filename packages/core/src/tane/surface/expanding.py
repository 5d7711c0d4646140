"""Elements repeated: expand and its relatives (views), repeat, tile, repeat_interleave (copies), and grids."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Sequence
from typing import Any

from tane.backends.backend import backend_of
from tane.ops import index as indices
from tane.ops import shape as op
from tane.ops.pointwise import clone
from tane.size import Size
from tane.surface.expose import method
from tane.surface.joining import stack
from tane.surface.shape import reshape
from tane.surface.size import one_axis, sizes
from tane.tensor import Tensor, wrap

__all__ = [
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "broadcast_shapes",
    "broadcast_tensors",
    "broadcast_to",
    "cartesian_prod",
    "combinations",
    "meshgrid",
    "repeat_interleave",
    "tile",
]


def cannot_expand(shape: Sequence[int], target: Sequence[int], tensor: Tensor) -> str | None:
    """Why ``shape``, that of ``tensor`` or part of it, does not expand to ``target``, in PyTorch's words; None if it does."""
    extra = len(target) - len(shape)
    if extra < 0:
        return (
            f"expand({tensor.type()}{{{list(shape)}}}, size={list(target)}): the number of sizes provided ({len(target)}) must be greater or equal to the "
            f"number of dimensions in the tensor ({len(shape)})"
        )
    for i, (have, want) in enumerate(zip(shape, target[extra:]), extra):
        if have != want and have != 1:
            return (
                f"The expanded size of the tensor ({want}) must match the existing size ({have}) at non-singleton dimension {i}.  "
                f"Target sizes: {list(target)}.  Tensor sizes: {list(shape)}"
            )
    return None


@method("expand")
def expand(self: Tensor, *args: Any, size: Any = None, implicit: bool = False) -> Tensor:
    """A view in which dimensions of size 1 are repeated, and new ones put in front; -1 leaves a size as it is.

    >>> import tane
    >>> tane.tensor([[1], [2]]).expand(-1, 3)
    tensor([[1, 1, 1],
            [2, 2, 2]])
    """
    wanted = given = sizes(args if size is None else (size,))
    shape = self.array.shape
    if wanted != shape:
        extra = len(wanted) - len(shape)
        if extra >= 0 and min(wanted, default=0) < 0:
            wanted = tuple([shape[i - extra] if d == -1 and i >= extra else d for i, d in enumerate(wanted)])
            for i, d in enumerate(wanted):
                if d < 0:
                    raise RuntimeError(
                        f"The expanded size of the tensor ({d}) isn't allowed in a leading, non-existing dimension {i}. "
                        f"Target sizes: {list(given)}.  Tensor sizes: {list(shape)}"
                    )
        problem = cannot_expand(shape, wanted, self)
        if problem:
            raise RuntimeError(problem)
    return op.broadcast_to.call(self, wanted)


@method()
def expand_as(self: Tensor, other: Tensor) -> Tensor:
    """``self.expand(other.size())``."""
    return expand(self, other.array.shape)


@method()
def broadcast_to(input: Tensor, size: Any) -> Tensor:
    """``input.expand(size)``."""
    return expand(input, tuple(size))


def broadcast_shapes(*shapes: Any) -> Size:
    """The shape that tensors of these shapes broadcast to."""
    plain = [(s,) if isinstance(s, int) else tuple(s) for s in shapes]
    out = [1] * max((len(s) for s in plain), default=0)
    for shape in plain:
        for i, d in enumerate(shape, len(out) - len(shape)):
            if d < 0:
                raise RuntimeError(f"Trying to create tensor with negative dimension ({d}): ({d})")
            if d != 1 and out[i] not in (1, d):
                raise RuntimeError(
                    "Shape mismatch: objects cannot be broadcast to a single shape: " + " and ".join(str(list(s)) for s in plain)
                )
            out[i] = d if d != 1 else out[i]
    return Size(out)


def broadcast_tensors(*tensors: Any) -> tuple[Tensor, ...]:
    """Views of the tensors in the shape that all of them broadcast to."""
    given = tensors[0] if len(tensors) == 1 and not isinstance(tensors[0], Tensor) else tensors
    shape = common_shape(given)
    return tuple([expand(t, shape) for t in given])


def common_shape(tensors: Sequence[Tensor]) -> tuple[int, ...]:
    """What tensors broadcast to; PyTorch's error where they do not."""
    out: list[int] = []
    for t in tensors:
        shape = list(t.array.shape)
        wide = max(len(out), len(shape))
        a, b = [1] * (wide - len(out)) + out, [1] * (wide - len(shape)) + shape
        for i, (p, q) in enumerate(zip(a, b, strict=True)):
            if p != q and p != 1 and q != 1:
                raise RuntimeError(f"The size of tensor a ({p}) must match the size of tensor b ({q}) at non-singleton dimension {i}")
        out = [q if p == 1 else p for p, q in zip(a, b, strict=True)]
    return tuple(out)


# ---- copies ---------------------------------------------------------------------------------------------------------------------------
@method("repeat")
def repeat(self: Tensor, *args: Any, repeats: Any = None) -> Tensor:
    """The tensor copied ``repeats`` times along each dimension; more numbers than dimensions put new ones in front."""
    reps = sizes(args if repeats is None else (repeats,))
    if len(reps) < self.array.ndim:
        raise RuntimeError("Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor")
    if any(r < 0 for r in reps):
        raise RuntimeError(f"Trying to create tensor with negative dimension {min(reps)}: repeats {list(reps)}")
    return op.repeat.call(self, reps)


@method("tile")
def tile(input: Tensor, *args: Any, dims: Any = None) -> Tensor:
    """As :meth:`Tensor.repeat`; fewer numbers than dimensions mean the last ones."""
    reps = sizes(args if dims is None else (dims,))
    return repeat(input, (1,) * (input.array.ndim - len(reps)) + reps)


@method()
def repeat_interleave(input: Tensor, repeats: Any = None, dim: int | None = None, *, output_size: int | None = None) -> Tensor:
    """Each element (or each slice along ``dim``) repeated before the next. ``repeats`` is a number, or one for every element.

    With ``repeats`` alone, that is a tensor of counts: index ``i`` comes ``repeats[i]`` times.
    """
    if repeats is None:
        F = backend_of(type(input.array)).F
        return wrap(F.repeat(F.arange(input.array.shape[0]), input.array))
    if dim is None:
        input, dim = reshape(input, -1), 0
    axis = one_axis(input, dim)
    if not input.array.ndim:
        input = reshape(input, 1)
    shape = input.array.shape
    if isinstance(repeats, Tensor) and repeats.array.size == 1:
        repeats = int(repeats.array.item())
    if isinstance(repeats, int):
        if repeats < 0:
            raise RuntimeError(f"Trying to create tensor with negative dimension {repeats * shape[axis]}: repeats {repeats}")
        spread = op.expand_dims.call(input, axis + 1)
        spread = clone.call(op.broadcast_to.call(spread, (*shape[: axis + 1], repeats, *shape[axis + 1 :])))
        return op.reshape.call(spread, (*shape[:axis], shape[axis] * repeats, *shape[axis + 1 :]))
    if isinstance(repeats, (list, tuple)):
        from_list = backend_of(type(input.array)).F.asarray(list(repeats))
    else:
        if repeats.array.dtype.kind not in "iu":
            raise RuntimeError(f"repeats has to be Long or Int tensor, but got {repeats.dtype}")
        from_list = repeats.array
    if from_list.shape != (shape[axis],):
        raise RuntimeError(
            f"repeats must have the same size as input along dim, but got repeats.size(0) = {from_list.size} and input.size({axis}) = {shape[axis]}"
        )
    F = backend_of(type(input.array)).F
    index = F.repeat(F.arange(shape[axis]), from_list)
    if output_size is not None and index.size != output_size:
        raise RuntimeError("allocated size does not match required size")
    return indices.index_select.call(input, index, axis)


# ---- grids and products -------------------------------------------------------------------------------------------------------------
def meshgrid(*tensors: Any, indexing: str | None = None) -> tuple[Tensor, ...]:
    """The coordinates of a grid as one view each: ``indexing="ij"`` has the first input's along the first dimension, ``"xy"`` along the second."""
    given = list(tensors[0]) if len(tensors) == 1 and not isinstance(tensors[0], Tensor) else list(tensors)
    if not given:
        raise RuntimeError("meshgrid expects a non-empty TensorList")
    if indexing is None:
        warnings.warn("torch.meshgrid: in an upcoming release, it will be required to pass the indexing argument.", stacklevel=2)
        indexing = "ij"
    if indexing not in ("ij", "xy"):
        raise RuntimeError(f'torch.meshgrid: indexing must be one of "xy" or "ij", but received: {indexing}')
    for t in given:
        if t.array.ndim > 1:
            raise RuntimeError(f"torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: {list(t.array.shape)}")
        if t.array.dtype != given[0].array.dtype:
            raise RuntimeError("torch.meshgrid expects all tensors to have the same dtype")
    swap = indexing == "xy" and len(given) > 1
    if swap:
        given[:2] = given[1::-1]
    shape = tuple(t.array.size for t in given)
    n = len(given)
    grids = [expand(reshape(t, (*(1,) * i, -1, *(1,) * (n - i - 1))), shape) for i, t in enumerate(given)]
    if swap:
        grids[:2] = grids[1::-1]
    return tuple(grids)


def cartesian_prod(*tensors: Tensor) -> Tensor:
    """All combinations of the elements of vectors, as rows."""
    given = list(tensors[0]) if len(tensors) == 1 and not isinstance(tensors[0], Tensor) else list(tensors)
    for t in given:
        if t.array.ndim != 1:
            raise RuntimeError(f"Expect a 1D vector, but got shape {list(t.array.shape)}")
    if len(given) == 1:
        return given[0]
    return stack([reshape(g, -1) for g in meshgrid(*given, indexing="ij")], 1)


def combinations(input: Tensor, r: int = 2, with_replacement: bool = False) -> Tensor:
    """All choices of ``r`` elements of a vector, as rows."""
    if input.array.ndim != 1:
        raise RuntimeError(f"Expect a 1D vector, but got shape {list(input.array.shape)}")
    if r < 0:
        raise RuntimeError(f"Expect a non-negative number, but got {r}")
    choose = itertools.combinations_with_replacement if with_replacement else itertools.combinations
    rows = list(choose(range(input.array.size), r))
    F = backend_of(type(input.array)).F
    index = F.asarray(rows, dtype="int64").reshape((len(rows), r)) if r else F.zeros((0,), dtype="int64")
    return indices.take.call(input, (index,))


def _at_least(count: int) -> Any:
    def atleast(*tensors: Any) -> Any:
        if len(tensors) == 1 and not isinstance(tensors[0], Tensor):
            return tuple([widened(t) for t in tensors[0]])
        return widened(tensors[0]) if len(tensors) == 1 else tuple([widened(t) for t in tensors])

    def widened(t: Tensor) -> Tensor:
        shape = t.array.shape
        if len(shape) >= count:
            return t
        if not shape:
            return reshape(t, (1,) * count)
        return reshape(t, (1, *shape)) if count == 2 else reshape(t, (1, shape[0], 1) if len(shape) == 1 else (*shape, 1))

    atleast.__name__ = atleast.__qualname__ = f"atleast_{count}d"
    atleast.__doc__ = f"Views of the tensors with at least {count} dimension{'s' * (count > 1)}."
    return atleast


atleast_1d, atleast_2d, atleast_3d = map(_at_least, (1, 2, 3))
