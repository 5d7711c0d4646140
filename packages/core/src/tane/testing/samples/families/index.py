"""Samples of indexing: basic indices, index arrays (with repeated positions), masks, gather and scatter."""

from __future__ import annotations

from typing import Any

import numpy as np

from tane.ops.primitive import primitives
from tane.ops.views import View
from tane.testing.sample import ALL, COMPLEX, FLOATS, Sample, draw, given
from tane.testing.samples.table import add

_f: Any

TWO = ("float64", "float32")
NUMBERS = (*FLOATS, *COMPLEX)
I = np.array

BASIC: list[tuple[tuple[int, ...], Any]] = [
    ((4, 3), (slice(1, 3),)),
    ((4, 3), (slice(None, None, 2), slice(1, None))),
    ((4, 3), (None, slice(None), None)),
    ((4, 3), (..., slice(0, 0))),
    ((), (...,)),
    ((), (None,)),
    ((0, 2), (slice(None),)),
]
NUMBERED: list[tuple[tuple[int, ...], Any]] = [
    ((4, 3), (1,)),
    ((4, 3), (..., -1)),
    ((2, 4, 3), (0, slice(1, 3), 2)),
    ((3,), (1, ...)),
    ((2, 0), (0,)),
]
ADVANCED: list[tuple[tuple[int, ...], Any]] = [
    ((4, 3), (I([0, 2, 0]),)),
    ((4, 3), (I([[0, 1], [3, -1]]),)),
    ((4, 3), (slice(None), I([2, 2, 1]))),
    ((4, 3), (I([0, 1]), I([2, 2]))),
    ((4, 3), (I([[0], [1]]), I([0, 2]))),
    ((2, 4, 3), (I([0, 1]), slice(None), I([2, 2]))),
    ((4, 3), (I([], dtype=np.int64),)),
    ((4,), (I([True, False, True, True]),)),
    ((2, 3), (I([[True, False, True], [False, False, True]]),)),
    ((0, 3), (I([], dtype=np.int64),)),
]


def shape_at(shape: tuple[int, ...], index: Any) -> tuple[int, ...]:
    return np.empty(shape)[index].shape


def getting(x: Any, index: Any) -> Any:
    return x[index].copy()


def accumulated(x: Any, index: Any, shape: Any) -> Any:
    out = np.zeros(shape, x.dtype)
    np.add.at(out, index, x)
    return out


def putting(x: Any, values: Any, index: Any, accumulate: bool) -> Any:
    out = x.copy()
    if accumulate:
        np.add.at(out, index, values)
    else:
        out[index] = values
    return out


def erased(x: Any, index: Any) -> Any:
    return putting(x, 0, index, False)


for _name, _cases in {"slice": BASIC, "select": NUMBERED}.items():
    for _shape, _index in _cases:
        add(_name, Sample((draw(*_shape),), {"index": _index}, dtypes=ALL, reference=getting))
for _shape, _index in [*BASIC, *NUMBERED]:
    _part = draw(*shape_at(_shape, _index))
    add("embed", Sample((_part,), {"index": _index, "shape": _shape}, dtypes=NUMBERS, reference=accumulated))
for _number, (_shape, _index) in enumerate(ADVANCED):
    _part, _types = draw(*shape_at(_shape, _index)), ALL if _number == 0 else TWO
    add("index", Sample((draw(*_shape),), {"index": _index}, dtypes=_types, reference=getting))
    add("index_accumulate", Sample((_part,), {"index": _index, "shape": _shape}, dtypes=TWO, reference=accumulated))
    add("erase", Sample((draw(*_shape),), {"index": _index}, dtypes=_types, reference=erased))
    add("index_put", Sample((draw(*_shape), _part), {"index": _index, "accumulate": True}, dtypes=TWO, reference=putting))
for _shape, _index in [*BASIC, *NUMBERED, ADVANCED[4], *ADVANCED[6:]]:  # without repeated positions: which write wins is open
    _part = draw(*shape_at(_shape, _index))
    add("index_put", Sample((draw(*_shape), _part), {"index": _index, "accumulate": False}, dtypes=TWO, reference=putting))
add(
    "index_put",
    Sample((draw(4, 3), draw()), {"index": (slice(1, 3),), "accumulate": False}, name="0-d value", dtypes=TWO, reference=putting),
)

for _shape, _index in [((4, 3), (slice(None), None)), ((), (None, ...)), ((0,), (None,))]:
    add("new_axis", Sample((draw(*_shape),), {"index": _index}, dtypes=ALL, reference=getting))
for _shape, _index in [
    ((4,), (I([True, False, True, True]),)),
    ((2, 3), (I([[True, False, True], [False, False, True]]),)),
    ((0,), (np.zeros(0, bool),)),
]:
    add("masked_select", Sample((draw(*_shape),), {"index": _index}, dtypes=ALL, reference=getting))

# ---- a vector of numbers along one axis -----------------------------------------------------------------------------------------------
VECTORS: list[tuple[tuple[int, ...], Any, int]] = [
    ((4, 3), I([2, 0]), 0),
    ((2, 4), I([3, 1, 0]), 1),
    ((3,), I([], dtype=np.int64), 0),
    ((0, 3), I([1]), 1),
]
REPEATED: list[tuple[tuple[int, ...], Any, int]] = [((4, 3), I([2, 0, 2]), 0), ((2, 3, 2), I([1, 1]), 1)]


def there(index: Any, axis: int) -> tuple[Any, ...]:
    return (*(slice(None),) * axis, index)


def selected(x: Any, index: Any, axis: int) -> Any:
    return np.take(x, index, axis)


def added(x: Any, source: Any, index: Any, axis: int) -> Any:
    return putting(x, source, there(index, axis), True)


