"""Pooling to a given output size: window ``i`` of ``n`` reaches from ``floor(i * size / n)`` to ``ceil((i + 1) * size / n)``."""

from __future__ import annotations

from math import prod
from typing import Any

from tane.autograd.fitting import namespaces
from tane.nn.ops import pool, resample
from tane.tensor import Tensor, wrap

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool3d",
    "adaptive_max_pool1d",
    "adaptive_max_pool1d_with_indices",
    "adaptive_max_pool2d",
    "adaptive_max_pool2d_with_indices",
    "adaptive_max_pool3d",
    "adaptive_max_pool3d_with_indices",
]


def _target(name: str, n: int, x: Tensor, output_size: Any) -> tuple[int, ...]:
    """The output's spatial sizes; None keeps that of the input."""
    shape = x.array.shape
    if len(shape) <= n and isinstance(output_size, (tuple, list)) and len(output_size) == n:
        raise ValueError(f"Input dimension should be at least {n + 1}")
    if len(shape) not in (n + 1, n + 2):
        raise RuntimeError(f"{name}(): Expected {n + 1}D or {n + 2}D tensor, but got {list(shape)}")
    wanted = (output_size,) * n if output_size is None or isinstance(output_size, int) else tuple(output_size)
    if len(wanted) == 1:
        wanted *= n
    if len(wanted) != n:
        if n == 1:
            raise RuntimeError(f"{name}() argument 'output_size' should contain one int (got {len(wanted)})")
        what = "(): internal error: output_size.size()" if "max" in name else ": output_size"
        raise RuntimeError(f"{name}{what} must be {n}, but got {len(wanted)} numbers")
    out = tuple(have if w is None else int(w) for w, have in zip(wanted, shape[-n:]))
    if min(out) < 0:
        if "max" in name:
            raise RuntimeError(f"{name}(): Trying to create tensor with negative dimension {min(out)}: {[*shape[:-n], *out]}")
        raise RuntimeError(
            f"{name}: elements of output_size must be greater than or equal to 0 but received {{{', '.join(map(str, out))}}}"
        )
    if 0 in shape[1:]:
        raise RuntimeError(f"{name}(): Expected input to have non-zero size for non-batch dimensions, but input has sizes {list(shape)}")
    return out


