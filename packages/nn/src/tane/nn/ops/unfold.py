"""Windows as columns and back: each the other's gradient."""

from __future__ import annotations

from math import prod
from typing import Any

from tane.nn.ops import windows
from tane.nn.ops.windows import Pairs, Sizes, cropped, padded
from tane.ops.primitive import primitive

__all__ = ["fold", "unfold"]


def _columns(F: Any, x: Any, kernel: Sizes, stride: Sizes, padding: Pairs, dilation: Sizes) -> Any:
    out = windows.output_size(x.shape[2:], kernel, stride, padding, dilation)
    view = windows.unfold(F, padded(F, x, padding), kernel, stride, dilation, out)
    return F.ascontiguousarray(view).reshape((x.shape[0], x.shape[1] * prod(kernel), prod(out)))


def _image(F: Any, x: Any, size: Sizes, kernel: Sizes, stride: Sizes, padding: Pairs, dilation: Sizes) -> Any:
    out = windows.output_size(size, kernel, stride, padding, dilation)
    channels = x.shape[1] // prod(kernel)
    full = F.zeros((x.shape[0], channels, *(s + lo + hi for s, (lo, hi) in zip(size, padding, strict=True))), dtype=x.dtype)
    windows.fold(full, x.reshape((x.shape[0], channels, *kernel, *out)), kernel, stride, dilation, out)
    return F.ascontiguousarray(cropped(full, padding))


unfold = primitive(
    "im2col",
    lambda F, x, kernel=(), stride=(), padding=(), dilation=(): _columns(F, x, kernel, stride, padding, dilation),
    lambda F, g, x_shape, kernel, stride, padding, dilation: F.col2im(g, x_shape[2:], kernel, stride, padding, dilation),
    backward="Im2ColBackward0",
)
fold = primitive(
    "col2im",
    lambda F, x, size=(), kernel=(), stride=(), padding=(), dilation=(): _image(F, x, size, kernel, stride, padding, dilation),
    lambda F, g, kernel, stride, padding, dilation: F.im2col(g, kernel, stride, padding, dilation),
    backward="Col2ImBackward0",
)
