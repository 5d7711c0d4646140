"""Every optimizer against PyTorch's, with every combination of its options, over a hundred steps."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import tane

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.parity

STEPS = 100


def grid(**options):
    keys = list(options)
    return [dict(zip(keys, values)) for values in itertools.product(*options.values())]


TABLE = {
    "SGD": grid(lr=[0.05], momentum=[0, 0.9], dampening=[0, 0.3], weight_decay=[0, 0.1], maximize=[False, True])
    + grid(lr=[0.05], momentum=[0.8], nesterov=[True], weight_decay=[0, 0.1], maximize=[False, True]),
    "Adam": grid(lr=[0.01], amsgrad=[False, True], weight_decay=[0, 0.1], maximize=[False, True], decoupled_weight_decay=[False, True])
    + grid(betas=[(0.7, 0.9)], eps=[1e-3]),
    "AdamW": grid(lr=[0.01], amsgrad=[False, True], weight_decay=[0, 0.1], maximize=[False, True]),
    "RMSprop": grid(
        alpha=[0.9], momentum=[0, 0.9], centered=[False, True], weight_decay=[0, 0.1], maximize=[False, True], eps=[1e-8, 1e-2]
    ),
    "Adagrad": grid(
        lr_decay=[0, 0.1], weight_decay=[0, 0.1], initial_accumulator_value=[0, 0.5], maximize=[False, True], eps=[1e-10, 1e-3]
    ),
    "Adadelta": grid(lr=[1.0, 0.1], rho=[0.9, 0.5], weight_decay=[0, 0.1], maximize=[False, True], eps=[1e-6]),
    "Adamax": grid(lr=[0.01], betas=[(0.9, 0.999), (0.6, 0.9)], weight_decay=[0, 0.1], maximize=[False, True]),
    "NAdam": grid(
        lr=[0.01], weight_decay=[0, 0.1], momentum_decay=[4e-3, 0.1], decoupled_weight_decay=[False, True], maximize=[False, True]
    ),
    "RAdam": grid(lr=[0.01], betas=[(0.9, 0.999), (0.9, 0.5)], weight_decay=[0, 0.1], decoupled_weight_decay=[False, True])
    + grid(maximize=[True]),
    "Rprop": grid(etas=[(0.5, 1.2), (0.3, 1.7)], step_sizes=[(1e-6, 50), (1e-3, 0.02)], maximize=[False, True]),
    "ASGD": grid(lambd=[1e-4, 0.1], alpha=[0.75], t0=[1e6, 20], weight_decay=[0, 0.1], maximize=[False, True]),
}
CASES = [pytest.param(name, options, id=f"{name}-{i}") for name, table in TABLE.items() for i, options in enumerate(table)]

SHAPES = [(), (5,), (4, 3), (0,), (91, 91)]  # the last is large enough for a bucket of its own


def problem(dtype):
    """The same parameters in both, and a stream of the same gradients: towards a random point, with noise."""
    rng = np.random.default_rng(0)
    starts = [rng.normal(size=s).astype(dtype) for s in SHAPES]
    goals = [rng.normal(size=s).astype(dtype) for s in SHAPES]

    def fill(library, params, step):
        noise = np.random.default_rng(step)
        for p, goal in zip(params, goals):
            grad = np.asarray(p.detach().numpy() - goal + noise.normal(size=goal.shape)).astype(dtype)
            p.grad = library.from_numpy(grad)

    def params(library):
        return [library.from_numpy(s.copy() if s.shape else np.array(s)).requires_grad_() for s in starts]

    return params(tane), params(torch), fill


def close(mine, theirs, rtol, atol):
    np.testing.assert_allclose(np.asarray(mine.detach().numpy(), np.float64), theirs.detach().numpy(), rtol=rtol, atol=atol)


@pytest.mark.parametrize(("name", "options"), CASES)
def test_same_path(name, options):
    # The gradient depends on the position, so that the paths pull each other together unless an update is wrong. float64: PyTorch's
    # fused multiply-add is the only difference, one rounding in 1e16 each.
    mine, theirs, fill = problem(np.float64)
    tane_optimizer = getattr(tane.optim, name)(mine, **options)
    torch_optimizer = getattr(torch.optim, name)(theirs, **options)
    for step in range(STEPS):
        fill(tane, mine, step)
        fill(torch, theirs, step)
        tane_optimizer.step()
        torch_optimizer.step()
    # NAdam's and ASGD's numbers are float32 in PyTorch's state, also for float64 parameters.
    rtol, atol = (2e-6, 2e-7) if name in ("NAdam", "ASGD") else (1e-11, 1e-12)
    for a, b in zip(mine, theirs):
        close(a, b, rtol, atol)
    for a, b in zip(mine, theirs):
        ours, state = tane_optimizer.state.get(a, {}), torch_optimizer.state.get(b, {})
        assert list(ours) == list(state)
        for key, value in state.items():
            assert isinstance(ours[key], tane.Tensor)
            assert tuple(ours[key].shape) == tuple(value.shape)
            assert str(ours[key].dtype) == str(value.dtype)
            close(ours[key], value, rtol, atol)


DESCENTS = [case for case in CASES if not case.values[1].get("maximize")]  # going up, a rounding error grows without bound


@pytest.mark.parametrize(("name", "options"), DESCENTS)
def test_same_path_in_float32(name, options):
    mine, theirs, fill = problem(np.float32)
    tane_optimizer = getattr(tane.optim, name)(mine, **options)
    torch_optimizer = getattr(torch.optim, name)(theirs, **options)
    for step in range(STEPS):
        fill(tane, mine, step)
        fill(torch, theirs, step)
        tane_optimizer.step()
        torch_optimizer.step()
    # Relative to values of the order of 1: less than a bit per ten steps. Centred, RMSprop divides by a difference of nearly equal numbers.
    atol = 1e-5 if options.get("centered") else 1e-6
    for a, b in zip(mine, theirs):
        close(a, b, 1e-6, atol)
