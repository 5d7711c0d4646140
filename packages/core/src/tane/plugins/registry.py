"""Asking for what plug-ins offer. What is only needed to say that something is not there is imported to say it."""

from __future__ import annotations

from tane.plugins.active import current

__all__ = ["contributions", "kinds", "lookup", "names"]


def lookup(kind: str, name: str) -> object:
    """The object that a plug-in offers under a name, imported now if it was not needed before.

    What core offers, or a plug-in that was registered explicitly, is answered without looking for others.

    Raises:
        UnknownPluginNameError: nobody offers it; the message says what there is, and what to install.
        PluginLoadError: its plug-in says where it is, and it cannot be imported from there.
        PluginConflictError: two installed plug-ins claim one name.
        ValueError: there is no such kind.

    >>> lookup("optimizers", "SGD")                 # doctest: +SKIP
    <class 'tane.optim.sgd.SGD'>
    """
    check(kind)
    manager = current()
    key = kind, name
    offer = manager.basic().offers.get(key) or manager.checked().offers.get(key)
    if offer is None:
        from tane.plugins.hints import unknown

        raise unknown(manager, kind, name)
    return offer.resolve()


def names(kind: str) -> tuple[str, ...]:
    """All names of a kind, in alphabetical order.

    Raises:
        PluginConflictError: two installed plug-ins claim one name.
        ValueError: there is no such kind.

    >>> "cpu" in names("backends")
    True
    """
    check(kind)
    return tuple(current().checked().of_kind(kind))


def contributions(kind: str) -> dict[str, object]:
    """What plug-ins returned for a kind, by name; ``"module:attribute"`` strings stay strings: :func:`lookup` imports.

    Raises:
        PluginConflictError: two installed plug-ins claim one name.
        ValueError: there is no such kind.
    """
    check(kind)
    return {name: offer.value for name, offer in current().checked().of_kind(kind).items()}


def kinds() -> tuple[str, ...]:
    """What plug-ins contribute to: ``"backends"``, ``"ops"``, ``"modules"`` and so on, one for each hook."""
    from tane.plugins.hookspecs import KINDS  # brings pluggy

    return KINDS


def check(kind: str) -> None:
    if kind not in kinds():
        from tane.plugins.hints import unknown_kind

        raise unknown_kind(kind, kinds())
