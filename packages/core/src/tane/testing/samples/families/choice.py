"""Samples of the ops that choose between operands, and of those that mix them."""

from __future__ import annotations

from typing import Any

import numpy as np

from tane.testing.sample import ALL, COMPLEX, DOUBLE, FLOATS, REALS, Sample, draw
from tane.testing.samples.table import add, pointwise

_f: Any

TIE = dict.fromkeys(("gradient", "second"), "no derivative at a tie")
BOUND = {"low": -0.6, "high": -0.2}
CEILING = {"low": 0.2, "high": 0.6}

for _name, _f in {"maximum": np.maximum, "minimum": np.minimum, "fmax": np.fmax, "fmin": np.fmin}.items():
    pointwise(_name, _f, 2, dtypes=REALS)
    add(
        _name, Sample((np.array([1.0, 2.0, np.nan]), np.array([1.0, 3.0, 0.5])), name="tie and NaN", dtypes=DOUBLE, reference=_f, skips=TIE)
    )

# ---- within limits ------------------------------------------------------------------------------------------------------------------
for _low, _high in [(-0.5, 0.5), (None, 0.5), (-0.5, None)]:
    pointwise(
        "clamp",
        lambda x, low, high: np.clip(x, low, high),
        dtypes=FLOATS,
        kwargs={"low": _low, "high": _high},
        label=f"from {_low} to {_high}",
    )
pointwise("clamp_min", lambda x, low: np.maximum(x, low), kwargs={"low": 0.5})
pointwise("clamp_max", lambda x, high: np.minimum(x, high), kwargs={"high": 0.5})
pointwise("clamp_tensors", lambda x, low, high: np.minimum(np.maximum(x, low), high), 3, domains=[{}, BOUND, CEILING])
for _name in ("clamp_below", "clamp_min_tensor"):
    pointwise(_name, np.maximum, 2, domains=[{}, BOUND])
for _name in ("clamp_above", "clamp_max_tensor"):
    pointwise(_name, np.minimum, 2, domains=[{}, CEILING])


# ---- where --------------------------------------------------------------------------------------------------------------------------
def where(a: Any, b: Any, condition: Any) -> Any:
    return np.where(condition, a, b)


def filled(x: Any, mask: Any, value: Any) -> Any:
    return np.where(mask, value, x)


def filled_with(x: Any, value: Any, mask: Any) -> Any:
    return np.where(mask, value, x)


for _a, _b, _c in [((2, 3), (2, 3), (2, 3)), ((), (), ()), ((0,), (0,), (0,)), ((3,), (2, 1), (2, 3)), ((2, 3), (), (3,))]:
    add("where", Sample((draw(*_a), draw(*_b)), {"condition": draw(*_c, dtype="bool")}, dtypes=ALL, reference=where))
for _x, _m in [((2, 3), (2, 3)), ((), ()), ((0,), (0,)), ((2, 3), (3,))]:
    _mask = draw(*_m, dtype="bool")
    add("masked_fill", Sample((draw(*_x),), {"mask": _mask, "value": 2}, dtypes=(*REALS, *COMPLEX), reference=filled))
    add("masked_fill_tensor", Sample((draw(*_x), draw()), {"mask": _mask}, reference=filled_with))

# ---- mixtures -----------------------------------------------------------------------------------------------------------------------
for _weight in (0.3, 0.8):
    pointwise("lerp", lambda a, b, weight: a + weight * (b - a), 2, kwargs={"weight": _weight}, label=f"weight {_weight}")
pointwise("lerp_tensor", lambda a, b, weight: a + weight * (b - a), 3)
for _value in (1, 0.5):
    pointwise("addcmul", lambda x, a, b, value: x + value * a * b, 3, kwargs={"value": _value}, label=f"value {_value}")
    pointwise(
        "addcdiv",
        lambda x, a, b, value: x + value * a / b,
        3,
        kwargs={"value": _value},
        label=f"value {_value}",
        domains=[{}, {}, {"nonzero": True}],
    )
