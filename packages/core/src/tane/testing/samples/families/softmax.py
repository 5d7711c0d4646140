"""Samples of softmax and its logarithms."""

from __future__ import annotations

from typing import Any

import numpy as np

from tane.testing.sample import FLOATS, Sample, draw
from tane.testing.samples.table import add

CASES: list[tuple[tuple[int, ...], int]] = [((2, 3), -1), ((2, 3), 0), ((2, 3, 4), 1), ((), -1), ((0, 3), 1)]


def softmax(x: Any, axis: int) -> Any:
    if not x.ndim:
        return np.ones_like(x)
    e = np.exp(x - x.max(axis, keepdims=True)) if x.size else x
    return e / e.sum(axis, keepdims=True)


def log_softmax(x: Any, axis: int) -> Any:
    return np.log(softmax(x, axis))


def logsumexp(x: Any, axis: Any, keepdims: bool) -> Any:
    return np.log(np.exp(x).sum(axis if x.ndim else None, keepdims=keepdims))


for _number, (_shape, _axis) in enumerate(CASES):
    _types = FLOATS if _number == 0 else FLOATS[:2]
    add("softmax", Sample((draw(*_shape),), {"axis": _axis}, dtypes=_types, reference=softmax))
    add("log_softmax", Sample((draw(*_shape),), {"axis": _axis}, dtypes=_types, reference=log_softmax))
for _shape, _axes in [((2, 3), -1), ((2, 3), (0, 1)), ((2, 3, 4), (0, 2)), ((), 0), ((0, 3), 1)]:
    for _keep in (False, True):
        add("logsumexp", Sample((draw(*_shape),), {"axis": _axes, "keepdims": _keep}, dtypes=FLOATS, reference=logsumexp))
add("softmax", Sample((np.array([[1000.0, 1001.0], [-1000.0, -1000.0]]),), {"axis": 1}, name="far from 0", reference=softmax))
for _shape, _axis in [((2, 3), -1), ((2, 3, 4), 1), ((0, 3), 1), ((3, 0), 1)]:
    add(
        "sum_product",
        Sample((draw(*_shape), draw(*_shape)), {"axis": _axis}, reference=lambda a, b, axis: (a * b).sum(axis, keepdims=True)),
    )
