"""Samples of special functions; Python's ``math`` is the reference where it has one."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from tane.testing.sample import FLOATS
from tane.testing.samples.table import pointwise


def each(function: Callable[..., float]) -> Callable[..., Any]:
    """A function of numbers, element by element."""
    return np.vectorize(function, otypes=[np.float64])


POSITIVE = {"low": 0.2, "high": 5.0}
WIDE = {"low": -4.0, "high": 4.0}
UNIT = {"low": 0.05, "high": 0.95}

pointwise("erf", each(math.erf), dtypes=(*FLOATS, "int64"), domains=[WIDE])
pointwise("erfc", each(math.erfc), domains=[WIDE])
pointwise("special_erfcx", each(lambda x: math.exp(x * x) * math.erfc(x)), domains=[{"low": -2.0, "high": 4.0}])
pointwise("erfinv", None, domains=[{"low": -0.9, "high": 0.9}])
pointwise("lgamma", each(math.lgamma), domains=[POSITIVE])
pointwise("digamma", None, domains=[POSITIVE])
for _n in (0, 1, 2):
    pointwise(
        "polygamma", None, kwargs={"order": _n}, label=f"order {_n}", domains=[{"low": 0.6, "high": 5.0}], dtypes=("float64", "float32")
    )
for _name in ("i0", "special_i0e", "special_i1", "special_i1e"):
    pointwise(_name, np.i0 if _name == "i0" else None, domains=[{"low": 0.2, "high": 4.0}])
pointwise(
    "special_zeta", None, 2, domains=[{"low": 2.0, "high": 4.0}, {"low": 0.6, "high": 4.0}], skips={"gradients": "none in s, as in PyTorch"}
)
pointwise("xlogy", lambda x, y: x * np.log(y), 2, domains=[{}, POSITIVE])
pointwise("special_xlog1py", lambda x, y: x * np.log1p(y), 2, domains=[{}, {"low": -0.5, "high": 3.0}])
pointwise("special_entr", lambda x: -x * np.log(x), domains=[POSITIVE])
pointwise("logit", lambda x, eps: np.log(x / (1 - x)), kwargs={"eps": None}, domains=[UNIT])
pointwise(
    "logit",
    lambda x, eps: np.log(np.clip(x, eps, 1 - eps) / (1 - np.clip(x, eps, 1 - eps))),
    kwargs={"eps": 0.2},
    label="eps",
    domains=[UNIT],
)
pointwise("sinc", np.sinc)
