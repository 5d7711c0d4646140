"""Listing the plug-ins: what ``tane plugins`` shows."""

from __future__ import annotations

import traceback
from contextlib import suppress
from dataclasses import dataclass

from tane.plugins.active import current
from tane.plugins.errors import PluginLoadError
from tane.plugins.manager import PluginManager
from tane.plugins.plugin import Plugin, describe

__all__ = ["PluginRecord", "listing"]


@dataclass(frozen=True)
class PluginRecord:
    """What there is to say about one plug-in.

    ``state`` is one of ``"loaded"``, ``"failed"``, ``"refused"`` (written for newer hooks), ``"blocked"``,
    ``"disabled"`` and ``"not loaded"``. ``error`` is a line about what is wrong, ``note`` one about what is worth
    knowing; both are empty where there is nothing to say.
    """

    name: str
    distribution: str | None
    version: str | None
    target: str
    state: str
    contributions: dict[str, tuple[str, ...]]
    milliseconds: float | None
    note: str = ""
    error: str = ""
    traceback: str = ""


def listing(*, load: bool = True) -> list[PluginRecord]:
    """All plug-ins, core first. Nothing that is wrong with one is raised here: it is in its record.

    With ``load=False`` nothing is imported: what has not been loaded yet is listed as ``"not loaded"``.

    >>> [(p.name, p.distribution, p.state) for p in listing()][0]
    ('core', 'tane-core', 'loaded')
    """
    manager = current()
    if load:
        with suppress(PluginLoadError):  # core's, which is in its record too
            manager.complete()
    return [record(manager, plugin) for plugin in manager.plugins]


def record(manager: PluginManager, plugin: Plugin) -> PluginRecord:
    state, note = manager.state(plugin)
    common = plugin.name, plugin.distribution, plugin.version, plugin.target, state
    if state in ("blocked", "disabled", "not loaded"):
        return PluginRecord(*common, {}, None, note)
    offers = {kind: tuple(sorted(of_kind)) for kind, of_kind in plugin.offers.items() if of_kind}
    by_hand = "registered explicitly" if plugin.origin == "explicit" else ""
    error = plugin.error
    return PluginRecord(
        *common,
        offers,
        round(plugin.outcome.milliseconds, 3) if plugin.outcome else None,
        "; ".join(filter(None, (by_hand, note, overridden(manager, plugin)))),
        describe(error) if error else "\n".join(c.with_advice() for c in manager.conflicts if c.involves(plugin)),
        "".join(traceback.format_exception(error)) if error and state == "failed" else "",
    )


def overridden(manager: PluginManager, plugin: Plugin) -> str:
    """The names that this plug-in offers and an explicitly registered one offers in its place."""
    winners = [p for p in manager.explicit.values() if p is not plugin]
    lost = [
        f"{kind} {name!r}" for kind, of_kind in plugin.offers.items() for name in of_kind for p in winners if name in p.offers.get(kind, ())
    ]
    return f"overridden by explicit registration: {', '.join(lost)}" if lost else ""
