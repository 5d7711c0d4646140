"""Dropout: PyTorch's masks for the same seed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tane
import tane.nn.functional as F
from tane.testing.parity import same_error

torch = pytest.importorskip("torch")

TF = torch.nn.functional
R = np.random.default_rng(7)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("p", [0.0, 0.2, 0.5, 1.0])
@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("dropout", (5, 7)),
        ("dropout", (64, 33)),
        ("dropout1d", (2, 5, 3)),
        ("dropout1d", (5, 3)),
        ("dropout2d", (3, 5, 2, 2)),
        ("dropout3d", (3, 5, 2, 2, 2)),
        ("dropout3d", (5, 2, 2, 2)),
        ("alpha_dropout", (5, 7)),
        ("feature_alpha_dropout", (5, 7, 3)),
    ],
)
def test_masks(name: str, shape: Any, p: float, dtype: str) -> None:
    x = R.normal(size=shape).astype(dtype)
    a, b = tane.tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    tane.manual_seed(11)
    torch.manual_seed(11)
    ours, theirs = getattr(F, name)(a, p, training=True), getattr(TF, name)(b, p, training=True)
    np.testing.assert_allclose(ours.detach().numpy(), theirs.detach().numpy(), rtol=1e-6, atol=1e-6)
    if name != "alpha_dropout":
        np.testing.assert_array_equal(ours.detach().numpy() == 0, theirs.detach().numpy() == 0)
    ours.sum().backward()
    theirs.sum().backward()
    np.testing.assert_allclose(a.grad.numpy(), b.grad.numpy(), rtol=1e-6, atol=1e-6)
    # Both have drawn as many numbers.
    assert tane.rand(1).item() == torch.rand(1).item()


@pytest.mark.parametrize("name", ["dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout"])
def test_nothing_is_dropped_in_evaluation(name: str) -> None:
    x = tane.ones(2, 3, 4, 5, 6) if name == "dropout3d" else tane.ones(2, 3, 4, 5) if name == "dropout2d" else tane.ones(2, 3, 4)
    assert (getattr(F, name)(x, 0.5, training=False) == x).all().item()


@pytest.mark.parametrize("name", ["dropout", "alpha_dropout"])
def test_inplace(name: str) -> None:
    x, y = np.ones((4, 5)), np.ones((4, 5))
    tane.manual_seed(0)
    torch.manual_seed(0)
    a, b = tane.tensor(x), torch.tensor(y)
    assert getattr(F, name)(a, 0.5, True, inplace=True) is a
    getattr(TF, name)(b, 0.5, True, inplace=True)
    np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-12)


@pytest.mark.parametrize(
    "view", [lambda x: x.transpose(0, 2), lambda x: x[:, ::2], lambda x: x[:1].expand(3, 4, 5), lambda x: x.permute(1, 2, 0)]
)
def test_numbers_are_drawn_in_the_order_of_memory(view: Any) -> None:
    x = R.normal(size=(3, 4, 5))
    tane.manual_seed(2)
    torch.manual_seed(2)
    np.testing.assert_allclose(F.dropout(view(tane.tensor(x))).numpy(), TF.dropout(view(torch.tensor(x))).numpy(), rtol=1e-12)


def test_the_node_is_a_product() -> None:
    assert F.dropout(tane.ones(3, requires_grad=True)).grad_fn.name() == "MulBackward0"


def test_errors() -> None:
    for p in (1.5, -0.1):
        same_error(
            lambda p=p: F.dropout(tane.ones(3), p),
            lambda p=p: TF.dropout(torch.ones(3), p),
            "dropout probability has to be between 0 and 1",
        )
    same_error(lambda: F.dropout1d(tane.ones(3), 0.5), lambda: TF.dropout1d(torch.ones(3), 0.5), "Expected 2D or 3D input")


def test_dropout2d_of_an_unusual_input_warns() -> None:
    for module, framework in ((F, tane), (TF, torch)):
        with pytest.warns(UserWarning, match="assuming that channel-wise 1D dropout behavior is desired"):
            module.dropout2d(framework.ones(2, 3, 4))
