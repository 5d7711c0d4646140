"""Complex numbers: their parts, their angle, and the views that show them as pairs of reals.

Gradients follow PyTorch's convention (the conjugate of the derivative), and these formulas spell it out themselves: ``holomorphic=False``.
"""

from __future__ import annotations

import math
from typing import Any

from tane.ops.primitive import primitive

__all__ = ["is_complex"]

X = ("input",)


def is_complex(x: Any) -> bool:
    """Whether ``x``, raw or a Tensor, holds complex numbers."""
    return bool(getattr(x, "array", x).dtype.kind == "c")


conj = primitive("conj", "conj", lambda F, g: F.conj(g), inputs=X, promotes="same", holomorphic=False)


# ---- direction ----------------------------------------------------------------------------------------------------------------------
def _turned(F: Any, g: Any, x: Any, y: Any) -> Any:
    """The gradient of ``x / |x|``: what of ``g`` is at right angles to it, over ``|x|``; 0 for reals, and at 0."""
    if not is_complex(x):
        return g * 0
    size = F.absolute(x)
    across = g - y * F.real(g * F.conj(y))
    return F.where(size == 0, 0, across / F.where(size == 0, 1, size))


def signs(F: Any, input: Any) -> Any:
    """1, 0 or -1, and 0 for NaN; ``x / |x|`` of complex numbers."""
    if input.dtype.kind == "c":
        return F.sign(input)
    return input.copy() if input.dtype.kind == "b" else ((input > 0).view("int8") - (input < 0).view("int8")).astype(input.dtype)


sgn = primitive(
    "sgn",
    signs,
    lambda F, g, input, y: _turned(F, g, input, y),
    promotes="same",
    holomorphic=False,
)


def _angle(F: Any, x: Any) -> Any:
    if x.dtype.kind == "c":
        return F.arctan2(x.imag, x.real)
    return F.where(x != x, x, F.where(x < 0, x.dtype.type(math.pi), x.dtype.type(0)))


def _angle_gradient(F: Any, g: Any, x: Any) -> Any:
    if not is_complex(x):
        return g * 0
    size = F.absolute(x)
    size = F.where(size == 0, 1, size)
    return g * (x / size / size) * 1j


angle = primitive("angle", _angle, lambda F, g, x: _angle_gradient(F, g, x), promotes="float", numpy="angle", holomorphic=False)

# ---- the parts ----------------------------------------------------------------------------------------------------------------------
real = primitive("real", lambda F, x: x.real, lambda F, g: g, view=True, backward="SelectBackward0", holomorphic=False)
imag = primitive("imag", lambda F, x: x.imag, lambda F, g: g * 1j, view=True, backward="SelectBackward0", holomorphic=False)


def _as_real(x: Any) -> Any:
    return x[..., None].view(x.real.dtype)


def _as_complex(x: Any) -> Any:
    kind = {"float32": "complex64", "float64": "complex128"}.get(x.dtype.name)
    if kind is None:
        raise RuntimeError(
            f"view_as_complex is only supported for half, float and double tensors, but got a tensor of scalar type: {x.dtype.name}"
        )
    if x.ndim == 0:
        raise RuntimeError("Input tensor must have one or more dimensions")
    if x.shape[-1] != 2:
        raise RuntimeError("Tensor must have a last dimension of size 2")
    if not x.size:
        return x[..., 0].astype(kind)
    if x.strides[-1] != x.itemsize:
        raise RuntimeError("Tensor must have a last dimension with stride 1")
    return x.view(kind)[..., 0]


view_as_real = primitive(
    "view_as_real", lambda F, x: _as_real(x), lambda F, g: F.as_complex(g), view=True, numpy="as_real", holomorphic=False
)
view_as_complex = primitive(
    "view_as_complex", lambda F, x: _as_complex(x), lambda F, g: F.as_real(g), view=True, numpy="view_as_complex", holomorphic=False
)
# As view_as_complex, of whatever layout a gradient has.
as_complex = primitive(
    "as_complex", lambda F, x: _as_complex(F.ascontiguousarray(x)), lambda F, g: F.as_real(g), numpy="as_complex", holomorphic=False
)


# ---- made of two reals ---------------------------------------------------------------------------------------------------------------
def _joined(F: Any, a: Any, b: Any) -> Any:
    out = F.empty((a + b).shape, dtype={"float32": "complex64", "float64": "complex128"}[a.dtype.name])
    out.real[...] = a
    out.imag[...] = b
    return out


complex_ = primitive(
    "complex",
    lambda F, real, imag: _joined(F, real, imag),
    lambda F, g: F.real(g),
    lambda F, g: F.imag(g),
    promotes="same",
    holomorphic=False,
)
polar = primitive(
    "polar",
    lambda F, abs, angle: _joined(F, abs * F.cos(angle), abs * F.sin(angle)),
    lambda F, g, y, angle: F.real(g * F.conj(F.polar(angle * 0 + 1, angle))),
    lambda F, g, y: F.real(g * F.conj(y * 1j)),
    promotes="same",
    holomorphic=False,
)


# ---- formulas with a branch or a hole --------------------------------------------------------------------------------------------------
def log_of_sum(F: Any, a: Any, b: Any) -> Any:
    """``log(exp(a) + exp(b))`` of complex numbers, without overflow."""
    first = a.real >= b.real
    larger = F.where(first, a, b)
    return larger + F.log1p(F.exp(F.where(first, b, a) - larger))


def sum_of_squares(F: Any, a: Any, b: Any) -> Any:
    """``a * a + b * b``, and 1 where that is 0."""
    total = a * a + b * b
    return F.where(total == 0, 1, total)


def two_roots(F: Any, x: Any) -> Any:
    """``sqrt(x * x - 1)``, on the right branch for complex numbers."""
    return F.sqrt(x - 1) * F.sqrt(x + 1) if is_complex(x) else F.sqrt(x * x - 1)
