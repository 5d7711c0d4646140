"""Choosing and limiting: where, clamp, masked_fill; and mixing: lerp, addcmul, addcdiv."""

from __future__ import annotations

import math
from typing import Any

from tane.autograd.fitting import namespaces
from tane.backends.backend import backend_of
from tane.convert import as_array
from tane.dtypes import COMPLEX, FLOAT, result_category, uint8
from tane.ops import choice as op
from tane.ops.accepting import unsupported
from tane.ops.pointwise import cast
from tane.ops.recording import mismatch
from tane.surface.expose import F32, F64, changed, direct, inplace, method, write_out
from tane.tensor import Tensor, wrap

__all__ = [
    "addcdiv",
    "addcmul",
    "clamp",
    "clamp_",
    "clamp_max",
    "clamp_max_",
    "clamp_min",
    "clamp_min_",
    "clip",
    "clip_",
    "lerp",
    "masked_fill",
    "where",
]


# ---- where --------------------------------------------------------------------------------------------------------------------------
def where(condition: Tensor, input: Any = None, other: Any = None, *, out: Tensor | None = None) -> Any:
    """``input`` where ``condition`` holds, ``other`` elsewhere; with the condition alone, the indices at which it holds, as a tuple.

    >>> import tane
    >>> tane.where(tane.tensor([True, False]), tane.tensor([1., 2.]), 0.)
    tensor([1., 0.])
    """
    if input is None and other is None:
        return condition.nonzero(as_tuple=True)
    if input is None or other is None:
        raise TypeError(
            "where() received an invalid combination of arguments - got (Tensor, Tensor), but expected one of:\n * (Tensor condition)\n"
            " * (Tensor condition, Tensor input, Tensor other, *, Tensor out = None)\n"
        )
    mask = condition.array
    if mask.dtype.kind != "b":
        if mask.dtype != uint8.numpy:
            raise RuntimeError(f"where expected condition to be a boolean tensor, but got a tensor with dtype {_name(condition)}")
        mask = mask.astype(bool)
    if not isinstance(input, Tensor):
        input = _beside(condition, input, other)
    try:
        result: Tensor = op.where.call(input, other, mask)
    except (ValueError, RuntimeError) as error:
        raise mismatch(op.where, error, mask, input.array, getattr(other, "array", other)) from None  # type: ignore[arg-type]
    return result if out is None else write_out(out, result, "where")


def _name(t: Tensor) -> str:
    return t.dtype.tensor_name.removesuffix("Tensor")


def _beside(condition: Tensor, value: Any, other: Any) -> Tensor:
    """A number as a tensor with no dimensions, in the type that it and the other choice have together."""
    types = [other.dtype] if isinstance(other, Tensor) else []
    ranked = (types, []) if types and other.array.ndim else ([], types)
    weak = result_category(*ranked, [type(v) for v in (value, other) if not isinstance(v, Tensor)])
    return wrap(backend_of(type(condition.array)).from_numpy(as_array(value).astype(weak.numpy)))


method("where")(lambda self, condition, other: where(condition, self, other))


def _first_is_tensor(input: Any, name: str) -> None:
    if not isinstance(input, Tensor):
        raise TypeError(f"{name}(): argument 'input' (position 1) must be Tensor, not {type(input).__name__}")


# ---- clamp --------------------------------------------------------------------------------------------------------------------------
def _limit(input: Tensor, limits: tuple[Any, ...]) -> tuple[Tensor, list[Any]]:
    """A tensor and its limits, which are numbers, in the type that they have together."""
    kind = input.dtype
    if kind.category == COMPLEX:
        raise NotImplementedError("clamp is not supported for complex types")
    for x in limits:
        if x is not None and not isinstance(x, (int, float)):
            raise TypeError(
                f"clamp() received an invalid combination of arguments - got ({', '.join(type(v).__name__ for v in limits)}), but expected one of:\n"
                f" * (Tensor min = None, Tensor max = None)\n * (Number min = None, Number max = None)\n"
            )
    target = result_category([kind], [], [type(x) for x in limits if x is not None])
    if target != kind:
        input = cast.call(input, target.numpy)
    convert = float if target.category == FLOAT and target.numpy.kind == "f" else target.numpy.type
    return input, [None if x is None else convert(x) for x in limits]


