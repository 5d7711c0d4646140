"""What an op is: one declaration, from which its callable, its graph nodes and its gradients at every order are made.

    mul = primitive("mul", "multiply", lambda F, g, b: g * b, lambda F, g, a: g * a, inputs="ab", promotes="same")

The forward is the name of a function of ``F``, or a formula ``lambda F, x, axis=None: ...`` whose first parameters are tensors, one for each
gradient formula given, and whose further ones are keywords. **The parameter names of a gradient formula say what the graph keeps**:
``y`` is the output, an input's own name is that input, ``<input>_shape`` its shape, a keyword of the op its value. What no formula names is not
kept; nor is what only an input without gradient would need. ``g`` is the gradient of the output; an input whose formula is ``None``
has no gradient.

Ops on a sequence of tensors and ops with several results have files of their own, :mod:`tane.ops.variadic` and :mod:`tane.ops.joint`.
"""

from __future__ import annotations

import copy
import functools
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tane.autograd.fitting import namespaces
from tane.autograd.node import Node, show_saved
from tane.autograd.state import local, state
from tane.backends.backend import Backend, TypeTable
from tane.backends.namespace import composed
from tane.dtypes import from_numpy_dtype
from tane.ops.promotion import prepare
from tane.ops.recording import mismatch, notify, track
from tane.ops.saved_values import saved_value
from tane.ops.template import compiled
from tane.tensor import Tensor, wrap

__all__ = ["F", "Formula", "Primitive", "primitive", "primitives"]

Formula = Callable[..., Any]


class TensorNamespace:
    """``F`` where values are Tensors: every primitive under its NumPy name, so that gradient formulas record themselves."""

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(
            f"no op is called {name!r}: a gradient formula that is to be differentiated again may only use ops that tane has; "
            f"declare a primitive of that name"
        )


F = TensorNamespace()
primitives: dict[str, Primitive] = {}
namespaces[Tensor] = F


