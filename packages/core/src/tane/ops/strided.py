"""Views by strides: windows, and any layout of a tensor's memory."""

from __future__ import annotations

import math
from typing import Any

from tane.backends.backend import backend_of
from tane.ops.primitive import primitive

__all__: list[str] = []

# ---- windows ----------------------------------------------------------------------------------------------------------------------------
unfold = primitive(
    "unfold",
    lambda F, x, axis=0, size=1, step=1: _windows(F, x, axis, size, step),
    lambda F, g, x_shape, axis, size, step: F.fold_windows(g, x_shape, axis, size, step),
    view=True,
    numpy="unfold_",
)
fold_windows = primitive(
    "fold_windows",
    lambda F, x, shape=(), axis=0, size=1, step=1: _fold(F, x, shape, axis, size, step),
    lambda F, g, axis, size, step: F.unfold_(g, axis, size, step),
    backward="UnfoldBackwardBackward0",
)


def _windows(F: Any, x: Any, axis: int, size: int, step: int) -> Any:
    """Stretches of ``size`` along an axis, one every ``step``; their elements lie along a new last axis."""
    if not x.ndim:
        return x.reshape((1,))[:size]
    count = (x.shape[axis] - size) // step + 1
    shape = (*x.shape[:axis], count, *x.shape[axis + 1 :], size)
    return F.as_strided(x, shape, (*x.strides[:axis], x.strides[axis] * step, *x.strides[axis + 1 :], x.strides[axis]))


def _fold(F: Any, x: Any, shape: tuple[int, ...], axis: int, size: int, step: int) -> Any:
    """Windows added up where they came from."""
    out = F.zeros(shape, dtype=x.dtype)
    if not shape:
        out[...] = F.sum(x, axis=None)
        return out
    count, before = x.shape[axis], (slice(None),) * axis
    if count < size:  # fewer steps, and each in a row
        windows, places = F.moveaxis(x, axis, 0), F.moveaxis(out, axis, -1)
        for i in range(count):
            places[..., i * step : i * step + size] += windows[i]
        return out
    for i in range(size):
        out[(*before, slice(i, i + (count - 1) * step + 1, step))] += x[..., i]
    return out


# ---- any strides ----------------------------------------------------------------------------------------------------------------------
def memory(array: Any) -> Any:
    """The whole memory of a raw array as a vector of its type."""
    owner = backend_of(type(array)).owner(array)
    flat = owner.reshape((-1,)) if owner.flags.c_contiguous else owner.T.reshape((-1,))
    return flat if flat.dtype == array.dtype else flat.view(array.dtype)


def offset_of(array: Any) -> int:
    """How many elements of its memory come before the first of ``array``."""
    if array.base is None:
        return 0
    backend = backend_of(type(array))
    return (backend.pointer(array) - backend.pointer(backend.owner(array))) // int(array.itemsize)


class Layout:
    """Where the elements of a tensor lie in its memory, counted in elements from the first."""

    @classmethod
    def of(cls, array: Any) -> Layout:
        """That of a raw array."""
        return cls(array.shape, tuple([s // array.itemsize for s in array.strides]), offset_of(array))

    def __init__(self, shape: tuple[int, ...], strides: tuple[int, ...], offset: int) -> None:
        self.shape, self.strides, self.offset = shape, strides, offset

    def sharing(self) -> int:
        """How many elements of an expanded tensor lie in one place."""
        return math.prod(d for d, s in zip(self.shape, self.strides, strict=True) if s == 0 and d)

    def last(self) -> int:
        """The highest place in use."""
        return self.offset + sum((d - 1) * s for d, s in zip(self.shape, self.strides, strict=True))

    def places(self, F: Any) -> Any:
        """The place of every element."""
        at = F.zeros((), dtype="int64") + self.offset
        for axis, (d, s) in enumerate(zip(self.shape, self.strides, strict=True)):
            at = at + (F.arange(d) * s).reshape((d,) + (1,) * (len(self.shape) - axis - 1))
        return at


def _strided(F: Any, x: Any, to: Layout) -> Any:
    """The view of the memory of ``x`` with another layout."""
    return F.as_strided(memory(x)[to.offset :], to.shape, tuple([s * x.itemsize for s in to.strides]))


def _scattered(F: Any, g: Any, source: Layout, to: Layout) -> Any:
    """A gradient laid down in memory as one layout and picked up again as another."""
    if not g.size:
        return F.zeros(source.shape, dtype=g.dtype)
    memory = F.index_accumulate(g, (to.places(F),), (max(source.last(), to.last()) + 1,))
    return F.take_index(memory, (source.places(F),))


as_strided = primitive(
    "as_strided",
    lambda F, x, source=None, to=None: _strided(F, x, to),
    lambda F, g, source, to: F.relaid(g, source, to) if source.sharing() == 1 else F.relaid(g, source, to) / source.sharing(),
    view=True,
    numpy="as_strided_view",
)
relaid = primitive(
    "relaid",
    lambda F, x, source=None, to=None: _scattered(F, x, source, to),
    lambda F, g, source, to: F.relaid(g, to, source),
    backward="AsStridedBackwardBackward0",
)
