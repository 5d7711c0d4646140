"""What is drawn, logged and printed of a model: anything with PyTorch's modules, parameters and forward hooks."""

from __future__ import annotations

import re

import pytest
from tensorboardX.proto.graph_pb2 import GraphDef

import tane
from tane import viz
from tane.viz.graphdef import graph_def


class Hook:
    def __init__(self, hooks, hook):
        self.hooks, self.hook = hooks, hook
        hooks.append(hook)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.hooks.remove(self.hook)


class Module:
    """As much of a module as a picture needs."""

    def __init__(self, **parts):
        self.parts, self.training, self.before, self.after = parts, True, [], []

    def named_modules(self, prefix=""):
        yield prefix, self
        for name, part in self.parts.items():
            if isinstance(part, Module):
                yield from part.named_modules(f"{prefix}.{name}" if prefix else name)

    def named_parameters(self):
        seen = set()
        for path, module in self.named_modules():
            for name, part in module.parts.items():
                if isinstance(part, tane.Tensor) and id(part) not in seen:
                    seen.add(id(part))
                    yield f"{path}.{name}" if path else name, part

    def register_forward_pre_hook(self, hook):
        return Hook(self.before, hook)

    def register_forward_hook(self, hook):
        return Hook(self.after, hook)

    def __call__(self, *args):
        for hook in self.before:
            hook(self, args)
        result = self.forward(*args)
        for hook in self.after:
            hook(self, args, result)
        return result

    def __getattr__(self, name):
        return self.__dict__["parts"][name]


class Affine(Module):
    def __init__(self, inputs, outputs):
        super().__init__(weight=tane.ones(inputs, outputs, requires_grad=True), bias=tane.zeros(outputs, requires_grad=True))

    def forward(self, x):
        return x @ self.weight + self.bias


class Squash(Module):
    def forward(self, x):
        return x.tanh() if not self.training else x.sin()


class Block(Module):
    def __init__(self):
        super().__init__(affine=Affine(3, 4), squash=Squash())

    def forward(self, x):
        return self.squash(self.affine(x)) * 2


class Net(Module):
    def __init__(self):
        super().__init__(block=Block(), head=Affine(4, 2), scale=tane.tensor([3.0], requires_grad=True))

    def forward(self, x):
        return self.head(self.block(x)) * self.scale


# ---- recorded modules -------------------------------------------------------------------------------------------------------------
def test_track_modules():
    net = Net()
    with viz.track_modules(net):
        y = net(tane.ones(1, 3))
    fn = y.grad_fn
    assert (fn.name(), fn.metadata["module"]) == ("MulBackward0", "")
    dot = viz.make_dot(y, dict(net.named_parameters()), depth=2)
    for name in ("block", "block.affine", "block.squash", "head"):
        assert re.search(f'label="?{name}"?', dot.source)
    assert not net.before
    assert not net.block.affine.after
    after = net(tane.ones(1, 3)).grad_fn
    assert "module" not in after.metadata


def test_track_modules_ends_with_an_error():
    net = Net()
    with pytest.raises(RuntimeError), viz.track_modules(net):
        net(tane.ones(1, 7))
    assert not net.before
    assert "module" not in (tane.ones(1, requires_grad=True) * 2).grad_fn.metadata


# ---- the graph for TensorBoard ------------------------------------------------------------------------------------------------------
@pytest.fixture
def nodes():
    net = Net()
    graph = GraphDef.FromString(graph_def(net, tane.ones(5, 3)).SerializeToString())
    return {n.name: n for n in graph.node}


def test_nodes_are_nested_by_module(nodes):
    assert set(nodes) == {
        "input/x",
        "Net/scale",
        "Net/Block[block]/Affine[affine]/weight",
        "Net/Block[block]/Affine[affine]/bias",
        "Net/Block[block]/Affine[affine]/mm",
        "Net/Block[block]/Affine[affine]/add",
        "Net/Block[block]/Squash[squash]/tanh",  # not sin: it runs in evaluation mode
        "Net/Block[block]/mul",
        "Net/Affine[head]/weight",
        "Net/Affine[head]/bias",
        "Net/Affine[head]/mm",
        "Net/Affine[head]/add",
        "Net/mul",
        "output/output.1",
    }


