"""What backward promises whatever the graph: no Tensors in passing, no recursion, memory given back early, gradients of their own."""

from __future__ import annotations

import gc
import sys
import threading
import weakref

import numpy as np
import pytest

import tane
from tane.tensor import wrap

R = np.random.default_rng(0)


def leaf(*shape):
    return tane.tensor(R.standard_normal(shape), requires_grad=True)


def calls_during(action):
    """How often a Tensor was wrapped around an array, and which ops were called on Tensors."""
    wrapped, ops = 0, []

    def watch(frame, event, _):
        nonlocal wrapped
        if event == "call":
            wrapped += frame.f_code is wrap.__code__
            if frame.f_code.co_filename.startswith("<op "):
                ops.append(frame.f_code.co_name)

    sys.setprofile(watch)
    try:
        action()
    finally:
        sys.setprofile(None)
    return wrapped, ops


def test_plain_backward_makes_no_tensor_but_the_leaves_gradients():
    x, w, b = leaf(4, 3), leaf(3, 2), leaf(2)
    h = ((x @ w + b).tanh() * 2 - x.sum(1, keepdim=True)).reshape(2, 4)
    p, q = h.unbind(0)
    loss = (tane.cat([p, q.exp()]) ** 2).mean() + h.T[0].amax()
    assert calls_during(loss.backward) == (3, [])
    (x * 1).sum().backward()
    assert calls_during((x * 1).sum().backward) == (0, [])  # added to in place


def test_a_million_ops_deep():
    x = tane.zeros((), requires_grad=True)
    y = x
    for _ in range(1_000_000):
        y = y + 1
    y.backward()
    assert x.grad.item() == 1
    assert y.item() == 1_000_000
    node = weakref.ref(y.grad_fn)
    del y  # taken apart without recursion too
    assert node() is None


def test_deep_graph_with_targets_and_create_graph():
    x = tane.ones((), requires_grad=True)
    y = x
    for _ in range(20_000):
        y = y * 1
    (g,) = tane.autograd.grad(y, x, create_graph=True)
    (gg,) = tane.autograd.grad(g * x, x)
    assert (g.item(), gg.item()) == (1, 1)


def test_buffers_are_freed_while_backward_passes():
    x = leaf(3)
    saved, alive = [], []
    y = x
    gc.disable()
    try:
        for _ in range(5):
            y = y.exp() * 0.1
            saved.append(weakref.ref(y.grad_fn.next_functions[0][0]._saved_result.array))
            y.register_hook(lambda g: alive.append(sum(r() is not None for r in saved)))
        y.sum().backward()
        assert alive == [5, 4, 3, 2, 1]
        assert all(r() is None for r in saved)
    finally:
        gc.enable()


def test_retain_graph_keeps_them():
    x = leaf(3)
    y = x.exp()
    saved = weakref.ref(y.array)
    loss = y.sum()
    del y
    loss.backward(retain_graph=True)
    assert saved() is not None
    loss.backward()
    assert saved() is None


def test_a_graph_out_of_use_is_freed_without_the_collector():
    gc.disable()
    try:
        x = leaf(3)
        y = (x.exp() * x).sum()
        (g,) = tane.autograd.grad(y, x, create_graph=True)
        a, b = x.unbind(0)[:2]
        z = (a * b * g.sum()).tanh()
        nodes = [weakref.ref(t.grad_fn) for t in (y, g, a, z)]
        del y, g, a, b, z
        assert [n() for n in nodes] == [None] * 4
        leaf_node = weakref.ref(x.node)
        del x
        assert leaf_node() is None
    finally:
        gc.enable()


SEED = tane.ones(4)
GRAPHS = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "add itself": lambda a, b: a + a + b,
    "view": lambda a, b: a.reshape(2, 2).reshape(4) + b.T,
    "transpose": lambda a, b: (a.reshape(2, 2).T + b.reshape(2, 2)).reshape(4),
    "cat": lambda a, b: tane.cat([a, b])[2:6],
    "stack": lambda a, b: tane.stack([a, b]).sum(0),
    "unbind": lambda a, b: tane.stack(tuple(reversed(a.unbind(0)))) + b,
    "split": lambda a, b: tane.cat(tane.split(a, 2)[::-1]) + tane.cat(tane.split(b, 2)),
    "broadcast": lambda a, b: a + b.sum(),
    "multiplication by one": lambda a, b: a * 1 + b,
    "saved output": lambda a, b: (a.exp() * b).clone(),
    "through copies": lambda a, b: a.clone() + b[...],
    "index": lambda a, b: a[[0, 1, 2, 3]] + b[:],
    "in place": lambda a, b: (a * 1).add_(b),
    "written": lambda a, b: _written(a, b),
    "a leaf itself": lambda a, b: a,
}


