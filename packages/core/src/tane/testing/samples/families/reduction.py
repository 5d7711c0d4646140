"""Samples of the ops that reduce axes: every form of ``axis``, kept and dropped, 0-d and empty."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from tane.testing.sample import COMPLEX, FLOATS, INTEGERS, REALS, Sample, draw
from tane.testing.samples.table import add

AXES: list[tuple[tuple[int, ...], Any]] = [
    ((2, 3), None),
    ((2, 3), 0),
    ((2, 3), -1),
    ((2, 3, 4), (0, 2)),
    ((2, 3, 4), (1,)),
    ((2, 3), ()),
    ((), None),
    ((), 0),
    ((1, 3), 0),
]
EMPTY: list[tuple[tuple[int, ...], Any]] = [((0,), None), ((2, 0, 3), 1), ((2, 0, 3), 0)]


def reducing(
    name: str,
    reference: Callable[..., Any],
    cases: Iterable[tuple[tuple[int, ...], Any]],
    dtypes: tuple[str, ...],
    **draws: Any,
) -> None:
    """Samples over axes, with ``keepdims`` and without; only the first tries all dtypes."""
    for number, (shape, axis) in enumerate(cases):
        for keepdims in (False, True):
            types = dtypes if number == 0 and not keepdims else dtypes[:2]
            kwargs = {"axis": axis, "keepdims": keepdims}
            add(name, Sample((draw(*shape, **draws),), kwargs, dtypes=types, reference=reference))


def zero_d(function: Callable[..., Any]) -> Callable[..., Any]:
    """NumPy's function with PyTorch's licence to name axis 0 of a 0-d array."""

    def reference(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        return function(x, axis=None if x.ndim == 0 else axis, keepdims=keepdims)

    return reference


def mean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    axes = tuple(range(x.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    count = math.prod(x.shape[a] for a in axes)
    with np.errstate(all="ignore"):
        return np.sum(x, axis=axis, keepdims=keepdims) / np.float64(count)


reducing("sum", zero_d(np.sum), [*AXES, *EMPTY], (*FLOATS, *COMPLEX))
reducing("mean", zero_d(mean), [*AXES, *EMPTY[2:]], (*FLOATS, *COMPLEX))
_none = {"gradient": "the mean of nothing is NaN", "second": "the mean of nothing is NaN"}
add("mean", Sample((draw(2, 0, 3),), {"axis": 1}, name="of nothing", reference=mean, skips=_none))
for _name, _f in {"amax": np.amax, "amin": np.amin}.items():
    reducing(_name, zero_d(_f), [*AXES, EMPTY[2]], REALS, distinct=True)
for _name, _f in {"all": np.all, "any": np.any}.items():
    reducing(_name, zero_d(_f), [*AXES, *EMPTY], ("float64", "bool", *INTEGERS))
for _name, _f in {"argmax": np.argmax, "argmin": np.argmin}.items():
    reducing(_name, zero_d(_f), [*(c for c in AXES if not isinstance(c[1], tuple)), EMPTY[2]], REALS, distinct=True)
