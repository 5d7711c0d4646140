"""``tane.backends.mps``: Apple's GPU, which no backend of tane computes on unless a plug-in brings one called ``"mps"``."""

from __future__ import annotations

from tane.backends.backend import backend_for
from tane.plugins import registry

__all__ = ["is_available", "is_built"]


def is_built() -> bool:
    """Whether a backend for it is installed."""
    return "mps" in registry.names("backends")


def is_available() -> bool:
    """Whether a tensor can be put on device ``"mps"``."""
    return is_built() and backend_for("mps").device_count() > 0