def test_nodes_are_joined(nodes):
    assert list(nodes["Net/Block[block]/Affine[affine]/mm"].input) == ["input/x", "Net/Block[block]/Affine[affine]/weight"]
    assert list(nodes["Net/mul"].input) == ["Net/Affine[head]/add", "Net/scale"]
    assert list(nodes["output/output.1"].input) == ["Net/mul"]
    for node in nodes.values():
        assert all(name in nodes for name in node.input)


def test_nodes_have_shapes(nodes):
    def shape(name):
        (only,) = nodes[name].attr["_output_shapes"].list.shape
        return [d.size for d in only.dim]

    assert shape("input/x") == [5, 3]
    assert shape("Net/Affine[head]/weight") == [4, 2]
    assert shape("output/output.1") == [5, 2]
    assert nodes["Net/mul"].attr["dtype"].s == b"float32"


def test_the_model_stays_as_it_was():
    net = Net()
    net.block.training = False
    net.head.weight.requires_grad_(False)
    x = tane.ones(5, 3)
    graph = graph_def(net, (x,))
    assert "Net/Affine[head]/weight" in graph.node[-3].input or any("Net/Affine[head]/weight" in n.input for n in graph.node)
    assert not net.head.weight.requires_grad
    assert not x.requires_grad
    assert (net.training, net.block.training, net.head.training) == (True, False, True)
    assert net.head.bias.grad is None


def test_the_same_op_twice_has_two_names():
    graph = graph_def(lambda x: (x + 1) + 1, tane.ones(2))
    assert [n.name for n in graph.node] == ["input/x", "function/add", "function/add_1", "output/output.1"]


def test_ops_with_several_results():
    def halves(x):
        a, b = x.chunk(2)
        return a * b

    graph = graph_def(halves, tane.ones(4))
    nodes = {n.name: n for n in graph.node}
    (split,) = (n for n in nodes if n.startswith("function/") and not n.endswith("mul"))
    assert list(nodes["function/mul"].input) == [split, f"{split}:1"]


# ---- the table --------------------------------------------------------------------------------------------------------------------------
def test_summary():
    assert str(viz.summary(Net(), tane.ones(5, 3))).splitlines() == [
        "module              output shape  parameters",
        "--------------------------------------------",
        "Net                 (5, 2)                 1",
        "  block: Block      (5, 4)                 -",
        "    affine: Affine  (5, 4)                16",
        "    squash: Squash  (5, 4)                 -",
        "  head: Affine      (5, 2)                10",
        "--------------------------------------------",
        "27 parameters, 108 bytes",
    ]


def test_summary_without_running():
    text = str(viz.summary(Net(), depth=1)).splitlines()
    assert [line.split() for line in text[2:5]] == [["Net", "1"], ["block:", "Block", "16"], ["head:", "Affine", "10"]]


def test_summary_counts_shared_and_frozen_parameters():
    net = Net()
    net.parts["again"] = net.head
    net.head.weight.requires_grad_(False)
    found = viz.summary(net)
    assert (found.parameters, found.trainable) == (27, 19)
    assert str(found).endswith("27 parameters, 108 bytes; 8 of them frozen")


def test_summary_of_a_model_that_fails(capsys):
    net = Net()
    net.parts["head"] = Affine(5, 2)
    with pytest.raises(RuntimeError):
        viz.summary(net, tane.ones(5, 3))
    text = capsys.readouterr().out
    assert re.search(r"block: Block +\(5, 4\)", text)
    assert re.search(r"head: Affine +failed here +12", text)
    assert re.search(r"Net +did not run", text)
    assert not net.before


def test_summary_of_a_module_that_runs_twice():
    class Twice(Module):
        def forward(self, x):
            return self.inner(self.inner(x)), x

    found = viz.summary(Twice(inner=Squash()), tane.ones(2))
    assert [r.calls for r in found.rows] == [1, 2]
    assert "(2) (2)" in str(found)
    assert "(2), 2 times" in str(found)
