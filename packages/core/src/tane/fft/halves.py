"""Transforms of real data, known by their first half, and of data known by their first half, whose transforms are real."""

from __future__ import annotations

from typing import Any

from tane.autocasting import to_float
from tane.fft.arguments import (
    checked,
    delivered,
    filled,
    mode,
    one_dimension,
    promoted,
    require_size,
    several_dimensions,
    spread,
    transform_axis,
)
from tane.fft.whole import LAST_TWO
from tane.ops import fourier as op
from tane.ops.fourier import OPPOSITE
from tane.surface.index_parts import kind_name
from tane.tensor import Tensor

__all__ = ["hfft", "hfft2", "hfftn", "ihfft", "ihfft2", "ihfftn", "irfft", "irfft2", "irfftn", "rfft", "rfft2", "rfftn"]


# ---- one dimension --------------------------------------------------------------------------------------------------------------------------
def _to_half(name: str, input: Any, n: Any, dim: Any, norm: str | None, out: Tensor | None) -> Tensor:
    """rfft, and ihfft, which is its conjugate with the factor of the other direction."""
    checked(name, input, norm, out)
    n, dim = one_dimension(name, n, dim)
    if input.array.dtype.kind == "c":
        raise RuntimeError(f"{name} expects a real input tensor, but got {kind_name(input)}")
    x = promoted(input)
    axis = transform_axis(x, dim)
    x = filled(x, (axis,), [require_size(x.array.shape[axis] if n is None else n)])
    if name == "rfft":
        result: Tensor = op.real_transform.call(x, (axis,), mode(norm), True)
    else:
        result = op.real_transform.call(x, (axis,), OPPOSITE[mode(norm)], True).conj()
    return delivered(result, out, name)


