"""What goes wrong with plug-ins."""

from __future__ import annotations

__all__ = [
    "PluginApiError",
    "PluginConflictError",
    "PluginError",
    "PluginLoadError",
    "PluginWarning",
    "UnknownPluginNameError",
]


class PluginWarning(UserWarning):
    """A plug-in was left out, or was written for an older tane; everything else works."""


class PluginError(RuntimeError):
    """The base of the errors below."""


class PluginLoadError(PluginError):
    """A plug-in, or something that it offers, cannot be loaded. ``__cause__`` is what it raised."""


class PluginApiError(PluginError):
    """A plug-in was written for hooks newer than these."""


class PluginConflictError(PluginError):
    """Two plug-ins offer the same name of the same kind."""


class UnknownPluginNameError(PluginError, LookupError):
    """No plug-in offers that name. ``kind`` and ``name`` are what was asked for, ``known`` what there is."""

    def __init__(self, message: str, kind: str, name: str, known: tuple[str, ...]) -> None:
        super().__init__(message)
        self.kind = kind
        self.name = name
        self.known = known
