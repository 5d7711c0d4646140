"""Ops with several differentiable results."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Sequence
from typing import Any

from tane.autograd.fitting import namespaces, recast
from tane.autograd.node import Node, Output, show_saved
from tane.autograd.state import local, state
from tane.backends.backend import TypeTable
from tane.backends.namespace import composed
from tane.ops.primitive import F, Formula, camel, names_of, primitives
from tane.ops.promotion import prepare
from tane.ops.recording import notify, track
from tane.ops.saved_values import saved_value
from tane.ops.variadic import alike
from tane.tensor import Tensor, wrap

__all__ = ["Joint", "MultiView", "zeros_beside"]


class JointNode(Node):
    """A recorded op whose inputs' gradients are computed together, from the gradients of all its outputs."""

    count = 1

    def pull(self, gradients: list[Any], create: bool, wrap: Callable[[Any], Any]) -> Sequence[Any]:
        if all(g is None for g in gradients):
            return (None,) * len(self.edges)
        from_ = next(g for g in gradients if g is not None)
        F, formula = self.op.rules[type(from_)]
        args = self.saved[0]
        if self.saved_hook is not None:
            args = [self.saved_hook(a) for a in args]
        if create:
            args = self.op.traced(self, args)
        full = [zeros_beside(from_, s, d) if g is None else g for g, (s, d) in zip(gradients, self.outputs, strict=True)]
        found = formula(F, full, *args)
        kind = type(from_)  # a formula may give a NumPy scalar, or another element type
        arrays = [g if g is None or isinstance(g, kind) else g[...] for g in found]
        return [None if e is None or g is None else recast(F, g, e.dtype) for g, e in zip(arrays, self.edges, strict=True)]

    outputs: list[tuple[tuple[int, ...], Any]]


class Joint:
    """An op with several differentiable results: ``forward(F, x, ...) -> tuple`` and one formula ``gradient(F, gs, names...) -> tuple``, a gradient
    for each input, from the list ``gs`` of the gradients of all results (zeros where one was not used).
    """

    joint = True
    recomputes = False  # as Primitive's
    accepts: Callable[[Any, Any], None] | None = None

    def __init__(
        self,
        name: str,
        forward: Formula,
        gradient: Formula,
        inputs: int = 1,
        view: bool = False,
        promotes: str | None = None,
        backward: str | None = None,
        wide: bool = False,
        doc: str = "",
    ) -> None:
        self.name, self.forward, self.gradient, self.view, self.promotes, self.wide, self.doc = (
            name,
            forward,
            gradient,
            view,
            promotes,
            wide,
            doc,
        )
        self.home = sys._getframe(1).f_globals["__name__"]
        parameters = names_of(forward)[1:]
        self.inputs, rest = parameters[:inputs], parameters[inputs:]
        self.keywords = dict(zip(rest, forward.__defaults__ or (), strict=True))
        self.want = names_of(gradient)[2:]
        show_saved(self.want)
        self.extra = ()
        self.wants = (self.want,)
        self.keeps_values = bool({"ys", *self.inputs} & set(self.want))
        self.backward_name = backward or camel(name) + "Backward0"
        self.forwards: TypeTable = TypeTable(lambda b: b.kernels.get(name) or functools.partial(forward, b.F))
        self.rules = TypeTable(lambda b: (b.F, gradient))
        self.rules[Tensor] = (F, gradient)
        primitives[name] = self  # type: ignore[assignment]
        setattr(F, name, self.__call__)
        composed[name] = forward

    def __call__(self, *args: Any, **named: Any) -> tuple[Tensor, ...]:
        count = len(self.inputs)
        if named or len(args) != count + len(self.keywords):
            values = tuple({**self.keywords, **dict(zip(self.keywords, args[count:], strict=False)), **named}.values())
        else:
            values = args[count:]
        raws, edges, narrow = (None if self.promotes or self.wide else alike(args[:count])) or prepare(self, args[:count])
        t = type(raws[0])
        outs = self.forwards[t](*raws, *values)
        outs = [o if type(o) is t else o[...] for o in outs]
        if narrow is not None:
            outs = [o.astype(narrow) for o in outs]
        results = tuple([wrap(o) for o in outs])
        if local.recording and edges.count(None) < count:
            n = JointNode()
            n.op, n.edges, n.epoch, n.count = self, tuple(edges), state.mutations, len(outs)
            n.outputs = [(o.shape, o.dtype) for o in outs]
            known = {
                "ys": outs,
                **dict(zip(self.inputs, raws, strict=True)),
                **dict(zip(self.keywords, values, strict=True)),
                **{f"{i}_shape": x.shape for i, x in zip(self.inputs, raws, strict=True)},
            }
            n.saved = (tuple([known[w] for w in self.want]),)
            for number, r in enumerate(results):
                r.node = Output.of(n, number, r.array)
            if state.special:
                notify(n)
        if self.view:
            for number, r in enumerate(results):
                track(args[0], r, MultiView(self, number), values)
        return results

    def traced(self, n: JointNode, values: Sequence[Any]) -> list[Any]:
        """The formula's arguments as Tensors with their history."""
        return [self._traced(n, name, value) for name, value in zip(self.want, values, strict=True)]

    def _traced(self, n: Node, name: str, value: Any) -> Any:
        if name == "ys":
            return [wrap(y, Output.of(n, i, y)) for i, y in enumerate(value)]
        return wrap(value, n.edges[self.inputs.index(name)]) if name in self.inputs else value

    @property
    def saved_names(self) -> list[str]:
        return sorted({"results" if n == "ys" else n for n in self.want})

    def saved_value(self, n: JointNode, name: str) -> Any:
        """What ``grad_fn._saved_<name>`` shows."""
        return saved_value(self, n, name, self._traced)

    def __repr__(self) -> str:
        return f"<op {self.name}({', '.join([*self.inputs, *self.keywords])}) with several results>"


def zeros_beside(like: Any, shape: tuple[int, ...], dtype: Any) -> Any:
    """Zeros on the device of ``like``, raw or a Tensor as it is."""
    if isinstance(like, Tensor):
        return wrap(zeros_beside(like.array, shape, dtype))
    return namespaces[type(like)].zeros(shape, dtype=dtype)


class MultiView:
    """Marks a view that is one of several results of an op: PyTorch forbids changing those in place, and so does tane."""

    reason = (
        "This view is the output of a function that returns multiple views. Such functions do not allow the output views to be modified inplace. "
        "You should replace the inplace operation by an out-of-place one."
    )

    def __init__(self, op: Joint, number: int) -> None:
        self.op, self.number, self.label = op, number, op.backward_name
