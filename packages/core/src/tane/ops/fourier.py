"""Discrete Fourier transforms, of which all others are made: complex to complex, and to and from the half that real data have.

A transform is a symmetric matrix times a factor, so that its gradient is one in the other direction with the same factor.
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


def _of_half(F: Any, g: Any, shape: tuple[int, ...], axis: int, norm: str) -> Any:
    """The gradient of real data whose transform is known by its first half."""
    full = F.embed(g, _part(axis, slice(0, g.shape[axis])), shape)
    return F.real(F.fft_c2c(full, (axis,), OPPOSITE[norm], True))


real_transform = primitive(
    "fft_r2c",
    lambda F, x, axis=0, norm="backward": F.fft.rfft(x, axis=axis, norm=norm),
    lambda F, g, x_shape, axis, norm: _of_half(F, g, x_shape, axis, norm),
    backward="FftR2CBackward0",
    holomorphic=False,
)


def _doubled(F: Any, g: Any, axis: int, size: int, norm: str) -> Any:
    """The gradient of half a transform: all but the first element, and the middle one of an even number, stand for two."""
    half = F.fft_r2c(g, axis, OPPOSITE[norm])
    ends = [_part(axis, slice(0, 1))] + ([_part(axis, slice(size // 2, None))] if size % 2 == 0 else [])
    both = half * 2
    for end in ends:
        both = both - F.embed(half[end], end, half.shape)
    return both


half_transform = primitive(
    "fft_c2r",
    lambda F, x, axis=0, size=1, norm="backward": F.fft.irfft(x, size, axis=axis, norm=norm),
    lambda F, g, axis, size, norm: _doubled(F, g, axis, size, norm),
    backward="FftC2RBackward0",
    holomorphic=False,
)
