"""Backward: gradients flow from roots to leaves, each node once, without recursion.

Values are raw arrays in a plain backward and Tensors under ``create_graph``; the loop is the same for both, because gradient formulas
compute in whatever namespace ``F`` belongs to the type of the gradient at hand.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Container, Iterable, Mapping
from sys import getrefcount
from typing import Any

from tane.autograd import versions
from tane.autograd.node import AccumulateGrad, Node, Output
from tane.autograd.state import local, set_recording, state
from tane.backends.backend import TypeTable

__all__ = ["run"]

FREED = (
    "Trying to backward through the graph a second time (or directly access saved tensors after they have already been freed). Saved intermediate "
    "values of the graph are freed when you call .backward() or autograd.grad(). Specify retain_graph=True if you need to backward through the graph "
    "a second time or if you need to access saved tensors after calling backward."
)


def count_uses(roots: Iterable[Node]) -> dict[Node, int]:
    """For every node that roots lead to: how many gradients it will receive."""
    waiting = dict.fromkeys(roots, 0)
    stack = list(waiting)
    while stack:
        for m in stack.pop().edges:
            if m is not None:
                if m in waiting:
                    waiting[m] += 1
                else:
                    waiting[m] = 1
                    if m.edges:
                        stack.append(m)
    return waiting


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


def fit(F: Any, g: Any, shape: tuple[int, ...], create: bool) -> Any:
    """Bring a gradient to the shape of its input: sum what broadcasting had repeated, repeat what a reduction had summed."""
    extra = g.ndim - len(shape)
    kind = type(g)
    if not shape:
        g = F.sum(g, axis=None)
        return g if type(g) is kind else g[...]
    if extra >= 0:
        axes = tuple(range(extra)) + tuple(i + extra for i, d in enumerate(shape) if d == 1 and g.shape[i + extra] != 1)
        if axes:
            # Axes in front may go at once; where an axis was repeated, its place must stay.
            stay = len(axes) != extra
            if axes == (0,) and not stay and not create and g.ndim == 2 and g.shape[0] >= 512 and g.shape[1] <= 16:
                # Thousands of rows added up into a handful of numbers: float32 would lose digits that PyTorch's sums keep.
                g = F.sum(g, axis=0, dtype="float64").astype(g.dtype)
            else:
                g = F.sum(g, axis=axes, keepdims=stay)
            if type(g) is not kind:
                g = g[...]  # NumPy's scalar becomes an array again
            if stay and extra:
                g = g.reshape(g.shape[extra:])
            if g.shape == shape:
                return g
    if create:
        return F.broadcast_to(g, shape)
    full = F.empty(shape, dtype=g.dtype)
    full[...] = g
    return full


def recast(F: Any, g: Any, dtype: Any) -> Any:
    """Bring a gradient to the element type of its input; a real input takes the real part of a complex gradient."""
    have = getattr(g, "array", g).dtype
    if have == dtype:
        return g
    if dtype.kind != "c" and have.kind == "c":
        g = F.real(g)
    return F.cast(g, dtype)


def run(
    roots: Mapping[Node, Any],
    create: bool,
    keep: bool,
    wrap: Callable[[Any], Any],
    targets: Iterable[Node] | None = None,
    accumulate: bool = True,
    within: Container[Node] | None = None,
) -> dict[Node, Any]:
    """Propagate the gradients ``roots`` (node -> gradient) and return those that arrived at ``targets``.

    With ``accumulate``, leaves among the targets (all leaves, if ``targets`` is None) add what they receive to their ``grad``. ``create``
    says that gradients are Tensors and record themselves, ``keep`` that saved values stay for another backward. ``wrap`` makes a Tensor
    of a raw array, for hooks and leaves. ``within`` limits the pass to some operations.
    """
    if targets is None:
        waiting = count_uses(roots)
        captured = None
    else:
        captured = dict.fromkeys(targets)
        waiting = count_uses_towards(roots, captured, within)
    was_recording = local.recording
    # Formulas on raw arrays record nothing whatever the setting; only what runs the user's code needs it or hooks.
    if create and not was_recording:
        set_recording(True)
    changed: list[Any] = []
    outer = _open_pass(waiting, roots) if pass_watchers else None
    try:
        _propagate(dict(roots), waiting, captured, create, keep, wrap, accumulate, changed)
    finally:
        if outer is not None:
            passes.current = outer[0]
        # Counted only now: during the pass every node would otherwise look whether one of its values was meant.
        for array in changed:
            versions.touch(array, "AccumulateGrad")
        if local.recording != was_recording:
            set_recording(was_recording)
    return captured or {}


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


def _open_pass(waiting: Mapping[Node, int], roots: Iterable[Node]) -> tuple[Pass | None]:
    before = passes.current
    passes.current = Pass(waiting, roots)
    return (before,)


def _propagate(
    pending: dict[Node, Any],
    waiting: dict[Node, int],
    captured: dict[Node, Any] | None,
    create: bool,
    keep: bool,
    wrap: Callable[[Any], Any],
    accumulate: bool,
    changed: list[Any],
) -> None:
    owned: set[Node] = set()  # whose pending sum belongs to us alone and may be added to in place
    parts: dict[Node, list[Any]] = {}  # of operations with several outputs: the gradient of each output
    ready = [(n, pending.pop(n)) for n in list(pending) if not waiting[n]]
    careful = create or captured is not None or local.anomaly
    while ready:
        n, g = ready.pop()
        kind = type(n)
        if n.hooks and g is not None:
            g = run_hooks(n.hooks, g, create, wrap)
            if kind is AccumulateGrad and not create:
                g = g.copy()  # a hook may have kept it
            if n.prehooks is not None and accumulate and kind is AccumulateGrad:
                g = run_prehooks(n, [g], create, wrap)[0]
        if captured is not None:
            if n in captured:
                captured[n] = g
            if kind is not AccumulateGrad and not any(m is not None and waiting[m] for m in n.edges):
                continue  # nothing beyond is wanted
        if kind is AccumulateGrad:
            if accumulate and g is not None and (captured is None or n in captured):
                deposit(n, g, create, wrap, changed)  # type: ignore[arg-type]
            continue
        if kind is Output:
            slots = parts.setdefault(n.parent, [None] * n.parent.count)
            slots[n.number] = g if slots[n.number] is None else slots[n.number] if g is None else slots[n.number] + g
            contributions: Any = ((None, n.parent),)
        else:
            if n.saved is None:
                raise RuntimeError(FREED)
            if n.epoch != state.mutations:
                versions.check(n)
            if kind is not Node:
                if local.recording != create:
                    set_recording(create)
                gradients = parts.pop(n, None) or [g]
                if n.prehooks is not None:
                    gradients = run_prehooks(n, gradients, create, wrap)
                contributions = zip(n.pull(gradients, create, wrap), n.edges, strict=True)
                if n.post_hooks is not None or local.anomaly:
                    contributions = observe(n, gradients, list(contributions), create, wrap)
            elif g is None:
                contributions = [(None, m) for m in n.edges]
            elif careful or n.post_hooks is not None or n.saved_hook is not None:
                if n.prehooks is not None:
                    (g,) = run_prehooks(n, [g], create, wrap)
                contributions = pull(n, g, waiting, create)
                if n.post_hooks is not None or local.anomaly:
                    contributions = observe(n, [g], contributions, create, wrap)
            else:
                # What pull and the code below do, for the plain backward.
                t = type(g)
                op = n.op
                F, formulas = op.rules[t]
                for formula, args, m in zip(formulas, n.saved, n.edges):
                    if m is None:
                        continue
                    gt = formula(F, g, *args)
                    if type(gt) is not t:
                        gt = gt[...]  # a NumPy scalar becomes an array again
                    if gt.dtype is not m.dtype:
                        gt = recast(F, gt, m.dtype)
                    if gt.shape != m.shape and (
                        gt.ndim or type(m) is not Node or not m.op.broadcasts_gradient or waiting[m] != 1 or m.hooks
                    ):
                        gt = fit(F, gt, m.shape, False)
                    if waiting[m] != 1 or m in pending:
                        gt = add_up(m, gt, pending, waiting, owned)
                        if gt is None:
                            continue
                    elif type(m) is AccumulateGrad:
                        # A formula may hand out its argument or a view of it; a leaf must not share its gradient with anything.
                        if gt.base is not None or getrefcount(gt) > 2:
                            gt = gt.copy()
                        if m.hooks is None and m.post_accumulate is None and (variable := m.ref()) is not None and variable._grad is None:
                            variable._grad = wrap(gt)
                            continue
                    ready.append((m, gt))
                gt = args = None  # what was saved may go before the next operation
                if not keep and op.keeps_values:
                    n.saved = None
                continue
        for gt, m in contributions:
            if m is None or not waiting[m]:
                continue
            if gt is not None and gt.shape != m.shape:
                gt = fit(namespaces[type(gt)], gt, m.shape, create)
            before = pending.get(m)
            if before is None:
                total = gt
            elif gt is None:
                total = before
            elif m in owned:
                before += gt
                total = before
            else:
                total = before + gt
                if not create:
                    if type(total) is not type(before):
                        total = total[...]
                    owned.add(m)
            if waiting[m] > 1:
                waiting[m] -= 1
                if total is not None:
                    pending[m] = total
                continue
            if before is not None:
                del pending[m]
            elif total is not None and accumulate and type(m) is AccumulateGrad and (create or gt.base is not None or getrefcount(gt) > 4):
                total = gt.clone() if create else gt.copy()
            ready.append((m, total))
        gt = total = before = contributions = None
        if not keep and kind is not Output and n.op.keeps_values:
            n.saved = None


def add_up(m: Node, gt: Any, pending: dict[Node, Any], waiting: dict[Node, int], owned: set[Node]) -> Any:
    """Add one of several raw gradients that a node receives; the sum when it is the last one, else None."""
    before = pending.get(m)
    if before is None:
        total = gt
    elif m in owned:
        before += gt
        total = before
    else:
        total = before + gt
        if type(total) is not type(before):
            total = total[...]
        owned.add(m)
    if waiting[m] == 1:
        del pending[m]
        return total
    waiting[m] -= 1
    pending[m] = total
    return None


def pull(n: Node, g: Any, waiting: Mapping[Node, int], create: bool) -> list[tuple[Any, Node | None]]:
    """The gradient of each input of a plain node, for those inputs that lead somewhere."""
    t = type(g)
    F, gradients = n.op.rules[t]
    found: list[tuple[Any, Node | None]] = []
    for i, (gradient, args, m) in enumerate(zip(gradients, n.saved, n.edges)):  # an op on a list of tensors repeats its one formula
        if m is None or not waiting[m]:
            continue
        if create or n.saved_hook is not None:
            args = n.op.unpack(n, i, create)
        gt = gradient(F, g, *args)
        if type(gt) is not t and not isinstance(gt, t):
            gt = gt[...]  # a NumPy scalar becomes an array again
        if gt.dtype is not m.dtype:
            gt = recast(F, gt, m.dtype)
        found.append((gt, m))
    return found


namespaces = TypeTable(lambda backend: backend.F)  # array class -> F; tane.ops adds Tensor itself


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
    values = tuple(_as_tensor(g, create, wrap) for g in gradients)
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
        found.append(_as_tensor(gt, create, wrap))
    inputs = tuple(found)
    outputs = tuple(_as_tensor(x, create, wrap) for x in g)
    for hook in list(n.post_hooks.values()):
        inputs = _replacements(hook, inputs, hook(inputs, outputs))
    return [(x if x is None or create else x.array, e) for x, e in zip(inputs, n.edges, strict=True) if e is not None]


def _as_tensor(value: Any, create: bool, wrap: Callable[[Any], Any]) -> Any:
    return value if value is None or create else wrap(value)


def deposit(leaf: AccumulateGrad, g: Any, create: bool, wrap: Callable[[Any], Any], changed: list[Any]) -> None:
    """Add a gradient to a leaf's ``grad``; what is added to in place is noted in ``changed``."""
    variable = leaf.ref()
    if variable is None:
        return
    grad = variable._grad
    if grad is None:
        variable._grad = g if create else wrap(g)
    elif create or grad.array.shape != leaf.shape:
        variable.grad = grad + (g if create else wrap(g))
    else:
        array = grad.array
        array += g
        changed.append(array)
    if leaf.post_accumulate is not None:
        if local.recording != create:
            set_recording(create)
        for hook in list(leaf.post_accumulate.values()):
            hook(variable)
        for hook in list((leaf.post_hooks or {}).values()):
            hook((), (_as_tensor(g, create, wrap),))
