"""The table of pointwise ops: a line each, forward and gradients.

``g`` is the gradient of the output ``y``. Formulas are plain operators and functions of ``F``; how they are written, and what their parameter names
mean, stands in :mod:`tane.ops.primitive`.
"""

from __future__ import annotations

import cmath
import math
from typing import Any

from tane.dtypes import to_numpy_dtype
from tane.ops.accepting import (
    inverted,
    not_bool,
    not_complex,
    only_float,
    only_orderly,
    only_real,
    refuse_bool_and_complex,
    refuse_bool_difference,
    refuse_bool_negation,
    same_type,
    whole,
)
from tane.ops.complex import is_complex, log_of_sum, signs, sum_of_squares, two_roots
from tane.ops.primitive import F, primitive
from tane.ops.recording import undefined

__all__: list[str] = []

AB = ("input", "other")
X = ("input",)
NO_GRADIENT = "torch::autograd::NotImplemented"
INV_LN2, INV_LN10 = 1 / math.log(2), 1 / math.log(10)

# ---- arithmetic -----------------------------------------------------------------------------------------------------------------
add = primitive("add", "add", lambda F, g: g, lambda F, g: g, inputs=AB, promotes="same")
sub = primitive("sub", "subtract", lambda F, g: g, lambda F, g: -g, inputs=AB, promotes="same")
rsub = primitive("rsub", lambda F, input, other: other - input, lambda F, g: -g, lambda F, g: g, promotes="same", backward="RsubBackward1")
mul = primitive(
    "mul",
    "multiply",
    lambda F, g, other, input_shape: g * other if input_shape else F.times(g, other),
    lambda F, g, input, other_shape: g * input if other_shape else F.times(g, input),
    inputs=AB,
    promotes="same",
)
F.times = mul.call  # type: ignore[attr-defined]
# Not from the quotient, which a program may change in place afterwards.
div = primitive(
    "div",
    "true_divide",
    lambda F, g, other: g / other,
    lambda F, g, input, other: -g * (input / other / other),
    inputs=AB,
    promotes="float",
)
neg = primitive("neg", "negative", lambda F, g: -g, inputs=X, promotes="same")
reciprocal = primitive("reciprocal", lambda F, input: 1 / input, lambda F, g, y: -g * (y * y), promotes="float", wide=True)
floor_divide = primitive(
    "floor_divide", "floor_divide", undefined("floor_divide"), undefined("floor_divide"), inputs=AB, promotes="same", backward=NO_GRADIENT
)
# As floor_divide and truncated, where PyTorch defines a gradient: 0.
div_floor = primitive(
    "div_floor",
    "floor_divide",
    lambda F, g: g * 0,
    lambda F, g: g * 0,
    inputs=AB,
    promotes="same",
    numpy="rounded_down",
    backward="DivBackward2",
)


def _toward_zero(F: Any, input: Any, other: Any) -> Any:
    if (input if hasattr(input, "dtype") else other).dtype.kind in "iu":
        return F.floor_divide(input - F.fmod(input, other), other)
    return F.trunc(input / other)


div_trunc = primitive("div_trunc", _toward_zero, lambda F, g: g * 0, lambda F, g: g * 0, promotes="same", backward="DivBackward2")
remainder = primitive(
    "remainder", "remainder", lambda F, g: g, lambda F, g, input, other: -g * F.floor(input / other), inputs=AB, promotes="same"
)
fmod = primitive("fmod", "fmod", lambda F, g: g, lambda F, g, input, other: -g * F.trunc(input / other), inputs=AB, promotes="same")
absolute = primitive("abs", "absolute", lambda F, g, input: g * F.sgn(input), inputs=X, promotes="same", holomorphic=False)
sign = primitive("sign", signs, lambda F, g: g * 0, promotes="same")
neg.accepts, sub.accepts, rsub.accepts = refuse_bool_negation, refuse_bool_difference, refuse_bool_difference
div_floor.accepts, div_trunc.accepts = not_bool("div_floor_cpu"), not_bool("div_trunc_cpu")
floor_divide.accepts, remainder.accepts, fmod.accepts = not_bool("div_floor_cpu"), not_bool("remainder_cpu"), not_bool("fmod_cpu")
absolute.accepts = not_bool("abs_cpu")
sign.accepts = not_complex("sign", "Unlike NumPy, torch.sign is not intended to support complex numbers. Please use torch.sgn instead.")


