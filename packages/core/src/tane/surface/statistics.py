"""Spread and order: var, std, median, mode, quantiles."""

from __future__ import annotations

import math
import warnings
from typing import Any

from tane.autocasting import to_float
from tane.autograd.fitting import namespaces
from tane.dtypes import COMPLEX, FLOAT, float32, float64
from tane.ops import choice, index, statistics
from tane.ops import reduction as op
from tane.ops import shape as shapes
from tane.return_types import return_type
from tane.surface.expose import method, write_out
from tane.surface.reduction import axes, deliver, not_empty, one_axis, ordered, pair_out
from tane.tensor import Tensor, wrap

__all__ = ["median", "mode", "nanmedian", "nanquantile", "quantile", "std", "std_mean", "var", "var_mean"]


# ---- spread ---------------------------------------------------------------------------------------------------------------------------
def _spread(name: str, primitive: Any, with_mean: bool = False) -> Any:
    def spread(
        input: Tensor,
        dim: Any = None,
        unbiased: bool | None = None,
        keepdim: bool = False,
        *,
        correction: float | None = None,
        out: Tensor | None = None,
        axis: Any = None,
    ) -> Any:
        if type(dim) is bool:  # var(False)
            dim, unbiased = None, dim
        if unbiased is not None and correction is not None:
            raise TypeError(f"{name}() takes unbiased or correction, not both")
        amount = correction if correction is not None else 1 if unbiased is None else int(unbiased)
        if input.dtype.category < FLOAT:
            raise RuntimeError("std and var only support floating point and complex dtypes")
        where = axes(input, dim, axis)
        if op.count(input.array.shape, where) <= amount:
            warnings.warn(
                f"{name}(): degrees of freedom is <= 0. Correction should be strictly less than the reduction factor (input numel divided by output "
                f"numel).",
                stacklevel=2,
            )
        if input.dtype.category == COMPLEX:
            result = _of_complex(name, input, where, amount, keepdim)
        else:
            result = (primitive if with_mean else primitive.call)(input, where, amount, keepdim)
        if with_mean:
            return result
        return result if out is None else write_out(out, result, name)

    spread.__name__ = spread.__qualname__ = name
    spread.__doc__ = (
        f"The {'standard deviation' if name.startswith('std') else 'variance'}{' and the mean' if with_mean else ''} over the dimensions ``dim``, the sum of "
        f"squares divided by their number less ``correction`` (1, or 0 with ``unbiased=False``)."
    )
    return spread


def _of_complex(name: str, input: Tensor, axis: Any, amount: float, keepdim: bool) -> Any:
    total = op.var.call(input.real, axis, amount, keepdim) + op.var.call(input.imag, axis, amount, keepdim)
    value = total.sqrt() if name.startswith("std") else total
    return (value, op.mean_dim.call(input, axis, keepdim)) if name.endswith("_mean") else value


var, std = _spread("var", op.var), _spread("std", op.std)
var_mean, std_mean = _spread("var_mean", op.var_mean, True), _spread("std_mean", op.std_mean, True)
method("var")(var)
method("std")(std)


# ---- order ----------------------------------------------------------------------------------------------------------------------------
def _middle(name: str, whole: Any, along: Any) -> Any:
    kind = return_type(name, "values", "indices")

    @method(name)
    def middle(input: Tensor, dim: int | None = None, keepdim: bool = False, *, out: Any = None) -> Any:
        ordered(input, "median_cpu", bools=False)
        if dim is None:
            if not input.array.size:
                F = namespaces[type(input.array)]
                return wrap(F.full((), math.nan, dtype=input.array.dtype))
            return deliver(whole.call(input), out, name)
        axis = one_axis(input, dim)
        if input.array.ndim:
            not_empty(input, axis, name)
        return kind(pair_out(along.call(input, axis, keepdim), out, name))

    middle.__name__ = middle.__qualname__ = name
    middle.__doc__ = f"""The median, of an even number the lower of the two in the middle{", NaN left out" if name == "nanmedian" else ""}; with ``dim``,
    along it, as a named tuple ``(values, indices)``."""
    return middle


median = _middle("median", statistics.median, statistics.median_dim)
nanmedian = _middle("nanmedian", statistics.nanmedian, statistics.nanmedian_dim)


@method()
def mode(input: Tensor, dim: int = -1, keepdim: bool = False, *, out: Any = None) -> Any:
    """The most frequent value along ``dim`` (the smallest of several) and the last place where it is, as a named tuple ``(values, indices)``."""
    axis = one_axis(input, dim)
    ordered(input, "mode_cpu")
    if input.array.ndim:
        not_empty(input, axis, "mode")
    return return_type("mode", "values", "indices")(pair_out(statistics.mode.call(input, axis, keepdim), out, "mode"))


INTERPOLATIONS = ("linear", "lower", "higher", "midpoint", "nearest")


