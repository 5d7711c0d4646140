"""The graph: a node per recorded operation, a leaf per tensor whose gradient is wanted.

Edges point from an operation to what produced its inputs. Nodes hold raw arrays, and only those that gradient formulas name; leaves are
held by their tensors and refer back weakly, so a graph that goes out of use is freed at once, without the cycle collector.
"""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable, Iterable
from typing import Any

__all__ = ["SAVED", "AccumulateGrad", "Node", "Output", "RemovableHandle", "show_saved"]


class RemovableHandle:
    """Takes a hook out again: ``handle.remove()``, or the end of a ``with`` block."""

    def __init__(self, hooks: dict[int, Any]) -> None:
        self._hooks = weakref.ref(hooks) if isinstance(hooks, HookDict) else (lambda: hooks)
        self.id = next(_ids)

    def remove(self) -> None:
        """Take the hook out; a second call changes nothing."""
        hooks = self._hooks()
        if hooks is not None:
            hooks.pop(self.id, None)

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()


def _counter() -> Any:
    number = 0
    while True:
        yield number
        number += 1


_ids = _counter()


class HookDict(dict[int, Callable[..., Any]]):
    """Hooks by handle number, in the order in which they were registered. (A subclass, because a plain dict takes no weak reference.)"""

    __slots__ = ("__weakref__",)

    LAST = -1

    def add(self, hook: Callable[..., Any]) -> RemovableHandle:
        handle = RemovableHandle(self)
        self[handle.id] = hook
        if self.LAST in self:  # retain_grad sees what all others leave, whenever they come
            self[self.LAST] = self.pop(self.LAST)
        return handle


class Node:
    """One recorded operation.

    ``op`` is its declaration, ``edges`` what produced each input (``None``: needs no gradient), ``saved`` the arguments of each gradient
    formula, ``epoch`` the count of in-place changes when they were saved, ``shape`` and ``dtype`` those of the output.
    """

    op: Any
    edges: tuple[Node | None, ...]
    saved: Any
    epoch: int
    shape: tuple[int, ...]
    dtype: Any
    watched = False  # whether one of the following is set: backward asks for them only then
    hooks: HookDict | None = None  # on the gradient that arrives: Tensor.register_hook, retain_grad
    prehooks: HookDict | None = None  # Node.register_prehook: (grad_outputs)
    post_hooks: HookDict | None = None  # Node.register_hook: (grad_inputs, grad_outputs)
    # What only some kinds of nodes have:
    variable: Any  # a leaf
    parent: Node  # an output of several
    number: int
    count: int  # an operation with several outputs
    pull: Callable[..., Any]
    trace: Any = None  # where it was recorded, under detect_anomaly
    saved_hook: Any = None  # unpacks saved values, under saved_tensors_hooks
    _metadata: dict[Any, Any] | None = None

    def name(self) -> str:
        """The name PyTorch prints, such as ``MulBackward0``."""
        return str(self.op.backward_name)

    @property
    def next_functions(self) -> tuple[tuple[Node | None, int], ...]:
        """For every input, the node that produced it and which of its outputs it was."""
        return tuple((e, 0) if e is None or type(e) is not Output else (e.parent, e.number) for e in self.edges)

    @property
    def metadata(self) -> dict[Any, Any]:
        """A dict of the user's own, kept with the node."""
        if self._metadata is None:
            self._metadata = {}
        return self._metadata

    def register_prehook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call ``hook(grad_outputs)`` before the node's gradient is computed; a tuple it returns takes the place of ``grad_outputs``."""
        self._hooks("post_hooks")  # backward looks for prehooks only where there are these
        return self._hooks("prehooks").add(hook)

    def register_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call ``hook(grad_inputs, grad_outputs)`` after the node's gradient is computed; a tuple it returns takes the place of ``grad_inputs``."""
        return self._hooks("post_hooks").add(hook)

    def _hooks(self, kind: str) -> HookDict:
        hooks = getattr(self, kind)
        self.watched = True
        if hooks is None:
            hooks = HookDict()
            setattr(self, kind, hooks)
        return hooks

    def __dir__(self) -> list[str]:
        own = [n for n in super().__dir__() if not n.startswith(SAVED)]
        return own + [f"{SAVED}{n}" for n in getattr(self.op, "saved_names", ())]

    def __repr__(self) -> str:
        return f"<{self.name()} object at {id(self):#x}>"


SAVED = "_saved_"  # what a node keeps under the name x shows as its attribute _saved_x


def show_saved(names: Iterable[str]) -> None:
    """Let nodes show what they keep under these names. (Properties, because a ``__getattr__`` would slow down every other attribute.)"""
    for name in names:
        if not hasattr(Node, SAVED + name):
            setattr(Node, SAVED + name, property(functools.partial(_saved, name=name)))


def _saved(node: Node, name: str) -> Any:
    if node.op is None:
        raise AttributeError(f"'{node.name()}' object has no attribute '{SAVED}{name}'")
    return node.op.saved_value(node, name)


class AccumulateGrad(Node):
    """The end of the graph at a leaf: adds what arrives to ``variable.grad``."""

    edges = ()
    saved = ()
    op = None
    post_accumulate: HookDict | None = None  # on the leaf, after its grad was added to
    tapes: int | None = None  # of a leaf that requires gradients for GradientTapes alone: how many

    def __init__(self, tensor: Any) -> None:
        self.ref = weakref.ref(tensor)
        array = tensor.array
        self.shape, self.dtype = array.shape, array.dtype

    def name(self) -> str:
        return "torch::autograd::AccumulateGrad"

    def register_prehook(self, hook: Callable[..., Any]) -> RemovableHandle:
        self._hooks("hooks")  # backward looks for prehooks of a leaf only where there are these
        return self._hooks("prehooks").add(hook)

    def register_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        self._hooks("post_accumulate")  # as above
        return self._hooks("post_hooks").add(hook)

    @property
    def variable(self) -> Any:
        """The leaf tensor; ``None`` if it is gone."""
        return self.ref()

    def __repr__(self) -> str:
        return f"<AccumulateGrad object at {id(self):#x}>"


class Output(Node):
    """One output of an operation that has several; hands its gradient to the node it stands for."""

    op = None
    saved = ()

    def __init__(self, parent: Node, number: int, array: Any) -> None:
        self.parent, self.number = parent, number
        self.shape, self.dtype = array.shape, array.dtype
        self.edges = (parent,)

    @classmethod
    def of(cls, parent: Node, number: int, array: Any) -> Output:
        """The one that stands for output ``number`` of ``parent``: the same as long as anybody holds it, so that its gradients meet in it."""
        known: dict[int, Any] = parent.__dict__.setdefault("alive", {})
        found = known.get(number)
        output = None if found is None else found()
        if output is None:
            output = cls(parent, number, array)
            known[number] = weakref.ref(output)
        return output

    def name(self) -> str:
        return self.parent.name()
