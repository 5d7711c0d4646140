"""What to say to somebody who asks for a name that nobody offers."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from tane.plugins.errors import UnknownPluginNameError
from tane.plugins.manager import PluginManager
from tane.plugins.plugin import describe

__all__ = ["unknown", "unknown_kind"]

#: The distribution that brings the usual names of a kind, and how to install it.
HOMES = {
    "modules": ("tane-nn", "pip install tane-nn"),
    "optimizers": ("tane-optim", "pip install tane-optim"),
    "lr_schedulers": ("tane-optim", "pip install tane-optim"),
    "datasets": ("tane-data", "pip install tane-data"),
    "loaders": ("tane-data", "pip install tane-data"),
    "visualizers": ("tane-viz", "pip install tane-viz"),
    "loggers": ("tane-viz", "pip install tane-viz"),
}
#: The same for single devices.
DEVICES = {
    "cuda": (
        "tane-cupy",
        'pip install "tane-cupy[cuda12]" or "tane-cupy[cuda13]", after the CUDA version of your driver',
    )
}

NOUNS = {"backends": "device"}


def unknown(manager: PluginManager, kind: str, name: str) -> UnknownPluginNameError:
    """The error for a name that is not there: what is, what was perhaps meant or left out, and what to install."""
    known = tuple(manager.complete().of_kind(kind))
    if kind == "commands":  # as they are typed
        known = tuple(other.replace("_", "-") for other in known)
    noun = NOUNS.get(kind, kind.removesuffix("s").replace("_", " "))
    near = get_close_matches(name, known, 3)
    # Letter by letter "adam" and "Adam" are far apart; by eye they are the same.
    near = [other for other in known if other.lower() == name.lower()] or near
    text = f"there is no {noun} {name!r}"
    text += f": did you mean {' or '.join(map(repr, near))}?" if near else "."
    text += f" {available(known)}" if known else f" No {noun} is available at all."
    return UnknownPluginNameError(" ".join((text, *left_out(manager), *to_install(manager, kind, name))), kind, name, known)


def available(known: Sequence[str], most: int = 24) -> str:
    """The names there are, or how many where that would be a page: core alone has hundreds of ops."""
    if len(known) <= most:
        return f"Available: {', '.join(known)}."
    return f"Available: {', '.join(known[:most])} and {len(known) - most} more; `tane plugins --json` has all."


def unknown_kind(kind: str, kinds: Sequence[str]) -> ValueError:
    """The error for something that plug-ins do not contribute to at all."""
    near = get_close_matches(kind, kinds, 1)
    hint = f": did you mean {near[0]!r}?" if near else f"; they have {', '.join(kinds)}"
    return ValueError(f"plug-ins have no {kind!r}{hint}")


def left_out(manager: PluginManager) -> list[str]:
    """The plug-ins that could have offered it but are not loaded, each with the reason."""
    sentences = []
    for plugin in manager.discovered:
        state, note = manager.state(plugin)
        if state != "loaded":
            reason = describe(plugin.error) if plugin.error and state not in ("blocked", "disabled") else note
            sentences.append(f"Plug-in {plugin} is not loaded ({state}{': ' if reason else ''}{reason}).")
    return sentences


def to_install(manager: PluginManager, kind: str, name: str) -> list[str]:
    """The command that brings it, unless what it would install is there."""
    distribution, command = DEVICES.get(name, (None, "")) if kind == "backends" else HOMES.get(kind, (None, ""))
    if distribution and not any(plugin.distribution == distribution for plugin in manager.discovered):
        return [f"To install: {command}."]
    if distribution:
        return []
    return ["A package may offer it: an installed plug-in is found by itself; `tane plugins` lists those there are."]
