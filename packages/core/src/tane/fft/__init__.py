"""Discrete Fourier transforms, as ``torch.fft``.

``n`` and ``s`` are sizes that the input is cut or filled up with zeros to; ``norm`` says which direction is divided by the number of elements
(``"backward"``, the default: the inverse; ``"forward"``) or that both are by its root (``"ortho"``).
"""

from __future__ import annotations

from tane.fft.frequencies import fftfreq, fftshift, ifftshift, rfftfreq
from tane.fft.halves import hfft, hfft2, hfftn, ihfft, ihfft2, ihfftn, irfft, irfft2, irfftn, rfft, rfft2, rfftn
from tane.fft.whole import fft, fft2, fftn, ifft, ifft2, ifftn

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