def _power(F: Any, x: Any, exponent: Any) -> Any:
    """``x ** exponent`` for a Python number; small whole powers as multiplications, which ``power`` does 4 to 20 times slower in float32."""
    if exponent == 2:
        return x * x
    if exponent == 3:
        return x * x * x
    if exponent == 0.5:
        return F.sqrt(x)
    if exponent == 1:
        return F.multiply(x, 1)
    if exponent == -1:
        return 1 / x
    if exponent == -2:
        return 1 / (x * x)
    if exponent == -0.5:
        return 1 / F.sqrt(x)
    return F.power(x, exponent)


def _general_power(F: Any, input: Any, other: Any) -> Any:
    """``input ** other``; a whole number to a negative power is 0 but for 1 and -1, as in PyTorch."""
    if input.dtype == "float32":  # exact to the last bit, as PyTorch's nearly always is, for the same time
        return F.power(input, other, dtype="float64").astype("float32")
    if input.dtype.kind not in "iu":
        return F.power(input, other)
    negative = other < 0
    one = (input == 1) | ((input == -1) & (other % 2 == 0))
    inverse = F.where(one, 1, F.where(input == -1, -1, 0))
    return F.where(negative, inverse, F.power(input, F.where(negative, 0, other))).astype(input.dtype)


def _power_of(F: Any, input: Any, other: Any) -> Any:
    """``other ** input`` for a Python number ``other``."""
    if input.dtype.kind in "iu":
        return _general_power(F, F.zeros(input.shape, dtype=input.dtype) + other, input)
    return F.exp2(input) if other == 2 and input.dtype.kind == "f" else F.power(other, input)


def _slope_of_exponent(F: Any, g: Any, y: Any, input: Any, base: Any) -> Any:
    """The gradient of ``base ** input`` for a Python number ``base``."""
    if isinstance(base, complex) or base > 0:
        return g * (y * (cmath.log(base) if isinstance(base, complex) else math.log(base)))
    if base == 0:
        return g * F.where(input >= 0, 0.0, y * -math.inf)
    return g * (y * math.nan)


def _log_of_base(F: Any, y: Any, input: Any, other: Any) -> Any:
    """``y * log(input)``, 0 where ``input`` is 0 and ``other`` is not negative."""
    zero = input == 0
    return F.where(zero if is_complex(other) else zero & (other >= 0), 0, y * F.log(F.where(zero, 1, input)))


pow_scalar = primitive(
    "pow_scalar",
    lambda F, self, exponent=1.0: _power(F, self, exponent),
    lambda F, g, self, exponent: (
        g * 0 if exponent == 0 else g * 2 * self if exponent == 2 else g * (exponent * _power(F, self, exponent - 1))
    ),
    promotes="same",
    backward="PowBackward0",
    wide=True,
)
pow_tensor = primitive(
    "pow",
    _general_power,
    lambda F, g, input, other: g * (other * F.power(input, F.where(other == 0, 1, other - 1))),
    lambda F, g, y, input, other: g * _log_of_base(F, y, input, other),
    promotes="same",
    numpy="power",
    backward="PowBackward1",
    wide=True,
)
rpow = primitive(
    "rpow",
    _power_of,
    lambda F, g, y, input, other: _slope_of_exponent(F, g, y, input, other),
    None,
    promotes="same",
    backward="PowBackward2",
    wide=True,
)
pow_tensor.accepts = not_bool("pow")

