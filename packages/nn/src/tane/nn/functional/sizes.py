"""Arguments given as one number or as one for each spatial dimension."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = ["batched", "spatial"]


def spatial(value: Any, n: int, name: str, function: str = "", sequence: str = "list") -> tuple[int, ...]:
    """``value`` as ``n`` whole numbers."""
    if type(value) is int:
        return (value,) * n
    if isinstance(value, Sequence) or hasattr(value, "__len__"):
        values = tuple(int(v) for v in value)
        if len(values) == 1:
            return values * n
        if len(values) == n:
            return values
        if function:
            count = {1: "one int", 2: "two ints", 3: "three ints"}[n]
            raise RuntimeError(f"{function}: {name} must either be a single int, or a tuple of {count}")
        raise RuntimeError(
            f"expected {name} to be a single integer value or a list of {n} values to match the convolution dimensions, but got {name}={list(values)}"
        )
    return (int(value),) * n


def batched(input: Any, n: int) -> tuple[Any, bool]:
    """The input with a batch dimension, and whether one had to be put in front."""
    if input.array.ndim == n + 1:
        return input.unsqueeze(0), True
    return input, False
