"""Pointwise functions and methods: arithmetic, exponentials, comparison, their operators, aliases and in-place forms."""

from __future__ import annotations

import math
from typing import Any

from tane.autograd.fitting import namespaces
from tane.dtypes import BOOL, COMPLEX, FLOAT, complex128, float64, result_category
from tane.ops import choice, special
from tane.ops import complex as parts
from tane.ops import pointwise as op
from tane.ops.accepting import tensors_first
from tane.ops.primitive import Primitive
from tane.return_types import return_type
from tane.surface.expose import F32, F64, binary, changed, direct, inplace, inplace_binary, inplace_unary, method, unary, write_out
from tane.tensor import Tensor

__all__ = ["add", "div", "float_power", "frexp", "mul", "nan_to_num", "positive", "pow", "round", "rsub", "square", "sub"]

# Every op of the tables that takes one or two tensors and nothing else becomes a function and a method of its name, and has an in-place form.
TABLE = [
    p for table in (op, choice, parts, special) for p in vars(table).values() if type(p) is Primitive and p.promotes and not p.keywords
]
# fmt: off
OWN = {
    "round", "conj", "add", "sub", "rsub", "mul", "div", "div_floor", "div_trunc", "pow", "rpow", "square", "complex", "polar",
    "clamp_below", "clamp_above", "clamp_min_tensor", "clamp_max_tensor",
}
TENSORS_ONLY = {
    "maximum", "minimum", "fmax", "fmin", "logaddexp", "logaddexp2", "hypot", "atan2", "heaviside", "nextafter", "gcd", "lcm", "ldexp",
}
# fmt: on
NOT_IN_PLACE = {
    "isnan",
    "isinf",
    "isfinite",
    "isposinf",
    "isneginf",
    "signbit",
    "maximum",
    "minimum",
    "fmax",
    "fmin",
    "logaddexp",
    "logaddexp2",
    "angle",
}
# Which operands PyTorch does not take as numbers: the first of these ops, both of the others.
TENSOR_FIRST = TENSORS_ONLY | {"copysign", "fmod", "eq", "ne", "lt", "le", "gt", "ge"}
TENSORS_ALONE = {"logical_and", "logical_or", "logical_xor"}
FUNCTIONS_IN_PLACE = {"gcd", "lcm", "ldexp", "xlogy"}
FORMULAS = {
    "reciprocal": lambda F, x: F.true_divide(1, x, out=x),
    "relu": lambda F, x: F.clip(x, 0.0, math.inf, out=x),
}
ALIASES = {
    "abs": "absolute",
    "acos": "arccos",
    "acosh": "arccosh",
    "asin": "arcsin",
    "asinh": "arcsinh",
    "atan": "arctan",
    "atan2": "arctan2",
    "atanh": "arctanh",
    "div": "divide true_divide",
    "ge": "greater_equal",
    "gt": "greater",
    "le": "less_equal",
    "lt": "less",
    "mul": "multiply",
    "ne": "not_equal",
    "neg": "negative",
    "sub": "subtract",
    "trunc": "fix",
}


COMPOSED = {p.name for p in vars(special).values() if type(p) is Primitive}  # whose functions are no ufuncs


def _bind_table() -> None:
    for p in TABLE:
        if p.name in OWN or len(p.inputs) > 2 or p.name.startswith("special_"):
            continue
        if p.name in TENSOR_FIRST or p.name in TENSORS_ALONE:
            p.accepts = tensors_first(p.name, p.accepts, 2 if p.name in TENSORS_ALONE else 1)
        one = len(p.inputs) == 1
        globals()[p.name] = unary(p) if one else binary(p, p.name not in TENSORS_ONLY)
        __all__.append(p.name)
        if p.name not in NOT_IN_PLACE:
            if p.name in COMPOSED:
                form = inplace(p.call, f"{p.name}_", any("input" in w for w in p.wants))
            else:
                form = inplace_unary(p, FORMULAS.get(p.name)) if one else inplace_binary(p)
            if one or p.name in FUNCTIONS_IN_PLACE:
                globals()[f"{p.name}_"] = form
                __all__.append(f"{p.name}_")