# ---- exponentials and logarithms -----------------------------------------------------------------------------------------------
exp = primitive("exp", "exp", lambda F, g, y: g * y, inputs=X, promotes="float")
exp2 = primitive("exp2", "exp2", lambda F, g, y: g * y * math.log(2), inputs=X, promotes="float")
expm1 = primitive("expm1", "expm1", lambda F, g, y: g * (y + 1), inputs=X, promotes="float")
log = primitive("log", "log", lambda F, g, input: g / input, inputs=X, promotes="float")
log2 = primitive("log2", "log2", lambda F, g, input: g / input * INV_LN2, inputs=X, promotes="float")
log10 = primitive("log10", "log10", lambda F, g, input: g / input * INV_LN10, inputs=X, promotes="float")
log1p = primitive("log1p", "log1p", lambda F, g, input: g / (input + 1), inputs=X, promotes="float")
sqrt = primitive("sqrt", "sqrt", lambda F, g, y: g / (y * 2), inputs=X, promotes="float")
rsqrt = primitive("rsqrt", lambda F, input: 1 / F.sqrt(input), lambda F, g, y: g * -0.5 * (y * y * y), promotes="float", wide=True)
square = primitive("square", "square", lambda F, g, input: g * (input * 2), inputs=X, promotes="same", backward="PowBackward0")
logaddexp = primitive(
    "logaddexp",
    lambda F, input, other: log_of_sum(F, input, other) if is_complex(input) or is_complex(other) else F.logaddexp(input, other),
    lambda F, g, input, other: g / (F.exp(other - input) + 1),
    lambda F, g, input, other: g / (F.exp(input - other) + 1),
    inputs=AB,
    promotes="same",
)
logaddexp2 = primitive(
    "logaddexp2",
    "logaddexp2",
    lambda F, g, input, other: g / (F.exp2(other - input) + 1),
    lambda F, g, input, other: g / (F.exp2(input - other) + 1),
    inputs=AB,
    promotes="same",
)
ldexp = primitive(
    "ldexp",
    lambda F, input, other: input * F.exp2(other),
    lambda F, g, other: g * F.exp2(other),
    lambda F, g, y: g * (y * math.log(2)),
    promotes="float",
    numpy="times_power_of_2",
)
logaddexp.accepts, logaddexp2.accepts = only_float("logaddexp_cpu"), only_real("logaddexp2_cpu")


# ---- trigonometry and hyperbolics ------------------------------------------------------------------------------------------------
sin = primitive("sin", "sin", lambda F, g, input: g * F.cos(input), inputs=X, promotes="float")
cos = primitive("cos", "cos", lambda F, g, input: -g * F.sin(input), inputs=X, promotes="float")
tan = primitive("tan", "tan", lambda F, g, y: g * (y * y + 1), inputs=X, promotes="float")
asin = primitive("asin", "arcsin", lambda F, g, input: g / F.sqrt(1 - input * input), inputs=X, promotes="float")
acos = primitive("acos", "arccos", lambda F, g, input: -g / F.sqrt(1 - input * input), inputs=X, promotes="float")
atan = primitive("atan", "arctan", lambda F, g, input: g / (input * input + 1), inputs=X, promotes="float")
atan2 = primitive(
    "atan2",
    "arctan2",
    lambda F, g, input, other: g * other / sum_of_squares(F, input, other),
    lambda F, g, input, other: -g * input / sum_of_squares(F, input, other),
    inputs=AB,
    promotes="float",
)
sinh = primitive("sinh", "sinh", lambda F, g, input: g * F.cosh(input), inputs=X, promotes="float")
cosh = primitive("cosh", "cosh", lambda F, g, input: g * F.sinh(input), inputs=X, promotes="float")
tanh = primitive("tanh", "tanh", lambda F, g, y: g * (1 - y * y), inputs=X, promotes="float")
asinh = primitive("asinh", "arcsinh", lambda F, g, input: g / F.sqrt(input * input + 1), inputs=X, promotes="float")
acosh = primitive("acosh", "arccosh", lambda F, g, input: g / two_roots(F, input), inputs=X, promotes="float")
atanh = primitive("atanh", "arctanh", lambda F, g, input: g / (1 - input * input), inputs=X, promotes="float")
hypot = primitive(
    "hypot", "hypot", lambda F, g, input, y: g * (input / y), lambda F, g, other, y: g * (other / y), inputs=AB, promotes="same"
)
hypot.accepts = only_real("hypot_cpu")
deg2rad = primitive(
    "deg2rad",
    lambda F, input: input * (math.pi / 180),
    lambda F, g: g * (math.pi / 180),
    promotes="float",
    backward="Deg2RadBackward0",
    wide=True,
)
rad2deg = primitive(
    "rad2deg",
    lambda F, input: input * (180 / math.pi),
    lambda F, g: g * (180 / math.pi),
    promotes="float",
    backward="Rad2DegBackward0",
    wide=True,
)
for _op in (deg2rad, rad2deg):
    _op.accepts = not_complex(_op.name, f"{_op.name} is not supported for complex tensors.", RuntimeError)

