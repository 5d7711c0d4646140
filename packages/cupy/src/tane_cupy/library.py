"""CuPy, if it can be imported, and otherwise the reason why not."""

from __future__ import annotations

from importlib import import_module
from typing import Any

__all__ = ["INSTALL", "cupy", "cupyx", "problem"]

INSTALL = 'pip install "tane-cupy[cuda12]" or "tane-cupy[cuda13]", after the CUDA version of your driver'

cupy: Any = None
cupyx: Any = None
problem = ""
try:
    cupy, cupyx = import_module("cupy"), import_module("cupyx")
    import_module("cupyx.scipy.special")
except ModuleNotFoundError as error:
    if error.name not in ("cupy", "cupyx"):
        problem = f"CuPy cannot be imported: {error}"
    else:
        problem = f"CuPy is not installed: {INSTALL}"
except Exception as error:  # two builds of CuPy in one environment, a CUDA library that is missing: whatever it is, the CPU still works
    problem = f"CuPy cannot be imported: {type(error).__name__}: {error}"


def version() -> tuple[int, ...]:
    """CuPy's version as numbers."""
    return tuple(int(part) for part in cupy.__version__.split(".")[:2] if part.isdecimal()) if cupy is not None else (0,)
