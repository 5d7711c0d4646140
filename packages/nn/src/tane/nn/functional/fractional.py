"""Fractional max pooling: the largest elements of windows whose places are drawn, so that sizes shrink by any factor."""

from __future__ import annotations

from math import prod
from typing import Any

from tane.autograd.fitting import namespaces
from tane.nn.functional.drawn import drawn
from tane.nn.functional.sizes import spatial
from tane.tensor import Tensor, wrap

__all__ = [
    "fractional_max_pool2d",
    "fractional_max_pool2d_with_indices",
    "fractional_max_pool3d",
    "fractional_max_pool3d_with_indices",
]


def _starts(F: Any, sample: Any, size: int, out: int, kernel: int) -> Any:
    """Where each window begins along one axis, for every plane: (N, C, out). The last one ends with the image."""
    if out == 1:
        return F.full((*sample.shape, 1), size - kernel, dtype=F.arange(1).dtype)
    step, whole = sample.dtype.type((size - kernel) / (out - 1)), F.arange(1).dtype
    sample = F.expand_dims(sample, -1)
    at = F.cast((F.arange(out) + sample) * step, whole) - F.cast(sample * step, whole)
    return F.where(F.arange(out) == out - 1, size - kernel, at)


def _fractional(
    n: int, input: Tensor, kernel_size: Any, output_size: Any, output_ratio: Any, samples: Tensor | None
) -> tuple[Tensor, Tensor]:
    name = f"fractional_max_pool{n}d"
    if output_size is None and output_ratio is None:
        raise ValueError(f"{name} requires specifying either an output_size or an output_ratio")
    if input.ndim not in (n + 1, n + 2) or 0 in input.array.shape[-n - 1 :]:
        raise RuntimeError(
            f"{name}: Expected {n + 1}D or {n + 2}D (batch mode) tensor with non-zero sizes, except for the batch, but got: {list(input.shape)}"
        )
    kernel, size = spatial(kernel_size, n, "kernel_size", name), input.array.shape[-n:]
    if output_size is None:
        ratios = tuple(output_ratio) if hasattr(output_ratio, "__len__") else (output_ratio,) * n
        out = tuple(int(s * r) for s, r in zip(size, ratios, strict=True))
    else:
        out = spatial(output_size, n, "output_size", name)
    for axis, s, o, k in zip(("time", "height", "width")[3 - n :], size, out, kernel, strict=True):
        if o + k - 1 > s:
            raise RuntimeError(f"{name}(): pool {axis} {k} too large relative to input {axis} {s}: {o} windows do not fit")
    x = input if input.ndim == n + 2 else input.unsqueeze(0)
    batch, channels = x.array.shape[:2]
    if samples is None:
        samples = wrap(drawn(lambda stream: stream.uniform((batch, channels, n), x.array.dtype), x))
    if samples.ndim != 3 or samples.array.shape[2] != n or samples.array.shape[0] < batch or samples.array.shape[1] < channels:
        raise RuntimeError(f"{name}(): expected _random_samples of size {[batch, channels, n]}, but got {list(samples.shape)}")
    if samples.dtype is not x.dtype:
        raise RuntimeError(f"{name}(): expected _random_samples to have the dtype of the input, {x.dtype}, but got {samples.dtype}")
    F = namespaces[type(x.array)]
    # Samples belong to width, height and then time in images, but to the axes in their order in volumes.
    order = range(n) if n == 3 else reversed(range(n))
    lead = (batch, channels)
    place: Any = 0
    for i, (j, s, o, k) in enumerate(zip(order, size, out, kernel, strict=True)):
        rows = F.expand_dims(_starts(F, samples.array[:batch, :channels, j], s, o, k), -1) + F.arange(k)
        own = [1] * (2 * n)
        own[i], own[n + i] = o, k
        place = place * s + rows.reshape((*lead, *own))
    windows = (*lead, prod(out), prod(kernel))
    place = F.broadcast_to(place, (*lead, *out, *kernel)).reshape(windows)
    flat = x.reshape(*lead, prod(size))
    values = F.take_along_axis(flat.array, place.reshape((*lead, prod(out) * prod(kernel))), axis=2).reshape(windows)
    best = F.argmax(values, axis=3, keepdims=True)
    index = wrap(F.take_along_axis(place, best, axis=3).reshape((*lead, prod(out))))
    y: Tensor = flat.gather(2, index).reshape(*lead, *out)
    places: Tensor = index.reshape(*lead, *out)
    return (y, places) if input.ndim == n + 2 else (y.squeeze(0), places.squeeze(0))


def fractional_max_pool2d(
    input: Tensor,
    kernel_size: Any,
    output_size: Any = None,
    output_ratio: Any = None,
    return_indices: bool = False,
    _random_samples: Tensor | None = None,
) -> Any:
    """B. Graham (2014): as many windows as ``output_size`` says, or ``output_ratio`` times the size, of images (N, C, H, W) or (C, H, W).

    The windows' places are drawn for each channel; with ``return_indices`` the result is accompanied by where the largest elements stand.
    """
    found = _fractional(2, input, kernel_size, output_size, output_ratio, _random_samples)
    return found if return_indices else found[0]


def fractional_max_pool3d(
    input: Tensor,
    kernel_size: Any,
    output_size: Any = None,
    output_ratio: Any = None,
    return_indices: bool = False,
    _random_samples: Tensor | None = None,
) -> Any:
    """As :func:`fractional_max_pool2d`, for volumes (N, C, D, H, W) or (C, D, H, W)."""
    found = _fractional(3, input, kernel_size, output_size, output_ratio, _random_samples)
    return found if return_indices else found[0]


def _with_indices(n: int) -> Any:
    def function(
        input: Tensor,
        kernel_size: Any,
        output_size: Any = None,
        output_ratio: Any = None,
        return_indices: bool = False,
        _random_samples: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        return _fractional(n, input, kernel_size, output_size, output_ratio, _random_samples)

    function.__name__ = function.__qualname__ = f"fractional_max_pool{n}d_with_indices"
    function.__doc__ = f":func:`fractional_max_pool{n}d` with the positions of the largest elements."
    return function


fractional_max_pool2d_with_indices, fractional_max_pool3d_with_indices = map(_with_indices, (2, 3))