_bind_table()


# ---- arithmetic with arguments ------------------------------------------------------------------------------------------------------
def scaled(input: Any, other: Any, alpha: Any) -> Any:
    """``other * alpha``, where the types allow that factor."""
    highest = max(x.dtype.category for x in (input, other) if isinstance(x, Tensor))
    if highest < FLOAT and isinstance(alpha, float) and not isinstance(other, float):
        raise RuntimeError("For integral input tensors, argument alpha must not be a floating point number.")
    if isinstance(alpha, bool) and highest > BOOL:
        raise RuntimeError("Boolean alpha only supported for Boolean results.")
    if highest == BOOL and isinstance(other, Tensor):
        return other if alpha else op.bitwise_and.call(other, False)
    return op.mul.call(other, alpha) if isinstance(other, Tensor) else other * alpha


@method()
def add(input: Tensor, other: Any, *, alpha: Any = 1, out: Tensor | None = None) -> Tensor:
    """``input + alpha * other``."""
    result: Tensor = op.add.call(input, other if alpha == 1 else scaled(input, other, alpha))
    return result if out is None else write_out(out, result, "add")


@method()
def sub(input: Tensor, other: Any, *, alpha: Any = 1, out: Tensor | None = None) -> Tensor:
    """``input - alpha * other``."""
    result: Tensor = op.sub.call(input, other if alpha == 1 else scaled(input, other, alpha))
    return result if out is None else write_out(out, result, "sub")


def rsub(input: Tensor, other: Any, *, alpha: Any = 1) -> Tensor:
    """``other - alpha * input``."""
    if not isinstance(input, Tensor):
        raise TypeError(f"rsub(): argument 'input' (position 1) must be Tensor, not {type(input).__name__}")
    return op.rsub.call(input if alpha == 1 else scaled(input, input, alpha), other)


def mul(input: Tensor, other: Any, *, out: Tensor | None = None) -> Tensor:
    """``input * other``."""
    result: Tensor = op.mul.call(input, other)
    return result if out is None else write_out(out, result, "mul")


Tensor.mul = mul  # type: ignore[attr-defined]


@method()
def div(input: Tensor, other: Any, *, rounding_mode: str | None = None, out: Tensor | None = None) -> Tensor:
    """``input / other``, rounded to a whole number with ``rounding_mode="floor"`` or ``"trunc"``."""
    if rounding_mode is None:
        result: Tensor = op.div.call(input, other)
    elif rounding_mode == "floor":
        result = op.div_floor.call(input, other)
    elif rounding_mode == "trunc":
        result = op.div_trunc.call(input, other)
    else:
        raise RuntimeError(f"div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '{rounding_mode}'")
    return result if out is None else write_out(out, result, "div")


def power(input: Any, exponent: Any) -> Any:
    """``input ** exponent``; either may be a number, and which one is decides about the op."""
    if (
        type(exponent) is int and isinstance(input, Tensor) and (input.array.dtype is F32 or input.array.dtype is F64)
    ):  # the common case first
        return op.pow_scalar.call(input, exponent)
    if isinstance(exponent, Tensor):
        if isinstance(input, (int, float, complex)):
            return op.rpow.call(exponent, input)
        return op.pow_tensor.call(input, exponent)
    if hasattr(exponent, "item") and not exponent.ndim:  # NumPy's scalars
        exponent = exponent.item()
    if isinstance(exponent, (int, float, complex)) and isinstance(input, Tensor):
        d = input.array.dtype
        if isinstance(exponent, complex) and input.dtype.category < COMPLEX:
            input = input.to(result_category([input.dtype], [], [complex]))
        if d is F32 or d is F64 or input.dtype.category >= FLOAT:
            return op.pow_scalar.call(input, exponent)
        if isinstance(exponent, int) and exponent < 0:
            raise RuntimeError("Integers to negative integer powers are not allowed.")
    return op.pow_tensor.call(input, exponent)


@method()
def pow(input: Any, exponent: Any, *, out: Tensor | None = None) -> Tensor:
    """``input ** exponent``; either may be a number."""
    result: Tensor = power(input, exponent)
    return result if out is None else write_out(out, result, "pow")


