"""Parameters are updated in buckets, and nobody can tell: whatever is done between two steps has its effect."""

from __future__ import annotations

import numpy as np
import pytest

import tane
from tane.autograd import versions
from tane.backends.backend import installed_backends
from tane.optim import SGD, Adam, NAdam, RMSprop
from tane.optim.bucket import SMALL

DEVICES = [name for name, backend in installed_backends().items() if backend.device_count()]


def leaf(values, device="cpu", dtype=tane.float64):
    return tane.tensor(values, dtype=dtype, device=device).requires_grad_()


def adam(p, g, m, v, step, lr=0.1):
    """The textbook's formulas, on NumPy arrays."""
    m = 0.9 * m + 0.1 * g
    v = 0.999 * v + 0.001 * g * g
    return p - lr * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8), m, v


class Twin:
    """An optimizer beside the textbook's formulas for each parameter by itself."""

    def __init__(self, params):
        self.params, self.optimizer = params, Adam(params, lr=0.1)
        self.expected = [(p.detach().numpy().copy(), 0.0, 0.0, 0) for p in params]

    def step(self, which=None, lr=0.1):
        for i, p in enumerate(self.params):
            p.grad = None
            if which is None or i in which:
                g = np.cos(p.detach().numpy() + i)
                p.grad = tane.from_numpy(np.array(g))
                value, m, v, step = self.expected[i]
                self.expected[i] = (*adam(value, g, m, v, step + 1, lr), step + 1)
        self.optimizer.step()
        self.check()

    def check(self):
        for p, (value, _, _, step) in zip(self.params, self.expected):
            np.testing.assert_allclose(p.detach().numpy(), value, rtol=1e-12)
            if step:
                assert self.optimizer.state[p]["step"].item() == step


@pytest.fixture
def twin():
    return Twin([leaf([1.0, 2.0]), leaf(3.0), leaf([[0.5], [0.25]]), leaf(np.linspace(0, 1, SMALL + 1))])


def test_all_at_once(twin):
    for _ in range(5):
        twin.step()
    assert [len(b.params) for b in twin.optimizer._plans[0].buckets] == [3, 1]


def test_gradients_come_and_go(twin):
    for which in (None, [0, 3], [1], None, [], [2, 3], None):
        twin.step(which)


def test_gradients_come_late(twin):
    for which in ([0], [0, 1], None, None, [3], None):
        twin.step(which)


def test_the_learning_rate_is_read_at_each_step(twin):
    for lr in (0.1, 0.5, 0.01):
        twin.optimizer.param_groups[0]["lr"] = lr
        twin.step(lr=lr)


@pytest.mark.parametrize("which", [0, 3])
def test_state_may_be_replaced(twin, which):
    twin.step()
    p = twin.params[which]
    twin.optimizer.state[p]["exp_avg"] = tane.zeros_like(p)
    value, _, v, step = twin.expected[which]
    twin.expected[which] = (value, 0.0, v, step)
    twin.step()
    twin.step()


@pytest.mark.parametrize("which", [0, 3])
def test_state_may_be_changed_in_place(twin, which):
    twin.step()
    p = twin.params[which]
    state = twin.optimizer.state[p]
    state["exp_avg"].mul_(0)
    state["step"].add_(5)
    value, _, v, step = twin.expected[which]
    twin.expected[which] = (value, 0.0, v, step + 5)
    twin.step()
    twin.step([which])
    twin.step()


@pytest.mark.parametrize("which", [0, 3])
def test_state_may_be_deleted(twin, which):
    twin.step()
    del twin.optimizer.state[twin.params[which]]
    twin.expected[which] = (twin.expected[which][0], 0.0, 0.0, 0)
    twin.step()
    twin.step()


def test_a_number_in_the_place_of_the_step(twin):
    twin.step()
    for p in twin.params:
        twin.optimizer.state[p]["step"] = 1  # as checkpoints of long ago have it
    twin.step()


def test_data_may_be_replaced(twin):
    twin.step()
    for i, p in enumerate(twin.params):
        p.data = p.data * 2
        value, m, v, step = twin.expected[i]
        twin.expected[i] = (value * 2, m, v, step)
    twin.step()


