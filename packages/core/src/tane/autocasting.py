"""What ``autocast`` does to a function: its operands are cast before it computes, matrix products' to half precision, losses' to float32.

A function says so where it is defined, by ``@to_half`` or ``@to_float``, and stays what it was: while no thread is inside ``autocast``, calling it costs
nothing more. Only while one is does the function run other code, which casts for the threads that are inside and calls the function's own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any, TypeVar

from tane.dtypes import dtype as DType
from tane.dtypes import float32, float64
from tane.tensor import Tensor

__all__ = ["Casting", "autocasts", "entered", "left", "local", "to_float", "to_half"]

T = TypeVar("T", bound=Callable[..., Any])
NOTHING: Mapping[str, DType] = {}


class ThreadSettings(threading.local):
    """The type that each device's operands are cast to in this thread, for the devices that ``autocast`` is enabled on."""

    kinds = NOTHING


local = ThreadSettings()
casting: list[Casting] = []
lock = threading.Lock()
inside = 0  # threads and nested blocks


def stand_in(*args: Any, autocast: Any, **kwargs: Any) -> Any:
    return autocast(*args, **kwargs)


class Casting:
    """A function that casts its operands under ``autocast``."""

    def __init__(self, function: Any, half: bool) -> None:
        self.function, self.half = function, half
        self.code = function.__code__
        self.stand_in = stand_in.__code__.replace(co_name=function.__name__)
        self.original = FunctionType(self.code, function.__globals__, function.__name__, function.__defaults__)
        self.original.__kwdefaults__ = function.__kwdefaults__
        function.__kwdefaults__ = {**(function.__kwdefaults__ or {}), "autocast": self}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        kinds = local.kinds
        if not kinds or kwargs.get("out") is not None:
            return self.original(*args, **kwargs)
        # What the function itself calls gets what it is given: only the outermost function casts.
        local.kinds = NOTHING
        try:
            args = tuple([self.cast(x, kinds) for x in args])
            return self.original(*args, **{name: self.cast(x, kinds) for name, x in kwargs.items()})
        finally:
            local.kinds = kinds

    def cast(self, value: Any, kinds: Mapping[str, DType]) -> Any:
        if isinstance(value, Tensor):
            half = kinds.get(value.device.type)
            if half is None or not value.dtype.is_floating_point or value.dtype is float64:
                return value
            return value.to(half if self.half else float32)
        if type(value) in (list, tuple):
            return type(value)([self.cast(x, kinds) for x in value])
        return value


def _declare(function: T, half: bool) -> T:
    with lock:
        new = Casting(function, half)
        casting.append(new)
        if inside:
            new.function.__code__ = new.stand_in
    return function


def to_half(function: T) -> T:
    """Declare that a function computes in half precision under ``autocast``."""
    return _declare(function, True)


def to_float(function: T) -> T:
    """Declare that a function computes in float32 under ``autocast``, whatever half-precision numbers it is given."""
    return _declare(function, False)


def autocasts(function: Any) -> bool:
    """Whether a function casts under ``autocast``."""
    return any(c.function is function for c in casting)


def entered() -> None:
    """A thread is about to cast."""
    global inside
    with lock:
        inside += 1
        if inside == 1:
            for c in casting:
                c.function.__code__ = c.stand_in


def left() -> None:
    """Undo :func:`entered`."""
    global inside
    with lock:
        inside -= 1
        if inside == 0:
            for c in casting:
                c.function.__code__ = c.code
