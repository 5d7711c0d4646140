"""The one place where the version of every tane distribution stands."""

from __future__ import annotations

__version__ = "0.1.0"

# What PyTorch says here of how it was compiled; tane is not compiled. ``tane.cuda.is_available()`` says whether there is a device.
cuda: str | None = None
hip: str | None = None
