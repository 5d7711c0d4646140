"""Attention with several heads."""

from __future__ import annotations

import math
import warnings
from typing import Any

from tane.creation import zeros
from tane.dtypes import bool_
from tane.nn.functional.attention import scaled_dot_product_attention
from tane.nn.functional.dropping import dropout
from tane.nn.functional.padding import pad
from tane.nn.functional.products import linear
from tane.ops.shape import cat
from tane.tensor import Tensor

__all__ = ["multi_head_attention_forward"]


def multi_head_attention_forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    embed_dim_to_check: int,
    num_heads: int,
    in_proj_weight: Tensor | None,
    in_proj_bias: Tensor | None,
    bias_k: Tensor | None,
    bias_v: Tensor | None,
    add_zero_attn: bool,
    dropout_p: float,
    out_proj_weight: Tensor,
    out_proj_bias: Tensor | None,
    training: bool = True,
    key_padding_mask: Tensor | None = None,
    need_weights: bool = True,
    attn_mask: Tensor | None = None,
    use_separate_proj_weight: bool = False,
    q_proj_weight: Tensor | None = None,
    k_proj_weight: Tensor | None = None,
    v_proj_weight: Tensor | None = None,
    static_k: Tensor | None = None,
    static_v: Tensor | None = None,
    average_attn_weights: bool = True,
    is_causal: bool = False,
) -> tuple[Tensor, Tensor | None]:
    """Queries (L, N, E) attend to keys (S, N, E) and values (S, N, E) in ``num_heads`` heads; what :class:`tane.nn.MultiheadAttention` computes.

    Returns (L, N, E), and with ``need_weights`` the weights (N, L, S), those of each head (N, heads, L, S) unless ``average_attn_weights``. Masks: where a
    boolean one is True, nobody looks; a floating one is added to the scores.
    """
    alone = _shapes(query, key, value, key_padding_mask, attn_mask, num_heads)
    if alone:
        query, key, value = query.unsqueeze(1), key.unsqueeze(1), value.unsqueeze(1)
        if key_padding_mask is not None:
            key_padding_mask = key_padding_mask.unsqueeze(0)
    length, batch, width = query.array.shape
    source = key.array.shape[0]
    padding = _additive(key_padding_mask, query, "key_padding_mask")
    if is_causal and attn_mask is None:
        raise RuntimeError("Need attn_mask if specifying the is_causal hint.")
    mask = _additive(attn_mask, query, "attn_mask")
    if width != embed_dim_to_check:
        raise AssertionError(f"was expecting embedding dimension of {embed_dim_to_check}, but got {width}")
    size = width // num_heads
    if size * num_heads != width:
        raise AssertionError(f"embed_dim {width} not divisible by num_heads {num_heads}")
    if use_separate_proj_weight:
        if key.array.shape[:2] != value.array.shape[:2]:
            raise AssertionError(f"key's sequence and batch dims {key.shape[:2]} do not match value's {value.shape[:2]}")
        weights: Any = (q_proj_weight, k_proj_weight, v_proj_weight)
        for name, weight in zip("qkv", weights, strict=True):
            if weight is None:
                raise AssertionError(f"use_separate_proj_weight is True but {name}_proj_weight is None")
        biases: Any = (None,) * 3 if in_proj_bias is None else in_proj_bias.chunk(3)
        q, k, v = (linear(x, w, b) for x, w, b in zip((query, key, value), weights, biases, strict=True))
    else:
        if key.array.shape != value.array.shape:
            raise AssertionError(f"key shape {key.shape} does not match value shape {value.shape}")
        if in_proj_weight is None:
            raise AssertionError("use_separate_proj_weight is False but in_proj_weight is None")
        q, k, v = _projected(query, key, value, in_proj_weight, in_proj_bias)
    if mask is not None:
        mask = _sized(mask, length, source, batch * num_heads)
    if bias_k is not None and bias_v is not None:
        if static_k is not None or static_v is not None:
            raise AssertionError(f"bias cannot be added to static {'key' if static_k is not None else 'value'}.")
        k, v = cat.call([k, bias_k.repeat(1, batch, 1)], 0), cat.call([v, bias_v.repeat(1, batch, 1)], 0)
        mask, padding = (None if m is None else pad(m, (0, 1)) for m in (mask, padding))

    def heads(x: Tensor) -> Tensor:
        """(…, N, E) as (N * heads, …, E / heads)."""
        return x.reshape(x.array.shape[0], batch * num_heads, size).transpose(0, 1)

    q = heads(q)
    k, v = (heads(own) if given is None else given for own, given in ((k, static_k), (v, static_v)))
    if add_zero_attn:
        blank = zeros((batch * num_heads, 1, size), dtype=k.dtype, device=k.device)
        k, v = cat.call([k, blank], 1), cat.call([v, blank], 1)
        mask, padding = (None if m is None else pad(m, (0, 1)) for m in (mask, padding))
    source = k.array.shape[1]
    if padding is not None:
        if padding.array.shape != (batch, source):
            raise AssertionError(f"expecting key_padding_mask shape of {(batch, source)}, but got {padding.shape}")
        wide = padding.reshape(batch, 1, 1, source).expand(-1, num_heads, -1, -1).reshape(batch * num_heads, 1, source)
        mask = wide if mask is None else mask + wide
    p = dropout_p if training else 0.0
    weights = None
    if need_weights:
        scores = (q * math.sqrt(1.0 / size)) @ k.transpose(-2, -1)
        if mask is not None:
            scores = scores + mask
        weights = scores.softmax(-1)
        if p > 0.0:
            weights = dropout(weights, p)
        found = weights @ v
    else:
        q, k, v = (x.reshape(batch, num_heads, -1, size) for x in (q, k, v))
        if mask is not None:
            mask = mask.unsqueeze(0) if mask.array.shape[0] == 1 else mask.reshape(batch, num_heads, -1, source)
        found = scaled_dot_product_attention(q, k, v, mask, p).reshape(batch * num_heads, length, size)
    joined = found.transpose(0, 1).reshape(length * batch, width)
    out = linear(joined, out_proj_weight, out_proj_bias).reshape(length, batch, out_proj_weight.array.shape[0])
    if weights is not None:
        weights = weights.reshape(batch, num_heads, length, source)
        if average_attn_weights:
            weights = weights.mean(1)
    if alone:
        out = out.squeeze(1)
        weights = None if weights is None else weights.squeeze(0)
    return out, weights