def _written(a, b):
    z = a * 1
    z[1:3] = b[1:3]
    return z


@pytest.mark.parametrize("create", [False, True])
@pytest.mark.parametrize("name", GRAPHS)
def test_leaf_gradients_share_memory_with_nothing(name, create):
    a, b = tane.arange(4.0).requires_grad_(), tane.arange(4.0, 8.0).requires_grad_()
    seed = tane.ones(4)
    out = GRAPHS[name](a, b)
    out.backward(seed, create_graph=create)
    grads = [t.grad.detach().numpy() for t in (a, b) if t.grad is not None]
    others = [a.detach().numpy(), b.detach().numpy(), seed.numpy(), out.detach().numpy()]
    for i, g in enumerate(grads):
        assert not any(np.shares_memory(g, o) for o in [*others, *grads[:i]])
    before = [g.copy() for g in grads]
    (a * 2 + b * 3).sum().backward()
    assert seed.tolist() == [1] * 4
    for t, old, factor in zip((t for t in (a, b) if t.grad is not None), before, (2, 3), strict=False):
        np.testing.assert_array_equal(t.grad.detach().numpy(), old + factor)


def test_shared_subgraphs_are_walked_once():
    x = leaf(3)
    calls = []
    y = x * 2
    y.register_hook(lambda g: calls.append(g.tolist()))
    z = y
    for _ in range(30):  # 2 ** 30 paths
        z = z + z
    z.sum().backward()
    assert calls == [[2.0**30] * 3]
    assert x.grad.tolist() == [2.0**31] * 3


def test_diamond_and_several_roots_that_lie_on_each_other():
    x = leaf()
    y = x * x
    z = y * x
    tane.autograd.backward([y, z, x], [tane.tensor(2.0), None, None])
    v = x.item()
    assert x.grad.item() == pytest.approx(2 * 2 * v + 3 * v * v + 1)


def test_one_node_for_both_operands():
    x = leaf(3)
    y = x + 0
    (y * y).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), 2 * x.detach().numpy())


def test_leaf_that_is_gone():
    x, w = leaf(3), leaf(3)
    y = (x * w).sum()
    del x
    y.backward()
    assert w.grad is not None


def test_threads_each_with_a_graph_of_their_own():
    results = {}

    def work(number):
        with tane.set_grad_enabled(number % 2 == 0):
            x = tane.full((50,), float(number), requires_grad=True)
            for _ in range(20):
                y = (x * x + x.sin() * 0).sum()
                if y.requires_grad:
                    y.backward()
            results[number] = None if x.grad is None else x.grad[0].item()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert results == {n: None if n % 2 else 40.0 * n for n in range(8)}
    assert tane.is_grad_enabled()


def test_a_failed_backward_leaves_the_mode_as_it_was():
    x = leaf(3)
    y = (x * 1).sum()
    y.register_hook(lambda g: 1 / 0)
    for create in (False, True):
        with pytest.raises(ZeroDivisionError):
            y.backward(create_graph=create)
        assert tane.is_grad_enabled()
        with tane.no_grad(), pytest.raises(ZeroDivisionError):
            y.backward(create_graph=create)
        assert tane.is_grad_enabled()


def test_two_places_that_saved_one_output_of_several():
    """Second derivatives meet in the output, whether it was used or saved."""

    class Split(tane.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            a, b = x.exp(), x * 1
            ctx.save_for_backward(a)
            return a, b

        @staticmethod
        def backward(ctx, ga, gb):
            return ga * ctx.saved_tensors[0] + gb

    x = tane.tensor(0.5, dtype=tane.float64, requires_grad=True)
    a, b = Split.apply(x)
    (g,) = tane.autograd.grad(a, x, create_graph=True)  # e^x, through what was saved
    (found,) = tane.autograd.grad(g * a * b, x)  # (e^2x x)' = e^2x (1 + 2x)
    assert found.item() == pytest.approx(np.exp(1.0) * 2)
