"""Which plug-ins may load: the switches, and their first values from the environment."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from tane.plugins.plugin import Plugin

__all__ = ["Settings", "normalise"]

SPELLINGS = {
    "1": True,
    "true": True,
    "yes": True,
    "on": True,
    "0": False,
    "false": False,
    "no": False,
    "off": False,
    "": False,
}


def normalise(name: str) -> str:
    """A plug-in's or a distribution's name as they are compared: ``Tane_Lion`` is ``tane-lion``."""
    return re.sub(r"[-_.]+", "-", name.strip()).lower()


def names(text: str) -> set[str]:
    """The names in a list such as ``"a, b"``."""
    return {normalise(name) for name in text.split(",") if name.strip()}


def switch(environ: Mapping[str, str], variable: str) -> bool:
    """Whether a variable is on.

    Raises:
        ValueError: it holds neither yes nor no; taking that for either would be a guess.
    """
    text = environ.get(variable, "")
    try:
        return SPELLINGS[text.strip().lower()]
    except KeyError:
        raise ValueError(f"{variable}={text!r} is neither yes nor no: use 1 or 0") from None


class Settings:
    """Each switch only takes plug-ins away: one that was discovered loads when all of them let it pass."""

    def __init__(self, autoload: bool = True, only: set[str] | None = None, blocked: set[str] | None = None, strict: bool = False) -> None:
        self.autoload, self.only, self.strict = autoload, only, strict
        self.blocked = set() if blocked is None else blocked

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Settings) and vars(self) == vars(other)

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Settings:
        """The settings that the ``TANE_…_PLUGINS`` variables ask for. A list that is set and empty is an empty list.

        >>> Settings.from_environ({"TANE_BLOCK_PLUGINS": "viz,cupy"}).blocked == {"viz", "cupy"}
        True
        """
        only = environ.get("TANE_LOAD_PLUGINS")
        return cls(
            autoload=not switch(environ, "TANE_DISABLE_PLUGIN_AUTOLOAD"),
            only=None if only is None else names(only),
            blocked=names(environ.get("TANE_BLOCK_PLUGINS", "")),
            strict=switch(environ, "TANE_STRICT_PLUGINS"),
        )

    def against(self, plugin: Plugin) -> tuple[str, str] | None:
        """The state in which these settings leave a plug-in and the reason, or ``None`` where it may load."""
        known_as = {normalise(plugin.name), normalise(plugin.distribution or "")}
        if known_as & self.blocked:
            return "blocked", "TANE_BLOCK_PLUGINS or tane.plugins.block()"
        if not self.autoload:
            return "disabled", "TANE_DISABLE_PLUGIN_AUTOLOAD or tane.plugins.disable_autoload()"
        if self.only is not None and not known_as & self.only:
            return "disabled", "not in TANE_LOAD_PLUGINS or tane.plugins.load_only()"
        return None

    def missing(self, plugins: Iterable[Plugin]) -> list[str]:
        """The names on the load-only list that no plug-in has."""
        known_as = {normalise(name) for p in plugins for name in (p.name, p.distribution or "")}
        return sorted((self.only or set()) - known_as)
