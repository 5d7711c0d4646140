"""Between devices: gradients find their way back, 0-d tensors join, and what would mix raises."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import tane
from tane.backends.backend import Backend, backend_of
from tane.backends.strict import StrictArray
from tane.testing import finite_difference, testable_devices

PAIRS = list(itertools.permutations(testable_devices(), 2))


@pytest.mark.parametrize(("here", "there"), PAIRS)
def test_gradients_of_both_orders_go_back(here, there):
    x = tane.tensor([0.5, 1.5], dtype=tane.float64, device=here, requires_grad=True)

    def value(x):
        return (x.to(there).sin().to(here) * x).sum()

    [g] = tane.autograd.grad(value(x), [x], create_graph=True)
    assert g.device.type == here
    [h] = tane.autograd.grad(g.sum(), [x])
    assert h.device.type == here
    start, direction = np.array([0.5, 1.5]), np.array([1.0, -2.0])
    numeric = finite_difference(lambda v: value(tane.tensor(v, device=here)).item(), start, direction)
    assert float(np.dot(g.tolist(), direction)) == pytest.approx(numeric, rel=1e-7)
    assert h.tolist() == pytest.approx([2 * np.cos(v) - v * np.sin(v) for v in (0.5, 1.5)])


@pytest.mark.parametrize(("here", "there"), PAIRS)
def test_type_and_device_change_together(here, there):
    x = tane.tensor([1.5], device=here)
    for y in (x.to(there, tane.float64), x.to(device=there, dtype=tane.float64), x.to(tane.ones(1, dtype=tane.float64, device=there))):
        assert (y.device.type, y.dtype, y.tolist()) == (there, tane.float64, [1.5])


@pytest.mark.parametrize("device", [d for d in testable_devices() if d != "cpu"])
def test_a_0d_cpu_tensor_joins_every_op_and_gets_its_gradient(device):
    x = tane.tensor([1.0, 2.0], device=device)
    for f in (lambda a, b: a * b, lambda a, b: b - a, lambda a, b: tane.where(a > 1, a, b), lambda a, b: tane.maximum(a, b)):
        s = tane.tensor(1.5, requires_grad=True)
        y = f(x, s)
        assert y.device.type == device
        y.sum().backward()
        assert s.grad.device.type == "cpu"


@pytest.mark.parametrize("device", [d for d in testable_devices() if d != "cpu"])
def test_indices_may_come_from_the_cpu(device):
    x = tane.arange(4.0, device=device)
    for index in (tane.tensor([2, 0]), tane.tensor([True, False, True, False]), [2, 0], np.array([2, 0]), tane.tensor(2)):
        assert x[index].device.type == device
        assert x[index].tolist() == tane.arange(4.0)[index].tolist()


class Stranger:
    """No device's array."""


def test_an_array_of_no_device_is_told():
    with pytest.raises(TypeError, match=r"no installed device computes on .*Stranger; there are .*cpu.*strict"):
        backend_of(Stranger)


def test_the_strict_device_refuses_what_a_gpu_refuses():
    x = tane.tensor([1.0, 2.0], device="strict").array
    assert type(x) is StrictArray
    refused = [
        lambda: np.asarray(x),
        lambda: np.sin(x),
        lambda: np.sum(x),
        lambda: np.ones(2) * x,
        lambda: x + np.ones(2),
        lambda: x[np.array([0])],
        lambda: bool(x[0]),
        lambda: float(x[0]),
        lambda: int(x[0]),
        lambda: list(x),
        lambda: 1.0 in x,
        lambda: x.__setitem__(0, np.ones(1)),
    ]
    for attempt in refused:
        with pytest.raises(TypeError, match=r"strict|StrictArray"):
            attempt()
    assert x[0].item() == 1.0
    assert len(x) == 2


@pytest.mark.parametrize("device", [d for d in testable_devices() if d != "cpu"])
def test_numpy_gets_nothing_from_a_device_by_itself(device):
    x = tane.tensor([1.0], device=device)
    with pytest.raises(TypeError, match=r"can't convert .* device type tensor to numpy\. Use Tensor\.cpu\(\)"):
        x.numpy()
    with pytest.raises(TypeError):
        np.asarray(x)
    assert x.cpu().numpy().tolist() == [1.0]


def test_a_backend_says_what_it_lacks():
    class Empty(Backend):
        name = "empty"

    for call in (lambda b: b.from_numpy(np.ones(1)), lambda b: b.to_numpy(None)):
        with pytest.raises(NotImplementedError, match="Empty must implement"):
            call(Empty())
    with pytest.raises(RuntimeError, match="empty has one device, got index 1"):
        Empty().set_device(1)
    assert Empty().device_count() == 1
    assert repr(Empty()) == "<Empty for device 'empty'>"
