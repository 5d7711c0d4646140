"""Samples of matrix products: every combination of dimensions, broadcast batches, empty inner and outer sizes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tane.testing.sample import COMPLEX, FLOATS, Sample, draw
from tane.testing.samples.table import add

Shape = tuple[int, ...]


def products(name: str, *cases: tuple[Shape, Shape], reference: Callable[..., Any] = np.matmul) -> None:
    for number, (a, b) in enumerate(cases):
        dtypes = (*FLOATS, *COMPLEX) if number == 0 else ("float64", "float32")
        add(name, Sample((draw(*a), draw(*b)), dtypes=dtypes, reference=reference, tolerance=2))


products(
    "matmul",
    ((2, 3), (3, 4)),
    ((3, 3), (3, 3)),
    ((3,), (3,)),
    ((3,), (3, 2)),
    ((2, 3), (3,)),
    ((5, 2, 3), (5, 3, 4)),
    ((5, 2, 3), (3, 4)),
    ((2, 3), (5, 3, 4)),
    ((4, 1, 2, 3), (5, 3, 2)),
    ((3,), (2, 3, 4)),
    ((2, 4, 3), (3,)),
    ((0, 3), (3, 2)),
    ((2, 0), (0, 3)),
    ((0,), (0,)),
)
products("mm", ((2, 3), (3, 4)), ((3, 3), (3, 3)), ((0, 3), (3, 2)), ((2, 0), (0, 3)))
products("bmm", ((2, 2, 3), (2, 3, 4)), ((0, 2, 3), (0, 3, 2)), ((2, 2, 0), (2, 0, 3)))
products("mv", ((2, 3), (3,)), ((0, 3), (3,)), ((2, 0), (0,)))
products("dot", ((3,), (3,)), ((0,), (0,)))
