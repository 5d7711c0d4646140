"""Windows of signal processing: hann, hamming, blackman, bartlett, kaiser."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from tane.creation import arange, ones, zeros
from tane.dtypes import FLOAT, default_float
from tane.dtypes import dtype as DType
from tane.ops import special
from tane.tensor import Tensor

__all__ = ["bartlett_window", "blackman_window", "hamming_window", "hann_window", "kaiser_window"]


def _window(
    name: str,
    length: int,
    periodic: bool,
    formula: Callable[[Tensor, int], Tensor],
    dtype: DType | None,
    device: Any,
    requires_grad: bool,
) -> Tensor:
    """``formula`` of the places and the last place; a periodic window is one longer, without its last value."""
    kind = dtype or default_float()
    if length < 0:
        raise RuntimeError(f"{name} requires non-negative window_length, got window_length={length}")
    if kind.category != FLOAT:
        raise RuntimeError(f"{name} expects floating point dtypes, got: {kind}")
    if length < 2:
        result = (ones if length else zeros)(length, dtype=kind, device=device)
    else:
        last = length if periodic else length - 1
        result = formula(arange(last + 1, dtype=kind, device=device), last)[:length].clone()
    return result.requires_grad_(requires_grad)


def hann_window(
    window_length: int,
    periodic: bool = True,
    *,
    dtype: DType | None = None,
    layout: Any = None,
    device: Any = None,
    pin_memory: bool = False,
    requires_grad: bool = False,
) -> Tensor:
    """A raised cosine, 0 at the ends.

    >>> import tane
    >>> tane.hann_window(4)
    tensor([0.0000, 0.5000, 1.0000, 0.5000])
    """
    return _window("hann_window", window_length, periodic, _raised(0.5, 0.5), dtype, device, requires_grad)


def hamming_window(
    window_length: int,
    periodic: bool = True,
    alpha: float = 0.54,
    beta: float = 0.46,
    *,
    dtype: DType | None = None,
    layout: Any = None,
    device: Any = None,
    pin_memory: bool = False,
    requires_grad: bool = False,
) -> Tensor:
    """A raised cosine, ``alpha - beta`` at the ends."""
    return _window("hamming_window", window_length, periodic, _raised(alpha, beta), dtype, device, requires_grad)


def _raised(alpha: float, beta: float) -> Callable[[Tensor, int], Tensor]:
    return lambda places, last: (places * (math.pi * 2 / last)).cos() * -beta + alpha


def blackman_window(
    window_length: int,
    periodic: bool = True,
    *,
    dtype: DType | None = None,
    layout: Any = None,
    device: Any = None,
    pin_memory: bool = False,
    requires_grad: bool = False,
) -> Tensor:
    """A sum of two cosines, flat and 0 at the ends."""

    def formula(places: Tensor, last: int) -> Tensor:
        angle = places * (math.pi / last)
        return (angle * 4).cos() * 0.08 - (angle * 2).cos() * 0.5 + 0.42

    return _window("blackman_window", window_length, periodic, formula, dtype, device, requires_grad)


def bartlett_window(
    window_length: int,
    periodic: bool = True,
    *,
    dtype: DType | None = None,
    layout: Any = None,
    device: Any = None,
    pin_memory: bool = False,
    requires_grad: bool = False,
) -> Tensor:
    """A triangle, 0 at the ends."""

    def formula(places: Tensor, last: int) -> Tensor:
        rising = places * (2.0 / last)
        return rising.minimum(2 - rising)

    return _window("bartlett_window", window_length, periodic, formula, dtype, device, requires_grad)


def kaiser_window(
    window_length: int,
    periodic: bool = True,
    beta: float = 12.0,
    *,
    dtype: DType | None = None,
    layout: Any = None,
    device: Any = None,
    pin_memory: bool = False,
    requires_grad: bool = False,
) -> Tensor:
    """J. Kaiser's window, a Bessel function of half a circle; the larger ``beta``, the narrower."""

    def formula(places: Tensor, last: int) -> Tensor:
        across = places * (2.0 / last) - 1
        peak = special.i0.call(places.new_full((), beta))
        return special.i0.call((1 - across * across).clamp(min=0).sqrt() * beta) / peak

    return _window("kaiser_window", window_length, periodic, formula, dtype, device, requires_grad)
