"""Notices when a value that backward needs was changed in place.

Nothing is paid per operation: a node remembers only the global count of in-place changes. A change writes down which memory it hit; backward
compares only if anything changed since the node was recorded.
"""

from __future__ import annotations

import traceback
import weakref
from collections.abc import Iterable
from typing import Any

from tane.autograd.state import local, state
from tane.backends.backend import backend_of
from tane.dtypes import from_numpy_dtype

__all__ = ["check", "has_nan", "record_of", "recorded_at", "touch", "touch_all", "version"]


class Change:
    """What is known of changes to one piece of memory: how many, the last one's number and the op that made it."""

    __slots__ = ("count", "epochs", "line", "op", "ref")

    def __init__(self, owner: Any, key: int) -> None:
        self.ref = weakref.ref(owner, lambda _: _changes.pop(key, None))
        self.count = 0
        self.epochs: list[int] = []
        self.op = self.line = ""


_changes: dict[int, Change] = {}


def touch(array: Any, op: str) -> None:
    """Write down that ``array``'s memory was changed in place by ``op``."""
    owner = array if array.base is None else backend_of(type(array)).owner(array)
    key = id(owner)
    change = _changes.get(key)
    if change is None:
        change = _changes[key] = Change(owner, key)
    state.mutations = now = state.mutations + 1
    change.count += 1
    epochs = change.epochs
    epochs.append(now)
    if len(epochs) > 8:  # enough to tell the expected version in any message somebody will read
        del epochs[0]
    change.op = op
    if state.special and local.anomaly:
        change.line = caller()


def record_of(array: Any) -> Change:
    """What is known of changes to ``array``'s memory, for :func:`touch_all`; it holds for as long as the array lives."""
    owner = backend_of(type(array)).owner(array)
    change = _changes.get(id(owner))
    if change is None:
        change = _changes[id(owner)] = Change(owner, id(owner))
    return change


def touch_all(changes: Iterable[Change], op: str) -> None:
    """:func:`touch` for many arrays that ``op`` changes together, by their records: one number for all, since no op comes between."""
    state.mutations = now = state.mutations + 1
    for change in changes:
        change.count += 1
        epochs = change.epochs
        epochs.append(now)
        if len(epochs) > 8:
            del epochs[0]
        change.op = op
    if state.special and local.anomaly:
        line = caller()
        for change in changes:
            change.line = line


def version(array: Any) -> int:
    """How often the memory of ``array`` was changed in place."""
    change = _changes.get(id(backend_of(type(array)).owner(array)))
    return 0 if change is None else change.count


def check(node: Any) -> None:
    """Raise if a value saved by ``node`` was changed since it was recorded and cannot be had again."""
    epoch = node.epoch
    for names, args in zip(node.op.wants, node.saved, strict=False):
        for name, value in zip(names, args or (), strict=False):
            for array in value if isinstance(value, (list, tuple)) else (value, *getattr(value, "held", ())):
                if hasattr(array, "base") and changed(array, epoch) and not (name in ("y", "ys") and recomputed(node, name)):
                    check_value(node, name, array, epoch)


def changed(array: Any, epoch: int) -> bool:
    """Whether ``array`` was changed after ``epoch`` changes had been made."""
    change = _changes.get(id(backend_of(type(array)).owner(array)))
    return change is not None and bool(change.epochs) and change.epochs[-1] > epoch


def recomputed(node: Any, result: str) -> bool:
    """Replace the ``result`` that was changed, ``"y"`` or ``"ys"``, by the same once more, if all that the op was given is still there: where PyTorch
    keeps operands, tane may keep the result beside them, and a program that changes it must run all the same.
    """
    op = node.op
    known = {name: value for want, args in zip(op.wants, node.saved, strict=False) for name, value in zip(want, args or (), strict=False)}
    if node.saved_hook is not None or not getattr(op, "recomputes", False) or not known.keys() >= {*op.inputs, *op.keywords}:
        return False
    raws = [known[name] for name in op.inputs]
    if any(hasattr(x, "base") and changed(x, node.epoch) for x in raws):
        return False
    kind = type(next(x for x in raws if hasattr(x, "__setitem__")))
    made = op.forwards[kind](*raws, *(known[name] for name in op.keywords))
    if result == "ys":
        again: Any = [y.astype(old.dtype, copy=False) for y, old in zip(made, known["ys"], strict=True)]
    else:
        again = (made[0] if op.extra else made).astype(known["y"].dtype, copy=False)
    node.saved = tuple(
        args and tuple(again if name == result else value for name, value in zip(want, args, strict=True))
        for want, args in zip(op.wants, node.saved, strict=True)
    )
    return True


def check_value(node: Any, name: str, array: Any, epoch: int) -> None:
    """Raise if ``array``, saved by ``node`` under ``name`` when ``epoch`` changes had been made, was changed since."""
    change = _changes.get(id(backend_of(type(array)).owner(array)))
    if change is not None and change.epochs and change.epochs[-1] > epoch:
        raise RuntimeError(message(node, name, array, change, epoch))


def message(node: Any, name: str, value: Any, change: Change, epoch: int) -> str:
    """PyTorch's sentence, and then what it leaves out: who saved the value, who changed it, and where."""
    since = sum(e > epoch for e in change.epochs)
    which = f"which is output 0 of {node.name().partition('Backward')[0]}, " if name == "y" else f"saved as '{name}' by {node.name()}, "
    text = (
        f"one of the variables needed for gradient computation has been modified by an inplace operation: "
        f"[torch.{from_numpy_dtype(value.dtype).tensor_name} {list(value.shape)}], {which}is at version {change.count}; "
        f"expected version {change.count - since} instead. {node.name()} saved it as '{name}', and "
        f"{change.op or 'an in-place operation'} changed it afterwards."
    )
    if node.trace or change.line:
        return text + f"{recorded_at(node)}" + (f"\nIt was changed at:\n{change.line}" if change.line else "")
    return text + " Hint: enable anomaly detection to see both lines, with torch.autograd.set_detect_anomaly(True)."


def caller() -> str:
    """The innermost line of the user's own code, as a traceback shows it."""
    for frame in reversed(traceback.extract_stack()):
        if "/tane/" not in frame.filename.replace("\\", "/") and not frame.filename.startswith("<"):
            return f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}\n    {frame.line}'
    return ""


def recorded_at(node: Any) -> str:
    """Where ``node`` was recorded, if that was watched."""
    return f"\n{node.name()} was recorded at:\n{node.trace}" if node.trace else ""


def has_nan(value: Any) -> bool:
    """Whether a raw array or a Tensor holds a NaN."""
    array = getattr(value, "array", value)
    return bool((array != array).any().item())
