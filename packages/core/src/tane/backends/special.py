"""Special functions that NumPy lacks, written on the namespace ``F``: ``erf(F, x)`` is offered to formulas as ``F.erf(x)``.

Each takes a raw float32 or float64 array and gives one of the same type and shape; computing goes in blocks that stay in the processor's cache, and
in float64 unless said otherwise.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

from tane.backends.expansions import ERF_NEAR, ERF_SINGLE, ERFC, ERFINV_FAR, ERFINV_NEAR, I0_FAR, I0_NEAR, I1_FAR, I1_NEAR, LGAMMA

__all__ = ["digamma", "erf", "erfc", "erfcx", "erfinv", "hurwitz_zeta", "i0", "i0e", "i1", "i1e", "lgamma", "polygamma"]

BLOCK = 16384


def powers(x: Any, coefficients: Sequence[float]) -> Any:
    """A polynomial, the constant term first."""
    total = x * coefficients[-1]
    for c in coefficients[-2:0:-1]:
        total += c
        total *= x
    return total + coefficients[0]


def chebyshev(t: Any, coefficients: Sequence[float]) -> Any:
    """A sum of Chebyshev polynomials at ``t`` in [-1, 1], by Clenshaw's recurrence."""
    double = t * 2
    newer, older = double * 0 + coefficients[-1], double * 0
    for c in coefficients[-2:0:-1]:
        newer, older = double * newer - older + c, newer
    return t * newer - older + coefficients[0]


def blockwise(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """A function ``kernel(F, x)`` of flat float64 arrays made one of arrays of any size, shape and precision."""

    @functools.wraps(kernel)
    def function(F: Any, x: Any, *args: Any) -> Any:
        flat = x.reshape(-1)
        if flat.size <= BLOCK:
            return F.cast(kernel(F, F.cast(flat, "float64"), *args), x.dtype).reshape(x.shape)
        out = F.empty(flat.shape, dtype=x.dtype)
        for start in range(0, flat.size, BLOCK):
            out[start : start + BLOCK] = kernel(F, F.cast(flat[start : start + BLOCK], "float64"), *args)
        return out.reshape(x.shape)

    return function


# ---- the error function -------------------------------------------------------------------------------------------------------------
def _erf_single(F: Any, x: Any, out: Any) -> None:
    u = F.minimum(x * x, 16.81)
    F.multiply(u, ERF_SINGLE[-1], out=out)
    for c in ERF_SINGLE[-2:0:-1]:
        out += c
        out *= u
    out += ERF_SINGLE[0]
    out *= x
    F.tanh(out, out=out)


def erf(F: Any, x: Any) -> Any:
    """The error function; float32 within 3 units in the last place, float64 within 2."""
    if x.dtype.itemsize != 4:
        return _erf(F, x)
    flat = x.reshape(-1)
    out = F.empty(flat.shape, dtype=x.dtype)
    for start in range(0, flat.size, BLOCK):
        _erf_single(F, flat[start : start + BLOCK], out[start : start + BLOCK])
    return out.reshape(x.shape)


def _scaled_erfc(F: Any, x: Any) -> Any:
    """``exp(x * x) * erfc(x)`` for x >= 0."""
    finite = F.minimum(x, 1e300)
    return chebyshev((finite - 3.75) / (finite + 3.75), ERFC) / (2 * x + 1)


def _gauss(F: Any, x: Any) -> Any:
    """``exp(-x * x)``, the square taken apart so that its rounding does no harm."""
    x = F.minimum(x, 40.0)
    high = F.cast(F.cast(x, "float32"), "float64")
    return F.exp(-high * high) * F.exp((high - x) * (high + x))


@blockwise
def _erf(F: Any, x: Any) -> Any:
    size = abs(x)
    far = 1 - _gauss(F, size) * _scaled_erfc(F, size)
    return F.where(size < 1, x * powers(F.minimum(x * x, 1.0), ERF_NEAR), F.copysign(far, x))


@blockwise
def erfc(F: Any, x: Any) -> Any:
    """``1 - erf(x)``, without the loss of digits where erf is near 1."""
    size = abs(x)
    far = _gauss(F, size) * _scaled_erfc(F, size)
    return F.where(size < 0.5, 1 - x * powers(F.minimum(x * x, 1.0), ERF_NEAR), F.where(x < 0, 2 - far, far))


@blockwise
def erfcx(F: Any, x: Any) -> Any:
    """``exp(x * x) * erfc(x)``."""
    far = _scaled_erfc(F, abs(x))
    return F.where(x < 0, 2 * F.exp(x * x) - far, far)


def erfinv(F: Any, x: Any) -> Any:
    """The inverse of the error function: 1 and -1 give infinities, what lies outside NaN. Rounded to nearest nearly always."""
    return _erfinv(F, x, x.dtype.itemsize > 4)


@blockwise
def _erfinv(F: Any, x: Any, double: bool) -> Any:
    size = abs(x)
    w = -F.log((1 - size) * (1 + size))
    y = powers(w * 0.4 - 1, ERFINV_NEAR)
    far = (w > 5) & (size < 1)
    half = (6.2 - math.sqrt(5)) / 2
    y[far] = powers((F.sqrt(w[far]) - math.sqrt(5)) / half - 1, ERFINV_FAR)
    y *= x
    if double:  # one step of Halley's; float32 needs none
        error = F.where(size < 0.5, _erf(F, y) - x, F.sign(x) * ((1 - size) - erfc(F, abs(y))))
        step = error * F.exp(y * y) * (math.sqrt(math.pi) / 2)
        y = F.where(size < 1, y - step / (1 + y * step), y)
    return F.where(size == 1, F.copysign(math.inf, x), F.where(size > 1, math.nan, y))


# ---- the gamma function ---------------------------------------------------------------------------------------------------------------
# B(2k) / (2k (2k - 1)) for lgamma, -B(2k) / 2k for digamma, in powers of 1 / x ** 2.
STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400, 43867 / 244188)
ASYMPTOTE = (-1 / 12, 1 / 120, -1 / 252, 1 / 240, -1 / 132, 691 / 32760, -1 / 12, 3617 / 8160)
BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798, -174611 / 330)


