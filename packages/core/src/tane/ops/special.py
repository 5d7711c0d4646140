"""Special functions and their gradients; the functions themselves are :mod:`tane.backends.special`'s, or the device's own."""

from __future__ import annotations

import math
from typing import Any

from tane.ops.accepting import only_float, only_real
from tane.ops.primitive import primitive

__all__: list[str] = []

X = ("input",)
TWO_OVER_SQRT_PI = 2 / math.sqrt(math.pi)


# ---- the error function ---------------------------------------------------------------------------------------------------------------
def _gauss(F: Any, x: Any) -> Any:
    """``2 / sqrt(pi) * exp(-x * x)``."""
    return F.exp(-(x * x)) * TWO_OVER_SQRT_PI


erf = primitive("erf", "erf", lambda F, g, input: g * _gauss(F, input), inputs=X, promotes="float", wide=True)
erfc = primitive("erfc", "erfc", lambda F, g, input: -g * _gauss(F, input), inputs=X, promotes="float", wide=True)
erfcx = primitive(
    "special_erfcx",
    "erfcx",
    lambda F, g, input, y: g * (input * y * 2 - TWO_OVER_SQRT_PI),
    inputs=X,
    promotes="float",
    wide=True,
)
erfinv = primitive("erfinv", "erfinv", lambda F, g, y: g / _gauss(F, y), inputs=X, promotes="float", wide=True)

# ---- the gamma function and its derivatives -------------------------------------------------------------------------------------------
lgamma = primitive("lgamma", "lgamma", lambda F, g, input: g * F.digamma(input), inputs=X, promotes="float", wide=True)
digamma = primitive("digamma", "digamma", lambda F, g, input: g * F.nth_digamma(input, 1), inputs=X, promotes="float", wide=True)
polygamma = primitive(
    "polygamma",
    lambda F, input, order=0: F.polygamma(order, input),
    lambda F, g, input, order: g * F.nth_digamma(input, order + 1),
    promotes="float",
    wide=True,
    numpy="nth_digamma",
)


def _no_slope(F: Any, g: Any) -> Any:
    raise RuntimeError("the derivative for 'self' is not implemented: zeta has no gradient in its first argument")


zeta = primitive(
    "special_zeta",
    "hurwitz_zeta",
    _no_slope,
    lambda F, g, s, q: g * (-s * F.hurwitz_zeta(s + 1, q)),
    inputs=("s", "q"),
    promotes="float",
    wide=True,
)

# ---- modified Bessel functions ----------------------------------------------------------------------------------------------------------
# I1(x) / x at 0 is 1 / 2; where it occurs, in the slope of I1, the limit is put in.


def _over(F: Any, y: Any, x: Any) -> Any:
    return F.where(x == 0, 0.5, y / F.where(x == 0, 1, x))


i0 = primitive("i0", "i0", lambda F, g, input: g * F.i1(input), inputs=X, promotes="float", wide=True)
i0e = primitive("special_i0e", "i0e", lambda F, g, input, y: g * (F.i1e(input) - F.sgn(input) * y), inputs=X, promotes="float", wide=True)
i1 = primitive("special_i1", "i1", lambda F, g, input, y: g * (F.i0(input) - _over(F, y, input)), inputs=X, promotes="float", wide=True)
i1e = primitive(
    "special_i1e",
    "i1e",
    lambda F, g, input, y: g * (F.i0e(input) - y * F.sgn(input) - _over(F, y, input)),
    inputs=X,
    promotes="float",
    wide=True,
)
i0e.backward_name, i1.backward_name, i1e.backward_name = "SpecialI0EBackward0", "SpecialI1Backward0", "SpecialI1EBackward0"


# ---- products with logarithms -----------------------------------------------------------------------------------------------------------
def _weak(x: Any, y: Any) -> Any:
    """A function ``y`` of ``x``, a Python number if ``x`` is one, so that it takes on the type of what it meets."""
    return y if hasattr(x, "dtype") else float(y)


def _x_times(F: Any, x: Any, log: Any, y: Any) -> Any:
    """``x * log``, 0 where x is 0 unless ``y`` is NaN."""
    return F.where((x == 0) & (y == y), 0, x * log)


xlogy = primitive(
    "xlogy",
    lambda F, input, other: _x_times(F, input, _weak(other, F.log(other)), other),
    lambda F, g, input, other: g * F.where((input == 0) & (other <= 0), 0, F.log(F.where((input == 0) & (other <= 0), 1, other))),
    lambda F, g, input, other: g * (input / other),
    promotes="float",
    wide=True,
)
xlog1py = primitive(
    "special_xlog1py",
    lambda F, input, other: _x_times(F, input, _weak(other, F.log1p(other)), other),
    lambda F, g, input, other: g * F.where((input == 0) & (other <= -1), 0, F.log1p(F.where((input == 0) & (other <= -1), 0, other))),
    lambda F, g, input, other: g * (input / (other + 1)),
    promotes="float",
    wide=True,
    backward="SpecialXlog1PyBackward0",
)
entr = primitive(
    "special_entr",
    lambda F, input: F.where(
        input > 0, -input * F.log(F.where(input > 0, input, 1)), F.where(input == 0, 0, F.where(input < 0, -math.inf, input))
    ),
    lambda F, g, input: g * (F.where(input < 0, math.nan, -F.log(F.where(input < 0, 1, input))) - 1),
    promotes="float",
    wide=True,
)


def _limited(F: Any, x: Any, eps: float | None) -> Any:
    return x if eps is None else F.minimum(F.maximum(x, eps), 1 - eps)


def _logit_gradient(F: Any, g: Any, x: Any, eps: float | None) -> Any:
    slope = g / (x * (1 - x))
    if eps is None:
        return F.where((x < 0) | (x > 1), math.nan, slope)
    return F.where((x < eps) | (x > 1 - eps), 0, slope)


def _logit(F: Any, x: Any, eps: float | None) -> Any:
    x = _limited(F, x, eps)
    return F.log(x / (1 - x))


logit = primitive(
    "logit",
    lambda F, input, eps=None: _logit(F, input, eps),
    lambda F, g, input, eps: _logit_gradient(F, g, input, eps),
    promotes="float",
    wide=True,
)


# ---- sin(pi x) / (pi x) -------------------------------------------------------------------------------------------------------------------
def _sinc(F: Any, x: Any) -> Any:
    angle = F.where(x == 0, 1, x) * math.pi
    return F.where(x == 0, 1, F.sin(angle) / angle)


def _sinc_slope(F: Any, x: Any) -> Any:
    safe = F.where(x == 0, 1, x)
    angle = safe * math.pi
    return F.where(x == 0, 0, (F.cos(angle) * angle - F.sin(angle)) / (angle * safe))


sinc = primitive("sinc", lambda F, input: _sinc(F, input), lambda F, g, input: g * _sinc_slope(F, input), promotes="float", wide=True)

for _op in (erf, erfc, erfcx, erfinv, lgamma, digamma, polygamma, i0, i0e, i1, i1e, zeta, entr, logit, xlogy, xlog1py):
    _op.accepts = only_real(_op.name)
sinc.accepts = only_float("sinc")
