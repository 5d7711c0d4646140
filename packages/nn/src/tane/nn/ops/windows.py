"""Sliding windows over the spatial axes of raw arrays (N, C, *spatial): what convolution, pooling and unfolding are made of.

``kernel``, ``stride`` and ``dilation`` hold a number for each spatial axis, ``padding`` a pair.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product
from typing import Any

__all__ = ["chunk", "cropped", "fold", "offsets", "output_size", "padded", "unfold"]

Pairs = tuple[tuple[int, int], ...]
Sizes = tuple[int, ...]

# Columns are made and used in pieces of about this many bytes, which stay in the cache. Measured: from 0.25 to 4 MB makes no difference, all at once
# takes 1.4 times as long where the columns are large.
CHUNK = 1 << 20


def output_size(size: Sizes, kernel: Sizes, stride: Sizes, padding: Pairs, dilation: Sizes) -> Sizes:
    """How many windows there are along each axis."""
    return tuple(
        (n + lo + hi - d * (k - 1) - 1) // s + 1 for n, k, s, (lo, hi), d in zip(size, kernel, stride, padding, dilation, strict=True)
    )


def padded(F: Any, x: Any, padding: Pairs, value: Any = 0) -> Any:
    """``x`` with ``value`` around its spatial axes; itself where there is nothing to put around it."""
    if not any(lo or hi for lo, hi in padding):
        return x
    shape = (*x.shape[:2], *(n + lo + hi for n, (lo, hi) in zip(x.shape[2:], padding, strict=True)))
    out = F.zeros(shape, dtype=x.dtype) if isinstance(value, int) and value == 0 else F.full(shape, value, dtype=x.dtype)
    out[(slice(None), slice(None), *(slice(lo, lo + n) for n, (lo, _) in zip(x.shape[2:], padding, strict=True)))] = x
    return out


def cropped(x: Any, padding: Pairs) -> Any:
    """The inside of :func:`padded`, as a view."""
    if not any(lo or hi for lo, hi in padding):
        return x
    return x[(slice(None), slice(None), *(slice(lo, n - hi) for n, (lo, hi) in zip(x.shape[2:], padding, strict=True)))]


def offsets(kernel: Sizes, stride: Sizes, dilation: Sizes, out: Sizes) -> Iterator[tuple[Sizes, tuple[slice, ...]]]:
    """Each position within the window, and the spatial slices at which all windows have that position."""
    for position in product(*map(range, kernel)):
        yield (
            position,
            tuple(slice(p * d, p * d + (n - 1) * s + 1, s) for p, d, s, n in zip(position, dilation, stride, out, strict=True)),
        )


def unfold(F: Any, x: Any, kernel: Sizes, stride: Sizes, dilation: Sizes, out: Sizes) -> Any:
    """A view (N, C, *kernel, *out) of a padded array: all its windows, without a copy."""
    step = x.strides
    strides = (
        *step[:2],
        *(a * d for a, d in zip(step[2:], dilation, strict=True)),
        *(a * s for a, s in zip(step[2:], stride, strict=True)),
    )
    return F.as_strided(x, (*x.shape[:2], *kernel, *out), strides)


def fold(out: Any, columns: Any, kernel: Sizes, stride: Sizes, dilation: Sizes, count: Sizes) -> None:
    """Add windows (N, C, *kernel, *count) to the padded array ``out`` they were taken from."""
    everything = (slice(None), slice(None))
    for position, places in offsets(kernel, stride, dilation, count):
        out[(*everything, *places)] += columns[(*everything, *position)]


def chunk(batch: int, bytes_each: int) -> int:
    """How many of a batch to treat at a time."""
    return max(1, min(batch, CHUNK // max(1, bytes_each)))


def area(sizes: Sizes) -> int:
    return math.prod(sizes)