def _bounds(size: int, count: int) -> list[tuple[int, int]]:
    return [(i * size // count, -(-(i + 1) * size // count)) for i in range(count)]


def _matrix(F: Any, size: int, count: int, dtype: Any) -> Any:
    """The raw matrix (count, size) of means over the windows."""
    i, p = F.arange(count).reshape((-1, 1)), F.arange(size)
    inside = F.cast((p >= i * size // count) & (p < -((i + 1) * -size // count)), dtype)
    return inside / F.sum(inside, axis=1, keepdims=True)


def _avg(n: int, x: Tensor, output_size: Any) -> Tensor:
    out = _target(f"adaptive_avg_pool{n}d", n, x, output_size)
    alone = x.array.ndim == n + 1
    if alone:
        x = x.unsqueeze(0)
    size = x.array.shape[2:]
    y: Tensor
    if 0 not in out and all(s % o == 0 for s, o in zip(size, out)):
        kernel = tuple(s // o for s, o in zip(size, out))
        if prod(out) == 1 and n == 2:  # as in PyTorch, down to the node's name
            y = x.mean((2, 3), keepdim=True)
        else:
            y = pool.adaptive_avg_pool[n].call(x, kernel, kernel, ((0, 0),) * n, prod(kernel))
    else:
        F = namespaces[type(x.array)]
        matrices = tuple(None if s == o else _matrix(F, s, o, x.array.dtype) for s, o in zip(size, out))
        y = resample.by_mode[f"adaptive{n}d"].call(x, matrices)
    return y.squeeze(0) if alone else y


def adaptive_avg_pool1d(input: Tensor, output_size: Any) -> Tensor:
    """The means of ``output_size`` windows that together cover ``input`` (N, C, L) or (C, L)."""
    return _avg(1, input, output_size)


def adaptive_avg_pool2d(input: Tensor, output_size: Any) -> Tensor:
    """As :func:`adaptive_avg_pool1d`, for images; None keeps a dimension's size."""
    return _avg(2, input, output_size)


def adaptive_avg_pool3d(input: Tensor, output_size: Any) -> Tensor:
    """As :func:`adaptive_avg_pool1d`, for volumes."""
    return _avg(3, input, output_size)


# ---- largest ------------------------------------------------------------------------------------------------------------------------
def _max(n: int, x: Tensor, output_size: Any, return_indices: bool) -> Any:
    out = _target(f"adaptive_max_pool{n}d", n, x, output_size)
    alone = x.array.ndim == n + 1
    if alone:
        x = x.unsqueeze(0)
    size, F = x.array.shape[2:], namespaces[type(x.array)]
    if 0 not in out and all(s % o == 0 for s, o in zip(size, out)):
        kernel = tuple(s // o for s, o in zip(size, out))
        window = (kernel, kernel, ((0, 0),) * n, (1,) * n)
        y = pool.max_pool[n].call(x, *window)
        places = pool.max_places(F, x.array, *window) if return_indices else None
    else:
        places = _places(F, x.array, size, out)
        flat = (*x.array.shape[:2], -1)
        y = x.reshape(*flat).gather(2, wrap(places.reshape(flat))).reshape(*places.shape)
    if not return_indices:
        return y.squeeze(0) if alone else y
    found = wrap(places)
    return (y.squeeze(0), found.squeeze(0)) if alone else (y, found)


def _places(F: Any, x: Any, size: tuple[int, ...], out: tuple[int, ...]) -> Any:
    """Where each window's first largest element stands, in the flattened spatial axes; a window at a time, since they differ in size."""
    number = F.arange(prod(size)).reshape(size)
    found = F.zeros((*x.shape[:2], *out), dtype=number.dtype)
    windows: list[tuple[tuple[int, ...], tuple[slice, ...]]] = [((), ())]
    for s, o in zip(size, out):
        windows = [((*at, i), (*part, slice(lo, hi))) for at, part in windows for i, (lo, hi) in enumerate(_bounds(s, o))]
    for at, part in windows:
        inside = F.ascontiguousarray(x[(slice(None), slice(None), *part)]).reshape((*x.shape[:2], -1))
        found[(slice(None), slice(None), *at)] = F.take(number[part].reshape((-1,)), F.argmax(inside, axis=2))
    return found


def adaptive_max_pool1d(input: Tensor, output_size: Any, return_indices: bool = False) -> Any:
    """The largest elements of ``output_size`` windows that together cover ``input``; with ``return_indices`` also where they stand."""
    return _max(1, input, output_size, return_indices)


def adaptive_max_pool2d(input: Tensor, output_size: Any, return_indices: bool = False) -> Any:
    """As :func:`adaptive_max_pool1d`, for images."""
    return _max(2, input, output_size, return_indices)


def adaptive_max_pool3d(input: Tensor, output_size: Any, return_indices: bool = False) -> Any:
    """As :func:`adaptive_max_pool1d`, for volumes."""
    return _max(3, input, output_size, return_indices)


def _with_indices(n: int) -> Any:
    def function(input: Tensor, output_size: Any, return_indices: bool = False) -> tuple[Tensor, Tensor]:
        found: tuple[Tensor, Tensor] = _max(n, input, output_size, True)
        return found

    function.__name__ = function.__qualname__ = f"adaptive_max_pool{n}d_with_indices"
    function.__doc__ = f":func:`adaptive_max_pool{n}d` with the positions of the largest elements."
    return function


adaptive_max_pool1d_with_indices, adaptive_max_pool2d_with_indices, adaptive_max_pool3d_with_indices = map(_with_indices, (1, 2, 3))
