"""Backward hooks of a module: two identity nodes, one after the outputs and one before the inputs, that call them.

The gradients of the outputs are those that arrive at the first; the gradients of the inputs leave the second. In between lies the module.
"""

from __future__ import annotations

import warnings
import weakref
from collections.abc import Callable, Sequence
from typing import Any

from tane.autograd.function import Function
from tane.autograd.state import local
from tane.tensor import Tensor

__all__ = ["BackwardHooks", "on_last_node"]

Hook = Callable[..., Any]


class BackwardHookFunction(Function):
    """Hands on what it gets."""

    @staticmethod
    def forward(ctx: Any, *args: Any) -> Any:
        ctx.mark_non_differentiable(*(a for a in args if not a.requires_grad))
        return args

    @staticmethod
    def backward(ctx: Any, *args: Any) -> Any:
        return args


class BackwardHooks:
    """The hooks around one call of a module."""

    def __init__(self, module: Any, hooks: Sequence[Hook], pre_hooks: Sequence[Hook]) -> None:
        self.module, self.hooks, self.pre_hooks = module, hooks, pre_hooks
        self.grad_outputs: Any = None
        self.input_positions: list[int] | None = None
        self.input_count = 0

    def inputs(self, args: Any) -> Any:
        """The arguments, led through the node that calls the hooks when their gradients are known."""
        self.input_count = len(args)
        args, positions, node = _through(args)
        self.input_positions = positions
        if node is not None:
            node.register_hook(self._leave)
        return args

    def outputs(self, result: Any) -> Any:
        """The result, led through the node that notes its gradients."""
        several = isinstance(result, tuple)
        results, positions, node = _through(result if several else (result,))
        if node is not None:
            count = len(results)
            node.register_hook(lambda _, grads: self._enter(_spread(grads, positions or [], count), positions or []))
        return results if several else results[0]

    def _enter(self, grads: tuple[Any, ...], positions: list[int]) -> Any:
        """The gradients of the outputs are here."""
        for hook in self.pre_hooks:
            found = hook(self.module, grads)
            if found is None:
                continue
            if isinstance(found, Tensor):
                found = (found,)
            if len(found) != len(grads):
                raise RuntimeError(
                    f"Backward pre hook returned an invalid number of grad_output, got {len(found)}, but expected {len(grads)}"
                )
            grads = tuple(found)
        if self.input_positions is None:  # no input wants a gradient: there will be no other moment
            warnings.warn(
                "Full backward hook is firing when gradients are computed with respect to module outputs since no inputs require "
                "gradients. "
                "See https://docs.pytorch.org/docs/main/generated/torch.nn.Module.html#torch.nn.Module.register_full_backward_hook for "
                "more "
                "details.",
                stacklevel=2,
            )
            for hook in self.hooks:
                found = hook(self.module, (None,) * self.input_count, grads)
                if found is not None and not (isinstance(found, tuple) and all(g is None for g in found)):
                    raise RuntimeError(
                        "Backward hook for Modules where no input requires gradient should always return None or None for all gradients."
                    )
        else:
            self.grad_outputs = grads
        return tuple(grads[i] for i in positions)

    def _leave(self, grad_inputs: Any, _: Any) -> Any:
        """The gradients of the inputs are here."""
        if self.grad_outputs is None:  # a gradient came that did not pass through the outputs, as in a second backward
            return None
        positions = self.input_positions or []
        grads: Any = _spread(grad_inputs, positions, self.input_count)
        for hook in self.hooks:
            found = hook(self.module, grads, self.grad_outputs)
            if found is None:
                continue
            if isinstance(found, Tensor):
                found = (found,)
            if len(found) != len(grads):
                raise RuntimeError(f"Backward hook returned an invalid number of grad_input, got {len(found)}, but expected {len(grads)}")
            grads = found
        self.grad_outputs = None
        return tuple(grads[i] for i in positions)


def _through(values: Any) -> tuple[Any, list[int] | None, Any]:
    """``values`` with its tensors led through an identity node, their positions, and the node; None where nothing wants a gradient."""
    positions = [i for i, v in enumerate(values) if isinstance(v, Tensor)]
    if not local.recording or not any(values[i].requires_grad for i in positions):
        return values, None, None
    passed = BackwardHookFunction.apply(*(values[i] for i in positions))
    results = list(values)
    for i, t in zip(positions, passed):
        results[i] = t
    node = next(t.grad_fn for t in passed if t.grad_fn is not None)
    if type(values) is tuple:
        return tuple(results), positions, node
    return type(values)(*results), positions, node


def _spread(values: Sequence[Any], positions: Sequence[int], count: int) -> tuple[Any, ...]:
    """``values`` at their positions among ``count``, None elsewhere."""
    found: list[Any] = [None] * count
    for i, v in zip(positions, values):
        found[i] = v
    return tuple(found)


# ---- the older kind -----------------------------------------------------------------------------------------------------------------
INCOMPLETE = (
    "Using a non-full backward hook when {} is deprecated and will be removed in future versions. This hook will be missing some {}."
)
FULL = " Please use register_full_backward_hook to get the documented behavior."


def on_last_node(module: Any, hooks: Sequence[Hook], args: Any, result: Any) -> None:
    """Call ``hooks`` with the gradients of the last op alone, and say where that is not what the module's gradients are."""
    first = result
    while not isinstance(first, Tensor):
        first = next(v for v in first.values() if isinstance(v, Tensor)) if isinstance(first, dict) else first[0]
    node = first.grad_fn
    if node is None:
        return
    owner = weakref.ref(module)
    for hook in hooks:
        node.register_hook(lambda grad_inputs, grad_outputs, hook=hook: hook(owner(), grad_inputs, grad_outputs))
    text = _what_is_missing(node, args, result)
    if text is not None:
        warnings.warn(text, FutureWarning, stacklevel=5)


def _what_is_missing(node: Any, args: Any, result: Any) -> str | None:
    for values, what, grads in ((result, "return", "grad_output"), (args, "take as input", "grad_input")):
        if not (isinstance(values, Tensor) or (isinstance(values, tuple) and all(isinstance(v, Tensor) for v in values))):
            return (
                f"Using non-full backward hooks on a Module that does not {what} a single Tensor or a tuple of Tensors is deprecated and "
                f"will be "
                f"removed in future versions. This hook will be missing some of the {grads}.{FULL}"
            )
    results = result if isinstance(result, tuple) else (result,)
    nodes = {r.grad_fn for r in results if r.grad_fn is not None}
    if (len(nodes) == 1 and node not in nodes) or not nodes:
        return INCOMPLETE.format("outputs are nested in python data structure", "grad_output")
    if len(nodes) > 1:
        return INCOMPLETE.format("outputs are generated by different autograd Nodes", "grad_output") + FULL
    given = {a.grad_fn for a in (args if isinstance(args, tuple) else (args,)) if a.grad_fn is not None}
    if given != {n for n, _ in node.next_functions}:
        return INCOMPLETE.format("the forward contains multiple autograd Nodes", "grad_input") + FULL
    return None
