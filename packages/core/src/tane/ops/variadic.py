"""Ops on a sequence of tensors."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from tane.autograd.node import Node, show_saved
from tane.autograd.state import local, state
from tane.backends.backend import TypeTable
from tane.backends.namespace import composed
from tane.ops.primitive import F, Formula, Primitive, camel, names_of, primitives
from tane.ops.promotion import prepare
from tane.ops.recording import notify
from tane.tensor import Tensor, wrap

__all__ = ["Variadic", "alike"]


class Variadic(Primitive):
    """An op on a list of tensors, such as ``cat``: ``forward(F, xs, **keywords)``; its one gradient formula gets the input's number ``i``."""

    variadic = True

    def __init__(
        self, name: str, forward: Formula, gradient: Formula, promotes: str | None = "same", backward: str | None = None, doc: str = ""
    ) -> None:
        self.name, self.forward, self.gradient, self.promotes, self.doc = name, forward, gradient, promotes, doc
        self.home = sys._getframe(1).f_globals["__name__"]
        self.inputs, self.extra, self.view, self.wide = (), (), False, False
        parameters = names_of(forward)[2:]
        self.keywords = dict(zip(parameters, forward.__defaults__ or (), strict=True))
        self.backward_name = backward or camel(name) + "Backward0"
        self.want = names_of(gradient)[3:]
        show_saved(self.want)
        self.keeps_values = bool({"xs", "y"} & set(self.want))
        self.gradients = _Every(gradient)  # type: ignore[assignment]
        self.forwards, self.rules = TypeTable(self._forward_on), TypeTable(self._rules_on)
        self.rules[Tensor] = (F, self.gradients)
        self.call = self._call
        primitives[name] = self
        setattr(F, name, self.call)
        composed[name] = forward

    @property
    def wants(self) -> Any:  # type: ignore[override]
        return _Every(("i", *self.want))

    def _call(self, tensors: Sequence[Any], *values: Any, **named: Any) -> Any:
        if named or len(values) != len(self.keywords):
            values = tuple({**self.keywords, **dict(zip(self.keywords, values, strict=False)), **named}.values())
        raws, edges, narrow = alike(tensors) or prepare(self, tuple(tensors))
        t = type(raws[0])
        out = self.forwards[t](raws, *values)
        if narrow is not None and out.dtype != narrow:
            out = out.astype(narrow)
        if type(out) is not t:
            out = out[...]
        r = wrap(out)
        if local.recording and edges.count(None) < len(edges):
            n = Node()
            n.op, n.edges, n.epoch, n.shape, n.dtype = self, tuple(edges), state.mutations, out.shape, out.dtype
            known = {"y": out, "xs": raws, "shapes": tuple([x.shape for x in raws]), **dict(zip(self.keywords, values, strict=True))}
            rest = [known[w] for w in self.want]
            n.saved = tuple([None if e is None else (i, *rest) for i, e in enumerate(edges)])
            r.node = n
            if state.special:
                notify(n)
        return r

    @property
    def saved_names(self) -> list[str]:
        return sorted({"result" if n == "y" else n for n in self.want})

    def _traced(self, n: Node, name: str, value: Any) -> Any:
        if name == "xs":
            return [wrap(x, e) for x, e in zip(value, n.edges, strict=True)]
        return wrap(value, n) if name == "y" else value


def alike(tensors: Sequence[Any]) -> tuple[list[Any], list[Node | None], None] | None:
    """What :func:`prepare` gives for tensors of one type and device, which need no preparation; None for others."""
    first = tensors[0]
    if not isinstance(first, Tensor):
        return None
    d, t = first.array.dtype, type(first.array)
    raws, edges = [], []
    for x in tensors:
        if not isinstance(x, Tensor):
            return None
        array = x.array
        if array.dtype is not d or type(array) is not t:
            return None
        raws.append(array)
        edges.append(x.node)
    return raws, edges, None


class _Every(Sequence[Any]):
    """The same item for however many inputs there are."""

    def __init__(self, item: Any) -> None:
        self.item = item

    def __getitem__(self, index: Any) -> Any:
        return self.item

    def __len__(self) -> int:
        return 1

    def __iter__(self) -> Any:
        while True:
            yield self.item
