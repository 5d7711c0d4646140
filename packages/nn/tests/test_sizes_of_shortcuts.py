"""Layers of many rows, long rows and many classes take other ways on the CPU; results and gradients stay those of the reference on ``strict``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tane
import tane.nn.functional as F
from tane.testing import devices_agree

rng = np.random.default_rng(9)
SHAPES = [(32, 10), (600, 3), (600, 8), (600, 9), (5000, 2), (3, 5000), (2, 300, 4)]


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("outputs", [1, 2, 7])
@pytest.mark.parametrize("bias", ["none", "out", "scalar", "rows"])
def test_linear(kind: Any, outputs: int, bias: str) -> None:
    for shape in SHAPES:
        operands = [rng.normal(size=shape), rng.normal(size=(outputs, shape[-1]))]
        if bias != "none":
            operands.append(np.array(rng.normal(size={"out": (outputs,), "scalar": (), "rows": (shape[-2], outputs)}[bias])))
        devices_agree(F.linear, *(x.astype(kind) for x in operands))


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("loss", [F.cross_entropy, F.nll_loss])
def test_losses_of_classes(loss: Any, kind: Any, reduction: str) -> None:
    for shape in [s for s in SHAPES if len(s) == 2]:
        target = rng.integers(0, shape[1], shape[0])
        for t in (target, np.where(np.arange(shape[0]) % 7 == 0, -100, target)):
            devices_agree(lambda x, t=t: loss(x, tane.tensor(t, device=x.device), reduction=reduction), rng.normal(size=shape).astype(kind))


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize(
    "function",
    [
        F.relu,
        F.leaky_relu,
        F.gelu,
        lambda x: F.softmax(x, -1),
        lambda x: F.layer_norm(x, x.shape[-1:]),
        lambda x: F.mse_loss(x, x.detach().flip(0)),
        lambda x: F.smooth_l1_loss(x, x.detach().flip(0)),
        lambda x: F.normalize(x, dim=-1),
    ],
)
def test_pointwise_and_rows(function: Any, kind: Any) -> None:
    for shape in SHAPES:
        devices_agree(function, rng.normal(size=shape).astype(kind))
