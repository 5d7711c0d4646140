"""Saying by hand which plug-ins there are and which may load."""

from __future__ import annotations

from functools import partial
from types import ModuleType

from tane.plugins.active import current
from tane.plugins.plugin import Plugin, resolve
from tane.plugins.settings import normalise

__all__ = ["block", "disable_autoload", "load", "load_only", "register", "reload", "strict", "unblock", "unregister"]


def register(plugin: object, name: str | None = None) -> str:
    """Add a plug-in explicitly and load it at once; its name is returned.

    What is registered explicitly always wins: no switch keeps it out, it stands in for an installed plug-in of the same
    name or module, and a name that it offers is its own even where an installed plug-in, or core, offers it too.

    Args:
        plugin: a module, a class or an object with ``@hookimpl`` functions, or where to import it from:
            ``"module"`` or ``"module:attribute"``.
        name: what to call it; by default the name of the module or class.

    Raises:
        ValueError: the name is taken.
        PluginLoadError: it cannot be loaded; nothing of it is kept.
        PluginConflictError: another plug-in that was registered explicitly offers the same name.

    >>> import my_ops                               # doctest: +SKIP
    >>> register(my_ops)                            # doctest: +SKIP
    'my_ops'
    """
    if isinstance(plugin, str):
        target = plugin
        source = partial(resolve, target)
    else:
        target = plugin.__name__ if isinstance(plugin, ModuleType) else class_target(plugin)
        source = partial(itself, plugin)
    entry = Plugin(name or target, target, source, "explicit")
    current().register(entry)
    return entry.name


def unregister(name: str) -> None:
    """Take a plug-in out again that was registered explicitly.

    Raises:
        LookupError: none is registered under that name.
    """
    current().unregister(name)


def block(*names: str) -> None:
    """Keep installed plug-ins out, by their own name or by that of their distribution: as ``TANE_BLOCK_PLUGINS``.

    >>> block("tane-viz", "cupy")
    """
    current().settings.blocked.update(map(normalise, names))
    current().invalidate()


def unblock(*names: str) -> None:
    """Undo :func:`block`, or what ``TANE_BLOCK_PLUGINS`` says of these."""
    current().settings.blocked.difference_update(map(normalise, names))
    current().invalidate()


def disable_autoload(disabled: bool = True) -> None:
    """Load no installed plug-in but core: as ``TANE_DISABLE_PLUGIN_AUTOLOAD=1``."""
    current().settings.autoload = not disabled
    current().invalidate()


def load_only(*names: str) -> None:
    """Of the installed plug-ins, load core and these only: as ``TANE_LOAD_PLUGINS``. Without a name, none but core."""
    current().settings.only = set(map(normalise, names))
    current().invalidate()


def strict(on: bool = True) -> None:
    """Let a plug-in that cannot be loaded be an error, not a warning: as ``TANE_STRICT_PLUGINS=1``."""
    current().settings.strict = on
    current().invalidate()


def load() -> None:
    """Find and load all plug-ins now. Needed only to choose the moment: whatever needs them does it.

    Raises:
        PluginConflictError: two plug-ins claim one name.
        PluginLoadError: one cannot be loaded and :func:`strict` is on; or it is core.
    """
    current().checked()


def reload() -> None:
    """Look for installed plug-ins afresh at the next use, and try again what failed.

    For instance after ``pip install`` in a notebook. Switches and what was registered explicitly stay. Modules are not
    imported anew; their hooks are called anew.
    """
    current().reload()


def class_target(plugin: object) -> str:
    cls = plugin if isinstance(plugin, type) else type(plugin)
    return f"{cls.__module__}:{cls.__qualname__}"


def itself(plugin: object) -> object:
    return plugin
