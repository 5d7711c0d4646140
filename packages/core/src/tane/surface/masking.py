"""Elements chosen by a mask, and where a tensor is not zero."""

from __future__ import annotations

from typing import Any

from tane.backends.backend import backend_of
from tane.ops import index as op
from tane.surface.expanding import common_shape, expand
from tane.surface.expose import inplace, method, write_out
from tane.surface.index_parts import kind_name
from tane.surface.shape import reshape
from tane.tensor import Tensor, wrap

__all__ = ["argwhere", "masked_scatter", "masked_select", "nonzero", "unravel_index"]


def _mask(mask: Tensor, name: str) -> Any:
    if mask.array.dtype.kind != "b":
        raise RuntimeError(f"{name}: expected BoolTensor for mask, got {kind_name(mask)}")
    return mask.array


@method()
def masked_select(input: Tensor, mask: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The elements where ``mask`` is true, as a vector; the two are broadcast against each other.

    >>> import tane
    >>> x = tane.tensor([1, 5, 3])
    >>> tane.masked_select(x, x > 2)
    tensor([5, 3])
    """
    _mask(mask, "masked_select")
    shape = common_shape([mask, input])
    if input.array.shape != shape:
        input = expand(input, shape)
    chosen = mask.array if mask.array.shape == shape else expand(mask, shape).array
    result: Tensor = op.masked_select.call(input, (chosen,))
    return result if out is None else write_out(out, result, "masked_select")


@method()
def masked_scatter(input: Tensor, mask: Tensor, source: Tensor) -> Tensor:
    """A copy of ``input`` in which the elements where ``mask`` is true are replaced, in order, by those of ``source``."""
    chosen = _mask(mask, "masked_scatter_")
    if source.array.dtype != input.array.dtype:
        raise RuntimeError(
            f"masked_scatter: expected self and source to have same dtypes but got {kind_name(input)} and {kind_name(source)}"
        )
    shape = common_shape([input, mask])
    if chosen.shape != shape:
        chosen = expand(mask, shape).array
    if input.array.shape != shape:
        input = expand(input, shape)
    count = int(chosen.sum().item())
    if source.array.size < count:
        raise RuntimeError(f"Number of elements of source < number of ones in mask: {source.array.size} < {count}")
    return op.index_put.call(input, reshape(source, -1)[:count], (chosen,), False)


def _masked_scatter(input: Tensor, mask: Tensor, source: Tensor) -> Tensor:
    common = common_shape([input, mask])
    if common != input.array.shape:
        raise RuntimeError(f"output with shape {list(input.array.shape)} doesn't match the broadcast shape {list(common)}")
    return masked_scatter(input, mask, source)


inplace(_masked_scatter, "masked_scatter_", False)


@method()
def nonzero(input: Tensor, *, as_tuple: bool = False, out: Tensor | None = None) -> Any:
    """The positions of all elements that are not zero, one in a row; ``as_tuple`` gives a vector for each dimension, as an index takes them."""
    array = input.array
    F = backend_of(type(array)).F
    if as_tuple:
        return tuple([wrap(i) for i in (array.reshape((1,)) if not array.ndim else array).nonzero()])
    if not array.ndim:
        result = wrap(F.zeros((int(array.reshape((1,)).nonzero()[0].size), 0), dtype="int64"))
    else:
        result = wrap(F.stack(array.nonzero(), axis=1))
    return result if out is None else write_out(out, result, "nonzero")


@method()
def argwhere(input: Tensor) -> Tensor:
    """The positions of all elements that are not zero, one in a row."""
    return nonzero(input)


def unravel_index(indices: Tensor, shape: Any) -> tuple[Tensor, ...]:
    """The positions in a tensor of ``shape`` that indices of the flattened tensor mean, a tensor for each dimension."""
    if indices.array.dtype.kind not in "iu":
        raise TypeError(f"expected 'indices' to be integer dtype, but got {indices.dtype}")
    sizes = (shape,) if isinstance(shape, int) else tuple(shape)
    if any(d < 0 for d in sizes):
        raise ValueError(f"'shape' cannot have negative values, but got {sizes}")
    rest, found = indices, []
    for d in reversed(sizes):
        found.append(rest % d)
        rest = rest // d
    return tuple(found[::-1])
