"""Random numbers of PyTorch's stream on the device of a tensor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tane.backends.backend import backend_of
from tane.random import stream_of
from tane.tensor import Tensor

__all__ = ["drawn", "drawn_like"]


def drawn(draw: Callable[[Any], Any], like: Tensor) -> Any:
    """The raw array that ``draw(stream)`` takes from the default generator, on the device of ``like``."""
    array = like.array
    backend = backend_of(type(array))
    return backend.from_numpy(draw(stream_of(None)), backend.index_of(array))


def drawn_like(draw: Callable[[Any, tuple[int, ...]], Any], like: Tensor) -> Any:
    """A raw array shaped as ``like``, of the numbers ``draw(stream, shape)``: in the order in which the elements of ``like`` lie in memory, as in PyTorch."""
    array = like.array
    if array.flags.c_contiguous:
        return drawn(lambda stream: draw(stream, array.shape), like)
    order = sorted(range(array.ndim), key=lambda i: -array.strides[i])
    if 0 in array.strides or not array.transpose(order).flags.c_contiguous:  # overlaps itself or has gaps: a new one would be contiguous
        return drawn(lambda stream: draw(stream, array.shape), like)
    values = drawn(lambda stream: draw(stream, tuple(array.shape[i] for i in order)), like)
    return values.transpose([order.index(i) for i in range(array.ndim)])
