"""``tane.fft``: discrete Fourier transforms, under PyTorch's and NumPy's names.

``n`` and ``s`` are sizes that the input is cut or filled up with zeros to; ``norm`` says which direction is divided by the number of elements
(``"backward"``, the default: the inverse; ``"forward"``) or that both are by its root (``"ortho"``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tane.creation import arange
from tane.dtypes import FLOAT, complex64, complex128, default_float, float32, float64
from tane.dtypes import dtype as DType
from tane.ops import fourier as op
from tane.ops import index as indices
from tane.ops.fourier import OPPOSITE
from tane.surface.expose import write_out
from tane.surface.index_parts import kind_name
from tane.surface.reordering import roll
from tane.surface.size import one_axis
from tane.tensor import Tensor

__all__ = [
    "fft",
    "fft2",
    "fftfreq",
    "fftn",
    "fftshift",
    "hfft",
    "hfft2",
    "hfftn",
    "ifft",
    "ifft2",
    "ifftn",
    "ifftshift",
    "ihfft",
    "ihfft2",
    "ihfftn",
    "irfft",
    "irfft2",
    "irfftn",
    "rfft",
    "rfft2",
    "rfftfreq",
    "rfftn",
]

LAST_TWO = (-2, -1)


# ---- arguments ------------------------------------------------------------------------------------------------------------------------------
def _mode(norm: str | None) -> str:
    if norm is None:
        return "backward"
    if norm not in OPPOSITE:
        raise RuntimeError(f'Invalid normalization mode: "{norm}"')
    return norm


def _taken(input: Any, name: str, real: bool = False) -> Tensor:
    """The operand in a type that transforms are computed in."""
    if not isinstance(input, Tensor):
        raise TypeError(f"fft_{name}(): argument 'input' (position 1) must be Tensor, not {type(input).__name__}")
    if real and input.array.dtype.kind == "c":
        raise RuntimeError(f"{name} expects a real input tensor, but got {kind_name(input)}")
    if input.dtype.category < FLOAT:
        input = input.to(default_float())
    if input.dtype not in (float32, float64, complex64, complex128):
        raise RuntimeError(f"Unsupported dtype {kind_name(input)}")
    return input if real else input.to(complex64 if input.dtype in (float32, complex64) else complex128)


def _axes(input: Tensor, s: Any, dim: Any) -> tuple[list[int], list[int]]:
    """The dimensions to transform and their sizes, checked."""
    ndim = input.array.ndim
    dims = None if dim is None else [dim] if isinstance(dim, int) else list(dim)
    sizes = None if s is None else [s] if isinstance(s, int) else list(s)
    if dims is None:
        if sizes is not None and len(sizes) > ndim:
            raise RuntimeError(f"Got shape with {len(sizes)} values but input tensor only has {ndim} dimensions.")
        axes = list(range(ndim)) if sizes is None else list(range(ndim - len(sizes), ndim))
    else:
        if not ndim and dims:
            raise IndexError(f"Dimension specified as {dims[0]} but tensor has no dimensions")
        axes = [one_axis(input, d) for d in dims]
        if len(set(axes)) != len(axes):
            raise RuntimeError("FFT dims must be unique")
        if sizes is not None and len(sizes) != len(axes):
            raise RuntimeError(
                f"When given, dim and shape arguments must have the same length. Got {len(axes)} dims and {len(sizes)} values"
            )
    found = [input.array.shape[a] for a in axes]
    return axes, found if sizes is None else [f if n == -1 else n for n, f in zip(sizes, found, strict=True)]


def _filled(input: Tensor, axes: Sequence[int], sizes: Sequence[int]) -> Tensor:
    """Cut, or filled up with zeros, to the sizes given."""
    for n in sizes:
        if n < 1:
            raise RuntimeError(f"Invalid number of data points ({n}) specified")
    want = list(input.array.shape)
    for a, n in zip(axes, sizes, strict=True):
        want[a] = n
    shape = tuple(want)
    if shape == input.array.shape:
        return input
    kept = tuple([slice(0, min(have, n)) for have, n in zip(input.array.shape, shape, strict=True)])
    part: Tensor = indices.getitem.call(input, kept)
    return part if part.array.shape == shape else indices.embed.call(part, kept, shape)


def _done(result: Tensor, out: Tensor | None, name: str) -> Tensor:
    return result if out is None else write_out(out, result, f"fft_{name}")


# ---- complex to complex -----------------------------------------------------------------------------------------------------------------
def _complex(name: str, input: Any, s: Any, dim: Any, norm: str | None, out: Tensor | None) -> Tensor:
    x = _taken(input, name)
    axes, sizes = _axes(x, s, dim)
    result: Tensor = op.complex_transform.call(_filled(x, axes, sizes), tuple(axes), _mode(norm), name.startswith("i"))
    return _done(result, out, name)


def fft(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None, *, out: Tensor | None = None) -> Tensor:
    """The transform along one dimension.

    >>> import tane
    >>> tane.fft.fft(tane.tensor([1., 0., 0., 0.]))
    tensor([1.+0.j, 1.+0.j, 1.+0.j, 1.+0.j])
    """
    return _complex("fft", input, n, dim, norm, out)


def ifft(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None, *, out: Tensor | None = None) -> Tensor:
    """The inverse of :func:`fft`."""
    return _complex("ifft", input, n, dim, norm, out)


def fft2(input: Tensor, s: Any = None, dim: Any = LAST_TWO, norm: str | None = None, *, out: Tensor | None = None) -> Tensor:
    """The transform along two dimensions."""
    return _complex("fft2", input, s, dim, norm, out)


def ifft2(input: Tensor, s: Any = None, dim: Any = LAST_TWO, norm: str | None = None, *, out: Tensor | None = None) -> Tensor:
    """The inverse of :func:`fft2`."""
    return _complex("ifft2", input, s, dim, norm, out)


def fftn(input: Tensor, s: Any = None, dim: Any = None, norm: str | None = None, *, out: Tensor | None = None) -> Tensor:
    """The transform along several dimensions, by default all."""
    return _complex("fftn", input, s, dim, norm, out)


def ifftn(input: Tensor, s: Any = None, dim: Any = None, norm: str | None = None, *, out: Tensor | None = None) -> Tensor:
    """The inverse of :func:`fftn`."""
    return _complex("ifftn", input, s, dim, norm, out)


# ---- of real data, and back -------------------------------------------------------------------------------------------------------------
def _halved(name: str, input: Any, s: Any, dim: Any, mode: str) -> Tensor:
    """The first half of the transform along the last of the dimensions."""
    x = _taken(input, name, True)
    axes, sizes = _axes(x, s, dim)
    if not axes:
        raise RuntimeError(f"{name} must transform at least one axis")
    result: Tensor = op.real_transform.call(_filled(x, axes, sizes), axes[-1], mode)
    return op.complex_transform.call(result, tuple(axes[:-1]), mode, False) if axes[:-1] else result


def _whole(name: str, input: Any, s: Any, dim: Any, mode: str) -> Tensor:
    """The real data whose transform along the last of the dimensions has this first half."""
    x = _taken(input, name)
    axes, sizes = _axes(x, s, dim)
    if not axes:
        raise RuntimeError(f"{name} must transform at least one axis")
    last = s[-1] if isinstance(s, (tuple, list)) else s
    size = sizes[-1] if last is not None and last != -1 else 2 * (sizes[-1] - 1)
    if size < 1:
        raise RuntimeError(f"Invalid number of data points ({size}) specified")
    x = _filled(x, axes, [*sizes[:-1], size // 2 + 1])
    if axes[:-1]:
        x = op.complex_transform.call(x, tuple(axes[:-1]), mode, True)
    result: Tensor = op.half_transform.call(x, axes[-1], size, mode)
    return result


def rfft(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None, *, out: Tensor | None = None) -> Tensor:
    """The first half of :func:`fft` of real data; the second is its mirror image, conjugated."""
    return _done(_halved("rfft", input, n, dim, _mode(norm)), out, "rfft")


def irfft(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None, *, out: Tensor | None = None) -> Tensor:
    """The inverse of :func:`rfft`; of an odd number of data, ``n`` must say so."""
    return _done(_whole("irfft", input, n, dim, _mode(norm)), out, "irfft")


def rfft2(input: Tensor, s: Any = None, dim: Any = LAST_TWO, norm: str | None = None, *, out: Tensor | None = None) -> Tensor:
    """The first half of :func:`fft2` of real data, along the last of the dimensions."""
    return _done(_halved("rfft2", input, s, dim, _mode(norm)), out, "rfft2")


def irfft2(input: Tensor, s: Any = None, dim: Any = LAST_TWO, norm: str | None = None, *, out: Tensor | None = None) -> Tensor:
    """The inverse of :func:`rfft2`."""
    return _done(_whole("irfft2", input, s, dim, _mode(norm)), out, "irfft2")


def rfftn(input: Tensor, s: Any = None, dim: Any = None, norm: str | None = None, *, out: Tensor | None = None) -> Tensor:
    """The first half of :func:`fftn` of real data, along the last of the dimensions."""
    return _done(_halved("rfftn", input, s, dim, _mode(norm)), out, "rfftn")


def irfftn(input: Tensor, s: Any = None, dim: Any = None, norm: str | None = None, *, out: Tensor | None = None) -> Tensor:
    """The inverse of :func:`rfftn`."""
    return _done(_whole("irfftn", input, s, dim, _mode(norm)), out, "irfftn")


# ---- of data whose transform is real ------------------------------------------------------------------------------------------------------
def hfft(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None, *, out: Tensor | None = None) -> Tensor:
    """The transform of data that are their own mirror image, conjugated, known by their first half: real numbers."""
    return _done(_whole("hfft", _taken(input, "hfft").conj(), n, dim, OPPOSITE[_mode(norm)]), out, "hfft")


def ihfft(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None, *, out: Tensor | None = None) -> Tensor:
    """The inverse of :func:`hfft`."""
    return _done(_halved("ihfft", input, n, dim, OPPOSITE[_mode(norm)]).conj(), out, "ihfft")


def hfft2(input: Tensor, s: Any = None, dim: Any = LAST_TWO, norm: str | None = None, *, out: Tensor | None = None) -> Tensor:
    """:func:`hfft` along two dimensions, of which the last is known by half."""
    return _done(_whole("hfft2", _taken(input, "hfft2").conj(), s, dim, OPPOSITE[_mode(norm)]), out, "hfft2")


def ihfft2(input: Tensor, s: Any = None, dim: Any = LAST_TWO, norm: str | None = None, *, out: Tensor | None = None) -> Tensor:
    """The inverse of :func:`hfft2`."""
    return _done(_halved("ihfft2", input, s, dim, OPPOSITE[_mode(norm)]).conj(), out, "ihfft2")


def hfftn(input: Tensor, s: Any = None, dim: Any = None, norm: str | None = None, *, out: Tensor | None = None) -> Tensor:
    """:func:`hfft` along several dimensions, by default all, of which the last is known by half."""
    return _done(_whole("hfftn", _taken(input, "hfftn").conj(), s, dim, OPPOSITE[_mode(norm)]), out, "hfftn")


def ihfftn(input: Tensor, s: Any = None, dim: Any = None, norm: str | None = None, *, out: Tensor | None = None) -> Tensor:
    """The inverse of :func:`hfftn`."""
    return _done(_halved("ihfftn", input, s, dim, OPPOSITE[_mode(norm)]).conj(), out, "ihfftn")


# ---- frequencies --------------------------------------------------------------------------------------------------------------------------
def fftfreq(n: int, d: float = 1.0, *, dtype: DType | None = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """The frequencies that the elements of :func:`fft` belong to, for samples ``d`` apart."""
    ranks = arange(n, dtype=dtype or default_float(), device=device)
    ranks[(n + 1) // 2 :] = arange(-(n // 2), 0, dtype=ranks.dtype, device=device)
    return (ranks * (1.0 / (n * d))).requires_grad_(requires_grad)


def rfftfreq(n: int, d: float = 1.0, *, dtype: DType | None = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """The frequencies that the elements of :func:`rfft` belong to."""
    ranks = arange(n // 2 + 1, dtype=dtype or default_float(), device=device)
    return (ranks * (1.0 / (n * d))).requires_grad_(requires_grad)


def _shifted(input: Tensor, dim: Any, up: int) -> Tensor:
    axes = tuple(range(input.array.ndim)) if dim is None else (dim,) if isinstance(dim, int) else tuple(dim)
    shifts = tuple([(input.array.shape[one_axis(input, a)] + up) // 2 for a in axes])
    return roll(input, shifts, axes) if axes else input.clone()


def fftshift(input: Tensor, dim: Any = None) -> Tensor:
    """The elements in the order of their frequencies: zero in the middle."""
    return _shifted(input, dim, 0)


def ifftshift(input: Tensor, dim: Any = None) -> Tensor:
    """The inverse of :func:`fftshift`."""
    return _shifted(input, dim, 1)
