"""Gradients against finite differences: along one random direction, so that the cost does not grow with the number of elements."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

__all__ = ["agree", "finite_difference", "inner"]

STEP = 1e-6  # the cube root of float64's precision: both errors of a central difference are below 1e-9 there


def finite_difference(f: Callable[[Any], float], x: Any, direction: Any, step: float = STEP) -> float:
    """The derivative of ``f`` at the NumPy array ``x`` along ``direction``, by a central difference.

    >>> import numpy
    >>> round(float(finite_difference(lambda x: (x ** 3).sum(), numpy.array([2.0]), numpy.array([1.0]))), 6)
    12.0
    """
    return (f(x + step * direction) - f(x - step * direction)) / (2 * step)


def inner(pairs: Sequence[tuple[Any, Any]]) -> tuple[float, float]:
    """The real inner product of arrays and gradients, and the size of its terms.

    The gradient of a real function at a complex argument is, as in PyTorch, that of the real part plus i times that of the imaginary one.
    """
    total = size = 0.0
    for a, b in pairs:
        terms = (np.conj(a) * b).real
        total += float(terms.sum())
        size += float(np.abs(terms).sum())
    return total, size


def agree(analytic: float, numeric: float, size: float, value: float, tolerance: float = 1.0) -> bool:
    """Whether a derivative from formulas is that of finite differences; ``size`` is that of its terms, ``value`` the function's."""
    return bool(abs(analytic - numeric) <= tolerance * (1e-6 * size + 1e-8 * (1 + abs(value))))
