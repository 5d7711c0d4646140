"""Losses of an input and a target of the same shape."""

from __future__ import annotations

import math
import warnings
from typing import Any

from tane.autocasting import to_float
from tane.autograd.fitting import namespaces
from tane.autograd.modes import no_grad
from tane.dtypes import FLOAT
from tane.nn.functional.reduction import chosen, finished
from tane.nn.ops import loss as op
from tane.nn.ops.common import weighted_logits_result
from tane.tensor import Tensor

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "gaussian_nll_loss",
    "hinge_embedding_loss",
    "huber_loss",
    "kl_div",
    "l1_loss",
    "margin_ranking_loss",
    "mse_loss",
    "poisson_nll_loss",
    "smooth_l1_loss",
    "soft_margin_loss",
]


def _paired(input: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Both in their common shape, with a warning where the shapes differ."""
    a, b = input.array.shape, target.array.shape
    if a == b:
        return input, target
    warnings.warn(
        f"Using a target size ({target.shape}) that is different to the input size ({input.shape}). "
        f"This will likely lead to incorrect results due to broadcasting. Please ensure they have the same size.",
        stacklevel=3,
    )
    return broadcast(input, target)


def broadcast(*tensors: Tensor) -> tuple[Any, ...]:
    shape: list[int] = []
    for t in tensors:
        have = t.array.shape
        shape = [1] * (len(have) - len(shape)) + shape
        for i, d in enumerate(have, len(shape) - len(have)):
            if shape[i] == 1:
                shape[i] = d
            elif d not in (1, shape[i]):
                raise RuntimeError(
                    f"The size of tensor a ({shape[i]}) must match the size of tensor b ({d}) at non-singleton dimension {i}"
                )
    return tuple(t if t.array.shape == tuple(shape) else t.expand(*shape) for t in tensors)


def _weighted(weight: Tensor, loss: Tensor, reduction: str) -> Tensor:
    return finished(loss * weight, reduction)


@to_float
def mse_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Tensor | None = None,
) -> Tensor:
    """The mean squared error; with ``weight``, its weighted mean.

    >>> import tane
    >>> mse_loss(tane.tensor([1.0, 2.0]), tane.tensor([1.0, 4.0]))
    tensor(2.)
    """
    if input.array.shape != target.array.shape:
        input, target = _paired(input, target)
    if size_average is not None or reduce is not None or reduction not in ("mean", "sum", "none"):
        reduction = chosen(reduction, size_average, reduce)
    if weight is not None:
        return _weighted_mean(op.mse_loss.call(input, target, "none"), weight, reduction)
    return op.mse_loss.call(input, target, reduction)


def _weighted_mean(loss: Tensor, weight: Tensor, reduction: str) -> Tensor:
    if weight.array.shape != loss.array.shape:
        raise ValueError("Weights and input must have the same size.")
    loss = loss * weight
    return loss.sum() / weight.sum() if reduction == "mean" else loss.sum() if reduction == "sum" else loss


@to_float
def l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Tensor | None = None,
) -> Tensor:
    """The mean absolute error; with ``weight``, its weighted mean."""
    input, target = _paired(input, target)
    reduction = chosen(reduction, size_average, reduce)
    loss = (input - target).abs()
    return finished(loss, reduction) if weight is None else _weighted_mean(loss, weight, reduction)


@to_float
def smooth_l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    beta: float = 1.0,
) -> Tensor:
    """Half the squared error over ``beta`` where the error is below ``beta``, else the absolute error less ``beta / 2``."""
    input, target = _paired(input, target)
    reduction = chosen(reduction, size_average, reduce)
    if beta < 0:
        raise RuntimeError("smooth_l1_loss does not support negative values for beta.")
    if beta == 0:
        return finished((input - target).abs(), reduction)
    return op.smooth_l1_loss.call(input, target, reduction, beta)


@to_float
def huber_loss(input: Tensor, target: Tensor, reduction: str = "mean", delta: float = 1.0, weight: Tensor | None = None) -> Tensor:
    """Half the squared error where the error is at most ``delta``, else ``delta`` times the absolute error less ``delta / 2``."""
    input, target = _paired(input, target)
    reduction = chosen(reduction)
    if delta <= 0:
        raise RuntimeError("huber_loss does not support non-positive values for delta.")
    if weight is not None:
        if weight.array.shape != input.array.shape:
            raise ValueError("Weights and input must have the same size.")
        return _weighted(weight, op.huber_loss.call(input, target, "none", delta), reduction)
    return op.huber_loss.call(input, target, reduction, delta)


@to_float
def binary_cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """The cross entropy of probabilities ``input`` and targets, both in [0, 1]; each element times ``weight``."""
    reduction = chosen(reduction, size_average, reduce)
    if target.array.shape != input.array.shape:
        raise ValueError(
            f"Using a target size ({target.shape}) that is different to the input size ({input.shape}) is deprecated. "
            f"Please ensure they have the same size."
        )
    if target.array.dtype != input.array.dtype:
        raise RuntimeError(f"Found dtype {_kind(target)} but expected {_kind(input)}")
    loss: Tensor = op.binary_cross_entropy.call(input, target, "none" if weight is not None else reduction)
    # A probability outside [0, 1] has a logarithm that is NaN: only then is the input itself looked at.
    x, y = input.array, loss.array
    F = namespaces[type(x)]
    if F.any(y != y, axis=None).item() and not F.all((x >= 0) & (x <= 1), axis=None).item():
        raise RuntimeError("all elements of input should be between 0 and 1")
    return loss if weight is None else _weighted(weight, loss, reduction)


def _kind(t: Tensor) -> str:
    return t.dtype.tensor_name.removesuffix("Tensor")


@to_float
def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    pos_weight: Tensor | None = None,
) -> Tensor:
    """:func:`binary_cross_entropy` of ``sigmoid(input)``, without its loss of precision; ``pos_weight`` weighs positive targets."""
    reduction = chosen(reduction, size_average, reduce)
    if target.array.shape != input.array.shape:
        raise ValueError(f"Target size ({target.shape}) must be the same as input size ({input.shape})")
    own = "none" if weight is not None else reduction
    loss: Tensor
    if pos_weight is None:
        loss = op.binary_cross_entropy_with_logits.call(input, target, own)
    else:
        loss = op.binary_cross_entropy_weighted.call(input, target, pos_weight, own)
    return loss if weight is None else weighted_logits_result.call(_weighted(weight, loss, reduction))


@to_float
def kl_div(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    log_target: bool = False,
) -> Tensor:
    """The divergence of ``input``, logarithms of probabilities, from ``target``; ``reduction="batchmean"`` is the mathematical one."""
    batch = reduction == "batchmean"
    if reduction == "mean" and size_average is None and reduce is None:
        warnings.warn(
            "reduction: 'mean' divides the total loss by both the batch size and the support size.'batchmean' divides only by the batch size, and "
            "aligns with the KL div math definition.'mean' will be changed to behave the same as 'batchmean' in the next major release.",
            stacklevel=2,
        )
    reduction = "sum" if batch else chosen(reduction, size_average, reduce)
    if input.dtype.category < FLOAT and target.dtype.category < FLOAT:
        raise RuntimeError(f"kl_div: Integral inputs not supported: the input is {input.dtype}, the target {target.dtype}.")
    loss = target.exp() * (target - input) if log_target else target.xlogy(target) - target * input
    result = finished(loss, reduction)
    return result / input.array.shape[0] if batch and input.ndim else result


@to_float
def poisson_nll_loss(
    input: Tensor,
    target: Tensor,
    log_input: bool = True,
    full: bool = False,
    size_average: bool | None = None,
    eps: float = 1e-8,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """The negative log likelihood of counts ``target`` at the rate ``input`` or, with ``log_input``, ``exp(input)``; ``full`` adds Stirling's term."""
    reduction = chosen(reduction, size_average, reduce)
    loss = input.exp() - target * input if log_input else input - target * (input + eps).log()
    if full:
        stirling = target * target.log() - target + 0.5 * (2 * math.pi * target).log()
        loss = loss + stirling.masked_fill(target <= 1, 0)
    return finished(loss, reduction)


def gaussian_nll_loss(input: Tensor, target: Tensor, var: Any, full: bool = False, eps: float = 1e-6, reduction: str = "mean") -> Tensor:
    """The negative log likelihood of ``target`` under a normal distribution of mean ``input`` and variance ``var``."""
    if not isinstance(var, Tensor):
        if var < 0:
            raise ValueError("var has negative entry/entries")
        var = input.detach() * 0 + var
    elif (var < 0).any().item():
        raise ValueError("var has negative entry/entries")
    a, v = input.array.shape, var.array.shape
    if v != a:
        if a[:-1] == v:
            var = var.unsqueeze(-1)
        elif not (
            len(a) == len(v) and sum(x != y for x, y in zip(a, v, strict=True)) <= 1 and all(y in (x, 1) for x, y in zip(a, v, strict=True))
        ):
            raise ValueError("var is of incorrect size")
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"{reduction} is not valid")
    var = var.clone()
    with no_grad():
        var.clamp_(min=eps)
    loss = 0.5 * (var.log() + (input - target) ** 2 / var)
    if full:
        loss = loss + 0.5 * math.log(2 * math.pi)
    return finished(loss, reduction)


