"""Losses of scores for classes, and one-hot codes."""

from __future__ import annotations

from typing import Any

from tane.autocasting import to_float
from tane.autograd.fitting import namespaces
from tane.dtypes import int64, uint8
from tane.nn.functional.activation import logsigmoid
from tane.nn.functional.reduction import chosen, finished
from tane.nn.ops import classes as op
from tane.nn.ops.common import multi_margin_result, multilabel_margin_result
from tane.ops.joint import zeros_beside
from tane.tensor import Tensor, wrap

__all__ = [
    "cross_entropy",
    "multi_margin_loss",
    "multilabel_margin_loss",
    "multilabel_soft_margin_loss",
    "nll_loss",
    "one_hot",
]

_REDUCTIONS = ("mean", "sum", "none")
INT64 = int64.numpy


@to_float
def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """The cross entropy of ``softmax(input)`` and ``target``: class numbers of shape (N, d1, …), or probabilities shaped as the input (N, C, d1, …).

    Elements whose target is ``ignore_index`` do not count; ``weight`` weighs the classes; ``label_smoothing`` mixes the target with the uniform one.

    >>> import tane
    >>> cross_entropy(tane.zeros(2, 4), tane.tensor([0, 3]))
    tensor(1.3863)
    """
    if size_average is not None or reduce is not None or reduction not in _REDUCTIONS:
        reduction = chosen(reduction, size_average, reduce)
    x, t = input.array, target.array
    if weight is None and not label_smoothing and x.ndim == 2 and t.dtype is INT64 and t.shape == x.shape[:1] and type(t) is type(x):
        count = x.shape[1]  # what nearly always comes: the class numbers of a batch, none of them wrong or ignored
        if not 0 <= ignore_index < count and namespaces[type(t)].all_within(t, count):
            return op.cross_entropy.call(input, t, None, reduction, t.size or float("nan"))
    if x.shape == t.shape:
        if not target.dtype.is_floating_point:
            raise RuntimeError(f"Expected floating point type for target with class probabilities, got {_kind(target)}")
        if ignore_index >= 0:
            raise RuntimeError("ignore_index is not supported for floating point target")
        return _probabilities(input, target, weight, reduction, label_smoothing)
    axis = op.class_axis(input.array.ndim)
    if label_smoothing:
        return _smoothed(input, target, weight, ignore_index, reduction, label_smoothing, axis)
    numbers, coefficients, total = _targets(input, target, weight, ignore_index, reduction)
    loss: Tensor = op.cross_entropy.call(input, numbers, coefficients, reduction, total)
    return loss


def _targets(input: Tensor, target: Tensor, weight: Tensor | None, ignore_index: int, reduction: str) -> tuple[Any, Any, Any]:
    """The class numbers, the weight of each element or None for all 1, and what a mean divides by; targets are checked."""
    shape, t = input.array.shape, target.array
    if not shape:
        raise ValueError("Expected 1 or more dimensions (got 0)")
    axis = op.class_axis(len(shape))
    count = shape[axis]
    if t.shape != shape[:axis] + shape[axis + 1 :]:
        raise _misshapen(input, target)
    if target.dtype is not int64 and target.dtype is not uint8:
        raise RuntimeError(f"expected target dtype to be Long or Byte, but got {_kind(target)}")
    if type(t) is not type(input.array):
        raise RuntimeError(
            f"Expected all tensors to be on the same device, but found at least two devices, {input.device} and {target.device}!"
        )
    if weight is not None and weight.array.shape != (count,):
        raise RuntimeError(
            f"weight tensor should be defined either for all {count} classes or no classes but got weight tensor of shape: {list(weight.shape)}"
        )
    if weight is not None and weight.array.dtype != input.array.dtype:
        raise RuntimeError(f"expected scalar type {_kind(input)} but found {_kind(weight)}")
    F = namespaces[type(t)]
    within = F.all_within(t, count)
    if within and weight is None and not 0 <= ignore_index < count:
        return t, None, t.size or float("nan")
    counted = t != ignore_index
    numbers = F.where(counted, t, 0)
    if within is False and not F.all_within(numbers, count):
        bad = next(n for n in wrap(t).cpu().numpy().ravel().tolist() if n != ignore_index and not 0 <= n < count)
        raise IndexError(f"Target {bad} is out of bounds. The input has scores for {count} classes, 0 to {count - 1}")
    coefficients = F.cast(counted, input.array.dtype)
    if weight is not None:
        coefficients = coefficients * weight.array[numbers]
    return numbers, coefficients, F.sum(coefficients, axis=None)[...] if reduction == "mean" else 1


