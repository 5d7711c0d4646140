"""How many gradients each node of a graph will receive, counted before backward starts."""

from __future__ import annotations

from collections.abc import Container, Iterable

from tane.autograd.node import Node, Output

__all__ = ["count_uses", "count_uses_towards"]


def count_uses(roots: Iterable[Node]) -> tuple[dict[Node, int], bool]:
    """For every node that roots lead to: how many gradients it will receive; and whether any of them receives several."""
    waiting = dict.fromkeys(roots, 0)
    stack = list(waiting)
    several = False
    while stack:
        for m in stack.pop().edges:
            if m is not None:
                if m in waiting:
                    waiting[m] += 1
                    several = True  # of a root, too: it has one already
                else:
                    waiting[m] = 1
                    if m.edges:
                        stack.append(m)
    return waiting, several


def count_uses_towards(roots: Iterable[Node], targets: Iterable[Node], within: Container[Node] | None = None) -> dict[Node, int]:
    """As :func:`count_uses`, with 0 for nodes from which no target can be reached: nothing is computed for those. ``within`` limits the graph
    to some operations; others are taken for constants.
    """
    users: dict[Node, list[Node]] = {n: [] for n in roots}
    border: list[Node] = []
    stack = list(users)
    while stack:
        n = stack.pop()
        constant = within is not None and (n.parent if type(n) is Output else n) not in within
        for m in n.edges:
            if m is None:
                continue
            if constant:
                border.append(m)
                continue
            if m not in users:
                users[m] = []
                stack.append(m)
            users[m].append(n)
    for m in border:
        users.setdefault(m, [])
    needed: set[Node] = set()
    stack = [t for t in targets if t in users]
    while stack:
        n = stack.pop()
        if n not in needed:
            needed.add(n)
            stack.extend(users[n])
    return {n: sum(u in needed for u in users[n]) if n in needed else 0 for n in users}
