"""Samples of the ops on complex numbers, their parts and their pairs."""

from __future__ import annotations

from typing import Any

import numpy as np

from tane.testing.sample import COMPLEX, FLOATS, Sample, draw
from tane.testing.samples.table import add, pointwise

PAIR = ("float64", "float32")
AWAY = {"nonzero": True}


def as_real(x: Any) -> Any:
    return np.stack([x.real, x.imag], -1)


def as_complex(x: Any) -> Any:
    return x[..., 0] + 1j * x[..., 1]


def direction(x: Any) -> Any:
    return x / np.abs(x)


pointwise("conj", np.conj, dtypes=(*COMPLEX, "float64"))
pointwise("sgn", direction, dtypes=(*COMPLEX, *FLOATS), domains=[AWAY])
pointwise("angle", np.angle, dtypes=(*COMPLEX, *PAIR), domains=[AWAY])
pointwise("real", np.real, dtypes=COMPLEX)
pointwise("imag", np.imag, dtypes=COMPLEX)
pointwise("view_as_real", as_real, dtypes=COMPLEX)
pointwise("complex", lambda a, b: a + 1j * b, 2, dtypes=PAIR)
pointwise("polar", lambda size, angle: size * np.exp(1j * angle), 2, dtypes=PAIR, domains=[{"low": 0.2, "high": 2}])
for _shape in [(3, 2), (2,), (0, 2)]:
    _view = {"aliasing": "only gradients go through it, and those the engine copies"}
    add("as_complex", Sample((draw(*_shape),), dtypes=PAIR, reference=as_complex, skips=_view))
    add(
        "view_as_complex",
        Sample(
            (draw(*_shape),),
            dtypes=PAIR,
            reference=as_complex,
            skips={"layout": "the two parts must lie side by side, and an error says so"},
        ),
    )