def _misshapen(input: Tensor, target: Tensor) -> Exception:
    a, b = input.array.shape, target.array.shape
    if len(a) == 1 and len(b) == 0:
        return ValueError("0D target tensor should be used with 1D input")
    if len(a) > 1 and b[:1] != a[:1]:
        return ValueError(f"Expected input batch_size ({a[0]}) to match target batch_size ({b[0] if b else 1}).")
    if len(a) == 2:
        return RuntimeError("0D or 1D target tensor expected, multi-target not supported")
    if len(a) == 1:
        return (
            ValueError(f"Expected input batch_size ({a[0]}) to match target batch_size ({b[0]}).")
            if b[0] != a[0]
            else RuntimeError(f"size mismatch (got input: {list(a)} , target: {list(b)})")
        )
    return RuntimeError(f"Expected target size {[a[0], *a[2:]]}, got {list(b)}")


def _kind(t: Tensor) -> str:
    return t.dtype.tensor_name.removesuffix("Tensor")


def _classes_last(weight: Tensor, ndim: int) -> Tensor:
    """The weights of the classes, shaped to multiply an input of ``ndim`` dimensions."""
    return weight if ndim == 1 else weight.reshape(1, -1, *(1,) * (ndim - 2))


def _probabilities(input: Tensor, target: Tensor, weight: Tensor | None, reduction: str, smoothing: float) -> Tensor:
    axis = op.class_axis(input.ndim)
    count = input.array.shape[axis]
    if smoothing:
        target = target * (1 - smoothing) + smoothing / count
    scores = input.log_softmax(axis)
    if weight is not None:
        scores = scores * _classes_last(weight, input.ndim)
    losses = scores * target
    if reduction == "none":
        return -losses.sum(axis)
    total = -losses.sum()
    return total / (input.array.size / count) if reduction == "mean" else total


def _smoothed(
    input: Tensor, target: Tensor, weight: Tensor | None, ignore_index: int, reduction: str, smoothing: float, axis: int
) -> Tensor:
    if not 0 <= smoothing <= 1:
        raise RuntimeError(f"label_smoothing must be between 0.0 and 1.0. Got: {smoothing}")
    numbers, coefficients, total = _targets(input, target, weight, ignore_index, reduction)
    scores = input.log_softmax(axis)
    own: Tensor = op.nll_loss.call(scores, numbers, coefficients, reduction, total)
    spread = -(scores if weight is None else scores * _classes_last(weight, input.ndim)).sum(axis)
    if coefficients is not None:
        spread = spread.masked_fill(target == ignore_index, 0)
    if reduction == "mean":
        spread = spread.sum() / (wrap(total) if hasattr(total, "dtype") else total)
    elif reduction == "sum":
        spread = spread.sum()
    count = input.array.shape[axis]
    return own * (1 - smoothing) + spread * (smoothing / count)


@to_float
def nll_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """The negative of each element's entry for its class, in ``input`` (N, C, d1, …) of logarithms of probabilities."""
    if size_average is not None or reduce is not None or reduction not in _REDUCTIONS:
        reduction = chosen(reduction, size_average, reduce)
    numbers, coefficients, total = _targets(input, target, weight, ignore_index, reduction)
    loss: Tensor = op.nll_loss.call(input, numbers, coefficients, reduction, total)
    return loss


def one_hot(tensor: Tensor, num_classes: int = -1) -> Tensor:
    """Class numbers as rows of zeros with a single 1, in a new last dimension of size ``num_classes`` (as many as it takes, for -1).

    >>> import tane
    >>> one_hot(tane.tensor([0, 2]))
    tensor([[1, 0, 0],
            [0, 0, 1]])
    """
    if tensor.dtype is not int64:
        raise RuntimeError(f"one_hot is only applicable to index tensor of type LongTensor, but found {_kind(tensor)}Tensor")
    index = tensor.array
    F = namespaces[type(index)]
    if not index.size:
        if num_classes <= 0:
            raise RuntimeError("Can not infer total number of classes from empty tensor.")
        return wrap(zeros_beside(index, (*index.shape, num_classes), index.dtype))
    if F.amin(index, axis=None).item() < 0:
        raise RuntimeError("Class values must be non-negative.")
    needed = F.amax(index, axis=None).item() + 1
    if num_classes == -1:
        num_classes = needed
    elif num_classes < 1:
        raise RuntimeError("num_classes should be positive")
    elif needed > num_classes:
        raise RuntimeError("Class values must be smaller than num_classes.")
    return wrap(F.cast(F.expand_dims(index, -1) == F.arange(num_classes), index.dtype))


