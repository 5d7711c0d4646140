"""The adaptive softmax beside PyTorch's: weights, values, gradients, predictions, errors."""

from __future__ import annotations

import numpy as np
import pytest

import tane
from tane.testing.parity import same_error

SETTINGS = [
    {"cutoffs": [5, 12], "div_value": 2.0},
    {"cutoffs": [5], "head_bias": True},
    {"cutoffs": [19]},
    {"cutoffs": [1, 2, 3, 4], "div_value": 1.5},
]
TARGETS = [[0, 7, 19, 3, 12, 4, 5], [0, 0, 0, 0, 0, 0, 0], 8, 0]


def run(library, settings, target):
    library.manual_seed(0)
    softmax = library.nn.AdaptiveLogSoftmaxWithLoss(8, 20, dtype=library.float64, **settings)
    rng = np.random.default_rng(0)
    x = library.from_numpy(rng.normal(size=(7, 8)) if isinstance(target, list) else rng.normal(size=8)).requires_grad_()
    output, loss = softmax(x, library.tensor(target))
    (output.sum() * 0.3 + loss).backward()
    batch = library.from_numpy(rng.normal(size=(9, 8)))
    results = [output, loss, x.grad, softmax.log_prob(batch), *(p if p.grad is None else p.grad for p in softmax.parameters())]
    return repr(softmax), list(softmax.state_dict()), [r.detach().numpy() for r in results], softmax.predict(batch).tolist()


@pytest.mark.parity
@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("target", TARGETS, ids=str)
def test_same(settings, target):
    torch = pytest.importorskip("torch")
    ours, theirs = run(tane, settings, target), run(torch, settings, target)
    assert ours[0] == theirs[0]
    assert ours[1] == theirs[1]
    for a, b in zip(ours[2], theirs[2], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)
    assert ours[3] == theirs[3]


def test_probabilities_add_up():
    softmax = tane.nn.AdaptiveLogSoftmaxWithLoss(8, 20, [5, 12], div_value=2.0)
    x, target = tane.randn(6, 8), tane.tensor([0, 4, 5, 11, 12, 19])
    every = softmax.log_prob(x)
    assert tane.allclose(every.exp().sum(1), tane.ones(6))
    assert tane.allclose(softmax(x, target).output, every.gather(1, target.unsqueeze(1)).squeeze(1))
    softmax.reset_parameters()
    assert not tane.allclose(softmax.log_prob(x), every)


@pytest.mark.parity
@pytest.mark.parametrize(
    "expression",
    [
        "t.nn.AdaptiveLogSoftmaxWithLoss(8, 20, [])",
        "t.nn.AdaptiveLogSoftmaxWithLoss(8, 20, [0, 3])",
        "t.nn.AdaptiveLogSoftmaxWithLoss(8, 20, [3, 3])",
        "t.nn.AdaptiveLogSoftmaxWithLoss(8, 20, [5, 4])",
        "t.nn.AdaptiveLogSoftmaxWithLoss(8, 20, [20])",
        "t.nn.AdaptiveLogSoftmaxWithLoss(8, 20, [2.5])",
        "t.nn.AdaptiveLogSoftmaxWithLoss(8, 20, [5])(t.ones(3, 8), t.tensor([1, 2]))",
        "t.nn.AdaptiveLogSoftmaxWithLoss(8, 20, [5])(t.ones(3), t.tensor([1, 2, 3]))",
        "t.nn.AdaptiveLogSoftmaxWithLoss(8, 20, [5])(t.ones(3, 8), t.tensor(1))",
        "t.nn.AdaptiveLogSoftmaxWithLoss(8, 20, [5])(t.ones(3, 8), t.tensor([[1]] * 3))",
        "t.nn.AdaptiveLogSoftmaxWithLoss(8, 20, [5])(t.ones(2, 8), t.tensor([1, 20]))",
        "t.nn.AdaptiveLogSoftmaxWithLoss(8, 20, [5])(t.ones(2, 8), t.tensor([-1, 3]))",
    ],
)
def test_errors(expression):
    torch = pytest.importorskip("torch")
    same_error(lambda: eval(expression, {"t": tane}), lambda: eval(expression, {"t": torch}))
