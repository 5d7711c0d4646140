"""What all loaded plug-ins offer together: plain dictionaries by kind and name, and which names are contested."""

from __future__ import annotations

from collections.abc import Iterable

from tane.plugins.plugin import Offer, Plugin

__all__ = ["Conflict", "Table", "merge"]


class Conflict:
    """One name that several plug-ins offer."""

    def __init__(self, offers: tuple[Offer, ...]) -> None:
        self.offers = offers

    def __str__(self) -> str:
        kind, name = self.offers[0].kind, self.offers[0].name
        *others, last = (str(offer.plugin) for offer in self.offers)
        return f"{kind}: {name!r} is offered by plug-ins {', '.join(others)} and {last}"

    def involves(self, plugin: Plugin) -> bool:
        """Whether that plug-in is one of those that offer the name."""
        return any(offer.plugin is plugin for offer in self.offers)

    def with_advice(self) -> str:
        """And how to keep one of them out: the one that comes last, by a name that the others do not share."""
        *others, last = (offer.plugin for offer in self.offers)
        shared = any(plugin.name == last.name for plugin in others)
        name = last.distribution if shared and last.distribution else last.name
        return f"{self}. Keep one of them out, for instance by TANE_BLOCK_PLUGINS={name} or tane.plugins.block({name!r})."


class Table:
    """The offers by kind and name. A contested name stands in ``conflicts`` only: nobody gets it by chance.

    ``above`` goes before ``plugins``: that is what explicit registration means, and it settles a conflict below.
    """

    def __init__(self, plugins: Iterable[Plugin], above: Iterable[Plugin] = ()) -> None:
        lower, conflicts = merge(plugins)
        upper, _ = merge(above)
        self.offers = lower | upper
        self.conflicts = [c for c in conflicts if (c.offers[0].kind, c.offers[0].name) not in upper]

    def of_kind(self, kind: str) -> dict[str, Offer]:
        """The offers of one kind by name, in alphabetical order."""
        return dict(sorted((name, offer) for (of, name), offer in self.offers.items() if of == kind))


def merge(plugins: Iterable[Plugin]) -> tuple[dict[tuple[str, str], Offer], list[Conflict]]:
    """What is offered by one plug-in alone, and the conflicts about the rest."""
    claims: dict[tuple[str, str], tuple[Offer, ...]] = {}
    for plugin in plugins:
        for kind, offers in plugin.offers.items():
            for name, offer in offers.items():
                claims[kind, name] = (*claims.get((kind, name), ()), offer)
    alone = {key: offers[0] for key, offers in claims.items() if len(offers) == 1}
    return alone, [Conflict(offers) for offers in claims.values() if len(offers) > 1]
