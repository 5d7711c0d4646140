"""What a custom Function's ``forward`` leaves for its ``backward``: the ``ctx`` both are given."""

from __future__ import annotations

import weakref
from typing import Any

from tane.tensor import Tensor

__all__ = ["FunctionCtx"]


class FunctionCtx:
    """The ``ctx`` of one call. Attributes of any name may be put on it; tensors belong into :meth:`save_for_backward`."""

    needs_input_grad: tuple[bool, ...] = ()
    tensor_inputs: tuple[bool, ...] = ()
    to_save: tuple[Any, ...] = ()
    saved_for_forward: tuple[Any, ...] = ()
    dirty_tensors: tuple[Any, ...] = ()
    non_differentiable: tuple[Any, ...] = ()
    materialize_grads = True
    _node: Any = None

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Keep tensors for backward, where ``ctx.saved_tensors`` has them; a change in place before then raises there. Once per call."""
        for number, t in enumerate(tensors):
            if t is not None and not isinstance(t, Tensor):
                raise TypeError(f"save_for_backward can only save variables, but argument {number} is of type {type(t).__name__}")
        self.to_save = tensors

    def save_for_forward(self, *tensors: Tensor | None) -> None:
        """Keep tensors for a ``jvp`` method."""
        self.saved_for_forward = tensors

    @property
    def saved_tensors(self) -> tuple[Tensor | None, ...]:
        """What :meth:`save_for_backward` kept, checked for changes since."""
        node = self._live()
        if node is None:
            return self.to_save
        return node.saved_tensors

    saved_variables = saved_tensors

    def maybe_clear_saved_tensors(self) -> None:
        """Let go of the saved tensors."""
        node = self._live()
        if node is not None:
            node.saved = None

    def mark_dirty(self, *tensors: Tensor) -> None:
        """Say which inputs ``forward`` changed in place; each must be an output."""
        for number, t in enumerate(tensors):
            if not isinstance(t, Tensor):
                raise RuntimeError(f"mark_dirty can only accept variables, but argument {number} is of type {type(t).__name__}")
        self.dirty_tensors = tensors

    def mark_non_differentiable(self, *tensors: Tensor) -> None:
        """Say which outputs have no gradient; backward gets zeros for them."""
        for number, t in enumerate(tensors):
            if not isinstance(t, Tensor):
                raise RuntimeError(
                    f"mark_non_differentiable can only accept variables, but argument {number} is of type {type(t).__name__}"
                )
        self.non_differentiable = tensors

    def set_materialize_grads(self, value: bool) -> None:
        """With ``False``, backward gets None, not zeros, for an output that no gradient reached."""
        self.materialize_grads = value

    # ---- what the node offers, seen from here ----------------------------------------------------------------------------------
    def bind(self, node: Any) -> None:
        """The call was recorded as ``node``, which from now on holds what is saved. (Weakly: the node holds this.)"""
        self.to_save = self.dirty_tensors = self.non_differentiable = ()
        self._node = weakref.ref(node)

    def _live(self) -> Any:
        return None if self._node is None else self._node()

    def next_nodes(self) -> tuple[Any, ...]:
        """The nodes of the inputs; none where the call was not recorded."""
        node = self._live()
        return () if node is None else node.edges

    def name(self) -> str:
        return str(self._recorded().name())

    @property
    def next_functions(self) -> Any:
        return self._recorded().next_functions

    @property
    def metadata(self) -> Any:
        return self._recorded().metadata

    def register_hook(self, hook: Any) -> Any:
        return self._recorded().register_hook(hook)

    def register_prehook(self, hook: Any) -> Any:
        return self._recorded().register_prehook(hook)

    def _recorded(self) -> Any:
        node = self._live()
        if node is None:
            raise RuntimeError("this call of the Function was not recorded, so it has no node in the graph")
        return node
