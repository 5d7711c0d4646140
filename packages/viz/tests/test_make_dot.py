"""The picture of a graph: its boxes, arrows and colours."""

from __future__ import annotations

import re

import pytest

import tane
from tane import viz


def boxes(dot):
    """Label and colour of each box, by key."""
    found = {}
    for line in re.finditer(r'^\t+"?([\w.]+)"? \[label=(?:"(.*?)"|(\w+))(?: fillcolor=(\w+))?.*?\]$', dot.source, re.MULTILINE | re.DOTALL):
        found[line[1]] = (line[2] if line[2] is not None else line[3], line[4])
    return found


def arrows(dot):
    """Pairs of labels, in the order they are drawn."""
    names = {key: label for key, (label, _) in boxes(dot).items()}
    return [(names[a], names[b]) for a, b in re.findall(r"^\t+(\w+) -> (\w+)", dot.source, re.MULTILINE)]


@pytest.fixture
def neuron():
    weight = tane.tensor([[0.6, -0.2]], requires_grad=True)
    bias = tane.tensor([0.8], requires_grad=True)
    y = tane.tanh((weight * tane.tensor([[1.0, 2.0]])).sum() + bias)
    return y, {"weight": weight, "bias": bias}


def test_neuron(neuron):
    y, params = neuron
    dot = viz.make_dot(y, params)
    assert sorted(boxes(dot).values(), key=str) == sorted(
        [
            ("\n (1)", "darkolivegreen1"),
            ("weight\n (1, 2)", "lightblue"),
            ("bias\n (1)", "lightblue"),
            ("AccumulateGrad", None),
            ("AccumulateGrad", None),
            ("AddBackward0", None),
            ("MulBackward0", None),
            ("SumBackward0", None),
            ("TanhBackward0", None),
        ],
        key=str,
    )
    assert ("weight\n (1, 2)", "AccumulateGrad") in arrows(dot)
    assert ("AccumulateGrad", "MulBackward0") in arrows(dot)
    assert ("MulBackward0", "SumBackward0") in arrows(dot)
    assert ("SumBackward0", "AddBackward0") in arrows(dot)
    assert ("TanhBackward0", "\n (1)") in arrows(dot)
    assert 'size="12,12"' in dot.source


def test_same_graph_same_source(neuron):
    y, params = neuron
    assert viz.make_dot(y, params).source == viz.make_dot(y, params).source


def test_unnamed_leaves(neuron):
    assert ("\n (1, 2)", "lightblue") in boxes(viz.make_dot(neuron[0])).values()


def test_a_tensor_without_graph_is_one_box():
    dot = viz.make_dot(tane.ones(2, 3))
    assert list(boxes(dot).values()) == [("\n (2, 3)", "darkolivegreen1")]


def test_several_outputs_share_their_graph():
    w = tane.ones(2, requires_grad=True)
    h = w * 2
    dot = viz.make_dot((h.sin(), h.cos()), {"w": w})
    labels = [label for label, _ in boxes(dot).values()]
    assert labels.count("MulBackward0") == 1
    assert labels.count("\n (2)") == 2


def test_a_view_shows_its_base():
    w = tane.ones(6, requires_grad=True)
    base = w * 2
    dot = viz.make_dot(base.view(2, 3))
    assert ("\n (6)", "darkolivegreen3") in boxes(dot).values()
    assert "[style=dotted]" in dot.source


def test_saved_tensors(neuron):
    y, params = neuron
    dot = viz.make_dot(y, params, show_saved=True)
    saved = [label for label, color in boxes(dot).values() if color == "orange"]
    assert sorted(saved) == ["\n (1, 2)".join(["b", ""]), "result\n (1)"] or len(saved) == 2
    assert dot.source.count("[dir=none]") == 2


def test_a_saved_leaf_stays_blue():
    # Where an operation keeps a leaf, the arrow goes to the leaf's own box.
    w = tane.ones(3, requires_grad=True)
    v = tane.ones(3, requires_grad=True)
    dot = viz.make_dot((w * v) * w, {"w": w, "v": v}, show_saved=True)
    assert ("w\n (3)", "lightblue") in boxes(dot).values()
    assert ("v\n (3)", "lightblue") in boxes(dot).values()
    assert [label for label, color in boxes(dot).values() if color == "orange"] == [
        label for label, color in boxes(dot).values() if color == "orange" and label.endswith("(3)")
    ]


def test_attributes_are_written_and_cut():
    w = tane.ones(2, 3, requires_grad=True)
    dot = viz.make_dot(w.sum(1), show_attrs=True)
    text = next(label for label, _ in boxes(dot).values() if label.startswith("SumBackward"))
    assert "\n----" in text
    assert "axis" in text
    short = viz.make_dot(w.sum(1), show_attrs=True, max_attr_chars=3)
    assert "..." in short.source


def test_after_backward_what_was_freed_is_left_out():
    w = tane.ones(3, requires_grad=True)
    y = w.exp().sum()
    y.backward()
    dot = viz.make_dot(y, show_attrs=True, show_saved=True)
    assert "ExpBackward0" in dot.source
    assert "orange" not in dot.source


def test_a_leaf_that_is_gone():
    y = tane.ones(3, requires_grad=True).exp()
    assert ("\n (3)", "lightblue") in boxes(viz.make_dot(y)).values()


