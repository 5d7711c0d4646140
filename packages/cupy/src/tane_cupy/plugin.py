"""What this package offers to tane."""

from __future__ import annotations

from collections.abc import Mapping

from tane.plugins import hookimpl

tane_api_version = 1


@hookimpl
def tane_backends() -> Mapping[str, object]:
    """The device; CuPy itself is imported when somebody first asks for it."""
    return {"cuda": "tane_cupy.backend:CupyBackend"}
