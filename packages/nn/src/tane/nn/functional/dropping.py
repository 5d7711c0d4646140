"""Dropout, with PyTorch's masks for the same seed."""

from __future__ import annotations

import warnings

from tane.dtypes import FLOAT
from tane.nn.functional.drawn import drawn, drawn_like
from tane.tensor import Tensor, wrap

__all__ = ["alpha_dropout", "dropout", "dropout1d", "dropout2d", "dropout3d", "feature_alpha_dropout"]

# Where self-normalising networks saturate: -alpha * scale of selu.
SATURATION = 1.7580993408473766


def _checked(p: float) -> None:
    if p < 0.0 or p > 1.0:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")


def _mask(input: Tensor, keep: float, shape: tuple[int, ...] | None = None) -> Tensor:
    """Ones with probability ``keep``, of the input's type and device."""
    array = input.array
    if shape is None:
        return wrap(drawn_like(lambda stream, size: stream.bernoulli(size, keep, array.dtype), input))
    return wrap(drawn(lambda stream: stream.bernoulli(shape, keep, array.dtype), input))


def _scaled(input: Tensor, p: float, training: bool, inplace: bool, shape: tuple[int, ...] | None = None) -> Tensor:
    if not training or p == 0 or input.array.size == 0:
        return input
    if p == 1:
        return input.mul_(0) if inplace else input * 0
    if input.dtype.category < FLOAT:
        raise RuntimeError(
            f"dropout: result type Float can't be cast to the desired output type {input.dtype.tensor_name.removesuffix('Tensor')}"
        )
    mask = _mask(input, 1 - p, shape)
    mask.array /= 1 - p
    return input.mul_(mask) if inplace else input * mask


def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """In training, zero each element with probability ``p`` and divide the others by ``1 - p``; otherwise nothing."""
    _checked(p)
    return _scaled(input, p, training, inplace)


def _channels(input: Tensor, p: float, training: bool, inplace: bool, batched: bool) -> Tensor:
    """Dropout of whole channels, which stand in dimension 1 of a batch and 0 of a single sample."""
    shape = input.array.shape
    kept = 2 if batched else 1
    return _scaled(input, p, training, inplace, shape[:kept] + (1,) * (len(shape) - kept))


def dropout1d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """:func:`dropout` of whole channels of (N, C, L) or (C, L)."""
    _checked(p)
    if input.ndim not in (2, 3):
        raise RuntimeError(
            f"dropout1d: Expected 2D or 3D input, but received a {input.ndim}D input. Note that dropout1d exists to provide channel-wise dropout on "
            f"inputs with 1 spatial dimension, a channel dimension, and an optional batch dimension (i.e. 2D or 3D inputs)."
        )
    return _channels(input, p, training, inplace, input.ndim == 3)


def dropout2d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """:func:`dropout` of whole channels of (N, C, H, W)."""
    _checked(p)
    if input.ndim not in (3, 4):
        warnings.warn(
            f"dropout2d: Received a {input.ndim}-D input to dropout2d, which is deprecated and will result in an error in a future release. "
            f"To retain the behavior and silence this warning, please use dropout instead. Note that dropout2d exists to provide channel-wise dropout "
            f"on inputs with 2 spatial dimensions, a channel dimension, and an optional batch dimension (i.e. 3D or 4D inputs).",
            stacklevel=2,
        )
    if input.ndim == 3:
        warnings.warn(
            "dropout2d: Received a 3D input to dropout2d and assuming that channel-wise 1D dropout behavior is desired - input is interpreted as "
            "shape (N, C, L), where C is the channel dim. This behavior will change in a future release to interpret the input as one without a batch "
            "dimension, i.e. shape (C, H, W). To maintain the 1D channel-wise dropout behavior, please switch to using dropout1d instead.",
            stacklevel=2,
        )
    return _feature(input, p, training, inplace)


def dropout3d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """:func:`dropout` of whole channels of (N, C, D, H, W) or (C, D, H, W)."""
    _checked(p)
    if input.ndim not in (4, 5):
        warnings.warn(
            f"dropout3d: Received a {input.ndim}-D input to dropout3d, which is deprecated and will result in an error in a future release. "
            f"To retain the behavior and silence this warning, please use dropout instead. Note that dropout3d exists to provide channel-wise dropout "
            f"on inputs with 3 spatial dimensions, a channel dimension, and an optional batch dimension (i.e. 4D or 5D inputs).",
            stacklevel=2,
        )
    if input.ndim == 4:
        return _channels(input, p, training, inplace, False)
    return _feature(input, p, training, inplace)


def _feature(input: Tensor, p: float, training: bool, inplace: bool) -> Tensor:
    if input.ndim < 2:
        raise RuntimeError("Feature dropout requires at least 2 dimensions in the input")
    return _channels(input, p, training, inplace, True)


def _alpha(input: Tensor, p: float, training: bool, inplace: bool, shape: tuple[int, ...] | None = None) -> Tensor:
    """Dropout to the value at which selu saturates, then the affine map that restores mean 0 and variance 1."""
    _checked(p)
    if not training or p == 0 or input.array.size == 0:
        return input
    if p == 1:
        return input.mul_(0) if inplace else input * 0
    mask = _mask(input, 1 - p, shape)
    a = 1.0 / ((SATURATION * SATURATION * p + 1) * (1 - p)) ** 0.5
    shift = (mask - 1) * (SATURATION * a) + SATURATION * a * p
    mask.array *= a
    return input.mul_(mask).add_(shift) if inplace else input * mask + shift


def alpha_dropout(input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False) -> Tensor:
    """Dropout for networks of selu: keeps mean 0 and variance 1."""
    return _alpha(input, p, training, inplace)


def feature_alpha_dropout(input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False) -> Tensor:
    """:func:`alpha_dropout` of whole channels."""
    shape = input.array.shape
    if len(shape) < 2 and training and p:
        raise RuntimeError("Feature dropout requires at least 2 dimensions in the input")
    return _alpha(input, p, training, inplace, shape[:2] + (1,) * (len(shape) - 2))
