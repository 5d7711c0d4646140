"""``Tensor.backward`` and ``autograd.grad``: PyTorch's arguments, checked, for the engine."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from tane.autograd.edges import GradientEdge, edge_node, unit_gradient
from tane.autograd.engine import run
from tane.autograd.fill import zeros
from tane.autograd.node import AccumulateGrad, Node
from tane.dtypes import from_numpy_dtype
from tane.ops.shape import stack as STACK
from tane.size import Size
from tane.tensor import Tensor, wrap

__all__ = ["backward", "grad"]


def several(given: Any) -> tuple[Any, ...]:
    """One tensor or edge, or a sequence of them, as a tuple."""
    return (given,) if isinstance(given, (Tensor, GradientEdge)) else tuple(given)


def seeds(outputs: Sequence[Any], gradients: Sequence[Any], create: bool) -> dict[Node, Any]:
    """The gradient each root starts from."""
    roots: dict[Node, Any] = {}
    for number, (out, g) in enumerate(zip(outputs, gradients, strict=True)):
        node = _root(out, number)
        seed = unit_gradient(node, out) if g is None else _given(node, g, number, create)
        if g is None and create:
            seed = wrap(seed)
        elif type(node) is AccumulateGrad and g is not None:
            seed = seed.clone() if create else seed.copy()  # a leaf does not share its gradient with the caller
        if node in roots:
            total = roots[node] + seed
            seed = total if isinstance(total, type(seed)) else total[...]  # a NumPy scalar becomes an array again
        roots[node] = seed
    return roots


def _root(out: Any, number: int) -> Node:
    if isinstance(out, GradientEdge):
        return edge_node(out)
    if not isinstance(out, Tensor):
        raise TypeError(f"tensors and inputs of backward are Tensors or GradientEdges, but got {type(out).__name__}")
    if out.node is None:
        raise RuntimeError(f"element {number} of tensors does not require grad and does not have a grad_fn")
    return out.node


def _given(node: Node, g: Any, number: int, create: bool) -> Any:
    """The gradient given for a root, checked, in the root's type."""
    if not isinstance(g, Tensor):
        raise TypeError(f"gradients can be either Tensors or None, but got {type(g).__name__}")
    if g.array.shape != node.shape:
        raise RuntimeError(
            f"Mismatch in shape: grad_output[{number}] has a shape of {g.shape} and output[{number}] has a shape of {Size(node.shape)}."
        )
    seed = wrap(g.array, g.node) if create else g.array
    if g.array.dtype != node.dtype:
        seed = seed.to(from_numpy_dtype(node.dtype)) if create else seed.astype(node.dtype)
    return seed


def backward(
    tensors: Any,
    grad_tensors: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    grad_variables: Any = None,
    inputs: Any = None,
) -> None:
    """Add the gradients of ``tensors`` to the ``grad`` of the leaves they were computed from.

    Args:
        tensors: the roots. A root of one element starts from 1; others need their entry of ``grad_tensors``.
        grad_tensors: the gradient of each root, of its shape.
        retain_graph: keep saved values for another backward (default: ``create_graph``).
        create_graph: record the gradients' own computation, for higher derivatives.
        inputs: only these tensors receive gradients.
    """
    if grad_variables is not None:
        warnings.warn("`grad_variables` is deprecated. Use `grad_tensors` instead.", FutureWarning, stacklevel=2)
        if grad_tensors is not None:
            raise RuntimeError(
                "`grad_tensors` and `grad_variables` (deprecated) arguments both passed to `backward()`. Please only use `grad_tensors`."
            )
        grad_tensors = grad_variables
    tensors = several(tensors)
    gradients = _match(grad_tensors, len(tensors))
    targets = None
    if inputs is not None:
        inputs = several(inputs)
        if not inputs:
            raise RuntimeError("`inputs` argument to `backward()` cannot be empty.")
        targets = [_target(t, "backward") for t in inputs]
    keep = create_graph if retain_graph is None else retain_graph
    found = run(seeds(tensors, gradients, create_graph), create_graph, keep, wrap, targets)
    for t in inputs or ():
        if isinstance(t, Tensor) and not t.is_leaf and found[t.node] is not None:  # type: ignore[index]  # leaves were served by the engine
            g = found[t.node]  # type: ignore[index]
            g = g if create_graph else wrap(g.copy())
            t.grad = g if t._grad is None else t._grad + g


