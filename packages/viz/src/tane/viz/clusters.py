"""The boxes of a graph put into frames, one for each module, or each module drawn as a single box."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

from tane.autograd.node import Node
from tane.tensor import Tensor
from tane.viz.modules import owners, shorten
from tane.viz.walk import is_leaf_node

__all__ = ["Clusters"]


class Clusters:
    """Takes boxes and arrows as a ``Digraph`` does, and writes them to one, grouped by module."""

    def __init__(self, order: list[Node], names: Mapping[int, str], depth: int, collapse: bool) -> None:
        self.owner = {fn: shorten(path, depth) for fn, path in owners(order, names).items()}
        self.parameters = {i: shorten(name.rpartition(".")[0], depth) for i, name in names.items()}
        self.depth, self.collapse = depth, collapse
        self.module: dict[str, str] = {}  # of each box
        self.boxes: dict[str, tuple[str, dict[str, str]]] = {}
        self.edges: list[tuple[str, str, dict[str, str]]] = []
        self.operations: dict[str, int] = {}
        self.elements: dict[str, int] = {}

    def place(self, key: str, subject: Any) -> None:
        """Say what a box stands for: a node, or a tensor."""
        if isinstance(subject, Tensor):
            module = self.parameters.get(id(subject), "")
            if module:
                self.elements[module] = self.elements.get(module, 0) + prod(subject.shape)
        else:
            module = self.owner.get(subject, "")
            if module and not is_leaf_node(subject):
                self.operations[module] = self.operations.get(module, 0) + 1
        self.module[key] = module

    def node(self, key: str, text: str, **attributes: str) -> None:
        self.boxes[key] = text, attributes

    def edge(self, tail: str, head: str, **attributes: str) -> None:
        self.edges.append((tail, head, attributes))

    def write(self, dot: Any) -> None:
        """Write everything into ``dot``."""
        if self.collapse:
            self.write_collapsed(dot)
        else:
            self.write_frames(dot)

    def write_frames(self, dot: Any) -> None:
        inside: dict[str, list[str]] = {}
        children: dict[str, list[str]] = {}
        for key in self.boxes:
            path = self.module.get(key, "")
            inside.setdefault(path, []).append(key)
            while path:
                parent = path.rpartition(".")[0]
                if path in (siblings := children.setdefault(parent, [])):
                    break
                siblings.append(path)
                path = parent

        def fill(graph: Any, path: str) -> None:  # as deep as modules are nested, which is not deep
            for key in inside.get(path, ()):
                text, attributes = self.boxes[key]
                graph.node(key, text, **attributes)
            for child in children.get(path, ()):
                with graph.subgraph(name=f"cluster_{child}") as frame:
                    frame.attr(label=child, color="gray60", fontcolor="gray30", fontname="monospace", fontsize="11", labeljust="l")
                    fill(frame, child)

        fill(dot, "")
        for tail, head, attributes in self.edges:
            dot.edge(tail, head, **attributes)

    def write_collapsed(self, dot: Any) -> None:
        around = {shorten(m, n) for m in self.module.values() for n in range(m.count(".") + 1)}  # modules that hold others

        def box(key: str) -> str:
            module = self.module.get(key, "")
            return f"module_{module}" if module and module not in around else key

        done = set()
        for key, (text, attributes) in self.boxes.items():
            name = box(key)
            if name == key:
                dot.node(key, text, **attributes)
            elif name not in done:
                done.add(name)
                dot.node(name, self.module_text(self.module[key]), fillcolor="white", style="filled,rounded")
        drawn = set()
        for tail, head, attributes in self.edges:
            if tail not in self.boxes or head not in self.boxes:
                continue
            a, b = box(tail), box(head)
            if a == b or (a, b) in drawn:  # within a module, or again between the same two
                continue
            drawn.add((a, b))
            dot.edge(a, b, **attributes)

    def module_text(self, module: str) -> str:
        lines = [module]
        for count, what in ((self.operations.get(module, 0), "operation"), (self.elements.get(module, 0), "parameter")):
            if count:
                lines.append(f"{count:,} {what}{'s' * (count != 1)}")
        return "\n".join(lines)
