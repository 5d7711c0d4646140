"""``make_tensor``: a tensor with random values for a test."""

from __future__ import annotations

import math
from typing import Any

from tane.convert import place, put
from tane.creation import shape_of
from tane.dtypes import BOOL, INTEGER, finfo, from_numpy_dtype, iinfo, to_numpy_dtype
from tane.dtypes import dtype as DType
from tane.random import randint, stream_of
from tane.tensor import Tensor, wrap

__all__ = ["make_tensor"]


def make_tensor(
    *shape: Any,
    dtype: DType,
    device: Any = None,
    low: float | None = None,
    high: float | None = None,
    requires_grad: bool = False,
    noncontiguous: bool = False,
    exclude_zero: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """A tensor drawn uniformly from [low, high), by default [-9, 9) ([0, 10) for uint8, [0, 2) for bool; whole numbers up to 9 inclusive).

    ``noncontiguous`` gives one with gaps in its memory, ``exclude_zero`` replaces zeros by the smallest positive value.

    >>> import tane
    >>> make_tensor(2, 3, dtype=tane.float32, low=0, high=1).shape
    torch.Size([2, 3])
    """
    size = shape_of(shape)
    numpy = to_numpy_dtype(dtype)
    kind = from_numpy_dtype(numpy)
    first, last = bounds(kind, low, high)
    gaps = noncontiguous and math.prod(size) > 1
    full = (*size[:-1], 2 * size[-1]) if gaps else size
    if kind.category in (BOOL, INTEGER):
        t = randint(int(first), int(last), full, dtype=kind, device=device)
    else:
        t = wrap(put(stream_of(None).uniform(full, numpy, first, last), None, device))
    if exclude_zero:
        F = place(device)[0].F
        smallest = 1 if kind.category in (BOOL, INTEGER) else finfo(kind).tiny
        t = wrap(F.where(t.array == 0, numpy.type(smallest), t.array))
    if gaps:
        t = wrap(t.array[..., 1::2])
    if requires_grad:
        t.requires_grad = True
    return t


def bounds(kind: DType, low: float | None, high: float | None) -> tuple[float, float]:
    """The interval to draw from, checked and cut to what the type can hold."""
    defaults = (0, 2) if kind.category == BOOL else (0 if not kind.is_signed else -9, 10) if kind.category == INTEGER else (-9, 9)
    first, last = (default if given is None else given for given, default in zip((low, high), defaults, strict=True))
    if any(isinstance(v, float) and math.isnan(v) for v in (first, last)):
        raise ValueError(f"`low` and `high` cannot be NaN, but got low={low} and high={high}")
    if first >= last:
        raise ValueError(f"`low` must be less than `high`, but got {first} >= {last}")
    if kind.category == INTEGER:
        limits = iinfo(kind)
        return max(limits.min, math.ceil(first)), min(limits.max + 1, math.ceil(last))
    if kind.category == BOOL:
        return max(0, math.ceil(first)), min(2, math.ceil(last))
    return max(finfo(kind).min / 2, first), min(finfo(kind).max / 2, last)
