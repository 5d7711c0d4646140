"""What backward does for hooks: on gradients, and on nodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tane.autograd import versions
from tane.autograd.fitting import fit, namespaces
from tane.autograd.node import Node
from tane.autograd.state import local, set_recording

__all__ = ["as_tensor", "observe", "run_hooks", "run_prehooks"]


def run_hooks(hooks: dict[int, Callable[..., Any]], g: Any, create: bool, wrap: Callable[[Any], Any]) -> Any:
    """Pass a gradient through hooks, each of which may return another."""
    if local.recording != create:
        set_recording(create)
    value = g if create else wrap(g)
    for hook in list(hooks.values()):
        result = hook(value)
        if result is not None:
            value = _replacement(hook, value, result)
    return value if create else value.array


def _replacement(hook: Any, before: Any, after: Any) -> Any:
    """What a hook returned, checked to be a possible gradient in place of ``before``."""
    name = getattr(hook, "__name__", hook)
    if not hasattr(after, "array"):
        raise TypeError(f"expected Variable, but hook returned '{type(after).__name__}'")
    if before is not None and after.array.shape != before.array.shape:
        raise RuntimeError(f"hook '{name}' has changed the size of value")
    if before is not None and after.array.dtype != before.array.dtype:
        raise RuntimeError(f"hook '{name}' has changed the type of value (was {before.type()} got {after.type()})")
    return after


def _replacements(hook: Any, before: tuple[Any, ...], after: Any) -> tuple[Any, ...]:
    """As :func:`_replacement`, for hooks on tuples of gradients."""
    if after is None:
        return before
    if not isinstance(after, tuple):
        raise TypeError(f"expected tuple, but hook returned '{type(after).__name__}'")
    if len(after) != len(before):
        name = getattr(hook, "__name__", hook)
        raise RuntimeError(f"hook '{name}' has returned an incorrect number of values (got {len(after)}, but expected {len(before)})")
    return tuple(a if a is None else _replacement(hook, b, a) for b, a in zip(before, after, strict=True))


def run_prehooks(n: Node, gradients: list[Any], create: bool, wrap: Callable[[Any], Any]) -> list[Any]:
    """Pass the gradients of a node's outputs through the hooks on the node itself."""
    if local.recording != create:
        set_recording(create)
    values = tuple(as_tensor(g, create, wrap) for g in gradients)
    for hook in list((n.prehooks or {}).values()):
        values = _replacements(hook, values, hook(values))
    return [v if v is None or create else v.array for v in values]


def observe(n: Node, g: list[Any], contributions: list[tuple[Any, Node | None]], create: bool, wrap: Callable[[Any], Any]) -> Any:
    """Run what watches a node: its post hooks, and the search for NaN under ``detect_anomaly``."""
    if local.anomaly and local.check_nan:
        for number, (gt, _) in enumerate(contributions):
            if gt is not None and versions.has_nan(gt):
                raise RuntimeError(f"Function '{n.name()}' returned nan values in its {number}th output.{versions.recorded_at(n)}")
    if not n.post_hooks:
        return contributions
    if local.recording != create:
        set_recording(create)
    left = list(contributions)
    found = []
    for e in n.edges:  # edges that lead to nothing wanted were skipped
        gt = left.pop(0)[0] if e is not None and left and left[0][1] is e else None
        if e is not None and gt is not None and gt.shape != e.shape:
            gt = fit(namespaces[type(gt)], gt, e.shape, create)
        found.append(as_tensor(gt, create, wrap))
    inputs = tuple(found)
    outputs = tuple(as_tensor(x, create, wrap) for x in g)
    for hook in list(n.post_hooks.values()):
        inputs = _replacements(hook, inputs, hook(inputs, outputs))
    return [(x if x is None or create else x.array, e) for x, e in zip(inputs, n.edges, strict=True) if e is not None]


def as_tensor(value: Any, create: bool, wrap: Callable[[Any], Any]) -> Any:
    return value if value is None or create else wrap(value)
