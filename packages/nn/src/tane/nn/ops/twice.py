"""The gradient of a gradient, by differentiating the computation itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tane.autograd.gradients import grad
from tane.autograd.modes import enable_grad
from tane.nn.ops.common import raw
from tane.tensor import Tensor, wrap

__all__ = ["differentiated_twice"]


def differentiated_twice(
    compute: Callable[..., tuple[Any, ...]], inputs: Sequence[Any], outer: Sequence[Any], gs: Sequence[Any]
) -> tuple[Any, ...]:
    """For the op that turns ``inputs`` and the gradients ``outer`` of the results of ``compute`` into the gradients of the inputs: its own gradients for
    inputs and ``outer``, given those (``gs``) of its results.

    ``compute`` is made of differentiable operations on Tensors. Everything may be raw arrays, as in a plain backward, or Tensors with their history.
    """
    traced = isinstance(gs[0], Tensor)
    leaves = [_leaf(x) for x in (*inputs, *outer)]
    own, given = leaves[: len(inputs)], leaves[len(inputs) :]
    with enable_grad():
        first = grad(compute(*own), own, given, create_graph=True, allow_unused=True)
        pairs = [
            (f, g if isinstance(g, Tensor) else wrap(g)) for f, g in zip(first, gs, strict=True) if f is not None and f.node is not None
        ]
        second = grad([f for f, _ in pairs], leaves, [g for _, g in pairs], create_graph=traced, allow_unused=True)
    return tuple(x if x is None or traced else x.array for x in second)


def _leaf(x: Any) -> Tensor:
    """A tensor of its own to differentiate with respect to: with the history of ``x``, or a leaf where there is none."""
    if isinstance(x, Tensor) and x.node is not None:
        copy: Tensor = x.clone()
        return copy
    leaf = wrap(raw(x))
    leaf.requires_grad = True
    return leaf
