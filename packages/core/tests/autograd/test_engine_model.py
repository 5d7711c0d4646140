"""The engine against a naive twin, and PyTorch, on random graphs."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

LIBRARIES = ["tane", "torch"] if importlib.util.find_spec("torch") else ["tane"]
N = 3


class Twin:
    """A value, what it was made of, and for each of those the function from its own gradient to theirs. Gradients are found by the definition: the sum
    over all paths, which are walked one by one.
    """

    def __init__(self, value, parents=()):
        self.value, self.parents = np.asarray(value, float), parents

    def gradient(self, target, g):
        """The part of the gradient of ``target`` that comes to it from ``g``, the gradient of this."""
        total = g if self is target else np.zeros(target.value.shape)
        for parent, pull in self.parents:
            total = total + parent.gradient(target, _unbroadcast(pull(g), parent.value.shape))
        return total


def _unbroadcast(g, shape):
    while g.ndim > len(shape):
        g = g.sum(0)
    for axis, d in enumerate(shape):
        if d == 1:
            g = g.sum(axis, keepdims=True)
    return np.broadcast_to(g, shape) + 0.0


def _unit(i):
    return np.eye(N)[i]


TWIN = {
    "add": lambda a, b: [Twin(a.value + b.value, [(a, lambda g: g), (b, lambda g: g)])],
    "sub": lambda a, b: [Twin(a.value - b.value, [(a, lambda g: g), (b, lambda g: -g)])],
    "mul": lambda a, b: [Twin(a.value * b.value, [(a, lambda g: g * b.value), (b, lambda g: g * a.value)])],
    "tanh": lambda a, b: [Twin(np.tanh(a.value), [(a, lambda g: g * (1 - np.tanh(a.value) ** 2))])],
    "same": lambda a, b: [Twin(a.value, [(a, lambda g: g)])],
    "total": lambda a, b: [Twin(a.value.sum(), [(a, lambda g: g * np.ones(a.value.shape))])],
    "spread": lambda a, b: [Twin(a.value + np.zeros(N), [(a, lambda g: g)])],
    "parts": lambda a, b: [Twin((a.value + np.zeros(N))[i], [(a, lambda g, i=i: g * _unit(i))]) for i in range(N)],
    "joined": lambda a, b: [
        Twin(
            np.concatenate([np.atleast_1d(a.value), np.atleast_1d(b.value)])[:N] + np.zeros(N),
            [(a, lambda g: _joined(a, b, g)[0]), (b, lambda g: _joined(a, b, g)[1])],
        ),
    ],
}


def _joined(a, b, g):
    """The gradients of both parts of a concatenation of which the first N elements, or the one broadcast, were taken."""
    size = a.value.size + b.value.size
    whole = np.zeros(max(size, N))
    whole[: min(size, N)] = g if size >= N else _unbroadcast(g, (size,))
    return whole[: a.value.size].reshape(a.value.shape), whole[a.value.size : size].reshape(b.value.shape)


def real(lib):
    zeros = lambda: lib.zeros(N, dtype=lib.float64)
    row = lambda t: t.reshape(1) if t.ndim == 0 else t
    return {
        "add": lambda a, b: [a + b],
        "sub": lambda a, b: [a - b],
        "mul": lambda a, b: [a * b],
        "tanh": lambda a, b: [a.tanh()],
        "same": lambda a, b: [a.reshape(a.shape)],
        "total": lambda a, b: [a.sum()],
        "spread": lambda a, b: [a + zeros()],
        "parts": lambda a, b: list((a + zeros()).unbind(0)),
        "joined": lambda a, b: [lib.cat([row(a), row(b)])[:N] + zeros()],
    }


@st.composite
def programs(draw):
    """Leaves (scalars and rows), steps on any earlier values, and roots with weights."""
    leaves = draw(st.lists(st.sampled_from([(), (N,)]), min_size=1, max_size=3))
    steps = draw(st.lists(st.tuples(st.sampled_from(sorted(TWIN)), st.integers(0, 99), st.integers(0, 99)), min_size=1, max_size=9))
    roots = draw(st.lists(st.integers(0, 99), min_size=1, max_size=3))
    return leaves, steps, roots


def start(shapes):
    return [np.random.default_rng(i).uniform(-1, 1, shape) for i, shape in enumerate(shapes)]


def evaluate(ops, values, steps):
    values = list(values)
    for name, i, j in steps:
        a, b = values[i % len(values)], values[j % len(values)]
        if name == "joined" and (getattr(a, "value", a).ndim, getattr(b, "value", b).ndim) == (0, 0):
            name = "add"  # two elements do not make a row
        values += ops[name](a, b)
    return values


def built(name, program):
    lib = importlib.import_module(name)
    shapes, steps, roots = program
    leaves = [lib.tensor(v, dtype=lib.float64, requires_grad=True) for v in start(shapes)]
    values = evaluate(real(lib), leaves, steps)
    return lib, leaves, values, [values[r % len(values)] for r in roots]


def expected(program):
    shapes, steps, roots = program
    leaves = [Twin(v) for v in start(shapes)]
    values = evaluate(TWIN, leaves, steps)
    weighed = [(values[r % len(values)], k + 1.0) for k, r in enumerate(roots)]
    return values, [sum(r.gradient(t, w * np.ones(r.value.shape)) for r, w in weighed) for t in values], len(leaves)


def weights(lib, roots):
    return [lib.full(tuple(r.shape), k + 1.0, dtype=lib.float64) for k, r in enumerate(roots)]


def close(found, wanted):
    np.testing.assert_allclose(np.zeros(wanted.shape) if found is None else found.detach().numpy(), wanted, rtol=1e-9, atol=1e-11)


@settings(max_examples=120, deadline=None)
@given(programs())
def test_gradients_are_sums_over_all_paths(program):
    twin_values, wanted, count = expected(program)
    for name in LIBRARIES:
        lib, leaves, values, roots = built(name, program)
        for v, t in zip(values, twin_values, strict=True):
            np.testing.assert_allclose(v.detach().numpy(), t.value, rtol=1e-12)
        seeds = weights(lib, roots)
        found = lib.autograd.grad(roots, values, seeds, retain_graph=True, allow_unused=True)  # of every value, intermediate ones too
        for g, w in zip(found, wanted, strict=True):
            close(g, w)
        lib.autograd.backward(roots, seeds, retain_graph=True)
        lib.autograd.backward(roots, seeds, inputs=leaves[:1])
        for number, (leaf, w) in enumerate(zip(leaves, wanted[:count], strict=True)):
            close(leaf.grad, w * (2 if number == 0 else 1))


@settings(max_examples=60, deadline=None)
@given(programs())
def test_second_derivatives(program):
    """Against differences of the twin's first ones, along one direction; against PyTorch's, number for number."""
    results = []
    for name in LIBRARIES:
        lib, leaves, _, roots = built(name, program)
        first = lib.autograd.grad(roots, leaves, weights(lib, roots), create_graph=True, allow_unused=True)
        total = sum((g * g).sum() for g in first if g is not None)
        if not isinstance(total, (int, float)) and total.requires_grad:
            results.append(
                [
                    np.zeros(tuple(t.shape)) if g is None else g.numpy()
                    for g, t in zip(lib.autograd.grad(total, leaves, allow_unused=True), leaves, strict=True)
                ]
            )
        else:
            results.append([np.zeros(tuple(t.shape)) for t in leaves])
    for other in results[1:]:
        for a, b in zip(results[0], other, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-11)

    def squares(shift):
        shapes, steps, roots = program
        moved = [Twin(v + shift) for v in start(shapes)]
        values = evaluate(TWIN, moved, steps)
        pairs = [(values[r % len(values)], k + 1.0) for k, r in enumerate(roots)]
        return sum((sum(r.gradient(t, w * np.ones(r.value.shape)) for r, w in pairs) ** 2).sum() for t in moved)

    slope = (squares(1e-6) - squares(-1e-6)) / 2e-6
    # Differences of values of size s are known to about s * 1e-16 / 1e-6.
    assert sum(r.sum() for r in results[0]) == pytest.approx(slope, rel=1e-4, abs=1e-7 * (1 + abs(squares(0))))


def test_the_twin_is_right():
    """x ↦ Σ tanh(x · y) + x₀ by hand."""
    x, y = Twin([0.1, 0.2, 0.3]), Twin(2.0)
    product = TWIN["mul"](x, y)[0]
    root = TWIN["add"](TWIN["total"](TWIN["tanh"](product, None)[0], None)[0], TWIN["parts"](x, None)[0])[0]
    slope = 1 - np.tanh(np.array([0.2, 0.4, 0.6])) ** 2
    np.testing.assert_allclose(root.gradient(x, np.ones(())), 2 * slope + [1, 0, 0])
    np.testing.assert_allclose(root.gradient(y, np.ones(())), (slope * x.value).sum())
