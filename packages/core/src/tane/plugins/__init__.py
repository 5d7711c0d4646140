"""Plug-ins: how everything arrives in tane, its own devices, ops and layers included.

A plug-in is a module with ``@hookimpl`` functions, named by an entry point of group ``tane``;
:mod:`tane.plugins.hookspecs` has all hooks. Plug-ins are looked for when one is first needed, never by ``import tane``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from tane.plugins.active import isolated, reset
from tane.plugins.errors import (
    PluginApiError,
    PluginConflictError,
    PluginError,
    PluginLoadError,
    PluginWarning,
    UnknownPluginNameError,
)
from tane.plugins.registry import contributions, kinds, lookup, names

if TYPE_CHECKING:
    from tane.plugins.control import block, disable_autoload, load, load_only, register, reload, strict, unblock, unregister
    from tane.plugins.hookspecs import API_VERSION, hookimpl
    from tane.plugins.records import PluginRecord, listing

__all__ = [
    "API_VERSION",
    "PluginApiError",
    "PluginConflictError",
    "PluginError",
    "PluginLoadError",
    "PluginRecord",
    "PluginWarning",
    "UnknownPluginNameError",
    "block",
    "contributions",
    "disable_autoload",
    "hookimpl",
    "isolated",
    "kinds",
    "listing",
    "load",
    "load_only",
    "lookup",
    "names",
    "register",
    "reload",
    "reset",
    "strict",
    "unblock",
    "unregister",
]


#: What is imported on first use, by where it is: the hooks bring pluggy, the records traceback.
LATER = {
    "control": "block disable_autoload load load_only register reload strict unblock unregister",
    "hookspecs": "API_VERSION hookimpl",
    "records": "PluginRecord listing",
}
HOMES = {name: module for module, names in LATER.items() for name in names.split()}


def __getattr__(name: str) -> object:
    if name in HOMES:
        return getattr(import_module(f"{__name__}.{HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
