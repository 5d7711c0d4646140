"""What an op is: one declaration, from which its callable, its graph nodes and its gradients at every order are made.

    mul = primitive("mul", "multiply", lambda F, g, b: g * b, lambda F, g, a: g * a, inputs="ab", promotes="same")

The forward is the name of a function of ``F``, or a formula ``lambda F, x, axis=None: ...`` whose first parameters are tensors, one for each
gradient formula given, and whose further ones are keywords. **The parameter names of a gradient formula say what the graph keeps**:
``y`` is the output, an input's own name is that input, ``<input>_shape`` its shape, a keyword of the op its value. What no formula names is not
kept; nor is what only an input without gradient would need. ``g`` is the gradient of the output; an input whose formula is ``None``
has no gradient.

The callable of an op is compiled once, at its first call, from a template that leaves out whatever the op does not need.
"""

from __future__ import annotations

import copy
import functools
import linecache
import sys
from collections.abc import Callable, Mapping, Sequence
from types import FunctionType
from typing import Any
from weakref import ref

from tane.autograd.engine import namespaces, recast
from tane.autograd.node import Node, Output
from tane.autograd.state import local, state
from tane.backends.backend import Backend, TypeTable
from tane.backends.namespace import composed
from tane.dtypes import float32, float64, from_numpy_dtype
from tane.ops.promotion import prepare
from tane.tensor import Tensor, new, wrap

__all__ = ["F", "Joint", "Primitive", "Variadic", "primitive", "primitives"]

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

    variadic = False
    holomorphic = True
    broadcasts_gradient = False
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
        doc: str,
    ) -> None:
        self.name, self.forward, self.gradients = name, forward, tuple(gradients)
        self.inputs, self.keywords, self.promotes = tuple(inputs), dict(keywords), promotes
        self.view, self.extra, self.wide, self.doc = view, tuple(extra), wide, doc
        self.backward_name = backward_name
        self.wants = tuple(_names(g)[2:] if g else () for g in self.gradients)
        known = {"y", *self.inputs, *(f"{i}_shape" for i in self.inputs), *self.keywords, *self.extra}
        for want in self.wants:
            if not known.issuperset(want):
                raise TypeError(f"op {name!r}: a gradient formula names {sorted(set(want) - known)}; it can name {sorted(known)}")
        values = {"y", *self.inputs, *self.extra}
        self.keeps_values = any(n in values for want in self.wants for n in want)
        # A pointwise formula multiplies by a value of the full shape, so a scalar gradient needs no repeating beforehand.
        self.broadcasts_gradient = (
            bool(promotes) and len(self.inputs) == 1 and not self.keywords.keys() & {"axis", "keepdims"} and self.keeps_values
        )
        self.forwards = TypeTable(self._forward_on)
        self.rules = TypeTable(self._rules_on)
        self.rules[Tensor] = (F, self.gradients)
        self.call: Callable[..., Any] = _compile(self)

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
        return (r, *map(wrap, extra)) if self.extra else r

    def operate(self, tensors: tuple[Any, ...], values: tuple[Any, ...]) -> Any:
        """:meth:`slow` for Python's operators, which leave strangers to the other operand's class."""
        for x in tensors:
            if not isinstance(x, (Tensor, int, float, complex)) and not hasattr(x, "__array__"):
                return NotImplemented
        return self.slow(tensors, values)

    @functools.cached_property
    def operator(self) -> Callable[..., Any]:
        """The op's callable as a Python operator: what it does not know answers NotImplemented."""
        return _compile(self, self.operate)

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


def saved_value(op: Any, n: Node, name: str, traced: Callable[[Node, str, Any], Any]) -> Any:
    """The value that ``n`` keeps under a formula's name for it, or PyTorch's, as a Tensor where it is one."""
    first, last = (op.inputs[0], op.inputs[-1]) if op.inputs else ("xs", "xs")
    own = {"result": "y", "self": first, "other": last, "dim": "axis", "keepdim": "keepdims", "tensors": "xs", "results": "ys"}
    meant = (name, own.get(name))
    count = 1 if isinstance(op, Joint) else len(n.edges)
    places = [(i, k) for i, want in zip(range(count), op.wants) for k, w in enumerate(want) if w in meant]
    if not places:
        raise AttributeError(f"{n.name()} keeps no value called {name!r}; it keeps {', '.join(op.saved_names) or 'none'}")
    if n.saved is None:
        raise RuntimeError(FREED_VALUE)
    for i, k in places:
        if n.saved[i] is not None:
            value = n.saved[i][k]
            return traced(n, op.wants[i][k], value if n.saved_hook is None else n.saved_hook(value))
    return None


FREED_VALUE = (
    "Trying to backward through the graph a second time (or directly access saved tensors after they have already been freed). Specify "
    "retain_graph=True if you need to access saved tensors after calling backward."
)


