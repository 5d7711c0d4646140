"""The manager in use: one for the process, and another one for as long as a test wants to be alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tane.plugins.manager import PluginManager

__all__ = ["current", "isolated", "reset"]

_active = PluginManager()


def current() -> PluginManager:
    """The manager that all functions of :mod:`tane.plugins` speak to."""
    return _active


def reset() -> None:
    """Forget what was registered, loaded and switched, and read the environment afresh. For tests."""
    global _active
    _active = PluginManager()


@contextmanager
def isolated(*, autoload: bool = False) -> Iterator[PluginManager]:
    """A registry of its own in a ``with`` block: core, and what is registered inside. Afterwards all is as before.

    With ``autoload=True`` it also finds the installed plug-ins, as a fresh process would. It holds for all threads.

    >>> with isolated() as registry:  # here tane.plugins.register(my_plugin) would last until the end of the block
    ...     registry is current()
    True
    """
    global _active
    before = _active
    _active = PluginManager()
    if not autoload:
        _active.settings.autoload = False
    try:
        yield _active
    finally:
        _active = before
