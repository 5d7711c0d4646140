"""Walking the graph without recursion, and what its nodes are called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from tane.autograd.node import SAVED, Node
from tane.tensor import Tensor

__all__ = ["SAVED", "inputs_first", "is_leaf_node", "op_name", "producers", "saved_tensors", "saved_values"]


def op_name(fn: Node) -> str:
    """The name that a node is drawn with: ``MulBackward0``, ``AccumulateGrad``."""
    return fn.name().rpartition("::")[2]


def is_leaf_node(fn: Node) -> bool:
    """Whether it is the end of the graph at a leaf."""
    return hasattr(fn, "variable")


def producers(fn: Node) -> list[Node]:
    """The nodes that its inputs come from, one for each input that has one."""
    return [n for n, _ in fn.next_functions if n is not None]


def inputs_first(roots: Iterable[Node]) -> list[Node]:
    """All nodes that roots lead to, each after those its inputs come from."""
    order: list[Node] = []
    seen: set[Node] = set()
    for root in roots:
        if root in seen:
            continue
        seen.add(root)
        stack: list[tuple[Node, Iterator[Node]]] = [(root, iter(producers(root)))]
        while stack:
            fn, rest = stack[-1]
            following = next(rest, None)
            if following is None:
                order.append(fn)
                stack.pop()
            elif following not in seen:
                seen.add(following)
                stack.append((following, iter(producers(following))))
    return order


def saved_values(fn: Node) -> dict[str, Any]:
    """What a node keeps for backward, by name. A value that was freed by a backward is not there."""
    found = {}
    for attribute in dir(fn):
        if attribute.startswith(SAVED):
            try:
                found[attribute[len(SAVED) :]] = getattr(fn, attribute)
            except (AttributeError, RuntimeError):
                continue
    return found


def saved_tensors(fn: Node) -> list[tuple[str, Tensor]]:
    """The tensors among what a node keeps, those of a list one by one."""
    found = []
    for name, value in saved_values(fn).items():
        if isinstance(value, Tensor):
            found.append((name, value))
        elif isinstance(value, (tuple, list)):
            found += [(f"{name}[{i}]", t) for i, t in enumerate(value) if isinstance(t, Tensor)]
    return found
