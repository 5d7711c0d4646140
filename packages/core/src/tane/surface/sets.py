"""Distinct elements, and membership: unique, unique_consecutive, isin."""

from __future__ import annotations

import math
from typing import Any

from tane.backends.backend import backend_of
from tane.creation import tensor
from tane.ops.accepting import unsupported
from tane.surface.expose import method
from tane.surface.index_parts import kind_name
from tane.surface.size import one_axis
from tane.tensor import Tensor, wrap

__all__ = ["isin", "unique", "unique_consecutive"]


def _grouped(input: Tensor, dim: int | None, in_order: bool, inverse: bool, counts: bool) -> Any:
    """Runs of equal elements, or of equal slices along ``dim``; after sorting, unless they are to be taken in the order they come in."""
    x = input.array
    if x.dtype.kind == "c":
        raise unsupported("unique", input.dtype)
    F = backend_of(type(x)).F
    if dim is None:
        rows = x.reshape((-1, 1))
        axis, shape = 0, x.shape
    else:
        axis = one_axis(input, dim)
        rows = F.moveaxis(x, axis, 0)
        if not all(rows.shape[1:]) and rows.shape[0]:
            raise RuntimeError("There are 0 sized dimensions, and they aren't selected, so unique cannot be applied")
        rows = rows.reshape((rows.shape[0], math.prod(rows.shape[1:])))
        shape = (rows.shape[0],)
    n = rows.shape[0]
    order = None
    if not in_order:
        order = F.argsort(rows[:, 0], kind="stable") if rows.shape[1] == 1 else F.lexsort(rows.T[::-1])
        rows = rows[order]
    new = F.ones((n,), dtype=bool)
    if n > 1:
        new[1:] = (rows[1:] != rows[:-1]).any(axis=1)
    (first,) = new.nonzero()
    if dim is None:
        values = rows[first, 0]
    else:
        kept = first if order is None else order[first]
        values = F.take(x, kept, axis=axis)
    results = [wrap(values)]
    if inverse:
        group = F.cumsum(F.cast(new, first.dtype)) - 1
        if order is not None:
            back = F.empty((n,), dtype=group.dtype)
            back[order] = group
            group = back
        results.append(wrap(group.reshape(shape)))
    if counts:
        edges = F.concatenate([first, F.full((1,), n, dtype=first.dtype)])
        results.append(wrap(edges[1:] - edges[:-1]))
    return results[0] if len(results) == 1 else tuple(results)


@method()
def unique(input: Tensor, sorted: bool = True, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None) -> Any:
    """The distinct elements, or the distinct slices along ``dim``, in order whether ``sorted`` asks for it or not.

    ``return_inverse`` adds where each element went, ``return_counts`` how often each occurs.

    >>> import tane
    >>> tane.unique(tane.tensor([3, 1, 3]), return_counts=True)
    (tensor([1, 3]), tensor([1, 2]))
    """
    return _grouped(input, dim, False, return_inverse, return_counts)


@method()
def unique_consecutive(input: Tensor, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None) -> Any:
    """The first of every run of equal elements, or of equal slices along ``dim``."""
    return _grouped(input, dim, True, return_inverse, return_counts)


def isin(elements: Any, test_elements: Any, *, assume_unique: bool = False, invert: bool = False, out: Tensor | None = None) -> Tensor:
    """For each of ``elements``, whether it is among ``test_elements``; one of the two may be a number."""
    if not isinstance(elements, Tensor) and not isinstance(test_elements, Tensor):
        raise TypeError("isin(): one of elements and test_elements must be a Tensor")
    if not isinstance(elements, Tensor):
        elements = tensor(elements, device=test_elements.device)
    if not isinstance(test_elements, Tensor):
        test_elements = tensor(test_elements, device=elements.device)
    for t in (elements, test_elements):
        if t.array.dtype.kind in "bc":
            raise RuntimeError(f"Unsupported input type encountered for isin(): {kind_name(t)}")
    F = backend_of(type(elements.array)).F
    found = F.isin(elements.array, test_elements.array, assume_unique=assume_unique, invert=invert)
    result = wrap(found if type(found) is type(elements.array) else F.asarray(found))
    if out is None:
        return result
    out.array = result.array
    return out
