"""Hooks on what the graph saves: pack it as it is recorded (to disk, to another device), unpack it when backward needs it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from tane.autograd import versions
from tane.autograd.modes import no_grad
from tane.autograd.node import AccumulateGrad, Node
from tane.autograd.state import add_observer, remove_observer
from tane.tensor import Tensor, wrap

__all__ = ["Packed", "disable_saved_tensors_hooks", "save_on_cpu", "saved_tensors_hooks"]

Hook = Callable[[Any], Any]


class _Stack(threading.local):
    """The pairs of hooks this thread is inside of, and the messages of whoever forbids them."""

    def __init__(self) -> None:
        self.pairs: list[tuple[Hook, Hook]] = []
        self.refusals: list[str] = []


_stack = _Stack()


class Packed:
    """A saved array in the form a pack hook gave it."""

    __slots__ = ("hook", "value")

    def __init__(self, tensor: Tensor, pack: Hook, unpack: Hook) -> None:
        before = versions.version(tensor.array)
        with no_grad():
            self.value = pack(tensor)
        if versions.version(tensor.array) != before:
            raise RuntimeError(
                "A saved tensor pack hook is modifying its input in place. Tensors provided as input to pack hook cannot be modified by in-place "
                "operations as this can lead to unexpected side-effects. Please open an issue if you need to perform in-place operations on "
                "the input to a pack hook."
            )
        self.hook = unpack

    def unpack(self) -> Any:
        """The raw array again."""
        with no_grad():
            found = self.hook(self.value)
        if not isinstance(found, Tensor):
            raise TypeError(f"Output of saved tensor unpack_hook expected to be a Tensor but got result of type {type(found).__name__}")
        return found.array


def unpacked(value: Any) -> Any:
    """A saved value as formulas take it."""
    if type(value) is Packed:
        return value.unpack()
    if type(value) is list and any(type(v) is Packed for v in value):
        return [unpacked(v) for v in value]
    return value


def _is_array(value: Any) -> bool:
    return hasattr(value, "dtype") and hasattr(value, "__setitem__")


def pack_node(n: Node) -> None:
    """Observe a node as it is recorded: whatever arrays it saved go through the innermost pair of hooks."""
    pack, unpack = _stack.pairs[-1]
    n.saved_hook, n.watched = unpacked, True
    own = getattr(n, "pack", None)
    if own is not None:  # a custom Function keeps its tensors itself
        own(lambda tensor: Packed(tensor, pack, unpack))
        return
    done: dict[tuple[str, int], Packed] = {}

    def packed(name: str, value: Any) -> Any:
        if type(value) is list:
            return [packed(name, v) for v in value]
        if not _is_array(value):
            return value
        key = name, id(value)
        if key not in done:
            done[key] = Packed(_as_tensor(n, name, value), pack, unpack)
        return done[key]

    n.saved = tuple(
        None if args is None else tuple(packed(name, value) for name, value in zip(names, args, strict=True))
        for names, args in zip(n.op.wants, n.saved, strict=False)
    )


def _as_tensor(n: Node, name: str, array: Any) -> Tensor:
    """What a pack hook is given: the leaf itself, or a tensor with the saved one's history."""
    inputs = n.op.inputs
    edge = n.edges[inputs.index(name)] if name in inputs else None
    if type(edge) is AccumulateGrad:
        leaf = edge.variable
        if leaf is not None and leaf.array is array:
            return leaf
    return wrap(array, edge)


class saved_tensors_hooks:
    """Inside, every tensor that the graph saves is stored as ``pack_hook(tensor)`` and comes back as ``unpack_hook(packed)``.

    >>> import tane
    >>> x = tane.tensor([1.0, 2.0], requires_grad=True)
    >>> with tane.autograd.graph.saved_tensors_hooks(lambda t: t.numpy(force=True).tolist(), tane.tensor):
    ...     y = (x * x).sum()
    >>> y.backward()
    >>> x.grad
    tensor([2., 4.])
    """

    def __init__(self, pack_hook: Hook, unpack_hook: Hook) -> None:
        self.pack_hook, self.unpack_hook = pack_hook, unpack_hook

    def __enter__(self) -> None:
        if _stack.refusals:
            raise RuntimeError(_stack.refusals[-1])
        _stack.pairs.append((self.pack_hook, self.unpack_hook))
        if len(_stack.pairs) == 1:
            add_observer(pack_node)

    def __exit__(self, *_: object) -> None:
        _stack.pairs.pop()
        if not _stack.pairs:
            remove_observer(pack_node)


class save_on_cpu(saved_tensors_hooks):
    """Inside, what the graph saves waits in the host's memory and returns to its device for backward. ``pin_memory`` asks for a transfer that
    does not wait, which is the device's own business here.
    """

    def __init__(self, pin_memory: bool = False, device_type: str = "cuda") -> None:
        super().__init__(lambda t: (t.device, t.detach().cpu()), lambda packed: packed[1].to(packed[0]))


class disable_saved_tensors_hooks:
    """Inside, entering :class:`saved_tensors_hooks` raises ``RuntimeError(error_message)``; so does entering this inside those."""

    def __init__(self, error_message: str) -> None:
        self.message = error_message

    def __enter__(self) -> None:
        if _stack.pairs:
            raise RuntimeError(self.message)
        _stack.refusals.append(self.message)

    def __exit__(self, *_: object) -> None:
        _stack.refusals.pop()

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            with self:
                return function(*args, **kwargs)

        return wrapped
