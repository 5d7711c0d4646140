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
products("vm", ((3,), (3, 2)), ((3,), (3, 0)), ((0,), (0, 2)))


# ---- products added to something --------------------------------------------------------------------------------------------------------
def plus(product: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, a, b, beta=1, alpha=1: beta * x + alpha * product(a, b)


_PRODUCTS: list[tuple[str, Callable[..., Any], tuple[tuple[int, ...], ...]]] = [
    ("addmm", np.matmul, ((2, 4), (2, 3), (3, 4))),
    ("addmm", np.matmul, ((4,), (2, 3), (3, 4))),
    ("addmm", np.matmul, ((), (0, 3), (3, 2))),
    ("addmv", np.matmul, ((2,), (2, 3), (3,))),
    ("addmv", np.matmul, ((), (0, 3), (3,))),
    ("baddbmm", np.matmul, ((2, 2, 4), (2, 2, 3), (2, 3, 4))),
    ("baddbmm", np.matmul, ((), (0, 2, 3), (0, 3, 4))),
    ("addr", np.outer, ((2, 3), (2,), (3,))),
    ("addr", np.outer, ((), (0,), (3,))),
]
for _name, _product, _shapes in _PRODUCTS:
    for _scales in ({"beta": 1, "alpha": 1}, {"beta": 0.5, "alpha": 2}):
        _inputs = tuple(draw(*s) for s in _shapes)
        add(_name, Sample(_inputs, _scales, dtypes=FLOATS, reference=plus(_product), tolerance=2))
for _shape, _axis in [((2, 3), -1), ((3, 2), 0), ((0, 3), 1)]:
    add("linalg_cross", Sample((draw(*_shape), draw(*_shape)), {"axis": _axis}, reference=lambda a, b, axis: np.cross(a, b, axis=axis)))
