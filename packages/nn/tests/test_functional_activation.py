"""Activations beside PyTorch's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tane
import tane.nn.functional as F
from tane.testing.parity import same, same_error

torch = pytest.importorskip("torch")

TF = torch.nn.functional
R = np.random.default_rng(1)
X = np.concatenate([R.normal(size=20) * 3, [0.0, -1.0, 1.0, 0.5, -0.5, 3.0, -3.0, 30.0, -30.0, 6.0, 2.5, -0.25]]).reshape(4, 8)

CASES: list[tuple[str, dict[str, Any]]] = [
    ("relu", {}),
    ("relu6", {}),
    ("gelu", {}),
    ("gelu", {"approximate": "tanh"}),
    ("leaky_relu", {}),
    ("leaky_relu", {"negative_slope": 0.2}),
    ("leaky_relu", {"negative_slope": 1.5}),
    ("elu", {}),
    ("elu", {"alpha": 0.7}),
    ("selu", {}),
    ("celu", {"alpha": 2.0}),
    ("silu", {}),
    ("mish", {}),
    ("softplus", {}),
    ("softplus", {"beta": 2.0, "threshold": 4.9}),
    ("softsign", {}),
    ("hardtanh", {}),
    ("hardtanh", {"min_val": -0.3, "max_val": 0.9}),
    ("hardsigmoid", {}),
    ("hardswish", {}),
    ("logsigmoid", {}),
    ("rrelu", {}),
    ("glu", {}),
    ("glu", {"dim": 0}),
    ("threshold", {"threshold": 0.5, "value": 7.0}),
    ("tanhshrink", {}),
    ("softshrink", {}),
    ("softshrink", {"lambd": 0.25}),
    ("hardshrink", {}),
    ("sigmoid", {}),
    ("tanh", {}),
    ("softmax", {"dim": 1}),
    ("softmax", {"dim": 0}),
    ("log_softmax", {"dim": -1}),
    ("softmin", {"dim": 1}),
    ("normalize", {}),
    ("normalize", {"p": 1.0, "dim": 0}),
]
# The second derivative at the kink is a matter of taste, and PyTorch has none of hardsigmoid.
FIRST_ONLY = {"elu", "selu", "celu", "hardsigmoid"}


@pytest.mark.parametrize(("name", "kwargs"), CASES)
def test_values_and_gradients(name: str, kwargs: dict[str, Any]) -> None:
    same(
        lambda x: getattr(F, name)(x, **kwargs),
        lambda x: getattr(TF, name)(x, **kwargs),
        X,
        order=1 if name in FIRST_ONLY else 2,
        rtol=1e-7 if name == "hardsigmoid" else 1e-9,  # PyTorch divides by a 6 of single precision there
    )


@pytest.mark.parametrize("name", ["celu", "elu", "selu"])
def test_second_derivatives_away_from_the_kink(name: str) -> None:
    same(getattr(F, name), getattr(TF, name), np.where(X == 0, 0.1, X))


@pytest.mark.parametrize(
    "name", ["leaky_relu", "elu", "celu", "selu", "relu", "silu", "mish", "hardswish", "hardsigmoid", "relu6", "hardtanh"]
)
def test_inplace(name: str) -> None:
    leaf = tane.tensor(X, requires_grad=True)
    x = leaf * 1
    y = getattr(F, name)(x, inplace=True)
    assert y is x
    y.sum().backward()
    other = torch.tensor(X, requires_grad=True)
    getattr(TF, name)(other * 1, inplace=True).sum().backward()
    np.testing.assert_allclose(x.detach().numpy(), getattr(TF, name)(torch.tensor(X)).numpy(), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(leaf.grad.numpy(), other.grad.numpy(), rtol=1e-7, atol=1e-12)
    assert not hasattr(tane.Tensor, "elu_")


def test_underscored_forms() -> None:
    for name in ("relu_", "leaky_relu_", "elu_", "celu_", "selu_", "hardtanh_"):
        x = tane.tensor(X)
        assert getattr(F, name)(x) is x
        np.testing.assert_allclose(x.numpy(), getattr(TF, name)(torch.tensor(X)).numpy(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", [n for n, k in CASES if not k and n not in ("glu", "normalize")])
def test_nan_and_infinity(name: str) -> None:
    x = np.array([np.nan, np.inf, -np.inf, -0.0])
    np.testing.assert_array_equal(getattr(F, name)(tane.tensor(x)).numpy(), getattr(TF, name)(torch.tensor(x)).numpy())


@pytest.mark.parametrize("weights", [np.array([0.25]), np.array([0.1, 0.2, -0.3])])
def test_prelu(weights: Any) -> None:
    same(F.prelu, TF.prelu, R.normal(size=(2, 3, 4)), weights)
    same_error(
        lambda: F.prelu(tane.ones(2, 3), tane.ones(2)), lambda: TF.prelu(torch.ones(2, 3), torch.ones(2)), "Mismatch of parameter numbers"
    )


def test_rrelu_draws_as_pytorch_does() -> None:
    x = R.normal(size=(5, 7))
    tane.manual_seed(3)
    torch.manual_seed(3)
    ours, theirs = F.rrelu(tane.tensor(x), training=True), TF.rrelu(torch.tensor(x), training=True)
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-12)


@pytest.mark.parametrize("hard", [False, True])
def test_gumbel_softmax_draws_as_pytorch_does(hard: bool) -> None:
    x = R.normal(size=(5, 7)).astype("f")
    a, b = tane.tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    tane.manual_seed(3)
    torch.manual_seed(3)
    ours, theirs = F.gumbel_softmax(a, tau=0.7, hard=hard), TF.gumbel_softmax(b, tau=0.7, hard=hard)
    np.testing.assert_allclose(ours.detach().numpy(), theirs.detach().numpy(), rtol=1e-5, atol=1e-6)
    (ours[:, 0] * 2).sum().backward()
    (theirs[:, 0] * 2).sum().backward()
    np.testing.assert_allclose(a.grad.numpy(), b.grad.numpy(), rtol=1e-4, atol=1e-6)


def test_a_dimension_left_out() -> None:
    with pytest.warns(UserWarning, match="Implicit dimension choice for softmax"):
        y = F.softmax(tane.ones(2, 3))
    assert y[0, 0].item() == pytest.approx(1 / 3)


def test_softmax_in_another_type() -> None:
    assert F.softmax(tane.ones(2, 3), dim=1, dtype=tane.float64).dtype is tane.float64
    assert F.log_softmax(tane.ones(2, 3), dim=1, dtype=tane.float64).dtype is tane.float64


@pytest.mark.parametrize(
    ("name", "args", "kwargs"),
    [
        ("glu", ((3,),), {}),
        ("gelu", ((3,),), {"approximate": "x"}),
        ("gelu", ((3,),), {"approximate": "long"}),
        ("celu", ((3,),), {"alpha": 0.0}),
        ("softshrink", ((3,),), {"lambd": -1}),
        ("rrelu", ((3,),), {"lower": 2, "upper": 1}),
        ("softmax", ((3,),), {"dim": 3}),
        ("hardtanh", ((3,),), {"min_val": 2, "max_val": 1}),
    ],
)
def test_errors(name: str, args: Any, kwargs: Any) -> None:
    same_error(
        lambda: getattr(F, name)(*(tane.ones(*a) for a in args), **kwargs),
        lambda: getattr(TF, name)(*(torch.ones(*a) for a in args), **kwargs),
    )


@pytest.mark.parametrize("name", ["gelu", "silu", "elu", "softplus", "leaky_relu", "hardswish"])
def test_whole_numbers_are_refused(name: str) -> None:
    same_error(lambda: getattr(F, name)(tane.ones(3).long()), lambda: getattr(TF, name)(torch.ones(3).long()), "not implemented for 'Long'")
