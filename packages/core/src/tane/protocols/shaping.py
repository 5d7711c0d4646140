"""NumPy's functions that rearrange elements, on Tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

import tane
from tane.protocols.operands import as_tensor, as_tensors, deliver, raw
from tane.protocols.table import implements
from tane.tensor import Tensor

__all__: list[str] = []


def _reversed(a: Tensor) -> Tensor:
    return a.permute(*range(a.ndim)[::-1]) if a.ndim > 1 else a


@implements(np.reshape)
def _reshape(a: Any, shape: Any, order: str = "C", *, copy: bool | None = None) -> Any:
    a = as_tensor(a)
    shape = (shape,) if isinstance(shape, (int, np.integer)) else tuple(shape)
    if order == "F":
        result = _reversed(_reversed(a).reshape(shape[::-1]))
    elif order == "C":
        result = a.reshape(shape)
    else:
        raise TypeError(f"numpy.reshape on Tensors: order={order!r} is not supported; there are 'C' and 'F'")
    return result.clone() if copy else result


@implements(np.ravel)
def _ravel(a: Any, order: str = "C") -> Any:
    return _reshape(a, -1, order)


@implements(np.transpose)
def _transpose(a: Any, axes: Any = None) -> Any:
    a = as_tensor(a)
    return _reversed(a) if axes is None else a.permute(*axes)


@implements(np.matrix_transpose)
def _matrix_transpose(x: Any) -> Any:
    return x.mT


@implements(np.swapaxes)
def _swapaxes(a: Any, axis1: int, axis2: int) -> Any:
    return as_tensor(a).transpose(axis1, axis2)


@implements(np.moveaxis)
def _moveaxis(a: Any, source: Any, destination: Any) -> Any:
    a = as_tensor(a)
    sources = [d % a.ndim for d in ((source,) if isinstance(source, int) else source)]
    places = [d % a.ndim for d in ((destination,) if isinstance(destination, int) else destination)]
    order = [d for d in range(a.ndim) if d not in sources]
    for place, d in sorted(zip(places, sources, strict=True)):
        order.insert(place, d)
    return a.permute(*order)


@implements(np.rollaxis)
def _rollaxis(a: Any, axis: int, start: int = 0) -> Any:
    a = as_tensor(a)
    axis, start = axis % a.ndim, start + a.ndim if start < 0 else start
    return _moveaxis(a, axis, start - 1 if axis < start else start)


@implements(np.squeeze)
def _squeeze(a: Any, axis: Any = None) -> Any:
    a = as_tensor(a)
    if axis is None:
        return a.squeeze()
    axes = (axis,) if isinstance(axis, int) else tuple(axis)
    if any(a.shape[d] != 1 for d in axes):
        raise ValueError("cannot select an axis to squeeze out which has size not equal to one")
    return a.squeeze(axes)


@implements(np.expand_dims)
def _expand_dims(a: Any, axis: Any) -> Any:
    a = as_tensor(a)
    axes = (axis,) if isinstance(axis, int) else tuple(axis)
    ndim = a.ndim + len(axes)
    for d in sorted(d % ndim for d in axes):
        a = a.unsqueeze(d)
    return a


@implements(np.broadcast_to)
def _broadcast_to(array: Any, shape: Any) -> Any:
    return as_tensor(array).expand(shape if isinstance(shape, int) else tuple(shape))


@implements(np.broadcast_arrays)
def _broadcast_arrays(*args: Any) -> Any:
    tensors = [as_tensor(a) for a in args]
    shape = np.broadcast_shapes(*(tuple(t.shape) for t in tensors))
    return tuple(t.expand(shape) for t in tensors)


def _at_least(n: int, before: tuple[int, ...]) -> Any:
    def at_least(*arys: Any) -> Any:
        found = []
        for a in map(as_tensor, arys):
            for d in before[a.ndim :]:
                a = a.unsqueeze(d)
            found.append(a)
        return found[0] if len(found) == 1 else tuple(found)

    return at_least


implements(np.atleast_1d)(_at_least(1, (0,)))
implements(np.atleast_2d)(_at_least(2, (0, 0)))
implements(np.atleast_3d)(_at_least(3, (0, 0, -1)))


@implements(np.flip)
def _flip(m: Any, axis: Any = None) -> Any:
    m = as_tensor(m)
    return tane.flip(m, tuple(range(m.ndim)) if axis is None else (axis,) if isinstance(axis, int) else tuple(axis))


@implements(np.fliplr)
def _fliplr(m: Any) -> Any:
    return _flip(m, 1)


@implements(np.flipud)
def _flipud(m: Any) -> Any:
    return _flip(m, 0)


@implements(np.rot90)
def _rot90(m: Any, k: int = 1, axes: tuple[int, int] = (0, 1)) -> Any:
    m, (a, b) = as_tensor(m), axes
    return [
        lambda: m,
        lambda: _flip(m, b).transpose(a, b),
        lambda: _flip(m, (a, b)),
        lambda: _flip(m.transpose(a, b), b),
    ][k % 4]()


@implements(np.roll)
def _roll(a: Any, shift: Any, axis: Any = None) -> Any:
    a = as_tensor(a)
    if axis is None:
        return tane.roll(a.reshape(-1), int(shift), 0).reshape(a.shape)
    shifts, axes = np.broadcast_arrays(shift, axis)
    return tane.roll(a, tuple(shifts.reshape(-1).tolist()), tuple(axes.reshape(-1).tolist()))


@implements(np.repeat)
def _repeat(a: Any, repeats: Any, axis: Any = None) -> Any:
    a = as_tensor(a)
    if axis is None:
        a, axis = a.reshape(-1), 0
    positions = np.repeat(np.arange(a.shape[axis]), raw(repeats))
    return _take(a, positions, axis)


@implements(np.tile)
def _tile(A: Any, reps: Any) -> Any:
    a = as_tensor(A)
    reps = (reps,) if isinstance(reps, int) else tuple(reps)
    ndim = max(a.ndim, len(reps))
    a, reps = a.reshape(*[1] * (ndim - a.ndim), *a.shape), (1,) * (ndim - len(reps)) + reps
    spread = a.reshape(*(d for size in a.shape for d in (1, size)))
    return spread.expand(*(d for pair in zip(reps, a.shape, strict=True) for d in pair)).reshape(
        *(r * s for r, s in zip(reps, a.shape, strict=True))
    )


@implements(np.take)
def _take(a: Any, indices: Any, axis: Any = None, out: Any = None) -> Any:
    a, indices = as_tensor(a), np.asarray(raw(indices))
    if axis is None:
        a, axis = a.reshape(-1), 0
    return deliver(a[(slice(None),) * (axis % a.ndim) + (indices,)], out, "take")


@implements(np.take_along_axis)
def _take_along_axis(arr: Any, indices: Any, axis: Any = -1) -> Any:
    a, indices = as_tensor(arr), np.asarray(raw(indices))
    if axis is None:
        a, axis = a.reshape(-1), 0
    axis %= a.ndim
    grid = [np.arange(d).reshape([-1 if i == j else 1 for j in range(a.ndim)]) for i, d in enumerate(a.shape)]
    grid[axis] = indices
    return a[tuple(grid)]


@implements(np.diagonal)
def _diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    return tane.diagonal(as_tensor(a), offset, axis1, axis2)


@implements(np.diag)
def _diag(v: Any, k: int = 0) -> Any:
    return tane.diag(as_tensor(v), k)


@implements(np.trace)
def _trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    return _diagonal(a, offset, axis1, axis2).sum(-1)


@implements(np.tril)
def _tril(m: Any, k: int = 0) -> Any:
    return tane.tril(as_tensor(m), k)


@implements(np.triu)
def _triu(m: Any, k: int = 0) -> Any:
    return tane.triu(as_tensor(m), k)


@implements(np.pad)
def _pad(array: Any, pad_width: Any, mode: str = "constant", constant_values: Any = 0) -> Any:
    a = as_tensor(array)
    widths = np.broadcast_to(np.asarray(pad_width), (a.ndim, 2))
    if mode == "constant":
        values = np.broadcast_to(np.asarray(constant_values), (a.ndim, 2))
        for d, ((before, after), (low, high)) in enumerate(zip(widths.tolist(), values.tolist(), strict=True)):
            sides = [
                tane.full((*a.shape[:d], n, *a.shape[d + 1 :]), v, dtype=a.dtype, device=a.device)
                for n, v in ((before, low), (after, high))
            ]
            if before or after:
                a = tane.cat([sides[0], a, sides[1]], d)
        return a
    if mode not in ("edge", "reflect", "symmetric", "wrap"):
        raise TypeError(f"numpy.pad on Tensors: mode={mode!r} is not supported; there are constant, edge, reflect, symmetric and wrap")
    for d, (before, after) in enumerate(widths.tolist()):
        if before or after:
            a = _take(a, np.pad(np.arange(a.shape[d]), (before, after), mode=mode), d)  # type: ignore[call-overload]
    return a


@implements(np.array_split)
def _array_split(ary: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    a = as_tensor(ary)
    pieces = np.array_split(np.arange(a.shape[axis]), raw(indices_or_sections))
    return [a.narrow(axis, int(p[0]) if len(p) else 0, len(p)) for p in pieces]


@implements(np.split)
def _split(ary: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    a = as_tensor(ary)
    if isinstance(indices_or_sections, int) and a.shape[axis] % indices_or_sections:
        raise ValueError("array split does not result in an equal division")
    return _array_split(a, indices_or_sections, axis)


@implements(np.hsplit)
def _hsplit(ary: Any, indices_or_sections: Any) -> Any:
    return _split(ary, indices_or_sections, 0 if as_tensor(ary).ndim == 1 else 1)


@implements(np.vsplit)
def _vsplit(ary: Any, indices_or_sections: Any) -> Any:
    return _split(ary, indices_or_sections, 0)


@implements(np.dsplit)
def _dsplit(ary: Any, indices_or_sections: Any) -> Any:
    return _split(ary, indices_or_sections, 2)


@implements(np.unstack)
def _unstack(x: Any, /, *, axis: int = 0) -> Any:
    return tuple(as_tensors(_moveaxis(x, axis, 0)))
