"""``Tensor.backward`` and ``autograd.grad``: PyTorch's arguments, checked, for the engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tane.autograd.engine import run
from tane.autograd.fill import zeros
from tane.autograd.node import Node
from tane.ops.shape import stack as STACK
from tane.tensor import Tensor, wrap

__all__ = ["backward", "grad"]


def seeds(outputs: Sequence[Tensor], gradients: Sequence[Any], create: bool) -> dict[Node, Any]:
    """The gradient each root starts from."""
    roots: dict[Node, Any] = {}
    for number, (out, g) in enumerate(zip(outputs, gradients, strict=True)):
        node = out.node
        if node is None:
            raise RuntimeError(f"element {number} of tensors does not require grad and does not have a grad_fn")
        if g is None:
            if out.array.size != 1:
                raise RuntimeError("grad can be implicitly created only for scalar outputs")
            if not (out.dtype.is_floating_point or out.dtype.is_complex):
                raise RuntimeError(f"grad can be computed only for real scalar outputs but got {out.dtype}")
            raw = out.array.copy()
            raw[...] = 1
            seed = wrap(raw) if create else raw
        else:
            if not isinstance(g, Tensor):
                raise TypeError(f"gradients can be either Tensors or None, but got {type(g).__name__}")
            if g.array.shape != out.array.shape:
                raise RuntimeError(
                    f"Mismatch in shape: grad_output[{number}] has a shape of {g.shape} and output[{number}] has a shape of {out.shape}."
                )
            seed = wrap(g.array, g.node) if create else g.array
            if g.array.dtype != out.array.dtype:
                seed = seed.to(out.dtype) if create else seed.astype(out.array.dtype)
        if node in roots:
            total = roots[node] + seed
            seed = total if isinstance(total, type(seed)) else total[...]  # a NumPy scalar becomes an array again
        roots[node] = seed
    return roots


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
        if grad_tensors is not None:
            raise RuntimeError(
                "`grad_tensors` and `grad_variables` (deprecated) arguments both passed to `backward()`. Please only use `grad_tensors`."
            )
        grad_tensors = grad_variables
    tensors = (tensors,) if isinstance(tensors, Tensor) else tuple(tensors)
    gradients = _match(grad_tensors, len(tensors))
    targets = None
    if inputs is not None:
        inputs = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
        if not inputs:
            raise RuntimeError("`inputs` argument to `backward()` cannot be empty.")
        targets = [_target(t, "backward") for t in inputs]
    keep = create_graph if retain_graph is None else retain_graph
    found = run(seeds(tensors, gradients, create_graph), create_graph, keep, wrap, targets)
    for t in inputs or ():
        if not t.is_leaf and found[t.node] is not None:  # leaves were served by the engine
            g = found[t.node]
            g = g if create_graph else wrap(g.copy())
            t.grad = g if t.grad is None else t.grad + g


def _match(given: Any, count: int) -> tuple[Any, ...]:
    if given is None:
        return (None,) * count
    given = (given,) if isinstance(given, Tensor) else tuple(given)
    if len(given) != count:
        raise RuntimeError(f"got {count} tensors and {len(given)} gradients")
    return given


def _target(t: Any, what: str) -> Node:
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
        raise ValueError(
            "only_inputs argument is deprecated and is ignored now (defaults to True). To accumulate gradient for other parts of the graph, "
            "please use torch.autograd.backward."
        )
    outputs = (outputs,) if isinstance(outputs, Tensor) else tuple(outputs)
    single = isinstance(inputs, Tensor)
    inputs = (inputs,) if single else tuple(inputs)
    if materialize_grads:
        if allow_unused is False:
            raise ValueError("Expected allow_unused to be True or not passed when materialize_grads=True, but got: allow_unused=False.")
        allow_unused = True
    gradients = _match(grad_outputs, len(outputs))
    keep = create_graph if retain_graph is None else retain_graph
    if is_grads_batched:
        return _batched(outputs, inputs, gradients, keep, create_graph, bool(allow_unused), materialize_grads)
    targets = [_target(t, "grad") for t in inputs]
    found = run(seeds(outputs, gradients, create_graph), create_graph, keep, wrap, targets, accumulate=False)
    results: list[Tensor | None] = []
    for t, node in zip(inputs, targets, strict=True):
        g = found[node]
        if g is None:
            if not allow_unused:
                raise RuntimeError(
                    "One of the differentiated Tensors appears to not have been used in the graph. Set allow_unused=True if this is the desired behavior."
                )
            results.append(zeros(t) if materialize_grads else None)
        else:
            results.append(
                g if create_graph else wrap(g.copy() if any(r is not None and r.array is g for r in results) or g.base is not None else g)
            )
    return tuple(results)


def _batched(
    outputs: Any, inputs: Any, gradients: Any, keep: bool, create: bool, allow_unused: bool, materialize: bool
) -> tuple[Tensor | None, ...]:
    count = next(g for g in gradients if g is not None).array.shape[0]
    rows = [
        grad(
            outputs,
            inputs,
            [None if g is None else g[i] for g in gradients],
            keep or i < count - 1,
            create,
            True,
            allow_unused,
            False,
            materialize,
        )
        for i in range(count)
    ]
    return tuple(None if column[0] is None else stack(list(column)) for column in zip(*rows, strict=True))


def stack(tensors: list[Any]) -> Tensor:
    return STACK.call(tensors, 0)  # type: ignore[no-any-return]