def mismatch(op: Any, error: ValueError, *raws: Any) -> Exception:
    """PyTorch's error for operands whose shapes do not go together; ``error`` itself where that is not the trouble."""
    shapes = [x.shape for x in raws if hasattr(x, "shape")]
    if not op.promotes or len(shapes) < 2:
        return error
    so_far: list[int] = []
    for shape in shapes:
        wide = max(len(so_far), len(shape))
        a, b = [1] * (wide - len(so_far)) + so_far, [1] * (wide - len(shape)) + list(shape)
        for i in range(wide - 1, -1, -1):
            if a[i] != b[i] and a[i] != 1 and b[i] != 1:
                return RuntimeError(
                    f"The size of tensor a ({a[i]}) must match the size of tensor b ({b[i]}) at non-singleton dimension {i}: "
                    f"{op.name} of shapes {' and '.join(str(list(s)) for s in shapes)}"
                )
        so_far = [y if x == 1 else x for x, y in zip(a, b, strict=True)]
    return error


def notify(n: Node) -> None:
    for observer in local.observers:
        observer(n)


def track(parent: Any, view: Tensor, op: Any, values: tuple[Any, ...]) -> None:
    """Remember where a view came from, so that an in-place change of either reaches the other's history."""
    view.base, view.view_of = parent, (op, values)
    if parent.untracked:
        view.untracked = True
    if state.special and not local.recording:
        view.unrecorded = True
    views = parent.views
    if views is None:
        parent.views = views = []
    elif len(views) > 8 and len(views) & (len(views) - 1) == 0:  # now and then, drop those that are gone
        views[:] = [v for v in views if v() is not None]
    views.append(ref(view))


def _names(formula: Any) -> tuple[str, ...]:
    """The parameter names of a function or lambda."""
    code = formula.__code__
    return tuple(code.co_varnames[: code.co_argcount])


# ---- the compiled callable ------------------------------------------------------------------------------------------------------
def _source(op: Primitive) -> str:
    inputs, kw = op.inputs, tuple(op.keywords)
    call = ", ".join([*(f"x{i}" for i in range(len(inputs))), *kw])
    slow = f"slow(({', '.join(inputs)},), ({''.join(k + ', ' for k in kw)}))"
    lines = [
        f"def {op.name}({', '.join([*inputs, *(f'{k}=_{k}' for k in kw)])}):",
        f"    if not isinstance({inputs[0]}, Tensor):",
        f"        return {slow}",
        f"    x0 = {inputs[0]}.array; e0 = {inputs[0]}.node; t = type(x0)",
    ]
    if op.promotes or op.wide or len(inputs) > 1:
        lines += ["    d = x0.dtype", "    if d is not F32 and d is not F64:", f"        return {slow}"]
    for i, name in enumerate(inputs[1:], 1):
        scalar = [f"    elif type({name}) is float or type({name}) is int:", f"        x{i} = {name}; e{i} = None"] if op.promotes else []
        lines += [
            f"    if isinstance({name}, Tensor):",
            f"        x{i} = {name}.array; e{i} = {name}.node",
            f"        if x{i}.dtype is not d or type(x{i}) is not t:",
            f"            return {slow}",
            *scalar,
            "    else:",
            f"        return {slow}",
        ]
    compute = f"out{''.join(', ' + e for e in op.extra)} = forwards[t]({call})"
    if op.promotes and len(inputs) > 1:
        arrays = ", ".join(f"x{i}" for i in range(len(inputs)))
        lines += [
            "    try:",
            f"        {compute}",
            "    except ValueError as error:",
            f"        raise mismatch(op, error, {arrays}) from None",
        ]
    else:
        lines += [f"    {compute}"]
    lines += [
        "    if type(out) is not t:",
        "        out = out[...]",
        "    r = new(Tensor)",
        "    r.array = out",
    ]
    if op.view:
        lines += [f"    track({inputs[0]}, r, op, ({''.join(k + ', ' for k in kw)}))"]
    live = [i for i, g in enumerate(op.gradients) if g is not None]
    if live:
        expression = {
            "y": "out",
            **{n: f"x{i}" for i, n in enumerate(inputs)},
            **{f"{n}_shape": f"x{i}.shape" for i, n in enumerate(inputs)},
        }
        saved = [f"({''.join(expression.get(w, w) + ', ' for w in want)})" for want in op.wants]
        if len(inputs) > 1:
            saved = [s if s == "()" else f"{s} if e{i} is not None else None" for i, s in enumerate(saved)]
        lines += [
            f"    if ({' or '.join(f'e{i} is not None' for i in live)}) and (not state.special or local.recording):",
            "        n = Node()",
            "        n.op = op",
            f"        n.edges = ({''.join(f'e{i}, ' if i in live else 'None, ' for i in range(len(inputs)))})",
            f"        n.saved = ({''.join(s + ', ' for s in saved)})",
            "        n.epoch = state.mutations; n.shape = out.shape; n.dtype = out.dtype",
            "        r.node = n",
            "        if state.special:",
            "            notify(n)",
        ]
    lines.append(f"    return r{''.join(f', wrap({e})' for e in op.extra)}")
    return "\n".join(lines) + "\n"


@functools.cache
def _bytecode(source: str, name: str) -> Any:
    filename = f"<op {name}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    return compile(source, filename, "exec")


