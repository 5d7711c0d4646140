"""Orders: sort, argsort, topk, kthvalue."""

from __future__ import annotations

from typing import Any

from tane.backends.backend import backend_of
from tane.ops import sort as op
from tane.ops.accepting import unsupported
from tane.return_types import return_type
from tane.surface.expose import method, write_out
from tane.surface.size import one_axis
from tane.tensor import Tensor, wrap

__all__ = ["argsort", "kthvalue", "msort", "sort", "topk"]


def _real(input: Tensor, name: str) -> None:
    if input.array.dtype.kind == "c":
        raise RuntimeError(f" {name} does not support complex dtypes on CPU")


def _delivered(name: str, results: Any, out: Any) -> Any:
    """Values and indices under their names, in ``out`` where that is given."""
    if out is not None:
        results = [write_out(o, r, name) for o, r in zip(out, results, strict=True)]
        name = f"{name}_out"
    return return_type(name, "values", "indices")(results)


@method()
def sort(
    input: Tensor, dim: Any = -1, descending: bool = False, stable: bool | None = None, *, out: Any = None, axis: int | None = None
) -> Any:
    """The elements along ``dim`` in order, as ``values``, and the ``indices`` they had. Equal elements keep their order; NaN counts as the largest.

    >>> import tane
    >>> tane.sort(tane.tensor([2, 3, 1])).indices
    tensor([2, 0, 1])
    """
    _real(input, "Sort")
    if isinstance(dim, bool):  # sort(stable, dim, descending)
        raise TypeError("sort(): argument 'dim' must be int, not bool; name the others, as in sort(stable=True)")
    return _delivered("sort", op.sort.call(input, one_axis(input, dim if axis is None else axis), descending), out)


@method()
def argsort(input: Tensor, dim: int = -1, descending: bool = False, stable: bool = False, *, axis: int | None = None) -> Tensor:
    """The indices that put the elements along ``dim`` in order."""
    _real(input, "Sort")
    x = input.array
    return wrap(op.ranking(backend_of(type(x)).F, x, one_axis(input, dim if axis is None else axis), descending))


@method()
def msort(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The elements along the first dimension in order."""
    result: Tensor = sort(input, 0).values
    return result if out is None else write_out(out, result, "msort")


@method()
def topk(input: Tensor, k: Any, dim: int = -1, largest: bool = True, sorted: bool = True, *, out: Any = None) -> Any:
    """The ``k`` largest (or smallest) elements along ``dim``, as ``values``, and their ``indices``; in order whether ``sorted`` asks for it or not.

    Which of equal elements are taken is not defined, as in PyTorch.
    """
    _real(input, "Topk")
    if input.array.dtype.kind == "b":
        raise RuntimeError("topk does not support bool dtypes on CPU")
    axis = one_axis(input, dim)
    k = int(k)
    if not 0 <= k <= (input.array.shape[axis] if input.array.ndim else 1):
        raise RuntimeError(f"selected index k out of range: {k} of {list(input.array.shape)} along dimension {axis}")
    return _delivered("topk", op.topk.call(input, k, axis, largest), out)


@method()
def kthvalue(input: Tensor, k: int, dim: int = -1, keepdim: bool = False, *, out: Any = None) -> Any:
    """The ``k``-th smallest element along ``dim``, counted from 1, and its index."""
    if input.array.dtype.kind in "bc":
        raise unsupported("kthvalue_cpu", input.dtype)
    axis = one_axis(input, dim)
    if not 1 <= k <= (input.array.shape[axis] if input.array.ndim else 1):
        raise RuntimeError(f"kthvalue(): selected number k out of range for dimension {axis}")
    results = op.kthvalue.call(input, k, axis)
    if not keepdim and input.array.ndim:
        results = [r.squeeze(axis) for r in results]
    return _delivered("kthvalue", results, out)
