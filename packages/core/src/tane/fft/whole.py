"""Transforms of complex data, and of real data taken as such: fft and its forms."""

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
from tane.ops import fourier as op
from tane.tensor import Tensor

__all__ = ["fft", "fft2", "fftn", "ifft", "ifft2", "ifftn"]

LAST_TWO = (-2, -1)


def _transformed(x: Tensor, axes: tuple[int, ...], norm: str, inverse: bool) -> Tensor:
    """Of one dimension; half the work where the data are real."""
    result: Tensor
    if x.array.dtype.kind == "c":
        result = op.complex_transform.call(x, axes, norm, inverse)
    elif inverse:  # of real data, the two directions are each other's conjugates, up to the factor
        result = op.real_transform.call(x, axes, op.OPPOSITE[norm], False).conj()
    else:
        result = op.real_transform.call(x, axes, norm, False)
    return result


def _one(name: str, input: Any, n: Any, dim: Any, norm: str | None, out: Tensor | None) -> Tensor:
    checked(name, input, norm, out)
    n, dim = one_dimension(name, n, dim)
    x = promoted(input)
    axis = transform_axis(x, dim)
    x = filled(x, (axis,), [require_size(x.array.shape[axis] if n is None else n)])
    return delivered(_transformed(x, (axis,), mode(norm), name == "ifft"), out, name)


def _several(name: str, input: Any, s: Any, dim: Any, norm: str | None, out: Tensor | None) -> Tensor:
    checked(name, input, norm, out)
    axes, sizes = spread(input, *several_dimensions(name, s, dim))
    x = filled(promoted(input, to_complex=True), axes, sizes)
    result: Tensor = op.complex_transform.call(x, axes, mode(norm), name.startswith("i"))
    return delivered(result, out, name)


@to_float
def fft(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None, *, out: Tensor | None = None) -> Tensor:
    r"""The discrete Fourier transform along one dimension: ``y[k] = sum over j of x[j] * exp(-2πi * j * k / n)``.

    Args:
        input: real or complex, of any shape with at least one dimension. float32 gives complex64, float64 complex128, whole numbers are taken
            as the default float; 16-bit floats are a RuntimeError.
        n: the input is cut, or filled up with zeros, to this size before; by default its own.
        dim: the dimension to transform.
        norm: ``"backward"`` (the default) multiplies by nothing, ``"forward"`` by ``1 / n``, ``"ortho"`` by ``1 / sqrt(n)``.
        out: receives the result.

    Raises:
        RuntimeError: for a size below 1, a ``norm`` that there is not, a type that transforms are not computed in.
        IndexError: for a dimension that the input does not have.

    >>> import tane
    >>> tane.fft.fft(tane.tensor([1., 2., 3., 4.]))
    tensor([10.+0.j, -2.+2.j, -2.+0.j, -2.-2.j])
    """
    return _one("fft", input, n, dim, norm, out)


@to_float
def ifft(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None, *, out: Tensor | None = None) -> Tensor:
    """The inverse of :func:`fft`: ``x[j] = 1 / n * sum over k of y[k] * exp(2πi * j * k / n)``.

    Arguments, types and errors are those of :func:`fft`, except ``norm``: ``"backward"`` (the default) multiplies by ``1 / n``, ``"forward"`` by
    nothing, ``"ortho"`` by ``1 / sqrt(n)``. With the same ``norm``, the two are each other's inverse.

    >>> import tane
    >>> tane.fft.ifft(tane.tensor([10.+0.j, -2.+2.j, -2.+0.j, -2.-2.j]))
    tensor([1.+0.j, 2.+0.j, 3.+0.j, 4.+0.j])
    """
    return _one("ifft", input, n, dim, norm, out)


@to_float
def fft2(input: Tensor, s: Any = None, dim: Any = LAST_TWO, norm: str | None = None, *, out: Tensor | None = None) -> Tensor:
    """:func:`fftn` of the last two dimensions, or of those given.

    >>> import tane
    >>> tane.fft.fft2(tane.tensor([[1., 2.], [3., 4.]]))
    tensor([[10.+0.j, -2.+0.j],
            [-4.+0.j,  0.+0.j]])
    """
    return _several("fft2", input, s, dim, norm, out)


@to_float
def ifft2(input: Tensor, s: Any = None, dim: Any = LAST_TWO, norm: str | None = None, *, out: Tensor | None = None) -> Tensor:
    """The inverse of :func:`fft2`.

    >>> import tane
    >>> tane.fft.ifft2(tane.fft.fft2(tane.tensor([[1., 2.], [3., 4.]])))
    tensor([[1.+0.j, 2.+0.j],
            [3.+0.j, 4.+0.j]])
    """
    return _several("ifft2", input, s, dim, norm, out)


@to_float
def fftn(input: Tensor, s: Any = None, dim: Any = None, norm: str | None = None, *, out: Tensor | None = None) -> Tensor:
    """The discrete Fourier transform along several dimensions: :func:`fft` along each of them.

    Args:
        input: real or complex, of any shape; types as for :func:`fft`.
        s: a size for each dimension that is transformed, to which the input is cut or filled up with zeros before; -1 leaves it as it is.
        dim: the dimensions to transform, each once; by default all, or, where ``s`` is given, the last ``len(s)``.
        norm: as for :func:`fft`, where ``n`` is the number of all elements that are transformed together.
        out: receives the result.

    Raises:
        RuntimeError: besides what :func:`fft` raises, where a dimension is named twice, or ``s`` has more values than there are dimensions, or not
            as many as ``dim``.
        IndexError: for a dimension that the input does not have.

    >>> import tane
    >>> tane.fft.fftn(tane.ones(2, 2, 2)).flatten()
    tensor([8.+0.j, 0.+0.j, 0.+0.j, 0.+0.j, 0.+0.j, 0.+0.j, 0.+0.j, 0.+0.j])
    """
    return _several("fftn", input, s, dim, norm, out)


@to_float
def ifftn(input: Tensor, s: Any = None, dim: Any = None, norm: str | None = None, *, out: Tensor | None = None) -> Tensor:
    """The inverse of :func:`fftn`.

    >>> import tane
    >>> tane.fft.ifftn(tane.ones(2, 2))
    tensor([[1.+0.j, 0.+0.j],
            [0.+0.j, 0.+0.j]])
    """
    return _several("ifftn", input, s, dim, norm, out)
