"""The op and the device through tane's published suites; the optimizer on a small problem."""

from __future__ import annotations

import numpy as np
import pytest

import tane
from tane.testing import BackendSuite, Sample, draw, opcheck


def test_op():
    samples = [Sample((draw(*shape),), reference=lambda x: np.exp(-(x**2))) for shape in [(2, 3), (), (0,)]]
    assert opcheck(tane.ops.bump, samples).passed >= 6


class TestToy(BackendSuite):
    device = "toy"


def test_optimizer():
    w = tane.tensor([3.0, -2.0], requires_grad=True)
    optimizer = tane.optim.Lion([w], lr=0.02, weight_decay=0.5)
    losses = []
    for _ in range(100):
        optimizer.zero_grad()
        loss = (w * w).sum()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        if len(losses) == 1:  # every step has the size of the learning rate, besides the decay
            assert w.tolist() == [pytest.approx(3 * 0.99 - 0.02), pytest.approx(-2 * 0.99 + 0.02)]
    assert losses[-1] < losses[0] / 10
