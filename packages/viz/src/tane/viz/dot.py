"""The graph that ``backward`` walks, as a picture: boxes and arrows in Graphviz's language."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import graphviz

from tane.autograd.node import Node
from tane.tensor import Tensor
from tane.viz.clusters import Clusters
from tane.viz.walk import inputs_first, is_leaf_node, op_name, saved_tensors, saved_values

__all__ = ["make_dot"]

BOXES = {
    "style": "filled",
    "shape": "box",
    "align": "left",
    "fontsize": "10",
    "ranksep": "0.1",
    "height": "0.2",
    "fontname": "monospace",
}
LEAF, SAVED, OUTPUT, BASE = "lightblue", "orange", "darkolivegreen1", "darkolivegreen3"

Attributes = Callable[[Any], "Mapping[str, str] | None"]


def make_dot(
    var: Tensor | tuple[Tensor, ...],
    params: Mapping[str, Tensor] | None = None,
    show_attrs: bool = False,
    show_saved: bool = False,
    max_attr_chars: int = 50,
    *,
    rankdir: str | None = None,
    depth: int | None = None,
    collapse: bool = False,
    node_attrs: Attributes | None = None,
) -> graphviz.Digraph:
    """Draw the graph that leads to a tensor, or to several.

    Grey boxes are operations, named as ``grad_fn`` names them. Blue is a leaf, whose ``grad`` backward fills; green is ``var``; dark
    green the tensor that ``var`` is a view of; orange a tensor that an operation keeps for backward. Arrows go the way the data went.
    Called as torchviz's ``make_dot`` is, it draws the same picture; what follows the ``*`` is more than torchviz has.

    Args:
        var: The output, or a tuple of outputs.
        params: The names of leaves, such as ``dict(model.named_parameters())``.
        show_attrs: Write what an operation keeps that is no tensor, such as an axis, into its box.
        show_saved: Draw the tensors that operations keep. Those a :class:`tane.autograd.Function` saved are always drawn.
        max_attr_chars: How much of an attribute ``show_attrs`` writes.
        rankdir: Which way it runs: ``"TB"`` (from top to bottom, as without), ``"LR"``, ``"BT"`` or ``"RL"``.
        depth: Put a frame around what belongs to one module, down to this many levels of nested modules. A module is known by the dotted
            names in ``params``, and exactly if the model ran within :func:`tane.viz.track_modules`.
        collapse: Draw each module at that ``depth`` as one box, with its number of operations and parameters: for graphs of thousands of
            nodes.
        node_attrs: Called with each operation's node and each drawn tensor; the Graphviz attributes it returns, if any, are added to its
            box.

    Returns:
        A ``graphviz.Digraph``. Its ``source`` is text; :func:`tane.viz.render` makes pictures of it. The same graph has the same source.

    Raises:
        TypeError: ``var`` is not a tensor or a tuple of them, or ``params`` is not a mapping.
        AssertionError: ``params`` holds something that is not a tensor.
        ValueError: ``rankdir`` is none of the four, ``depth`` is less than 1, or ``collapse`` is given without it.

    >>> import tane
    >>> w = tane.tensor(3.0, requires_grad=True)
    >>> print(tane.viz.make_dot(w * 2, params={"w": w}).source)                         # doctest: +ELLIPSIS
    digraph {
    ...
    """
    outputs = var if isinstance(var, (tuple, list)) else (var,)
    for v in outputs:
        if not isinstance(v, Tensor):
            raise TypeError(f"make_dot() draws a Tensor or a tuple of Tensors, not {type(v).__name__}")
    if params is not None and not isinstance(params, Mapping):
        raise TypeError(
            f"make_dot(): params is a dict from names to Tensors, such as dict(model.named_parameters()), not {type(params).__name__}"
        )
    for name, p in (params or {}).items():
        if not isinstance(p, Tensor):
            raise AssertionError(f"make_dot(): params[{name!r}] is not a Tensor, but {type(p).__name__}")
    if rankdir not in (None, "TB", "LR", "BT", "RL"):
        raise ValueError(f"make_dot(): rankdir is 'TB', 'LR', 'BT' or 'RL', not {rankdir!r}")
    if depth is not None and depth < 1:
        raise ValueError(f"make_dot(): depth counts levels of modules from 1, but is {depth}")
    if collapse and depth is None:
        raise ValueError("make_dot(): collapse draws the modules at a depth as one box each: say which, for instance depth=1")

    dot = graphviz.Digraph(node_attr=BOXES, graph_attr={"size": "12,12"})
    if rankdir is not None:
        dot.attr(rankdir=rankdir)
    names = {id(p): name for name, p in (params or {}).items()}
    target = dot
    if depth is not None:
        roots = [fn for v in outputs for fn in (v.grad_fn, None if v._base is None else v._base.grad_fn) if fn is not None]
        target = Clusters(inputs_first(roots), names, depth, collapse)
    drawing = Drawing(target, names, show_attrs, show_saved, max_attr_chars, node_attrs)
    for v in outputs:
        drawing.add_output(v)
    if depth is not None:
        target.write(dot)
    length = max(12, len(dot.body) * 0.15)
    dot.graph_attr.update(size=f"{length},{length}")
    return dot


def shape_text(shape: tuple[int, ...]) -> str:
    return f"({', '.join(str(d) for d in shape)})"


def literal(text: str) -> str:
    """Text that Graphviz shows as it is."""
    return text.replace("\\", "\\\\")


class Drawing:
    """Boxes and arrows, each node and tensor once."""

    def __init__(
        self,
        target: Any,
        names: Mapping[int, str],
        show_attrs: bool,
        show_saved: bool,
        max_attr_chars: int,
        node_attrs: Attributes | None,
    ) -> None:
        self.target, self.names, self.node_attrs = target, names, node_attrs
        self.show_attrs, self.show_saved, self.max_attr_chars = show_attrs, show_saved, max(max_attr_chars, 3)
        self.keys: dict[int, str] = {}
        self.alive: list[Any] = []  # keeps what is numbered by its id from being replaced by something of the same id
        self.drawn: set[str] = set()

    def key(self, thing: Any) -> str:
        """A short name of a box, the same in every run."""
        found = self.keys.get(id(thing))
        if found is None:
            found = self.keys[id(thing)] = str(len(self.keys))
            self.alive.append(thing)
        return found

    def box(self, key: str, text: str, subject: Any, **attributes: str) -> None:
        self.drawn.add(key)
        if self.node_attrs is not None:
            attributes.update(self.node_attrs(subject) or {})
        if isinstance(self.target, Clusters):
            self.target.place(key, subject)
        self.target.node(key, text, **attributes)

    def tensor_box(self, key: str, t: Tensor, color: str, name: str | None = None) -> None:
        name = name or self.names.get(id(t), "")
        self.box(key, f"{literal(name)}\n {shape_text(t.shape)}", t, fillcolor=color)

    # ---- tensors --------------------------------------------------------------------------------------------------------------
    def add_output(self, t: Tensor) -> None:
        self.add_result(t, OUTPUT)
        base = t._base
        if base is not None:
            self.add_result(base, BASE)
            self.target.edge(self.key(base), self.key(t), style="dotted")

    def add_result(self, t: Tensor, color: str) -> None:
        """A tensor and everything that leads to it."""
        key = self.key(t)
        if key in self.drawn:
            return
        self.tensor_box(key, t, color)
        if t.grad_fn is not None:
            self.add_graph(t.grad_fn)
            self.target.edge(self.key(t.grad_fn), key)

    def add_saved(self, fn: str, t: Tensor, name: str | None, custom: bool = False) -> None:
        """A tensor that a node keeps, and the line between them: away from it if a custom function keeps it, else towards it."""
        leaf = t.node if t.is_leaf and t.requires_grad else None
        own = None if leaf is None else leaf.variable
        key = self.key(t.array if own is None else own)  # the same memory is one box, whoever keeps it
        self.target.edge(*((key, fn) if custom else (fn, key)), dir="none")
        if own is None and key not in self.drawn:  # a leaf has its blue box
            self.tensor_box(key, t, SAVED, name)

    # ---- operations -------------------------------------------------------------------------------------------------------------
    def add_graph(self, root: Node) -> None:
        """Everything that leads to a node, depth first."""
        stack = [self.expand(root)]
        while stack:
            fn = next(stack[-1], None)
            if fn is None:
                stack.pop()
            else:
                stack.append(self.expand(fn))

    def expand(self, fn: Node) -> Iterator[Node]:
        """Draw one operation and its arrows; yields where to go on."""
        key = self.key(fn)
        if key in self.drawn:
            return
        if self.show_saved:
            for name, t in saved_tensors(fn):
                self.add_saved(key, t, name)
        if is_leaf_node(fn):
            leaf = fn.variable
            if leaf is None:  # nobody holds the tensor any more; its place in the graph is still there
                place = self.key([])
                self.box(place, f"\n {shape_text(fn.shape)}", fn, fillcolor=LEAF)
                self.target.edge(place, key)
            else:
                self.tensor_box(self.key(leaf), leaf, LEAF)
                self.target.edge(self.key(leaf), key)
        self.box(key, self.text(fn), fn)
        for before, _ in fn.next_functions:
            if before is not None:
                self.target.edge(self.key(before), key)
                yield before
        for t in custom_saved(fn):
            self.add_saved(key, t, self.names.get(id(t)), custom=True)

    def text(self, fn: Node) -> str:
        name = op_name(fn)
        values = saved_values(fn) if self.show_attrs else {}
        if not values:
            return name
        texts = {k: attribute_text(v) for k, v in values.items()}
        first = max(map(len, texts))
        second = min(max(map(len, texts.values())), self.max_attr_chars)
        lines = [name, "-" * max(first + second + 2, len(name))]
        for k, v in texts.items():
            v = v if len(v) <= second else v[: second - 3] + "..."
            lines.append(f"{k:<{first}}: {v:>{second}}")
        return literal("\n".join(lines))


def attribute_text(value: Any) -> str:
    if isinstance(value, Tensor):
        return "[saved tensor]"
    if isinstance(value, (tuple, list)) and any(isinstance(t, Tensor) for t in value):
        return "[saved tensors]"
    return str(value)


def custom_saved(fn: Node) -> list[Tensor]:
    """What a custom function saved."""
    try:
        saved = getattr(fn, "saved_tensors", ())
    except RuntimeError:  # freed by a backward
        return []
    return [t for t in saved if isinstance(t, Tensor)]