def _shapes(query: Tensor, key: Tensor, value: Tensor, padding: Any, mask: Any, num_heads: int) -> bool:
    """Check the numbers of dimensions; True for a single sequence, which has no batch dimension."""
    n = query.ndim
    if n not in (2, 3):
        raise AssertionError(f"query should be unbatched 2D or batched 3D tensor but received {n}-D query tensor")
    kind = "batched" if n == 3 else "unbatched"
    if key.ndim != n or value.ndim != n:
        raise AssertionError(
            f"For {kind} ({n}-D) `query`, expected `key` and `value` to be {n}-D but found {key.ndim}-D and {value.ndim}-D tensors respectively"
        )
    if padding is not None and padding.ndim != n - 1:
        raise AssertionError(
            f"For {kind} ({n}-D) `query`, expected `key_padding_mask` to be `None` or {n - 1}-D but found {padding.ndim}-D tensor instead"
        )
    if mask is not None:
        if mask.ndim not in (2, 3):
            raise AssertionError(
                f"For {kind} ({n}-D) `query`, expected `attn_mask` to be `None`, 2-D or 3-D but found {mask.ndim}-D tensor instead"
            )
        if n == 2 and mask.ndim == 3:
            wanted = (num_heads, query.array.shape[0], key.array.shape[0])
            if mask.array.shape != wanted:
                raise AssertionError(f"Expected `attn_mask` shape to be {wanted} but got {mask.shape}")
    return n == 2


def _additive(mask: Tensor | None, like: Tensor, name: str) -> Any:
    """A mask to add to the scores."""
    if mask is None:
        return None
    if mask.dtype is bool_:
        return zeros(tuple(mask.shape), dtype=like.dtype, device=mask.device).masked_fill(mask, -math.inf)
    if not mask.dtype.is_floating_point:
        raise AssertionError(f"only bool and floating types of {name} are supported")
    if mask.dtype is not like.dtype:
        warnings.warn(f"Support for mismatched {name} and query is deprecated. Use same type for both instead.", stacklevel=4)
    return mask


def _sized(mask: Any, length: int, source: int, count: int) -> Any:
    """A mask (L, S) as (1, L, S); one for each head of each element as it is."""
    if mask.ndim == 2:
        if mask.array.shape != (length, source):
            raise RuntimeError(f"The shape of the 2D attn_mask is {mask.shape}, but should be {(length, source)}.")
        return mask.unsqueeze(0)
    if mask.array.shape != (count, length, source):
        raise RuntimeError(f"The shape of the 3D attn_mask is {mask.shape}, but should be {(count, length, source)}.")
    return mask


def _projected(query: Tensor, key: Tensor, value: Tensor, weight: Tensor, bias: Tensor | None) -> Any:
    """Query, key and value by their thirds of one weight: in one product where they are the same tensor."""
    width = query.array.shape[-1]
    if key is value:
        if query is key:
            return linear(query, weight, bias).chunk(3, -1)
        w_q, w_kv = weight.split([width, 2 * width])
        b_q, b_kv = (None, None) if bias is None else bias.split([width, 2 * width])
        return linear(query, w_q, b_q), *linear(key, w_kv, b_kv).chunk(2, -1)
    biases = (None,) * 3 if bias is None else bias.chunk(3)
    return tuple(linear(x, w, b) for x, w, b in zip((query, key, value), weight.chunk(3), biases, strict=True))
