"""The run of backward that is under way, for hooks that wait for several gradients of the same one."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from typing import Any

from tane.autograd.node import Node

__all__ = ["Pass", "pass_watchers", "passes"]


class Pass:
    """One run of backward, for hooks that wait for several gradients of the same one."""

    def __init__(self, waiting: Mapping[Node, int], roots: Iterable[Node]) -> None:
        self.waiting, self.roots = waiting, frozenset(roots)
        self.notes: dict[Any, Any] = {}  # what each hook has seen of this pass

    def reaches(self, n: Node) -> bool:
        """Whether a gradient is to arrive at ``n``."""
        return n in self.roots or self.waiting.get(n, 0) > 0


class _Passes(threading.local):
    current: Pass | None = None


passes = _Passes()
pass_watchers: list[Any] = []  # passes are noted only while somebody asks for them


def open_pass(waiting: Mapping[Node, int], roots: Iterable[Node]) -> tuple[Pass | None]:
    """Note a run as the current one; returns what was, in a tuple."""
    before = passes.current
    passes.current = Pass(waiting, roots)
    return (before,)
