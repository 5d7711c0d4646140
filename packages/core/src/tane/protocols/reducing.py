"""NumPy's reductions and running sums on Tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

import tane
from tane.protocols.operands import as_dtype, as_tensor, deliver
from tane.protocols.table import implements
from tane.tensor import Tensor

__all__: list[str] = []


def dims(a: Tensor, axis: Any) -> tuple[int, ...]:
    """NumPy's ``axis`` as a tuple of dimensions; None is all of them."""
    if axis is None:
        return tuple(range(a.ndim))
    return tuple(axis) if isinstance(axis, (tuple, list)) else (int(axis),)


def _typed(a: Any, dtype: Any) -> Tensor:
    a = as_tensor(a)
    return a if dtype is None else a.to(as_dtype(dtype))


def _floating(a: Tensor) -> Tensor:
    """NumPy's means of whole numbers are floating."""
    return a if a.dtype.is_floating_point or a.dtype.is_complex else a.double()


@implements(np.sum)
def _sum(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False) -> Any:
    a = _typed(a, dtype)
    return deliver(tane.sum(a, dims(a, axis), keepdims) if a.ndim else a.clone(), out, "sum")


@implements(np.prod)
def _prod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False) -> Any:
    a = _typed(a, dtype)
    for d in sorted((d % a.ndim for d in dims(a, axis)), reverse=True):
        a = tane.prod(a, d, keepdims)
    return deliver(a, out, "prod")


@implements(np.mean)
def _mean(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False) -> Any:
    a = _floating(_typed(a, dtype))
    return deliver(tane.mean(a, dims(a, axis), keepdims) if a.ndim else a.clone(), out, "mean")


@implements(np.average)
def _average(a: Any, axis: Any = None, weights: Any = None, keepdims: bool = False) -> Any:
    if weights is None:
        return _mean(a, axis, keepdims=keepdims)
    a, w = _floating(as_tensor(a)), as_tensor(weights)
    if w.ndim == 1 and a.ndim > 1 and axis is not None:
        w = w.reshape([-1 if d == axis % a.ndim else 1 for d in range(a.ndim)])
    return _sum(a * w, axis, keepdims=keepdims) / _sum(w + tane.zeros_like(a), axis, keepdims=keepdims)


def _variance(a: Any, axis: Any, dtype: Any, ddof: float, keepdims: bool) -> Any:
    a = _floating(_typed(a, dtype))
    count = int(np.prod([a.shape[d] for d in dims(a, axis)])) if a.ndim else 1
    centred = a - _mean(a, axis, keepdims=True)
    squares = (centred * centred.conj()).real if a.dtype.is_complex else centred * centred
    return _sum(squares, axis, keepdims=keepdims) / (count - ddof)


@implements(np.var)
def _var(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: float = 0, keepdims: bool = False) -> Any:
    return deliver(_variance(a, axis, dtype, ddof, keepdims), out, "var")


@implements(np.std)
def _std(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: float = 0, keepdims: bool = False) -> Any:
    return deliver(tane.sqrt(_variance(a, axis, dtype, ddof, keepdims)), out, "std")


@implements(np.max, np.amax)
def _max(a: Any, axis: Any = None, out: Any = None, keepdims: bool = False) -> Any:
    a = as_tensor(a)
    return deliver(tane.amax(a, dims(a, axis), keepdims), out, "max")


@implements(np.min, np.amin)
def _min(a: Any, axis: Any = None, out: Any = None, keepdims: bool = False) -> Any:
    a = as_tensor(a)
    return deliver(tane.amin(a, dims(a, axis), keepdims), out, "min")


@implements(np.ptp)
def _ptp(a: Any, axis: Any = None, out: Any = None, keepdims: bool = False) -> Any:
    return deliver(_max(a, axis, keepdims=keepdims) - _min(a, axis, keepdims=keepdims), out, "ptp")


@implements(np.nansum)
def _nansum(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False) -> Any:
    a = _typed(a, dtype)
    return _sum(tane.where(tane.isnan(a), tane.zeros_like(a), a), axis, None, out, keepdims)


@implements(np.nanmean)
def _nanmean(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False) -> Any:
    a = _typed(a, dtype)
    count = _sum((~tane.isnan(a)).to(a.dtype), axis, keepdims=keepdims)
    return deliver(_nansum(a, axis, keepdims=keepdims) / count, out, "nanmean")


@implements(np.all)
def _all(a: Any, axis: Any = None, out: Any = None, keepdims: bool = False) -> Any:
    a = as_tensor(a) != 0
    for d in sorted((d % a.ndim for d in dims(a, axis)), reverse=True):
        a = tane.all(a, d, keepdims)
    return deliver(a, out, "all")


@implements(np.any)
def _any(a: Any, axis: Any = None, out: Any = None, keepdims: bool = False) -> Any:
    a = as_tensor(a) != 0
    for d in sorted((d % a.ndim for d in dims(a, axis)), reverse=True):
        a = tane.any(a, d, keepdims)
    return deliver(a, out, "any")


@implements(np.count_nonzero)
def _count_nonzero(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return _sum((as_tensor(a) != 0).long(), axis, keepdims=keepdims)


@implements(np.cumsum)
def _cumsum(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    a = _typed(a, dtype)
    return deliver(tane.cumsum(a.reshape(-1) if axis is None else a, 0 if axis is None else axis), out, "cumsum")


@implements(np.cumprod)
def _cumprod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    a = _typed(a, dtype)
    return deliver(tane.cumprod(a.reshape(-1) if axis is None else a, 0 if axis is None else axis), out, "cumprod")


@implements(np.diff)
def _diff(a: Any, n: int = 1, axis: int = -1) -> Any:
    a = as_tensor(a)
    for _ in range(n):
        a = a.narrow(axis, 1, a.shape[axis] - 1) - a.narrow(axis, 0, a.shape[axis] - 1)
    return a
