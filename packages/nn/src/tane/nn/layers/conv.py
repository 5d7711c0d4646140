"""Convolutions as layers."""

from __future__ import annotations

import math
from typing import Any

from tane.creation import empty
from tane.nn import functional as F
from tane.nn import init
from tane.nn.module.module import Module
from tane.nn.parameter import Parameter
from tane.tensor import Tensor

__all__ = ["Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d"]


def _each(value: Any, n: int) -> tuple[int, ...]:
    """One number for each dimension."""
    return tuple(value) if hasattr(value, "__len__") else (value,) * n


class _ConvNd(Module):
    in_channels: int
    out_channels: int
    bias: Tensor | None

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: tuple[int, ...],
        stride: tuple[int, ...],
        padding: Any,
        dilation: tuple[int, ...],
        transposed: bool,
        output_padding: tuple[int, ...],
        groups: int,
        bias: bool,
        padding_mode: str,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        if groups <= 0:
            raise ValueError("groups must be a positive integer")
        if in_channels % groups != 0:
            raise ValueError("in_channels must be divisible by groups")
        if out_channels % groups != 0:
            raise ValueError("out_channels must be divisible by groups")
        if isinstance(padding, str):
            if padding not in ("same", "valid"):
                raise ValueError(f"Invalid padding string {padding!r}, should be one of {{'same', 'valid'}}")
            if padding == "same" and any(s != 1 for s in stride):
                raise ValueError("padding='same' is not supported for strided convolutions")
        if padding_mode not in ("zeros", "reflect", "replicate", "circular"):
            raise ValueError(
                f"padding_mode must be one of {{'zeros', 'reflect', 'replicate', 'circular'}}, but got padding_mode='{padding_mode}'"
            )
        self.in_channels, self.out_channels = in_channels, out_channels
        self.kernel_size, self.stride, self.padding, self.dilation = kernel_size, stride, padding, dilation
        self.transposed, self.output_padding = transposed, output_padding
        self.groups, self.padding_mode = groups, padding_mode
        around: list[int] = []
        for d, k, i in reversed(list(zip(dilation, kernel_size, range(len(kernel_size)), strict=True))):
            total = d * (k - 1)
            around += (
                [padding[i]] * 2 if not isinstance(padding, str) else [total // 2, total - total // 2] if padding == "same" else [0, 0]
            )
        self._reversed_padding_repeated_twice = around
        shape = (in_channels, out_channels // groups) if transposed else (out_channels, in_channels // groups)
        self.weight = Parameter(empty((*shape, *kernel_size), device=device, dtype=dtype))
        if bias:
            self.bias = Parameter(empty(out_channels, device=device, dtype=dtype))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw weight and bias anew, both uniformly within 1 / sqrt(fan in)."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            fan_in, _ = init._calculate_fan_in_and_fan_out(self.weight)
            if fan_in != 0:
                bound = 1 / math.sqrt(fan_in)
                init.uniform_(self.bias, -bound, bound)

    def extra_repr(self) -> str:
        text = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"
        ones, zeros = (1,) * len(self.dilation), (0,) * len(self.output_padding)
        if self.padding != (0,) * len(self.padding):
            text += f", padding={self.padding}"
        if self.dilation != ones:
            text += f", dilation={self.dilation}"
        if self.output_padding != zeros:
            text += f", output_padding={self.output_padding}"
        if self.groups != 1:
            text += f", groups={self.groups}"
        if self.bias is None:
            text += ", bias=False"
        if self.padding_mode != "zeros":
            text += f", padding_mode={self.padding_mode}"
        return text


class _Conv(_ConvNd):
    n: int
    function: Any

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        n = self.n
        super().__init__(
            in_channels,
            out_channels,
            _each(kernel_size, n),
            _each(stride, n),
            padding if isinstance(padding, str) else _each(padding, n),
            _each(dilation, n),
            False,
            (0,) * n,
            groups,
            bias,
            padding_mode,
            device,
            dtype,
        )

    def _conv_forward(self, input: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        padding = self.padding
        if self.padding_mode != "zeros":
            input = F.pad(input, self._reversed_padding_repeated_twice, mode=self.padding_mode)
            padding = 0
        return type(self).function(input, weight, bias, self.stride, padding, self.dilation, self.groups)

    def forward(self, input: Tensor) -> Tensor:
        return self._conv_forward(input, self.weight, self.bias)


class Conv1d(_Conv):
    """The convolution of (N, C, L) with ``out_channels`` learned kernels.

    ``padding`` is a number, ``"valid"`` or ``"same"``; ``padding_mode`` says what is put around the input.
    """

    n, function = 1, F.conv1d


class Conv2d(_Conv):
    """The convolution of (N, C, H, W) with ``out_channels`` learned kernels.

    >>> import tane
    >>> Conv2d(1, 8, 3, padding="same")
    Conv2d(1, 8, kernel_size=(3, 3), stride=(1, 1), padding=same)
    """

    n, function = 2, F.conv2d


class Conv3d(_Conv):
    """The convolution of (N, C, D, H, W) with ``out_channels`` learned kernels."""

    n, function = 3, F.conv3d


# ---- transposed ----------------------------------------------------------------------------------------------------------------------
class _ConvTranspose(_ConvNd):
    n: int
    function: Any

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Any = 1,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        if padding_mode != "zeros":
            raise ValueError(f'Only "zeros" padding mode is supported for {type(self).__name__}')
        n = self.n
        super().__init__(
            in_channels,
            out_channels,
            _each(kernel_size, n),
            _each(stride, n),
            _each(padding, n),
            _each(dilation, n),
            True,
            _each(output_padding, n),
            groups,
            bias,
            padding_mode,
            device,
            dtype,
        )

    def _output_padding(self, input: Tensor, output_size: Any) -> tuple[int, ...]:
        """What has to be added at the end to reach ``output_size``."""
        if output_size is None:
            return self.output_padding
        n = self.n
        wanted = tuple(output_size)[-n:] if len(output_size) in (n + 1, n + 2) else tuple(output_size)
        if len(wanted) != n:
            raise ValueError(
                f"ConvTranspose{n}D: for {input.ndim}D input, output_size must have {n} or {input.ndim} elements (got {len(output_size)})"
            )
        low = [
            (i - 1) * s - 2 * p + d * (k - 1) + 1
            for i, s, p, d, k in zip(input.array.shape[-n:], self.stride, self.padding, self.dilation, self.kernel_size, strict=True)
        ]
        high = [v + s - 1 for v, s in zip(low, self.stride, strict=True)]
        if any(not lo <= w <= hi for w, lo, hi in zip(wanted, low, high, strict=True)):
            raise ValueError(
                f"requested an output size of {list(output_size)}, but valid sizes range from {low} to {high} (for an input of {list(input.array.shape[-n:])})"
            )
        return tuple(w - lo for w, lo in zip(wanted, low, strict=True))

    def forward(self, input: Tensor, output_size: Any = None) -> Tensor:
        return type(self).function(
            input,
            self.weight,
            self.bias,
            self.stride,
            self.padding,
            self._output_padding(input, output_size),
            self.groups,
            self.dilation,
        )


class ConvTranspose1d(_ConvTranspose):
    """The transpose of :class:`Conv1d` as a linear map: (N, C, L) to a longer signal."""

    n, function = 1, F.conv_transpose1d


class ConvTranspose2d(_ConvTranspose):
    """The transpose of :class:`Conv2d` as a linear map: (N, C, H, W) to a larger image."""

    n, function = 2, F.conv_transpose2d


class ConvTranspose3d(_ConvTranspose):
    """The transpose of :class:`Conv3d` as a linear map."""

    n, function = 3, F.conv_transpose3d
