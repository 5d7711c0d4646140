"""Convolutions and transposed convolutions of one, two and three dimensions."""

from __future__ import annotations

from typing import Any

from tane.autocasting import to_half
from tane.nn.functional.sizes import spatial
from tane.nn.ops import conv as op
from tane.tensor import Tensor

__all__ = ["conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d"]


def _check(x: Tensor, w: Tensor, b: Tensor | None, n: int, name: str, groups: int, transposed: bool) -> None:
    """PyTorch's complaints about operands that do not go together."""
    have, size = x.array.shape, w.array.shape
    if len(have) not in (n + 1, n + 2):
        raise RuntimeError(f"Expected {n + 1}D (unbatched) or {n + 2}D (batched) input to {name}, but got input of size: {list(have)}")
    if len(size) < 3:
        raise RuntimeError(f"{name}: weight should have at least three dimensions, but got weight of size {list(size)}")
    if len(size) != n + 2:
        raise RuntimeError(
            f"{name}: Expected {len(size)}-dimensional input for {len(size)}-dimensional weight{list(size)}, but got {len(have)}-dimensional input of "
            f"size {list(have)} instead: the weight of a {name} has {n + 2} dimensions"
        )
    if groups <= 0:
        raise RuntimeError("non-positive groups is not supported")
    if x.array.dtype != w.array.dtype:
        raise RuntimeError(f"expected scalar type {_kind(x)} but found {_kind(w)}")
    if b is not None and b.array.dtype != x.array.dtype:
        raise RuntimeError(f"Input type ({_c_name(x)}) and bias type ({_c_name(b)}) should be the same")
    if size[0] < groups:
        raise RuntimeError(
            f"Given groups={groups}, expected weight to be at least {groups} at dimension 0, but got weight of size {list(size)} instead"
        )
    if size[0] % groups:
        raise RuntimeError(
            f"Given groups={groups}, expected weight to be divisible by {groups} at dimension 0, but got weight of size [{list(size)}] instead"
        )
    channels, wanted = have[-n - 1], size[0] if transposed else size[1] * groups
    if channels != wanted:
        raise RuntimeError(
            f"Given {'transposed=1' if transposed else f'groups={groups}'}, weight of size {list(size)}, expected input{list(have)} to have "
            f"{wanted} channels, but got {channels} channels instead"
        )
    outputs = size[1] * groups if transposed else size[0]
    if b is not None and b.array.shape != (outputs,):
        raise RuntimeError(
            f"Given {'transposed=1, ' if transposed else ''}weight of size {list(size)}, expected bias to be 1-dimensional with {outputs} elements, "
            f"but got bias of size {list(b.array.shape)} instead"
        )


def _kind(t: Tensor) -> str:
    return t.dtype.tensor_name.removesuffix("Tensor")


# What PyTorch's texts call element types here.
C_NAMES = {
    "Long": "long int",
    "Int": "int",
    "Short": "short int",
    "Byte": "unsigned char",
    "Char": "signed char",
    "Bool": "bool",
    "Half": "c10::Half",
    "BFloat16": "c10::BFloat16",
    "ComplexFloat": "c10::complex<float>",
    "ComplexDouble": "c10::complex<double>",
}


def _c_name(t: Tensor) -> str:
    return C_NAMES.get(_kind(t), _kind(t).lower())


