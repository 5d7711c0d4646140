"""The table of pointwise ops: a line each, forward and gradients.

``g`` is the gradient of the output ``y``. Formulas are plain operators and functions of ``F``; how they are written, and what their parameter names
mean, stands in :mod:`tane.ops.primitive`.
"""

from __future__ import annotations

import math
from typing import Any

from tane.dtypes import to_numpy_dtype
from tane.ops.primitive import F, primitive

__all__: list[str] = []

AB = ("input", "other")
X = ("input",)
INV_LN2, INV_LN10 = 1 / math.log(2), 1 / math.log(10)
TWO_OVER_SQRT_PI = 2 / math.sqrt(math.pi)

# ---- arithmetic -----------------------------------------------------------------------------------------------------------------
add = primitive("add", "add", lambda F, g: g, lambda F, g: g, inputs=AB, promotes="same")
sub = primitive("sub", "subtract", lambda F, g: g, lambda F, g: -g, inputs=AB, promotes="same")
mul = primitive("mul", "multiply", lambda F, g, other: g * other, lambda F, g, input: g * input, inputs=AB, promotes="same")
div = primitive("div", "true_divide", lambda F, g, other: g / other, lambda F, g, y, other: -g * y / other, inputs=AB, promotes="float")
neg = primitive("neg", "negative", lambda F, g: -g, inputs=X, promotes="same")
reciprocal = primitive("reciprocal", lambda F, input: 1 / input, lambda F, g, y: -g * (y * y), promotes="float")
floor_divide = primitive("floor_divide", "floor_divide", None, None, inputs=AB, promotes="same")
remainder = primitive(
    "remainder", "remainder", lambda F, g: g, lambda F, g, input, other: -g * F.floor(input / other), inputs=AB, promotes="same"
)
fmod = primitive("fmod", "fmod", lambda F, g: g, lambda F, g, input, other: -g * F.trunc(input / other), inputs=AB, promotes="same")
absolute = primitive("abs", "absolute", lambda F, g, input: g * F.sign(input), inputs=X, promotes="same")
sign = primitive("sign", "sign", lambda F, g: g * 0, inputs=X, promotes="same")


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
    return F.power(x, exponent)


pow_scalar = primitive(
    "pow_scalar",
    lambda F, self, exponent=1.0: _power(F, self, exponent),
    lambda F, g, self, exponent: (
        g * 0 if exponent == 0 else g * (self * 2) if exponent == 2 else g * (exponent * _power(F, self, exponent - 1))
    ),
    promotes="same",
    backward="PowBackward0",
)
pow_tensor = primitive(
    "pow",
    "power",
    lambda F, g, input, other: g * (other * F.power(input, F.where(other == 0, 1, other - 1))),
    lambda F, g, y, input, other: g * F.where((input == 0) & (other >= 0), 0, y * F.log(F.where(input == 0, 1, input))),
    inputs=AB,
    promotes="same",
    backward="PowBackward1",
)

# ---- exponentials and logarithms -----------------------------------------------------------------------------------------------
exp = primitive("exp", "exp", lambda F, g, y: g * y, inputs=X, promotes="float")
exp2 = primitive("exp2", "exp2", lambda F, g, y: g * y * math.log(2), inputs=X, promotes="float")
expm1 = primitive("expm1", "expm1", lambda F, g, y: g * (y + 1), inputs=X, promotes="float")
log = primitive("log", "log", lambda F, g, input: g / input, inputs=X, promotes="float")
log2 = primitive("log2", "log2", lambda F, g, input: g / input * INV_LN2, inputs=X, promotes="float")
log10 = primitive("log10", "log10", lambda F, g, input: g / input * INV_LN10, inputs=X, promotes="float")
log1p = primitive("log1p", "log1p", lambda F, g, input: g / (input + 1), inputs=X, promotes="float")
sqrt = primitive("sqrt", "sqrt", lambda F, g, y: g / (y * 2), inputs=X, promotes="float")
rsqrt = primitive("rsqrt", lambda F, input: 1 / F.sqrt(input), lambda F, g, y: g * -0.5 * (y * y * y), promotes="float")
square = primitive("square", "square", lambda F, g, input: g * (input * 2), inputs=X, promotes="same", backward="PowBackward0")
logaddexp = primitive(
    "logaddexp",
    "logaddexp",
    lambda F, g, input, y: g * F.exp(input - y),
    lambda F, g, other, y: g * F.exp(other - y),
    inputs=AB,
    promotes="float",
)

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
    lambda F, g, input, other: g * other / (input * input + other * other),
    lambda F, g, input, other: -g * input / (input * input + other * other),
    inputs=AB,
    promotes="float",
)
sinh = primitive("sinh", "sinh", lambda F, g, input: g * F.cosh(input), inputs=X, promotes="float")
cosh = primitive("cosh", "cosh", lambda F, g, input: g * F.sinh(input), inputs=X, promotes="float")
tanh = primitive("tanh", "tanh", lambda F, g, y: g * (1 - y * y), inputs=X, promotes="float")
asinh = primitive("asinh", "arcsinh", lambda F, g, input: g / F.sqrt(input * input + 1), inputs=X, promotes="float")
acosh = primitive("acosh", "arccosh", lambda F, g, input: g / F.sqrt(input * input - 1), inputs=X, promotes="float")
atanh = primitive("atanh", "arctanh", lambda F, g, input: g / (1 - input * input), inputs=X, promotes="float")
hypot = primitive(
    "hypot", "hypot", lambda F, g, input, y: g * (input / y), lambda F, g, other, y: g * (other / y), inputs=AB, promotes="same"
)

