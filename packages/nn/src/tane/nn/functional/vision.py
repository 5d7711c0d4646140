"""Rearranged channels, and images sampled at places of one's own."""

from __future__ import annotations

import warnings
from typing import Any

from tane.autocasting import to_float
from tane.autograd.fitting import namespaces
from tane.dtypes import FLOAT, int64
from tane.nn.ops import shuffle as op
from tane.tensor import Tensor, wrap

__all__ = ["affine_grid", "channel_shuffle", "grid_sample", "native_channel_shuffle", "pixel_shuffle", "pixel_unshuffle"]


def pixel_shuffle(input: Tensor, upscale_factor: int) -> Tensor:
    """(…, C * r * r, H, W) as (…, C, H * r, W * r): each pixel's channels become a square of pixels."""
    r = int(upscale_factor)
    if input.ndim < 3:
        raise RuntimeError(f"pixel_shuffle expects input to have at least 3 dimensions, but got input with {input.ndim} dimension(s)")
    if r <= 0:
        raise RuntimeError(f"pixel_shuffle expects a positive upscale_factor, but got {r}")
    channels = input.array.shape[-3]
    if channels % (r * r):
        raise RuntimeError(
            f"pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of upscale_factor, but input.size(-3)={channels} "
            f"is not divisible by {r * r}"
        )
    return op.pixel_shuffle.call(input, r)


def pixel_unshuffle(input: Tensor, downscale_factor: int) -> Tensor:
    """The opposite of :func:`pixel_shuffle`."""
    r = int(downscale_factor)
    if input.ndim < 3:
        raise RuntimeError(f"pixel_unshuffle expects input to have at least 3 dimensions, but got input with {input.ndim} dimension(s)")
    if r <= 0:
        raise RuntimeError(f"pixel_unshuffle expects a positive downscale_factor, but got {r}")
    for name, dim in (("height", -2), ("width", -1)):
        if input.array.shape[dim] % r:
            raise RuntimeError(
                f"pixel_unshuffle expects {name} to be divisible by downscale_factor, but input.size({dim})={input.array.shape[dim]} is not divisible by {r}"
            )
    return op.pixel_unshuffle.call(input, r)


def channel_shuffle(input: Tensor, groups: int) -> Tensor:
    """The channels (dimension 1), taken from ``groups`` groups in turn."""
    if input.ndim < 3:
        raise RuntimeError(f"channel_shuffle expects input with > 2 dims, but got input with sizes {list(input.shape)}")
    if groups <= 0:
        raise RuntimeError(f"Number of groups to divide channels in must be positive. Value of groups:{groups}")
    if input.array.shape[1] % groups:
        raise RuntimeError(f"Number of channels must be divisible by groups. Got {input.array.shape[1]} channels and {groups} groups.")
    return op.channel_shuffle.call(input, groups)


native_channel_shuffle = channel_shuffle


# ---- grids ------------------------------------------------------------------------------------------------------------------------
def affine_grid(theta: Tensor, size: Any, align_corners: bool | None = None) -> Tensor:
    """Where the affine maps ``theta`` (N, 2, 3) or (N, 3, 4) take the pixels of images of ``size`` (N, C, H, W) or volumes (N, C, D, H, W)."""
    if align_corners is None:
        warnings.warn(
            "Default grid_sample and affine_grid behavior has changed to align_corners=False since 1.3.0. Please specify align_corners=True if the old "
            "behavior is desired. See the documentation of grid_sample for details.",
            stacklevel=2,
        )
        align_corners = False
    size = tuple(int(s) for s in size)
    n = len(size) - 2
    if not theta.dtype.is_floating_point:
        raise ValueError(f"Expected theta to have floating point type, but got {theta.dtype}")
    if n not in (2, 3):
        raise NotImplementedError(
            f"affine_grid only supports 4D and 5D sizes, for 2D and 3D affine transforms, respectively. Got size {size}"
        )
    if theta.array.shape[-2:] != (n, n + 1) or theta.ndim != 3:
        raise ValueError(f"Expected a batch of {n}D affine matrices of shape Nx{n}x{n + 1} for size {size}. Got {theta.shape}.")
    if min(size) <= 0:
        raise ValueError(f"Expected non-zero, positive output size. Got {size}")
    F = namespaces[type(theta.array)]
    spatial = size[2:]
    axes = []
    for i, count in enumerate(spatial):
        line = F.linspace(-1.0, 1.0, count, dtype=theta.array.dtype) if count > 1 else F.zeros((1,), dtype=theta.array.dtype)
        if not align_corners:
            line = line * ((count - 1) / count)
        axes.append(F.broadcast_to(line.reshape((-1,) + (1,) * (n - i - 1)), spatial))
    base = F.stack([*axes[::-1], F.full(spatial, 1, dtype=theta.array.dtype)], axis=-1).reshape((-1, n + 1))
    return (wrap(base) @ theta.transpose(1, 2)).reshape(size[0], *spatial, n)


