"""Order statistics along one axis: median, nanmedian, mode. Each gives the value and where it is; the gradient goes to that place."""

from __future__ import annotations

from typing import Any

from tane.ops.primitive import primitive
from tane.ops.reduction import shared, to_place

__all__: list[str] = []


def _at(F: Any, x: Any, order: Any, place: Any, axis: int, keepdims: bool) -> tuple[Any, Any]:
    """Of the elements of ``x`` in their ``order``: the value at ``place`` (whose axis is kept) and its index."""
    indices = F.take_along_axis(order, place, axis)
    values = F.take_along_axis(x, indices, axis)
    return (values, indices) if keepdims else (F.squeeze(values, axis), F.squeeze(indices, axis)[...])


def _median(F: Any, x: Any, axis: int, keepdims: bool, skip: bool) -> tuple[Any, Any]:
    """The lower of the two middle ones; the first NaN where there is one, or the median of the others with ``skip``."""
    if x.ndim == 0:
        return x.copy(), F.zeros((), dtype="int64")
    number = x.shape[axis]
    if not skip:  # no need to rank them all
        middle = (slice(None),) * axis + (slice((number - 1) // 2, (number + 1) // 2),)
        nan = x != x
        first = nan.argmax(axis, keepdims=True)
        place = F.where(F.any(nan, axis=axis, keepdims=True), first, F.argpartition(x, (number - 1) // 2, axis)[middle])
        values = F.take_along_axis(x, place, axis)
        return (values, place) if keepdims else (F.squeeze(values, axis), F.squeeze(place, axis)[...])
    order = F.argsort(x, axis=axis, kind="stable")  # NaN comes last
    nans = F.sum((x != x).astype("int64"), axis=axis, keepdims=True)
    return _at(F, x, order, F.maximum(number - nans - 1, 0) // 2, axis, keepdims)


def _mode(F: Any, x: Any, axis: int, keepdims: bool) -> tuple[Any, Any]:
    """The most frequent value, the smallest of several; where it occurs last."""
    if x.ndim == 0:
        return x.copy(), F.zeros((), dtype="int64")
    order = F.argsort(x, axis=axis, kind="stable")
    ranked = F.take_along_axis(x, order, axis)
    places = F.arange(x.shape[axis]).reshape((-1,) + (1,) * (x.ndim - axis - 1))
    before = (slice(None),) * axis + (slice(None, -1),)
    after = (slice(None),) * axis + (slice(1, None),)
    starts = F.zeros(x.shape, dtype="int64")
    starts[after] = F.where(ranked[after] != ranked[before], places[1:], 0)
    run = places - F.maximum.accumulate(starts, axis)  # how many equal ones precede
    return _at(F, x, order, run.argmax(axis, keepdims=True), axis, keepdims)


def _op(name: str, find: Any, backward: str) -> Any:
    return primitive(
        name,
        lambda F, x, axis=0, keepdims=False: find(F, x, axis, keepdims),
        lambda F, g, x_shape, indices, axis, keepdims: to_place(F, g, indices, x_shape, axis, keepdims),
        extra=("indices",),
        backward=backward,
    )


median_dim = _op("median_dim", lambda F, x, axis, keepdims: _median(F, x, axis, keepdims, False), "MedianBackward1")
nanmedian_dim = _op("nanmedian_dim", lambda F, x, axis, keepdims: _median(F, x, axis, keepdims, True), "NanmedianBackward1")
mode = _op("mode", _mode, "ModeBackward0")


def _median_op(name: str, skip: bool) -> Any:
    """Of all elements: the gradient is shared by those that are equal to it."""
    return primitive(
        name,
        lambda F, x: _median(F, x.reshape(-1), 0, False, skip)[0],
        lambda F, g, x, y: shared(F, g, x, y, None, False),
    )


median, nanmedian = _median_op("median", False), _median_op("nanmedian", True)
