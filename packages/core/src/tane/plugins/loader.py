"""Loading one plug-in: import it, check what it says, and collect what its hooks return, all of it or nothing."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from keyword import iskeyword
from time import perf_counter
from types import ModuleType

from pluggy import PluginManager

from tane.plugins import hookspecs
from tane.plugins.errors import PluginApiError, PluginError
from tane.plugins.hookspecs import API_VERSION, HOOKS
from tane.plugins.plugin import Offer, Outcome, Plugin

__all__ = ["load"]


def load(plugin: Plugin) -> Outcome:
    """Load a plug-in. What it raises is in the outcome; nothing is raised here but an interruption by the user."""
    start = perf_counter()
    try:
        found = plugin.source()
        note = check_version(found)
        check_names(found)
        offers = collect(plugin, found)
    except PluginApiError as error:
        return Outcome("refused", elapsed(start), error=error)
    except (Exception, SystemExit) as error:  # a plug-in that exits when imported is a broken one like any other
        return Outcome("failed", elapsed(start), error=error)
    return Outcome("loaded", elapsed(start), offers, note=note)


def elapsed(start: float) -> float:
    return (perf_counter() - start) * 1000


def check_version(found: object) -> str:
    """A remark where the plug-in was written for older hooks. One that states no version was written for the first."""
    version = getattr(found, "tane_api_version", 1)
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise PluginError(f"tane_api_version must be a positive whole number, not {version!r}")
    if version > API_VERSION:
        raise PluginApiError(
            f"written for plug-in API {version}; this tane has {API_VERSION}: upgrade tane-core, or use an older version of the plug-in"
        )
    return f"written for plug-in API {version}; this tane has {API_VERSION}" if version < API_VERSION else ""


def check_names(found: object) -> None:
    """Refuse what looks like a hook and is none: it would be ignored without a word."""
    for name in dir(found):
        if not name.startswith("tane_") or name == "tane_api_version":
            continue
        value = inspect.getattr_static(found, name, None)
        if isinstance(value, ModuleType):  # import tane_cupy
            continue
        function = getattr(value, "__func__", value)  # below a staticmethod
        options = getattr(value, "tane_impl", None) or getattr(function, "tane_impl", None)
        if options is None and name in HOOKS:
            raise PluginError(f"{name} is not marked: write @hookimpl above it (from tane.plugins import hookimpl)")
        if name not in HOOKS and not (options and (options["optionalhook"] or options["specname"])):
            from difflib import get_close_matches  # which only a misspelt hook has need of

            near = get_close_matches(name, (*HOOKS, "tane_api_version"), 1)
            hint = f"did you mean {near[0]}?" if near else f"hooks are {', '.join(HOOKS)}"
            raise PluginError(f"there is no hook {name}: {hint}")


def collect(plugin: Plugin, found: object) -> dict[str, dict[str, Offer]]:
    """What the hooks return, checked, by kind and name."""
    # A manager for this plug-in alone: pluggy calls everybody's hooks in one go, and the question is who offers what.
    manager = PluginManager("tane")
    manager.add_hookspecs(hookspecs)
    manager.register(found, plugin.name)
    offers: dict[str, dict[str, Offer]] = {}
    for hook in HOOKS:
        for implementation in getattr(manager.hook, hook).get_hookimpls():
            if implementation.wrapper or implementation.hookwrapper:
                raise PluginError(f"{hook} is a wrapper: hooks of tane are not wrapped, they return a mapping")
            kind = hook.removeprefix("tane_")
            of_kind = offers.setdefault(kind, {})
            for name, value in checked(hook, implementation.function()).items():
                if name in of_kind:
                    raise PluginError(f"{hook} offers {name!r} twice")
                of_kind[name] = Offer(kind, name, value, plugin)
    return offers


def checked(hook: str, returned: object) -> Mapping[str, object]:
    """What a hook returned, if that is a mapping from identifiers to objects or targets."""
    if not isinstance(returned, Mapping):
        raise PluginError(f"{hook} must return a mapping from name to object, not {type(returned).__name__}")
    for name, value in returned.items():
        if not isinstance(name, str) or not name.isidentifier() or iskeyword(name):
            raise PluginError(f"{hook} returned the name {name!r}: names are Python identifiers")
        if value is None:
            raise PluginError(f"{hook} returned None for {name!r}")
        if isinstance(value, str) and not is_target(value):
            raise PluginError(f"{hook} returned {value!r} for {name!r}: a string there reads 'module:attribute'")
    return returned


def is_target(text: str) -> bool:
    module, colon, attribute = text.partition(":")
    return bool(colon) and all(part.isidentifier() for part in (*module.split("."), *attribute.split(".")))
