"""Pointwise functions and methods: arithmetic, exponentials, comparison, their operators and in-place forms."""

from __future__ import annotations

from typing import Any

from tane.ops import pointwise as op
from tane.ops.primitive import Primitive, primitives
from tane.surface.expose import binary, inplace, method, unary, write_out
from tane.tensor import Tensor

# Every op of the pointwise table becomes a function and a method of its name, and has an in-place form.
UNARY = [p for p in primitives.values() if type(p) is Primitive and len(p.inputs) == 1 and p.promotes and not p.keywords]
BINARY = [p for p in primitives.values() if type(p) is Primitive and len(p.inputs) == 2 and p.promotes and not p.keywords]
for _p in UNARY:
    globals()[_p.name] = unary(_p)
    inplace(_p.call, f"{_p.name}_", "input" in _p.wants[0])
for _p in BINARY:
    globals()[_p.name] = binary(_p)
    inplace(_p.call, f"{_p.name}_", any("input" in w for w in _p.wants))


@method()
def add(input: Tensor, other: Any, *, alpha: Any = 1, out: Tensor | None = None) -> Tensor:
    """``input + alpha * other``."""
    result: Tensor = op.add.call(input, other if alpha == 1 else other * alpha)
    return result if out is None else write_out(out, result, "add")


@method("sub", "subtract")
def sub(input: Tensor, other: Any, *, alpha: Any = 1, out: Tensor | None = None) -> Tensor:
    """``input - alpha * other``."""
    result: Tensor = op.sub.call(input, other if alpha == 1 else other * alpha)
    return result if out is None else write_out(out, result, "sub")


@method()
def div(input: Tensor, other: Any, *, rounding_mode: str | None = None, out: Tensor | None = None) -> Tensor:
    """``input / other``, rounded to a whole number with ``rounding_mode="floor"`` or ``"trunc"``."""
    if rounding_mode is None:
        result: Tensor = op.div.call(input, other)
    elif rounding_mode == "floor":
        result = op.floor_divide.call(input, other)
    elif rounding_mode == "trunc":
        quotient = op.div.call(input, other)
        kind = op.add.call(input, other).dtype
        result = op.trunc.call(quotient).to(kind)
    else:
        raise RuntimeError(f"div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '{rounding_mode}'")
    return result if out is None else write_out(out, result, "div")


@method("pow", "__pow__")
def pow(input: Any, exponent: Any, *, out: Tensor | None = None) -> Tensor:
    """``input ** exponent``; either may be a number."""
    if type(exponent) is Tensor or isinstance(exponent, Tensor):
        result: Tensor = op.pow_tensor.call(input, exponent)
    else:
        result = op.pow_scalar.call(input, exponent)
    return result if out is None else write_out(out, result, "pow")


inplace(add, "add_", False)
inplace(sub, "sub_", False)
inplace(div, "div_")
inplace(pow, "pow_")

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
for _name, _p in OPERATORS.items():
    setattr(Tensor, f"__{_name}__", _p.call)
    setattr(Tensor, f"__r{_name}__", (lambda call: lambda self, other: call(other, self))(_p.call))
    setattr(Tensor, f"__i{_name}__", getattr(Tensor, f"{_p.name}_"))
Tensor.__radd__, Tensor.__rmul__ = op.add.call, op.mul.call  # type: ignore[attr-defined]
Tensor.__rpow__ = lambda self, other: op.pow_tensor.call(other, self)  # type: ignore[attr-defined]
Tensor.__ipow__ = Tensor.pow_  # type: ignore[attr-defined]
Tensor.__neg__, Tensor.__abs__, Tensor.__invert__ = op.neg.call, op.absolute.call, op.bitwise_not.call  # type: ignore[attr-defined]
Tensor.__pos__ = lambda self: self  # type: ignore[attr-defined]
for _name in ("eq", "ne", "lt", "le", "gt", "ge"):
    setattr(Tensor, f"__{_name}__", primitives[_name].call)
