"""Samples of what stands in the graph for an overwritten value."""

from __future__ import annotations

from typing import Any

import numpy as np

from tane.testing.sample import COMPLEX, FLOATS, REALS, Sample, draw
from tane.testing.samples.table import add


def spread(x: Any, value: Any) -> Any:
    return np.broadcast_to(value, x.shape).copy()


_view = {"aliasing": "what is copied is read, not kept"}
for _shape in [(2, 3), (), (0,)]:
    add("fill", Sample((draw(*_shape),), {"value": 2}, dtypes=(*REALS, *COMPLEX), reference=spread))
    add("zero", Sample((draw(*_shape),), dtypes=(*REALS, *COMPLEX), reference=np.zeros_like))
    add("fill_with", Sample((draw(*_shape), draw()), dtypes=FLOATS, reference=spread, skips=_view))
    add("copy_into", Sample((draw(*_shape), draw(*_shape)), dtypes=FLOATS, reference=spread, skips=_view))
add("copy_into", Sample((draw(2, 3), draw(3)), name="broadcast", reference=spread, skips=_view))
