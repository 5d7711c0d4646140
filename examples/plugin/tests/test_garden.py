"""The op and the device through tane's published suites; the optimizer on a small problem."""

from __future__ import annotations

import numpy as np
import tane
from tane.testing import BackendSuite, Sample, draw, opcheck


def test_op():
    samples = [Sample((draw(*shape),), reference=lambda x: np.exp(-(x**2))) for shape in [(2, 3), (), (0,)]]
    assert opcheck(tane.ops.bump, samples).passed >= 6


class TestToy(BackendSuite):
    device = "toy"


def test_optimizer():
    w = tane.tensor([3.0, -2.0], requires_grad=True)
    optimizer = tane.optim.Lion([w], lr=0.1)
    for _ in range(40):
        optimizer.zero_grad()
        (w * w).sum().backward()
        optimizer.step()
    assert w.abs().max().item() < 0.2
