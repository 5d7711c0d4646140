"""Taking a tensor apart along a dimension: views, several at once."""

from __future__ import annotations

from typing import Any

from tane.ops import index as indices
from tane.ops import shape as op
from tane.surface.expose import method
from tane.surface.size import one_axis
from tane.tensor import Tensor

__all__ = ["chunk", "dsplit", "hsplit", "split", "split_with_sizes", "tensor_split", "unbind", "unsafe_chunk", "unsafe_split", "vsplit"]


@method()
def unbind(input: Tensor, dim: int = 0) -> tuple[Tensor, ...]:
    """The slices along ``dim``, without that dimension."""
    if input.array.ndim == 0:
        raise IndexError("Dimension specified as 0 but tensor has no dimensions")
    return op.unbind(input, one_axis(input, dim))


@method()
def split(tensor: Tensor, split_size_or_sections: Any = None, dim: int = 0, *, split_size: Any = None) -> tuple[Tensor, ...]:
    """Views of ``split_size`` elements each along ``dim`` (the last may be smaller), or of the sizes listed."""
    given = split_size if split_size_or_sections is None else split_size_or_sections
    if tensor.array.ndim == 0:
        raise RuntimeError("split expects at least a 1-dimensional tensor")
    dim = one_axis(tensor, dim)
    size = tensor.array.shape[dim]
    if isinstance(given, Tensor):
        given = given.tolist()
    if isinstance(given, int) or hasattr(given, "__index__"):
        step = int(given)
        if step < 0:
            raise RuntimeError(f"split expects split_size be non-negative, but got split_size={step}")
        if step == 0 and size:
            raise RuntimeError(f"split_size can only be 0 if dimension size is 0, but got dimension size of {size}")
        return op.split(tensor, tuple([min(step, size - i) for i in range(0, size, step)]) if size else (0,), dim)
    return split_with_sizes(tensor, given, dim)


@method()
def split_with_sizes(input: Tensor, split_sizes: Any, dim: int = 0) -> tuple[Tensor, ...]:
    """Views of the sizes listed along ``dim``."""
    dim = one_axis(input, dim)
    size = input.array.shape[dim]
    sizes = tuple(int(s) for s in split_sizes)
    if any(s < 0 for s in sizes):
        raise RuntimeError(f"split_with_sizes expects split_sizes have only non-negative entries, but got split_sizes={list(sizes)}")
    if sum(sizes) != size:
        raise RuntimeError(
            f"split_with_sizes expects split_sizes to sum exactly to {size} (input tensor's size at dimension {dim}), but got split_sizes={list(sizes)}"
        )
    return op.split(input, sizes, dim)


@method()
def chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """At most ``chunks`` views along ``dim``, of equal size but for the last."""
    if input.array.ndim == 0:
        raise RuntimeError("chunk expects at least a 1-dimensional tensor")
    if chunks <= 0:
        raise RuntimeError(f"chunk expects `chunks` to be greater than 0, got: {chunks}")
    dim = one_axis(input, dim)
    size = input.array.shape[dim]
    return split(input, max(1, -(-size // chunks)), dim) if size else op.split(input, (0,) * chunks, dim)


@method()
def unsafe_chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """As :func:`chunk`."""
    return chunk(input, chunks, dim)


@method()
def unsafe_split(tensor: Tensor, split_size_or_sections: Any, dim: int = 0) -> tuple[Tensor, ...]:
    """As :func:`split`."""
    return split(tensor, split_size_or_sections, dim)


@method()
def tensor_split(
    input: Tensor, indices_or_sections: Any = None, dim: int = 0, *, indices: Any = None, sections: Any = None
) -> tuple[Tensor, ...]:
    """``sections`` views along ``dim``, whose sizes differ by at most 1, or views cut at the ``indices`` listed."""
    given = next((v for v in (indices_or_sections, indices, sections) if v is not None), None)
    if input.array.ndim == 0:
        raise RuntimeError("tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims")
    axis = one_axis(input, dim)
    size = input.array.shape[axis]
    if isinstance(given, Tensor):
        given = given.tolist()
    if isinstance(given, int):
        if given <= 0:
            raise RuntimeError(f"number of sections must be larger than 0, got {given}")
        small, larger = divmod(size, given)
        cuts = [i * small + min(i, larger) for i in range(1, given)]
    else:
        cuts = list(given or ())
    return _cut(input, cuts, axis)


def _cut(input: Tensor, cuts: list[int], axis: int) -> tuple[Tensor, ...]:
    front = (slice(None),) * axis
    return tuple([indices.getitem.call(input, (*front, slice(a, b))) for a, b in zip([0, *cuts], [*cuts, None], strict=True)])


def _along(name: str, axis: int, least: int) -> Any:
    @method(name)
    def function(input: Tensor, indices_or_sections: Any) -> tuple[Tensor, ...]:
        ndim = input.array.ndim
        if ndim < least:
            raise RuntimeError(
                f"torch.{name} requires a tensor with at least {least} dimension{'s' * (least > 1)}, but got a tensor with {ndim} dimensions!"
            )
        at = 0 if name == "hsplit" and ndim == 1 else axis
        size = input.array.shape[at]
        if isinstance(indices_or_sections, int) and (indices_or_sections <= 0 or size % indices_or_sections):
            raise RuntimeError(
                f"torch.{name} attempted to split along dimension {at}, but the size of the dimension {size} is not divisible by the split_size "
                f"{indices_or_sections}!"
            )
        return tensor_split(input, indices_or_sections, at)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f":func:`tensor_split` along dimension {axis}."
    return function


hsplit, vsplit, dsplit = _along("hsplit", 1, 1), _along("vsplit", 0, 2), _along("dsplit", 2, 3)
