"""What :class:`tane.testing.BackendSuite` tries on a device's raw arrays, and how it notices that a test was taken out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["ARRAY_INDICES", "INDICES", "METHODS", "OPERATORS", "thinned"]

OPERATORS: dict[str, Callable[..., Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
    "**": lambda a, b: a**b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}
METHODS: dict[str, Callable[..., Any]] = {
    "reshape": lambda x: x.reshape((3, 2)),
    "T": lambda x: x.T,
    "swapaxes": lambda x: x.swapaxes(0, 1),
    "transpose": lambda x: x.transpose(1, 0),
    "copy": lambda x: x.copy(),
    "astype": lambda x: x.astype(np.dtype(np.float64)),
    "negative": lambda x: -x,
    "abs": lambda x: abs(x),
    "real": lambda x: x.real,
    "matmul": lambda x: x @ x.T,
    "ellipsis": lambda x: x[...],
}
INDICES: dict[str, Any] = {
    "number": 1,
    "numbers": (0, -1),
    "slice": slice(0, 1),
    "step": (slice(None), slice(None, None, 2)),
    "ellipsis": (..., 1),
    "newaxis": (None, slice(None), None),
}
ARRAY_INDICES: dict[str, Any] = {
    "array": np.array([1, 0, 1]),
    "two arrays": (np.array([0, 1]), np.array([2, 0])),
    "array beside slice": (slice(None), np.array([2, 2])),
    "mask": np.array([[True, False, True], [False, True, False]]),
}


def thinned(name: str, now: Any, original: Any) -> str | None:
    """What is wrong with a test as a subclass has it, if anything."""
    if now is original:
        return None
    marks = getattr(now, "pytestmark", [])
    if any(m.name == "xfail" and str(m.kwargs.get("reason", "")).strip() for m in marks):
        return None
    what = "deleted" if now is None else "replaced"
    return f"{name} was {what}; a test that cannot pass is marked @pytest.mark.xfail(reason=...), so that everybody sees it"