def _of_half(name: str, input: Any, n: Any, dim: Any, norm: str | None, out: Tensor | None) -> Tensor:
    """irfft, and hfft, which is that of the conjugate with the factor of the other direction."""
    checked(name, input, norm, out)
    n, dim = one_dimension(name, n, dim)
    x = promoted(input, to_complex=True)
    axis = transform_axis(x, dim)
    size = require_size(2 * (x.array.shape[axis] - 1) if n is None else n)
    x = filled(x, (axis,), [size // 2 + 1])
    forward = name == "hfft"
    result: Tensor = op.half_transform.call(x.conj() if forward else x, (axis,), size, OPPOSITE[mode(norm)] if forward else mode(norm))
    return delivered(result, out, name)


@to_float
def rfft(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None, *, out: Tensor | None = None) -> Tensor:
    """The first half of :func:`~tane.fft.fft` of real data, ``n // 2 + 1`` elements: the rest is its mirror image, conjugated.

    Arguments, types and errors are those of :func:`~tane.fft.fft`; complex data are a RuntimeError.

    >>> import tane
    >>> tane.fft.rfft(tane.tensor([1., 2., 3., 4.]))
    tensor([10.+0.j, -2.+2.j, -2.+0.j])
    """
    return _to_half("rfft", input, n, dim, norm, out)


@to_float
def irfft(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None, *, out: Tensor | None = None) -> Tensor:
    """The inverse of :func:`rfft`: real data, of which ``input`` is the first half of the transform.

    ``n`` is the size of the result, by default ``2 * (size - 1)``: to get back an odd number of elements, it must be given. ``input`` is cut, or
    filled up with zeros, to ``n // 2 + 1`` before. Of the first element, and of the middle one where ``n`` is even, the imaginary part counts
    for nothing. complex64 gives float32, complex128 float64; ``norm`` is as for :func:`~tane.fft.ifft`, errors as for :func:`~tane.fft.fft`.

    >>> import tane
    >>> tane.fft.irfft(tane.fft.rfft(tane.tensor([1., 2., 3.])), n=3)
    tensor([1., 2., 3.])
    """
    return _of_half("irfft", input, n, dim, norm, out)


@to_float
def hfft(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None, *, out: Tensor | None = None) -> Tensor:
    """:func:`~tane.fft.fft` of data that are their own mirror image, conjugated, and of which ``input`` is the first half: real numbers.

    ``n`` is the size of the result, as for :func:`irfft`, types are as there; ``norm`` and errors are as for :func:`~tane.fft.fft`.

    >>> import tane
    >>> tane.fft.hfft(tane.tensor([10.+0.j, -2.-2.j, -2.+0.j]), norm="forward")
    tensor([1., 2., 3., 4.])
    """
    return _of_half("hfft", input, n, dim, norm, out)


@to_float
def ihfft(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None, *, out: Tensor | None = None) -> Tensor:
    """The inverse of :func:`hfft`: the first half of :func:`~tane.fft.ifft` of real data.

    >>> import tane
    >>> tane.fft.ihfft(tane.tensor([1., 2., 3., 4.]))
    tensor([ 2.5000-0.0000j, -0.5000-0.5000j, -0.5000-0.0000j])
    """
    return _to_half("ihfft", input, n, dim, norm, out)


# ---- several dimensions ---------------------------------------------------------------------------------------------------------------------
def _require_axes(name: str, axes: tuple[int, ...]) -> None:
    if not axes:
        raise RuntimeError(f"{name} must transform at least one axis")


def _rfftn(name: str, input: Any, s: Any, dim: Any, norm: str | None, out: Tensor | None) -> Tensor:
    checked(name, input, norm, out)
    given = several_dimensions(name, s, dim)
    if input.array.dtype.kind == "c":
        raise RuntimeError(f"rfftn expects a real-valued input tensor, but got {kind_name(input)}")
    axes, sizes = spread(input, *given)
    _require_axes("rfftn", axes)
    result: Tensor = op.real_transform.call(filled(promoted(input), axes, sizes), axes, mode(norm), True)
    return delivered(result, out, name)


def _ihfftn(name: str, input: Any, s: Any, dim: Any, norm: str | None, out: Tensor | None) -> Tensor:
    checked(name, input, norm, out)
    axes, sizes = spread(input, *several_dimensions(name, s, dim))
    _require_axes("ihfftn", axes)
    x, norm = filled(promoted(input), axes, sizes), mode(norm)
    if x.array.dtype.kind == "c":
        raise RuntimeError(f"Only supports floating-point dtypes, but found: {kind_name(input)}")
    result: Tensor = op.real_transform.call(x, axes[-1:], OPPOSITE[norm], True).conj()
    if axes[:-1]:
        result = op.complex_transform.call(result, axes[:-1], norm, True)
    return delivered(result, out, name)


def _of_halves(name: str, family: str, input: Any, s: Any, dim: Any, norm: str | None, out: Tensor | None) -> Tensor:
    """irfftn and hfftn, whose data are known by half along the last of the dimensions."""
    checked(name, input, norm, out)
    given, dims = several_dimensions(name, s, dim)
    axes, sizes = spread(input, given, dims)
    _require_axes(family, axes)
    size = require_size(sizes[-1] if given is not None and given[-1] != -1 else 2 * (input.array.shape[axes[-1]] - 1))
    x = filled(promoted(input, to_complex=True), axes, [*sizes[:-1], size // 2 + 1])
    result: Tensor
    if family == "irfftn":
        result = op.half_transform.call(x, axes, size, mode(norm))
    else:
        if axes[:-1]:
            x = op.complex_transform.call(x, axes[:-1], mode(norm), False)
        result = op.half_transform.call(x.conj(), axes[-1:], size, OPPOSITE[mode(norm)])
    return delivered(result, out, name)


@to_float
def rfft2(input: Tensor, s: Any = None, dim: Any = LAST_TWO, norm: str | None = None, *, out: Tensor | None = None) -> Tensor:
    """:func:`rfftn` of the last two dimensions, or of those given.

    >>> import tane
    >>> tane.fft.rfft2(tane.tensor([[1., 2., 3.], [4., 5., 6.]])).shape
    torch.Size([2, 2])
    """
    return _rfftn("rfft2", input, s, dim, norm, out)


@to_float
def irfft2(input: Tensor, s: Any = None, dim: Any = LAST_TWO, norm: str | None = None, *, out: Tensor | None = None) -> Tensor:
    """The inverse of :func:`rfft2`; ``s`` is the size of the result.

    >>> import tane
    >>> tane.fft.irfft2(tane.fft.rfft2(tane.tensor([[1., 2., 3.], [4., 5., 6.]])), s=(2, 3))
    tensor([[1., 2., 3.],
            [4., 5., 6.]])
    """
    return _of_halves("irfft2", "irfftn", input, s, dim, norm, out)


@to_float
def rfftn(input: Tensor, s: Any = None, dim: Any = None, norm: str | None = None, *, out: Tensor | None = None) -> Tensor:
    """The first half, along the last of the dimensions, of :func:`~tane.fft.fftn` of real data.

    Arguments, types and errors are those of :func:`~tane.fft.fftn`; complex data, and no dimension at all, are a RuntimeError.

    >>> import tane
    >>> tane.fft.rfftn(tane.ones(2, 4))
    tensor([[8.+0.j, 0.+0.j, 0.+0.j],
            [0.+0.j, 0.+0.j, 0.+0.j]])
    """
    return _rfftn("rfftn", input, s, dim, norm, out)


@to_float
def irfftn(input: Tensor, s: Any = None, dim: Any = None, norm: str | None = None, *, out: Tensor | None = None) -> Tensor:
    """The inverse of :func:`rfftn`; ``s`` is the size of the result, of which the last is by default ``2 * (size - 1)``.

    >>> import tane
    >>> tane.fft.irfftn(tane.fft.rfftn(tane.ones(2, 3)), s=(2, 3))
    tensor([[1., 1., 1.],
            [1., 1., 1.]])
    """
    return _of_halves("irfftn", "irfftn", input, s, dim, norm, out)


def hfft2(input: Tensor, s: Any = None, dim: Any = LAST_TWO, norm: str | None = None, *, out: Tensor | None = None) -> Tensor:
    """:func:`hfftn` of the last two dimensions, or of those given.

    >>> import tane
    >>> tane.fft.hfft2(tane.fft.ihfft2(tane.tensor([[1., 2.], [3., 4.]])))
    tensor([[1., 2.],
            [3., 4.]])
    """
    return _of_halves("hfft2", "hfftn", input, s, dim, norm, out)


def ihfft2(input: Tensor, s: Any = None, dim: Any = LAST_TWO, norm: str | None = None, *, out: Tensor | None = None) -> Tensor:
    """The inverse of :func:`hfft2`.

    >>> import tane
    >>> tane.fft.ihfft2(tane.ones(2, 4)).shape
    torch.Size([2, 3])
    """
    return _ihfftn("ihfft2", input, s, dim, norm, out)


def hfftn(input: Tensor, s: Any = None, dim: Any = None, norm: str | None = None, *, out: Tensor | None = None) -> Tensor:
    """:func:`~tane.fft.fftn` of data that are their own mirror image, conjugated, known by their first half along the last of the dimensions.

    The result is real; ``s`` is its size, as for :func:`irfftn`.

    >>> import tane
    >>> tane.fft.hfftn(tane.ones(1, 3))
    tensor([[4., 0., 0., 0.]])
    """
    return _of_halves("hfftn", "hfftn", input, s, dim, norm, out)


def ihfftn(input: Tensor, s: Any = None, dim: Any = None, norm: str | None = None, *, out: Tensor | None = None) -> Tensor:
    """The inverse of :func:`hfftn`: the first half, along the last of the dimensions, of :func:`~tane.fft.ifftn` of real data.

    >>> import tane
    >>> tane.fft.hfftn(tane.fft.ihfftn(tane.ones(2, 3)), s=(2, 3))
    tensor([[1., 1., 1.],
            [1., 1., 1.]])
    """
    return _ihfftn("ihfftn", input, s, dim, norm, out)
