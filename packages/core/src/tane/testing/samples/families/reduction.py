"""Samples of the ops that reduce axes: every form of ``axis``, kept and dropped, 0-d and empty."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from tane.testing.sample import COMPLEX, DOUBLE, FLOATS, INTEGERS, REALS, Sample, draw
from tane.testing.samples.table import add

_f: Any

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


OF_NOTHING = dict.fromkeys(("gradient", "second"), "the mean of nothing is NaN")


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


for _name in ("sum", "sum_dim"):
    reducing(_name, zero_d(np.sum), [*AXES, *EMPTY], (*FLOATS, *COMPLEX))
for _name in ("mean", "mean_dim"):
    reducing(_name, zero_d(mean), [*AXES, *EMPTY[2:]], (*FLOATS, *COMPLEX))
    add(_name, Sample((draw(2, 0, 3),), {"axis": 1}, name="of nothing", reference=mean, skips=OF_NOTHING))
reducing("nansum", zero_d(np.nansum), [*AXES, *EMPTY], FLOATS)
_nan = Sample((np.array([[1.0, np.nan, 2.0]]),), {"axis": 1}, name="NaN", dtypes=FLOATS[:2], reference=np.nansum)
add("nansum", _nan.but(skips=dict.fromkeys(("gradient", "second"), "no steps from NaN")))

# ---- products -----------------------------------------------------------------------------------------------------------------------
ONE_AXIS = [c for c in AXES if not isinstance(c[1], tuple)]
for _name in ("prod", "prod_dim"):
    reducing(_name, zero_d(np.prod), [*ONE_AXIS, EMPTY[2]], (*FLOATS, *COMPLEX))
    add(_name, Sample((np.array([[2.0, 0.0, 3.0], [0.0, 0.0, 1.0]]),), {"axis": 1}, name="zeros", reference=np.prod))

# ---- extremes and places -------------------------------------------------------------------------------------------------------------
for _name, _f in {"amax": np.amax, "amin": np.amin, "max_all": np.amax, "min_all": np.amin}.items():
    reducing(_name, zero_d(_f), [*AXES, EMPTY[2]], REALS, distinct=True)
    _ties = Sample((np.array([[1.0, 3.0, 3.0], [0.5, 0.5, 0.5]]),), {"axis": 1}, name="ties", dtypes=DOUBLE, reference=_f)
    add(_name, _ties, skips=dict.fromkeys(("gradient", "second"), "no derivative at a tie"))
for _name, _f in {"all": np.all, "any": np.any, "count_nonzero": np.count_nonzero}.items():
    reducing(_name, zero_d(_f), [*AXES, *EMPTY], ("float64", "bool", *INTEGERS))
for _name, _f in {"argmax": np.argmax, "argmin": np.argmin}.items():
    reducing(_name, zero_d(_f), [*ONE_AXIS, EMPTY[2]], FLOATS, distinct=True)


def with_place(extreme: Callable[..., Any], place: Callable[..., Any]) -> Callable[..., Any]:
    def reference(x: Any, axis: int, keepdims: bool = False) -> Any:
        at = axis if x.ndim else None
        return extreme(x, axis=at, keepdims=keepdims), place(x, axis=at, keepdims=keepdims)

    return reference


for _name, _f in {"max_dim": with_place(np.amax, np.argmax), "min_dim": with_place(np.amin, np.argmin)}.items():
    reducing(_name, _f, [*((s, a) for s, a in ONE_AXIS if a is not None), EMPTY[2]], FLOATS, distinct=True)
reducing(
    "aminmax",
    lambda x, axis, keepdims: (zero_d(np.amin)(x, axis, keepdims), zero_d(np.amax)(x, axis, keepdims)),
    [*ONE_AXIS, EMPTY[2]],
    FLOATS,
    distinct=True,
)


# ---- spreads ------------------------------------------------------------------------------------------------------------------------
def var(x: Any, axis: Any, correction: float, keepdims: bool) -> Any:
    return np.var(x, axis=axis, ddof=correction, keepdims=keepdims)


def std(x: Any, axis: Any, correction: float, keepdims: bool) -> Any:
    return np.std(x, axis=axis, ddof=correction, keepdims=keepdims)


def both(spread: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, axis, correction, keepdims: (spread(x, axis, correction, keepdims), np.mean(x, axis=axis, keepdims=keepdims))


SPREADS = [((2, 3), None, 1, False), ((3, 4), 0, 0, False), ((3, 4), -1, 1, True), ((2, 3, 4), (0, 2), 1, False), ((3, 0), 0, 1, False)]
for _name, _f in {"var": var, "std": std, "var_mean": both(var), "std_mean": both(std)}.items():
    for _shape, _axis, _correction, _keep in SPREADS:
        _kwargs = {"axis": _axis, "correction": _correction, "keepdims": _keep}
        add(_name, Sample((draw(*_shape),), _kwargs, dtypes=FLOATS, reference=_f, tolerance=2))
    add(_name, Sample((draw(),), {"axis": None, "correction": 0}, name="0-d", reference=lambda x, f=_f, **kw: f(x, keepdims=False, **kw)))


# ---- norms --------------------------------------------------------------------------------------------------------------------------
def norm(x: Any, ord: float, axis: Any, keepdims: bool) -> Any:
    size = np.abs(x)
    if np.isinf(ord):
        return (np.max if ord > 0 else np.min)(size, axis=axis, keepdims=keepdims)
    if ord == 0:
        return np.sum(size != 0, axis=axis, keepdims=keepdims)
    return np.sum(size**ord, axis=axis, keepdims=keepdims) ** (1 / ord)


for _ord in (2, 1, 3, 0.5, 1.5, 0, np.inf, -np.inf):
    for _shape, _axis in [((2, 3), None), ((2, 3), 0), ((2, 3, 4), (0, 2))]:
        _types = (*FLOATS, *COMPLEX) if _axis is None else FLOATS[:2]
        _norm = {"ord": _ord, "axis": _axis, "keepdims": False}
        add("vector_norm", Sample((draw(*_shape, nonzero=True),), _norm, name=f"ord {_ord}", dtypes=_types, reference=norm, tolerance=2))
for _shape in [(), (0,)]:
    add("vector_norm", Sample((draw(*_shape, nonzero=True),), {"ord": 2, "axis": None, "keepdims": False}, reference=norm))
