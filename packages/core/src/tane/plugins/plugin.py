"""One plug-in: where it comes from, what became of loading it, and what it offers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from importlib import import_module
from typing import Literal

from tane.plugins.errors import PluginError, PluginLoadError

__all__ = ["Offer", "Origin", "Outcome", "Plugin", "describe", "resolve"]

Origin = Literal["core", "discovered", "explicit"]


def resolve(target: str) -> object:
    """The object that ``"module"`` or ``"module:attribute"`` stands for.

    >>> resolve("math:pi")
    3.141592653589793
    """
    module, _, path = target.partition(":")
    return reduce(getattr, path.split("."), import_module(module)) if path else import_module(module)


def describe(error: BaseException) -> str:
    """An error in one line, as the last line of a traceback has it; tane's own without its class."""
    text = str(error).partition("\n")[0]
    return text if isinstance(error, PluginError) else f"{type(error).__name__}: {text}" if text else type(error).__name__


class Offer:
    """One name that a plug-in contributes. A string value is a target, imported when the name is first asked for."""

    def __init__(self, kind: str, name: str, value: object, plugin: Plugin) -> None:
        self.kind, self.name, self.value, self.plugin = kind, name, value, plugin
        self.resolved: object = None

    def resolve(self) -> object:
        """The object itself.

        Raises:
            PluginLoadError: the target cannot be imported; asked again, it is tried again.
        """
        if not isinstance(self.value, str):
            return self.value
        if self.resolved is None:
            try:
                self.resolved = resolve(self.value)
            except (Exception, SystemExit) as cause:
                where = f"{self.value!r}, where plug-in {self.plugin} says it is"
                raise PluginLoadError(f"{self.kind}: {self.name!r} cannot be loaded from {where}: {describe(cause)}") from cause
        return self.resolved


class Outcome:
    """What became of loading a plug-in. ``offers`` are by kind and name, and empty unless it was loaded."""

    def __init__(
        self,
        state: Literal["loaded", "failed", "refused"],
        milliseconds: float,
        offers: Mapping[str, Mapping[str, Offer]] | None = None,
        error: BaseException | None = None,
        note: str = "",
    ) -> None:
        self.state, self.milliseconds, self.error, self.note = state, milliseconds, error, note
        self.offers = {} if offers is None else offers


class Plugin:
    """A plug-in that was found or registered. ``source`` gives the module or object with its hooks, or raises."""

    def __init__(
        self,
        name: str,
        target: str,
        source: Callable[[], object],
        origin: Origin = "discovered",
        distribution: str | None = None,
        version: str | None = None,
    ) -> None:
        self.name, self.target, self.source, self.origin = name, target, source, origin
        self.distribution, self.version = distribution, version
        self.outcome: Outcome | None = None

    @property
    def offers(self) -> Mapping[str, Mapping[str, Offer]]:
        """What it offers by kind and name: nothing unless it is loaded."""
        return self.outcome.offers if self.outcome else {}

    @property
    def error(self) -> BaseException | None:
        """Why it could not be loaded, if it could not."""
        return self.outcome.error if self.outcome else None

    def failure(self) -> PluginLoadError:
        """The error that says that it could not be loaded; the reason is for the caller to chain."""
        verb = "was refused" if self.outcome and self.outcome.state == "refused" else "failed to load"
        return PluginLoadError(f"plug-in {self} {verb}" + (f": {describe(self.error)}" if self.error else ""))

    def __str__(self) -> str:
        if self.distribution is None:
            return f"{self.name!r} (registered explicitly)" if self.origin == "explicit" else f"{self.name!r} (of no known distribution)"
        return f"{self.name!r} of {self.distribution} {self.version or '(unknown version)'}"
