"""The graph's side of custom Functions: their node, what it saves, and how it calls the user's ``backward``."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

from tane.autograd import versions
from tane.autograd.engine import FREED
from tane.autograd.fitting import namespaces, recast
from tane.autograd.node import Node, Output
from tane.autograd.saved import Packed
from tane.autograd.state import local
from tane.backends.backend import backend_of
from tane.ops.joint import MultiView
from tane.tensor import Tensor, wrap

__all__ = ["DelayedError", "FunctionNode", "FunctionView"]


class Kept:
    """One saved tensor: as it is, or, for an output, its array and number, so that the node does not hold itself."""

    __slots__ = ("edge", "number", "value")

    def __init__(self, tensor: Tensor | None, number: int | None) -> None:
        self.value: Any = tensor if number is None or tensor is None else tensor.array
        self.number = number
        self.edge = None if tensor is None or number is not None else tensor.node

    def restore(self, node: FunctionNode, position: int) -> Tensor | None:
        """The tensor again, with its place in the graph; ``RuntimeError`` if it was changed in place since it was saved."""
        value = self.value
        if value is None:
            return None
        if type(value) is Packed:
            array = value.unpack()
        elif self.number is None:
            versions.check_value(node, f"saved_tensors[{position}]", value.array, node.epoch)
            return value
        else:
            versions.check_value(node, f"saved_tensors[{position}]", value, node.epoch)
            array = value
        return wrap(array, self.edge if self.number is None else node.edge(self.number, array))


class FunctionNode(Node):
    """A call of a custom Function. Attributes that ``forward`` put on its ``ctx`` can be read here too."""

    ctx: Any
    count = 1
    inputs: tuple[tuple[tuple[int, ...], Any, type], ...]
    outputs: list[tuple[tuple[int, ...], Any, type] | None]
    _forward_cls: Any
    wants: tuple[Any, ...] = ()  # the engine need not check what is saved: saved_tensors does
    keeps_values = True
    _kept: tuple[Kept, ...] | None = ()

    @property
    def op(self) -> Any:
        return self

    @property
    def backward_name(self) -> str:
        return type(self).__name__

    # Saved tensors are asked for by the user's backward, and only then is it an error that they are gone.
    @property
    def saved(self) -> Any:
        return ()

    @saved.setter
    def saved(self, value: Any) -> None:
        self._kept = None

    def keep(self, tensors: tuple[Any, ...], numbers: dict[int, int]) -> None:
        """Save ``tensors``; ``numbers`` says which outputs are among them, by identity."""
        self._kept = tuple(Kept(t, numbers.get(id(t))) for t in tensors)

    def pack(self, packer: Callable[[Tensor], Packed]) -> None:
        """Hand what is saved to ``saved_tensors_hooks``."""
        for kept in self._kept or ():
            if kept.value is not None:
                kept.value = packer(kept.value if kept.number is None else wrap(kept.value, self.edge(kept.number, kept.value)))

    def edge(self, number: int, array: Any) -> Node:
        """What stands in the graph for output ``number``."""
        return self if self.count == 1 else Output.of(self, number, array)

    @property
    def saved_tensors(self) -> tuple[Tensor | None, ...]:
        if self._kept is None:
            raise RuntimeError(FREED)
        return tuple(k.restore(self, i) for i, k in enumerate(self._kept))

    saved_names: Sequence[str] = ()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "ctx":
            raise AttributeError(name)
        try:
            return getattr(self.ctx, name)
        except AttributeError:
            raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'") from None

    def __dir__(self) -> list[str]:
        return sorted({*object.__dir__(self), *dir(self.ctx)})

    def __repr__(self) -> str:
        return f"<torch.autograd.function.{type(self).__name__} object at {id(self):#x}>"

    # ---- backward ---------------------------------------------------------------------------------------------------------------
    def pull(self, gradients: list[Any], create: bool, wrap_raw: Callable[[Any], Any]) -> Sequence[Any]:
        """The gradient of every tensor input, by the user's ``backward``."""
        arguments = [self._argument(i, g, create) for i, g in enumerate(gradients)]
        try:
            found = self._forward_cls._written_backward()(self.ctx, *arguments)
        except Exception:
            if local.anomaly and self.trace:
                warnings.warn(
                    f"Error detected in {self.name()}. Traceback of forward call that caused the error:\n{self.trace}", stacklevel=2
                )
            raise
        return self._checked(found if isinstance(found, tuple) else (found,), create)

    def _argument(self, number: int, g: Any, create: bool) -> Any:
        if g is not None:
            return g if create else wrap(g)
        form = self.outputs[number]
        if form is None or not self.ctx.materialize_grads:
            return None
        shape, dtype, kind = form
        return wrap(namespaces[kind].zeros(shape, dtype=dtype))

    def _checked(self, found: tuple[Any, ...], create: bool) -> list[Any]:
        needs = self.ctx.needs_input_grad
        if len(found) > len(needs) and all(g is None for g in found[len(needs) :]):
            found = found[: len(needs)]
        if len(found) != len(needs):
            raise RuntimeError(
                f"function {self.name()} returned an incorrect number of gradients (expected {len(needs)}, got {len(found)})"
            )
        results: list[Any] = []
        for position, (g, is_tensor) in enumerate(zip(found, self.ctx.tensor_inputs, strict=True), 1):
            if is_tensor:
                results.append(self._gradient(len(results), g, create))
            elif g is not None:
                raise RuntimeError(
                    f"function {self.name()} returned a gradient different than None at position {position}, "
                    f"but the corresponding forward input was not a Variable"
                )
        return results

    def _gradient(self, i: int, g: Any, create: bool) -> Any:
        if g is None:
            return None
        if not isinstance(g, Tensor):
            raise RuntimeError(f"expected Variable or None (got {type(g).__name__})")
        if self.edges[i] is None:
            return None
        shape, dtype, kind = self.inputs[i]
        have = g.array.shape
        lead = len(have) - len(shape)
        if lead < 0 or any(want not in (1, got) for want, got in zip(shape, have[lead:], strict=True)):
            raise RuntimeError(
                f"Function {self.name()} returned an invalid gradient at index {i} - got {list(have)} but expected shape compatible with {list(shape)}"
            )
        if type(g.array) is not kind:
            raise RuntimeError(
                f"Function {self.name()} returned an invalid gradient at index {i} - expected device {backend_of(kind).name} but got {g.device}"
            )
        value = g if create else g.array
        return recast(namespaces[Tensor if create else kind], value, dtype)