def _sine_of_pi(F: Any, x: Any) -> Any:
    """``|sin(pi x)|``, exact where it is 0."""
    return abs(F.sin((x - F.rint(x)) * math.pi))


def _lgamma_positive(F: Any, x: Any) -> Any:
    small = x < 1
    y = F.where(small, x + 1, x)
    near = F.minimum(y, 4.0)
    zeros = F.where(small, x * (x - 1), (near - 1) * (near - 2))
    low = zeros * chebyshev((near - 2.5) / 1.5, LGAMMA) - F.where(small, F.log(F.where(small, x, 1)), 0) + 0.0
    shift = y < 8
    z = F.where(shift, y + 4, y)
    moved = F.where(shift, F.log(F.where(shift, y * (y + 1) * (y + 2) * (y + 3), 1)), 0)
    high = (z - 0.5) * F.log(z) - z + 0.5 * math.log(2 * math.pi) + powers(1 / (z * z), STIRLING) / z - moved
    return F.where(y < 4, low, F.where(x == math.inf, x, high))


@blockwise
def lgamma(F: Any, x: Any) -> Any:
    """The logarithm of ``|gamma(x)|``; infinite at 0, -1, -2, …"""
    negative = x < 0
    value = _lgamma_positive(F, F.where(negative, 1 - x, x))
    mirrored = math.log(math.pi) - F.log(_sine_of_pi(F, F.where(negative, x, 0.5))) - value
    return F.where(negative, F.where(x == -math.inf, math.inf, mirrored), value)