@method()
def float_power(input: Any, exponent: Any, *, out: Tensor | None = None) -> Tensor:
    """``input ** exponent`` in float64 (complex128 where either is complex)."""
    wide = (
        complex128 if any(x.dtype.is_complex if isinstance(x, Tensor) else isinstance(x, complex) for x in (input, exponent)) else float64
    )
    a, b = (x.to(wide) if isinstance(x, Tensor) else complex(x) if wide is complex128 else float(x) for x in (input, exponent))
    result: Tensor = power(a, b)
    return result if out is None else write_out(out, result, "float_power")


@method()
def square(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """``input * input``."""
    result: Tensor = op.square.call(input) if not isinstance(input, Tensor) or input.dtype.category else power(input, 2)
    return result if out is None else write_out(out, result, "square")


@method()
def round(input: Tensor, *, decimals: int = 0, out: Tensor | None = None) -> Tensor:
    """The nearest whole number, halves to even; with ``decimals``, the nearest number of that many digits after the point (before it, if negative)."""
    result: Tensor = op.rint.call(input) if decimals == 0 else op.round_to.call(input, decimals)
    return result if out is None else write_out(out, result, "round")


@method()
def nan_to_num(
    input: Tensor, nan: float | None = None, posinf: float | None = None, neginf: float | None = None, *, out: Tensor | None = None
) -> Tensor:
    """NaN replaced by ``nan`` (0), the infinities by ``posinf`` and ``neginf`` (by default the largest and the lowest number of the type)."""
    if input.dtype.category >= FLOAT:
        limits = namespaces[type(input.array)].finfo(input.array.dtype) if input.array.dtype.kind != "V" else None
        high = float(limits.max) if limits else 3.3895313892515355e38
        result: Tensor = op.nan_to_num.call(
            input, 0.0 if nan is None else nan, high if posinf is None else posinf, -high if neginf is None else neginf
        )
    else:
        result = op.clone.call(input)
    return result if out is None else write_out(out, result, "nan_to_num")


@method()
def frexp(input: Tensor, *, out: Any = None) -> Any:
    """The mantissa, in [0.5, 1) or its negative, and the exponent of two of each element, as a named tuple ``(mantissa, exponent)``."""
    if input.dtype.category != FLOAT:
        raise RuntimeError("torch.frexp() only supports floating-point dtypes")
    results = op.frexp.call(input)
    return return_type("frexp", "mantissa", "exponent")(
        results if out is None else [write_out(o, r, "frexp") for o, r in zip(out, results, strict=True)]
    )


@method()
def positive(input: Tensor) -> Tensor:
    """``+input``: the tensor itself."""
    if input.dtype.category == BOOL:
        raise RuntimeError("The `+` operator, on a bool tensor is not supported.")
    return input


# ---- in-place forms -----------------------------------------------------------------------------------------------------------------
_add_, _sub_ = inplace(add, "add_", False, False), inplace(sub, "sub_", False, False)


@method()
def add_(self: Tensor, other: Any, *, alpha: Any = 1) -> Tensor:
    """Add ``alpha * other`` to this tensor."""
    found = direct(self, other)
    if found is None:
        return _add_(self, other, alpha=alpha)
    x, y = found
    try:
        namespaces[type(x)].add(x, y if alpha == 1 else y * alpha, out=x)
    except ValueError:  # the shapes do not go together: the general form says how
        return _add_(self, other, alpha=alpha)
    return changed(self, "add_")


@method()
def sub_(self: Tensor, other: Any, *, alpha: Any = 1) -> Tensor:
    """Take ``alpha * other`` from this tensor."""
    found = direct(self, other)
    if found is None:
        return _sub_(self, other, alpha=alpha)
    x, y = found
    try:
        namespaces[type(x)].subtract(x, y if alpha == 1 else y * alpha, out=x)
    except ValueError:
        return _sub_(self, other, alpha=alpha)
    return changed(self, "sub_")


inplace_binary(op.mul)
_divided = inplace_binary(op.div)
_div_ = inplace(div, "div_", False, False)


@method()
def div_(self: Tensor, other: Any, *, rounding_mode: str | None = None) -> Tensor:
    """Divide this tensor by ``other``; see :func:`div`."""
    return _divided(self, other) if rounding_mode is None else _div_(self, other, rounding_mode=rounding_mode)


pow_, square_, round_, nan_to_num_ = (inplace(_f, f"{_f.__name__}_") for _f in (pow, square, round, nan_to_num))
_float_power_ = inplace(float_power, "float_power_", bind=False)


@method()
def float_power_(self: Tensor, exponent: Any) -> Tensor:
    """In-place form of ``float_power``, of float64 and complex128 tensors only."""
    if self.dtype not in (float64, complex128):
        wide, kind = ("ComplexDouble" if self.dtype.is_complex else "Double"), self.dtype.tensor_name.removesuffix("Tensor")
        raise RuntimeError(f"the base given to float_power_ has dtype {kind} but the operation's result requires dtype {wide}")
    return _float_power_(self, exponent)


_abs_ = globals()["abs_"]


@method("abs_", "absolute_")
def abs_(self: Tensor) -> Tensor:
    """In-place form of ``abs``."""
    if self.array.dtype.kind == "c":
        raise RuntimeError("In-place abs is not supported for complex tensors.")
    return _abs_(self)


for _p in (op.eq, op.ne, op.lt, op.le, op.gt, op.ge):
    inplace(_p.call, f"{_p.name}_")
__all__ += ["nan_to_num_", "round_", "square_"]

for _name, _others in ALIASES.items():
    for _other in _others.split():
        globals()[_other] = globals()[_name]
        setattr(Tensor, _other, getattr(Tensor, _name))
        __all__.append(_other)
        if hasattr(Tensor, f"{_name}_"):
            setattr(Tensor, f"{_other}_", getattr(Tensor, f"{_name}_"))
            if f"{_name}_" in __all__:
                globals()[f"{_other}_"] = globals()[f"{_name}_"]
                __all__.append(f"{_other}_")

# ---- operators ----------------------------------------------------------------------------------------------------------------------
OPERATORS = {
    "add": op.add,
    "sub": op.sub,
    "mul": op.mul,
    "truediv": op.div,
    "floordiv": op.floor_divide,
    "mod": op.remainder,
    "and": op.bitwise_and,
    "or": op.bitwise_or,
    "xor": op.bitwise_xor,
    "lshift": op.left_shift,
    "rshift": op.right_shift,
}
COMMUTATIVE = {"add", "mul", "and", "or", "xor"}
for _name, _p in OPERATORS.items():
    setattr(Tensor, f"__{_name}__", _p.operator)
    setattr(Tensor, f"__r{_name}__", _p.operator if _name in COMMUTATIVE else (lambda call: lambda self, other: call(other, self))(_p.call))
    setattr(Tensor, f"__i{_name}__", getattr(Tensor, f"{_p.name}_"))
for _p in (op.eq, op.ne, op.lt, op.le, op.gt, op.ge):
    setattr(Tensor, f"__{_p.name}__", _p.operator)


def _divides(self: Tensor, other: Any) -> Any:
    """``number / tensor``, as PyTorch computes it: the number times the reciprocal."""
    if isinstance(other, (int, float, complex)):
        return op.mul.call(op.reciprocal.call(self), other)
    return op.div.call(other, self)


def _to_the_power(self: Tensor, other: Any) -> Any:
    if type(other) is int and ((d := self.array.dtype) is F32 or d is F64):  # what power answers, at once
        return op.pow_scalar.call(self, other)
    if not isinstance(other, (Tensor, int, float, complex)) and not hasattr(other, "__array__"):
        return NotImplemented
    return power(self, other)


SPECIAL_METHODS = {
    "__rsub__": op.rsub.operator,
    "__rtruediv__": _divides,
    "__pow__": _to_the_power,
    "__rpow__": lambda self, other: power(other, self),
    "__ipow__": pow_,
    "__neg__": op.neg.call,
    "__abs__": op.absolute.call,
    "__invert__": op.bitwise_not.call,
    "__pos__": positive,
}
for _name, _call in SPECIAL_METHODS.items():
    setattr(Tensor, _name, _call)