def test_operations_with_several_results():
    w = tane.ones(4, requires_grad=True)
    a, b = w.chunk(2)
    dot = viz.make_dot(a * b, {"w": w})
    assert "w\n (4)" in [label for label, _ in boxes(dot).values()]
    assert "Output" not in dot.source


def test_fifty_thousand_operations():
    x = tane.ones(1, requires_grad=True)
    y = x
    for _ in range(50_000):
        y = y + 1.0
    dot = viz.make_dot(y, {"x": x})
    assert dot.source.count("AddBackward0") == 50_000
    assert float(re.search(r'size="([\d.]+),', dot.source)[1]) == pytest.approx(0.15 * len(dot.body))


def test_fifty_thousand_operations_in_frames():
    x = tane.ones(1, requires_grad=True)
    y = x
    for _ in range(50_000):
        y = y + 1.0
    dot = viz.make_dot(y, {"net.x": x}, depth=1, collapse=True)
    assert "module_net" in dot.source


def test_rankdir(neuron):
    assert "rankdir=LR" in viz.make_dot(neuron[0], rankdir="LR").source


def test_node_attrs(neuron):
    y, params = neuron

    def tell(thing):
        if isinstance(thing, tane.Tensor):
            return {"tooltip": "a tensor"}
        return {"fillcolor": "red"} if thing.name() == "TanhBackward0" else None

    dot = viz.make_dot(y, params, node_attrs=tell)
    assert "[label=TanhBackward0 fillcolor=red]" in dot.source
    assert dot.source.count("a tensor") == 3


def test_names_are_shown_as_they_are():
    w = tane.ones(1, requires_grad=True)
    assert r"a\\nb" in viz.make_dot(w * 2, {r"a\nb": w}).source


@pytest.mark.parametrize(
    ("args", "error", "text"),
    [
        ({"var": 3}, TypeError, "not int"),
        ({"var": [3]}, TypeError, "not int"),
        ({"params": [1]}, TypeError, "dict"),
        ({"params": {"w": 1.0}}, AssertionError, r"params\['w'\] is not a Tensor, but float"),
        ({"rankdir": "up"}, ValueError, "'LR'"),
        ({"depth": 0}, ValueError, "from 1"),
        ({"collapse": True}, ValueError, "depth=1"),
    ],
)
def test_bad_arguments(args, error, text):
    with pytest.raises(error, match=text):
        viz.make_dot(**{"var": tane.ones(1, requires_grad=True) * 2, **args})


# ---- modules --------------------------------------------------------------------------------------------------------------------
@pytest.fixture
def two_layers():
    """Two layers of one block, an activation between them, and one outside."""
    params = {
        name: tane.ones(2, 2, requires_grad=True)
        for name in ("block.first.weight", "block.second.weight", "block.second.bias", "last.weight")
    }
    h = tane.ones(1, 2) @ params["block.first.weight"].t()
    h = h.relu()
    h = h @ params["block.second.weight"] + params["block.second.bias"]
    h = h.tanh()
    return h @ params["last.weight"], params


def frames(dot):
    """The labels of the boxes within each frame, those of inner frames not included."""
    found, path = {}, []
    for line in dot.source.replace("\n (", " (").splitlines():
        if opened := re.match(r'\s*subgraph "?cluster_([\w.]+)"? \{', line):
            path.append(opened[1])
            found[opened[1]] = []
        elif line.strip() == "}" and path:
            path.pop()
        elif path and (box := re.match(r'\s*\w+ \[label="?([\w. (),]+)"?', line)):
            found[path[-1]].append(box[1])
    return found


def test_frames_by_module(two_layers):
    y, params = two_layers
    inside = frames(viz.make_dot(y, params, depth=2))
    assert sorted(inside) == ["block", "block.first", "block.second", "last"]
    assert "block.first.weight (2, 2)" in inside["block.first"]
    assert [x for x in inside["block.second"] if x.endswith("Backward0")] == ["AddBackward0", "MmBackward0"]
    assert inside["block"] == ["ReluBackward0"]  # lies between the two layers of the block
    flat = frames(viz.make_dot(y, params, depth=1))
    assert sorted(flat) == ["block", "last"]
    assert len(flat["block"]) == sum(len(v) for k, v in inside.items() if k.startswith("block"))


def test_an_operation_between_modules_is_in_neither(two_layers):
    y, params = two_layers
    assert all("TanhBackward0" not in names for names in frames(viz.make_dot(y, params, depth=1)).values())


def test_collapsed_modules(two_layers):
    y, params = two_layers
    dot = viz.make_dot(y, params, depth=1, collapse=True)
    labels = [label for label, _ in boxes(dot).values()]
    assert len(labels) == 4  # block, tanh, last, the output
    assert "block.first" not in dot.source
    assert "12 parameters" in dot.source
    assert len(re.findall(" -> ", dot.source)) == 3


def test_what_lies_between_collapsed_modules_is_drawn(two_layers):
    y, params = two_layers
    labels = [label for label, _ in boxes(viz.make_dot(y, params, depth=2, collapse=True)).values()]
    assert [x.split("\n")[0] for x in labels if "operation" in x] == ["last", "block.second", "block.first"]
    assert [x for x in labels if "Backward" in x] == ["TanhBackward0", "ReluBackward0"]


def test_without_names_there_are_no_frames(two_layers):
    assert "subgraph" not in viz.make_dot(two_layers[0], depth=1).source
