"""Ops that order elements: what they give are values, which have gradients, and the places those came from."""

from __future__ import annotations

from typing import Any

from tane.ops.primitive import primitive
from tane.ops.shape import reverse

__all__: list[str] = []


def ranking(F: Any, x: Any, axis: int, descending: bool) -> Any:
    """The indices that sort ``x``; equal elements keep their order, and NaN counts as the largest."""
    if not x.ndim:
        return F.zeros((), dtype="int64")
    if not descending:
        return F.argsort(x, axis=axis, kind="stable")
    axis %= x.ndim
    last = x.shape[axis] - 1
    return last - reverse(F.argsort(reverse(x, (axis,)), axis=axis, kind="stable"), (axis,))


def _picked(F: Any, x: Any, order: Any, axis: int) -> tuple[Any, Any]:
    if not x.ndim:
        return x.copy(), order
    return F.take_along_axis(x, order, axis), order


def _ends(F: Any, x: Any, k: int, axis: int, largest: bool) -> tuple[Any, Any]:
    """The ``k`` largest or smallest, in order."""
    if not x.ndim:
        return x.copy(), F.zeros((), dtype="int64")
    n = x.shape[axis]
    if 0 < k < n and n > 256:  # a partition costs less than a sort from about here on
        part = F.argpartition(x, n - k if largest else k - 1, axis=axis)
        part = F.sort(_stretch(part, axis, n - k if largest else 0, n if largest else k), axis=axis)  # places in order, for ties among them
        chosen = F.take_along_axis(x, part, axis)
        order = F.take_along_axis(part, ranking(F, chosen, axis, largest), axis)
    else:
        order = _stretch(ranking(F, x, axis, largest), axis, 0, k)
    return F.take_along_axis(x, order, axis), order


def _stretch(x: Any, axis: int, start: int, stop: int) -> Any:
    return x[(slice(None),) * axis + (slice(start, stop),)]


def _nth(F: Any, x: Any, k: int, axis: int) -> tuple[Any, Any]:
    """The ``k``-th smallest, its axis kept."""
    if not x.ndim:
        return x.copy(), F.zeros((), dtype="int64")
    return _picked(F, x, _stretch(ranking(F, x, axis, False), axis, k - 1, k), axis)


sort = primitive(
    "sort",
    lambda F, x, axis=-1, descending=False: _picked(F, x, ranking(F, x, axis, descending), axis),
    lambda F, g, x_shape, indices, axis: F.scatter_zeros(g, indices, x_shape, axis),
    extra=("indices",),
    numpy="sort_with_indices",
)
topk = primitive(
    "topk",
    lambda F, x, k=1, axis=-1, largest=True: _ends(F, x, k, axis, largest),
    lambda F, g, x_shape, indices, axis: F.scatter_zeros(g, indices, x_shape, axis),
    extra=("indices",),
)
kthvalue = primitive(
    "kthvalue",
    lambda F, x, k=1, axis=-1: _nth(F, x, k, axis),
    lambda F, g, x_shape, indices, axis: F.scatter_zeros(g, indices, x_shape, axis),
    extra=("indices",),
)
