"""What every operation asks before it records: is anything out of the ordinary, and does this thread record?

``state.special`` counts reasons to look closer (a thread inside ``no_grad``, anomaly detection, saved-tensor hooks). While it is 0, which is
nearly always, recording costs one attribute read; only otherwise is the thread's own setting consulted. PyTorch's modes are per
thread, and so are these.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

__all__ = ["State", "ThreadState", "local", "set_recording", "state"]


class State:
    """The process-wide part."""

    __slots__ = ("lock", "mutations", "special")

    def __init__(self) -> None:
        self.mutations = 0  # in-place changes so far; a node remembers the count at which it saved its values
        self.special = 0
        self.lock = threading.Lock()


class ThreadState(threading.local):
    """The part that each thread has for itself."""

    recording = True
    inference = False
    anomaly = False
    check_nan = True
    observers: tuple[Callable[[Any], None], ...] = ()


state = State()
local = ThreadState()


def set_recording(on: bool) -> None:
    """Switch recording for this thread; the count of exceptions follows."""
    if on != local.recording:
        local.recording = on
        with state.lock:
            state.special += -1 if on else 1


def add_observer(observer: Callable[[Any], None]) -> None:
    """Have ``observer(node)`` called for every node this thread records from now on."""
    local.observers = (*local.observers, observer)
    with state.lock:
        state.special += 1


def remove_observer(observer: Callable[[Any], None]) -> None:
    """Undo :func:`add_observer` for the observer added last."""
    observers = list(local.observers)
    observers.reverse()
    observers.remove(observer)
    observers.reverse()
    local.observers = tuple(observers)
    with state.lock:
        state.special -= 1
