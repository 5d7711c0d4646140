"""The plug-in manager: what there is, what may load, and when it is loaded.

Nothing is looked for before it is asked for. pluggy and ``importlib.metadata`` are imported only then, inside the
functions that need them: ``import tane`` pays for neither.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable
from functools import partial
from threading import Lock, get_ident

from tane.plugins.errors import PluginConflictError, PluginWarning
from tane.plugins.plugin import Plugin, resolve
from tane.plugins.settings import Settings
from tane.plugins.table import Conflict, Table, merge
from tane.version import __version__

__all__ = ["CORE", "PluginManager"]

#: The plug-in that is always loaded, first and without looking for others: without the CPU and the ops nothing works.
CORE = "tane.plugins.builtin"


class PluginManager:
    """Holds the plug-ins, each of which is loaded once, and combines what the settings let pass.

    Imports run outside of any lock: a thread that imports with a lock held may wait for an import of another thread
    that waits for the lock. Two threads may therefore both load the plug-ins at first use; the outcome that is there
    first counts.
    """

    def __init__(self) -> None:
        self.core = Plugin("core", CORE, partial(resolve, CORE), "core", "tane-core", __version__)
        self.explicit: dict[str, Plugin] = {}
        self._settings: Settings | None = None
        self._discovered: list[Plugin] | None = None
        self._basic: Table | None = None  # core and what was registered explicitly
        self._complete: Table | None = None  # and all that was discovered
        self._loading: set[int] = set()  # the threads that are loading plug-ins
        self._commit = Lock()

    # ---- what there is -----------------------------------------------------------------------------------------------
    @property
    def settings(self) -> Settings:
        """The switches. Whoever changes them calls :meth:`invalidate`."""
        with self._commit:
            self._settings = self._settings or Settings.from_environ(os.environ)
            return self._settings

    @property
    def discovered(self) -> list[Plugin]:
        """The installed plug-ins without core, loaded or not."""
        known = self._discovered
        if known is None:
            from tane.plugins.discovery import discover  # brings importlib.metadata

            found = (plugin for plugin in discover() if plugin.target != CORE)
            fresh = sorted(found, key=lambda plugin: (plugin.name, plugin.distribution or ""))
            with self._commit:
                known = self._discovered = fresh if self._discovered is None else self._discovered
        return known

    @property
    def plugins(self) -> list[Plugin]:
        """All of them: core, then the installed ones, then those registered explicitly."""
        return [self.core, *self.discovered, *self.explicit.values()]

    def state(self, plugin: Plugin) -> tuple[str, str]:
        """The state that a plug-in is in, and a remark where there is more to say."""
        if plugin.origin == "discovered":
            doubles = [p for p in self.explicit.values() if plugin.name == p.name or plugin.target == p.target]
            barred = ("disabled", f"{doubles[0]} stands in for it") if doubles else self.settings.against(plugin)
            if barred:
                return barred
        return (plugin.outcome.state, plugin.outcome.note) if plugin.outcome else ("not loaded", "")

    def eligible(self) -> list[Plugin]:
        """The discovered plug-ins that may load."""
        if not self.settings.autoload or self.settings.only == set():
            return []  # and no time is spent on looking for any
        return [plugin for plugin in self.discovered if self.state(plugin)[0] not in ("blocked", "disabled")]

    @property
    def conflicts(self) -> list[Conflict]:
        """The names that loaded plug-ins contest; none before they are loaded."""
        table = self._complete
        return table.conflicts if table else []

    # ---- loading -----------------------------------------------------------------------------------------------------
    def basic(self) -> Table:
        """What core and the explicitly registered plug-ins offer.

        Raises:
            PluginLoadError: core itself cannot be loaded.
        """
        table = self._basic
        if table is None:
            done = self._load([self.core])
            if self.core.error:
                raise self.core.failure() from self.core.error
            table = Table([self.core], self.explicit.values())
            if done:
                self._basic = table
        return table

    def complete(self) -> Table:
        """What all plug-ins together offer, contested names left out.

        Loads what is not loaded yet, and warns of what cannot be.

        Raises:
            PluginLoadError: core itself cannot be loaded.
        """
        self.basic()
        table = self._complete
        if table is None:
            eligible = self.eligible()
            fresh = [plugin for plugin in eligible if plugin.outcome is None]
            done = self._load(fresh)
            table = Table([self.core, *eligible], self.explicit.values())
            if done:
                self._complete = table
                self._warn(fresh)
        return table

    def checked(self) -> Table:
        """As :meth:`complete`, and all is well.

        Raises:
            PluginConflictError: two plug-ins claim one name.
            PluginLoadError: a plug-in could not be loaded, and the settings are strict; or it was core.
        """
        table = self.complete()
        if get_ident() in self._loading:  # a plug-in asks while it is imported: it is not the one to be told
            return table
        for plugin in self.eligible() if self.settings.strict else ():
            if plugin.error:
                raise plugin.failure() from plugin.error
        if table.conflicts:
            raise PluginConflictError("\n".join(conflict.with_advice() for conflict in table.conflicts))
        return table

    def _load(self, plugins: Iterable[Plugin]) -> bool:
        """Load those that have no outcome yet. ``False``: this thread is at it, a plug-in asks while it is imported."""
        from tane.plugins.loader import load  # brings pluggy

        me = get_ident()
        if me in self._loading:
            return False
        self._loading.add(me)
        try:
            for plugin in plugins:
                if plugin.outcome is None:
                    outcome = load(plugin)
                    with self._commit:
                        plugin.outcome = plugin.outcome or outcome
        finally:
            self._loading.discard(me)
        return True

    def _warn(self, fresh: list[Plugin]) -> None:
        """Tell what is wrong, once all is in place: where warnings are errors, the next use finds it all loaded."""
        if self.settings.autoload and self.settings.only:
            known = ", ".join(plugin.name for plugin in self.plugins)
            for name in self.settings.missing(self.plugins):
                wish = f"TANE_LOAD_PLUGINS or tane.plugins.load_only() asks for plug-in {name!r}"
                warnings.warn(f"{wish}, which is not installed; there are: {known}", PluginWarning, stacklevel=2)
        for plugin in fresh:
            if plugin.error and not self.settings.strict:  # strict: it is an error, and raised as one
                warnings.warn(f"{plugin.failure()} (`tane plugins` tells more)", PluginWarning, stacklevel=2)
            warn_of_age(plugin)

    # ---- changes -----------------------------------------------------------------------------------------------------
    def register(self, plugin: Plugin) -> None:
        """Load a plug-in that was given explicitly.

        Raises:
            ValueError: the name is taken.
            PluginLoadError: it cannot be loaded; nothing of it is kept.
            PluginConflictError: another plug-in that was registered explicitly offers the same name.
        """
        from tane.plugins.loader import load  # brings pluggy

        if plugin.name == self.core.name or plugin.name in self.explicit:
            raise ValueError(f"a plug-in is already registered as {plugin.name!r}: unregister it, or give another name")
        plugin.outcome = load(plugin)
        if plugin.error:
            raise plugin.failure() from plugin.error
        _, conflicts = merge([*self.explicit.values(), plugin])
        if conflicts:
            raise PluginConflictError("\n".join(map(str, conflicts)) + f". {plugin.name!r} was not registered: unregister the other first.")
        self.explicit[plugin.name] = plugin
        self.invalidate()
        warn_of_age(plugin)

    def unregister(self, name: str) -> None:
        """Take out a plug-in that was registered explicitly.

        Raises:
            LookupError: none is registered under that name.
        """
        if name not in self.explicit:
            known = ", ".join(map(repr, self.explicit)) or "none"
            raise LookupError(
                f"no plug-in was registered as {name!r}; registered: {known}. An installed one is kept out by tane.plugins.block()"
            )
        del self.explicit[name]
        self.invalidate()

    def invalidate(self) -> None:
        """Combine the offers afresh at the next use. What is loaded stays loaded."""
        self._basic = self._complete = None

    def reload(self) -> None:
        """Look for installed plug-ins afresh at the next use, and try again what failed."""
        self._discovered = None
        self.invalidate()


def warn_of_age(plugin: Plugin) -> None:
    if plugin.outcome and plugin.outcome.note:
        warnings.warn(f"plug-in {plugin} is {plugin.outcome.note}", PluginWarning, stacklevel=3)
