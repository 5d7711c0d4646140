"""What this package offers. Strings are imported when somebody first asks for the name."""

from __future__ import annotations

from tane.plugins import hookimpl

tane_api_version = 1


@hookimpl
def tane_ops() -> dict[str, str]:
    return {"bump": "tane_garden.ops:bump"}


@hookimpl
def tane_optimizers() -> dict[str, str]:
    return {"Lion": "tane_garden.lion:Lion"}


@hookimpl
def tane_backends() -> dict[str, str]:
    return {"toy": "tane_garden.toy:ToyBackend"}
