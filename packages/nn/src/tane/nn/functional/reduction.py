"""How losses are reduced, and the two arguments that once said so."""

from __future__ import annotations

import warnings

from tane.tensor import Tensor

__all__ = ["chosen", "finished", "legacy"]


def legacy(size_average: bool | None, reduce: bool | None) -> str:
    """What ``size_average`` and ``reduce`` mean, with PyTorch's warning."""
    reduction = "none" if reduce is False else "sum" if size_average is False else "mean"
    warnings.warn(f"size_average and reduce args will be deprecated, please use reduction='{reduction}' instead.", stacklevel=4)
    return reduction


def chosen(reduction: str, size_average: bool | None = None, reduce: bool | None = None) -> str:
    """The reduction meant, checked; ``size_average`` and ``reduce`` are deprecated but win, as in PyTorch."""
    if size_average is not None or reduce is not None:
        reduction = legacy(size_average, reduce)
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"{reduction} is not a valid value for reduction")
    return reduction


def finished(loss: Tensor, reduction: str) -> Tensor:
    """The losses of all elements, reduced."""
    return loss.mean() if reduction == "mean" else loss.sum() if reduction == "sum" else loss