@method("clamp", "clip")
def clamp(input: Tensor, min: Any = None, max: Any = None, *, out: Tensor | None = None) -> Tensor:
    """Every element moved into the interval from ``min`` to ``max``, each a number, a tensor or absent; the gradient is 0 outside.

    >>> import tane
    >>> tane.clamp(tane.tensor([-2., 0.5, 3.]), min=0., max=1.)
    tensor([0.0000, 0.5000, 1.0000])
    """
    tensors = [isinstance(x, Tensor) for x in (min, max)]
    if any(tensors):
        if not all(t or x is None for t, x in zip(tensors, (min, max), strict=True)):
            raise TypeError("clamp() received an invalid combination of arguments - min and max are to be two tensors or two numbers")
        if max is None:
            result: Tensor = op.clamp_below.call(input, min)
        elif min is None:
            result = op.clamp_above.call(input, max)
        else:
            result = op.clamp_tensors.call(input, min, max)
    elif min is None and max is None:
        raise RuntimeError("torch.clamp: At least one of 'min' or 'max' must not be None")
    else:
        d = input.array.dtype
        if (d is F32 or d is F64) and type(min) in PLAIN and type(max) in PLAIN:
            result = op.clamp.call(input, min, max)
        else:
            input, (low, high) = _limit(input, (min, max))
            result = op.clamp.call(input, low, high)
    return result if out is None else write_out(out, result, "clamp")


PLAIN = (float, int, type(None))
clip = clamp


@method()
def clamp_min(input: Tensor, min: Any, *, out: Tensor | None = None) -> Tensor:
    """Every element raised to ``min`` at least."""
    _first_is_tensor(input, "clamp_min")
    if isinstance(min, Tensor):
        result: Tensor = op.clamp_min_tensor.call(input, min)
    else:
        input, (low,) = _limit(input, (min,))
        result = op.clamp_min.call(input, low)
    return result if out is None else write_out(out, result, "clamp_min")


@method()
def clamp_max(input: Tensor, max: Any, *, out: Tensor | None = None) -> Tensor:
    """Every element lowered to ``max`` at most."""
    _first_is_tensor(input, "clamp_max")
    if isinstance(max, Tensor):
        result: Tensor = op.clamp_max_tensor.call(input, max)
    else:
        input, (high,) = _limit(input, (max,))
        result = op.clamp_max.call(input, high)
    return result if out is None else write_out(out, result, "clamp_max")


_clamp_, _clamp_min_, _clamp_max_ = (inplace(f, f"{f.__name__}_", bind=False) for f in (clamp, clamp_min, clamp_max))


@method("clamp_", "clip_")
def clamp_(input: Tensor, min: Any = None, max: Any = None) -> Tensor:
    """In-place form of ``clamp``: changes this tensor and returns it."""
    found = direct(input, *(x for x in (min, max) if x is not None))
    if found is None or (min is None and max is None):
        return _clamp_(input, min, max)
    x, *limits = found
    F = namespaces[type(x)]
    if any(hasattr(v, "shape") for v in limits):
        return _clamp_(input, min, max)
    F.clip(x, -math.inf if min is None else min, math.inf if max is None else max, out=x)
    return changed(input, "clamp_")


@method()
def clamp_min_(input: Tensor, min: Any) -> Tensor:
    """In-place form of ``clamp_min``."""
    return _clamp_min_(input, min) if isinstance(min, Tensor) else clamp_(input, min)


@method()
def clamp_max_(input: Tensor, max: Any) -> Tensor:
    """In-place form of ``clamp_max``."""
    return _clamp_max_(input, max) if isinstance(max, Tensor) else clamp_(input, None, max)


clip_ = clamp_


# ---- masked_fill --------------------------------------------------------------------------------------------------------------------
@method()
def masked_fill(input: Tensor, mask: Tensor, value: Any) -> Tensor:
    """A copy with ``value``, a number or a tensor without dimensions, wherever ``mask`` (broadcast) is true."""
    if mask.array.dtype.kind != "b":
        raise RuntimeError(f"masked_fill_ only supports boolean masks, but got mask with dtype {_cpp_name(mask)}")
    try:
        if not isinstance(value, Tensor):
            return op.masked_fill.call(input, mask.array, as_number(input, value))
        if value.array.ndim:
            raise RuntimeError(
                f"masked_fill_ only supports a 0-dimensional value tensor, but got tensor with {value.array.ndim} dimension(s)."
            )
        if value.array.dtype.kind == "c" and input.array.dtype.kind != "c":
            raise RuntimeError(f"value cannot be converted to type {input.dtype} without overflow")
        return op.masked_fill_tensor.call(input, value.to(device=input.device, dtype=input.dtype), mask.array)
    except ValueError as error:
        raise mismatch(op.where, error, input.array, mask.array) from None


def as_number(input: Tensor, value: Any) -> Any:
    """A Python number as the element type of ``input`` holds it."""
    kind = input.dtype
    if kind.category < COMPLEX and isinstance(value, complex):
        raise RuntimeError("value cannot be converted to type without overflow")
    return value if kind.category == FLOAT and kind.numpy.kind == "f" else kind.numpy.type(value)


def _cpp_name(t: Tensor) -> str:
    return {
        "int64": "long int",
        "int32": "int",
        "int16": "short int",
        "int8": "signed char",
        "uint8": "unsigned char",
        "float32": "float",
        "float64": "double",
    }.get(t.dtype.name, t.dtype.name)


_masked_fill_ = inplace(masked_fill, "masked_fill_", False, False)


