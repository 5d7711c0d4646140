"""Autograd's tools on every installed device that this machine has."""

from __future__ import annotations

import pytest

import tane
from tane.backends.backend import installed_backends

DEVICES = sorted(name for name, backend in installed_backends().items() if backend.device_count())


@pytest.fixture(params=DEVICES)
def x(request):
    return tane.tensor([0.5, -1.5, 2.0], dtype=tane.float64, device=request.param, requires_grad=True)


def lists(found):
    return [g.cpu().tolist() for g in found]


def test_gradcheck(x):
    assert tane.autograd.gradcheck(lambda x: (x.sin() * x, x.sum()), x, check_forward_ad=True, check_batched_grad=True)
    assert tane.autograd.gradcheck(lambda x: x.tanh(), x, fast_mode=True)
    assert tane.autograd.gradgradcheck(lambda x: x**3, x)


def test_custom_function(x):
    class Square(tane.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x, x * 1

        @staticmethod
        def backward(ctx, g, h):
            (x,) = ctx.saved_tensors
            return 2 * g * x + h

    y, _ = Square.apply(x)
    y.sum().backward()
    assert x.grad.device == x.device
    assert lists([x.grad]) == [[1, -3, 4]]


def test_tape_functional_and_transforms(x):
    c = x.detach()
    with tane.GradientTape(persistent=True) as tape:
        tape.watch(c)
        y = c * c
    assert lists([tape.gradient(y, c)]) == [[1, -3, 4]]
    assert lists([tape.jacobian(y, c)])[0][1] == [0, -3, 0]
    assert lists([tane.autograd.functional.hessian(lambda x: (x**3).sum(), c)])[0][0] == [3, 0, 0]
    assert lists([tane.func.grad(lambda x: (x * x).sum())(c)]) == [[1, -3, 4]]
    assert lists([tane.func.jvp(lambda x: x * x, (c,), (tane.ones_like(c),))[1]]) == [[1, -3, 4]]


def test_saved_tensors_wait_on_the_cpu(x):
    kept = []
    with tane.autograd.graph.saved_tensors_hooks(lambda t: (*(kept.append(t.cpu()), t.device)[1:], kept[-1]), lambda p: p[1].to(p[0])):
        y = (x * x).sum()
    y.backward()
    assert {t.device.type for t in kept} == {"cpu"}
    assert x.grad.device == x.device
    with tane.autograd.graph.save_on_cpu():
        y = (x * x).sum()
    y.backward()
    assert lists([x.grad]) == [[2, -6, 8]]


def test_gradient_edge_as_root(x):
    edge = tane.autograd.graph.get_gradient_edge((x * x).sum())
    (g,) = tane.autograd.grad(edge, x)
    assert g.device == x.device


def test_a_gradient_on_another_device_is_refused(x):
    class Stray(tane.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

        @staticmethod
        def backward(ctx, g):
            return tane.ones(3, dtype=tane.float64, device=next(d for d in DEVICES if d != x.device.type))

    if len(DEVICES) < 2:
        pytest.skip("one device alone")
    with pytest.raises(RuntimeError, match=f"returned an invalid gradient at index 0 - expected device {x.device.type}"):
        Stray.apply(x).sum().backward()