# ---- activations ------------------------------------------------------------------------------------------------------------------
relu = primitive(
    "relu",
    lambda F, input: F.clip(input, 0.0, math.inf) if input.dtype.kind == "f" else F.maximum(input, 0),
    lambda F, g, y: F.where_positive(g, y),  # not g * (y > 0): the gradient may be infinite where it does not count
    promotes="same",
)
where_positive = primitive(
    "where_positive",
    lambda F, x, y: F.where(y <= 0, 0, x),
    lambda F, g, y: F.where_positive(g, y),
    None,
    backward="ThresholdBackwardBackward0",
)
sigmoid = primitive("sigmoid", lambda F, input: 1 / (F.exp(-input) + 1), lambda F, g, y: g * (y * (1 - y)), promotes="float", wide=True)
relu.accepts = refuse_bool_and_complex


# ---- rounding ---------------------------------------------------------------------------------------------------------------------
def _rounding(name: str, function: str) -> Any:
    """Whole numbers stay as they are; not every array library leaves their type alone."""
    return primitive(
        name,
        lambda F, input: getattr(F, function)(input) if input.dtype.kind not in "biu" else input.copy(),
        lambda F, g: g * 0,
        promotes="same",
        numpy=function,
    )


floor, ceil, rint, trunc = (_rounding(*names) for names in (("floor", "floor"), ("ceil", "ceil"), ("round", "rint"), ("trunc", "trunc")))
frac = primitive("frac", lambda F, input: input - F.trunc(input), lambda F, g: g, promotes="same")
for _op in (floor, ceil, rint, trunc):
    _op.accepts = only_orderly(f"{_op.name}_vml_cpu", f"{_op.name} is not supported for complex inputs")
frac.accepts = only_real("frac_cpu")


def _round_to(F: Any, x: Any, decimals: int) -> Any:
    scale = 10.0 ** abs(decimals)
    return F.rint(x * scale) / scale if decimals > 0 else F.rint(x / scale) * scale


round_to = primitive(
    "round_to", lambda F, input, decimals=0: _round_to(F, input, decimals), lambda F, g: g * 0, promotes="same", backward="RoundBackward1"
)
round_to.accepts = only_real("round_cpu")

# ---- signs and bits of floats -------------------------------------------------------------------------------------------------------
copysign = primitive(
    "copysign",
    "copysign",
    lambda F, g, input, y: g * (F.sgn(input) * F.sgn(y)),
    lambda F, g: g * 0,
    inputs=AB,
    promotes="float",
)
nextafter = primitive(
    "nextafter", "nextafter", lambda F, g, input, other: g * (input != other), lambda F, g: g * 0, inputs=AB, promotes="same"
)
nextafter.accepts = only_real("nextafter_cpu")
heaviside = primitive(
    "heaviside",
    lambda F, input, other: F.where(input == 0, other, F.cast(input > 0, input.dtype)),
    undefined("heaviside"),
    undefined("heaviside"),
    promotes="same",
    backward=NO_GRADIENT,
)
heaviside.accepts = same_type
nan_to_num = primitive(
    "nan_to_num",
    lambda F, input, nan=0.0, posinf=math.inf, neginf=-math.inf: F.where(
        input != input, nan, F.where(input == math.inf, posinf, F.where(input == -math.inf, neginf, input))
    ),
    lambda F, g, input: F.where(F.isfinite(input), g, 0),
    promotes="same",
    numpy="finite_instead",
    wide=True,
)

