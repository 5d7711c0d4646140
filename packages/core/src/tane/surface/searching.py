"""Places in an order, and counts: searchsorted, bucketize, bincount, histc, histogram."""

from __future__ import annotations

from typing import Any

from tane.backends.backend import backend_of
from tane.creation import tensor
from tane.dtypes import FLOAT, float64, promote_types
from tane.ops.accepting import unsupported
from tane.return_types import return_type
from tane.surface.expose import method, write_out
from tane.tensor import Tensor, wrap

__all__ = ["bincount", "bucketize", "histc", "histogram", "searchsorted"]


def searchsorted(
    sorted_sequence: Tensor,
    input: Any,
    *,
    out_int32: bool = False,
    right: bool = False,
    side: str | None = None,
    sorter: Tensor | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """For each value, the index at which it would be put into ``sorted_sequence`` to keep it sorted: before equal elements, or after with ``right``.

    ``sorted_sequence`` is a vector, or has one for every vector of ``input``. ``sorter`` holds the indices that sort it where it is not.

    >>> import tane
    >>> tane.searchsorted(tane.tensor([1, 3, 5]), tane.tensor([0, 3, 9]))
    tensor([0, 1, 3])
    """
    if side not in (None, "left", "right"):
        raise RuntimeError(f"torch.searchsorted(): side can only be 'left' or 'right' but got {side}")
    if side == "left" and right:
        raise RuntimeError("torch.searchsorted(): side and right can't be set to opposites, got side of left while right was True")
    where = "right" if right or side == "right" else "left"
    edges = sorted_sequence.array
    if not isinstance(input, Tensor):
        if edges.ndim != 1:
            raise RuntimeError(
                "torch.searchsorted(): input value can be a scalar only when boundaries tensor dimension is 1, but we got boundaries tensor "
                f"dim({edges.ndim}) and input value's dim(0) numel(1)"
            )
        input = tensor(input, device=sorted_sequence.device)
    values = input.array
    if edges.ndim == 0 or (edges.ndim > 1 and edges.shape[:-1] != values.shape[:-1]):
        raise RuntimeError(
            "torch.searchsorted(): boundaries tensor should be 1 dimension or the first N-1 dimensions of boundaries tensor and input value tensor "
            f"must match, but we got boundaries tensor {list(edges.shape)} and input value tensor {list(values.shape)}"
        )
    if edges.dtype != values.dtype:
        common = promote_types(sorted_sequence.dtype, input.dtype).numpy
        edges, values = edges.astype(common), values.astype(common)
    F = backend_of(type(edges)).F
    if sorter is not None:
        if sorter.array.shape != edges.shape:
            raise RuntimeError(
                f"torch.searchsorted(): boundary and sorter must have the same size, but got boundary tensor {list(edges.shape)}and got sorter tensor "
                f"{list(sorter.array.shape)}"
            )
        edges = F.take_along_axis(edges, sorter.array, -1)
    if not values.size:
        found = F.zeros(values.shape, dtype="int64")
    elif edges.ndim == 1:
        found = F.searchsorted(edges, values.reshape((-1,)), side=where).reshape(values.shape)
    else:
        wanted = values.reshape((-1, values.shape[-1]))
        rows = edges.reshape((wanted.shape[0], edges.shape[-1]))
        found = F.stack([F.searchsorted(rows[i], wanted[i], side=where) for i in range(rows.shape[0])]).reshape(values.shape)
    result = wrap(found.astype("int32" if out_int32 else "int64"))
    return result if out is None else write_out(out, result, "searchsorted")


def bucketize(input: Any, boundaries: Tensor, *, out_int32: bool = False, right: bool = False, out: Tensor | None = None) -> Tensor:
    """The number of the interval between ``boundaries`` that each value falls into; a boundary belongs to the interval below it, or above with ``right``."""
    if boundaries.array.ndim != 1:
        raise RuntimeError(f"boundaries tensor must be 1 dimension, but got dim({boundaries.array.ndim})")
    return searchsorted(boundaries, input, out_int32=out_int32, right=right, out=out)


@method()
def bincount(input: Tensor, weights: Tensor | None = None, minlength: int = 0) -> Tensor:
    """How often each number from 0 up occurs in a vector of non-negative whole numbers, or the sum of its ``weights``."""
    x = input.array
    if x.dtype.kind not in "iu":
        raise unsupported("bincount_cpu", input.dtype)
    if minlength < 0:
        raise RuntimeError("minlength should be >= 0")
    if x.ndim != 1 or (x.size and bool((x < 0).any().item())):
        raise RuntimeError("bincount only supports 1-d non-negative integral inputs.")
    F = backend_of(type(x)).F
    if weights is None:
        return wrap(F.bincount(x, minlength=minlength).astype("int64"))
    if weights.array.shape != x.shape:
        raise RuntimeError("weights should be 1-d and have the same length as input")
    total = F.bincount(x, weights.array.astype("float64"), minlength=minlength)
    return wrap(total.astype(weights.array.dtype if weights.array.dtype.name == "float32" else float64.numpy))


def _limits(x: Any, low: float, high: float, name: str) -> tuple[float, float]:
    if low == high == 0 and x.size:
        low, high = float(x.min().item()), float(x.max().item())
    if low == high:
        room = 0.5 if name == "histogram" else 1
        low, high = low - room, high + room
    if not -float("inf") < low <= high < float("inf"):
        if low > high:
            raise RuntimeError(f"torch.{name}: max must be larger than min")
        raise RuntimeError(f"torch.{name}: range of [{low}, {high}] is not finite")
    return low, high


@method()
def histc(input: Tensor, bins: int = 100, min: float = 0, max: float = 0, *, out: Tensor | None = None) -> Tensor:
    """How many elements fall into each of ``bins`` equal intervals from ``min`` to ``max`` (both 0: the elements' own); others are left out."""
    if input.dtype.category != FLOAT:
        raise unsupported("histogram_cpu", input.dtype)
    if bins <= 0:
        raise RuntimeError(f"bins must be > 0, but got {bins}")
    if min > max:
        raise RuntimeError("torch.histc: max must be larger than min")
    x = input.array.reshape((-1,))
    low, high = _limits(x, min, max, "histc")
    result = wrap(_counts(x, bins, low, high).astype(x.dtype))
    return result if out is None else write_out(out, result, "histc")


def _counts(x: Any, bins: int, low: float, high: float) -> Any:
    F = backend_of(type(x)).F
    x = x[(x >= low) & (x <= high)]
    number = ((x - low) * bins / (high - low)).astype("int64")
    return F.bincount(F.minimum(number, bins - 1), minlength=bins)


@method()
def histogram(
    input: Tensor, bins: Any = 100, *, range: Any = None, weight: Tensor | None = None, density: bool = False, out: Any = None
) -> Any:
    """The counts (or sums of ``weight``) in the intervals between edges, ``hist``, and those, ``bin_edges``; with ``density``, an integral of 1.

    ``bins`` is a number of equal intervals in ``range`` or a vector of edges.
    """
    x = input.array.reshape((-1,))
    F = backend_of(type(x)).F
    w = None if weight is None else weight.array.reshape((-1,))
    if isinstance(bins, Tensor):
        edges = bins.array.copy()
    else:
        start, end = range or (0.0, 0.0)
        low, high = _limits(x, start, end, "histogram") if x.size or range else (0.0, 1.0)
        edges = F.linspace(low, high, bins + 1).astype(x.dtype)
    hist, _ = F.histogram(x, edges, weights=w, density=density)
    results = [wrap(hist.astype(x.dtype)), wrap(edges)]
    if out is not None:
        results = [write_out(o, r, "histogram") for o, r in zip(out, results, strict=True)]
    return return_type("histogram", "hist", "bin_edges")(results)
