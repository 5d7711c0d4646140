"""Identity, Linear, Bilinear, Flatten, Unflatten: values, gradients, initial values, errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tane
from tane import nn


def test_the_seed_decides_as_in_pytorch() -> None:
    tane.manual_seed(0)
    line = nn.Linear(2, 2)
    # PyTorch 2.13's, for torch.manual_seed(0).
    weight = [[-0.005293981172144413, 0.37932288646698], [-0.5819807648658752, -0.5203874707221985]]
    np.testing.assert_array_equal(line.weight.detach().numpy(), np.array(weight, np.float32))
    np.testing.assert_array_equal(line.bias.detach().numpy(), np.array([-0.27234524488449097, 0.1896158903837204], np.float32))


@pytest.mark.parity
def test_initial_values_are_pytorchs_bit_for_bit() -> None:
    torch = pytest.importorskip("torch")
    for name, args in (("Linear", (5, 7)), ("Linear", (100, 3, False)), ("Bilinear", (2, 3, 4)), ("Linear", (1, 1))):
        tane.manual_seed(5)
        torch.manual_seed(5)
        ours, theirs = getattr(nn, name)(*args), getattr(torch.nn, name)(*args)
        for (k, p), (j, q) in zip(ours.named_parameters(), theirs.named_parameters(), strict=True):
            assert k == j
            np.testing.assert_array_equal(p.detach().numpy(), q.detach().numpy())


@pytest.mark.parity
@pytest.mark.parametrize("shape", [(3,), (4, 3), (2, 4, 3), (0, 3)])
@pytest.mark.parametrize("bias", [True, False])
def test_values_and_gradients_are_pytorchs(shape: tuple[int, ...], bias: bool) -> None:
    torch = pytest.importorskip("torch")
    tane.manual_seed(0)
    torch.manual_seed(0)
    ours, theirs = nn.Linear(3, 2, bias=bias), torch.nn.Linear(3, 2, bias=bias)
    x, t = tane.randn(*shape, requires_grad=True), torch.randn(*shape, requires_grad=True)
    y, u = ours(x), theirs(t)
    np.testing.assert_allclose(y.detach().numpy(), u.detach().numpy(), rtol=1e-5, atol=1e-6)  # float32, sums in another order
    (y**2).sum().backward()
    (u**2).sum().backward()
    for a, b in ((x, t), *zip(ours.parameters(), theirs.parameters(), strict=True)):
        np.testing.assert_allclose(a.grad.numpy(), b.grad.numpy(), rtol=1e-5, atol=1e-6)


def test_the_graph_reads_as_pytorchs() -> None:
    line = nn.Linear(3, 2)
    x = tane.ones(4, 3, requires_grad=True) * 1
    node = line(x).grad_fn
    assert node.name() == "AddmmBackward0"
    edges = [n for n, _ in node.next_functions]
    assert edges[0].variable is line.bias
    assert edges[1] is x.grad_fn
    # PyTorch has a TBackward0 between the op and the weight; here the op takes the weight as it is.
    assert edges[2].variable is line.weight


def test_weight_gradients_are_contiguous() -> None:
    line = nn.Linear(3, 2)
    line(tane.randn(5, 4, 3)).sum().backward()
    assert line.weight.grad.is_contiguous()


def test_other_types_and_no_bias() -> None:
    line = nn.Linear(3, 2, bias=False, dtype=tane.float64)
    assert line.bias is None
    assert line.weight.dtype is tane.float64
    assert line(tane.ones(3, dtype=tane.float64)).dtype is tane.float64
    assert list(line.state_dict()) == ["weight"]
    assert nn.Linear(3, 2, device="strict").weight.device.type == "strict"


def test_no_inputs_at_all() -> None:
    with pytest.warns(UserWarning, match="zero-element tensors"):
        line = nn.Linear(0, 2)
    assert line.bias.tolist() == [0, 0]
    assert line(tane.ones(3, 0)).tolist() == [[0, 0]] * 3


def test_shapes_that_do_not_fit() -> None:
    with pytest.raises(RuntimeError, match=r"mat1 and mat2 shapes cannot be multiplied \(4x5 and 3x2\)"):
        nn.Linear(3, 2)(tane.ones(4, 5))
    with pytest.raises(ValueError, match="in1_features must be > 0"):
        nn.Bilinear(0, 2, 3)


@pytest.mark.parity
def test_bilinear_is_pytorchs() -> None:
    torch = pytest.importorskip("torch")
    tane.manual_seed(1)
    torch.manual_seed(1)
    ours, theirs = nn.Bilinear(3, 2, 4), torch.nn.Bilinear(3, 2, 4)
    a, b = (
        np.random.default_rng(0).normal(size=(2, 5, 3)).astype(np.float32),
        np.random.default_rng(1).normal(size=(2, 5, 2)).astype(np.float32),
    )
    y, u = ours(tane.tensor(a), tane.tensor(b)), theirs(torch.tensor(a), torch.tensor(b))
    np.testing.assert_allclose(y.detach().numpy(), u.detach().numpy(), rtol=1e-5, atol=1e-6)
    y.sum().backward()
    u.sum().backward()
    for p, q in zip(ours.parameters(), theirs.parameters(), strict=True):
        np.testing.assert_allclose(p.grad.numpy(), q.grad.numpy(), rtol=1e-5, atol=1e-5)


def test_identity_takes_anything() -> None:
    t = tane.ones(2)
    assert nn.Identity(54, unused=True)(t) is t


def test_flatten_and_unflatten() -> None:
    x = tane.arange(24.0).reshape(2, 3, 4)
    assert nn.Flatten()(x).shape == (2, 12)
    assert nn.Flatten(0)(x).shape == (24,)
    assert nn.Flatten(0, 1)(x).shape == (6, 4)
    assert nn.Unflatten(2, (2, 2))(x).shape == (2, 3, 2, 2)
    assert nn.Unflatten(-1, tane.Size([2, -1]))(x).shape == (2, 3, 2, 2)
    assert nn.Unflatten(1, (3, 4))(nn.Flatten()(x)).tolist() == x.tolist()


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (5, "unflattened_size must be a tuple of ints, but found type int"),
        ((2, 2.5), "unflattened_size must be tuple of ints, but found element of type float at pos 1"),
    ],
)
def test_unflatten_with_something_else(size: Any, text: str) -> None:
    with pytest.raises(TypeError, match=text):
        nn.Unflatten(1, size)
