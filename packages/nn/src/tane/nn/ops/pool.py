"""Pooling in any number of dimensions.

A window's largest element, or sum, is taken axis by axis: ``k + k`` passes over the array in place of ``k * k``.
"""

from __future__ import annotations

from math import prod
from typing import Any

from tane.nn.ops.common import raw
from tane.nn.ops.windows import Pairs, Sizes, cropped, offsets, output_size, padded
from tane.ops.accepting import only_float
from tane.ops.primitive import primitive

__all__: list[str] = []


def _least(F: Any, dtype: Any) -> Any:
    """What no element is smaller than: padding that never wins."""
    return -float("inf") if dtype.kind not in "iu" else F.iinfo(dtype).min


def _slid(x: Any, axis: int, kernel: int, stride: int, dilation: int, count: int, combine: Any) -> Any:
    """Windows along one axis, combined by a ufunc."""
    front = (slice(None),) * axis
    result = None
    for k in range(kernel):
        part = x[(*front, slice(k * dilation, k * dilation + (count - 1) * stride + 1, stride))]
        if result is None:
            result = part
        elif k == 1:
            result = combine(result, part)
        else:
            combine(result, part, out=result)
    return result


def _pooled(F: Any, x: Any, kernel: Sizes, stride: Sizes, dilation: Sizes, out: Sizes, combine: Any) -> Any:
    y = x
    for axis, (k, s, d, n) in enumerate(zip(kernel, stride, dilation, out, strict=True), 2):
        y = _slid(y, axis, k, s, d, n, combine)
    return y.copy() if prod(kernel) == 1 else F.ascontiguousarray(y)


# ---- largest ------------------------------------------------------------------------------------------------------------------------
# Where several elements of a window are equally large, the first one takes the gradient.
def _hits(F: Any, x: Any, y: Any, kernel: Sizes, stride: Sizes, dilation: Sizes, out: Sizes) -> Any:
    """For each position in the window: where it lies, and which windows have their first largest element there."""
    free = None
    for _, places in offsets(kernel, stride, dilation, out):
        below = x[(slice(None), slice(None), *places)] < y
        if free is None:
            hit, free = F.logical_not(below), below
        else:
            hit = F.greater(free, below)
            F.logical_and(free, below, out=free)
        yield (slice(None), slice(None), *places), hit


def _max_pool(F: Any, x: Any, kernel: Sizes, stride: Sizes, padding: Pairs, dilation: Sizes) -> Any:
    out = output_size(x.shape[2:], kernel, stride, padding, dilation)
    return _pooled(F, padded(F, x, padding, _least(F, x.dtype)), kernel, stride, dilation, out, F.maximum)


def _max_spread(F: Any, g: Any, x: Any, y: Any, kernel: Sizes, stride: Sizes, padding: Pairs, dilation: Sizes) -> Any:
    around = padded(F, x, padding, _least(F, x.dtype))
    full = F.zeros(around.shape, dtype=g.dtype)
    disjoint = all(d == 1 and s >= k for k, s, d in zip(kernel, stride, dilation, strict=True))
    for places, hit in _hits(F, around, y, kernel, stride, dilation, g.shape[2:]):
        if disjoint:
            F.multiply(g, hit, out=full[places])
        else:
            full[places] += g * hit
    return F.ascontiguousarray(cropped(full, padding))


def _max_collect(F: Any, g: Any, x: Any, y: Any, kernel: Sizes, stride: Sizes, padding: Pairs, dilation: Sizes) -> Any:
    around, full = padded(F, x, padding, _least(F, x.dtype)), padded(F, g, padding)
    total = F.zeros(y.shape, dtype=g.dtype)
    for places, hit in _hits(F, around, y, kernel, stride, dilation, y.shape[2:]):
        total += full[places] * hit
    return total


def _max_op(n: int) -> Any:
    return primitive(
        f"max_pool{n}d",
        lambda F, input, kernel=(), stride=(), padding=(), dilation=(): _max_pool(F, input, kernel, stride, padding, dilation),
        lambda F, g, input, y, kernel, stride, padding, dilation: F.max_spread(g, raw(input), raw(y), kernel, stride, padding, dilation),
        backward=f"MaxPool{max(n, 2)}DWithIndicesBackward0",
    )


