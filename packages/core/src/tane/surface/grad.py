"""Tensor's doors to autograd: ``backward``, hooks, ``retain_grad``."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

from tane.autograd import gradients as engine
from tane.autograd.engine import run
from tane.autograd.node import AccumulateGrad, HookDict, RemovableHandle
from tane.surface.expose import method
from tane.tensor import Tensor, wrap

__all__: list[str] = []


@method()
def backward(
    self: Tensor, gradient: Tensor | None = None, retain_graph: bool | None = None, create_graph: bool = False, inputs: Any = None
) -> None:
    """Add the gradient of this tensor to the ``grad`` of the leaves it was computed from; see :func:`tane.autograd.backward`."""
    node = self.node
    if gradient is None and inputs is None and not create_graph and node is not None:
        array = self.array
        if array.ndim == 0 and array.dtype.kind == "f":  # a loss: nothing to check, nothing to match
            seed = array.copy()
            seed[...] = 1
            run({node: seed}, False, bool(retain_graph), wrap)
            return
    engine.backward(self, gradient, retain_graph, create_graph, inputs=inputs)


@method()
def register_hook(self: Tensor, hook: Callable[[Tensor], Tensor | None]) -> RemovableHandle:
    """Call ``hook(grad)`` whenever the gradient of this tensor is computed; what it returns, unless None, takes its place."""
    if self.node is None:
        raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
    return self.node._hooks("hooks").add(hook)


@method()
def register_post_accumulate_grad_hook(self: Tensor, hook: Callable[[Tensor], None]) -> RemovableHandle:
    """Call ``hook(tensor)`` after a gradient was added to the ``grad`` of this leaf."""
    if self.node is None:
        raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
    if not isinstance(self.node, AccumulateGrad):
        raise RuntimeError("post accumulate grad hooks cannot be registered on non-leaf tensors")
    return self.node._hooks("post_accumulate").add(hook)


@method()
def retain_grad(self: Tensor) -> None:
    """Keep the gradient of this non-leaf in its ``grad``."""
    if self.node is None:
        raise RuntimeError("can't retain_grad on Tensor that has requires_grad=False")
    if self.is_leaf or self.retains_grad:
        return
    tensor = weakref.ref(self)

    def keep(g: Tensor) -> None:
        t = tensor()
        if t is not None:
            t._grad = g.clone() if t._grad is None else t._grad + g

    hooks = self.node._hooks("hooks")
    hooks[HookDict.LAST] = keep
    self.retained = True


Tensor.retains_grad = property(lambda self: not self.is_leaf and "retained" in self.__dict__)  # type: ignore[attr-defined]
