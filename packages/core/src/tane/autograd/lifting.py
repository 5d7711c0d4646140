"""What stands between functions of plain values and the graph: arguments made into leaves, results made into values of the arguments' kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tane.autograd.engine import run
from tane.autograd.fill import zeros
from tane.autograd.modes import enable_grad
from tane.autograd.node import AccumulateGrad, Node
from tane.autograd.state import local
from tane.autograd.trees import flatten, map_tree, unflatten
from tane.backends.backend import backend_of
from tane.ops.pointwise import alias
from tane.tensor import Tensor, wrap

__all__ = ["Scope", "pull"]

# The kinds of leaf, and how a result of that kind is made from a raw array.
TENSOR, ARRAY, NUMPY_NUMBER, NUMBER = "tensor", "array", "numpy number", "number"


def pull(leaves: Sequence[Tensor], outputs: Sequence[Tensor], seeds: Sequence[Tensor], keep: bool, create: bool) -> list[Tensor | None]:
    """The gradient of each leaf from those of the outputs; None where there is no connection."""
    roots: dict[Node, Any] = {}
    for out, seed in zip(outputs, seeds, strict=True):
        if out.node is not None:
            g = seed if create else seed.array
            roots[out.node] = roots[out.node] + g if out.node in roots else g
    targets = [t.node for t in leaves if t.node is not None]
    found = run(roots, create, keep or create, wrap, targets, accumulate=False)
    return [g if create or g is None else wrap(g.copy()) for g in (found[n] for n in targets)]


class Scope:
    """One evaluation of a function, with some of its arguments as variables.

    ``trees`` are those arguments as the function gets them, ``leaves`` the tensors in them. A Tensor that has a history stays connected to it, so that
    transformations nest; everything else starts a graph of its own. ``create`` says, once :meth:`settle` was called, whether the
    results themselves depend on variables outside, and are to be Tensors with a history.
    """

    def __init__(self, name: str, arguments: Sequence[Any]) -> None:
        self.name = name
        self.recording = local.recording
        self.kinds: list[str] = []
        self.leaves: list[Tensor] = []
        self.forms = tuple(arguments)
        self.trees = tuple(map_tree(self._variable, a) for a in arguments)
        self.plain = TENSOR not in self.kinds
        self.create = False

    def _variable(self, value: Any) -> Tensor:
        leaf, kind = self._leaf(value)
        if not (leaf.dtype.is_floating_point or leaf.dtype.is_complex):
            raise TypeError(
                f"{self.name}: cannot differentiate with respect to {leaf.dtype!r}; convert the argument to a floating-point type"
            )
        if leaf.node is not None:
            with enable_grad():
                leaf = alias.call(leaf)
        else:
            leaf = wrap(leaf.array)
            leaf.node = AccumulateGrad(leaf)
        self.kinds.append(kind)
        self.leaves.append(leaf)
        return leaf

    def _leaf(self, value: Any) -> tuple[Tensor, str]:
        if isinstance(value, Tensor):
            return value, TENSOR
        if isinstance(value, np.generic):
            return wrap(np.asarray(value)), NUMPY_NUMBER
        if isinstance(value, (float, complex)):
            return wrap(np.asarray(value)), NUMBER
        if isinstance(value, int):
            raise TypeError(
                f"{self.name}: cannot differentiate with respect to the {type(value).__name__} {value!r}; pass {float(value)!r}"
            )
        if not (hasattr(value, "dtype") and hasattr(value, "shape")):
            raise TypeError(
                f"{self.name}: cannot differentiate with respect to {type(value).__name__}; an argument is a Tensor, an array, a float, "
                f"or a tuple, list or dict of those"
            )
        backend_of(type(value))  # raises where no device has such arrays
        return wrap(value), ARRAY

    # ---- forward ----------------------------------------------------------------------------------------------------------------
    def call(self, function: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any], argnums: Sequence[int]) -> Any:
        """The function's result with this scope's variables at ``argnums``."""
        given = list(args)
        for position, tree in zip(argnums, self.trees, strict=True):
            given[position] = tree
        with enable_grad():
            return function(*given, **kwargs)

    def settle(self, outputs: Sequence[Tensor]) -> None:
        """Find out whether anything outside matters: a variable that is not this scope's own in the history of the outputs."""
        own = {t.node for t in self.leaves}
        if not self.recording:
            return
        stack = [t.node for t in outputs if t.node is not None]
        seen: set[Node] = set()
        while stack:
            n = stack.pop()
            if n in seen:
                continue
            seen.add(n)
            if n in own:
                if type(n) is not AccumulateGrad:  # an argument with a history
                    self.create = True
                    return
            elif type(n) is AccumulateGrad:
                self.create = True
                return
            else:
                stack.extend(e for e in n.edges if e is not None)

    # ---- backward ---------------------------------------------------------------------------------------------------------------
    def pull(
        self, outputs: Sequence[Tensor], seeds: Sequence[Tensor], keep: bool = False, create: bool | None = None
    ) -> list[Tensor | None]:
        """The gradient of each leaf from those of the outputs; None where there is no connection."""
        return pull(self.leaves, outputs, seeds, keep, self.create if create is None else create)

    def gradients(self, found: Sequence[Tensor | None]) -> tuple[Any, ...]:
        """Gradients, zeros for None, in the form and kind of the arguments."""
        values = [self._value(zeros(t) if g is None else g, k) for t, g, k in zip(self.leaves, found, self.kinds, strict=True)]
        remaining = iter(values)
        return tuple(map_tree(lambda _: next(remaining), form) for form in self.forms)

    # ---- results ----------------------------------------------------------------------------------------------------------------
    def _value(self, t: Tensor, kind: str) -> Any:
        if kind == TENSOR or self.create:
            return t if self.create else wrap(t.array)
        array = t.array
        if kind == NUMBER and array.ndim == 0:
            return array.item()
        return array[()] if kind != ARRAY and array.ndim == 0 else array

    def result(self, tree: Any) -> Any:
        """Tensors in what the function returned as values of the arguments' kind."""
        kind = TENSOR if not self.plain else NUMBER if set(self.kinds) == {NUMBER} else NUMPY_NUMBER
        return map_tree(lambda x: self._value(x, kind) if isinstance(x, Tensor) else x, tree)

    def like(self, values: Any, position: int | None = None) -> list[Tensor]:
        """Values given beside the arguments (tangents, vectors) as tensors, checked to have their form."""
        forms = self.forms if position is None else (self.forms[position],)
        trees = values if position is None else (values,)
        flat, leaves = flatten(trees), flatten(forms)
        if len(flat) != len(leaves):
            raise ValueError(f"{self.name}: got {len(flat)} vectors for {len(leaves)} arguments")
        return [self.beside(v, t) for v, t in zip(flat, self.leaves, strict=True)]

    def beside(self, value: Any, t: Tensor) -> Tensor:
        """A value as a tensor of the type, device and shape of ``t``."""
        if not isinstance(value, Tensor):
            value = wrap(backend_of(type(t.array)).from_numpy(np.asarray(value, dtype=t.array.dtype)))
        if value.array.shape != t.array.shape:
            raise ValueError(f"{self.name}: a vector of shape {tuple(value.array.shape)} beside a value of shape {tuple(t.array.shape)}")
        return value if value.array.dtype == t.array.dtype else value.to(t.dtype)

    def unflat(self, values: Sequence[Any]) -> Any:
        return unflatten(self.forms, values)
