"""Normalisation over some axes, fused: the statistics and the affine map in one node.

With ``h = (x - mean) * rstd``, the gradient of ``h`` is a projection: it takes from ``g`` its mean and its part along ``h``. It is a primitive of its own
(``projected``), which works in place on raw arrays; ``standardized`` and ``deviation`` (``h`` and ``rstd`` as functions of ``x``, evaluated from the values
that the forward left) are what its own gradients are made of, so the four are closed under differentiation.

``mean`` and ``rstd`` are raw arrays that broadcast against ``x``.
"""

from __future__ import annotations

import functools
from math import prod
from typing import Any

from tane.nn.ops.common import raw
from tane.ops.accepting import only_float
from tane.ops.primitive import primitive

__all__ = ["statistics"]


def _count(shape: tuple[int, ...], axes: tuple[int, ...]) -> int:
    return prod(shape[a] for a in axes)


@functools.cache
def _subscripts(ndim: int, axes: tuple[int, ...]) -> tuple[str, str]:
    """An array of ``ndim`` axes, and what is left of them without ``axes``."""
    letters = "abcdefghijklmnop"[:ndim]
    return letters, "".join(c for i, c in enumerate(letters) if i not in axes)


def _total(F: Any, x: Any, axes: tuple[int, ...]) -> Any:
    """The sum over some axes, which stay as 1s. ``einsum`` adds short rows up four times as fast as a reduction does."""
    every, left = _subscripts(x.ndim, axes)
    return F.einsum(f"{every}->{left}", x).reshape(tuple(1 if i in axes else d for i, d in enumerate(x.shape)))


def _product_total(F: Any, a: Any, b: Any, axes: tuple[int, ...]) -> Any:
    """The sum of a product over some axes, which stay as 1s, without the product."""
    every, left = _subscripts(a.ndim, axes)
    return F.einsum(f"{every},{every}->{left}", a, b).reshape(tuple(1 if i in axes else d for i, d in enumerate(a.shape)))


total = primitive("total", lambda F, x, axes=(): _total(F, x, axes), lambda F, g: g, backward="SumBackward1")
product_total = primitive(
    "product_total",
    lambda F, a, b, axes=(): _product_total(F, a, b, axes),
    lambda F, g, b: g * b,
    lambda F, g, a: g * a,
    backward="SumBackward1",
)


def statistics(F: Any, x: Any, axes: tuple[int, ...], eps: float) -> tuple[Any, Any, Any]:
    """Mean, reciprocal deviation, and the array with its mean taken out."""
    n = _count(x.shape, axes)
    mean = _total(F, x, axes) / n
    centred = x - mean
    variance = _product_total(F, centred, centred, axes) / n
    return mean, 1 / F.sqrt(variance + eps), centred


def _projected(F: Any, g: Any, x: Any, mean: Any, rstd: Any, axes: tuple[int, ...]) -> Any:
    n = _count(x.shape, axes)
    out = x - mean
    out *= _product_total(F, g, out, axes) * (rstd * rstd / -n)
    out += g
    out -= _total(F, g, axes) / n
    out *= rstd
    return out


def _projected_by_x(F: Any, g: Any, input: Any, x: Any, mean: Any, rstd: Any, axes: tuple[int, ...]) -> Any:
    """From ``y = r * (i - mean(i) - h * mean(i * h))``: what ``r`` and ``h`` get, taken back to ``x``."""
    n = _count(x.shape, axes)

    def average(v: Any) -> Any:
        return F.sum(v, axis=axes, keepdims=True) / n

    h, r = F.standardized(x, mean, rstd, axes), F.deviation(x, mean, rstd, axes)
    along = average(input * h)
    to_r = F.sum(g * (input - average(input) - h * along), axis=axes, keepdims=True)
    to_h = -r * (g * along + input * average(g * h))
    return F.projected(to_h, x, mean, rstd, axes) - h * (r * r * to_r) / n


projected = primitive(
    "projected",
    lambda F, input, x, mean=None, rstd=None, axes=(): _projected(F, input, x, mean, rstd, axes),
    lambda F, g, x, mean, rstd, axes: F.projected(g, x, mean, rstd, axes),
    lambda F, g, input, x, mean, rstd, axes: _projected_by_x(F, g, input, x, mean, rstd, axes),
    backward="NormBackwardBackward0",
)
standardized = primitive(
    "standardized",
    lambda F, x, mean=None, rstd=None, axes=(): (x - mean) * rstd,
    lambda F, g, x, mean, rstd, axes: F.projected(g, x, mean, rstd, axes),
)
deviation = primitive(
    "deviation",
    lambda F, x, mean=None, rstd=None, axes=(): rstd.copy(),
    lambda F, g, x, mean, rstd, axes: (
        F.standardized(x, mean, rstd, axes) * (g * F.square(F.deviation(x, mean, rstd, axes)) * (-1 / _count(x.shape, axes)))
    ),
)


