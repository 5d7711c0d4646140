"""Samples of the pointwise ops: each in a usual shape, 0-d, empty and broadcast."""

from __future__ import annotations

from typing import Any

import numpy as np

from tane.testing.sample import ALL, COMPLEX, DOUBLE, FLOATS, INTEGERS, REALS, Sample, draw, dtype_named
from tane.testing.samples.table import add, pointwise

_f: Any

UNIT = {"low": -0.9, "high": 0.9}
POSITIVE = {"low": 0.2, "high": 3.0}
NONZERO = {"nonzero": True}
SMALL = {"low": -3, "high": 4}
FLOATS_AND_COMPLEX = (*FLOATS, *COMPLEX)
WHOLE = (*INTEGERS, "bool")

# ---- arithmetic -----------------------------------------------------------------------------------------------------------------
for _name, _f in {"add": np.add, "mul": np.multiply}.items():
    pointwise(_name, _f, 2, dtypes=ALL)
pointwise("sub", np.subtract, 2, dtypes=(*FLOATS, "int64", "int32", *COMPLEX))
pointwise("div", np.true_divide, 2, dtypes=(*REALS, *COMPLEX), domains=[{}, NONZERO])
pointwise("neg", np.negative, dtypes=(*FLOATS, "int64", *COMPLEX))
pointwise("reciprocal", lambda x: 1 / x, dtypes=(*FLOATS_AND_COMPLEX, "int64"), domains=[NONZERO])
pointwise(
    "floor_divide",
    np.floor_divide,
    2,
    dtypes=REALS,
    domains=[SMALL, NONZERO],
    skips={"float16": "the quotient may round to the next integer", "gradients": "none, as in PyTorch"},
)
pointwise("remainder", np.remainder, 2, dtypes=("float64", "float32", *INTEGERS), domains=[{"low": -5, "high": 5}, NONZERO])
pointwise("fmod", np.fmod, 2, dtypes=("float64", "float32", *INTEGERS), domains=[{"low": -5, "high": 5}, NONZERO])
pointwise("abs", np.absolute, dtypes=(*REALS, *COMPLEX), domains=[NONZERO])
pointwise("sign", np.sign, dtypes=REALS)
for _exponent in (2, 3, 0.5, 1, 0, -1, 2.5, -2):
    pointwise(
        "pow_scalar",
        lambda x, exponent: x**exponent,
        dtypes=FLOATS if _exponent != 2 else (*FLOATS, *COMPLEX, "int64"),
        domains=[POSITIVE],
        kwargs={"exponent": _exponent},
        label=f"exponent {_exponent}",
    )
pointwise("pow", np.power, 2, dtypes=FLOATS, domains=[POSITIVE, {}])
add(
    "pow",
    Sample(
        (np.array([0.0, 0.0, 1.5]), np.array([2.0, 1.0, 2.0])),
        name="base 0",
        dtypes=DOUBLE,
        skips={"gradient": "one-sided at 0", "second": "one-sided at 0"},
    ),
)

for _shape in [(2, 3), (), (0,)]:
    add("rpow", Sample((draw(*_shape), 1.7), name="a number to the power", dtypes=FLOATS, reference=lambda x, base: np.power(base, x)))
pointwise("rsub", lambda x, y: y - x, 2, dtypes=(*FLOATS, "int64", *COMPLEX))
pointwise("div_floor", lambda x, y: np.floor(x / y), 2, domains=[SMALL, NONZERO], dtypes=("float64", "float32"))
pointwise("div_trunc", lambda x, y: np.trunc(x / y), 2, domains=[SMALL, NONZERO], dtypes=("float64", "float32"))
pointwise("copysign", np.copysign, 2, domains=[NONZERO, NONZERO])
pointwise("nextafter", None, 2, dtypes=("float64", "float32"), skips={"gradients": "none, as in PyTorch"})
pointwise("heaviside", np.heaviside, 2, domains=[NONZERO, {}], skips={"gradients": "none, as in PyTorch"})
for _name, _f in {"gcd": np.gcd, "lcm": np.lcm}.items():
    pointwise(_name, _f, 2, dtypes=("int64", "int32"), domains=[{"low": -20, "high": 20}, {"low": 1, "high": 20}])
for _name, _f in {"deg2rad": np.deg2rad, "rad2deg": np.rad2deg}.items():
    pointwise(_name, _f, dtypes=("float64", "float32", "int64"))
pointwise(
    "nan_to_num",
    lambda x, nan, posinf, neginf: np.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf),
    kwargs={"nan": 0.5, "posinf": 9.0, "neginf": -9.0},
)
_special = Sample(
    (np.array([np.nan, np.inf, -np.inf, 1.0]),), {"nan": 0.5, "posinf": 9.0, "neginf": -9.0}, name="special values", dtypes=DOUBLE
)
_replaced = lambda x, **_: np.array([0.5, 9.0, -9.0, 1.0])
add("nan_to_num", _special.but(reference=_replaced, skips=dict.fromkeys(("gradient", "second"), "no steps from infinity")))

pointwise("frexp", np.frexp, dtypes=FLOATS, domains=[NONZERO])

# ---- exponentials and logarithms -------------------------------------------------------------------------------------------------
for _name, _f in {"exp": np.exp, "exp2": np.exp2, "expm1": np.expm1}.items():
    pointwise(_name, _f, dtypes=(*FLOATS_AND_COMPLEX, "int64") if _name == "exp" else (*FLOATS, "int64"))
