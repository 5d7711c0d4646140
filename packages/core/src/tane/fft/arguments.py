"""The arguments of Fourier transforms, checked, and the operand cut or filled up to the sizes that they ask for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tane.dtypes import FLOAT, complex64, complex128, default_float, float32, float64
from tane.ops import index as indices
from tane.ops.fourier import OPPOSITE
from tane.surface.expose import write_out
from tane.surface.index_parts import kind_name
from tane.surface.size import one_axis
from tane.tensor import Tensor

__all__ = [
    "checked",
    "delivered",
    "filled",
    "listed",
    "mode",
    "one_dimension",
    "promoted",
    "require_size",
    "several_dimensions",
    "spread",
    "transform_axis",
    "whole",
]


# ---- their classes --------------------------------------------------------------------------------------------------------------------------
def _is_whole(value: Any) -> bool:
    return type(value) is int or (hasattr(value, "__index__") and not isinstance(value, bool))


def whole(name: str, argument: str, value: Any) -> int:
    """A whole number, or a TypeError that names the function and its argument."""
    if not _is_whole(value):
        raise TypeError(f"fft_{name}(): argument {argument} must be int, not {type(value).__name__}")
    return int(value)


def listed(name: str, argument: str, value: Any) -> list[int]:
    """Whole numbers, one or a sequence of them."""
    if _is_whole(value):
        return [int(value)]
    if not isinstance(value, (tuple, list)):
        raise TypeError(f"fft_{name}(): argument {argument} must be tuple of ints, not {type(value).__name__}")
    for i, v in enumerate(value):
        if not _is_whole(v):
            raise TypeError(
                f"fft_{name}(): argument {argument} must be tuple of ints, but found element of type {type(v).__name__} at pos {i}"
            )
    return [int(v) for v in value]


def checked(name: str, input: Any, norm: Any, out: Any) -> None:
    """Raise if an argument that every transform has is of the wrong class."""
    if not isinstance(input, Tensor):
        raise TypeError(f"fft_{name}(): argument 'input' (position 1) must be Tensor, not {type(input).__name__}")
    if norm is not None and not isinstance(norm, str):
        raise TypeError(f"fft_{name}(): argument 'norm' must be str, not {type(norm).__name__}")
    if out is not None and not isinstance(out, Tensor):
        raise TypeError(f"fft_{name}(): argument 'out' must be Tensor, not {type(out).__name__}")


def mode(norm: str | None) -> str:
    """Which direction is divided by the number of elements."""
    norm = norm or "backward"
    if norm not in OPPOSITE:
        raise RuntimeError(f'Invalid normalization mode: "{norm}"')
    return norm


# ---- the operand ----------------------------------------------------------------------------------------------------------------------------
def promoted(input: Tensor, to_complex: bool = False) -> Tensor:
    """The operand in a type that transforms are computed in: whole numbers in the default float, and, where asked for, reals as complex numbers."""
    if input.dtype.category < FLOAT:
        input = input.to(default_float())
    if input.dtype not in (float32, float64, complex64, complex128):
        raise RuntimeError(f"Unsupported dtype {kind_name(input)}")
    if to_complex and input.array.dtype.kind != "c":
        input = input.to(complex64 if input.dtype == float32 else complex128)
    return input


def require_size(n: int) -> int:
    if n < 1:
        raise RuntimeError(f"Invalid number of data points ({n}) specified")
    return n


def transform_axis(input: Tensor, dim: int) -> int:
    """``dim`` checked and made non-negative; a number has no dimension."""
    if not input.array.ndim:
        raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
    return one_axis(input, dim)


def one_dimension(name: str, n: Any, dim: Any) -> tuple[int | None, int]:
    """``n`` and ``dim`` of a transform along one dimension."""
    return None if n is None else whole(name, "'n' (position 2)", n), whole(name, "'dim'", dim)


def several_dimensions(name: str, s: Any, dim: Any) -> tuple[list[int] | None, list[int] | None]:
    """``s`` and ``dim`` of a transform along several."""
    sizes = None if s is None else listed(name, "'s' (position 2)", s)
    return sizes, None if dim is None and not name.endswith("2") else listed(name, "'dim'", dim)


def spread(input: Tensor, s: list[int] | None, dim: list[int] | None) -> tuple[tuple[int, ...], list[int]]:
    """The dimensions to transform, non-negative, and their sizes."""
    ndim = input.array.ndim
    if dim is not None:
        axes = [transform_axis(input, d) for d in dim]
        if len(set(axes)) != len(axes):
            raise RuntimeError("FFT dims must be unique")
        if s is not None and len(s) != len(axes):
            raise RuntimeError("When given, dim and shape arguments must have the same length")
    elif s is not None and len(s) > ndim:
        raise RuntimeError(f"Got shape with {len(s)} values but input tensor only has {ndim} dimensions.")
    else:
        axes = list(range(ndim - (ndim if s is None else len(s)), ndim))
    sizes = [-1] * len(axes) if s is None else s
    return tuple(axes), [require_size(input.array.shape[a] if n == -1 else n) for n, a in zip(sizes, axes, strict=True)]


def filled(input: Tensor, axes: Sequence[int], sizes: Sequence[int]) -> Tensor:
    """The operand cut, or filled up with zeros, to the sizes given."""
    have = input.array.shape
    want = list(have)
    for a, n in zip(axes, sizes, strict=True):
        want[a] = n
    shape = tuple(want)
    if shape == have:
        return input
    kept = tuple([slice(0, min(h, n)) for h, n in zip(have, shape, strict=True)])
    if any(h > n for h, n in zip(have, shape, strict=True)):
        input = indices.getitem.call(input, kept)
    return input if input.array.shape == shape else indices.embed.call(input, kept, shape)


def delivered(result: Tensor, out: Tensor | None, name: str) -> Tensor:
    """The result, in ``out`` where that is given."""
    if out is None:
        return result
    to_complex = result.array.dtype.kind == "c"
    if (out.dtype.category == FLOAT) == to_complex or out.dtype.category < FLOAT:
        wanted = "complex" if to_complex else "floating point"
        raise RuntimeError(f"{name.replace('2', 'n').replace('ifftn', 'fftn')} expects a {wanted} output tensor, but got {kind_name(out)}")
    return write_out(out, result, f"fft_{name}")
