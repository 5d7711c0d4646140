"""Rows of a table by their numbers, one by one or in bags."""

from __future__ import annotations

import warnings
from typing import Any

from tane.autograd.fitting import namespaces
from tane.dtypes import float32, int32, int64
from tane.nn.ops import embedding as op
from tane.ops.promotion import HALVES
from tane.ops.views import write
from tane.tensor import Tensor, wrap

__all__ = ["embedding", "embedding_bag"]


def embedding(
    input: Tensor,
    weight: Tensor,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Tensor:
    """The rows of ``weight`` whose numbers are in ``input``.

    The row ``padding_idx`` gets no gradient; rows longer than ``max_norm`` are first shortened to it, in place; ``scale_grad_by_freq`` divides each row's
    gradient by how often it was taken.

    >>> import tane
    >>> embedding(tane.tensor([1, 1]), tane.tensor([[1.0], [2.0]]))
    tensor([[2.],
            [2.]])
    """
    if sparse:
        raise NotImplementedError("embedding: sparse gradients do not exist here; use sparse=False")
    if input.dtype is not int64 and input.dtype is not int32:
        raise RuntimeError(
            f"Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got "
            f"torch.{input.dtype.tensor_name} instead (while checking arguments for embedding)"
        )
    if weight.array.ndim != 2:
        raise RuntimeError("'weight' must be 2-D")
    count = weight.array.shape[0]
    if padding_idx is not None:
        padding_idx = _padding(padding_idx, count)
    index = input.array
    F = namespaces[type(index)]
    if F.all_within(index, count) is False:
        bad = next(n for n in input.cpu().reshape(-1).tolist() if not 0 <= n < count)
        raise IndexError(f"index out of range in self: {bad} is not one of the {count} rows of the embedding, 0 to {count - 1}")
    if max_norm is not None:
        _shorten(weight, index, max_norm, norm_type)
    weights = None
    if padding_idx is not None and weight.node is not None:
        weights = F.cast(index != padding_idx, weight.array.dtype)
    if scale_grad_by_freq:
        often = F.bincount(index.reshape((-1,)), minlength=count)
        share = 1 / F.cast(often[index], weight.array.dtype)
        weights = share if weights is None else weights * share
    return op.embedding.call(weight, index, weights)


def _padding(padding_idx: int, count: int) -> int:
    if not -count <= padding_idx < count:
        raise AssertionError("Padding_idx must be within num_embeddings")
    return padding_idx % count


def _shorten(weight: Tensor, index: Any, max_norm: float, norm_type: float) -> None:
    """Rescale the rows in use that are longer than ``max_norm``, in place and without history."""
    F = namespaces[type(index)]
    table = weight.array
    used = F.bincount(index.reshape((-1,)), minlength=table.shape[0]) > 0
    if norm_type == float("inf"):
        length = F.amax(F.absolute(table), axis=1)
    else:
        length = F.sum(F.absolute(table) ** norm_type, axis=1) ** (1 / norm_type)
    long = used & (length > max_norm)
    scale = F.where(long, max_norm / (length + 1e-7), 1)
    write(weight, table * F.cast(scale, table.dtype).reshape((-1, 1)), "embedding_renorm_")


def embedding_bag(
    input: Tensor,
    weight: Tensor,
    offsets: Tensor | None = None,
    max_norm: float | None = None,
    norm_type: float = 2,
    scale_grad_by_freq: bool = False,
    mode: str = "mean",
    sparse: bool = False,
    per_sample_weights: Tensor | None = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Tensor:
    """The sum, mean or maximum of bags of rows: of each row of a matrix ``input``, or of a vector's stretches that begin at ``offsets``."""
    if weight.dtype is int64 and input.dtype.is_floating_point:
        warnings.warn(
            "Argument order of nn.functional.embedding_bag was changed. Usage `embedding_bag(weight, input, ...)` is deprecated, and should now be "
            "`embedding_bag(input, weight, ...)`.",
            stacklevel=2,
        )
        input, weight = weight, input
    if mode not in ("sum", "mean", "max"):
        raise ValueError("mode has to be one of sum, mean or max")
    if per_sample_weights is not None:
        if per_sample_weights.array.shape != input.array.shape:
            raise ValueError(
                f"embedding_bag: If per_sample_weights ({per_sample_weights.shape}) is not None, then it must have the same shape as the input ({input.shape})"
            )
        if mode != "sum":
            raise NotImplementedError(
                "embedding_bag: per_sample_weights was not None. per_sample_weights is only supported for mode='sum' "
                f"(got mode='{mode}'). Please open a feature request on GitHub."
            )
    F = namespaces[type(input.array)]
    if input.ndim == 2:
        if offsets is not None:
            raise ValueError("if input is 2D, then offsets has to be None, as input is treated is a mini-batch of fixed length sequences.")
        bags, each = input.array.shape
        owner = F.arange(bags * each) // max(each, 1)
        input = input.reshape(-1)
        if per_sample_weights is not None:
            per_sample_weights = per_sample_weights.reshape(-1)
    elif input.ndim == 1:
        if offsets is None or offsets.ndim != 1:
            raise ValueError(f"offsets has to be a 1D Tensor but got {offsets if offsets is None else f'{offsets.ndim}D'}")
        starts = offsets.array[:-1] if include_last_offset else offsets.array
        bags = starts.shape[0]
        if bags and starts[0].item() != 0:
            raise ValueError(
                f"offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from position 0. However, got {starts[0].item()}"
            )
        owner = F.searchsorted(starts, F.arange(input.array.shape[0]), side="right") - 1
    else:
        raise ValueError(f"input has to be 1D or 2D Tensor, but got Tensor of dimension {input.ndim}")
    rows = embedding(input, weight, padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse)
    kind = rows.dtype
    if kind in HALVES:  # added up in float32, rounded once
        rows = rows.to(float32)
        per_sample_weights = None if per_sample_weights is None else per_sample_weights.to(float32)
    found: Tensor = op.bags.call(_bags(input, weight, rows, owner, bags, per_sample_weights, padding_idx, mode).to(kind))
    return found


def _bags(
    input: Tensor,
    weight: Tensor,
    rows: Tensor,
    owner: Any,
    bags: int,
    per_sample_weights: Tensor | None,
    padding_idx: int | None,
    mode: str,
) -> Tensor:
    """The rows of each bag, weighed and reduced."""
    F = namespaces[type(input.array)]
    if per_sample_weights is not None:
        rows = rows * per_sample_weights.unsqueeze(1)
    counted = None
    if padding_idx is not None:
        counted = wrap(F.cast(input.array != padding_idx % weight.array.shape[0], rows.array.dtype))
        rows = rows * counted.unsqueeze(1)
    if mode == "max":
        return _largest(rows, owner, bags, counted)
    summed: Tensor = op.rows.call(rows, bags, owner, None)
    if mode == "sum":
        return summed
    ones = wrap(F.full((input.array.shape[0],), 1, dtype=rows.array.dtype)) if counted is None else counted
    often = op.rows.call(ones.unsqueeze(1), bags, owner, None)
    return summed / often.clamp_min(1)


def _largest(rows: Tensor, owner: Any, bags: int, counted: Tensor | None) -> Tensor:
    """The largest element of each bag in each column; 0 where a bag is empty. The first of equals takes the gradient."""
    F = namespaces[type(owner)]
    member = owner == F.arange(bags).reshape((-1, 1))
    if counted is not None:
        member = member & (counted.array > 0)
    values = F.where(F.expand_dims(member, -1), F.expand_dims(rows.array, 0), -float("inf"))
    if not values.shape[1]:
        return wrap(F.zeros((bags, rows.array.shape[1]), dtype=rows.array.dtype))
    best = wrap(F.argmax(values, axis=1))
    filled = wrap(F.cast(F.any(member, axis=1), rows.array.dtype))
    return rows.gather(0, best) * filled.unsqueeze(1)