@to_float
def grid_sample(
    input: Tensor, grid: Tensor, mode: str = "bilinear", padding_mode: str = "zeros", align_corners: bool | None = None
) -> Tensor:
    """``input`` (N, C, *spatial) at the places ``grid`` (N, *out, dimensions), whose coordinates run from -1 to 1, x first.

    ``mode`` is ``bilinear``, ``nearest`` or, for images, ``bicubic``; ``padding_mode`` says what lies outside: ``zeros``, the ``border`` or its ``reflection``.
    """
    if mode not in ("bilinear", "nearest", "bicubic"):
        raise ValueError(f"nn.functional.grid_sample(): expected mode to be 'bilinear', 'nearest' or 'bicubic', but got: '{mode}'")
    if padding_mode not in ("zeros", "border", "reflection"):
        raise ValueError(
            f"nn.functional.grid_sample(): expected padding_mode to be 'zeros', 'border', or 'reflection', but got: '{padding_mode}'"
        )
    if align_corners is None:
        warnings.warn(
            "Default grid_sample and affine_grid behavior has changed to align_corners=False since 1.3.0. Please specify align_corners=True if the old "
            "behavior is desired. See the documentation of grid_sample for details.",
            stacklevel=2,
        )
        align_corners = False
    n = input.ndim - 2
    if n not in (2, 3) or grid.ndim != input.ndim:
        raise RuntimeError(
            f"grid_sampler(): expected 4D or 5D input and grid with same number of dimensions, but got input with sizes {list(input.shape)} "
            f"and grid with sizes {list(grid.shape)}"
        )
    if input.array.shape[0] != grid.array.shape[0]:
        raise RuntimeError(
            f"grid_sampler(): expected grid and input to have same batch size, but got input with sizes {list(input.shape)} "
            f"and grid with sizes {list(grid.shape)}"
        )
    if grid.array.shape[-1] != n:
        raise RuntimeError(f"grid_sampler(): expected grid to have size {n} in last dimension, but got grid with sizes {list(grid.shape)}")
    if input.dtype.category < FLOAT:
        raise NotImplementedError(
            f"\"grid_sampler_{n}d_cpu_kernel_impl\" not implemented for '{input.dtype.tensor_name.removesuffix('Tensor')}'"
        )
    if mode == "bicubic" and n != 2:
        raise RuntimeError("grid_sampler(): bicubic interpolation only supports 4D input")
    sizes = input.array.shape[2:]
    at = []
    for i, size in enumerate(sizes):
        x = grid[..., n - 1 - i]
        at.append((x + 1) * ((size - 1) / 2) if align_corners else ((x + 1) * size - 1) / 2)
    if mode == "bicubic":
        return _cubic(input, at, padding_mode, align_corners)
    at = [_inside(x, size, padding_mode, align_corners) for x, size in zip(at, sizes, strict=True)]
    if mode == "nearest":
        nearest = _corner(input, [x.detach().round() for x in at], sizes)
        if grid.requires_grad:  # its gradient is 0, not none
            nearest = nearest + sum(x.sign().nan_to_num(0) * 0 for x in at).unsqueeze(1)
        return nearest
    low = [x.detach().floor() for x in at]
    part = [x - lo for x, lo in zip(at, low, strict=True)]
    total: Any = None
    for corner in range(1 << n):
        bits = [corner >> i & 1 for i in range(n)]
        weight: Any = 1
        for bit, p in zip(bits, part, strict=True):
            weight = weight * (p if bit else 1 - p)
        term = _corner(input, [lo + bit for lo, bit in zip(low, bits, strict=True)], sizes) * weight.unsqueeze(1)
        total = term if total is None else total + term
    return total


def _inside(x: Tensor, size: int, padding_mode: str, align_corners: bool) -> Tensor:
    """Coordinates brought into the image, where the mode says so."""
    if padding_mode == "zeros":
        return x
    if padding_mode == "reflection":
        low, high = (0.0, size - 1.0) if align_corners else (-0.5, size - 0.5)
        span = high - low
        if span == 0:
            x = x * 0
        else:
            away = (x - low).abs()
            times = (away.detach() / span).floor()
            extra = away - times * span
            odd = (times % 2).detach()
            x = extra * (1 - odd) + (span - extra) * odd + low
    return x.clamp(0, size - 1)


def _corner(input: Tensor, at: list[Tensor], sizes: tuple[int, ...]) -> Tensor:
    """The pixels at whole coordinates, and 0 outside: (N, C, *out)."""
    inside: Any = None
    flat: Any = 0
    for x, size in zip(at, sizes, strict=True):
        ok = (x >= 0) & (x <= size - 1)
        inside = ok if inside is None else inside & ok
        flat = flat * size + x.clamp(0, size - 1).nan_to_num(0).to(int64)
    n, channels = input.array.shape[:2]
    out = flat.shape[1:]
    index = flat.reshape(n, 1, -1).expand(n, channels, -1)
    pixels = input.reshape(n, channels, -1).gather(2, index).reshape(n, channels, *out)
    return pixels * inside.to(input.dtype).unsqueeze(1)


def _cubic(input: Tensor, at: list[Tensor], padding_mode: str, align_corners: bool) -> Tensor:
    sizes = input.array.shape[2:]
    low = [x.detach().floor() for x in at]
    weights = [_cubic_weights(x - lo) for x, lo in zip(at, low, strict=True)]
    total: Any = None
    for i in range(4):
        for j in range(4):
            places = [_inside(lo + (k - 1), size, padding_mode, align_corners) for lo, k, size in zip(low, (i, j), sizes, strict=True)]
            term = _corner(input, [p.round() for p in places], sizes) * (weights[0][i] * weights[1][j]).unsqueeze(1)
            total = term if total is None else total + term
    return total


def _cubic_weights(t: Tensor) -> list[Any]:
    """The weights of the four neighbours of a point at ``t`` between the middle two."""
    a = -0.75

    def near(d: Any) -> Any:
        return ((a + 2) * d - (a + 3)) * d * d + 1

    def far(d: Any) -> Any:
        return ((d - 5) * d + 8) * d * a - 4 * a

    return [far(t + 1), near(t), near(1 - t), far(2 - t)]