class Primitive:
    """A declared op. ``op.call`` is its callable on Tensors."""

    variadic = joint = False
    holomorphic = True
    broadcasts_gradient = False
    # The result, where a formula keeps it, is computed anew if it was changed in place: for ops of which PyTorch keeps the operands only.
    recomputes = False
    home = ""  # the module that declares it
    # accepts(promoted type, operands) raises for types that the op does not take. Asked off the hot path only: not for plain float32 and float64.
    accepts: Callable[[Any, Any], None] | None = None

    def __init__(
        self,
        name: str,
        forward: str | Formula,
        gradients: Sequence[Formula | None],
        inputs: Sequence[str],
        keywords: Mapping[str, Any],
        promotes: str | None,
        view: bool,
        extra: Sequence[str],
        backward_name: str,
        wide: bool,
        shows_extra: bool,
        doc: str,
    ) -> None:
        self.name, self.forward, self.gradients = name, forward, tuple(gradients)
        self.inputs, self.keywords, self.promotes = tuple(inputs), dict(keywords), promotes
        self.view, self.extra, self.wide, self.doc = view, tuple(extra), wide, doc
        self.backward_name, self.shows_extra = backward_name, shows_extra
        self.wants = tuple(names_of(g)[2:] if g else () for g in self.gradients)
        known = {"y", *self.inputs, *(f"{i}_shape" for i in self.inputs), *self.keywords, *self.extra}
        for want in self.wants:
            if not known.issuperset(want):
                raise TypeError(f"op {name!r}: a gradient formula names {sorted(set(want) - known)}; it can name {sorted(known)}")
        values = {"y", *self.inputs, *self.extra}
        self.keeps_values = any(n in values for want in self.wants for n in want)
        show_saved(known)
        # A pointwise formula multiplies by a value of the full shape, so a scalar gradient needs no repeating beforehand.
        self.broadcasts_gradient = (
            bool(promotes) and len(self.inputs) == 1 and not self.keywords.keys() & {"axis", "keepdims"} and self.keeps_values
        )
        self.forwards = TypeTable(self._forward_on)
        self.rules = TypeTable(self._rules_on)
        self.rules[Tensor] = (F, self.gradients)
        self.call: Callable[..., Any] = compiled(self)

    @functools.cached_property
    def conjugate(self) -> Primitive:
        """The op for complex operands. A formula multiplies by the derivative; PyTorch's gradient of a holomorphic function multiplies by its
        conjugate, which is the formula applied to the conjugated gradient, conjugated again.
        """

        def conjugated(formula: Formula) -> Formula:
            return lambda F, g, *args: F.conj(formula(F, F.conj(g), *args))

        op = copy.copy(self)
        op.gradients = tuple(g and conjugated(g) for g in self.gradients)
        op.rules = TypeTable(lambda backend: (backend.F, op.gradients))
        op.rules[Tensor] = (F, op.gradients)
        return op

    # ---- a backend's share ----------------------------------------------------------------------------------------------------
    def _forward_on(self, backend: Backend) -> Formula:
        kernel = backend.kernels.get(self.name)
        if kernel is not None:
            return kernel
        if isinstance(self.forward, str):
            return getattr(backend.F, self.forward)
        return functools.partial(self.forward, backend.F)

    def _rules_on(self, backend: Backend) -> tuple[Any, tuple[Formula | None, ...]]:
        return backend.F, backend.gradients.get(self.name, self.gradients)

    # ---- off the hot path -------------------------------------------------------------------------------------------------------
    def slow(self, tensors: tuple[Any, ...], values: tuple[Any, ...]) -> Any:
        """A call whose operands are not plain tensors of one floating type: promote, move scalars, then compute and record."""
        raws, edges, narrow = prepare(self, tensors)
        t = next(type(x) for x in raws if hasattr(x, "__setitem__"))  # an array; NumPy's scalars have a dtype, too
        try:
            result = self.forwards[t](*raws, *values)
        except ValueError as error:
            raise mismatch(self, error, *raws) from None
        except TypeError as error:
            if "ufunc" not in str(error):
                raise
            kind = from_numpy_dtype(next(x.dtype for x in raws if hasattr(x, "__setitem__")))
            raise NotImplementedError(f"\"{self.name}\" not implemented for '{kind.tensor_name.removesuffix('Tensor')}'") from error
        out, *extra = result if self.extra else (result,)
        if narrow is not None and out.dtype != narrow and out.dtype.kind != "b":
            out = out.astype(narrow)
        if type(out) is not t:
            out = out[...]
        r = wrap(out)
        if self.view:
            track(tensors[0], r, self, values)
        if any(e is not None for e in edges) and local.recording and out.dtype.kind not in "biu?":
            r.node = self.node(out, raws, edges, values, extra)
        return (r, *map(wrap, extra)) if self.shows_extra else r

    def operate(self, tensors: tuple[Any, ...], values: tuple[Any, ...]) -> Any:
        """:meth:`slow` for Python's operators, which leave strangers to the other operand's class."""
        for x in tensors:
            if not isinstance(x, (Tensor, int, float, complex)) and not hasattr(x, "__array__"):
                return NotImplemented
        return self.slow(tensors, values)

    @functools.cached_property
    def operator(self) -> Callable[..., Any]:
        """The op's callable as a Python operator: what it does not know answers NotImplemented."""
        return compiled(self, self.operate)

    def node(
        self, out: Any, raws: Sequence[Any], edges: Sequence[Node | None], values: Sequence[Any] = (), extra: Sequence[Any] = ()
    ) -> Node:
        """The graph node of a result that is already computed."""
        n = Node()
        op = self.conjugate if self.holomorphic and any(getattr(x, "dtype", out.dtype).kind == "c" for x in (out, *raws)) else self
        n.op, n.edges, n.epoch, n.shape, n.dtype = op, tuple(edges), state.mutations, out.shape, out.dtype
        known = {
            "y": out,
            **dict(zip(self.inputs, raws, strict=True)),
            **dict(zip(self.keywords, values, strict=True)),
            **dict(zip(self.extra, extra, strict=True)),
        }
        known.update({f"{i}_shape": getattr(x, "shape", ()) for i, x in zip(self.inputs, raws, strict=True)})
        n.saved = tuple(None if e is None else tuple(known[w] for w in want) for e, want in zip(edges, self.wants, strict=True))
        if state.special:
            notify(n)
        return n

    def unpack(self, n: Node, i: int, create: bool) -> list[Any]:
        """The arguments of gradient formula ``i``, as Tensors with their history under ``create_graph``."""
        args = n.saved[i]
        if n.saved_hook is not None:
            args = [n.saved_hook(a) for a in args]
        if not create:
            return list(args)
        return [self._traced(n, name, value) for name, value in zip(self.wants[i], args, strict=True)]

    def _traced(self, n: Node, name: str, value: Any) -> Any:
        if not hasattr(value, "dtype"):
            return value
        if name == "y":
            return wrap(value, n)
        if name in self.inputs:
            if value.dtype != n.dtype and n.dtype.itemsize == 2 and value.dtype.kind == "f":  # kept in float32 for the plain backward
                value = value.astype(n.dtype)
            return wrap(value, n.edges[self.inputs.index(name)])
        # A further result is a Tensor, for arithmetic; indices stay raw, as everywhere in formulas.
        return wrap(value) if name in self.extra and value.dtype.kind not in "iub" else value

    @property
    def saved_names(self) -> list[str]:
        return sorted({"result" if n == "y" else n for want in self.wants for n in want})

    def saved_value(self, n: Node, name: str) -> Any:
        """What ``grad_fn._saved_<name>`` shows; the output is called ``result``, as in PyTorch."""
        return saved_value(self, n, name, self._traced)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.call(*args, **kwargs)

    def __repr__(self) -> str:
        return f"<op {self.name}({', '.join([*self.inputs, *self.keywords])})>"