@pytest.mark.parametrize("which", [0, 3])
def test_a_parameter_may_be_exchanged_for_a_larger_one(twin, which):
    # What programs do that add points to a model as they go.
    twin.step()
    group, p = twin.optimizer.param_groups[0], twin.params[which]
    state = twin.optimizer.state.pop(p)
    larger = tane.cat([p.detach(), tane.zeros(3, dtype=tane.float64)]).requires_grad_()
    for name in ("exp_avg", "exp_avg_sq"):
        state[name] = tane.cat([state[name], tane.zeros(3, dtype=tane.float64)])
    group["params"][which] = twin.params[which] = larger
    twin.optimizer.state[larger] = state
    value, m, v, step = twin.expected[which]
    twin.expected[which] = (*(np.append(x, np.zeros(3)) for x in (value, m, v)), step)
    twin.step()
    twin.step()


def test_parameters_may_be_added_to_a_group(twin):
    twin.step()
    new = leaf([7.0])
    twin.optimizer.param_groups[0]["params"].append(new)
    twin.params = [*twin.params, new]
    twin.expected.append((np.array([7.0]), 0.0, 0.0, 0))
    twin.step()
    twin.step()


def test_a_buffer_is_the_users_to_hold(twin):
    twin.step()
    held = twin.optimizer.state[twin.params[0]]["exp_avg"]
    twin.step()
    assert held is twin.optimizer.state[twin.params[0]]["exp_avg"]
    assert held.tolist() == pytest.approx(twin.expected[0][1].tolist())


def test_options_that_need_more_state():
    w, v = leaf([1.0]), leaf([1.0])
    optimizer = SGD([w, v], lr=1.0)
    w.grad, v.grad = (tane.ones(1, dtype=tane.float64) for _ in range(2))
    optimizer.step()
    assert dict(optimizer.state) == {}
    optimizer.param_groups[0]["momentum"] = 0.5
    optimizer.step()
    optimizer.step()
    assert w.item() == v.item() == 1 - 1 - 1 - 1.5
    optimizer.param_groups[0]["momentum"] = 0
    optimizer.step()
    assert w.item() == -3.5
    adam_ = Adam([w])
    adam_.step()
    adam_.param_groups[0]["amsgrad"] = True
    adam_.step()
    assert "max_exp_avg_sq" in adam_.state[w]


def test_shared_memory_is_updated_in_turn():
    array = np.ones(3)
    a, b = (tane.from_numpy(array).requires_grad_() for _ in range(2))
    a.grad, b.grad = tane.ones(3, dtype=tane.float64), tane.ones(3, dtype=tane.float64) * 2
    SGD([a, b], lr=0.125).step()
    assert array.tolist() == [1 - 0.375] * 3


def test_a_parameter_listed_twice_moves_twice():
    w = leaf([1.0])
    w.grad = tane.ones(1, dtype=tane.float64)
    with pytest.warns(UserWarning, match="duplicate parameters"):
        optimizer = SGD([w, w], lr=0.25)
    optimizer.step()
    assert w.item() == 0.5


def test_layouts():
    base = np.arange(12.0).reshape(3, 4)
    w, v = tane.from_numpy(base.T).requires_grad_(), leaf([1.0])  # the first is not contiguous
    w.grad, v.grad = tane.ones(4, 3, dtype=tane.float64), tane.ones(1, dtype=tane.float64)
    for params in ([w], [w, v]):
        SGD(params, lr=1.0).step()
    assert (base == np.arange(12.0).reshape(3, 4) - 2).all()


@pytest.mark.parametrize("dtype", [tane.float16, tane.bfloat16, tane.float32, tane.float64, tane.complex64, tane.complex128])
@pytest.mark.parametrize("kind", [SGD, Adam, RMSprop, NAdam])
def test_types(kind, dtype):
    params = [tane.tensor(v, dtype=dtype).requires_grad_() for v in ([1.0, 2.0], 0.5)]
    optimizer = kind(params, lr=0.125, **({"momentum": 0.5} if kind is SGD else {}))
    for _ in range(2):
        for p in params:
            p.grad = tane.ones_like(p.detach())
        optimizer.step()
    for p, first in zip(params, (1.0, 0.5)):
        assert p.dtype == dtype
        value = p.detach().to(tane.complex128).numpy().ravel()[0].real
        assert value < first - 0.1
        for name, held in optimizer.state[p].items():
            assert held.dtype == (tane.float32 if name in ("step", "mu_product") else dtype)


