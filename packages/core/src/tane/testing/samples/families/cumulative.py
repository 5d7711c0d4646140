"""Samples of running sums, products and extremes."""

from __future__ import annotations

from typing import Any

import numpy as np

from tane.testing.sample import COMPLEX, FLOATS, INTEGERS, Sample, draw
from tane.testing.samples.table import add

_f: Any

CASES: list[tuple[tuple[int, ...], int]] = [((4, 3), 0), ((2, 5), 1), ((2, 3, 2), 1), ((1,), 0), ((0, 3), 0), ((0,), 0)]
TWO = ("float64", "float32")


def zero_d(function: Any) -> Any:
    return lambda x, axis: function(x, axis) if x.ndim else x.copy()


def with_places(function: Any) -> Any:
    """The running extreme, and the last place of each."""

    def reference(x: Any, axis: int) -> Any:
        if not x.ndim:
            return x.copy(), np.zeros((), np.int64)
        values = function.accumulate(x, axis)
        places = np.arange(x.shape[axis]).reshape((-1,) + (1,) * (x.ndim - axis - 1))
        return values, np.maximum.accumulate(np.where(x == values, places, 0), axis)

    return reference


for _number, (_shape, _axis) in enumerate([*CASES, ((), 0)]):
    _all = _number == 0
    _kwargs = {"axis": _axis}
    add("logcumsumexp", Sample((draw(*_shape),), _kwargs, dtypes=FLOATS if _all else TWO, reference=zero_d(np.logaddexp.accumulate)))
    for _name, _f in {"cummax": np.maximum, "cummin": np.minimum}.items():
        _draw = draw(*_shape, distinct=True)
        add(_name, Sample((_draw,), _kwargs, dtypes=(*FLOATS, *INTEGERS) if _all else TWO, reference=with_places(_f)))
    add("cumsum", Sample((draw(*_shape),), _kwargs, dtypes=(*FLOATS, *COMPLEX) if _all else TWO, reference=zero_d(np.cumsum)))
    add("cumprod", Sample((draw(*_shape),), _kwargs, dtypes=FLOATS if _all else TWO, reference=zero_d(np.cumprod), tolerance=4))
add("cumprod", Sample((np.array([[2.0, 0.0, 3.0, 0.0, 4.0]]),), {"axis": 1}, name="zeros", dtypes=TWO, reference=np.cumprod))


def scan(a: Any, b: Any, axis: int) -> Any:
    out = np.moveaxis(b.copy(), axis, 0)
    for i in range(1, len(out)):
        out[i] += np.moveaxis(a, axis, 0)[i] * out[i - 1]
    return np.moveaxis(out, 0, axis)


for _shape, _axis in CASES[:5]:
    add("scan", Sample((draw(*_shape), draw(*_shape)), {"axis": _axis}, reference=scan))
