"""Places in the graph, for those who hold no tensor."""

from __future__ import annotations

from typing import Any, NamedTuple

from tane.autograd.fitting import namespaces
from tane.autograd.node import AccumulateGrad, Node, Output
from tane.backends.backend import backend_for
from tane.dtypes import from_numpy_dtype
from tane.tensor import Tensor

__all__ = ["GradientEdge", "get_gradient_edge"]


class GradientEdge(NamedTuple):
    """A place in the graph, usable as an input or root of backward in place of the tensor: output ``output_nr`` of ``node``."""

    node: Node
    output_nr: int
    ownership_token: Any = None  # keeps the place alive


def get_gradient_edge(tensor: Tensor) -> GradientEdge:
    """The edge along which the gradient of ``tensor`` arrives."""
    node = tensor.node
    if node is None:
        raise RuntimeError("It is not possible to get the gradient edge for a Tensor that does not require gradients")
    return GradientEdge(node.parent, node.number, node) if type(node) is Output else GradientEdge(node, 0, node)


def edge_node(edge: GradientEdge) -> Node:
    """What the engine knows an edge by."""
    if edge.ownership_token is not None:
        return edge.ownership_token
    alive = edge.node.__dict__.get("alive")
    output = alive[edge.output_nr]() if alive and edge.output_nr in alive else None
    if alive and output is None:
        raise RuntimeError(f"output {edge.output_nr} of {edge.node.name()} is gone; keep the edge that get_gradient_edge gave")
    return edge.node if output is None else output


def unit_gradient(node: Node, root: Any) -> Any:
    """The gradient a scalar root starts from: a raw 1."""
    size = 1
    for d in node.shape:
        size *= d
    if size != 1:
        raise RuntimeError(
            f"grad can be implicitly created only for scalar outputs. This one, of {node.name()}, has the shape {list(node.shape)}: give its gradient, "
            f"a tensor of that shape, or reduce it first, as in .sum().backward()"
        )
    if node.dtype.kind == "c":
        raise RuntimeError(f"grad can be implicitly created only for real scalar outputs but got {from_numpy_dtype(node.dtype)}")
    kind = type(root.array) if isinstance(root, Tensor) else _array_type(node)
    seed = namespaces[kind].empty(node.shape, dtype=node.dtype)
    seed[...] = 1
    return seed


def _array_type(node: Node) -> type:
    """The class of the arrays that a graph computes on, from a leaf it leads to."""
    stack, seen = [node], set()
    while stack:
        n = stack.pop()
        if type(n) is AccumulateGrad and n.variable is not None:
            return type(n.variable.array)
        for m in n.edges:
            if m is not None and m not in seen:
                seen.add(m)
                stack.append(m)
    return backend_for("cpu").array_type