@pytest.mark.parity
@pytest.mark.parametrize("kind", ["SGD", "Adam", "RMSprop", "Adagrad", "Adadelta", "Adamax", "NAdam", "RAdam", "Rprop", "ASGD"])
@pytest.mark.parametrize("size", [2, SMALL + 1])
def test_complex_numbers_are_pairs(kind, size):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    start, grads = (rng.normal(size=(n, size)) + 1j * rng.normal(size=(n, size)) for n in (1, 4))
    results = []
    for library in (tane, torch):
        w = library.from_numpy(start[0].copy()).requires_grad_()
        optimizer = getattr(library.optim, kind)([w], lr=0.1, **({"momentum": 0.9} if kind == "SGD" else {}))
        for g in grads:
            w.grad = library.from_numpy(g.copy())
            optimizer.step()
        results.append(w.detach().numpy())
    np.testing.assert_allclose(results[0], results[1], rtol=1e-6 if kind in ("NAdam", "ASGD") else 1e-11)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "Adamax", "NAdam", "RAdam", "Rprop", "ASGD"])
def test_every_device(device, name):
    results = []
    for where in ("cpu", device):
        params = [leaf([1.0, 2.0], where), leaf([3.0], where), leaf([0.5] * (SMALL + 1), where)]
        optimizer = getattr(tane.optim, name)(params, lr=0.1)
        for step in range(3):
            for p in params:
                p.grad = tane.full(p.shape, step - 0.5, dtype=tane.float64, device=where)
            optimizer.step()
        results.append(np.concatenate([p.detach().cpu().numpy() for p in params]))
        for state in optimizer.state.values():
            for key, value in state.items():
                assert value.device.type == ("cpu" if key in ("step", "mu_product", "eta", "mu") else where)
    np.testing.assert_allclose(*results, rtol=1e-12)


@pytest.mark.parametrize("device", [d for d in DEVICES if d != "cpu"])
def test_state_on_another_device_is_an_error(device):
    w = leaf([1.0])
    optimizer = Adam([w])
    w.grad = tane.ones(1, dtype=tane.float64)
    optimizer.step()
    w.data = w.data.to(device)
    w.grad = tane.ones(1, dtype=tane.float64, device=device)
    with pytest.raises(RuntimeError, match="Expected all tensors to be on the same device"):
        optimizer.step()


# ---- a step is a change in place ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("others", [0, 1])
def test_backward_notices_a_step(others):
    w = leaf([2.0])
    optimizer = SGD([w, *(leaf([1.0]) for _ in range(others))], lr=0.1)
    for p in optimizer.param_groups[0]["params"]:
        p.grad = tane.ones(1, dtype=tane.float64)
    loss = (w * w).sum()
    before = w._version
    optimizer.step()
    assert w._version == before + 1
    with pytest.raises(RuntimeError, match=r"modified by an inplace operation.*SGD\.step"):
        loss.backward()


def test_a_step_of_others_is_not_noticed():
    w, v = leaf([2.0]), leaf([3.0])
    v.grad = tane.ones(1, dtype=tane.float64)
    loss = (w * w).sum()
    SGD([v], lr=0.1).step()
    loss.backward()
    assert w.grad.item() == 4


def test_touching_many_is_touching_each():
    a, b = np.zeros(2), np.zeros(3)
    records = [versions.record_of(a), versions.record_of(b[1:])]
    for _ in range(20):
        versions.touch_all(records, "together")
    assert versions.version(a) == versions.version(b) == 20
    versions.touch(a, "alone")
    assert versions.version(a) == 21
    assert len(records[0].epochs) <= 8
    assert records[0].epochs == sorted(records[0].epochs)
