"""Which pieces of memory a group of tensors occupies: tensors that share memory are to share it again when they are loaded."""

from __future__ import annotations

import math
from typing import Any

from tane.backends.backend import backend_of
from tane.ops.strided import memory
from tane.tensor import Tensor

__all__ = ["Place", "Span", "Spans"]


class Span:
    """A piece of memory, from byte ``low`` to byte ``high`` of what ``array`` belongs to, that is saved once."""

    def __init__(self, key: str, array: Any, whole: bool) -> None:
        self.key, self.array, self.whole = key, array, whole
        self.dtype = array.dtype
        self.low, self.high = 0, int(array.nbytes) if whole else 0

    @property
    def count(self) -> int:
        """How many elements it has."""
        return int((self.high - self.low) // self.dtype.itemsize)

    def values(self) -> Any:
        """Its elements as a contiguous NumPy vector."""
        backend = backend_of(type(self.array))
        if self.whole:
            return backend.to_numpy(self.array).reshape(-1)
        size = self.dtype.itemsize
        return backend.to_numpy(memory(self.array)[self.low // size : self.high // size])


class Place:
    """Where a tensor lies in its span: offset and strides in elements."""

    def __init__(self, span: Span, byte: int, stride: tuple[int, ...]) -> None:
        self.span, self.byte, self.stride = span, byte, stride

    @property
    def offset(self) -> int:
        return (self.byte - self.span.low) // int(self.span.dtype.itemsize)


class Spans:
    """The memory of all tensors that are shown to :meth:`place`; final when all have been."""

    def __init__(self) -> None:
        self.spans: dict[int, Span] = {}
        self.places: dict[int, Place] = {}
        self.held: list[Any] = []  # so that no id is used twice

    def place(self, t: Tensor) -> Place:
        """Where ``t`` lies."""
        found = self.places.get(id(t))
        if found is None:
            self.held.append(t)
            found = self.places[id(t)] = self._place(t.array)
        return found

    def _place(self, array: Any) -> Place:
        backend = backend_of(type(array))
        owner = backend.owner(array)
        self.held.append(owner)
        steps = strides_of(array)
        try:
            byte = backend.pointer(array) - backend.pointer(owner)
        except NotImplementedError:
            byte = -1
        low, high = byte, byte + extent(array)
        item = array.dtype.itemsize
        if byte < 0 or min(steps, default=0) < 0 or byte % item or owner.nbytes % item or not _dense(owner) or high > owner.nbytes:
            copied = array.copy()  # memory that cannot be told in elements: a copy of its own
            self.held.append(copied)
            return Place(self._span(copied, True), 0, strides_of(copied))
        span = self.spans.get(id(owner))
        if span is None:
            span = self._span(owner, False, array)
            span.low, span.high = low, high
        elif span.dtype != array.dtype:
            raise RuntimeError(
                "Cannot save multiple tensors or storages that view the same data as different types: "
                f"{span.dtype.name} and {array.dtype.name}; clone() one of them"
            )
        span.low, span.high = min(span.low, low), max(span.high, high)
        return Place(span, byte, steps)

    def _span(self, owner: Any, whole: bool, array: Any = None) -> Span:
        span = self.spans[id(owner)] = Span(str(len(self.spans)), owner if array is None else array, whole)
        return span


def _dense(owner: Any) -> bool:
    return bool(owner.flags.c_contiguous or owner.flags.f_contiguous)


def strides_of(array: Any) -> tuple[int, ...]:
    """Strides in elements, as PyTorch would have them for dimensions along which there are no steps to take."""
    plain = tuple(math.prod(max(d, 1) for d in array.shape[i + 1 :]) for i in range(array.ndim))
    if array.size == 0 or array.flags.c_contiguous:
        return plain
    item = array.dtype.itemsize
    return tuple(p if d == 1 else s // item for d, s, p in zip(array.shape, array.strides, plain))


def extent(array: Any) -> int:
    """How many bytes lie between the first and the end of the last element."""
    if array.size == 0:
        return 0
    return int(sum((d - 1) * s for d, s in zip(array.shape, array.strides)) + array.dtype.itemsize)