class FunctionView(MultiView):
    """Marks an output of a custom Function that shares memory with something else: changing it in place would go around ``backward``."""

    def __init__(self, name: str, number: int, count: int) -> None:
        self.number, self.label = number, name
        if count == 1:
            self.reason = (
                "This view was created inside a custom Function (or because an input was returned as-is) and the autograd logic to handle "
                "view+inplace would override the custom backward associated with the custom Function, leading to incorrect gradients. This "
                "behavior is forbidden. You can fix this by cloning the output of the custom Function."
            )


class DelayedError(Node):
    """Raises when backward reaches it."""

    saved = ()
    keeps_values = False
    wants: tuple[Any, ...] = ()
    backward_name = "DelayedError"

    def __init__(self, message: str, edges: tuple[Node | None, ...]) -> None:
        self.message, self.edges = message, edges
        self.epoch = -1

    @property
    def op(self) -> Any:
        return self

    def mark(self, t: Tensor) -> Tensor:
        """``t``'s values, with this in their history."""
        node = DelayedError(self.message, self.edges)
        node.shape, node.dtype = t.array.shape, t.array.dtype
        return wrap(t.array, node)

    def pull(self, gradients: list[Any], create: bool, wrap_raw: Callable[[Any], Any]) -> Sequence[Any]:
        raise RuntimeError(self.message)
