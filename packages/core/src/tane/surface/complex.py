"""Complex numbers: their parts, and tensors made of two real ones."""

from __future__ import annotations

from typing import Any

from tane.autocasting import to_float
from tane.dtypes import FLOAT
from tane.ops import complex as op
from tane.ops.accepting import unsupported
from tane.surface.expose import inplace, method, write_out
from tane.tensor import Tensor

__all__ = [
    "complex",
    "conj",
    "conj_physical",
    "conj_physical_",
    "imag",
    "is_conj",
    "is_neg",
    "polar",
    "real",
    "resolve_conj",
    "resolve_neg",
    "view_as_complex",
    "view_as_real",
]


def real(input: Tensor) -> Tensor:
    """The real part, a view; of a real tensor itself."""
    return op.real.call(input) if input.array.dtype.kind == "c" else input


def imag(input: Tensor) -> Tensor:
    """The imaginary part, a view."""
    if input.array.dtype.kind != "c":
        raise RuntimeError("imag is not implemented for tensors with non-complex dtypes.")
    return op.imag.call(input)


def _set_real(self: Tensor, value: Any) -> None:
    real(self).copy_(value) if isinstance(value, Tensor) else real(self).fill_(value)


def _set_imag(self: Tensor, value: Any) -> None:
    imag(self).copy_(value) if isinstance(value, Tensor) else imag(self).fill_(value)


Tensor.real, Tensor.imag = property(real, _set_real), property(imag, _set_imag)  # type: ignore[attr-defined]


def view_as_real(input: Tensor) -> Tensor:
    """A complex tensor seen as a real one with a last dimension of 2: real and imaginary parts."""
    if input.array.dtype.kind != "c":
        raise RuntimeError("view_as_real is only supported for complex tensors")
    return op.view_as_real.call(input)


@to_float
def view_as_complex(input: Tensor) -> Tensor:
    """A real tensor whose last dimension has size 2 seen as a complex one."""
    return op.view_as_complex.call(input)


def _two_reals(a: Tensor, b: Tensor, name: str, names: tuple[str, str]) -> None:
    for position, (x, argument) in enumerate(zip((a, b), names, strict=True), 1):
        if not isinstance(x, Tensor):
            raise TypeError(f"{name}(): argument '{argument}' (position {position}) must be Tensor, not {type(x).__name__}")
    if a.dtype.category != FLOAT or b.dtype.category != FLOAT:
        kinds = " and ".join(x.dtype.tensor_name.removesuffix("Tensor") for x in (a, b))
        raise RuntimeError(f"Expected both inputs to be Half, Float or Double tensors but got {kinds}")
    if a.dtype != b.dtype:
        first, second = (x.dtype.tensor_name.removesuffix("Tensor") for x in (a, b))
        raise RuntimeError(f"Expected object of scalar type {first} but got scalar type {second} for second argument")
    if a.dtype.itemsize < 4:
        raise unsupported(f"{name}_cpu", a.dtype)


def complex(real: Tensor, imag: Tensor, *, out: Tensor | None = None) -> Tensor:
    """A complex tensor of two real ones of the same type."""
    _two_reals(real, imag, "complex", ("real", "imag"))
    result: Tensor = op.complex_.call(real, imag)
    return result if out is None else write_out(out, result, "complex")


@to_float
def polar(abs: Tensor, angle: Tensor, *, out: Tensor | None = None) -> Tensor:
    """A complex tensor of lengths and angles."""
    _two_reals(abs, angle, "polar", ("abs", "angle"))
    result: Tensor = op.polar.call(abs, angle)
    return result if out is None else write_out(out, result, "polar")


@method()
def conj(input: Tensor) -> Tensor:
    """The conjugate; a real tensor itself."""
    return op.conj.call(input) if input.array.dtype.kind == "c" else input


# Conjugates and negatives are computed at once here, so nothing is ever left to resolve.
@method()
def conj_physical(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The conjugate; a real tensor itself."""
    result: Tensor = op.conj.call(input) if input.array.dtype.kind == "c" else input
    return result if out is None else write_out(out, result, "conj_physical")


conj_physical_ = inplace(conj_physical, "conj_physical_")


@method()
def resolve_conj(input: Tensor) -> Tensor:
    """The tensor itself."""
    return input


@method()
def resolve_neg(input: Tensor) -> Tensor:
    """The tensor itself."""
    return input


@method()
def is_conj(input: Tensor) -> bool:
    """False: conjugates are computed at once."""
    return False


@method()
def is_neg(input: Tensor) -> bool:
    """False: negatives are computed at once."""
    return False
