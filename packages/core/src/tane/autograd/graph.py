"""``autograd.graph``: the graph seen from outside, and hooks that need more than one tensor."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Sequence
from typing import Any

from tane.autograd import passes, versions
from tane.autograd.edges import GradientEdge, get_gradient_edge
from tane.autograd.node import Node, RemovableHandle
from tane.autograd.saved import disable_saved_tensors_hooks, save_on_cpu, saved_tensors_hooks
from tane.tensor import Tensor

__all__ = [
    "GradientEdge",
    "Node",
    "disable_saved_tensors_hooks",
    "get_gradient_edge",
    "increment_version",
    "register_multi_grad_hook",
    "save_on_cpu",
    "saved_tensors_hooks",
]


def increment_version(tensor: Tensor | Sequence[Tensor]) -> None:
    """Count a change of the tensor's memory that tane did not see, so that backward raises if it needs the old values."""
    for t in (tensor,) if isinstance(tensor, Tensor) else tensor:
        versions.touch(t.array, "increment_version")


def register_multi_grad_hook(tensors: Sequence[Tensor], fn: Callable[[Any], None], *, mode: str = "all") -> RemovableHandle:
    """Call ``fn`` in backward: with ``mode="all"`` with the list of the gradients of all ``tensors`` (None where one gets none) once the last has
    arrived, with ``"any"`` with the first gradient to arrive. Gradients cannot be changed by it.
    """
    if mode not in ("all", "any"):
        raise ValueError(f"Expects mode to be one of ('all', 'any') but got {mode}")
    token = object()
    return _Handles((_hook_all if mode == "all" else _hook_any)(tensors, fn, token), token)


class _Handles(RemovableHandle):
    """Takes out a group of hooks, and ends the watch on passes."""

    def __init__(self, handles: Sequence[RemovableHandle], token: object) -> None:
        self.handles, self.token = tuple(handles), token
        passes.pass_watchers.append(token)

    def remove(self) -> None:
        for handle in self.handles:
            handle.remove()
        if self.token in passes.pass_watchers:
            passes.pass_watchers.remove(self.token)


def _hook_all(tensors: Sequence[Tensor], fn: Callable[[Any], None], token: object) -> list[RemovableHandle]:
    lock = threading.Lock()
    nodes = [t.node for t in tensors]

    def arrived(number: int, g: Tensor) -> None:
        current = passes.passes.current
        assert current is not None
        with lock:
            if token not in current.notes:
                current.notes[token] = [None] * len(nodes), [sum(n is not None and current.reaches(n) for n in nodes)]
            gradients, missing = current.notes[token]
            gradients[number] = g
            missing[0] -= 1
        if not missing[0]:
            fn(gradients)

    return [t.register_hook(functools.partial(arrived, i)) for i, t in enumerate(tensors)]


def _hook_any(tensors: Sequence[Tensor], fn: Callable[[Any], None], token: object) -> list[RemovableHandle]:
    lock = threading.Lock()

    def arrived(g: Tensor) -> None:
        current = passes.passes.current
        assert current is not None
        with lock:
            first = token not in current.notes
            current.notes[token] = True
        if first:
            fn(g)

    return [t.register_hook(arrived) for t in tensors]
