"""L-BFGS: PyTorch's path, its state, and its line search."""

from __future__ import annotations

import copy

import numpy as np
import pytest

import tane
from tane.optim import LBFGS


def rosenbrock(library, params):
    x, y = params
    return ((1 - x) ** 2).sum() + 100 * ((y - x * x) ** 2).sum()


def start(library, dtype="float64"):
    values = [np.array([[-1.2, 0.5]]), np.array([[1.0], [2.0]]).T]
    return [library.from_numpy(v.astype(dtype)).requires_grad_() for v in values]


def run(library, steps, params=None, optimizer=None, **options):
    params = start(library) if params is None else params
    optimizer = library.optim.LBFGS(params, **options) if optimizer is None else optimizer
    losses, calls = [], []

    def closure():
        calls.append(1)
        optimizer.zero_grad()
        loss = rosenbrock(library, params)
        loss.backward()
        return loss

    for _ in range(steps):
        losses.append(optimizer.step(closure).item())
    return losses, len(calls), params, optimizer


OPTIONS = [
    {"lr": 0.001, "max_iter": 5},
    {"lr": 0.001, "max_iter": 20, "history_size": 3},
    {"line_search_fn": "strong_wolfe"},
    {"line_search_fn": "strong_wolfe", "max_iter": 3, "history_size": 2},
    {"line_search_fn": "strong_wolfe", "max_eval": 6},
    {"lr": 0.01, "max_iter": 4, "tolerance_grad": 1e-3, "tolerance_change": 1e-4},
    {"lr": 1e-5, "max_iter": 10, "max_eval": 3},
]


@pytest.mark.parity
@pytest.mark.parametrize("options", OPTIONS)
def test_same_path(options):
    torch = pytest.importorskip("torch")
    mine, theirs = run(tane, 6, **options), run(torch, 6, **options)
    np.testing.assert_allclose(mine[0], theirs[0], rtol=1e-6)  # the search amplifies the last bit of a scalar product
    assert mine[1] == theirs[1]
    for p, q in zip(mine[2], theirs[2]):
        np.testing.assert_allclose(p.detach().numpy(), q.detach().numpy(), rtol=1e-6)
    ours, state = (dict(o.state[p[0]]) for o, p in ((mine[3], mine[2]), (theirs[3], theirs[2])))
    assert set(ours) == set(state)
    assert (ours["n_iter"], ours["func_evals"]) == (state["n_iter"], state["func_evals"])
    for name in ("old_dirs", "old_stps", "ro"):
        assert [tuple(x.shape) for x in ours[name]] == [tuple(x.shape) for x in state[name]]
        assert all(isinstance(x, tane.Tensor) for x in ours[name])


def test_it_finds_the_minimum():
    losses, _, params, _ = run(tane, 5, line_search_fn="strong_wolfe")
    assert losses[-1] < 1e-9
    for p in params:
        np.testing.assert_allclose(p.detach().numpy(), 1, atol=1e-4)


def test_going_on_from_a_state_dict():
    _, _, params, optimizer = run(tane, 2, line_search_fn="strong_wolfe", max_iter=3)
    others = [tane.from_numpy(p.detach().numpy().copy()).requires_grad_() for p in params]
    other = LBFGS(others, line_search_fn="strong_wolfe", max_iter=3)
    other.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    run(tane, 3, params, optimizer)
    run(tane, 3, others, other)
    for p, q in zip(params, others):
        assert p.tolist() == q.tolist()


def test_parameters_without_gradient_stay():
    a, b = tane.tensor([1.0], requires_grad=True), tane.tensor([2.0], requires_grad=True)
    optimizer = LBFGS([a, b])

    def closure():
        optimizer.zero_grad()
        loss = (a * a).sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    assert abs(a.item()) < 1e-6
    assert b.item() == 2


def test_at_the_minimum_nothing_happens():
    w = tane.zeros(2, requires_grad=True)
    optimizer = LBFGS([w])

    def closure():
        loss = (w * w).sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    assert optimizer.state[w] == {"func_evals": 1, "n_iter": 0}


def test_a_step_counts_as_a_change():
    w = tane.ones(2, requires_grad=True)
    optimizer = LBFGS([w], max_iter=1)

    def closure():
        optimizer.zero_grad()
        loss = (w * w).sum()
        loss.backward()
        return loss

    loss = (w * w).sum()
    optimizer.step(closure)
    with pytest.raises(RuntimeError, match=r"LBFGS\.step"):
        loss.backward()


def test_errors():
    w = tane.ones(2, requires_grad=True)
    with pytest.raises(ValueError, match="LBFGS doesn't support per-parameter options"):
        LBFGS([{"params": [w]}, {"params": [tane.ones(1, requires_grad=True)]}])
    with pytest.raises(RuntimeError, match="only 'strong_wolfe' is supported"):
        LBFGS([w], line_search_fn="weak").step(lambda: None)
    with pytest.raises(TypeError):
        LBFGS([w]).step()


@pytest.mark.parity
def test_complex():
    torch = pytest.importorskip("torch")
    results = []
    for library in (tane, torch):
        w = library.tensor([1 + 2j, -0.5 + 0.25j], dtype=library.complex128, requires_grad=True)

        def closure(w=w, library=library):
            values = w.detach().numpy()
            w.grad = library.from_numpy(values**3 - 1)
            return float((np.abs(values) ** 2).sum())

        library.optim.LBFGS([w], lr=0.1, max_iter=4).step(closure)
        results.append(w.detach().numpy())
    np.testing.assert_allclose(*results, rtol=1e-9)
