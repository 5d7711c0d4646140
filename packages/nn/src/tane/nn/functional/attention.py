"""Scaled dot product attention."""

from __future__ import annotations

import math
from typing import Any

from tane.autocasting import to_half
from tane.autograd.fitting import namespaces
from tane.dtypes import bool_, float32
from tane.nn.functional.dropping import dropout
from tane.ops.promotion import HALVES
from tane.tensor import Tensor, wrap

__all__ = ["scaled_dot_product_attention"]


@to_half
def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:
    """``softmax(query @ key.T * scale + mask) @ value`` for (…, L, E), (…, S, E) and (…, S, V); ``scale`` is 1 / sqrt(E) by default.

    A boolean ``attn_mask`` says where to look, a floating one is added; ``is_causal`` looks at nothing later. ``enable_gqa`` repeats the heads (third
    dimension from the end) of key and value to as many as query has.

    >>> import tane
    >>> q = tane.ones(1, 2, 4)
    >>> scaled_dot_product_attention(q, q, tane.arange(8.0).reshape(1, 2, 4), is_causal=True)[0, 0]
    tensor([0., 1., 2., 3.])
    """
    for name, t in (("query", query), ("key", key), ("value", value)):
        if t.ndim < 2:
            raise RuntimeError(f"Expected {name} to have at least 2 dimensions, but it has {t.ndim}")
    if not query.dtype is key.dtype is value.dtype:
        raise RuntimeError(
            f"Expected query, key, and value to have the same dtype, but got query.dtype: {query.dtype} key.dtype: {key.dtype} and value.dtype: "
            f"{value.dtype} instead."
        )
    if is_causal and attn_mask is not None:
        raise RuntimeError("Explicit attn_mask should not be set when is_causal=True")
    if enable_gqa:
        heads = query.array.shape[-3]
        key = key.repeat_interleave(heads // key.array.shape[-3], -3)
        value = value.repeat_interleave(heads // value.array.shape[-3], -3)
    kind = query.dtype
    if kind in HALVES:  # scores in 16 bits would be off by whole multiples of the weights
        query, key, value = query.to(float32), key.to(float32), value.to(float32)
        attn_mask = attn_mask.to(float32) if attn_mask is not None and attn_mask.dtype is not bool_ else attn_mask
    factor = math.sqrt(1 / math.sqrt(query.array.shape[-1]) if scale is None else abs(scale))
    negative = scale is not None and scale < 0
    scores = (query * (-factor if negative else factor)) @ (key.transpose(-2, -1) * factor)
    mask: Any = attn_mask
    F = namespaces[type(query.array)]
    if is_causal:
        rows, columns = scores.array.shape[-2:]
        mask = wrap(F.arange(rows).reshape((-1, 1)) >= F.arange(columns))
    if mask is not None:
        if mask.dtype is bool_:
            scores = scores.masked_fill(~mask, -math.inf)
        else:
            scores = scores + mask
    weights = _safe_softmax(F, scores)
    if dropout_p > 0:
        weights = dropout(weights, dropout_p)
    found: Tensor = weights @ value
    return found.to(kind) if kind in HALVES else found


def _safe_softmax(F: Any, scores: Tensor) -> Tensor:
    """Softmax over the last dimension; zeros, not NaN, for a row that may look nowhere."""
    array = scores.array
    nowhere = F.all(array == -math.inf, axis=-1, keepdims=True)
    if not F.any(nowhere, axis=None).item():
        return scores.softmax(-1)
    blind = wrap(nowhere)
    return scores.masked_fill(blind, 0).softmax(-1).masked_fill(blind, 0)
