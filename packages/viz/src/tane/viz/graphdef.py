"""A model as TensorBoard's GRAPHS tab reads it: the ops that one forward recorded, nested by module."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from typing import Any

from tensorboardX.proto.attr_value_pb2 import AttrValue
from tensorboardX.proto.graph_pb2 import GraphDef
from tensorboardX.proto.node_def_pb2 import NodeDef
from tensorboardX.proto.tensor_shape_pb2 import TensorShapeProto
from tensorboardX.proto.versions_pb2 import VersionDef

from tane.autograd.modes import enable_grad
from tane.autograd.node import Node
from tane.dtypes import from_numpy_dtype
from tane.tensor import Tensor
from tane.viz.modules import evaluating, recorded, tensors, track_modules
from tane.viz.walk import inputs_first, is_leaf_node, op_name

__all__ = ["graph_def", "listing"]

PRODUCER = 22  # the version of the format, as other writers of it state it


def graph_def(model: Callable[..., Any], inputs: Any) -> Any:
    """Run the model once in evaluation mode and return its graph. ``inputs`` is its argument, or a tuple of them.

    The ops are what autograd records, so that what needs no gradient is made to need one meanwhile: the floating inputs, and parameters
    that are frozen. A tensor of whole numbers, such as the indices of an embedding, has no place in that graph and is not drawn.
    """
    given = tuple(inputs) if isinstance(inputs, (tuple, list)) else () if inputs is None else (inputs,)
    arguments = [fresh(x) for x in given]
    has_modules = hasattr(model, "named_modules")
    with evaluating(model), thawed(model), enable_grad(), track_modules(model) if has_modules else nullcontext():
        result = model(*arguments)
    writer = Nodes(model)
    for i, x in enumerate(a for a in tensors(arguments) if a.node is not None):
        writer.leaf(x, f"input/{'x' if i == 0 else f'x_{i}'}", "IO Node")
    for name, p in getattr(model, "named_parameters", dict)() or ():
        writer.parameter(name, p)
    outputs = tensors(result)
    for fn in inputs_first([t.grad_fn for t in outputs if t.grad_fn is not None]):
        writer.op(fn)
    for i, t in enumerate(outputs, 1):
        writer.output(t, f"output/output.{i}")
    return GraphDef(node=writer.nodes, versions=VersionDef(producer=PRODUCER))


def listing(graph: Any) -> str:
    """The graph as lines of text: each node, its op, its shape and its inputs."""
    lines = []
    for node in graph.node:
        shapes = [f"({', '.join(str(d.size) for d in s.dim)})" for s in node.attr["_output_shapes"].list.shape]
        lines.append(f"{node.name} = {node.op}({', '.join(node.input)}) -> {', '.join(shapes)}")
    return "\n".join(lines)


class Nodes:
    """The nodes of a graph under construction, and the names of those that later ones refer to."""

    def __init__(self, model: Any) -> None:
        self.nodes: list[Any] = []
        self.names: dict[Any, str] = {}  # of graph nodes, and of leaf tensors by id
        self.taken: set[str] = set()
        # A module is labelled as PyTorch labels it: its class, and in brackets what its parent calls it.
        self.labels = {"": type(model).__name__}
        for path, module in model.named_modules() if hasattr(model, "named_modules") else ():
            if path:
                self.labels[path] = f"{type(module).__name__}[{path.rpartition('.')[2]}]"

    def scope(self, path: str) -> str:
        parts = path.split(".") if path else []
        return "/".join([self.labels[""], *(self.labels.get(".".join(parts[: i + 1]), part) for i, part in enumerate(parts))])

    def add(self, name: str, op: str, inputs: list[str], shapes: list[Any], dtype: Any, note: str = "") -> str:
        unique, n = name, 0
        while unique in self.taken:
            n += 1
            unique = f"{name}_{n}"
        self.taken.add(unique)
        dims = [TensorShapeProto(dim=[TensorShapeProto.Dim(size=d) for d in shape]) for shape in shapes]
        attributes = {"_output_shapes": AttrValue(list=AttrValue.ListValue(shape=dims))}
        if dtype is not None:
            attributes["dtype"] = AttrValue(s=from_numpy_dtype(dtype).name.encode())
        if note:
            attributes["attr"] = AttrValue(s=note.encode())
        self.nodes.append(NodeDef(name=unique, op=op, input=inputs, attr=attributes))
        return unique

    def leaf(self, t: Tensor, name: str, op: str) -> None:
        self.names[id(t)] = self.add(name, op, [], [t.shape], t.array.dtype)

    def parameter(self, name: str, p: Tensor) -> None:
        path, _, own = name.rpartition(".")
        self.leaf(p, f"{self.scope(path)}/{own}", "Parameter")

    def op(self, fn: Node) -> None:
        if is_leaf_node(fn):
            variable = fn.variable
            name = self.names.get(id(variable)) if variable is not None else None
            self.names[fn] = name or self.add("leaf", "Leaf", [], [fn.shape], fn.dtype)
            return
        kind = getattr(fn.op, "name", None) or op_name(fn).partition("Backward")[0]
        several = getattr(fn, "outputs", None)
        shapes = [shape for shape, _ in several] if several else [fn.shape]
        dtype = several[0][1] if several else fn.dtype
        inputs = [self.reference(n, number) for n, number in fn.next_functions if n is not None]
        note = ", ".join(f"{k}={v}" for k, v in settings(fn).items())
        self.names[fn] = self.add(f"{self.scope(recorded(fn) or '')}/{kind}", kind, inputs, shapes, dtype, note)

    def reference(self, fn: Node, number: int) -> str:
        return f"{self.names[fn]}:{number}" if number else self.names[fn]

    def output(self, t: Tensor, name: str) -> None:
        fn = t.grad_fn
        inputs = [self.names[id(t)]] if id(t) in self.names else [] if fn is None else [self.reference(fn, t.output_nr)]
        self.add(name, "IO Node", inputs, [t.shape], t.array.dtype)


def settings(fn: Node) -> dict[str, Any]:
    """What an op was told besides its tensors, as far as its gradient remembers it."""
    wanted = set(getattr(fn.op, "keywords", ()))
    found = {}
    for name in wanted:
        try:
            value = getattr(fn, f"_saved_{name}")
        except (AttributeError, RuntimeError):
            continue
        if isinstance(value, (bool, int, float, str, tuple)):
            found[name] = value
    return dict(sorted(found.items()))


def fresh(value: Any) -> Any:
    """The same values as leaves that need gradients, where they can."""
    if isinstance(value, Tensor):
        leaf = value.detach()
        return leaf.requires_grad_() if leaf.dtype.is_floating_point or leaf.dtype.is_complex else leaf
    if isinstance(value, (list, tuple)):
        return type(value)(map(fresh, value)) if not hasattr(value, "_fields") else type(value)(*map(fresh, value))
    return {k: fresh(v) for k, v in value.items()} if isinstance(value, dict) else value


@contextmanager
def thawed(model: Any) -> Iterator[None]:
    """Every parameter needs gradients, and afterwards only those that did."""
    frozen = [p for _, p in model.named_parameters() if not p.requires_grad] if hasattr(model, "named_parameters") else []
    with ExitStack() as stack:
        for p in frozen:
            if p.dtype.is_floating_point:
                p.requires_grad_(True)
                stack.callback(p.requires_grad_, False)
        yield
