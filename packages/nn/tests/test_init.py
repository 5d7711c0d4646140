"""Initial values: PyTorch's, bit for bit where arithmetic allows."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import tane
from tane.nn import init

CASES: list[tuple[str, tuple[int, ...], dict[str, Any]]] = [
    ("uniform_", (3, 4), {}),
    ("uniform_", (7,), {"a": -2.0, "b": 5.0}),
    ("normal_", (30, 4), {"std": 0.1, "mean": 3.0}),
    ("normal_", (3,), {}),
    ("trunc_normal_", (300, 4), {"std": 0.02}),
    ("trunc_normal_", (200,), {}),
    ("trunc_normal_", (300,), {"std": 1.5, "a": -1.0, "b": 0.0}),
    ("constant_", (3,), {"val": 0.3}),
    ("ones_", (2, 1), {}),
    ("zeros_", (2, 1), {}),
    ("eye_", (3, 5), {}),
    ("dirac_", (6, 3, 3), {"groups": 2}),
    ("dirac_", (6, 3, 3, 4), {}),
    ("dirac_", (2, 3, 3, 3, 3), {}),
    ("xavier_uniform_", (6, 3, 3, 3), {"gain": 2.0}),
    ("xavier_normal_", (6, 3), {}),
    ("kaiming_uniform_", (6, 3), {"nonlinearity": "relu", "mode": "fan_out"}),
    ("kaiming_uniform_", (6, 3, 5), {"a": 0.3}),
    ("kaiming_normal_", (60, 3), {"nonlinearity": "tanh"}),
    ("sparse_", (8, 3), {"sparsity": 0.3}),
]


@pytest.mark.parity
@pytest.mark.parametrize("own_generator", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("name", "shape", "kwargs"), CASES, ids=lambda x: str(x))
def test_values_are_pytorchs(name: str, shape: tuple[int, ...], kwargs: dict[str, Any], dtype: str, own_generator: bool) -> None:
    torch = pytest.importorskip("torch")
    found = []
    for lib, functions in ((tane, init), (torch, torch.nn.init)):
        lib.manual_seed(3)
        t = lib.full(shape, 9.0, dtype=getattr(lib, dtype), requires_grad=True)
        takes = own_generator and name not in ("constant_", "ones_", "zeros_", "eye_", "dirac_", "sparse_")
        result = getattr(functions, name)(t, **kwargs, **({"generator": lib.Generator().manual_seed(8)} if takes else {}))
        assert result is t
        assert t.is_leaf
        found.append(t.detach().numpy())
    np.testing.assert_array_equal(*found)


@pytest.mark.parity
def test_a_normal_far_from_its_bounds_is_pytorchs() -> None:
    torch = pytest.importorskip("torch")
    found = []
    for lib, functions in ((tane, init), (torch, torch.nn.init)):
        lib.manual_seed(3)
        with pytest.warns(UserWarning, match="mean is more than 2 std from"):
            found.append(functions.trunc_normal_(lib.empty(300), mean=5.0, a=-2.0, b=0.0).numpy())
    np.testing.assert_array_equal(*found)


@pytest.mark.parity
@pytest.mark.parametrize("shape", [(6, 3), (3, 6, 2), (4, 4), (1, 5), (5, 1)])
def test_orthogonal_is_pytorchs(shape: tuple[int, ...]) -> None:
    torch = pytest.importorskip("torch")
    tane.manual_seed(3)
    torch.manual_seed(3)
    ours, theirs = init.orthogonal_(tane.empty(shape), gain=2), torch.nn.init.orthogonal_(torch.empty(shape), gain=2)
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), atol=2e-6)  # QR in float32, by two libraries


def test_values_without_pytorch() -> None:
    tane.manual_seed(0)
    np.testing.assert_array_equal(init.uniform_(tane.empty(2)).numpy(), np.array([0.4962565898895264, 0.7682217955589294], np.float32))
    assert init.eye_(tane.empty(2, 3)).tolist() == [[1, 0, 0], [0, 1, 0]]
    assert init.dirac_(tane.empty(2, 2, 3)).tolist() == [[[0, 1, 0], [0, 0, 0]], [[0, 0, 0], [0, 1, 0]]]
    assert init.constant_(tane.empty(2), 3).tolist() == [3, 3]


def test_orthogonal_rows_or_columns() -> None:
    for shape in ((3, 5), (5, 3)):
        q = init.orthogonal_(tane.empty(shape, dtype=tane.float64))
        product = q @ q.t() if shape[0] < shape[1] else q.t() @ q
        np.testing.assert_allclose(product.numpy(), np.eye(3), atol=1e-12)
    assert init.orthogonal_(tane.empty(0, 3)).shape == (0, 3)


def test_truncation_and_sparsity() -> None:
    t = init.trunc_normal_(tane.empty(2000), std=2.0, a=-1.0, b=0.5)
    assert t.min().item() >= -1
    assert t.max().item() <= 0.5
    assert (init.sparse_(tane.empty(10, 4), 0.25) == 0).sum(0).tolist() == [3, 3, 3, 3]


def test_gains_and_fans() -> None:
    assert init.calculate_gain("linear") == init.calculate_gain("conv2d") == init.calculate_gain("sigmoid") == 1
    assert init.calculate_gain("relu") == math.sqrt(2)
    assert init.calculate_gain("tanh") == 5 / 3
    assert init.calculate_gain("selu") == 0.75
    assert init.calculate_gain("leaky_relu") == init.calculate_gain("leaky_relu", 0.01)
    assert init._calculate_fan_in_and_fan_out(tane.empty(6, 3, 2, 2)) == (12, 24)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: init.calculate_gain("sine"), "Unsupported nonlinearity sine"),
        (lambda: init.calculate_gain("leaky_relu", True), "negative_slope True not a valid number"),
        (lambda: init.calculate_gain("leaky_relu", "x"), "negative_slope x not a valid number"),  # type: ignore[arg-type]
        (lambda: init.xavier_uniform_(tane.empty(3)), "fewer than 2 dimensions"),
        (lambda: init.kaiming_normal_(tane.empty(3, 2), mode="fan"), "Mode fan not supported, please use one of"),
        (lambda: init.eye_(tane.empty(3)), "Only tensors with 2 dimensions are supported"),
        (lambda: init.dirac_(tane.empty(3)), "Only tensors with 3, 4, or 5 dimensions are supported"),
        (lambda: init.dirac_(tane.empty(3, 1, 1), 2), "dim 0 must be divisible by groups"),
        (lambda: init.orthogonal_(tane.empty(3)), "Only tensors with 2 or more dimensions are supported"),
        (lambda: init.sparse_(tane.empty(3), 0.5), "Only tensors with 2 dimensions are supported"),
    ],
)
def test_errors(call: Any, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        call()


def test_nothing_to_initialise() -> None:
    for function in (init.kaiming_uniform_, init.kaiming_normal_):
        with pytest.warns(UserWarning, match="zero-element tensors is a no-op"):
            function(tane.empty(0, 2))


@pytest.mark.parametrize(
    "name", ["uniform", "normal", "xavier_uniform", "xavier_normal", "kaiming_uniform", "kaiming_normal", "orthogonal", "eye"]
)
def test_the_older_names(name: str) -> None:
    t = tane.empty(3, 3)
    with pytest.warns(FutureWarning, match=f"`nn.init.{name}` is now deprecated in favor of `nn.init.{name}_`"):
        assert getattr(init, name)(t) is t
    for old, args in (("constant", (1.0,)), ("sparse", (0.5,))):
        with pytest.warns(FutureWarning):
            getattr(init, old)(t, *args)
    with pytest.warns(FutureWarning):
        init.dirac(tane.empty(3, 3, 3))


def test_other_devices() -> None:
    for name, shape, kwargs in (*CASES, ("orthogonal_", (6, 3), {})):
        tane.manual_seed(1)
        there = getattr(init, name)(tane.empty(shape, device="strict"), **kwargs)
        tane.manual_seed(1)
        here = getattr(init, name)(tane.empty(shape), **kwargs)
        assert there.device.type == "strict"
        np.testing.assert_array_equal(there.cpu().numpy(), here.numpy())
