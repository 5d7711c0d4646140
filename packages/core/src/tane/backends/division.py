"""Division on the CPU: whole numbers divided by zero raise, as in PyTorch; other devices leave that undefined, as PyTorch does there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["KERNELS"]


def _checked(function: Callable[..., Any]) -> Callable[..., Any]:
    def kernel(a: Any, b: Any) -> Any:
        if (a if hasattr(a, "dtype") else b).dtype.kind not in "iu":
            return function(a, b)
        try:
            with np.errstate(divide="raise"):
                return function(a, b)
        except FloatingPointError:
            raise RuntimeError("ZeroDivisionError") from None

    return kernel


def _toward_zero(a: Any, b: Any) -> Any:
    if (a if hasattr(a, "dtype") else b).dtype.kind in "iu":
        return np.floor_divide(a - np.fmod(a, b), b)
    return np.trunc(np.true_divide(a, b))


KERNELS = {
    "floor_divide": _checked(np.floor_divide),
    "div_floor": _checked(np.floor_divide),
    "div_trunc": _checked(_toward_zero),
    "remainder": _checked(np.remainder),
    "fmod": _checked(np.fmod),
}
