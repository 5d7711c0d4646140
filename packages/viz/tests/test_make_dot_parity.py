"""The same programs drawn by torchviz: the same boxes, arrows, colours and order."""

from __future__ import annotations

import re
import warnings

import pytest

import tane
from tane import viz

torch = pytest.importorskip("torch")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # torchviz asks distutils for a version
    torchviz = pytest.importorskip("torchviz")

pytestmark = [pytest.mark.parity, pytest.mark.filterwarnings("ignore:distutils Version classes:DeprecationWarning")]


def plain(dot) -> str:
    """The source with its keys numbered as they come: torchviz's are addresses."""
    keys: dict[str, str] = {}

    def number(found):
        return found[1] + keys.setdefault(found[2], str(len(keys)))

    return re.sub(r"(^\t|-> )(\d+)(?= ->| \[|$)", number, dot.source, flags=re.MULTILINE)


def leaf(module, *shape):
    return module.ones(shape, requires_grad=True)


def neuron(m):
    weight, bias = leaf(m, 1, 2), leaf(m, 1)
    return m.tanh((weight * m.ones(1, 2)).sum() + bias), {"weight": weight, "bias": bias}


def without_names(m):
    return neuron(m)[0], None


def two_layers(m):
    w1, b1, w2 = leaf(m, 3, 4), leaf(m, 4), leaf(m, 4, 2)
    return (m.tanh(m.ones(5, 3) @ w1 + b1) @ w2).mean(), {"l1.weight": w1, "l1.bias": b1, "l2.weight": w2}


def shared_weight(m):
    w = leaf(m, 3, 3)
    h = m.ones(2, 3)
    for _ in range(3):
        h = m.sigmoid(h @ w)
    return h.sum(), {"w": w}


def residual(m):
    w = leaf(m, 3)
    h = w.exp()
    return (h + h.sin() * h).sum(), {"w": w}


def two_outputs(m):
    w = leaf(m, 3)
    h = w * 2
    return (h.sin(), h.cos()), {"w": w}


def view(m):
    w = leaf(m, 6)
    return (w * 2).reshape(2, 3), {"w": w}


def view_of_leaf(m):
    w = leaf(m, 2, 3)
    return w.t(), {"w": w}


def leaf_alone(m):
    w = leaf(m, 2)
    return w, {"w": w}


def no_graph(m):
    return m.ones(2, 2), None


def scalar(m):
    x = leaf(m)
    return x**2 * 3 - x / 2, {"x": x}


PROGRAMS = [neuron, without_names, two_layers, shared_weight, residual, two_outputs, view, view_of_leaf, leaf_alone, no_graph, scalar]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_source(program):
    y, params = program(tane)
    theirs, their_params = program(torch)
    assert plain(viz.make_dot(y, params)) == plain(torchviz.make_dot(theirs, their_params))


def test_saved_tensors_of_a_custom_function():
    def program(m):
        class Cube(m.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                ctx.save_for_backward(x)
                return x * x * x

            @staticmethod
            def backward(ctx, g):
                (x,) = ctx.saved_tensors
                return 3 * x * x * g

        w = leaf(m, 3)
        return Cube.apply(w * 2).sum(), {"w": w}

    y, params = program(tane)
    theirs, their_params = program(torch)
    assert plain(viz.make_dot(y, params)) == plain(torchviz.make_dot(theirs, their_params))


@pytest.mark.parametrize("params", [{"w": 1.0}, {"w": None}])
def test_bad_params(params):
    with pytest.raises(AssertionError):
        torchviz.make_dot(torch.ones(1), params)
    with pytest.raises(AssertionError):
        viz.make_dot(tane.ones(1), params)
