"""Pooling: the largest element, the mean or the norm of windows."""

from __future__ import annotations

from math import prod
from typing import Any

from tane.autocasting import to_float
from tane.autograd.fitting import namespaces
from tane.nn.functional.sizes import spatial
from tane.nn.ops import pool as op
from tane.nn.ops.windows import output_size
from tane.ops import index as index_op
from tane.tensor import Tensor, wrap

__all__ = [
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
    "lp_pool1d",
    "lp_pool2d",
    "lp_pool3d",
    "max_pool1d",
    "max_pool1d_with_indices",
    "max_pool2d",
    "max_pool2d_with_indices",
    "max_pool3d",
    "max_pool3d_with_indices",
    "max_unpool1d",
    "max_unpool2d",
    "max_unpool3d",
]

Sizes = tuple[int, ...]
Pairs = tuple[tuple[int, int], ...]


def _windows(
    name: str, n: int, x: Tensor, kernel_size: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool
) -> tuple[Sizes, Sizes, Pairs, Sizes, Sizes]:
    """Kernel, stride, padding on both sides, dilation and number of windows, all checked."""
    shape = x.array.shape
    batched = len(shape) in (n + 1, n + 2)
    if not batched and name in ("max_pool2d", "max_pool3d", "avg_pool3d"):
        raise RuntimeError(f"{name}: non-empty {n + 1}D or {n + 2}D (batch mode) tensor expected for input, but got {list(shape)}")
    kernel = spatial(kernel_size, n, "kernel_size", name)
    empty = stride is None or (not isinstance(stride, int) and len(stride) == 0)
    step = kernel if empty else spatial(stride, n, "stride", name)
    around = spatial(padding, n, "padding", name)
    spread = spatial(dilation, n, "dilation", name)
    if name == "max_pool1d":
        for what, (value,) in (("kernel_size", kernel), ("stride", step), ("dilation", spread)):
            if value <= 0:
                raise RuntimeError(f"max_pool1d() {what} must be greater than zero, but got {value}")
    if 0 in step:
        raise RuntimeError("stride should not be zero")
    if min(kernel) <= 0:
        raise RuntimeError(f"kernel size should be greater than zero, but got kernel_size={list(kernel)}")
    if min(spread) <= 0:
        raise RuntimeError("dilation should be greater than zero")
    for p, k, d in zip(around, kernel, spread):
        if p < 0:
            raise RuntimeError(f"pad must be non-negative, but got pad: {p}")
        if p > (d * (k - 1) + 1) // 2:
            raise RuntimeError(f"pad should be at most half of effective kernel size, but got pad={p}, kernel_size={k} and dilation={d}")
    if not batched or 0 in shape[-n - 1 :]:
        if n == 3:
            first = shape.index(0, len(shape) - n - 1)
            raise RuntimeError(
                f"{name}: Expected input's non-batch dimensions to have positive length, but input has a shape of {list(shape)} and non-batch "
                f"dimension {first} has length zero!"
            )
        raise RuntimeError(
            f"{name}: Expected {n + 1}D or {n + 2}D (batch mode) tensor with optional 0 dim batch size for input, but got:{list(shape)}"
        )
    size = shape[-n:]
    pairs: Pairs = tuple((p, p) for p in around)
    out = output_size(size, kernel, step, pairs, spread)
    if ceil_mode:
        found = []
        for i, k, s, p, d in zip(size, kernel, step, around, spread):
            count = -(-(i + 2 * p - d * (k - 1) - 1) // s) + 1
            # The last window must start inside the input or the padding before it.
            found.append(count - 1 if (count - 1) * s >= i + p else count)
        out = tuple(found)
    if min(out) < 1:
        if name == "max_pool1d":
            raise RuntimeError(f"max_pool1d() Invalid computed output size: {out[0]}")
        raise RuntimeError(
            f"Given input size: ({'x'.join(map(str, shape[-n - 1 :]))}). Calculated output size: "
            f"({'x'.join(map(str, (shape[-n - 1], *out)))}). Output size is too small"
        )
    # Enough after the end for the last window; never less than asked for, since windows that stop short leave elements out.
    pairs = tuple((p, max(p, (o - 1) * s + d * (k - 1) + 1 - i - p)) for p, o, s, d, k, i in zip(around, out, step, spread, kernel, size))
    return kernel, step, pairs, spread, out


def _max(n: int, x: Tensor, kernel_size: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool, return_indices: bool) -> Any:
    kernel, step, pairs, spread, _ = _windows(f"max_pool{n}d", n, x, kernel_size, stride, padding, dilation, ceil_mode)
    alone = x.array.ndim == n + 1
    if alone:
        x = x.unsqueeze(0)
    y: Tensor = op.max_pool[n].call(x, kernel, step, pairs, spread)
    if not return_indices:
        return y.squeeze(0) if alone else y
    places = wrap(op.max_places(namespaces[type(x.array)], x.array, kernel, step, pairs, spread))
    return (y.squeeze(0), places.squeeze(0)) if alone else (y, places)


def max_pool1d(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest element of each window of ``input`` (N, C, L) or (C, L); with ``return_indices`` also where it stands."""
    return _max(1, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def max_pool2d(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """As :func:`max_pool1d`, for images (N, C, H, W) or (C, H, W); an index is a position in the flattened image.

    >>> import tane
    >>> max_pool2d(tane.arange(16.0).reshape(1, 4, 4), 2)
    tensor([[[ 5.,  7.],
             [13., 15.]]])
    """
    return _max(2, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


@to_float
def max_pool3d(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """As :func:`max_pool1d`, for volumes (N, C, D, H, W) or (C, D, H, W)."""
    return _max(3, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def _with_indices(n: int) -> Any:
    def function(
        input: Tensor,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        ceil_mode: bool = False,
        return_indices: bool = False,
    ) -> tuple[Tensor, Tensor]:
        found: tuple[Tensor, Tensor] = _max(n, input, kernel_size, stride, padding, dilation, ceil_mode, True)
        return found

    function.__name__ = function.__qualname__ = f"max_pool{n}d_with_indices"
    function.__doc__ = f":func:`max_pool{n}d` with the positions of the largest elements."
    return function


max_pool1d_with_indices, max_pool2d_with_indices, max_pool3d_with_indices = map(_with_indices, (1, 2, 3))


# ---- means ------------------------------------------------------------------------------------------------------------------------
def _avg(
    n: int,
    x: Tensor,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: int | None,
) -> Tensor:
    kernel, step, pairs, _, out = _windows(f"avg_pool{n}d", n, x, kernel_size, stride, padding, 1, ceil_mode)
    if divisor_override == 0:
        raise RuntimeError("divisor must be not zero")
    divisor: Any = prod(kernel) if divisor_override is None else divisor_override
    size, lows = x.array.shape[-n:], [lo for lo, _ in pairs]
    overhangs = any((o - 1) * s + k > i + 2 * p for o, s, k, i, p in zip(out, step, kernel, size, lows))
    if divisor_override is None and (overhangs or (not count_include_pad and any(lows))):
        divisor = _counts(x, kernel, step, lows, size, out, count_include_pad)
    alone = x.array.ndim == n + 1
    if alone:
        x = x.unsqueeze(0)
    y: Tensor = op.avg_pool[n].call(x, kernel, step, pairs, divisor)
    return y.squeeze(0) if alone else y


def _counts(x: Tensor, kernel: Sizes, step: Sizes, lows: list[int], size: Sizes, out: Sizes, padding_counts: bool) -> Any:
    """The number of elements that each window's mean is of, as a raw array."""
    F = namespaces[type(x.array)]
    total: Any = 1
    for axis, (k, s, p, i, o) in enumerate(zip(kernel, step, lows, size, out)):
        start = F.arange(o) * s - p
        end = F.minimum(start + k, i + p)
        if not padding_counts:
            start, end = F.maximum(start, 0), F.minimum(end, i)
        total = total * (end - start).reshape((-1,) + (1,) * (len(size) - axis - 1))
    return F.cast(total, x.array.dtype)


def avg_pool1d(
    input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False, count_include_pad: bool = True
) -> Tensor:
    """The mean of each window of ``input`` (N, C, L) or (C, L); zeros of the padding count unless ``count_include_pad`` is False."""
    return _avg(1, input, kernel_size, stride, padding, ceil_mode, count_include_pad, None)


def avg_pool2d(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """As :func:`avg_pool1d`, for images; ``divisor_override`` takes the place of the number of elements."""
    return _avg(2, input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)


@to_float
def avg_pool3d(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """As :func:`avg_pool2d`, for volumes."""
    return _avg(3, input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)


# ---- norms -----------------------------------------------------------------------------------------------------------------------
def _lp(n: int, input: Tensor, norm_type: float, kernel_size: Any, stride: Any, ceil_mode: bool) -> Tensor:
    count = prod(spatial(kernel_size, n, "kernel_size", f"lp_pool{n}d"))
    mean = _avg(n, input**norm_type, kernel_size, stride, 0, ceil_mode, True, None)
    return (mean.sign() * mean.abs().relu() * count) ** (1.0 / norm_type)


def lp_pool1d(input: Tensor, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False) -> Tensor:
    """``(sum of x ** p) ** (1 / p)`` over each window, with p = ``norm_type``."""
    return _lp(1, input, norm_type, kernel_size, stride, ceil_mode)


def lp_pool2d(input: Tensor, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False) -> Tensor:
    """As :func:`lp_pool1d`, for images."""
    return _lp(2, input, norm_type, kernel_size, stride, ceil_mode)


def lp_pool3d(input: Tensor, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False) -> Tensor:
    """As :func:`lp_pool1d`, for volumes."""
    return _lp(3, input, norm_type, kernel_size, stride, ceil_mode)


# ---- back from the maxima --------------------------------------------------------------------------------------------------------
def _unpool(n: int, input: Tensor, indices: Tensor, kernel_size: Any, stride: Any, padding: Any, output_size: Any) -> Tensor:
    kernel = spatial(kernel_size, n, "kernel_size", f"max_unpool{n}d")
    step = kernel if stride is None else spatial(stride, n, "stride", f"max_unpool{n}d")
    around = spatial(padding, n, "padding", f"max_unpool{n}d")
    shape = input.array.shape
    if indices.array.shape != shape:
        raise RuntimeError(
            f"Expected shape of indices to be same as that of the input tensor ({list(shape)}) but got indices tensor with shape: {list(indices.shape)}"
        )
    usual = tuple((i - 1) * s + k - 2 * p for i, s, k, p in zip(shape[-n:], step, kernel, around))
    if output_size is None:
        size = usual
    else:
        size = tuple(output_size)[-n:]
        for d, (have, best, s) in enumerate(zip(size, usual, step)):
            if not best - s < have < best + s:
                raise ValueError(f'invalid output_size "{list(size)}" (dim {d} must be between {best - s} and {best + s})')
    within = namespaces[type(indices.array)].all_within(indices.array, prod(size))
    if within is False:
        bad = max(indices.detach().reshape(-1).tolist(), key=lambda i: i if i >= prod(size) else -i if i < 0 else -1)
        raise RuntimeError(f"Found an invalid max index: {bad} (output volumes are of size {'x'.join(map(str, size))})")
    flat = (*shape[:-n], prod(shape[-n:]))
    places = indices.array.reshape(flat)
    full: Tensor = index_op.index_put.call(
        wrap(namespaces[type(input.array)].zeros((*shape[:-n], prod(size)), dtype=input.array.dtype)),
        input.reshape(*flat),
        _last_axis(namespaces[type(places)], places),
    )
    return full.reshape(*shape[:-n], *size)


def _last_axis(F: Any, places: Any) -> tuple[Any, ...]:
    n = places.ndim
    return (*(F.arange(d).reshape((-1,) + (1,) * (n - i - 1)) for i, d in enumerate(places.shape[:-1])), places)


def max_unpool1d(input: Tensor, indices: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, output_size: Any = None) -> Tensor:
    """Zeros with ``input`` at the positions that :func:`max_pool1d` found."""
    return _unpool(1, input, indices, kernel_size, stride, padding, output_size)


@to_float
def max_unpool2d(input: Tensor, indices: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, output_size: Any = None) -> Tensor:
    """As :func:`max_unpool1d`, for images."""
    return _unpool(2, input, indices, kernel_size, stride, padding, output_size)


@to_float
def max_unpool3d(input: Tensor, indices: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, output_size: Any = None) -> Tensor:
    """As :func:`max_unpool1d`, for volumes."""
    return _unpool(3, input, indices, kernel_size, stride, padding, output_size)