def names_of(formula: Any) -> tuple[str, ...]:
    """The parameter names of a function or lambda."""
    code = formula.__code__
    return tuple(code.co_varnames[: code.co_argcount])


def camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def primitive(
    name: str,
    forward: str | Formula,
    *gradients: Formula | None,
    inputs: Sequence[str] | None = None,
    promotes: str | None = None,
    view: bool = False,
    extra: Sequence[str] = (),
    kept: Sequence[str] = (),
    backward: str | None = None,
    numpy: str | None = None,
    wide: bool = False,
    holomorphic: bool = True,
    doc: str = "",
) -> Primitive:
    """Declare an op; the module's docstring says how formulas are written.

    ``promotes`` is ``"same"`` (PyTorch's promoted type), ``"float"`` (integers become the default float), ``"compare"`` (promoted, result bool) or
    None (the types must agree). ``view`` says that the result shares the input's memory. ``extra`` names further results of the forward that have no
    gradient, such as ``indices``, and ``kept`` those that only the gradient formulas see. ``backward`` is the name shown by ``grad_fn`` (default:
    ``MulBackward0`` for ``mul``), ``numpy`` the name in ``F`` where it is not the forward's own. ``wide`` computes 16-bit floats in float32, for ops
    that accumulate. ``holomorphic=False`` says that the gradient formulas themselves are right for complex operands (``abs``, ``real``).
    """
    if isinstance(forward, str):
        names: tuple[str, ...] = tuple(inputs or ("x",) if len(gradients) == 1 else inputs or ("a", "b", "c")[: len(gradients)])
        keywords: dict[str, Any] = {}
    else:
        parameters = names_of(forward)[1:]
        names = parameters[: len(gradients)]
        defaults = forward.__defaults__ or ()
        rest = parameters[len(gradients) :]
        if len(defaults) < len(rest):
            raise TypeError(f"op {name!r}: keywords need defaults, {rest[: len(rest) - len(defaults)]} have none")
        keywords = dict(zip(rest, defaults[len(defaults) - len(rest) :], strict=True))
    op = Primitive(
        name,
        forward,
        gradients,
        names,
        keywords,
        promotes,
        view,
        extra or kept,
        backward or camel(name) + "Backward0",
        wide,
        bool(extra),
        doc,
    )
    op.home = sys._getframe(1).f_globals["__name__"]
    op.holomorphic = holomorphic
    primitives[name] = op
    in_formulas = numpy or (forward if isinstance(forward, str) else name)
    setattr(F, in_formulas, op.call)
    if in_formulas != forward:
        composed[in_formulas] = (lambda F, *args: getattr(F, forward)(*args)) if isinstance(forward, str) else forward
    return op
