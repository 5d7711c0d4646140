"""``vmap``: a function of one sample applied to a batch."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import tane
from tane.autograd.trees import flatten, map_tree, unflatten
from tane.tensor import Tensor

__all__ = ["vmap"]


def vmap(
    func: Callable[..., Any], in_dims: Any = 0, out_dims: Any = 0, randomness: str = "error", *, chunk_size: int | None = None
) -> Callable[..., Any]:
    """``func`` applied to every slice of its arguments along ``in_dims``, its results put together along ``out_dims``.

    The slices are computed one after the other, so ``func`` may do whatever it likes, and a batch takes as long as its slices. Gradients flow.

    Args:
        in_dims: the dimension of each argument, in the form of the arguments; None for what is the same for every slice.
        out_dims: the dimension of each result.
        randomness: ``"error"`` refuses a function that draws random numbers; with ``"different"`` every slice draws its own, with ``"same"`` all
            draw the same.
        chunk_size: how many slices at a time, where they are computed together; changes nothing here.

    >>> import tane
    >>> tane.vmap(tane.dot)(tane.ones(2, 3), tane.ones(2, 3))
    tensor([3., 3.])
    """
    if randomness not in ("error", "different", "same"):
        raise RuntimeError(f"Only allowed values for randomness are 'error', 'different', or 'same'. Got {randomness}")
    if chunk_size is not None and chunk_size <= 0:
        raise ValueError(f"vmap: chunk_size should be None or greater than 0. (got {chunk_size})")

    @functools.wraps(func)
    def batched(*args: Any, **kwargs: Any) -> Any:
        size, take = _slices(args, kwargs, in_dims)
        run = _random(randomness)

        def one(i: int) -> Any:
            positional, named = take(i)
            return func(*positional, **named)

        results = [run(functools.partial(one, i)) for i in range(size)]
        return _joined(results, out_dims)

    return batched


def _slices(args: tuple[Any, ...], kwargs: dict[str, Any], in_dims: Any) -> tuple[int, Callable[[int], tuple[Any, Any]]]:
    """How many slices there are, and how to get the arguments of one."""
    if not isinstance(in_dims, (int, tuple, list)):
        raise ValueError(
            f"vmap: expected in_dims to be int or a (potentially nested) tuple matching the structure of inputs, got: {type(in_dims)}."
        )
    dims = [in_dims] * len(args) if isinstance(in_dims, int) else list(in_dims)
    if len(dims) != len(args):
        raise ValueError(
            f"vmap: in_dims is not compatible with the structure of inputs: it has {len(dims)} entries for {len(args)} arguments"
        )
    leaves = [(x, d) for a, dim in zip(args, dims, strict=True) for x, d in _spread(a, dim)] + [(x, 0) for x in flatten(kwargs)]
    sizes = set()
    for x, d in leaves:
        if d is not None:
            if not isinstance(x, Tensor):
                raise ValueError(f"vmap: got in_dim={d} for an input of type {type(x).__name__}: only Tensors have dimensions; use None")
            if not -x.array.ndim <= d < x.array.ndim:
                raise ValueError(f"vmap: got in_dim={d} for some input, but that input is a Tensor of dimensionality {x.array.ndim}")
            sizes.add(x.array.shape[d])
    if not sizes:
        raise ValueError("vmap: no input has a dimension to map over")
    if len(sizes) > 1:
        raise ValueError(
            f"vmap: Expected all tensors to have the same size in the mapped dimension, got sizes {sorted(sizes)} for the mapped dimension"
        )

    def take(i: int) -> tuple[Any, Any]:
        def one(x: Any, d: Any) -> Any:
            return x if d is None else x[(slice(None),) * (d % x.array.ndim) + (i,)]

        parts = [unflatten(a, [one(x, d) for x, d in _spread(a, dim)]) for a, dim in zip(args, dims, strict=True)]
        return parts, map_tree(lambda x: one(x, 0), kwargs)

    return sizes.pop(), take


def _spread(tree: Any, dim: Any) -> list[tuple[Any, Any]]:
    """Each leaf with its dimension; one number stands for a whole tree."""
    leaves = flatten(tree)
    return [(x, dim) for x in leaves] if dim is None or isinstance(dim, int) else list(zip(leaves, flatten(dim), strict=True))


def _random(randomness: str) -> Callable[[Callable[[], Any]], Any]:

    state = tane.get_rng_state()

    def run(call: Callable[[], Any]) -> Any:
        if randomness == "same":
            tane.set_rng_state(state)
        result = call()
        if randomness == "error" and (tane.get_rng_state() != state).any():
            raise RuntimeError(
                "vmap: called random operation while in randomness error mode. Please either use the 'same' or 'different' randomness flags on vmap or "
                "perform the randomness operation out of vmap"
            )
        return result

    return run


def _joined(results: list[Any], out_dims: Any) -> Any:
    """The results of the slices stacked, leaf by leaf."""

    form = results[0]
    columns = list(zip(*(flatten(r) for r in results), strict=True))
    found = []
    for column, (_, dim) in zip(columns, _spread(form, out_dims), strict=True):
        if not all(isinstance(x, Tensor) for x in column):
            raise ValueError(f"vmap: the function must only return Tensors, got type {type(column[0]).__name__}")
        found.append(column[0] if dim is None else tane.stack(list(column), dim))
    return unflatten(form, found)