def _ranks(F: Any, x: Any, q: Any, interpolation: str, skip: bool) -> Any:
    """Which places of the ranked last axis each quantile lies at, as a float; where there is a NaN, the last."""
    nan = x != x
    last = _last(F, x, skip)
    ranks = q * last + F.zeros((*x.shape[:-1], 1), dtype=x.dtype)
    if not skip:
        ranks = F.where(F.any(nan, axis=-1, keepdims=True), last, ranks)
    return {"lower": F.floor, "higher": F.ceil, "nearest": F.rint}.get(interpolation, lambda r: r)(ranks)


def _last(F: Any, x: Any, skip: bool) -> Any:
    """The place of the largest in each ranked row, of those that are not NaN if they are skipped."""
    if not skip:
        return x.shape[-1] - 1
    return F.maximum(x.shape[-1] - F.sum((x != x).astype("int64"), axis=-1, keepdims=True) - 1, 0)


def _quantile(name: str, input: Tensor, q: Any, dim: Any, keepdim: bool, interpolation: str, out: Tensor | None) -> Tensor:
    if input.dtype not in (float32, float64):
        raise RuntimeError(f"{name}() input tensor must be either float or double dtype")
    if not input.array.size:
        raise RuntimeError(f"{name}() input tensor must be non-empty")
    if interpolation not in INTERPOLATIONS:
        raise RuntimeError(f"{name}() interpolation must be one of linear, lower, higher, midpoint or nearest, but got {interpolation}")
    F = namespaces[type(input.array)]
    if isinstance(q, Tensor):
        if q.dtype != input.dtype:
            raise RuntimeError(f"{name}() q tensor must be same dtype as the input tensor")
        if type(q.array) is not type(input.array):
            raise RuntimeError(f"{name}() q tensor must be on the same device as the input tensor")
        if q.array.ndim > 1:
            raise RuntimeError(f"{name}() q must be a scalar or 1D tensor")
        quantiles, single = q.array.reshape(-1), q.array.ndim == 0
        if not bool(((quantiles >= 0) & (quantiles <= 1)).all().item()):
            raise RuntimeError(f"{name}() q values must be in the range [0, 1]")
    else:
        if not 0 <= q <= 1:
            raise RuntimeError(f"{name}() q must be in the range [0, 1] but got {q:g}")
        quantiles, single = F.zeros((1,), dtype=input.array.dtype) + q, True
    ndim = input.array.ndim
    axis = 0 if dim is None else one_axis(input, dim)
    x = input.reshape(-1) if dim is None or ndim == 0 else shapes.permute.call(input, (*(i for i in range(ndim) if i != axis), axis))
    raw = x.array
    order = F.argsort(raw, axis=-1, kind="stable")
    ranks = _ranks(F, raw, quantiles, interpolation, name == "nanquantile")
    low, high = F.floor(ranks), F.ceil(ranks)

    def pick(place: Any) -> Any:
        return index.gather.call(x, F.take_along_axis(order, place.astype("int64"), -1), -1)

    result = pick(low)
    if interpolation in ("linear", "midpoint"):
        share = ranks - low if interpolation == "linear" else (ranks - low != 0) * raw.dtype.type(0.5)
        weight = wrap(F.cast(share, raw.dtype))
        if interpolation == "linear" and isinstance(q, Tensor) and q.node is not None:
            slope = _last(F, raw, name == "nanquantile") + F.zeros(share.shape, dtype=raw.dtype)
            weight = weight + (q - q.detach()).reshape(-1) * wrap(slope)  # adds a gradient, and 0
        result = choice.lerp_tensor.call(result, pick(high), weight)
    result = shapes.permute.call(result, (result.array.ndim - 1, *range(result.array.ndim - 1)))  # the quantiles come first
    if keepdim:
        full = (1,) * ndim if dim is None else tuple(1 if i == axis else d for i, d in enumerate(input.array.shape))
        result = result.reshape(-1, *full)
    result = result[0] if single else result
    return result if out is None else write_out(out, result, name)


@to_float
@method()
def quantile(
    input: Tensor, q: Any, dim: int | None = None, keepdim: bool = False, *, interpolation: str = "linear", out: Tensor | None = None
) -> Tensor:
    """The ``q``-th quantiles, of all elements or along ``dim``; those of a one-dimensional ``q`` lie along a new first dimension.

    >>> import tane
    >>> tane.quantile(tane.tensor([0., 1., 2., 3.]), 0.5)
    tensor(1.5000)
    """
    return _quantile("quantile", input, q, dim, keepdim, interpolation, out)


@to_float
@method()
def nanquantile(
    input: Tensor, q: Any, dim: int | None = None, keepdim: bool = False, *, interpolation: str = "linear", out: Tensor | None = None
) -> Tensor:
    """As :func:`quantile`, NaN left out."""
    return _quantile("nanquantile", input, q, dim, keepdim, interpolation, out)
