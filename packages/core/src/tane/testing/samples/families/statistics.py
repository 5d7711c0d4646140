"""Samples of medians and modes, with and without repeated values and NaN."""

from __future__ import annotations

from typing import Any

import numpy as np

from tane.testing.sample import DOUBLE, FLOATS, Sample, draw
from tane.testing.samples.table import add

CASES: list[tuple[tuple[int, ...], int]] = [((3, 4), 0), ((3, 4), 1), ((2, 5, 2), 1), ((1,), 0), ((), 0), ((0, 3), 1)]


def lower_median(x: Any, axis: int, keepdims: bool) -> Any:
    """The lower of the two middle values, and its place."""
    if not x.ndim:
        return x.copy(), np.zeros((), np.int64)
    order = np.argsort(x, axis=axis, kind="stable")
    places = np.take(order, [(x.shape[axis] - 1) // 2], axis=axis)
    values = np.take_along_axis(x, places, axis)
    return (values, places) if keepdims else (values.squeeze(axis), places.squeeze(axis))


for _name in ("median_dim", "nanmedian_dim"):
    for _number, (_shape, _axis) in enumerate(CASES):
        for _keep in (False, True):
            _types = FLOATS if _number == 0 and not _keep else FLOATS[:2]
            add(_name, Sample((draw(*_shape, distinct=True),), {"axis": _axis, "keepdims": _keep}, dtypes=_types, reference=lower_median))
for _name in ("median", "nanmedian"):
    for _shape in [(3, 4), (5,), (), (1, 1)]:
        _flat = lambda x: np.sort(x, axis=None)[(x.size - 1) // 2]
        add(_name, Sample((draw(*_shape, distinct=True),), dtypes=FLOATS, reference=_flat))
_nan = np.array([[1.0, np.nan, 3.0], [np.nan, 5.0, 2.0]])
_no_steps = dict.fromkeys(("gradient", "second"), "no steps from NaN")
add(
    "nanmedian_dim",
    Sample((_nan,), {"axis": 1}, name="NaN", dtypes=DOUBLE, reference=lambda x, axis: np.array([1.0, 2.0]), skips=_no_steps),
)
add("nanmedian", Sample((_nan,), name="NaN", dtypes=DOUBLE, reference=lambda x: np.array(2.0), skips=_no_steps))
_repeated = np.array([[1.0, 2.0, 2.0, 3.0], [4.0, 4.0, 5.0, 5.0]])
for _keep in (False, True):
    _expected = (np.array([2.0, 4.0]), np.array([2, 1]))
    _shaped = tuple(e[:, None] if _keep else e for e in _expected)
    add(
        "mode",
        Sample(
            (_repeated,),
            {"axis": 1, "keepdims": _keep},
            dtypes=DOUBLE,
            reference=lambda x, axis, keepdims, r=_shaped: r,
            skips={"layout": "-"},
        ),
        skips=dict.fromkeys(("gradient", "second"), "a step changes which value repeats"),
    )
for _shape in [(), (0, 3)]:
    add("mode", Sample((draw(*_shape),), {"axis": len(_shape) - 1 if _shape else 0}))
