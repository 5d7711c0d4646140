"""New constant tensors beside a given one: of its type, on its device."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from tane.autograd.fitting import namespaces
from tane.tensor import Tensor, wrap

__all__ = ["one_hots", "ones", "zeros"]


def zeros(like: Tensor, shape: Sequence[int] | None = None) -> Tensor:
    """Zeros of ``shape`` (that of ``like``, if None)."""
    array = like.array
    return wrap(namespaces[type(array)].zeros(array.shape if shape is None else tuple(shape), dtype=array.dtype))


def ones(like: Tensor) -> Tensor:
    """Ones of the shape of ``like``."""
    t = zeros(like)
    t.array[...] = 1
    return t


def one_hots(like: Tensor, value: Any = 1) -> Iterator[Tensor]:
    """For each element of ``like``, in order: zeros of its shape with ``value`` there."""
    shape = like.array.shape
    for i in range(like.array.size):
        flat = zeros(like, (like.array.size,))
        flat.array[i] = value
        yield wrap(flat.array.reshape(shape))
