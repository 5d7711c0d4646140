"""Images, signals and volumes in another size: every mode but the nearest is a matrix along each spatial dimension."""

from __future__ import annotations

import math
import warnings
from typing import Any

from tane.autograd.fitting import namespaces
from tane.dtypes import float32, uint8
from tane.nn.functional.adaptive import adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d
from tane.nn.ops import resample as op
from tane.tensor import Tensor

__all__ = ["interpolate", "upsample", "upsample_bilinear", "upsample_nearest"]

MODES = {"linear": 1, "bilinear": 2, "bicubic": 2, "trilinear": 3, "lanczos": 2}
KNOWN = "nearest | linear | bilinear | bicubic | trilinear | lanczos | area | nearest-exact"


def interpolate(
    input: Tensor,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Tensor:
    """``input`` (N, C, *spatial) at a spatial ``size``, or ``scale_factor`` times its own.

    Modes: ``nearest``, ``nearest-exact``, ``area``, and by the number of dimensions ``linear``, ``bilinear``, ``bicubic``, ``trilinear``.
    ``align_corners`` lets the corner elements' centres coincide rather than the images' edges; ``antialias`` widens the filter when it shrinks an image.

    >>> import tane
    >>> interpolate(tane.tensor([[[1.0, 2.0]]]), scale_factor=2)
    tensor([[[1., 1., 2., 2.]]])
    """
    n = input.ndim - 2
    if mode in ("nearest", "area", "nearest-exact"):
        if align_corners is not None:
            raise ValueError("align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear")
    elif align_corners is None:
        align_corners = False
    have = input.array.shape[2:]
    out, scales = _output(have, n, size, scale_factor, input)
    if recompute_scale_factor is not None and recompute_scale_factor and size is not None:
        raise ValueError("recompute_scale_factor is not meaningful with an explicit size.")
    if mode == "area" and out is None:
        recompute_scale_factor = True
    if out is None:
        assert scales is not None
        out = tuple(math.floor(h * s) for h, s in zip(have, scales, strict=True))
        if recompute_scale_factor:
            scales = None
    if antialias and not (mode in ("bilinear", "bicubic", "lanczos") and n == 2):
        raise ValueError("Anti-alias option is restricted to bilinear, bicubic, and lanczos modes and requires a 4-D tensor as input")
    if n not in (1, 2, 3) or (mode not in MODES and mode not in ("nearest", "area", "nearest-exact")):
        raise NotImplementedError(
            f"Input Error: Only 3D, 4D and 5D input Tensors supported (got {input.ndim}D) for the modes: {KNOWN} (got {mode})"
        )
    if MODES.get(mode, n) != n:
        raise NotImplementedError(f"Got {input.ndim}D input, but {mode} mode needs {MODES[mode] + 2}D input")
    if min(out) < 1:
        raise RuntimeError(f"Input and output sizes should be greater than 0, but got input {_named(have)} output {_named(out)}")
    if mode == "area":
        return (adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d)[n - 1](input, out)
    F = namespaces[type(input.array)]
    steps = [_step(h, o, s, bool(align_corners)) for h, o, s in zip(have, out, scales or (None,) * n, strict=True)]
    if mode.startswith("nearest"):
        shift = 0.5 if mode == "nearest-exact" else 0.0
        index = tuple(_nearest(F, h, o, step, shift) for h, o, step in zip(have, out, steps, strict=True))
        return op.nearest[n, "Exact" if shift else ""].call(input, index)
    if mode == "lanczos" and not antialias:
        raise ValueError("lanczos mode requires antialias=True")
    if input.dtype is uint8:
        if n != 2:
            raise NotImplementedError(f"interpolate: mode {mode} is not implemented for images of type {input.dtype}: use .float()")
        return _bytes(input, out, scales, mode=mode, align_corners=align_corners, antialias=antialias)
    kind = input.array.dtype if input.array.dtype.itemsize >= 4 else float32.numpy
    if antialias:
        matrices = tuple(_smooth(F, h, o, step, mode, kind, bool(align_corners)) for h, o, step in zip(have, out, steps, strict=True))
        return op.by_mode[mode + "_aa"].call(input, matrices)
    build = _cubic if mode == "bicubic" else _linear
    matrices = tuple(build(F, h, o, step, bool(align_corners), kind) for h, o, step in zip(have, out, steps, strict=True))
    return op.by_mode[mode].call(input, matrices)


def _bytes(input: Tensor, out: tuple[int, ...], scales: Any, **options: Any) -> Tensor:
    """An image of bytes: its rows and then its columns, rounded and limited to a byte after each, as in PyTorch."""
    image = input.to(float32)
    across, down = ((None, None), (None, None)) if scales is None else ((1.0, scales[1]), (scales[0], 1.0))
    for size, factors in (((input.array.shape[2], out[1]), across), (out, down)):
        given = {"size": size} if scales is None else {"scale_factor": factors}
        image = (interpolate(image, **given, **options) + 0.5).floor().clamp(0, 255)
    return image.to(uint8)


def _named(size: tuple[int, ...]) -> str:
    return "(" + ", ".join(f"{axis}: {s}" for axis, s in zip("DHW"[3 - len(size) :], size, strict=True)) + ")"


def _output(have: tuple[int, ...], n: int, size: Any, scale_factor: Any, input: Tensor) -> tuple[Any, Any]:
    """The output size, or None and the factors."""
    if size is not None and scale_factor is not None:
        raise ValueError("only one of size or scale_factor should be defined")
    given = size if size is not None else scale_factor
    if given is None:
        raise ValueError("either size or scale_factor should be defined")
    many = isinstance(given, (list, tuple)) or hasattr(given, "__len__")
    values = tuple(given) if many else (given,) * n
    if len(values) != n:
        what = "output size" if size is not None else "scale_factor"
        raise ValueError(
            f"Input and {'output' if size is not None else 'scale_factor'} must have the same number of spatial dimensions, but got input with spatial "
            f"dimensions of {list(have)} and {what} of {given}. Please provide input tensor in (N, C, d1, d2, ...,dK) format and {what} in "
            f"{'(o1, o2, ...,oK)' if size is not None else '(s1, s2, ...,sK)'} format."
        )
    if size is None:
        return None, tuple(float(v) for v in values)
    if any(isinstance(v, float) for v in values):
        raise TypeError(
            f"expected size to be one of int or Tuple[int] or Tuple[int, int] or Tuple[int, int, int], but got size with types {[type(v) for v in values]}"
        )
    return tuple(int(v) for v in values), None


def _step(have: int, out: int, scale: float | None, align_corners: bool) -> float:
    """How far apart neighbouring output elements lie in the input."""
    if align_corners:
        return (have - 1) / (out - 1) if out > 1 else 0.0
    return 1.0 / scale if scale is not None and scale > 0 else have / out


# ---- where each output element comes from -------------------------------------------------------------------------------------------------
def _nearest(F: Any, have: int, out: int, step: float, shift: float) -> Any:
    """Source positions; PyTorch computes them in float32, and so they round."""
    single = float32.numpy
    at = F.floor((F.cast(F.arange(out), single) + single.type(shift)) * single.type(step))
    return F.minimum(F.cast(at, F.arange(1).dtype), have - 1)


def _positions(F: Any, out: int, step: float, align_corners: bool, kind: Any) -> Any:
    i = F.cast(F.arange(out), kind).reshape((-1, 1))
    return i * kind.type(step) if align_corners else (i + 0.5) * kind.type(step) - 0.5


def _linear(F: Any, have: int, out: int, step: float, align_corners: bool, kind: Any) -> Any:
    """The matrix of linear interpolation: two weights in each row."""
    at = F.maximum(_positions(F, out, step, align_corners, kind), 0)
    low = F.minimum(F.floor(at), have - 1)
    part = F.minimum(at - low, 1)
    j = F.cast(F.arange(have), kind)
    return (j == low) * (1 - part) + (j == F.minimum(low + 1, have - 1)) * part


CUBIC = -0.75


def _cubic(F: Any, have: int, out: int, step: float, align_corners: bool, kind: Any) -> Any:
    """The matrix of cubic convolution: four weights in each row, positions outside moved to the edge."""
    at = _positions(F, out, step, align_corners, kind)
    low = F.floor(at)
    j = F.cast(F.arange(have), kind)
    matrix = F.zeros((out, have), dtype=kind)
    for offset in (-1, 0, 1, 2):
        place = F.minimum(F.maximum(low + offset, 0), have - 1)
        matrix = matrix + (j == place) * _cubic_weight(F, F.absolute(at - (low + offset)), CUBIC)
    return matrix


def _cubic_weight(F: Any, d: Any, a: float) -> Any:
    near = ((a + 2) * d - (a + 3)) * d * d + 1
    far = ((d - 5) * d + 8) * d * a - 4 * a
    return F.where(d <= 1, near, F.where(d < 2, far, 0))


def _smooth(F: Any, have: int, out: int, step: float, mode: str, kind: Any, align_corners: bool) -> Any:
    """The matrix of a filter that grows with the step, each row normalised."""
    reach = {"bilinear": 1.0, "bicubic": 2.0, "lanczos": 3.0}[mode]
    wide = max(step, 1.0)
    centre = (F.cast(F.arange(out), kind).reshape((-1, 1)) + 0.5) * step
    first = F.maximum(F.floor(F.maximum(centre - reach * wide + 0.5, 0)), 0)
    last = F.minimum(F.floor(centre + reach * wide + 0.5), have)
    j = F.cast(F.arange(have), kind)
    d = F.absolute((j - centre + 0.5) / wide)
    if mode == "bilinear":
        weight = F.maximum(1 - d, 0)
    elif mode == "bicubic":
        weight = _cubic_weight(F, d, -0.5)
    else:
        weight = F.where(d < 3, F.sinc(d) * F.sinc(d / 3), 0)
    weight = F.cast(weight * ((j >= first) & (j < last)), kind)
    return weight / F.sum(weight, axis=1, keepdims=True)


def upsample(input: Tensor, size: Any = None, scale_factor: Any = None, mode: str = "nearest", align_corners: bool | None = None) -> Tensor:
    """Deprecated: :func:`interpolate`."""
    warnings.warn("`nn.functional.upsample` is deprecated. Use `nn.functional.interpolate` instead.", stacklevel=2)
    return interpolate(input, size, scale_factor, mode, align_corners)


def upsample_nearest(input: Tensor, size: Any = None, scale_factor: Any = None) -> Tensor:
    """Deprecated: :func:`interpolate` with ``mode="nearest"``."""
    warnings.warn("`nn.functional.upsample_nearest` is deprecated. Use `nn.functional.interpolate` instead.", stacklevel=2)
    return interpolate(input, size, scale_factor, mode="nearest")


def upsample_bilinear(input: Tensor, size: Any = None, scale_factor: Any = None) -> Tensor:
    """Deprecated: :func:`interpolate` with ``mode="bilinear"`` and ``align_corners=True``."""
    warnings.warn("`nn.functional.upsample_bilinear` is deprecated. Use `nn.functional.interpolate` instead.", stacklevel=2)
    return interpolate(input, size, scale_factor, mode="bilinear", align_corners=True)
