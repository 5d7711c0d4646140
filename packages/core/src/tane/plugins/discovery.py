"""Finding installed plug-ins by their entry points, without importing any of them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from importlib.metadata import Distribution, distributions

from tane.plugins.errors import PluginError
from tane.plugins.plugin import Plugin, resolve
from tane.plugins.settings import normalise

__all__ = ["discover"]

GROUP = "tane"


def discover() -> Iterator[Plugin]:
    """Every entry point of group ``tane``, each distribution once: the first on ``sys.path``, the one imports find.

    An editable install may be found twice, by its metadata in site-packages and by that beside its source. The files
    are read here because ``importlib.metadata.entry_points()`` gives up on all of them at the first that is malformed.
    """
    seen = set()
    for distribution in distributions():
        try:
            text = distribution.read_text("entry_points.txt") or ""
        except UnicodeDecodeError:  # whatever that is, it is none of ours
            continue
        if f"[{GROUP}]" not in text:
            continue
        name = header(distribution, "Name")
        if name is None or normalise(name) not in seen:
            seen.add(normalise(name or ""))
            yield from plugins_of(distribution, name)


def plugins_of(distribution: Distribution, name: str | None) -> Iterator[Plugin]:
    """The plug-ins of one distribution; where its entry points cannot be read, one that fails with the reason."""
    version = header(distribution, "Version")
    try:
        entries = {entry.name: entry.value for entry in distribution.entry_points if entry.group == GROUP}
    except Exception as error:
        broken = PluginError(f"the entry_points.txt of its distribution cannot be read: {error}")
        yield Plugin(name or "?", "entry_points.txt", partial(fail, broken), distribution=name, version=version)
    else:
        for entry, value in entries.items():
            target = value.partition("[")[0].strip()  # a value may end in the extras that it needs: "module [extra]"
            yield Plugin(entry, target, partial(resolve, target), distribution=name, version=version)


def header(distribution: Distribution, key: str) -> str | None:
    """One line of a distribution's metadata, ``None`` where it has no such line or no metadata at all."""
    try:
        found = distribution.metadata.get_all(key, [])
    except Exception:  # Python's versions differ in what they raise for a missing METADATA
        return None
    return found[0] if found else None


def fail(error: Exception) -> object:
    raise error