def _padding(
    padding: Any, n: int, kernel: tuple[int, ...], stride: tuple[int, ...], dilation: tuple[int, ...]
) -> tuple[tuple[int, int], ...]:
    """The padding before and after each spatial axis."""
    if isinstance(padding, str):
        if padding == "valid":
            return ((0, 0),) * n
        if padding != "same":
            raise RuntimeError(f"Invalid padding string: '{padding}'")
        if any(s != 1 for s in stride):
            raise RuntimeError("padding='same' is not supported for strided convolutions")
        totals = [d * (k - 1) for d, k in zip(dilation, kernel)]
        return tuple((t // 2, t - t // 2) for t in totals)
    return tuple((p, p) for p in spatial(padding, n, "padding"))


def _conv(n: int, x: Tensor, w: Tensor, b: Tensor | None, stride: Any, padding: Any, dilation: Any, groups: int) -> Tensor:
    stride, dilation, kernel = spatial(stride, n, "stride"), spatial(dilation, n, "dilation"), w.array.shape[2:]
    if min(stride) <= 0:
        raise RuntimeError("non-positive stride is not supported")
    if min(dilation) <= 0:
        raise RuntimeError("dilation should be greater than zero")
    if not isinstance(padding, str) and min(spatial(padding, n, "padding")) < 0:
        raise RuntimeError("negative padding is not supported")
    _check(x, w, b, n, f"conv{n}d", groups, False)
    around = _padding(padding, n, kernel, stride, dilation)
    size = tuple(s + lo + hi for s, (lo, hi) in zip(x.array.shape[-n:], around))
    if any(s < d * (k - 1) + 1 for s, d, k in zip(size, dilation, kernel)):
        raise RuntimeError(
            f"Calculated padded input size per channel: ({' x '.join(map(str, size))}). "
            f"Kernel size: ({' x '.join(str(d * (k - 1) + 1) for d, k in zip(dilation, kernel))}). Kernel size can't be greater than actual input size"
        )
    alone = x.array.ndim == n + 1
    if alone:
        x = x.unsqueeze(0)
    y: Tensor
    if b is None:
        y = op.plain.call(x, w, stride, around, dilation, groups)
    else:
        y = op.convolution.call(x, w, b, stride, around, dilation, groups)
    return y.squeeze(0) if alone else y


@to_half
def conv1d(
    input: Tensor, weight: Tensor, bias: Tensor | None = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1
) -> Tensor:
    """The correlation of ``input`` (N, C, L) or (C, L) with ``weight`` (O, C / groups, k), for each output channel, plus ``bias`` (O).

    ``padding`` is a number, one for each dimension, ``"valid"`` (none) or ``"same"`` (as much as keeps the size, for stride 1).
    """
    return _conv(1, input, weight, bias, stride, padding, dilation, groups)


@to_half
def conv2d(
    input: Tensor, weight: Tensor, bias: Tensor | None = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1
) -> Tensor:
    """As :func:`conv1d`, for images (N, C, H, W) or (C, H, W).

    >>> import tane
    >>> conv2d(tane.ones(1, 1, 3, 3), tane.ones(1, 1, 2, 2)).shape
    torch.Size([1, 1, 2, 2])
    """
    return _conv(2, input, weight, bias, stride, padding, dilation, groups)


@to_half
def conv3d(
    input: Tensor, weight: Tensor, bias: Tensor | None = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1
) -> Tensor:
    """As :func:`conv1d`, for volumes (N, C, D, H, W) or (C, D, H, W)."""
    return _conv(3, input, weight, bias, stride, padding, dilation, groups)


AXES = {1: ("width",), 2: ("height", "width"), 3: ("depth", "height", "width")}


def _conv_transpose(
    n: int, x: Tensor, w: Tensor, b: Tensor | None, stride: Any, padding: Any, output_padding: Any, groups: int, dilation: Any
) -> Tensor:
    _check(x, w, b, n, f"conv_transpose{n}d", groups, True)
    stride, dilation, extra = spatial(stride, n, "stride"), spatial(dilation, n, "dilation"), spatial(output_padding, n, "output_padding")
    if min(stride) <= 0:
        raise RuntimeError("non-positive stride is not supported")
    around = tuple((p, p) for p in spatial(padding, n, "padding"))
    if any(p < 0 for p, _ in around):
        raise RuntimeError("negative padding is not supported")
    if any(e >= s and e >= d for e, s, d in zip(extra, stride, dilation)):
        named = [("output_padding", extra), ("stride", stride), ("dilation", dilation)]
        raise RuntimeError(
            "output padding must be smaller than either stride or dilation, but got "
            + " ".join(f"{what}_{axis}: {v}" for what, values in named for axis, v in zip(AXES[n], values))
        )
    kernel = w.array.shape[2:]
    size = tuple(
        (i - 1) * s - 2 * p + d * (k - 1) + e + 1
        for i, s, (p, _), d, k, e in zip(x.array.shape[-n:], stride, around, dilation, kernel, extra)
    )
    if any(s <= 0 for s in size):
        raise RuntimeError(
            f"Given input size per channel: ({' x '.join(map(str, x.array.shape[-n:]))}). Calculated output size per channel: "
            f"({' x '.join(map(str, size))}). Output size is too small"
        )
    alone = x.array.ndim == n + 1
    if alone:
        x = x.unsqueeze(0)
    y: Tensor
    if b is None:
        y = op.transposed_plain.call(x, w, size, stride, around, dilation, groups)
    else:
        y = op.transposed.call(x, w, b, size, stride, around, dilation, groups)
    return y.squeeze(0) if alone else y


@to_half
def conv_transpose1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Tensor:
    """The map whose gradient is :func:`conv1d`: ``input`` (N, C, L) spread through ``weight`` (C, O / groups, k)."""
    return _conv_transpose(1, input, weight, bias, stride, padding, output_padding, groups, dilation)


@to_half
def conv_transpose2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Tensor:
    """As :func:`conv_transpose1d`, for images."""
    return _conv_transpose(2, input, weight, bias, stride, padding, output_padding, groups, dilation)


@to_half
def conv_transpose3d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Tensor:
    """As :func:`conv_transpose1d`, for volumes."""
    return _conv_transpose(3, input, weight, bias, stride, padding, output_padding, groups, dilation)
