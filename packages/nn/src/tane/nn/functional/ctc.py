"""The connectionist temporal classification loss."""

from __future__ import annotations

from typing import Any

from tane.autocasting import to_float
from tane.autograd.fitting import namespaces
from tane.backends.backend import backend_of
from tane.creation import tensor
from tane.dtypes import int64
from tane.nn.functional.reduction import chosen, finished
from tane.nn.ops import ctc as op
from tane.tensor import Tensor, wrap

__all__ = ["ctc_loss"]


def _counts(lengths: Any) -> list[int]:
    return [int(n) for n in (lengths.reshape(-1).tolist() if isinstance(lengths, Tensor) else lengths)]


@to_float
def ctc_loss(
    log_probs: Tensor,
    targets: Tensor,
    input_lengths: Any,
    target_lengths: Any,
    blank: int = 0,
    reduction: str = "mean",
    zero_infinity: bool = False,
) -> Tensor:
    """How unlikely ``targets`` are as the classes of ``log_probs`` (T, N, C), repeats and blanks left out; by every alignment.

    ``targets`` is (N, S), or all targets one after another. ``mean`` divides each loss by its target's length first; ``zero_infinity`` counts what is
    impossible, a target longer than its input, as 0.
    """
    reduction = chosen(reduction)
    alone = log_probs.ndim == 2
    if alone:
        log_probs = log_probs.unsqueeze(1)
    if log_probs.ndim != 3:
        raise RuntimeError(f"ctc_loss: expected log_probs of 2 or 3 dimensions, but got {log_probs.ndim}")
    steps, lengths = _counts(input_lengths), _counts(target_lengths)
    duration, batch, classes = log_probs.array.shape
    if len(steps) != batch or len(lengths) != batch:
        name = "input_lengths" if len(steps) != batch else "target_lengths"
        raise RuntimeError(f"{name} must be of size batch_size")
    if not 0 <= blank < classes:
        raise RuntimeError("blank must be in label range")
    if max(steps, default=0) > duration:
        raise RuntimeError(
            f"Expected input_lengths to have value at most {duration}, but got value {max(steps)} (while checking arguments for ctc_loss_allocate_outputs)"
        )
    rows = _rows(targets, lengths, alone)
    longest = max(lengths, default=0)
    states = [[blank, *(c for label in row for c in (label, blank)), *[blank] * 2 * (longest - len(row))] for row in rows]
    skips = [[s >= 2 and row[s] != blank and row[s] != row[s - 2] for s in range(len(row))] for row in states]
    array = log_probs.array
    backend = backend_of(type(array))

    def here(values: Any, kind: Any = int64) -> Any:
        return backend.from_numpy(tensor(values, dtype=kind, device="cpu").array, backend.index_of(array))

    raw = here(states), here(skips, None), here(steps), here(lengths)
    F = namespaces[type(array)]
    if F.all_within(raw[0], classes) is False:
        raise RuntimeError(f"ctc_loss: targets must be class numbers below {classes}")
    losses: Tensor = op.ctc_loss.call(log_probs, *raw)[0]
    if zero_infinity:
        losses = losses.masked_fill(losses.detach() == float("inf"), 0)
    if reduction == "mean":
        losses = losses / wrap(F.cast(F.maximum(raw[3], 1), array.dtype))
    if alone and reduction == "none":
        return losses.squeeze(0)
    return finished(losses, reduction)


def _rows(targets: Tensor, lengths: list[int], alone: bool) -> list[list[int]]:
    """The class numbers of each target."""
    if targets.dtype.is_floating_point:
        raise RuntimeError("ctc_loss: targets must be integral")
    if targets.ndim == 1:
        flat, rows, start = targets.tolist(), [], 0
        if sum(lengths) > len(flat) or (not alone and sum(lengths) != len(flat)):
            raise RuntimeError(
                f"Expected tensor to have size {sum(lengths)} at dimension 0, but got size {len(flat)} for argument #2 'targets'"
            )
        for n in lengths:
            rows.append(flat[start : start + n])
            start += n
        return rows
    if targets.ndim != 2 or targets.array.shape[0] != len(lengths):
        raise RuntimeError(f"ctc_loss: expected targets of shape ({len(lengths)}, S), but got {list(targets.shape)}")
    if max(lengths, default=0) > targets.array.shape[1]:
        raise RuntimeError(
            f"Expected tensor to have size at least {max(lengths)} at dimension 1, but got size {targets.array.shape[1]} for argument #2 'targets' "
            f"(while checking arguments for ctc_loss_allocate_outputs)"
        )
    return [row[:n] for row, n in zip(targets.tolist(), lengths, strict=True)]
