"""The frequencies that the elements of a transform belong to, and the order that puts zero in the middle."""

from __future__ import annotations

import math
from typing import Any

from tane.creation import arange, finished
from tane.dtypes import FLOAT, default_float
from tane.dtypes import dtype as DType
from tane.fft.arguments import listed, transform_axis, whole
from tane.surface.reordering import roll
from tane.tensor import Tensor

__all__ = ["fftfreq", "fftshift", "ifftshift", "rfftfreq"]


def _ranks(name: str, n: Any, d: Any, out: Any, dtype: DType | None) -> tuple[int, float, DType]:
    """The arguments, checked: the size, the factor of the ranks, and the type of the result."""
    n = whole(name, "'n' (position 1)", n)
    if isinstance(d, complex) or not hasattr(d, "__float__"):
        raise TypeError(f"fft_{name}(): argument 'd' (position 2) must be float, not {type(d).__name__}")
    if out is not None and not isinstance(out, Tensor):
        raise TypeError(f"fft_{name}(): argument 'out' must be Tensor, not {type(out).__name__}")
    if dtype is not None and not isinstance(dtype, DType):
        raise TypeError(f"fft_{name}(): argument 'dtype' must be torch.dtype, not {type(dtype).__name__}")
    if out is not None and dtype is not None and out.dtype is not dtype:
        raise RuntimeError(f"dtype {_shown(dtype)} does not match dtype of out parameter ({_shown(out.dtype)})")
    dtype = out.dtype if out is not None else dtype or default_float()
    if dtype.category < FLOAT:
        raise RuntimeError(f"{name} requires a floating point or complex dtype")
    if dtype.category > FLOAT:
        raise NotImplementedError(f"\"arange_cpu\" not implemented for '{_shown(dtype)}'")
    span = n * float(d)
    return n, 1 / span if span else math.copysign(math.inf, span), dtype


def _shown(dtype: DType) -> str:
    return dtype.tensor_name.removesuffix("Tensor")


def _finished(ranks: Tensor, factor: float, out: Tensor | None, requires_grad: bool) -> Tensor:
    """The ranks times the factor, which is rounded to their type first."""
    return finished((ranks * ranks.new_full((), factor)).array, False, out).requires_grad_(requires_grad)


def fftfreq(
    n: int,
    d: float = 1.0,
    *,
    out: Tensor | None = None,
    dtype: DType | None = None,
    layout: Any = None,
    device: Any = None,
    pin_memory: bool = False,
    requires_grad: bool = False,
) -> Tensor:
    """The frequencies that the elements of :func:`~tane.fft.fft` belong to: ``[0, 1, ..., (n - 1) // 2, -(n // 2), ..., -1] / (d * n)``.

    Args:
        n: the size of the transform.
        d: how far apart the samples are.
        out: receives the result; of its type.
        dtype: a floating type, by default the default float; another is a RuntimeError, a complex one a NotImplementedError.
        layout, pin_memory: mean nothing.
        device: where the result is.
        requires_grad: whether it asks for gradients.

    >>> import tane
    >>> tane.fft.fftfreq(5)
    tensor([ 0.0000,  0.2000,  0.4000, -0.4000, -0.2000])
    """
    n, factor, dtype = _ranks("fftfreq", n, d, out, dtype)
    if n < 0:
        raise RuntimeError(f"Trying to create tensor with negative dimension {n}: [{n}]")
    ranks = arange(n, dtype=dtype, device=device)
    ranks[(n + 1) // 2 :] -= n
    return _finished(ranks, factor, out, requires_grad)


def rfftfreq(
    n: int,
    d: float = 1.0,
    *,
    out: Tensor | None = None,
    dtype: DType | None = None,
    layout: Any = None,
    device: Any = None,
    pin_memory: bool = False,
    requires_grad: bool = False,
) -> Tensor:
    """The frequencies that the elements of :func:`~tane.fft.rfft` belong to: ``[0, 1, ..., n // 2] / (d * n)``, none of them negative.

    Arguments and errors are those of :func:`fftfreq`.

    >>> import tane
    >>> tane.fft.rfftfreq(5)
    tensor([0.0000, 0.2000, 0.4000])
    """
    n, factor, dtype = _ranks("rfftfreq", n, d, out, dtype)
    return _finished(arange(int(n / 2) + 1, dtype=dtype, device=device), factor, out, requires_grad)


def _shifted(name: str, input: Any, dim: Any, up: int) -> Tensor:
    if not isinstance(input, Tensor):
        raise TypeError(f"fft_{name}(): argument 'input' (position 1) must be Tensor, not {type(input).__name__}")
    dims = list(range(input.array.ndim)) if dim is None else listed(name, "'dim' (position 2)", dim)
    return roll(input, [(input.array.shape[transform_axis(input, d)] + up) // 2 for d in dims], dims)


def fftshift(input: Tensor, dim: Any = None) -> Tensor:
    """The elements in the order of their frequencies, along ``dim``, one dimension or several, by default all: zero moves to the middle.

    Element ``i`` goes to ``(i + n // 2) % n``. A number has no dimension to shift along: a RuntimeError.

    >>> import tane
    >>> tane.fft.fftshift(tane.fft.fftfreq(4))
    tensor([-0.5000, -0.2500,  0.0000,  0.2500])
    """
    return _shifted("fftshift", input, dim, 0)


def ifftshift(input: Tensor, dim: Any = None) -> Tensor:
    """The inverse of :func:`fftshift`: element ``i`` goes to ``(i + (n + 1) // 2) % n``.

    >>> import tane
    >>> tane.fft.ifftshift(tane.tensor([-2, -1, 0, 1, 2]))
    tensor([ 0,  1,  2, -2, -1])
    """
    return _shifted("ifftshift", input, dim, 1)
