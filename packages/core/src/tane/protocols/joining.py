"""NumPy's functions that put arrays together or choose between them, on Tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import tane
from tane.dtypes import promote_types
from tane.protocols.operands import as_dtype, as_tensor, as_tensors, deliver, raw
from tane.protocols.table import implements
from tane.tensor import Tensor

__all__: list[str] = []


def _common(xs: Any) -> list[Tensor]:
    """Tensors of the one type NumPy would give the result."""
    tensors = as_tensors(xs)
    kind = tensors[0].dtype
    for t in tensors[1:]:
        kind = promote_types(kind, t.dtype)
    return [t.to(kind) for t in tensors]


@implements(np.concatenate)
def _concatenate(arrays: Any, axis: int | None = 0, out: Any = None, dtype: Any = None) -> Any:
    tensors = _common(arrays)
    if axis is None:
        tensors, axis = [t.reshape(-1) for t in tensors], 0
    result = tane.cat(tensors, axis)
    return deliver(result if dtype is None else result.to(as_dtype(dtype)), out, "concatenate")


@implements(np.stack)
def _stack(arrays: Any, axis: int = 0, out: Any = None, dtype: Any = None) -> Any:
    result = tane.stack(_common(arrays), axis)
    return deliver(result if dtype is None else result.to(as_dtype(dtype)), out, "stack")


@implements(np.hstack)
def _hstack(tup: Any) -> Any:
    tensors = [np.atleast_1d(t) for t in _common(tup)]
    return _concatenate(tensors, 0 if tensors[0].ndim == 1 else 1)


@implements(np.vstack)
def _vstack(tup: Any) -> Any:
    return _concatenate([np.atleast_2d(t) for t in _common(tup)], 0)


@implements(np.dstack)
def _dstack(tup: Any) -> Any:
    return _concatenate([np.atleast_3d(t) for t in _common(tup)], 2)


@implements(np.column_stack)
def _column_stack(tup: Any) -> Any:
    return _concatenate([t.reshape(-1, 1) if t.ndim < 2 else t for t in _common(tup)], 1)


@implements(np.append)
def _append(arr: Any, values: Any, axis: int | None = None) -> Any:
    return _concatenate([as_tensor(arr), as_tensor(values)], axis)


@implements(np.block)
def _block(arrays: Any) -> Any:
    if not isinstance(arrays, list):
        return as_tensor(arrays)

    def depth(x: Any) -> int:
        return 1 + max(depth(y) for y in x) if isinstance(x, list) else 0

    def join(x: Any, axis: int) -> Any:
        return (
            _concatenate([join(y, axis + 1) for y in x], axis)
            if isinstance(x, list)
            else np.expand_dims(as_tensor(x), tuple(range(max(0, -axis - as_tensor(x).ndim))))
            if as_tensor(x).ndim < total
            else as_tensor(x)
        )

    total = depth(arrays)
    return join(arrays, -total)


@implements(np.where)
def _where(condition: Any, x: Any = None, y: Any = None) -> Any:
    if x is None and y is None:
        return _nonzero(condition)
    x, y = (v if isinstance(v, Tensor) else as_tensor(v) for v in (x, y))
    return tane.where(tane.as_tensor(np.asarray(raw(condition))).bool(), x, y)


@implements(np.nonzero)
def _nonzero(a: Any) -> Any:
    return np.nonzero(as_tensor(a).detach().numpy(force=True))


@implements(np.flatnonzero)
def _flatnonzero(a: Any) -> Any:
    return np.flatnonzero(as_tensor(a).detach().numpy(force=True))


@implements(np.argwhere)
def _argwhere(a: Any) -> Any:
    return np.argwhere(as_tensor(a).detach().numpy(force=True))


@implements(np.select)
def _select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Any:
    result = as_tensor(default)
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        result = _where(condition, choice, result)
    return result


@implements(np.clip)
def _clip(a: Any, a_min: Any = None, a_max: Any = None, out: Any = None, *, min: Any = None, max: Any = None) -> Any:
    low, high = (a_min if min is None else min), (a_max if max is None else max)
    numbers = all(v is None or isinstance(v, (int, float)) for v in (low, high))
    if not numbers:
        low, high = (None if v is None else as_tensor(v) for v in (low, high))
    a = as_tensor(a)
    return deliver(a.clone() if low is None and high is None else tane.clamp(a, low, high), out, "clip")


@implements(np.copyto)
def _copyto(dst: Any, src: Any, casting: str = "same_kind") -> None:
    values = as_tensor(src)
    if not np.can_cast(values.array.dtype, dst.array.dtype, casting):  # type: ignore[arg-type]
        raise TypeError(f"Cannot cast array data from {values.array.dtype!r} to {dst.array.dtype!r} according to the rule {casting!r}")
    dst.copy_(values)


@implements(np.nan_to_num)
def _nan_to_num(x: Any, copy: bool = True, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> Any:
    t = as_tensor(x)
    return tane.nan_to_num(t, nan, posinf, neginf) if copy else t.nan_to_num_(nan, posinf, neginf)


@implements(np.round, np.around)
def _round(a: Any, decimals: int = 0, out: Any = None) -> Any:
    return deliver(tane.round(as_tensor(a), decimals=decimals), out, "round")


@implements(np.fix)
def _fix(x: Any, out: Any = None) -> Any:
    return deliver(tane.trunc(as_tensor(x)), out, "fix")


@implements(np.sinc)
def _sinc(x: Any) -> Any:
    return tane.sinc(as_tensor(x))


@implements(np.i0)
def _i0(x: Any) -> Any:
    return tane.special.i0(as_tensor(x))


@implements(np.real)
def _real(val: Any) -> Any:
    return val.real if val.dtype.is_complex else val


@implements(np.imag)
def _imag(val: Any) -> Any:
    return val.imag if val.dtype.is_complex else tane.zeros_like(val)


@implements(np.angle)
def _angle(z: Any, deg: bool = False) -> Any:
    return tane.rad2deg(tane.angle(z)) if deg else tane.angle(z)


@implements(np.real_if_close)
def _real_if_close(a: Any, tol: float = 100) -> Any:
    if not a.dtype.is_complex:
        return a
    limit = tol * float(np.finfo(a.array.dtype).eps) if tol > 1 else tol
    return a.real if bool((abs(a.detach().numpy(force=True).imag) < limit).all()) else a
