"""Choosing by a mask on the CPU, without a branch for each element.

``np.where`` asks for each element in turn, and a processor that guesses wrong half of the time needs ten times as long as for the choice itself. On large
arrays of float32 and float64 the bits are chosen instead: all ones or all zeros, and-ed.
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["where", "where_positive"]

LARGE = 1024  # below, np.where is faster
BOOL, INT8 = np.dtype(bool), np.dtype(np.int8)
ZEROS: dict[Any, Any] = {d: np.zeros((), d) for d in (np.dtype(np.float32), np.dtype(np.float64))}  # NumPy takes longer for Python's 0
ONE = np.ones((), INT8)
INTEGERS: dict[Any, Any] = {np.dtype(np.float32): np.dtype(np.int32), np.dtype(np.float64): np.dtype(np.int64)}


def where(condition: Any, *choices: Any) -> Any:
    """``np.where``.

    >>> where(np.array([True, False]), np.array([1.0, 2.0]), 0).tolist()
    [1.0, 0.0]
    """
    if len(choices) != 2 or type(condition) is not np.ndarray or condition.size < LARGE or condition.dtype is not BOOL:
        return np.where(condition, *choices)
    a, b = choices
    first, second = type(a) is np.ndarray, type(b) is np.ndarray
    kind: Any = a.dtype if first else b.dtype if second else None
    bits = INTEGERS.get(kind)
    if bits is None or (first and second and a.dtype is not b.dtype) or not (first or _number(a)) or not (second or _number(b)):
        return np.where(condition, a, b)
    mask = condition.view(INT8)
    if not second and b == 0:
        return (a.view(bits) & np.negative(mask).astype(bits)).view(kind)
    if not first and a == 0:
        return (b.view(bits) & np.subtract(mask, 1).astype(bits)).view(kind)
    x = (a if first else np.array(a, kind)).view(bits)
    y = (b if second else np.array(b, kind)).view(bits)
    return (((x ^ y) & np.negative(mask).astype(bits)) ^ y).view(kind)


def where_positive(x: Any, y: Any) -> Any:
    """``x``, but 0 where ``y <= 0``.

    >>> where_positive(np.array([1.0, 2.0]), np.array([0.0, 3.0])).tolist()
    [0.0, 2.0]
    """
    kind = y.dtype
    zero = ZEROS.get(kind)
    if zero is None or x.shape != y.shape or x.dtype is not kind:
        return where(y <= 0, 0, x)
    keep = np.subtract((y <= zero).view(INT8), ONE)  # 0 where y <= 0, elsewhere -1, which is all ones
    bits = INTEGERS[kind]
    return (x.view(bits) & keep.astype(bits)).view(kind)


def _number(x: Any) -> bool:
    return type(x) is float or type(x) is int