def _match(given: Any, count: int) -> tuple[Any, ...]:
    if given is None:
        return (None,) * count
    given = (given,) if isinstance(given, Tensor) else tuple(given)
    if len(given) != count:
        raise RuntimeError(f"got {count} tensors and {len(given)} gradients")
    return given


def _target(t: Any, what: str) -> Node:
    if isinstance(t, GradientEdge):
        return edge_node(t)
    if not isinstance(t, Tensor):
        raise TypeError(f"{what}(): inputs must be Tensors, not {type(t).__name__}")
    if t.node is None:
        raise RuntimeError("One of the differentiated Tensors does not require grad")
    return t.node


def grad(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> tuple[Tensor | None, ...]:
    """The gradients of the sum of ``outputs`` with respect to ``inputs``, as a tuple; nothing is added to any ``grad``.

    ``allow_unused`` gives None for an input that no output depends on, ``materialize_grads`` zeros; otherwise that is an error.
    ``is_grads_batched`` takes ``grad_outputs`` with a leading batch dimension and gives gradients with one.

    >>> import tane
    >>> x = tane.tensor(3.0, requires_grad=True)
    >>> tane.autograd.grad(x ** 2, x)
    (tensor(6.),)
    """
    if not only_inputs:
        warnings.warn(
            "only_inputs argument is deprecated and is ignored now (defaults to True). To accumulate gradient for other parts of the graph, "
            "please use torch.autograd.backward.",
            FutureWarning,
            stacklevel=2,
        )
    outputs, inputs = several(outputs), several(inputs)
    if not inputs:
        raise RuntimeError("`inputs` argument to `grad()` cannot be empty.")
    if materialize_grads:
        if allow_unused is False:
            raise ValueError("Expected allow_unused to be True or not passed when materialize_grads=True, but got: allow_unused=False.")
        if not all(isinstance(t, Tensor) for t in inputs):
            raise RuntimeError("materialize_grads cannot be used when the given input is a GradientEdge")
    gradients = _match(grad_outputs, len(outputs))
    keep = create_graph if retain_graph is None else retain_graph
    if is_grads_batched:
        found = _batched(outputs, inputs, gradients, keep, create_graph)
    else:
        targets = [_target(t, "grad") for t in inputs]
        by_node = run(seeds(outputs, gradients, create_graph), create_graph, keep, wrap, targets, accumulate=False)
        found = [by_node[n] for n in targets]
        if not create_graph:
            found = [g if g is None else wrap(g if g.base is None and sum(h is g for h in found) == 1 else g.copy()) for g in found]
    for number, g in enumerate(found):
        if g is None and not allow_unused and not materialize_grads:
            raise RuntimeError(
                f"The differentiated Tensor at index {number} appears to not have been used in the graph. Set allow_unused=True if this is the "
                f"desired behavior."
            )
    return tuple(zeros(t) if g is None and materialize_grads else g for t, g in zip(inputs, found, strict=True))


def _batched(outputs: Any, inputs: Any, gradients: Any, keep: bool, create: bool) -> list[Tensor | None]:
    """The gradients for each row of ``gradients``, stacked."""
    if any(g is None for g in gradients):
        raise ValueError("is_grads_batched=True needs a batch of gradients for every output in grad_outputs")
    for number, (o, g) in enumerate(zip(outputs, gradients, strict=True)):
        shape = Size(_root(o, number).shape)
        if not g.array.ndim or g.array.shape[1:] != shape:
            raise RuntimeError(
                f"If `is_grads_batched=True`, we interpret the first dimension of each grad_output as the batch dimension. The sizes of the remaining "
                f"dimensions are expected to match the shape of corresponding output, but a mismatch was detected: grad_output[{number}] has a shape of "
                f"{Size(g.array.shape[1:])} and output[{number}] has a shape of {shape}."
            )
    count = gradients[0].array.shape[0]
    rows = [grad(outputs, inputs, [g[i] for g in gradients], keep or i < count - 1, create, allow_unused=True) for i in range(count)]
    return [None if column[0] is None else STACK.call(list(column), 0) for column in zip(*rows, strict=True)]
