"""Taking a tensor apart along a dimension."""

from __future__ import annotations

from typing import Any

from tane.ops import shape as op
from tane.surface.expose import method
from tane.surface.shape import one_axis
from tane.tensor import Tensor

__all__ = ["chunk", "split", "unbind"]


@method()
def unbind(input: Tensor, dim: int = 0) -> tuple[Tensor, ...]:
    """The slices along ``dim``, without that dimension."""
    if input.array.ndim == 0:
        raise IndexError("Dimension specified as 0 but tensor has no dimensions")
    return op.unbind(input, one_axis(input, dim))


@method()
def split(tensor: Tensor, split_size_or_sections: Any, dim: int = 0) -> tuple[Tensor, ...]:
    """Views of ``split_size`` elements each along ``dim`` (the last may be smaller), or of the sizes listed."""
    dim = one_axis(tensor, dim)
    size = tensor.array.shape[dim]
    if isinstance(split_size_or_sections, int):
        step = split_size_or_sections
        if step < 0 or (step == 0 and size):
            raise RuntimeError(f"split expects split_size be non-negative, but got split_size={step}")
        sizes = tuple(min(step, size - i) for i in range(0, size, step)) if size else (0,)
    else:
        sizes = tuple(split_size_or_sections)
        if sum(sizes) != size:
            raise RuntimeError(
                f"split_with_sizes expects split_sizes to sum exactly to {size} (input tensor's size at dimension {dim}), but got split_sizes={list(sizes)}"
            )
    return op.split(tensor, sizes, dim)


@method()
def chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """At most ``chunks`` views along ``dim``, of equal size but for the last."""
    if chunks <= 0:
        raise RuntimeError(f"chunk expects `chunks` to be greater than 0, got: {chunks}")
    dim = one_axis(input, dim)
    size = input.array.shape[dim]
    return split(input, max(1, -(-size // chunks)), dim) if size else op.split(input, (0,) * chunks, dim)
