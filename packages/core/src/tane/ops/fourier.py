"""Discrete Fourier transforms, of which all others are made: complex to complex, and to and from the half that real data have.

A transform is a symmetric matrix times a factor, so that its gradient, the conjugate transposed, is a transform in the other direction with the same
factor. None of them is holomorphic where real numbers take part, so that the formulas spell conjugates out.
"""

from __future__ import annotations

from typing import Any

from tane.ops.primitive import primitive

__all__ = ["OPPOSITE"]

# The normalization of the other direction that has the same factor.
OPPOSITE = {"backward": "forward", "forward": "backward", "ortho": "ortho"}


def _transformed(F: Any, x: Any, axes: tuple[int, ...], norm: str, inverse: bool) -> Any:
    return (F.fft.ifftn if inverse else F.fft.fftn)(x, axes=axes, norm=norm) if axes else x.copy()


complex_transform = primitive(
    "fft_c2c",
    lambda F, x, axes=(), norm="backward", inverse=False: _transformed(F, x, axes, norm, inverse),
    lambda F, g, axes, norm, inverse: F.fft_c2c(g, axes, OPPOSITE[norm], not inverse),
    backward="FftC2CBackward0",
    holomorphic=False,
)


def _part(axis: int, part: slice) -> tuple[Any, ...]:
    return (*(slice(None),) * axis, part)


def _of_real(F: Any, x: Any, axes: tuple[int, ...], norm: str, onesided: bool) -> Any:
    return (F.fft.rfftn if onesided else F.fft.fftn)(x, axes=axes, norm=norm)


def _to_real(F: Any, g: Any, shape: tuple[int, ...], axes: tuple[int, ...], norm: str, onesided: bool) -> Any:
    """The gradient of real data, all or the first half of whose transform was used."""
    if onesided:
        last = axes[-1]
        whole = (*g.shape[:last], shape[last], *g.shape[last + 1 :])
        g = F.embed(g, _part(last, slice(0, g.shape[last])), whole)
    return F.real(F.fft_c2c(g, axes, OPPOSITE[norm], True))


real_transform = primitive(
    "fft_r2c",
    lambda F, x, axes=(), norm="backward", onesided=True: _of_real(F, x, axes, norm, onesided),
    lambda F, g, x_shape, axes, norm, onesided: _to_real(F, g, x_shape, axes, norm, onesided),
    backward="FftR2CBackward0",
    holomorphic=False,
)


def _of_half(F: Any, x: Any, axes: tuple[int, ...], size: int, norm: str) -> Any:
    """Axis by axis: in several dimensions at once, cuFFT takes it for granted that the data are their own mirror image."""
    if axes[:-1]:
        x = F.fft.ifftn(x, axes=axes[:-1], norm=norm)
    return F.fft.irfft(x, size, axis=axes[-1], norm=norm)


def _doubled(F: Any, g: Any, axes: tuple[int, ...], size: int, norm: str) -> Any:
    """The gradient of half a transform: all but the first element, and the middle one of an even number, stand for two."""
    half = F.fft_r2c(g, axes, OPPOSITE[norm])
    last = axes[-1]
    ends = [_part(last, slice(0, 1))] + ([_part(last, slice(size // 2, None))] if size % 2 == 0 else [])
    both = half * 2
    for end in ends:
        both = both - F.embed(half[end], end, half.shape)
    return both


half_transform = primitive(
    "fft_c2r",
    lambda F, x, axes=(), size=1, norm="backward": _of_half(F, x, axes, size, norm),
    lambda F, g, axes, size, norm: _doubled(F, g, axes, size, norm),
    backward="FftC2RBackward0",
    holomorphic=False,
)
