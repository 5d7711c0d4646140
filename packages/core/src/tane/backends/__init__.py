"""Devices: the seam, core's own two, and the switches that PyTorch keeps under this name (``tane.backends.cudnn``)."""

from __future__ import annotations

import importlib
from typing import Any

_SWITCHES = ("cuda", "cudnn", "mps")


def __getattr__(name: str) -> Any:
    if name not in _SWITCHES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return importlib.import_module(f"{__name__}.{name}")
