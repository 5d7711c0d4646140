"""The Box-Muller transform of PyTorch's CPU kernels, to the last bit.

PyTorch fills 16 float32 normals at a time with AVX2: eight uniforms give the radius, the next eight the angle. Its
logarithm, sine and cosine are the single precision polynomials of S. Moshier's Cephes library, and its compiler fuses
every `a * b + c` it can. NumPy's own float32 functions round differently, so the polynomials are evaluated here, in
float64, and rounded to float32 exactly where the fused kernel rounds. (A product of two float32 is exact in float64;
that the sum is rounded twice changes no value: all 2**24 possible uniforms have been compared.)

In float64 PyTorch calls the C library, one value at a time, and so does this module: NumPy's SIMD functions differ
from it in the last bit.
"""

import math

import numpy as np
from numpy.typing import NDArray

from tane.backends.rounding import fma32, fma64, libm, sincos

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]

GROUP = 16  # normals that PyTorch makes at a time
_CHUNK = 1024 * GROUP  # small enough for the intermediate arrays to stay in cache


def _single(*values: float) -> tuple[float, ...]:
    """The nearest float32 of each, as Python floats."""
    return tuple(float(np.float32(value)) for value in values)


_TWO_PI, _FOUR_OVER_PI, _SQRT_HALF = _single(2 * math.pi, 4 / math.pi, math.sqrt(0.5))
_LOG = _single(
    7.0376836292e-2,
    -1.1514610310e-1,
    1.1676998740e-1,
    -1.2420140846e-1,
    1.4249322787e-1,
    -1.6668057665e-1,
    2.0000714765e-1,
    -2.4999993993e-1,
    3.3333331174e-1,
)
_LN2_LOW, _LN2_HIGH = _single(-2.12194440e-4, 0.693359375)
_QUARTER_PI = _single(0.78515625, 2.4187564849853515625e-4, 3.77489497744594108e-8)  # one number in three
_SIN = _single(-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1)
_COS = _single(2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2)
# The signs of sine and cosine by the quadrant that the angle in [0, 2π] is nearest to the start of.
_SIN_SIGN = np.array([1.0, 1.0, -1.0, -1.0, 1.0])
_COS_SIGN = np.array([1.0, -1.0, -1.0, 1.0, 1.0])


def _rounded(x: Float64) -> Float64:
    """`x` rounded to float32, in place, and kept as float64 for the next exact product."""
    x[...] = x.astype(np.float32)
    return x


def _horner(x: Float64, coefficients: tuple[float, ...]) -> Float64:
    first, *rest = coefficients
    y = np.full_like(x, first)
    for coefficient in rest:
        y *= x
        y += coefficient
        _rounded(y)
    return y


def log_float32(x: Float32) -> Float64:
    """Cephes' `logf` for normal positive `x`."""
    fraction, exponent = np.frexp(x)
    m = fraction.astype(np.float64)
    e = exponent.astype(np.float64)
    low = m < _SQRT_HALF
    e -= low
    m += np.where(low, m, 0.0)
    m -= 1.0
    square = _rounded(m * m)
    y = _horner(m, _LOG)
    y *= m
    _rounded(y)
    y *= square
    y += _rounded(e * _LN2_LOW)
    _rounded(y)
    square *= 0.5
    y -= square
    _rounded(y)
    y += m
    _rounded(y)
    e *= _LN2_HIGH
    y += e
    return _rounded(y)


def sincos_float32(x: Float64) -> tuple[Float64, Float64]:
    """Cephes' `sinf` and `cosf` for float32 values `x` in [0, 2π]."""
    quadrant = ((_rounded(x * _FOUR_OVER_PI).astype(np.int32) + 1) >> 1).astype(np.intp)
    y = quadrant * 2.0
    x = x.copy()
    for part in _QUARTER_PI:
        x -= y * part
        _rounded(x)
    square = _rounded(x * x)
    sine = _horner(square, _SIN)
    sine *= square
    _rounded(sine)
    sine *= x
    sine += x
    _rounded(sine)
    cosine = _horner(square, _COS)
    cosine *= square
    _rounded(cosine)
    cosine *= square
    cosine -= square * 0.5
    _rounded(cosine)
    cosine += 1.0
    _rounded(cosine)
    swap = (quadrant & 1).astype(bool)
    s = np.where(swap, cosine, sine)
    c = np.where(swap, sine, cosine)
    s *= _SIN_SIGN[quadrant]
    c *= _COS_SIGN[quadrant]
    return s, c


def box_muller_float32(uniforms: Float32, mean: float, std: float) -> Float32:
    """Normals from as many uniforms in [0, 1), a multiple of 16."""
    out = np.empty_like(uniforms)
    std, mean = _single(std, mean)
    for start in range(0, uniforms.size, _CHUNK):
        groups = uniforms[start : start + _CHUNK].reshape(-1, 2, GROUP // 2)
        results = out[start : start + _CHUNK].reshape(groups.shape)
        radius = log_float32((np.float32(1.0) - groups[:, 0]).ravel())
        radius *= -2.0
        radius = np.sqrt(radius.astype(np.float32)).astype(np.float64)
        angle = groups[:, 1].astype(np.float64).ravel()
        angle *= _TWO_PI
        sine, cosine = sincos_float32(_rounded(angle))
        cosine *= radius
        sine *= radius
        for half, normals in enumerate((cosine, sine)):
            results[:, half] = fma32(normals.astype(np.float32), std, mean).reshape(-1, GROUP // 2)
    return out


def box_muller_float64(uniforms: Float64, mean: float, std: float) -> Float64:
    """Normals from as many uniforms in [0, 1), a multiple of 16."""
    out = np.empty_like(uniforms)
    for start in range(0, uniforms.size, _CHUNK):
        groups = uniforms[start : start + _CHUNK].reshape(-1, 2, GROUP // 2)
        results = out[start : start + _CHUNK].reshape(groups.shape)
        radius = np.sqrt(-2.0 * libm(math.log, 1.0 - groups[:, 0]))
        sine, cosine = sincos(2.0 * math.pi * groups[:, 1])
        results[:, 0] = fma64(radius * cosine, std, mean)
        results[:, 1] = fma64(radius * sine, std, mean)
    return out


def box_muller_pairs(uniforms: Float64) -> Float64:
    """Standard normals from an even number of uniforms, two by two: the form for small and for strided tensors."""
    angle, complement = uniforms[0::2], uniforms[1::2]
    radius = np.sqrt(-2.0 * libm(math.log1p, -complement))
    sine, cosine = sincos(2.0 * math.pi * angle)
    out = np.empty_like(uniforms)
    out[0::2] = radius * cosine
    out[1::2] = radius * sine
    return out
