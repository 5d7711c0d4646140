"""Fused multiply-add and the C library's functions, which NumPy does not offer.

PyTorch's CPU kernels are compiled so that `a * b + c` rounds once, and in float64 they call the C library. Where its
numbers are to be met bit for bit, so must ours. (The multiply-adds are exact but for subnormal results.)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Float32 = NDArray[np.float32]
    Float64 = NDArray[np.float64]

_SPLIT = 2.0**27 + 1.0
_DROPPED = (1 << 29) - 1  # the bits of a float64 that a float32 has no room for
_TIE = 1 << 28
_CHUNK = 1 << 14  # small enough for the float64 intermediates to stay in cache


def _sum_error(a: Float64, b: Float64 | float, total: Float64) -> Float64:
    """What `total = a + b` lost to rounding, exactly (D. Knuth's TwoSum)."""
    back = total - a
    return np.asarray((a - (total - back)) + (b - back))


def _odd_sum(a: Float64, b: Float64) -> Float64:
    """`a + b` rounded to odd: where it is inexact the last bit is set, so that no later rounding takes it for a tie."""
    total = a + b
    error = _sum_error(a, b, total)
    even = (total.view(np.int64) & 1) == 0
    return np.where((error != 0.0) & even, np.nextafter(total, np.copysign(np.inf, error)), total)


def fma32(a: Float32, b: float, c: float) -> Float32:
    """`a * b + c` with one rounding, for `b` and `c` that are float32 values."""
    if b == 1.0:
        return a + np.float32(c)
    if c == 0.0:
        return a * np.float32(b) + np.float32(c)  # the sum is for the sign of zero
    out = np.empty_like(a)
    flat, result = a.reshape(-1), out.reshape(-1)
    for start in range(0, a.size, _CHUNK):
        product = flat[start : start + _CHUNK].astype(np.float64)
        product *= b  # exact
        total = product + c
        # Rounding to float64 and then to float32 goes wrong only where the first step lands on a tie of the second.
        ties = np.flatnonzero((total.view(np.int64) & _DROPPED) == _TIE)
        if ties.size:
            error = _sum_error(product[ties], c, total[ties])
            nudged = np.nextafter(total[ties], np.copysign(np.inf, error))
            total[ties] = np.where(error == 0.0, total[ties], nudged)
        result[start : start + _CHUNK] = total
    return out


def fma64(a: Float64, b: float, c: float) -> Float64:
    """`a * b + c` with one rounding: T. Dekker's exact product (1971), S. Boldo's and G. Melquiond's sum (2008)."""
    product = a * b
    if b == 1.0 or c == 0.0:
        return np.asarray(product + c)
    a_high = a * _SPLIT
    a_high -= a_high - a
    a_low = a - a_high
    b_high = b * _SPLIT
    b_high -= b_high - b
    b_low = b - b_high
    product_error = a_low * b_low - (((product - a_high * b_high) - a_low * b_high) - a_high * b_low)
    low = product_error + c
    total = product + low
    return np.asarray(total + _odd_sum(_sum_error(product_error, c, low), _sum_error(product, low, total)))


def libm(function: Callable[[float], float], x: Float64) -> Float64:
    """A function of Python's `math`, that is of the C library, over an array: NumPy's may differ in the last bit."""
    return np.fromiter(map(function, x.ravel().tolist()), np.float64, x.size).reshape(x.shape)


def sincos(x: Float64) -> tuple[Float64, Float64]:
    """The C library's sine and cosine together: NumPy's complex exponential is the C library's too."""
    turn = np.zeros(x.shape, np.complex128)
    turn.imag = x
    np.exp(turn, out=turn)
    return turn.imag, turn.real


def exp(x: Float64) -> Float64:
    """The C library's exponential, by the same door."""
    with np.errstate(all="ignore"):
        return np.ascontiguousarray(np.exp(x.astype(np.complex128)).real)
