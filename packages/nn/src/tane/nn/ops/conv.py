"""Convolutions in any number of dimensions: three linear maps, each of which is made of the other two when it is differentiated.

``convolution(x, w)`` is linear in both operands. Its gradients are ``conv_input(g, w)``, which is what is called a transposed convolution, and
``conv_weight(g, x)``; the gradients of those are these three again, so gradients of any order are convolutions.

All compute by products of matrices, a batch of ``weight (O, C * kernel)`` times ``columns (C * kernel, windows)``, which leaves the result in the order
(N, O, *windows) without a transposition.
"""

from __future__ import annotations

from math import prod
from typing import Any

from tane.nn.ops.windows import Pairs, Sizes, chunk, cropped, fold, offsets, output_size, padded, unfold
from tane.ops.primitive import primitive

__all__ = ["convolution", "plain", "transposed", "transposed_plain"]


def _trivial(kernel: Sizes, stride: Sizes) -> bool:
    """Whether the columns are the input itself."""
    return prod(kernel) == 1 and prod(stride) == 1


def _correlate(F: Any, x: Any, w: Any, stride: Sizes, padding: Pairs, dilation: Sizes, groups: int) -> Any:
    kernel = w.shape[2:]
    n, channels = x.shape[:2]
    out = output_size(x.shape[2:], kernel, stride, padding, dilation)
    windows, inner = prod(out), channels // groups * prod(kernel)
    x = padded(F, x, padding)
    grouped = w.reshape((groups, w.shape[0] // groups, inner)) if groups > 1 else w.reshape((w.shape[0], inner))
    front = (groups, inner, windows) if groups > 1 else (inner, windows)
    if _trivial(kernel, stride):
        return F.matmul(grouped, x.reshape((n, *front))).reshape((n, w.shape[0], *out))
    view = unfold(F, x, kernel, stride, dilation, out)
    step = chunk(n, channels * prod(kernel) * windows * x.dtype.itemsize)
    if step >= n:
        return F.matmul(grouped, F.ascontiguousarray(view).reshape((n, *front))).reshape((n, w.shape[0], *out))
    y = F.empty((n, *grouped.shape[:-1], windows), dtype=x.dtype)
    columns = F.empty((step, *view.shape[1:]), dtype=x.dtype)
    for i in range(0, n, step):
        part = columns[: min(step, n - i)]
        part[...] = view[i : i + step]
        F.matmul(grouped, part.reshape((part.shape[0], *front)), out=y[i : i + step])
    return y.reshape((n, w.shape[0], *out))


def _to_input(F: Any, g: Any, w: Any, size: Sizes, stride: Sizes, padding: Pairs, dilation: Sizes, groups: int) -> Any:
    kernel, out = w.shape[2:], g.shape[2:]
    n, per_group = g.shape[0], w.shape[1]
    channels = per_group * groups
    if _depthwise(w, groups):
        return _spread_depthwise(F, g, w, size, stride, padding, dilation)
    if prod(stride) == 1 and groups == 1 and w.shape[0] <= channels and not _trivial(kernel, stride):
        # The columns of g are smaller than those of the input here: correlate g with the reversed kernel.
        reverse = (slice(None), slice(None)) + (slice(None, None, -1),) * len(kernel)
        around = tuple((d * (k - 1) - lo, n - o + lo) for d, k, (lo, _), n, o in zip(dilation, kernel, padding, size, out, strict=True))
        if all(lo >= 0 and hi >= 0 for lo, hi in around):
            return _correlate(F, g, F.swapaxes(w, 0, 1)[reverse], stride, around, dilation, 1)
    inner, windows = per_group * prod(kernel), prod(out)
    if groups > 1:
        grouped = F.swapaxes(w.reshape((groups, w.shape[0] // groups, inner)), 1, 2)
        g = g.reshape((n, groups, w.shape[0] // groups, windows))
    else:
        grouped = w.reshape((w.shape[0], inner)).T
        g = g.reshape((n, w.shape[0], windows))
    if _trivial(kernel, stride) and not any(lo or hi for lo, hi in padding):
        return F.matmul(grouped, g).reshape((n, channels, *size))
    full = F.zeros((n, channels, *(s + lo + hi for s, (lo, hi) in zip(size, padding, strict=True))), dtype=g.dtype)
    step = chunk(n, channels * prod(kernel) * windows * g.dtype.itemsize)
    for i in range(0, n, step):
        columns = F.matmul(grouped, g[i : i + step])
        fold(full[i : i + step], columns.reshape((columns.shape[0], channels, *kernel, *out)), kernel, stride, dilation, out)
    return F.ascontiguousarray(cropped(full, padding))


def _to_weight(F: Any, g: Any, x: Any, kernel: Sizes, stride: Sizes, padding: Pairs, dilation: Sizes, groups: int) -> Any:
    n, channels = x.shape[:2]
    out, outputs = g.shape[2:], g.shape[1]
    windows, inner = prod(out), channels // groups * prod(kernel)
    x = padded(F, x, padding)
    if groups == channels == outputs and groups > 1:
        return _weigh_depthwise(F, g, x, kernel, stride, dilation)
    front = (groups, inner, windows) if groups > 1 else (inner, windows)
    g = g.reshape((n, groups, outputs // groups, windows) if groups > 1 else (n, outputs, windows))
    view = x if _trivial(kernel, stride) else unfold(F, x, kernel, stride, dilation, out)
    step = n if view is x else chunk(n, channels * prod(kernel) * windows * x.dtype.itemsize)
    total = None
    columns = F.empty((step, *view.shape[1:]), dtype=x.dtype) if step < n else None
    for i in range(0, n, step):
        if columns is None:
            part = F.ascontiguousarray(view)
        else:
            part = columns[: min(step, n - i)]
            part[...] = view[i : i + step]
        product = F.matmul(g[i : i + step], F.swapaxes(part.reshape((part.shape[0], *front)), -1, -2))
        found = F.sum(product, axis=0)
        total = found if total is None else F.add(total, found, out=total)
    if total is None:
        total = F.zeros((groups, outputs // groups, inner), dtype=x.dtype)
    return total.reshape((outputs, channels // groups, *kernel))


# ---- one channel a group ------------------------------------------------------------------------------------------------------------
# There is nothing to multiply matrices for in the gradients of these: a product for each position in the kernel takes a third of the time.
def _depthwise(w: Any, groups: int) -> bool:
    return groups > 1 and w.shape[0] == groups and w.shape[1] == 1


def _spread_depthwise(F: Any, g: Any, w: Any, size: Sizes, stride: Sizes, padding: Pairs, dilation: Sizes) -> Any:
    full = F.zeros((*g.shape[:2], *(s + lo + hi for s, (lo, hi) in zip(size, padding, strict=True))), dtype=g.dtype)
    for position, places in offsets(w.shape[2:], stride, dilation, g.shape[2:]):
        full[(slice(None), slice(None), *places)] += g * w[(slice(None), 0, *position)].reshape((-1,) + (1,) * len(size))
    return F.ascontiguousarray(cropped(full, padding))


def _weigh_depthwise(F: Any, g: Any, x: Any, kernel: Sizes, stride: Sizes, dilation: Sizes) -> Any:
    found = F.empty((g.shape[1], 1, *kernel), dtype=x.dtype)
    letters = "ncdhw"[: g.ndim]
    for position, places in offsets(kernel, stride, dilation, g.shape[2:]):
        found[(slice(None), 0, *position)] = F.einsum(f"{letters},{letters}->c", g, x[(slice(None), slice(None), *places)])
    return found


def _with_bias(y: Any, bias: Any) -> Any:
    y += bias.reshape((-1,) + (1,) * (y.ndim - 2))
    return y


def _channel_sum(F: Any, g: Any) -> Any:
    return F.sum(g, axis=(0, *range(2, len(g.shape))), keepdims=False)


# ---- the three maps -----------------------------------------------------------------------------------------------------------------
def _input_gradient(F: Any, g: Any, weight: Any, input_shape: Any, stride: Any, padding: Any, dilation: Any, groups: Any) -> Any:
    return F.conv_input(g, weight, input_shape[2:], stride, padding, dilation, groups)


def _weight_gradient(F: Any, g: Any, input: Any, weight_shape: Any, stride: Any, padding: Any, dilation: Any, groups: Any) -> Any:
    return F.conv_weight(g, input, weight_shape[2:], stride, padding, dilation, groups)


def _cut(y: Any, shape: tuple[int, ...]) -> Any:
    """The first windows of each axis: padding after a transposed convolution may leave room for more than it came from."""
    return y if tuple(y.shape) == tuple(shape) else y[tuple(slice(0, n) for n in shape)]


def _transposed_input_gradient(F: Any, g: Any, weight: Any, input_shape: Any, stride: Any, padding: Any, dilation: Any, groups: Any) -> Any:
    return _cut(F.convolution_plain(g, weight, stride, padding, dilation, groups), input_shape)


def _transposed_weight_gradient(
    F: Any, g: Any, input: Any, weight_shape: Any, stride: Any, padding: Any, dilation: Any, groups: Any
) -> Any:
    return F.conv_weight(input, g, weight_shape[2:], stride, padding, dilation, groups)


plain = primitive(
    "convolution_plain",
    lambda F, input, weight, stride=(), padding=(), dilation=(), groups=1: _correlate(F, input, weight, stride, padding, dilation, groups),
    _input_gradient,
    _weight_gradient,
    wide=True,
    backward="ConvolutionBackward0",
)
transposed_plain = primitive(
    "conv_input",
    lambda F, input, weight, size=(), stride=(), padding=(), dilation=(), groups=1: _to_input(
        F, input, weight, size, stride, padding, dilation, groups
    ),
    _transposed_input_gradient,
    _transposed_weight_gradient,
    wide=True,
    backward="ConvolutionBackward0",
)
conv_weight = primitive(
    "conv_weight",
    lambda F, output, input, kernel=(), stride=(), padding=(), dilation=(), groups=1: _to_weight(
        F, output, input, kernel, stride, padding, dilation, groups
    ),
    lambda F, g, input, output_shape, stride, padding, dilation, groups: _cut(
        F.convolution_plain(input, g, stride, padding, dilation, groups), output_shape
    ),
    lambda F, g, output, input_shape, stride, padding, dilation, groups: F.conv_input(
        output, g, input_shape[2:], stride, padding, dilation, groups
    ),
    wide=True,
    backward="ConvolutionBackwardBackward0",
)

# ---- with a bias, in the same node --------------------------------------------------------------------------------------------------
convolution = primitive(
    "convolution",
    lambda F, input, weight, bias, stride=(), padding=(), dilation=(), groups=1: _with_bias(
        _correlate(F, input, weight, stride, padding, dilation, groups), bias
    ),
    _input_gradient,
    _weight_gradient,
    lambda F, g: _channel_sum(F, g),
    wide=True,
)
transposed = primitive(
    "conv_transpose",
    lambda F, input, weight, bias, size=(), stride=(), padding=(), dilation=(), groups=1: _with_bias(
        _to_input(F, input, weight, size, stride, padding, dilation, groups), bias
    ),
    _transposed_input_gradient,
    _transposed_weight_gradient,
    lambda F, g: _channel_sum(F, g),
    wide=True,
    backward="ConvolutionBackward0",
)
