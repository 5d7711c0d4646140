"""NumPy's functions about order and place, on Tensors: sorting, extremes' positions, medians."""

from __future__ import annotations

from typing import Any

import numpy as np

import tane
from tane.protocols.operands import as_tensor, deliver
from tane.protocols.reducing import dims
from tane.protocols.table import implements
from tane.tensor import Tensor

__all__: list[str] = []


def _line(a: Any, axis: int | None) -> tuple[Tensor, int]:
    """The tensor and the dimension to work along; None is all elements in a row."""
    a = as_tensor(a)
    return (a.reshape(-1), 0) if axis is None else (a, axis)


@implements(np.sort)
def _sort(a: Any, axis: int | None = -1, kind: str | None = None, *, stable: bool | None = None) -> Any:
    a, axis = _line(a, axis)
    return tane.sort(a, dim=axis, stable=True)[0]


@implements(np.partition)
def _partition(a: Any, kth: Any, axis: int | None = -1, kind: str | None = None) -> Any:
    return _sort(a, axis)  # sorted altogether is partitioned at every place


@implements(np.argsort)
def _argsort(a: Any, axis: int | None = -1, kind: str | None = None, *, stable: bool | None = None) -> Any:
    a, axis = _line(a, axis)
    return tane.sort(a, dim=axis, stable=True)[1]


@implements(np.argpartition)
def _argpartition(a: Any, kth: Any, axis: int | None = -1, kind: str | None = None) -> Any:
    return _argsort(a, axis)


@implements(np.argmax)
def _argmax(a: Any, axis: int | None = None, out: Any = None, *, keepdims: bool = False) -> Any:
    return deliver(tane.argmax(as_tensor(a), axis, keepdims), out, "argmax")


@implements(np.argmin)
def _argmin(a: Any, axis: int | None = None, out: Any = None, *, keepdims: bool = False) -> Any:
    return deliver(tane.argmin(as_tensor(a), axis, keepdims), out, "argmin")


@implements(np.searchsorted)
def _searchsorted(a: Any, v: Any, side: str = "left") -> Any:
    return tane.searchsorted(as_tensor(a), as_tensor(v), right=side == "right")


@implements(np.unique)
def _unique(ar: Any, return_index: bool = False, return_inverse: bool = False, return_counts: bool = False, axis: Any = None) -> Any:
    array = as_tensor(ar).detach().numpy(force=True)
    unique: Any = np.unique  # its overloads ask for literal flags
    _, first, *more = unique(array, True, return_inverse, return_counts, axis=axis)
    values = np.take(as_tensor(ar), first, axis)
    extras = ([tane.as_tensor(first)] if return_index else []) + [tane.as_tensor(m) for m in more]
    return (values, *extras) if extras else values


@implements(np.quantile)
def _quantile(a: Any, q: Any, axis: Any = None, keepdims: bool = False) -> Any:
    a = as_tensor(a)
    over = [d % a.ndim for d in dims(a, axis)]
    rest = [d for d in range(a.ndim) if d not in over]
    count = int(np.prod([a.shape[d] for d in over]))
    line = _sort(a.permute(*rest, *over).reshape(*(a.shape[d] for d in rest), count))
    position = np.asarray(q, float) * (count - 1)
    low = np.floor(position).astype(int)
    high = np.minimum(low + 1, count - 1)
    weight = as_tensor((position - low).astype(line.array.dtype))
    below, above = line[..., low], line[..., high]
    found = np.moveaxis(below + (above - below) * weight, -1, 0) if np.ndim(q) else below + (above - below) * weight
    shape = tuple(1 if d in over else s for d, s in enumerate(a.shape)) if keepdims else tuple(a.shape[d] for d in rest)
    return found.reshape(*np.shape(q), *shape)


@implements(np.percentile)
def _percentile(a: Any, q: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return _quantile(a, np.asarray(q) / 100, axis, keepdims)


@implements(np.median)
def _median(a: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return _quantile(a, 0.5, axis, keepdims)
