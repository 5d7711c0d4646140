"""Distances and similarities of vectors, and losses made of them."""

from __future__ import annotations

from collections.abc import Callable

from tane.autocasting import to_float
from tane.nn.functional.loss import broadcast
from tane.nn.functional.reduction import chosen, finished
from tane.surface.diagonals import triu_indices
from tane.tensor import Tensor

__all__ = [
    "cosine_embedding_loss",
    "cosine_similarity",
    "pairwise_distance",
    "pdist",
    "triplet_margin_loss",
    "triplet_margin_with_distance_loss",
]


def cosine_similarity(x1: Tensor, x2: Tensor, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """The cosine of the angle between vectors along ``dim``, each length taken as ``eps`` at least."""
    x1, x2 = broadcast(x1, x2)
    a = x1 / x1.norm(2, dim, keepdim=True).clamp_min(eps)
    b = x2 / x2.norm(2, dim, keepdim=True).clamp_min(eps)
    return (a * b).sum(dim)


def pairwise_distance(x1: Tensor, x2: Tensor, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Tensor:
    """The ``p``-norm of ``x1 - x2 + eps`` over the last dimension."""
    difference = x1 - x2 + eps
    return difference.norm(p, -1, keepdim=keepdim)


def pdist(input: Tensor, p: float = 2.0) -> Tensor:
    """The ``p``-norm distances of all pairs of rows: those above the diagonal of the matrix of distances, row after row."""
    if input.ndim != 2:
        raise RuntimeError("pdist only supports 2D tensors, got: " + f"{input.ndim}D")
    if p < 0:
        raise RuntimeError("pdist only supports non-negative p values")
    count = input.array.shape[0]
    first, second = triu_indices(count, count, 1, device=input.device)
    return (input[first] - input[second]).norm(p, 1)


@to_float
def cosine_embedding_loss(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: float = 0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """``1 - cos`` for pairs that belong together (target 1), and how far ``cos`` exceeds ``margin`` for others (target -1)."""
    reduction = chosen(reduction, size_average, reduce)
    if target.ndim not in (0, 1):
        raise RuntimeError(
            f"0D or 1D target tensor expected, multi-target not supported: target has shape {list(target.shape)}, inputs {list(input1.shape)}"
        )
    wanted = target.ndim + 1
    if input1.ndim != wanted or input2.ndim != wanted:
        raise RuntimeError(
            f"{target.ndim}D target tensor expects {wanted}D input tensors, but found inputs with sizes {list(input1.shape)} and {list(input2.shape)}."
        )
    # The length's guard is inside the root here, as in PyTorch.
    axis = target.ndim
    product = (input1 * input2).sum(axis)
    squares = ((input1 * input1).sum(axis) + 1e-12) * ((input2 * input2).sum(axis) + 1e-12)
    cosine = product / squares.sqrt()
    together, apart = (1 - cosine).masked_fill(target != 1, 0), (cosine - margin).clamp_min(0).masked_fill(target != -1, 0)
    return finished(together + apart, reduction)


@to_float
def triplet_margin_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: float = 1.0,
    p: float = 2,
    eps: float = 1e-6,
    swap: bool = False,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """How far the anchor's distance to ``positive`` exceeds that to ``negative``, less ``margin``.

    ``swap`` takes the distance between ``positive`` and ``negative`` where it is the smaller.
    """
    if margin <= 0:
        raise ValueError(f"margin must be greater than 0, got {margin}")

    def distance(a: Tensor, b: Tensor) -> Tensor:
        return pairwise_distance(a, b, p, eps)

    return _triplets(anchor, positive, negative, distance, margin, swap, chosen(reduction, size_average, reduce))


def triplet_margin_with_distance_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    *,
    distance_function: Callable[[Tensor, Tensor], Tensor] | None = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: str = "mean",
) -> Tensor:
    """:func:`triplet_margin_loss` with a distance of one's own."""
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"{reduction} is not a valid value for reduction")
    if margin <= 0:
        raise ValueError(f"margin must be greater than 0, got {margin}")
    return _triplets(anchor, positive, negative, distance_function or pairwise_distance, margin, swap, reduction)


def _triplets(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    distance: Callable[[Tensor, Tensor], Tensor],
    margin: float,
    swap: bool,
    reduction: str,
) -> Tensor:
    if not anchor.ndim == positive.ndim == negative.ndim:
        raise RuntimeError(
            f"The anchor, positive, and negative tensors are expected to have the same number of dimensions, but got: "
            f"anchor {anchor.ndim}D, positive {positive.ndim}D, and negative {negative.ndim}D inputs"
        )
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = far.minimum(distance(positive, negative))
    return finished((margin + near - far).clamp_min(0), reduction)
