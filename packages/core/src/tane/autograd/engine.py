"""Backward: gradients flow from roots to leaves, each node once, without recursion.

Values are raw arrays in a plain backward and Tensors under ``create_graph``; the loop is the same for both, because gradient formulas
compute in whatever namespace ``F`` belongs to the type of the gradient at hand.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from sys import getrefcount
from typing import Any

from tane.autograd import versions
from tane.autograd.counting import count_uses, count_uses_towards
from tane.autograd.fitting import fit, namespaces, recast
from tane.autograd.hooks import as_tensor, observe, run_hooks, run_prehooks
from tane.autograd.node import AccumulateGrad, Node, Output
from tane.autograd.passes import open_pass, pass_watchers, passes
from tane.autograd.state import local, set_recording, state

__all__ = ["run"]

FREED = (
    "Trying to backward through the graph a second time (or directly access saved tensors after they have already been freed). Saved intermediate "
    "values of the graph are freed when you call .backward() or autograd.grad(). Specify retain_graph=True if you need to backward through the graph "
    "a second time or if you need to access saved tensors after calling backward."
)


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
        waiting, several = count_uses(roots)
        captured = None
    else:
        captured = dict.fromkeys(targets)
        waiting, several = count_uses_towards(roots, captured, within), True
    was_recording = local.recording if state.special else True
    # Formulas on raw arrays record nothing whatever the setting; only what runs the user's code needs it or hooks.
    if create and not was_recording:
        set_recording(True)
    changed: list[Any] = []
    outer = open_pass(waiting, roots) if pass_watchers else None
    try:
        _propagate(dict(roots), waiting, several, captured, create, keep, wrap, accumulate, changed)
    finally:
        if outer is not None:
            passes.current = outer[0]
        # Counted only now: during the pass every node would otherwise look whether one of its values was meant.
        for array in changed:
            versions.touch(array, "AccumulateGrad")
        if state.special and local.recording != was_recording:
            set_recording(was_recording)
    return captured or {}


def _propagate(
    pending: dict[Node, Any],
    waiting: dict[Node, int],
    several: bool,
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
    careful = create or captured is not None or (state.special and local.anomaly)
    while ready:
        n, g = ready.pop()
        kind = type(n)
        if kind is Node and not (careful or n.watched or g is None):
            # What the rest of this function does, for the nodes that a plain backward meets nearly always.
            if n.saved is None:
                raise RuntimeError(FREED)
            if n.epoch != state.mutations:
                versions.check(n)
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
                if gt.shape != m.shape and (gt.ndim or type(m) is not Node or not m.op.broadcasts_gradient or waiting[m] != 1 or m.watched):
                    gt = fit(F, gt, m.shape, False)
                if several and (waiting[m] != 1 or m in pending):
                    gt = add_up(m, gt, pending, waiting, owned)
                    if gt is None:
                        continue
                elif type(m) is AccumulateGrad:
                    # A formula may hand out its argument or a view of it; a leaf must not share its gradient with anything.
                    if gt.base is not None or getrefcount(gt) > 2:
                        gt = gt.copy()
                    if not m.watched and (variable := m.ref()) is not None and variable._grad is None:
                        variable._grad = wrap(gt)
                        continue
                ready.append((m, gt))
            gt = args = None  # what was saved may go before the next operation
            if not keep and op.keeps_values:
                n.saved = None
            continue
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
            elif g is None:
                gradients, contributions = [g], [(None, m) for m in n.edges]
            else:
                if n.prehooks is not None:
                    (g,) = run_prehooks(n, [g], create, wrap)
                gradients, contributions = [g], pull(n, g, waiting, create)
            if (g is not None or kind is not Node) and (n.post_hooks is not None or local.anomaly):
                contributions = observe(n, gradients, list(contributions), create, wrap)
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
            hook((), (as_tensor(g, create, wrap),))
