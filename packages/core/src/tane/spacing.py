"""The values of ``arange``, ``linspace`` and ``logspace``, bit for bit those of PyTorch 2.13 on an x86 CPU.

Mathematically they are ``start + i * step``; which of them are off by a last bit depends on the order of the roundings, and a network trained
on such a grid shows it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tane.backends.rounding import fma32, fma64, libm

__all__ = ["geometric", "linear", "steps"]

# PyTorch computes so many neighbours at once, from the first of them.
LANES = {"float32": 8, "float64": 4}


def steps(start: float, step: float, count: int, wanted: np.dtype[Any]) -> Any:
    """``start, start + step, ...`` for a floating type."""
    i = np.arange(count)
    lanes = LANES.get(wanted.name)
    if lanes is None:
        return (start + step * i).astype(wanted)
    tail = count - count % (2 * lanes)
    first = i - i % lanes
    first[tail:] = i[tail:]
    if wanted.name == "float32":
        values = (start + step * first.astype(np.float64)).astype(np.float32).astype(np.float64)
        values += (i - first) * step
        return values.astype(np.float32)
    if step == 0 or not (math.isfinite(start) and math.isfinite(step)):
        return start + step * i
    base = fma64(first.astype(np.float64), step, start)
    # fma64 takes a constant to add, so the lanes are added one by one.
    for lane in range(1, lanes):
        members = np.flatnonzero(i - first == lane)
        base[members] = _add_product(base[members], float(lane), step)
    return base


def _add_product(a: Any, b: float, c: float) -> Any:
    """``a + b * c`` with one rounding for a whole number ``b`` below 4: the product is exact in two parts."""
    high = b * c
    low = math.fma(b, c, -high) if hasattr(math, "fma") else _product_error(b, c, high)
    total = a + high
    back = total - a
    error = (a - (total - back)) + (high - back)
    return np.asarray(total + (error + low))


def _product_error(b: float, c: float, product: float) -> float:
    from fractions import Fraction

    return float(Fraction(b) * Fraction(c) - Fraction(product))


def linear(start: Any, end: Any, count: int, wanted: np.dtype[Any]) -> Any:
    """``count`` values from ``start`` to ``end``, from both ends towards the middle."""
    if count < 2:
        return np.full(count, start, wanted)
    i = np.arange(count)
    half = count // 2
    name = wanted.name
    if name in LANES:
        kind = wanted.type
        first, last = kind(start), kind(end)
        step = float((last - first) / kind(count - 1))
        up, down = i[:half].astype(wanted), (count - 1 - i[half:]).astype(wanted)
        fused = fma32 if name == "float32" else fma64
        if math.isfinite(step):
            return np.concatenate((fused(up, step, float(first)), fused(down, -step, float(last))))
        return np.concatenate((first + up * kind(step), last - down * kind(step)))
    if wanted.kind == "c":
        first, last = wanted.type(start), wanted.type(end)
        step_c = (last - first) / wanted.type(count - 1)
        return np.where(i < half, first + step_c * i, last - step_c * (count - 1 - i)).astype(wanted)
    if wanted.kind in "iu":
        start, end = int(start), int(end)
    elif name == "float16":  # each step of the computation is rounded
        first, last = wanted.type(start), wanted.type(end)
        return _halves(first, (last - first) / wanted.type(count - 1), last, i.astype(wanted), half)
    step = (end - start) / (count - 1)
    values = np.where(i < half, start + step * i, end - step * (count - 1 - i))
    return (np.trunc(values) if wanted.kind in "iu" else values).astype(wanted)


def _halves(first: Any, step: Any, last: Any, i: Any, half: int) -> Any:
    """The values from both ends, in the arithmetic of their own type."""
    return np.where(np.arange(i.size) < half, first + step * i, last - step * i[::-1])


def geometric(start: float, end: float, count: int, base: float, wanted: np.dtype[Any]) -> Any:
    """``base`` to the powers of :func:`linear`, computed in double precision."""
    if wanted.kind in "iu":
        start, end = int(start), int(end)
    if count < 2:
        return np.full(count, base**start, wanted)
    i = np.arange(count)
    step = (end - start) / (count - 1)
    powers = np.where(i < count // 2, start + step * i, end - step * (count - 1 - i))
    if wanted.name == "float64":
        return libm(lambda p: math.pow(base, p), powers)
    values = np.power(float(base), powers)
    return (np.trunc(values) if wanted.kind in "iu" else values).astype(wanted)