@blockwise
def digamma(F: Any, x: Any) -> Any:
    """The derivative of lgamma; NaN at the negative whole numbers, infinite at 0."""
    negative = x < 0
    y = F.where(negative, 1 - x, x)
    total = y * 0
    for _ in range(10):
        low = y < 10
        total = total - F.where(low, 1 / F.where(low, y, 1), 0)
        y = F.where(low, y + 1, y)
    inverse = 1 / (y * y)
    value = total + F.log(y) - 0.5 / y + inverse * powers(inverse, ASYMPTOTE)
    value = F.where(x == math.inf, x, value)
    cotangent = math.pi / F.tan((x - F.rint(x)) * math.pi)
    value = F.where(negative, F.where(x == F.rint(x), math.nan, value - cotangent), value)
    return F.where(x == 0, -F.copysign(math.inf, x), value)


def hurwitz_zeta(F: Any, s: Any, q: Any) -> Any:
    """The sum of ``(q + k) ** -s`` over k = 0, 1, …: by Euler and Maclaurin's formula after ten terms (more for negative q).

    Infinite at s = 1 and at q = 0, -1, …, NaN for s < 1, and for negative q where s is not whole.
    """
    kind = next(x.dtype for x in (q, s) if hasattr(x, "dtype"))
    s, q = (F.cast(F.asarray(x), "float64") for x in (s, q))
    s, q = s + q * 0, q + s * 0
    pole = (q <= 0) & (q == F.floor(q))
    undefined = (s < 1) | (s != s) | (q != q) | ((q < 0) & (s != F.rint(s)))
    skip = pole | undefined | (s == 1) | (q < -10000)
    s, q = F.where(skip, 2.0, s), F.where(skip, 1.0, q)
    total = q * 0
    last = q
    for _ in range(10 + math.ceil(max(0.0, -float(F.amin(q, axis=None).item()) if q.size else 0.0))):
        total = total + F.power(last, -s)
        last = last + 1
    power = F.power(last, -s)
    total = total + power * last / (s - 1) + power / 2
    term = power * s / last
    for k, b in enumerate(BERNOULLI):
        total = total + term * (b / math.factorial(2 * k + 2))
        term = term * (s + 2 * k + 1) * (s + 2 * k + 2) / (last * last)
    return F.cast(F.where(undefined, math.nan, F.where(skip, math.inf, total)), kind)


def polygamma(F: Any, n: int, x: Any) -> Any:
    """The ``n``-th derivative of digamma."""
    if n == 0:
        return digamma(F, x)
    flat = F.cast(x.reshape(-1), "float64")
    if n == 1:
        negative = flat < 0
        value = hurwitz_zeta(F, flat * 0 + 2, F.where(negative, 1 - flat, flat))
        sine = _sine_of_pi(F, F.where(negative, flat, 0.5))
        value = F.where(negative, (math.pi / sine) ** 2 - value, value)
    else:
        value = hurwitz_zeta(F, flat * 0 + (n + 1), flat) * ((-1.0) ** (n + 1) * math.gamma(n + 1))
    return F.cast(value, x.dtype).reshape(x.shape)


# ---- modified Bessel functions --------------------------------------------------------------------------------------------------------
def _scaled_bessel(F: Any, x: Any, near: Sequence[float], far: Sequence[float]) -> tuple[Any, Any]:
    low, high = F.minimum(x, 8.0), F.maximum(x, 8.0)
    return chebyshev(low / 4 - 1, near), chebyshev(16 / high - 1, far) / F.sqrt(high)


@blockwise
def i0e(F: Any, x: Any) -> Any:
    """``exp(-|x|) * I0(x)``."""
    size = abs(x)
    low, high = _scaled_bessel(F, size, I0_NEAR, I0_FAR)
    return F.where(size < 8, low, high)


@blockwise
def i0(F: Any, x: Any) -> Any:
    """The modified Bessel function of the first kind of order 0."""
    return i0e(F, x) * F.exp(abs(x))


@blockwise
def i1e(F: Any, x: Any) -> Any:
    """``exp(-|x|) * I1(x)``."""
    size = abs(x)
    low, high = _scaled_bessel(F, size, I1_NEAR, I1_FAR)
    return F.where(size < 8, x * low, F.copysign(high, x))


@blockwise
def i1(F: Any, x: Any) -> Any:
    """The modified Bessel function of the first kind of order 1."""
    return i1e(F, x) * F.exp(abs(x))