max_pool = {n: _max_op(n) for n in (1, 2, 3)}
for _one in max_pool.values():
    _one.recomputes = True
max_spread = primitive(
    "max_spread",
    lambda F, input, x=None, best=None, kernel=(), stride=(), padding=(), dilation=(): _max_spread(
        F, input, x, best, kernel, stride, padding, dilation
    ),
    lambda F, g, x, best, kernel, stride, padding, dilation: F.max_collect(g, x, best, kernel, stride, padding, dilation),
    backward="MaxPoolBackwardBackward0",
)
max_collect = primitive(
    "max_collect",
    lambda F, input, x=None, best=None, kernel=(), stride=(), padding=(), dilation=(): _max_collect(
        F, input, x, best, kernel, stride, padding, dilation
    ),
    lambda F, g, x, best, kernel, stride, padding, dilation: F.max_spread(g, x, best, kernel, stride, padding, dilation),
)


def max_places(F: Any, x: Any, kernel: Sizes, stride: Sizes, padding: Pairs, dilation: Sizes) -> Any:
    """The raw position of each window's first largest element, as a number in the flattened spatial axes of ``x``."""
    size = x.shape[2:]
    out = output_size(size, kernel, stride, padding, dilation)
    around = padded(F, x, padding, _least(F, x.dtype))
    number = F.arange(prod(size)).reshape((1, 1, *size))
    number = padded(F, number, padding, -1)
    y = _pooled(F, around, kernel, stride, dilation, out, F.maximum)
    index = F.zeros(y.shape, dtype=number.dtype)
    for places, hit in _hits(F, around, y, kernel, stride, dilation, out):
        index = F.where(hit, number[places], index)
    return index


# ---- means --------------------------------------------------------------------------------------------------------------------------
# ``divisor`` is a number or a raw array of the windows' own counts.
def _avg_pool(F: Any, x: Any, kernel: Sizes, stride: Sizes, padding: Pairs, divisor: Any) -> Any:
    ones = (1,) * len(kernel)
    y = _pooled(F, padded(F, x, padding), kernel, stride, ones, output_size(x.shape[2:], kernel, stride, padding, ones), F.add)
    if y.dtype.kind == "i":  # towards zero, as integers are divided in C
        return (y - F.fmod(y, divisor)) // divisor
    y /= divisor
    return y


def _avg_spread(F: Any, g: Any, size: Sizes, kernel: Sizes, stride: Sizes, padding: Pairs, divisor: Any) -> Any:
    full = F.zeros((*g.shape[:2], *(s + lo + hi for s, (lo, hi) in zip(size, padding, strict=True))), dtype=g.dtype)
    g = g / divisor
    for _, places in offsets(kernel, stride, (1,) * len(kernel), g.shape[2:]):
        full[(slice(None), slice(None), *places)] += g
    return F.ascontiguousarray(cropped(full, padding))


def _avg_op(n: int, name: str) -> Any:
    return primitive(
        f"{name}{n}d",
        lambda F, input, kernel=(), stride=(), padding=(), divisor=1: _avg_pool(F, input, kernel, stride, padding, divisor),
        lambda F, g, input_shape, kernel, stride, padding, divisor: F.avg_spread(g, input_shape[2:], kernel, stride, padding, divisor),
        wide=True,
        backward=f"{'Adaptive' * name.startswith('adaptive')}AvgPool{max(n, 2)}DBackward0",
    )


avg_pool = {n: _avg_op(n, "avg_pool") for n in (1, 2, 3)}
adaptive_avg_pool = {n: _avg_op(n, "adaptive_avg_pool") for n in (1, 2, 3)}
for _one in adaptive_avg_pool.values():
    _one.accepts = only_float("adaptive_avg_pool2d")
avg_spread = primitive(
    "avg_spread",
    lambda F, input, size=(), kernel=(), stride=(), padding=(), divisor=1: _avg_spread(F, input, size, kernel, stride, padding, divisor),
    lambda F, g, kernel, stride, padding, divisor: F.avg_pool2d(g, kernel, stride, padding, divisor),
    wide=True,
)