# ---- margins ----------------------------------------------------------------------------------------------------------------------
@to_float
def multi_margin_loss(
    input: Tensor,
    target: Tensor,
    p: int = 1,
    margin: float = 1.0,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """How far other classes come within ``margin`` of the target's score, to the power ``p``, over the number of classes."""
    reduction = chosen(reduction, size_average, reduce)
    if p not in (1, 2):
        raise ValueError("only p == 1 and p == 2 supported")
    if weight is not None and weight.ndim != 1:
        raise ValueError("weight must be one-dimensional")
    _nonempty(input)
    batch, count = (1, input.array.size) if input.ndim < 2 else input.array.shape
    if target.ndim > 1 or target.array.size != batch:
        raise RuntimeError(
            f"multi_margin_loss: inconsistent target size: target tensor should be 1-D with size equal to the number of input samples (batch size). "
            f"Expected target size [{batch}], but got {list(target.shape)}. Input has shape {list(input.shape)}."
        )
    if weight is not None and weight.array.shape != (count,):
        raise RuntimeError(f"inconsistent weight size, expected {count} but got {list(weight.shape)}")
    if target.dtype is not int64:
        raise RuntimeError(f"expected scalar type Long but found {_kind(target)}")
    rows, wanted = (input.reshape(1, -1), target.reshape(1)) if input.ndim < 2 else (input, target.reshape(batch))
    _within(wanted, count)
    own = rows.gather(1, wanted.unsqueeze(1))
    short = (margin - own + rows).clamp_min(0)
    if p == 2:
        short = short * short
    if weight is not None:
        short = short * weight[wanted].unsqueeze(1)
    losses = short.masked_fill(one_hot(wanted, count) == 1, 0).sum(1) / count
    loss: Tensor = multi_margin_result.call(finished(losses.reshape(()) if reduction == "none" and input.ndim < 2 else losses, reduction))
    return loss


def _nonempty(input: Tensor) -> None:
    """The scores must be a vector or a matrix, of at least one class."""
    if input.ndim > 2 or 0 in input.array.shape[-1:]:
        raise RuntimeError(f"Expected non-empty vector or matrix with optional 0-dim batch size, but got: {list(input.shape)}")


def _within(index: Tensor, count: int) -> None:
    if namespaces[type(index.array)].all_within(index.array, count) is False:
        raise RuntimeError("target out of range")


@to_float
def multilabel_margin_loss(
    input: Tensor, target: Tensor, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean"
) -> Tensor:
    """How far the scores of other classes come within 1 of those of the target classes, which ``target`` lists up to the first -1."""
    reduction = chosen(reduction, size_average, reduce)
    _nonempty(input)
    if input.array.shape != target.array.shape:
        raise RuntimeError(f"inconsistent target size: {list(target.shape)} for input of size: {list(input.shape)}")
    rows, wanted = (input.reshape(1, -1), target.reshape(1, -1)) if input.ndim < 2 else (input, target)
    listed = (wanted >= 0).to(int64).cumprod(1)
    labels = wanted * listed
    _within(labels, rows.array.shape[1])
    named = (one_hot(labels, rows.array.shape[1]) * listed.unsqueeze(2)).amax(1)
    own = rows.gather(1, labels)
    short = (1 - own.unsqueeze(2) + rows.unsqueeze(1)).clamp_min(0)
    losses = (short * (listed.unsqueeze(2) * (1 - named).unsqueeze(1)).to(input.dtype)).sum((1, 2)) / rows.array.shape[1]
    loss: Tensor = multilabel_margin_result.call(
        finished(losses.reshape(()) if reduction == "none" and input.ndim < 2 else losses, reduction)
    )
    return loss


def multilabel_soft_margin_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """The binary cross entropy of each class's logit, averaged over the classes."""
    reduction = chosen(reduction, size_average, reduce)
    losses = -(target * logsigmoid(input) + (1 - target) * logsigmoid(-input))
    if weight is not None:
        losses = losses * weight
    axis = input.ndim - 1
    return finished(losses.sum(axis) / input.array.shape[axis], reduction)
