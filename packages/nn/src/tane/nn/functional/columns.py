"""Windows as columns and back."""

from __future__ import annotations

from math import prod
from typing import Any

from tane.nn.functional.sizes import spatial
from tane.nn.ops import unfold as op
from tane.nn.ops.windows import output_size as windows_of
from tane.tensor import Tensor

__all__ = ["fold", "unfold"]


def _arguments(kernel_size: Any, dilation: Any, padding: Any, stride: Any) -> tuple[tuple[int, ...], ...]:
    kernel, spread, around, step = (
        spatial(v, 2, name) for v, name in ((kernel_size, "kernel_size"), (dilation, "dilation"), (padding, "padding"), (stride, "stride"))
    )
    for name, values in (("kernel size", kernel), ("dilation", spread), ("stride", step)):
        if min(values) <= 0:
            raise RuntimeError(f"{name} should be greater than zero, but got {values}")
    if min(around) < 0:
        raise RuntimeError(f"padding should be non-negative, but got {around}")
    return kernel, spread, around, step


def unfold(input: Tensor, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Tensor:
    """The windows of an image (N, C, H, W) or (C, H, W) as columns: (N, C * kernel, windows).

    >>> import tane
    >>> unfold(tane.arange(4.0).reshape(1, 1, 2, 2), 2).flatten()
    tensor([0., 1., 2., 3.])
    """
    kernel, spread, around, step = _arguments(kernel_size, dilation, padding, stride)
    if input.ndim not in (3, 4) or 0 in input.array.shape[-3:]:
        raise RuntimeError(
            f"Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for input, but got: {list(input.shape)}"
        )
    size = input.array.shape[-2:]
    pairs = tuple((p, p) for p in around)
    out = windows_of(size, kernel, step, pairs, spread)
    if min(out) < 1:
        raise RuntimeError(
            f"Given input with spatial size {size}, kernel_size={kernel}, dilation={spread}, padding={around}, calculated shape of the array of sliding "
            f"blocks as {out}, but its components must be at least one."
        )
    if input.ndim == 3:
        return op.unfold.call(input.unsqueeze(0), kernel, step, pairs, spread).squeeze(0)
    return op.unfold.call(input, kernel, step, pairs, spread)


def fold(input: Tensor, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Tensor:
    """Columns (N, C * kernel, windows) added up into an image of ``output_size``: what :func:`unfold` would have taken them from."""
    kernel, spread, around, step = _arguments(kernel_size, dilation, padding, stride)
    size = spatial(output_size, 2, "output_size")
    shape = input.array.shape
    if len(shape) not in (2, 3):
        raise RuntimeError(
            f"Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and non-zero dimensions for input, but got: {list(shape)}"
        )
    if shape[-2] % prod(kernel):
        raise RuntimeError(
            f"Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got input.size(1)={shape[-2]} "
            f"and kernel_size={kernel}."
        )
    pairs = tuple((p, p) for p in around)
    out = windows_of(size, kernel, step, pairs, spread)
    if shape[-1] != prod(out) or min(out) < 1:
        raise RuntimeError(
            f"Given output_size={size}, kernel_size={kernel}, dilation={spread}, padding={around}, stride={step}, expected size of input's dimension 2 to "
            f"match the calculated number of sliding blocks {out[0]} * {out[1]} = {prod(out)}, but got input.size(2)={shape[-1]}."
        )
    if len(shape) == 2:
        return op.fold.call(input.unsqueeze(0), size, kernel, step, pairs, spread).squeeze(0)
    return op.fold.call(input, size, kernel, step, pairs, spread)
