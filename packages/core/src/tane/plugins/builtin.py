"""What core itself offers, by the same hooks as anybody's plug-in."""

from __future__ import annotations

from collections.abc import Mapping

from tane.ops.primitive import primitives
from tane.plugins.hookspecs import hookimpl

tane_api_version = 1


@hookimpl
def tane_backends() -> Mapping[str, object]:
    """The CPU, and the strict device that tests discipline on it."""
    return {"cpu": "tane.backends.numpy:NumpyBackend", "strict": "tane.backends.strict:StrictBackend"}


@hookimpl
def tane_ops() -> Mapping[str, object]:
    """The primitives that core's own modules declare; what nn and others declare, they offer themselves."""
    return {name: op for name, op in primitives.items() if op.home.startswith(("tane.ops.", "tane.surface.")) and name.isidentifier()}


@hookimpl
def tane_commands() -> Mapping[str, object]:
    return {"plugins": "tane.commands.plugins:PluginsCommand"}
