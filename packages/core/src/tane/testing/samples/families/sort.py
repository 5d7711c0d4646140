"""Samples of the ops that order elements."""

from __future__ import annotations

from typing import Any

import numpy as np

from tane.testing.sample import FLOATS, Sample, draw
from tane.testing.samples.table import add

CASES: list[tuple[tuple[int, ...], int]] = [((3, 4), 1), ((3, 4), 0), ((2, 5, 2), 1), ((), 0), ((0, 3), 1)]


def ordered(x: Any, axis: int, descending: bool = False) -> Any:
    if not x.ndim:
        return x.copy(), np.zeros((), np.int64)
    order = np.argsort(-x if descending else x, axis=axis, kind="stable")
    return np.take_along_axis(x, order, axis), order


def ends(x: Any, k: int, axis: int, largest: bool) -> Any:
    values, order = ordered(x, axis, largest)
    return (np.take(values, range(k), axis), np.take(order, range(k), axis)) if x.ndim else (values, order)


def nth(x: Any, k: int, axis: int) -> Any:
    values, order = ordered(x, axis)
    return (np.take(values, [k - 1], axis), np.take(order, [k - 1], axis)) if x.ndim else (values, order)


for _number, (_shape, _axis) in enumerate(CASES):
    _draw, _types = draw(*_shape, distinct=True), FLOATS if _number == 0 else FLOATS[:2]
    for _flag in (False, True):
        add("sort", Sample((_draw,), {"axis": _axis, "descending": _flag}, dtypes=_types, reference=ordered))
        add("topk", Sample((_draw,), {"k": 2, "axis": _axis, "largest": _flag}, dtypes=_types, reference=ends))
    add("kthvalue", Sample((_draw,), {"k": 2, "axis": _axis}, dtypes=_types, reference=nth))
for _flag in (False, True):
    add("topk", Sample((draw(2, 300, distinct=True),), {"k": 3, "axis": 1, "largest": _flag}, name="long", reference=ends))
