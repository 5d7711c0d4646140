"""Which element types an op takes: checks for ``Primitive.accepts``, which raise what PyTorch raises for the others.

They are asked off the hot path only, so never for float32 and float64, which every op takes but those on bits; see :func:`whole`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tane.dtypes import BOOL, COMPLEX, FLOAT, dtype, from_numpy_dtype

__all__ = [
    "inverted",
    "not_bool",
    "not_complex",
    "only_float",
    "only_orderly",
    "only_real",
    "refuse_bool_and_complex",
    "refuse_bool_difference",
    "refuse_bool_negation",
    "same_type",
    "tensors_first",
    "whole",
]

Check = Callable[[dtype, Any], None]  # of the promoted type and the operands


def unsupported(kernel: str, kind: dtype) -> NotImplementedError:
    return NotImplementedError(f"\"{kernel}\" not implemented for '{kind.tensor_name.removesuffix('Tensor')}'")


def _refusing(test: Callable[[dtype], bool], kernel: str, text: str | None, error: type[Exception] = NotImplementedError) -> Check:
    def check(kind: dtype, operands: Any) -> None:
        if test(kind):
            raise unsupported(kernel, kind) if text is None else error(text)

    return check


def not_bool(kernel: str) -> Check:
    """Numbers of any kind."""
    return _refusing(lambda kind: kind.category == BOOL, kernel, None)


def not_complex(kernel: str, text: str | None = None, error: type[Exception] = NotImplementedError) -> Check:
    """Whatever has an order."""
    return _refusing(lambda kind: kind.category == COMPLEX, kernel, text, error)


def tensors_first(name: str, check: Check | None, count: int = 1) -> Check:
    """``check``, after making sure that the first ``count`` operands are tensors, not numbers."""

    def first(kind: dtype, operands: Any) -> None:
        for number, (operand, argument) in enumerate(zip(operands[:count], ("input", "other")), 1):
            if isinstance(operand, (bool, int, float, complex)):
                raise TypeError(f"{name}(): argument '{argument}' (position {number}) must be Tensor, not {type(operand).__name__}")
        if check is not None:
            check(kind, operands)

    return first


def only_float(kernel: str) -> Check:
    """Floating-point numbers and complex ones."""
    return _refusing(lambda kind: kind.category < FLOAT, kernel, None)


def only_real(kernel: str) -> Check:
    """Floating-point numbers."""
    return _refusing(lambda kind: kind.category != FLOAT, kernel, None)


def refuse_bool_negation(kind: dtype, operands: Any) -> None:
    if kind.category == BOOL:
        raise RuntimeError(
            "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logical_not()` "
            "operator instead."
        )


def refuse_bool_difference(kind: dtype, operands: Any) -> None:
    if kind.category == BOOL:
        raise RuntimeError(
            "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` operator instead."
        )
    if any(x.array.dtype.kind == "b" if hasattr(x, "array") else type(x) is bool for x in operands):
        raise RuntimeError(
            "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logical_not()` "
            "operator instead."
        )


def same_type(kind: dtype, operands: Any) -> None:
    """Real operands of one type only."""
    if kind.category == COMPLEX:
        raise RuntimeError("heaviside is not yet implemented for complex tensors.")
    if len({x.array.dtype for x in operands if hasattr(x, "array")}) > 1:
        raise RuntimeError("heaviside is not yet implemented for tensors with different dtypes.")


def only_orderly(kernel: str, text: str) -> Check:
    """Real numbers: neither bools nor complex numbers."""

    def check(kind: dtype, operands: Any) -> None:
        if kind.category == BOOL:
            raise unsupported(kernel, kind)
        if kind.category == COMPLEX:
            raise NotImplementedError(text)

    return check


def refuse_bool_and_complex(kind: dtype, operands: Any) -> None:
    if kind.category == BOOL:
        raise RuntimeError("Boolean inputs not supported for relu")
    if kind.category == COMPLEX:
        raise NotImplementedError("clamp is not supported for complex types")


def whole(kernel: str, function: str, kinds: str = "biu") -> Any:
    """The forward of an op on bits: the function of ``F`` of that name, for whole numbers and bools (``kinds``) only."""

    def forward(F: Any, input: Any, other: Any) -> Any:
        for x in (input, other):
            if hasattr(x, "dtype") and x.dtype.kind not in kinds:
                raise unsupported(kernel, from_numpy_dtype(x.dtype))
        return getattr(F, function)(input, other)

    return forward


def inverted(F: Any, input: Any) -> Any:
    """The forward of ``bitwise_not``."""
    if input.dtype.kind not in "biu":
        raise unsupported("bitwise_not_cpu", from_numpy_dtype(input.dtype))
    return F.invert(input)
