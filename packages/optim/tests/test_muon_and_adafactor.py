"""The two optimizers that see a parameter as a whole, against PyTorch's path, and on a device that is not the CPU."""

from __future__ import annotations

import numpy as np
import pytest

import tane

ADAFACTOR = [
    {},
    {"weight_decay": 0.1},
    {"maximize": True},
    {"beta2_decay": -0.3, "d": 2.0},
    {"eps": (1e-2, 0.5)},
    {"lr": 0.5},
]
MUON = [
    {},
    {"lr": 0.05, "weight_decay": 0.3},
    {"nesterov": False},
    {"momentum": 0.5, "ns_steps": 3},
    {"adjust_lr_fn": "match_rms_adamw"},
    {"ns_coefficients": (3.0, -4.0, 2.0)},
]
CASES = [("Adafactor", o, [(3, 4), (5,), (), (2, 3, 4), (0, 2), (1, 1)]) for o in ADAFACTOR]
CASES += [("Muon", o, [(3, 4), (7, 2), (1, 1)]) for o in MUON]
IDS = [f"{name}-{i}" for i, (name, *_) in enumerate(CASES)]


def run(library, name, options, shapes, device="cpu", steps=10):
    rng = np.random.default_rng(0)
    params = [library.tensor(rng.normal(size=s), device=device).requires_grad_() for s in shapes]
    optimizer = getattr(library.optim, name)(params, **options)
    for _ in range(steps):
        for p in params:
            p.grad = library.tensor(rng.normal(size=tuple(p.shape)), device=device)
        optimizer.step()
    state = optimizer.state_dict()["state"]
    return [p.detach().cpu().numpy() for p in params], {k: {n: v.cpu().numpy() for n, v in s.items()} for k, s in state.items()}


def close(a, b, tolerance):
    for x, y in zip(a[0], b[0]):
        np.testing.assert_allclose(x, y, rtol=tolerance, atol=tolerance)
    for key, held in b[1].items():
        for name, value in held.items():
            assert a[1][key][name].dtype == value.dtype
            np.testing.assert_allclose(a[1][key][name], value, rtol=tolerance, atol=tolerance)


@pytest.mark.parity
@pytest.mark.parametrize(("name", "options", "shapes"), CASES, ids=IDS)
def test_same_path(name, options, shapes):
    torch = pytest.importorskip("torch")
    shapes = [s for s in shapes if 0 not in s]  # PyTorch divides by the number of elements
    # Muon's iterations are made in bfloat16: a last bit that falls otherwise is 1 / 256 of a step.
    close(
        run(tane, name, options, shapes),
        run(torch, name, options, shapes),
        1e-10 if name == "Adafactor" else 10 * options.get("lr", 1e-3) / 128,
    )


@pytest.mark.parametrize(("name", "options", "shapes"), CASES, ids=IDS)
def test_devices_agree(name, options, shapes):
    close(run(tane, name, options, shapes, "strict"), run(tane, name, options, shapes), 1e-12)


def test_muon_makes_singular_values_alike():
    w = tane.zeros(4, 6, requires_grad=True)
    w.grad = tane.from_numpy(
        np.random.default_rng(0).normal(size=(4, 6)).astype("float32") @ np.diag([10.0, 1, 1, 1, 1, 0.3]).astype("float32")
    )
    tane.optim.Muon([w], lr=1.0, weight_decay=0.0).step()
    found = np.linalg.svd(w.detach().numpy(), compute_uv=False)
    assert (found > 0.6).all()
    assert (found < 1.3).all()


@pytest.mark.parametrize("name", ["Adafactor", "Muon"])
def test_complex_parameters_are_refused(name):
    w = tane.ones(2, 2, dtype=tane.complex64, requires_grad=True)
    w.grad = w.detach().clone()
    with pytest.raises(RuntimeError, match=f"{name} does not support complex parameters"):
        getattr(tane.optim, name)([w]).step()


def test_a_step_is_noticed_by_backward():
    w = tane.ones(2, 2, requires_grad=True)
    y = (w * w).sum()
    w.grad = tane.ones(2, 2)
    tane.optim.Adafactor([w]).step()
    with pytest.raises(RuntimeError, match="Adafactor.step"):
        y.backward()


@pytest.mark.parametrize(("options", "words"), [({"ns_steps": 100}, "less than 100"), ({"ns_coefficients": (1, 2)}, "exactly 3")])
def test_muons_iteration_is_checked(options, words):
    w = tane.ones(2, 2, requires_grad=True)
    w.grad = tane.ones(2, 2)
    with pytest.raises(ValueError, match=words):
        tane.optim.Muon([w], **options).step()