frexp = primitive(
    "frexp",
    lambda F, x: _parts(F, x),
    lambda F, g, exponent: g / F.exp2(exponent),
    extra=("exponent",),
)


def _parts(F: Any, x: Any) -> tuple[Any, Any]:
    mantissa, exponent = F.frexp(x)
    return mantissa, exponent[...]


# ---- comparison: no gradient -------------------------------------------------------------------------------------------------------
eq = primitive("eq", "equal", None, None, inputs=AB, promotes="same")
ne = primitive("ne", "not_equal", None, None, inputs=AB, promotes="same")
lt = primitive("lt", "less", None, None, inputs=AB, promotes="same")
le = primitive("le", "less_equal", None, None, inputs=AB, promotes="same")
gt = primitive("gt", "greater", None, None, inputs=AB, promotes="same")
ge = primitive("ge", "greater_equal", None, None, inputs=AB, promotes="same")
for _op in (lt, le, gt, ge):
    _op.accepts = not_complex(f"{_op.name}_cpu")
logical_and = primitive("logical_and", "logical_and", None, None, inputs=AB, promotes="same")
logical_or = primitive("logical_or", "logical_or", None, None, inputs=AB, promotes="same")
logical_xor = primitive("logical_xor", "logical_xor", None, None, inputs=AB, promotes="same")
logical_not = primitive("logical_not", "logical_not", None, inputs=X, promotes="same")
isnan = primitive("isnan", "isnan", None, inputs=X, promotes="same")
isinf = primitive("isinf", "isinf", None, inputs=X, promotes="same")
isfinite = primitive("isfinite", "isfinite", None, inputs=X, promotes="same")
isposinf = primitive("isposinf", lambda F, input: input == math.inf, None, promotes="same")
isneginf = primitive("isneginf", lambda F, input: input == -math.inf, None, promotes="same")
signbit = primitive("signbit", lambda F, input: F.signbit(input) if input.dtype.kind not in "bu" else input != input, None, promotes="same")
for _op, _text in ((isposinf, "isposinf does not support complex inputs."), (isneginf, "isneginf does not support complex inputs.")):
    _op.accepts = not_complex(_op.name, _text, RuntimeError)

# ---- bits -----------------------------------------------------------------------------------------------------------------------------
bitwise_and = primitive("bitwise_and", whole("bitwise_and_cpu", "bitwise_and"), None, None, promotes="same")
bitwise_or = primitive("bitwise_or", whole("bitwise_or_cpu", "bitwise_or"), None, None, promotes="same")
bitwise_xor = primitive("bitwise_xor", whole("bitwise_xor_cpu", "bitwise_xor"), None, None, promotes="same")
left_shift = primitive("bitwise_left_shift", whole("lshift_cpu", "left_shift", "iu"), None, None, promotes="same")
right_shift = primitive("bitwise_right_shift", whole("rshift_cpu", "right_shift", "iu"), None, None, promotes="same")
gcd = primitive("gcd", whole("gcd_cpu", "gcd", "iu"), None, None, promotes="same")
lcm = primitive("lcm", whole("lcm_cpu", "lcm", "iu"), None, None, promotes="same")
bitwise_not = primitive("bitwise_not", inverted, None, promotes="same", numpy="invert")

# ---- type and memory ------------------------------------------------------------------------------------------------------------------
cast = primitive("cast", lambda F, input, dtype=None: F.cast(input, dtype), lambda F, g: g, backward="ToCopyBackward0")
clone = primitive("clone", lambda F, input: input.copy(), lambda F, g: g)
alias = primitive("alias", lambda F, input: input[...], lambda F, g: g, view=True)


def _cast(x: Any, dtype: Any) -> Any:
    return cast.call(x, to_numpy_dtype(dtype))


F.cast = _cast  # type: ignore[attr-defined]
