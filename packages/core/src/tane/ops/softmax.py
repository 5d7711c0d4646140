"""Softmax and its logarithms, fused and stable: the largest element is taken off before ``exp``."""

from __future__ import annotations

import math
from typing import Any

from tane.ops.accepting import only_real
from tane.ops.primitive import primitive
from tane.ops.reduction import restore

__all__: list[str] = []


def _softmax(F: Any, x: Any, axis: int) -> Any:
    if not x.size:
        return x.copy()
    e = (x - F.amax(x, axis=axis, keepdims=True))[...]  # an array even of a single number; ours, so what follows needs no other
    F.exp(e, out=e)
    e /= F.sum(e, axis=axis, keepdims=True)
    return e


def _log_softmax(F: Any, x: Any, axis: int) -> Any:
    if not x.size:
        return x.copy()
    d = (x - F.amax(x, axis=axis, keepdims=True))[...]
    d -= F.log(F.sum(F.exp(d), axis=axis, keepdims=True))
    return d


def _logsumexp(F: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    top = F.amax(x.real if x.dtype.kind == "c" else x, axis=axis, keepdims=True)
    base = F.where(abs(top) == math.inf, 0, top)
    y = F.log(F.sum(F.exp(x - base), axis=axis, keepdims=True)) + base
    return y if keepdims else F.squeeze(y, axis)


softmax = primitive(
    "softmax",
    lambda F, x, axis=-1: _softmax(F, x, axis),
    lambda F, g, y, axis: y * (g - F.sum_product(g, y, axis)),
    promotes="same",
    wide=True,
)
log_softmax = primitive(
    "log_softmax",
    lambda F, x, axis=-1: _log_softmax(F, x, axis),
    lambda F, g, y, axis: g - F.exp(y) * F.sum(g, axis=axis, keepdims=True),
    promotes="same",
    wide=True,
)
logsumexp = primitive(
    "logsumexp",
    lambda F, x, axis=None, keepdims=False: _logsumexp(F, x, axis, keepdims),
    lambda F, g, x, y, axis, keepdims: restore(g, x.shape, axis, keepdims) * F.exp(_less(F, x, y, axis, keepdims)),
    promotes="float",
    wide=True,
)


def _less(F: Any, x: Any, y: Any, axis: Any, keepdims: bool) -> Any:
    """``x - y``, with ``y`` finite where there was nothing to add up."""
    y = restore(y, x.shape, axis, keepdims)
    return x - F.where(y == -math.inf, 0, y)


softmax.accepts, log_softmax.accepts = only_real("softmax_lastdim_kernel_impl"), only_real("log_softmax_lastdim_kernel_impl")
