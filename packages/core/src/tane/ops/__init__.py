"""Ops: ``tane.ops.<name>`` is the op of that name, a primitive of core's or what an installed plug-in offers.

The modules here are the tables; where a table and an op have one name (``matmul``), that is the table, and ``tane.plugins.lookup("ops", name)`` the op.
Nothing is looked up before it is asked for.
"""

from __future__ import annotations

import functools
import pkgutil
from typing import Any

from tane.plugins import registry
from tane.plugins.errors import UnknownPluginNameError


@functools.cache
def _tables() -> frozenset[str]:
    """The modules of this package, which the import system asks for as attributes before it imports them."""
    return frozenset(module.name for module in pkgutil.iter_modules(__path__))


def __getattr__(name: str) -> Any:
    if name.startswith("_") or name in _tables():
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return registry.lookup("ops", name)
    except UnknownPluginNameError as error:
        raise AttributeError(f"module {__name__!r} has no op {name!r}: {error}", name=name) from None


def __dir__() -> list[str]:
    return sorted({*_tables(), *registry.names("ops")})
