"""Overwriting a tensor's values: fill_, zero_, copy_."""

from __future__ import annotations

import warnings
from typing import Any

from tane.autograd.state import local, state
from tane.ops import copying as op
from tane.ops.recording import mismatch
from tane.ops.views import check_writable, overwrite
from tane.surface.choice import as_number
from tane.surface.expose import changed, inplace, method
from tane.tensor import Tensor, wrap

__all__ = ["fill", "fill_", "zero_"]


def unrecorded(self: Tensor) -> bool:
    """Whether a change of ``self`` alone needs no history."""
    return (state.special and not local.recording) or (self.node is None and self.base is None)


def fill(input: Tensor, value: Any) -> Tensor:
    """A tensor like ``input`` with ``value``, a number or a tensor without dimensions, everywhere."""
    if isinstance(value, Tensor):
        if value.array.ndim:
            raise RuntimeError(f"fill_ only supports 0-dimension value tensor but got tensor with {value.array.ndim} dimensions.")
        return op.fill_with.call(input, value.to(device=input.device, dtype=input.dtype))
    return op.fill.call(input, value)


_fill_ = inplace(fill, "fill_", False, False)
_zero_ = inplace(op.zero.call, "zero_", False, False)


@method()
def fill_(self: Tensor, value: Any) -> Tensor:
    """Set every element to ``value``, a number or a tensor without dimensions."""
    if isinstance(value, Tensor) or not unrecorded(self):
        return _fill_(self, value)
    array = self.array
    array[...] = value if array.dtype.kind == "f" and type(value) is not complex else as_number(self, value)
    return changed(self, "fill_")


@method()
def zero_(self: Tensor) -> Tensor:
    """Set every element to 0."""
    if not unrecorded(self):
        return _zero_(self)
    self.array[...] = 0
    return changed(self, "zero_")


@method()
def copy_(self: Tensor, src: Tensor, non_blocking: bool = False) -> Tensor:
    """Take over the values of ``src``, broadcast, and converted to this tensor's type and device; gradients flow to ``src``."""
    if not isinstance(src, Tensor):
        raise TypeError(f"copy_(): argument 'other' (position 1) must be Tensor, not {type(src).__name__}")
    array = self.array
    if type(src.array) is not type(array):
        src = src.to(self.device)
    values = src.array
    if values.dtype.kind == "c" and array.dtype.kind != "c":
        warnings.warn("Casting complex values to real discards the imaginary part", stacklevel=2)
        values = values.real
    quiet = unrecorded(self) and (src.node is None or not local.recording)
    if not quiet:
        check_writable(self, "copy_")
    shape = values.shape
    while len(shape) > array.ndim and shape[0] == 1:
        shape = shape[1:]
    if values.shape != array.shape and (len(shape) > array.ndim or any(d not in (1, e) for d, e in zip(shape[::-1], array.shape[::-1]))):
        if len(shape) > array.ndim:
            raise RuntimeError(f"output with shape {list(array.shape)} doesn't match the broadcast shape {list(shape)}")
        raise mismatch(PROMOTING, ValueError("copy_"), array, values)
    if quiet:
        array[...] = values
        return changed(self, "copy_")
    full = op.copy_into.forwards[type(array)](array, values.reshape(shape)).astype(array.dtype)
    result = wrap(full)
    if (self.node is not None or src.node is not None) and array.dtype.kind not in "biu":
        result.node = op.copy_into.node(full, [array, values], [self.node, src.node])
    return overwrite(self, result, "copy_")


class PROMOTING:
    """What :func:`mismatch` asks of an op."""

    name, promotes = "copy_", "same"


@method()
def fill_diagonal_(self: Tensor, fill_value: Any, wrap: bool = False) -> Tensor:
    """Set the main diagonal to ``fill_value``; with ``wrap``, that of a tall matrix starts anew a row after each end.

    >>> import tane
    >>> tane.zeros(2, 2).fill_diagonal_(1)
    tensor([[1., 0.],
            [0., 1.]])
    """
    shape = self.array.shape
    if len(shape) < 2:
        raise RuntimeError("dimensions must larger than 1")
    if len(shape) > 2 and len(set(shape)) > 1:
        raise RuntimeError("all dimensions of input must be of equal length")
    stride, offset, size = sum(self.stride()), self.storage_offset(), min(shape)
    self.as_strided((size,), (stride,), offset).fill_(fill_value)
    if wrap and len(shape) == 2 and shape[0] > shape[1] + 1:
        step = shape[1] + 1
        rest = -(-self.numel() // step) - size
        self.as_strided((rest,), (stride,), offset + self.stride(0) * step).fill_(fill_value)
    return self
