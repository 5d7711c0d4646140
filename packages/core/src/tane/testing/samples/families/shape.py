"""Samples of the ops that rearrange elements."""

from __future__ import annotations

from typing import Any

import numpy as np

from tane.testing.sample import ALL, Sample, draw
from tane.testing.samples.table import add

TWO = ("float64", "float32")


def of(name: str, reference: Any, *cases: tuple[tuple[int, ...], dict[str, Any]], **changes: Any) -> None:
    """Samples of an op on one tensor: (shape, keywords); the first tries all dtypes."""
    for number, (shape, kwargs) in enumerate(cases):
        add(name, Sample((draw(*shape),), kwargs, dtypes=ALL if number == 0 else TWO, reference=reference, **changes))


RESHAPES = [
    ((2, 3), {"shape": (3, 2)}),
    ((), {"shape": (1, 1)}),
    ((1,), {"shape": ()}),
    ((0,), {"shape": (2, 0)}),
    ((2, 6), {"shape": (-1, 3)}),
    ((2, 3), {"shape": (6,)}),
]
of("view", lambda x, shape: x.reshape(shape), *RESHAPES)
of("unsafe_view", lambda x, shape: x.reshape(shape), *RESHAPES, skips={"aliasing": "used only where the layout allows no view"})
of("unsqueeze", np.expand_dims, ((2, 3), {"axis": 1}), ((2, 3), {"axis": -1}), ((), {"axis": 0}), ((0,), {"axis": 0}))
of("squeeze", np.squeeze, ((2, 1, 3), {"axis": (1,)}), ((1, 1), {"axis": (0, 1)}), ((2, 3), {"axis": ()}), ((1, 0), {"axis": (0,)}))
of(
    "transpose",
    lambda x, axis0, axis1: np.swapaxes(x, axis0, axis1),
    ((2, 3), {"axis0": 0, "axis1": 1}),
    ((2, 3, 4), {"axis0": -1, "axis1": 0}),
    ((2, 3), {"axis0": 1, "axis1": 1}),
    ((0, 2), {"axis0": 0, "axis1": 1}),
)
of("t", np.transpose, ((2, 3), {}), ((3,), {}), ((), {}), ((0, 2), {}), ((3, 3), {}))
of("permute", np.transpose, ((2, 3, 4), {"axes": (2, 0, 1)}), ((2, 3, 4), {"axes": (-1, 0, 1)}), ((), {"axes": ()}), ((0, 2), {"axes": (1, 0)}))
of(
    "expand",
    np.broadcast_to,
    ((3,), {"shape": (2, 3)}),
    ((2, 1), {"shape": (2, 3)}),
    ((), {"shape": (2, 2)}),
    ((2, 3), {"shape": (2, 3)}),
    ((1,), {"shape": (0,)}),
    ((1, 3, 1), {"shape": (2, 4, 3, 5)}),
)
of("flip", np.flip, ((2, 3), {"axis": (0,)}), ((2, 3), {"axis": (0, 1)}), ((2, 3), {"axis": (-1,)}), ((2, 3), {"axis": ()}), ((0, 2), {"axis": (1,)}))
of(
    "roll",
    lambda x, shift, axis: np.roll(x, shift, axis),
    ((2, 3), {"shift": 1, "axis": 1}),
    ((2, 3), {"shift": (1, -2), "axis": (0, 1)}),
    ((2, 3), {"shift": 2, "axis": None}),
    ((0, 3), {"shift": 1, "axis": 0}),
)


def joined(function: Any) -> Any:
    return lambda xs, axis=0: function(xs, axis=axis)


for _name, _shapes, _axis in [
    ("cat", [(2, 3), (1, 3)], 0),
    ("cat", [(2, 3), (2, 1), (2, 2)], -1),
    ("cat", [(2,)], 0),
    ("cat", [(0, 3), (2, 3)], 0),
    ("stack", [(2, 3), (2, 3)], 0),
    ("stack", [(2, 3), (2, 3), (2, 3)], -1),
    ("stack", [(), ()], 0),
    ("stack", [(0,), (0,)], 1),
]:
    _f = joined(np.concatenate if _name == "cat" else np.stack)
    add(_name, Sample(([draw(*s) for s in _shapes],), {"axis": _axis}, dtypes=ALL if _axis == 0 else TWO, reference=_f))


def unbind(x: Any, axis: int = 0) -> Any:
    return tuple(np.take(x, i, axis) for i in range(x.shape[axis]))


def split(x: Any, sizes: tuple[int, ...], axis: int = 0) -> Any:
    return tuple(np.split(x, np.cumsum(sizes)[:-1], axis))


of("unbind", unbind, ((2, 3), {"axis": 0}), ((2, 3), {"axis": -1}), ((3,), {"axis": 0}), ((2, 0), {"axis": 0}))
of(
    "split",
    split,
    ((5, 2), {"sizes": (2, 3), "axis": 0}),
    ((2, 5), {"sizes": (2, 2, 1), "axis": -1}),
    ((3,), {"sizes": (0, 3), "axis": 0}),
    ((0, 2), {"sizes": (0, 0), "axis": 0}),
)