@to_float
def hinge_embedding_loss(
    input: Tensor,
    target: Tensor,
    margin: float = 1.0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """``input`` where the target is 1, and how far it falls short of ``margin`` where it is -1."""
    reduction = chosen(reduction, size_average, reduce)
    short = (margin - input).clamp_min(0)
    return finished(short.masked_fill(target == 1, 0) + input.masked_fill(target == -1, 0), reduction)  # an infinity times 0 would be NaN


@to_float
def margin_ranking_loss(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: float = 0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """What ``input1`` lacks to rank above ``input2`` (target 1) or below it (target -1) by ``margin``."""
    reduction = chosen(reduction, size_average, reduce)
    if not input1.ndim == input2.ndim == target.ndim:
        raise RuntimeError(
            f"margin_ranking_loss : All input tensors should have same dimension but got sizes: "
            f"input1: {input1.shape}, input2: {input2.shape}, target: {target.shape} "
        )
    return finished((-target * (input1 - input2) + float(margin)).clamp_min(0), reduction)


@to_float
def soft_margin_loss(
    input: Tensor, target: Tensor, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean"
) -> Tensor:
    """``log(1 + exp(-target * input))`` for targets 1 and -1."""
    reduction = chosen(reduction, size_average, reduce)
    input, target = broadcast(input, target)
    return op.soft_margin_loss.call(input, target, reduction)