for _name, _f in {"log": np.log, "log2": np.log2, "log10": np.log10, "sqrt": np.sqrt}.items():
    pointwise(_name, _f, dtypes=(*FLOATS_AND_COMPLEX, "int64") if _name in ("log", "sqrt") else (*FLOATS, "int64"), domains=[POSITIVE])
pointwise("log1p", np.log1p, dtypes=(*FLOATS, "int64"), domains=[{"low": -0.7, "high": 3}])
pointwise("rsqrt", lambda x: 1 / np.sqrt(x), dtypes=FLOATS_AND_COMPLEX, domains=[POSITIVE])
pointwise("square", np.square, dtypes=(*REALS, *COMPLEX))
pointwise("logaddexp", np.logaddexp, 2)
pointwise("logaddexp2", np.logaddexp2, 2)
pointwise("ldexp", lambda x, e: x * 2.0**e, 2, dtypes=("float64", "float32"))

# ---- trigonometry and hyperbolics -------------------------------------------------------------------------------------------------
for _name, _f in {"sin": np.sin, "cos": np.cos, "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh}.items():
    pointwise(_name, _f, dtypes=(*FLOATS_AND_COMPLEX, "int64"))
for _name, _f in {"atan": np.arctan, "asinh": np.arcsinh}.items():
    pointwise(_name, _f, dtypes=(*FLOATS, "int64"))
for _name, _f in {"tan": np.tan, "asin": np.arcsin, "acos": np.arccos, "atanh": np.arctanh}.items():
    pointwise(_name, _f, domains=[UNIT])
pointwise("acosh", np.arccosh, domains=[{"low": 1.2, "high": 4}])
pointwise("atan2", np.arctan2, 2, domains=[NONZERO, NONZERO])
pointwise("hypot", np.hypot, 2, domains=[NONZERO, NONZERO])

# ---- activations -----------------------------------------------------------------------------------------------------------------
pointwise("relu", lambda x: np.maximum(x, 0), dtypes=(*FLOATS, "int64"), domains=[NONZERO])
pointwise("where_positive", lambda x, y: np.where(y <= 0, 0, x), 2, dtypes=FLOATS, domains=[{}, NONZERO])
pointwise("sigmoid", lambda x: 1 / (1 + np.exp(-x)), dtypes=(*FLOATS, "int64"))

# ---- rounding --------------------------------------------------------------------------------------------------------------------
for _name, _f in {"floor": np.floor, "ceil": np.ceil, "round": np.rint, "trunc": np.trunc}.items():
    pointwise(_name, _f, domains=[{"low": -3.4, "high": 3.4}])
pointwise("round_to", lambda x, decimals: np.round(x, decimals), kwargs={"decimals": 1}, dtypes=("float64", "float32"))
pointwise("frac", lambda x: x - np.trunc(x), domains=[{"low": -3.4, "high": 3.4}])

# ---- comparison and logic: no gradient ------------------------------------------------------------------------------------------------
for _name, _f in {"eq": np.equal, "ne": np.not_equal, "lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal}.items():
    pointwise(_name, _f, 2, dtypes=(*REALS, "bool", *(COMPLEX if _name in ("eq", "ne") else ())), domains=[SMALL, SMALL])
for _name, _f in {"logical_and": np.logical_and, "logical_or": np.logical_or, "logical_xor": np.logical_xor}.items():
    pointwise(_name, _f, 2, dtypes=(*REALS, "bool"), domains=[SMALL, SMALL])
pointwise("logical_not", np.logical_not, dtypes=(*REALS, "bool"), domains=[SMALL])
for _name, _f in {
    "isnan": np.isnan,
    "isinf": np.isinf,
    "isfinite": np.isfinite,
    "signbit": np.signbit,
    "isneginf": np.isneginf,
    "isposinf": np.isposinf,
}.items():
    pointwise(_name, _f, dtypes=FLOATS)
    add(_name, Sample((np.array([np.nan, np.inf, -np.inf, -0.0, 1.0]),), name="special values", dtypes=DOUBLE, reference=_f))
for _name, _f in {"bitwise_and": np.bitwise_and, "bitwise_or": np.bitwise_or, "bitwise_xor": np.bitwise_xor}.items():
    pointwise(_name, _f, 2, dtypes=WHOLE, domains=[SMALL, SMALL])
pointwise("bitwise_not", lambda x: x ^ (x.dtype.type(1) if x.dtype.kind == "b" else x.dtype.type(-1)), dtypes=("int64", "int32", "bool"))
for _name, _f in {"bitwise_left_shift": np.left_shift, "bitwise_right_shift": np.right_shift}.items():
    pointwise(_name, _f, 2, dtypes=INTEGERS, domains=[{"low": 0, "high": 8}, {"low": 0, "high": 4}])


# ---- copies and types -------------------------------------------------------------------------------------------------------------
for _shape in [(2, 3), (), (0,)]:
    for _to in ("float32", "float64", "float16", "bfloat16", "complex64"):
        _from = tuple(d for d in (*FLOATS, *(COMPLEX if _to == "complex64" else ())) if d != _to)
        _skips = dict.fromkeys(("gradient", "second"), "a narrower type rounds away the step") if _to != "float64" else {}
        add("cast", Sample((draw(*_shape),), {"dtype": dtype_named(_to).numpy}, name=f"to {_to}", dtypes=_from, skips=_skips))
    add("cast", Sample((draw(*_shape),), {"dtype": dtype_named("int64").numpy}, name="to int64", dtypes=("float64", "bool", "uint8")))
    for _name in ("clone", "clone_as_laid"):
        add(_name, Sample((draw(*_shape),), dtypes=ALL, reference=lambda x: x))
    add("alias", Sample((draw(*_shape),), dtypes=ALL, reference=lambda x: x))