def _compile(op: Primitive, slow: Callable[..., Any] | None = None) -> Callable[..., Any]:
    scope: dict[str, Any] = {
        "__name__": __name__,  # the module that warnings of overflow are attributed to, and silenced for
        "op": op,
        "slow": slow or op.slow,
        "mismatch": mismatch,
        "forwards": op.forwards,
        "Tensor": Tensor,
        "Node": Node,
        "new": new,
        "state": state,
        "local": local,
        "track": track,
        "notify": notify,
        "wrap": wrap,
        "F32": float32.numpy,
        "F64": float64.numpy,
        **{f"_{k}": v for k, v in op.keywords.items()},
    }
    # Compiling takes longer than importing: it waits for the first call, which then gives the function that everybody holds its code.
    call = FunctionType(_unmade.__code__, scope, op.name)

    def make() -> Callable[..., Any]:
        exec(_bytecode(_source(op), op.name), scope)
        made = scope[op.name]
        call.__defaults__, call.__code__ = made.__defaults__, made.__code__
        return call

    scope["make"] = make
    call.__doc__ = op.doc
    return call


def _unmade(*args: Any, **kwargs: Any) -> Any:
    return make()(*args, **kwargs)  # type: ignore[name-defined]  # noqa: F821 - in the scope of the op


def primitive(
    name: str,
    forward: str | Formula,
    *gradients: Formula | None,
    inputs: Sequence[str] | None = None,
    promotes: str | None = None,
    view: bool = False,
    extra: Sequence[str] = (),
    backward: str | None = None,
    numpy: str | None = None,
    wide: bool = False,
    holomorphic: bool = True,
    doc: str = "",
) -> Primitive:
    """Declare an op; the module's docstring says how formulas are written.

    ``promotes`` is ``"same"`` (PyTorch's promoted type), ``"float"`` (integers become the default float), ``"compare"`` (promoted, result bool) or
    None (the types must agree). ``view`` says that the result shares the input's memory. ``extra`` names further results of the forward that have no
    gradient, such as ``indices``. ``backward`` is the name shown by ``grad_fn`` (default: ``MulBackward0`` for ``mul``), ``numpy`` the name in ``F``
    where it is not the forward's own. ``wide`` computes 16-bit floats in float32, for ops that accumulate. ``holomorphic=False`` says that the gradient
    formulas themselves are right for complex operands (``abs``, ``real``).
    """
    if isinstance(forward, str):
        names: tuple[str, ...] = tuple(inputs or ("x",) if len(gradients) == 1 else inputs or ("a", "b", "c")[: len(gradients)])
        keywords: dict[str, Any] = {}
    else:
        parameters = _names(forward)[1:]
        names = parameters[: len(gradients)]
        defaults = forward.__defaults__ or ()
        rest = parameters[len(gradients) :]
        if len(defaults) < len(rest):
            raise TypeError(f"op {name!r}: keywords need defaults, {rest[: len(rest) - len(defaults)]} have none")
        keywords = dict(zip(rest, defaults[len(defaults) - len(rest) :], strict=True))
    op = Primitive(name, forward, gradients, names, keywords, promotes, view, extra, backward or _camel(name) + "Backward0", wide, doc)
    op.home = sys._getframe(1).f_globals["__name__"]
    op.holomorphic = holomorphic
    primitives[name] = op
    in_formulas = numpy or (forward if isinstance(forward, str) else name)
    setattr(F, in_formulas, op.call)
    if in_formulas != forward:
        composed[in_formulas] = (lambda F, *args: getattr(F, forward)(*args)) if isinstance(forward, str) else forward
    return op


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


# ---- ops on a sequence of tensors -------------------------------------------------------------------------------------------------
class Variadic(Primitive):
    """An op on a list of tensors, such as ``cat``: ``forward(F, xs, **keywords)``; its one gradient formula gets the input's number ``i``."""

    variadic = True

    def __init__(
        self, name: str, forward: Formula, gradient: Formula, promotes: str | None = "same", backward: str | None = None, doc: str = ""
    ) -> None:
        self.name, self.forward, self.gradient, self.promotes, self.doc = name, forward, gradient, promotes, doc
        self.home = sys._getframe(1).f_globals["__name__"]
        self.inputs, self.extra, self.view, self.wide = (), (), False, False
        parameters = _names(forward)[2:]
        self.keywords = dict(zip(parameters, forward.__defaults__ or (), strict=True))
        self.backward_name = backward or _camel(name) + "Backward0"
        self.want = _names(gradient)[3:]
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


# ---- ops with several results -------------------------------------------------------------------------------------------------------
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
        parameters = _names(forward)[1:]
        self.inputs, rest = parameters[:inputs], parameters[inputs:]
        self.keywords = dict(zip(rest, forward.__defaults__ or (), strict=True))
        self.want = _names(gradient)[2:]
        self.extra = ()
        self.wants = (self.want,)
        self.keeps_values = bool({"ys", *self.inputs} & set(self.want))
        self.backward_name = backward or _camel(name) + "Backward0"
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