@method()
def masked_fill_(self: Tensor, mask: Tensor, value: Any) -> Tensor:
    """Put ``value`` wherever ``mask`` (broadcast) is true, in place."""
    found = direct(self, value) if type(value) in (float, int) and mask.array.dtype.kind == "b" else None
    if found is None or mask.array.shape != found[0].shape or type(mask.array) is not type(found[0]):
        return _masked_fill_(self, mask, value)
    found[0][mask.array] = value
    return changed(self, "masked_fill_")


# ---- mixtures -----------------------------------------------------------------------------------------------------------------------
@method()
def lerp(input: Tensor, end: Tensor, weight: Any, *, out: Tensor | None = None) -> Tensor:
    """``input + weight * (end - input)``; ``weight`` is a number or a tensor."""
    if input.dtype.category < FLOAT:
        raise unsupported(f"lerp_kernel_{'tensor' if isinstance(weight, Tensor) else 'scalar'}", input.dtype)
    for name, x in (("end", end), ("weight", weight)):
        if isinstance(x, Tensor) and x.array.dtype != input.array.dtype:
            raise RuntimeError(f"expected dtype {_cpp_name(input)} for `{name}` but got dtype {_cpp_name(x)}")
    try:
        result: Tensor = (op.lerp_tensor if isinstance(weight, Tensor) else op.lerp).call(input, end, weight)
    except ValueError as error:
        raise mismatch(op.where, error, input.array, end.array, getattr(weight, "array", None)) from None
    return result if out is None else write_out(out, result, "lerp")


@method()
def addcmul(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Any = 1, out: Tensor | None = None) -> Tensor:
    """``input + value * tensor1 * tensor2``."""
    result: Tensor = op.addcmul.call(input, tensor1, tensor2, _factor(value, input, tensor1, tensor2))
    return result if out is None else write_out(out, result, "addcmul")


@method()
def addcdiv(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Any = 1, out: Tensor | None = None) -> Tensor:
    """``input + value * tensor1 / tensor2``."""
    if all(x.dtype.category < FLOAT for x in (tensor1, tensor2)):
        raise RuntimeError(
            "Integer division with addcdiv is no longer supported, and in a future  release addcdiv will perform a true division of tensor1 and tensor2. "
            "The historic addcdiv behavior can be implemented as (input + value * torch.trunc(tensor1 / tensor2)).to(input.dtype) for integer inputs "
            "and as (input + value * tensor1 / tensor2) for float inputs. The future addcdiv behavior is just the latter implementation: "
            "(input + value * tensor1 / tensor2), for all dtypes."
        )
    result: Tensor = op.addcdiv.call(input, tensor1, tensor2, value)
    return result if out is None else write_out(out, result, "addcdiv")


def _factor(value: Any, *tensors: Tensor) -> Any:
    """A factor for whole numbers is cut to a whole number."""
    return value if any(x.dtype.category >= FLOAT for x in tensors) or isinstance(value, int) else int(value)


_lerp_, _addcmul_, _addcdiv_ = (inplace(f, f"{f.__name__}_", False, False) for f in (lerp, addcmul, addcdiv))
_lerp_tensor_ = inplace(lerp, "lerp_", True, False)


@method()
def lerp_(self: Tensor, end: Tensor, weight: Any) -> Tensor:
    """Move this tensor towards ``end`` by the share ``weight``."""
    found = direct(self, end, weight)
    if found is None or not isinstance(end, Tensor) or isinstance(weight, Tensor) or found[1].shape != found[0].shape:
        return (_lerp_tensor_ if isinstance(weight, Tensor) else _lerp_)(self, end, weight)
    x, y, w = found
    F = namespaces[type(x)]
    if abs(w) < 0.5:
        step = y - x
        step *= w
        F.add(x, step, out=x)
    else:
        step = y - x
        step *= 1 - w
        F.subtract(y, step, out=x)
    return changed(self, "lerp_")


@method()
def addcmul_(self: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Any = 1) -> Tensor:
    """Add ``value * tensor1 * tensor2`` to this tensor."""
    found = direct(self, tensor1, tensor2, value)
    if found is None or not all(hasattr(v, "shape") and v.shape == found[0].shape for v in found[1:3]):
        return _addcmul_(self, tensor1, tensor2, value=value)
    x, a, b, v = found
    F = namespaces[type(x)]
    if v == 1:
        step = a * b
    else:
        step = a * v
        step *= b
    F.add(x, step, out=x)
    return changed(self, "addcmul_")


@method()
def addcdiv_(self: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Any = 1) -> Tensor:
    """Add ``value * tensor1 / tensor2`` to this tensor."""
    found = direct(self, tensor1, tensor2, value)
    if found is None or not all(hasattr(v, "shape") and v.shape == found[0].shape for v in found[1:3]):
        return _addcdiv_(self, tensor1, tensor2, value=value)
    x, a, b, v = found
    F = namespaces[type(x)]
    if v == 1:
        step = a / b
    else:
        step = a * v
        step /= b
    F.add(x, step, out=x)
    return changed(self, "addcdiv_")