def copied(x: Any, source: Any, index: Any, axis: int) -> Any:
    return putting(x, source, there(index, axis), False)


def filled(x: Any, index: Any, axis: int, value: Any) -> Any:
    return putting(x, value, there(index, axis), False)


for _shape, _index, _axis in [*VECTORS, *REPEATED]:
    _part = draw(*np.take(np.empty(_shape), _index, _axis).shape)
    _kwargs = {"index": _index, "axis": _axis}
    add("index_select", Sample((draw(*_shape),), _kwargs, dtypes=NUMBERS, reference=selected))
    add("index_add", Sample((draw(*_shape), _part), _kwargs, dtypes=NUMBERS, reference=added))
    if (_shape, _index, _axis) in [v for v in VECTORS if v[1] is _index]:
        add("index_copy", Sample((draw(*_shape), _part), _kwargs, dtypes=TWO, reference=copied))
    add("index_fill", Sample((draw(*_shape),), {**_kwargs, "value": 2}, dtypes=NUMBERS, reference=filled))
    _once = {**_kwargs, "index": np.unique(_index)}
    add("index_fill_tensor", Sample((draw(*_shape), draw()), _once, dtypes=NUMBERS, reference=copied))

# ---- element by element along one axis ------------------------------------------------------------------------------------------------------------------
ALONG: list[tuple[tuple[int, ...], Any, int]] = [
    ((3, 4), I([[0, 1, 1, 0], [2, 2, 0, 1]]), 0),
    ((3, 4), I([[0, 3], [1, 1], [2, 0]]), 1),
    ((3, 4), I([[0, 3], [1, 1], [2, 0]]), -1),
    ((2, 3, 2), I([[[0, 1]], [[1, 1]]]), 2),
    ((4,), I([1, 1, 0]), 0),
    ((0, 3), np.zeros((0, 3), np.int64), 1),
    ((), I(0), 0),
]


def gathered(x: Any, index: Any, axis: int) -> Any:
    if not x.ndim:
        return x
    cut = tuple(slice(None) if a == axis % x.ndim else slice(d) for a, d in enumerate(index.shape))
    return np.take_along_axis(x[cut], index, axis)


def scattered(x: Any, index: Any, shape: Any, axis: int) -> Any:
    out = np.zeros(shape, x.dtype)
    for at in np.ndindex(index.shape):
        to = tuple(int(index[at]) if a == axis % len(shape) else i for a, i in enumerate(at))
        out[to] += x[at]
    return out


for _shape, _index, _axis in ALONG:
    add("gather", Sample((draw(*_shape),), {"index": _index, "axis": _axis}, dtypes=NUMBERS, reference=gathered))
    add("scatter_zeros", Sample((draw(*_index.shape),), {"index": _index, "shape": _shape, "axis": _axis}, dtypes=TWO, reference=scattered))


def each(combine: Any) -> Any:
    """Elements of ``src`` combined, one by one, with those of ``x`` that ``index`` names."""

    def reference(x: Any, src: Any, index: Any, axis: int, **_: Any) -> Any:
        out = x.copy()
        for at in np.ndindex(index.shape):
            to = tuple(int(index[at]) if a == axis % max(x.ndim, 1) else i for a, i in enumerate(at))
            out[to] = combine(out[to], src[at])
        return out

    return reference


def last(_: Any, new: Any) -> Any:
    return new


def scatter_filled(x: Any, index: Any, axis: int, value: Any) -> Any:
    return each(last)(x, np.full(index.shape, value), index, axis)


UNIQUE: list[tuple[tuple[int, ...], Any, int]] = [
    ((3, 4), I([[0, 1, 2, 0], [2, 2, 0, 1]]), 0),
    ((3, 4), I([[0, 3], [1, 2]]), 1),
    ((), I(0), 0),
    ((0,), I([], dtype=np.int64), 0),
]
for _shape, _index, _axis in UNIQUE:
    _kwargs = {"index": _index, "axis": _axis}
    add("scatter", Sample((draw(*_shape), draw(*_index.shape)), _kwargs, dtypes=TWO, reference=each(last)))
for _shape, _index, _axis in [*ALONG[:5], *UNIQUE]:
    _kwargs = {"index": _index, "axis": _axis}
    _src = draw(*_index.shape, nonzero=True)
    add("scatter_add", Sample((draw(*_shape), _src), _kwargs, dtypes=NUMBERS, reference=each(np.add)))
    add("scatter_fill", Sample((draw(*_shape),), {**_kwargs, "value": 2}, dtypes=TWO, reference=scatter_filled))
    add("scatter_prod", Sample((draw(*_shape), _src), _kwargs, dtypes=TWO, reference=each(np.multiply)))
    for _name, _f in {"amax": np.maximum, "amin": np.minimum}.items():
        add("scatter_reduce", Sample((draw(*_shape), _src), {**_kwargs, "reduce": _name}, name=_name, dtypes=TWO, reference=each(_f)))

_zeros = given([[1.0, 0.0, 0.0], [0.0, 2.0, 3.0]])
_kwargs = {"index": I([[0, 0, 2], [1, 1, 1]]), "axis": 1}
add("scatter_prod", Sample((draw(2, 3), _zeros), _kwargs, name="a zero", dtypes=TWO, reference=each(np.multiply)))

# ---- an in-place change of a view, seen from its base --------------------------------------------------------------------------------
_rows = View(primitives["slice"], ((slice(1, 3),),), (4, 3))


def blanked(x: Any, view: Any) -> Any:
    return erased(x, (slice(1, 3),))


add("blank", Sample((draw(4, 3),), {"view": _rows}, dtypes=NUMBERS, reference=blanked))
add("seen_again", Sample((draw(4, 3),), {"view": _rows}, dtypes=NUMBERS, reference=lambda x, view: x[1:3], view=True))
