"""Samples of the ops that rearrange elements."""

from __future__ import annotations

from typing import Any

import numpy as np

from tane.ops.strided import Layout
from tane.testing.sample import ALL, Sample, draw
from tane.testing.samples.table import add

_f: Any

TWO = ("float64", "float32")


def of(name: str, reference: Any, *cases: tuple[tuple[int, ...], dict[str, Any]], **changes: Any) -> None:
    """Samples of an op on one tensor: (shape, keywords); the first tries all dtypes."""
    for number, (shape, kwargs) in enumerate(cases):
        add(name, Sample((draw(*shape),), kwargs, dtypes=ALL if number == 0 else TWO, reference=reference, **changes))


RESHAPES: list[tuple[tuple[int, ...], dict[str, Any]]] = [
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
of(
    "squeeze",
    np.squeeze,
    ((2, 1, 3), {"axis": (1,)}),
    ((), {"axis": ()}),
    ((1, 1), {"axis": (0, 1)}),
    ((2, 3), {"axis": ()}),
    ((1, 0), {"axis": (0,)}),
)
of(
    "transpose",
    lambda x, axis0, axis1: np.swapaxes(x, axis0, axis1),
    ((2, 3), {"axis0": 0, "axis1": 1}),
    ((2, 3, 4), {"axis0": -1, "axis1": 0}),
    ((2, 3), {"axis0": 1, "axis1": 1}),
    ((0, 2), {"axis0": 0, "axis1": 1}),
)
of("t", np.transpose, ((2, 3), {}), ((3,), {}), ((), {}), ((0, 2), {}), ((3, 3), {}))
of(
    "permute",
    np.transpose,
    ((2, 3, 4), {"axes": (2, 0, 1)}),
    ((2, 3, 4), {"axes": (-1, 0, 1)}),
    ((), {"axes": ()}),
    ((0, 2), {"axes": (1, 0)}),
)
of(
    "expand",
    np.broadcast_to,
    ((3,), {"shape": (2, 3)}),
    ((2, 1), {"shape": (2, 3)}),
    ((), {"shape": (2, 2)}),
    ((2, 3), {"shape": (2, 3)}),
    ((1,), {"shape": (0,)}),
    ((0,), {"shape": (2, 0)}),
    ((1, 3, 1), {"shape": (2, 4, 3, 5)}),
)
of(
    "flip",
    np.flip,
    ((2, 3), {"axis": (0,)}),
    ((), {"axis": ()}),
    ((2, 3), {"axis": (0, 1)}),
    ((2, 3), {"axis": (1,)}),
    ((2, 3), {"axis": ()}),
    ((0, 2), {"axis": (1,)}),
)
of(
    "roll",
    lambda x, shift, axis: np.roll(x, shift, axis),
    ((2, 3), {"shift": 1, "axis": 1}),
    ((2, 3), {"shift": (1, -2), "axis": (0, 1)}),
    ((2, 3), {"shift": 2, "axis": None}),
    ((0, 3), {"shift": 1, "axis": 0}),
)


of("squeeze_one", np.squeeze, ((2, 1, 3), {"axis": 1}), ((1, 1), {"axis": 0}), ((1, 0), {"axis": 0}))
of(
    "repeat",
    lambda x, reps: np.tile(x, reps),
    ((2, 3), {"reps": (2, 1)}),
    ((3,), {"reps": (2, 2)}),
    ((), {"reps": (2,)}),
    ((0,), {"reps": (2,)}),
)
of(
    "rot90",
    lambda x, k, axes: np.rot90(x, k, axes),
    ((2, 3), {"k": 1, "axes": (0, 1)}),
    ((2, 3, 2), {"k": 3, "axes": (2, 0)}),
    ((0, 2), {"k": 2, "axes": (0, 1)}),
)


# ---- triangles and diagonals ---------------------------------------------------------------------------------------------------------
def laid(x: Any, shape: tuple[int, ...], offset: int, axis1: int, axis2: int) -> Any:
    """Zeros with ``x`` on a diagonal."""
    out = np.zeros(shape, x.dtype)
    at = np.diagonal(np.arange(out.size).reshape(shape), offset, axis1, axis2)
    out.reshape(-1)[at] = x
    return out


def diagonal(x: Any, offset: int, axis1: int, axis2: int) -> Any:
    return np.diagonal(x, offset, axis1, axis2)


DIAGONALS: list[tuple[tuple[int, ...], int, int, int]] = [
    ((3, 4), 0, 0, 1),
    ((3, 4), 2, 0, 1),
    ((3, 4), -1, 1, 0),
    ((2, 3, 3), 1, 1, 2),
    ((0, 3), 0, 0, 1),
]
for _name, _f in {"tril": np.tril, "triu": np.triu}.items():
    of(_name, _f, ((3, 4), {"k": 0}), ((3, 3), {"k": 1}), ((2, 3, 4), {"k": -1}), ((0, 3), {"k": 0}))
for _shape, _offset, _axis1, _axis2 in DIAGONALS:
    _kwargs = {"offset": _offset, "axis1": _axis1, "axis2": _axis2}
    add("diagonal", Sample((draw(*_shape),), _kwargs, dtypes=ALL, reference=diagonal))
    _part = np.diagonal(np.empty(_shape), _offset, _axis1, _axis2).shape
    add("diag_embed", Sample((draw(*_part),), {"shape": _shape, **_kwargs}, dtypes=ALL, reference=laid))
of("trace", np.trace, ((3, 3), {}), ((2, 4), {}), ((0, 3), {}))


# ---- windows and layouts -------------------------------------------------------------------------------------------------------------
def windows(x: Any, axis: int, size: int, step: int) -> Any:
    if not x.ndim:
        return x.reshape(1)[:size]
    taken = [np.take(x, range(i, i + size), axis) for i in range(0, x.shape[axis] - size + 1, step)]
    return np.moveaxis(np.stack(taken, axis), axis + 1, -1)


def folded(x: Any, shape: tuple[int, ...], axis: int, size: int, step: int) -> Any:
    places = windows(np.arange(np.prod(shape, dtype=int)).reshape(shape), axis, size, step)
    out = np.zeros(shape, x.dtype)
    np.add.at(out.reshape(-1), places, x)
    return out


def relaid(x: Any, source: Layout, to: Layout) -> Any:
    memory = np.zeros(32, x.dtype)
    np.add.at(memory, to.places(np), x)
    return memory[source.places(np)]


for _shape, _axis, _size, _step in [
    ((5,), 0, 2, 1),
    ((2, 6), 1, 3, 2),
    ((5, 2), 0, 2, 2),
    ((5, 2), 0, 4, 1),
    ((), 0, 1, 1),
    ((2, 0), 0, 1, 1),
]:
    _kwargs = {"axis": _axis, "size": _size, "step": _step}
    of("unfold", windows, (_shape, _kwargs))
    _part = windows(np.empty(_shape), **_kwargs).shape
    add("fold_windows", Sample((draw(*_part),), {"shape": _shape, **_kwargs}, reference=folded))
_plain, _shifted = Layout((2, 3), (3, 1), 0), Layout((3, 2), (1, 4), 1)
_overlapping = Layout((3, 2), (1, 1), 0)
for _source, _to in [(_plain, _shifted), (_shifted, _plain), (_plain, _overlapping), (_plain, Layout((0,), (1,), 0))]:
    add("relaid", Sample((draw(*_to.shape),), {"source": _source, "to": _to}, reference=relaid))


# ---- joining and taking apart ---------------------------------------------------------------------------------------------------------
def joined(function: Any) -> Any:
    return lambda xs, axis=0: function(xs, axis=axis)


JOINED: list[tuple[str, list[tuple[int, ...]], int]] = [
    ("cat", [(2, 3), (1, 3)], 0),
    ("cat", [(2, 3), (2, 1), (2, 2)], -1),
    ("cat", [(2,)], 0),
    ("cat", [(0, 3), (2, 3)], 0),
    ("stack", [(2, 3), (2, 3)], 0),
    ("stack", [(2, 3), (2, 3), (2, 3)], -1),
    ("stack", [(), ()], 0),
    ("stack", [(0,), (0,)], 1),
]
for _name, _shapes, _axis in JOINED:
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