# ---- batch norm: the statistics of each channel, over all other axes -------------------------------------------------------------------
def _channel(ndim: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The axes that are averaged, and the shape of what belongs to a channel."""
    return (0, *range(2, ndim)), (1, -1) + (1,) * (ndim - 2)


def _batch_norm(F: Any, x: Any, weight: Any, bias: Any, eps: float) -> tuple[Any, Any, Any]:
    axes, shape = _channel(x.ndim)
    mean, rstd, y = statistics(F, x, axes, eps)
    y *= rstd * weight.reshape(shape)
    y += bias.reshape(shape)
    return y, mean, rstd


batch_norm = primitive(
    "batch_norm",
    lambda F, input, weight, bias, eps=1e-5: _batch_norm(F, input, weight, bias, eps),
    lambda F, g, input, weight, mean, rstd: (
        F.projected(g, input, raw(mean), raw(rstd), _channel(input.ndim)[0]) * weight.reshape(_channel(input.ndim)[1])
    ),
    lambda F, g, input, mean, rstd: F.product_total(
        g, F.standardized(input, raw(mean), raw(rstd), _channel(input.ndim)[0]), _channel(input.ndim)[0]
    ).reshape((-1,)),
    lambda F, g: _channel_sums(F, g),
    extra=("mean", "rstd"),
    wide=True,
    backward="NativeBatchNormBackward0",
)


def _plain(F: Any, x: Any, axes: tuple[int, ...], eps: float) -> tuple[Any, Any, Any]:
    mean, rstd, y = statistics(F, x, axes, eps)
    y *= rstd
    return y, mean, rstd


def _plain_op(name: str, backward: str) -> Any:
    """Normalisation alone."""
    return primitive(
        name,
        lambda F, input, axes=(), eps=1e-5: _plain(F, input, axes, eps),
        lambda F, g, input, mean, rstd, axes: F.projected(g, input, raw(mean), raw(rstd), axes),
        extra=("mean", "rstd"),
        wide=True,
        backward=backward,
    )


batch_norm_plain = _plain_op("batch_norm_plain", "NativeBatchNormBackward0")
layer_norm_plain = _plain_op("layer_norm_plain", "NativeLayerNormBackward0")
group_norm_plain = _plain_op("group_norm_plain", "NativeGroupNormBackward0")


# ---- layer norm: the last axes of each element --------------------------------------------------------------------------------------------
def _last(ndim: int, count: int) -> tuple[int, ...]:
    return tuple(range(ndim - count, ndim))


def _layer_norm(F: Any, x: Any, weight: Any, bias: Any, eps: float) -> tuple[Any, Any, Any]:
    y, mean, rstd = _plain(F, x, _last(x.ndim, weight.ndim), eps)
    y *= weight
    if bias is not None:
        y += bias
    return y, mean, rstd


def _layer_input(F: Any, g: Any, input: Any, weight: Any, mean: Any, rstd: Any) -> Any:
    return F.projected(g * weight, input, raw(mean), raw(rstd), _last(len(input.shape), len(weight.shape)))


def _layer_weight(F: Any, g: Any, input: Any, weight_shape: Any, mean: Any, rstd: Any) -> Any:
    axes = _last(len(input.shape), len(weight_shape))
    others = tuple(range(len(input.shape) - len(weight_shape)))
    return F.product_total(g, F.standardized(input, raw(mean), raw(rstd), axes), others).reshape(weight_shape)


layer_norm = primitive(
    "layer_norm",
    lambda F, input, weight, bias, eps=1e-5: _layer_norm(F, input, weight, bias, eps),
    _layer_input,
    _layer_weight,
    lambda F, g: g,
    extra=("mean", "rstd"),
    wide=True,
    backward="NativeLayerNormBackward0",
)
layer_norm_unbiased = primitive(
    "layer_norm_unbiased",
    lambda F, input, weight, eps=1e-5: _layer_norm(F, input, weight, None, eps),
    _layer_input,
    _layer_weight,
    extra=("mean", "rstd"),
    wide=True,
    backward="NativeLayerNormBackward0",
)


# ---- with given statistics: an affine map of each channel -------------------------------------------------------------------------------
def _fixed(F: Any, x: Any, weight: Any, bias: Any, mean: Any, rstd: Any) -> Any:
    shape = _channel(x.ndim)[1]
    scale = rstd * weight
    y = x * scale.reshape(shape)
    y += (bias - mean * scale).reshape(shape)
    return y


# y = (x - mean) * rstd * weight + bias, with raw vectors ``mean`` and ``rstd``: what a trained batch norm computes.
channel_affine = primitive(
    "channel_affine",
    lambda F, input, weight, bias, mean=None, rstd=None: _fixed(F, input, weight, bias, mean, rstd),
    lambda F, g, weight, rstd: g * F.scaled_by(weight, rstd).reshape((1, -1) + (1,) * (len(g.shape) - 2)),
    lambda F, g, input, mean, rstd: F.scaled_by(_channel_sums(F, g * F.channels_centred(input, mean)), rstd),
    lambda F, g: _channel_sums(F, g),
    wide=True,
    backward="NativeBatchNormBackward0",
)
channels_centred = primitive("channels_centred", lambda F, x, mean=None: x - mean.reshape((1, -1) + (1,) * (x.ndim - 2)), lambda F, g: g)


def _channel_sums(F: Any, g: Any) -> Any:
    return F.total(g, (0, *range(2, len(g.shape)))).reshape((-1,))


# PyTorch's names for its kernels, which its errors for whole numbers show.
for _op, _kernel in (
    (layer_norm, "LayerNormKernelImpl"),
    (layer_norm_unbiased, "LayerNormKernelImpl"),
    (layer_norm_plain, "LayerNormKernelImpl"),
    (group_norm_plain, "GroupNormKernelImpl"),
    (batch_norm, "batch_norm"),
    (batch_norm_plain, "batch_norm"),
    (channel_affine, "batch_norm"),
):
    _op.accepts = only_float(_kernel)