# ---- activations ------------------------------------------------------------------------------------------------------------------
relu = primitive("relu", lambda F, input: F.maximum(input, 0), lambda F, g, y: g * (y > 0), promotes="same")
sigmoid = primitive("sigmoid", lambda F, input: 1 / (F.exp(-input) + 1), lambda F, g, y: g * (y * (1 - y)), promotes="float")

# ---- choice -------------------------------------------------------------------------------------------------------------------------
# On a tie the gradient is shared equally, as in PyTorch.
maximum = primitive(
    "maximum",
    "maximum",
    lambda F, g, input, other: g * _share(input > other, input == other),
    lambda F, g, input, other: g * _share(other > input, input == other),
    inputs=AB,
    promotes="same",
)
minimum = primitive(
    "minimum",
    "minimum",
    lambda F, g, input, other: g * _share(input < other, input == other),
    lambda F, g, input, other: g * _share(other < input, input == other),
    inputs=AB,
    promotes="same",
)
fmax = primitive(
    "fmax",
    "fmax",
    lambda F, g, input, other: g * ((input >= other) | (other != other)),
    lambda F, g, input, other: g * ((input < other) | (input != input)),
    inputs=AB,
    promotes="same",
)
fmin = primitive(
    "fmin",
    "fmin",
    lambda F, g, input, other: g * ((input <= other) | (other != other)),
    lambda F, g, input, other: g * ((input > other) | (input != input)),
    inputs=AB,
    promotes="same",
)


def _share(wins: Any, ties: Any) -> Any:
    return wins + ties * 0.5


# ---- rounding ---------------------------------------------------------------------------------------------------------------------
floor = primitive("floor", "floor", lambda F, g: g * 0, inputs=X, promotes="same")
ceil = primitive("ceil", "ceil", lambda F, g: g * 0, inputs=X, promotes="same")
rint = primitive("round", "rint", lambda F, g: g * 0, inputs=X, promotes="same")
trunc = primitive("trunc", "trunc", lambda F, g: g * 0, inputs=X, promotes="same")

# ---- complex ----------------------------------------------------------------------------------------------------------------------
conj = primitive("conj", "conj", lambda F, g: F.conj(g), inputs=X, promotes="same", holomorphic=False)

# ---- comparison: no gradient -------------------------------------------------------------------------------------------------------
eq = primitive("eq", "equal", None, None, inputs=AB, promotes="same")
ne = primitive("ne", "not_equal", None, None, inputs=AB, promotes="same")
lt = primitive("lt", "less", None, None, inputs=AB, promotes="same")
le = primitive("le", "less_equal", None, None, inputs=AB, promotes="same")
gt = primitive("gt", "greater", None, None, inputs=AB, promotes="same")
ge = primitive("ge", "greater_equal", None, None, inputs=AB, promotes="same")
logical_and = primitive("logical_and", "logical_and", None, None, inputs=AB, promotes="same")
logical_or = primitive("logical_or", "logical_or", None, None, inputs=AB, promotes="same")
logical_xor = primitive("logical_xor", "logical_xor", None, None, inputs=AB, promotes="same")
logical_not = primitive("logical_not", "logical_not", None, inputs=X, promotes="same")
isnan = primitive("isnan", "isnan", None, inputs=X, promotes="same")
isinf = primitive("isinf", "isinf", None, inputs=X, promotes="same")
isfinite = primitive("isfinite", "isfinite", None, inputs=X, promotes="same")
signbit = primitive("signbit", "signbit", None, inputs=X, promotes="same")
bitwise_and = primitive("bitwise_and", "bitwise_and", None, None, inputs=AB, promotes="same")
bitwise_or = primitive("bitwise_or", "bitwise_or", None, None, inputs=AB, promotes="same")
bitwise_xor = primitive("bitwise_xor", "bitwise_xor", None, None, inputs=AB, promotes="same")
bitwise_not = primitive("bitwise_not", "invert", None, inputs=X, promotes="same")
left_shift = primitive("bitwise_left_shift", "left_shift", None, None, inputs=AB, promotes="same")
right_shift = primitive("bitwise_right_shift", "right_shift", None, None, inputs=AB, promotes="same")

# ---- three operands -----------------------------------------------------------------------------------------------------------------
where = primitive(
    "where",
    lambda F, input, other, condition=None: F.where(condition, input, other),
    lambda F, g, condition: F.where(condition, g, 0),
    lambda F, g, condition: F.where(condition, 0, g),
    promotes="same",
    numpy="select_where",
)
cast = primitive("cast", lambda F, input, dtype=None: F.cast(input, dtype), lambda F, g: g, backward="ToCopyBackward0")
clone = primitive("clone", lambda F, input: input.copy(), lambda F, g: g)
alias = primitive("alias", lambda F, input: input[...], lambda F, g: g, view=True)


# ---- spellings that take arguments in NumPy's order --------------------------------------------------------------------------------
def _where(condition: Any, a: Any, b: Any) -> Any:
    return where.call(a, b, getattr(condition, "array", condition))


def _cast(x: Any, dtype: Any) -> Any:
    return cast.call(x, to_numpy_dtype(dtype))


F.where, F.cast = _where, _cast
