"""Connectionist temporal classification against PyTorch: the loss and its gradient."""

import numpy as np
import pytest

import tane
import tane.nn.functional as F

torch = pytest.importorskip("torch", reason="compares with PyTorch")


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_loss_and_gradient(reduction):
    scores = np.random.default_rng(0).standard_normal((6, 2, 4))
    results = []
    for library, functional in ((tane, F), (torch, torch.nn.functional)):
        x = library.from_numpy(scores.copy()).requires_grad_()
        targets = library.tensor([[1, 2, 2], [3, 1, 1]])
        loss = functional.ctc_loss(x.log_softmax(2), targets, library.tensor([6, 5]), library.tensor([3, 2]), reduction=reduction)
        loss.sum().backward()
        results.append((loss.detach().numpy(), x.grad.numpy()))
    for ours, theirs in zip(*results, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)
