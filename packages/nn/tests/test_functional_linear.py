"""``linear`` and ``bilinear`` beside PyTorch's."""

from __future__ import annotations

import numpy as np
import pytest

import tane
import tane.nn.functional as F
from tane.testing.parity import same, same_error

torch = pytest.importorskip("torch")

TF = torch.nn.functional
R = np.random.default_rng(0)


@pytest.mark.parametrize("shape", [(3, 4), (4,), (2, 3, 4), (2, 1, 3, 4), (0, 4)])
@pytest.mark.parametrize("bias", [True, False])
def test_linear(shape: tuple[int, ...], bias: bool) -> None:
    operands = [R.normal(size=shape), R.normal(size=(5, 4)), *([R.normal(size=5)] if bias else [])]
    same(F.linear, TF.linear, *operands)


@pytest.mark.parametrize("shape", [(3, 4), (2, 3, 4), (600, 2)])
@pytest.mark.parametrize("bias", ["out", "one", "scalar", "each", "row", "column"])
def test_a_bias_of_any_shape_that_broadcasts(shape: tuple[int, ...], bias: str) -> None:
    rows = shape[-2]
    if bias == "column" and len(shape) == 3:
        pytest.skip("PyTorch, which sees one matrix of all rows there, refuses it")
    b = {"out": (5,), "one": (1,), "scalar": (), "each": (rows, 5), "row": (1, 5), "column": (rows, 1)}[bias]
    same(F.linear, TF.linear, R.normal(size=shape), R.normal(size=(5, shape[-1])), R.normal(size=b))


@pytest.mark.parametrize("inputs", [1, 3, 8, 9])
def test_one_output_of_many_rows(inputs: int) -> None:
    same(F.linear, TF.linear, R.normal(size=(700, inputs)), R.normal(size=(1, inputs)), R.normal(size=1))
    same(F.linear, TF.linear, R.normal(size=(2, 300, inputs)), R.normal(size=(1, inputs)))


def test_linear_with_a_vector_for_a_weight() -> None:
    same(F.linear, TF.linear, R.normal(size=(3, 4)), R.normal(size=4))


def test_the_node_is_called_as_in_pytorch() -> None:
    x, w, b = (tane.ones(*s, requires_grad=True) for s in ((2, 3), (4, 3), (4,)))
    y = F.linear(x, w, b)
    assert y.grad_fn.name() == "AddmmBackward0"
    assert [n.variable is t for (n, _), t in zip(y.grad_fn.next_functions, (b, x, w), strict=True)] == [True] * 3
    assert F.linear(x, w).grad_fn.name() == "MmBackward0"


@pytest.mark.parametrize(
    ("shapes", "text"),
    [
        (((3, 4), (5, 6)), "mat1 and mat2 shapes cannot be multiplied (3x4 and 6x5)"),
        (((3, 4), (5, 4), (6,)), "must match the existing size (6)"),
    ],
)
def test_linear_shape_errors(shapes: tuple[tuple[int, ...], ...], text: str) -> None:
    same_error(lambda: F.linear(*(tane.ones(*s) for s in shapes)), lambda: TF.linear(*(torch.ones(*s) for s in shapes)), text)


def test_linear_of_different_types() -> None:
    same_error(
        lambda: F.linear(tane.ones(3, 4), tane.ones(5, 4, dtype=tane.float64)),
        lambda: TF.linear(torch.ones(3, 4), torch.ones(5, 4, dtype=torch.float64)),
        "to have the same dtype",
    )


def test_bilinear() -> None:
    same(F.bilinear, TF.bilinear, R.normal(size=(3, 4)), R.normal(size=(3, 2)), R.normal(size=(5, 4, 2)), R.normal(size=5))
    same(F.bilinear, TF.bilinear, R.normal(size=(2, 3, 4)), R.normal(size=(2, 3, 2)), R.normal(size=(5, 4, 2)))


def test_linear_in_16_bits_is_computed_in_32() -> None:
    x, w = R.normal(size=(3, 64)), R.normal(size=(5, 64))
    for name in ("float16", "bfloat16"):
        ours = F.linear(tane.tensor(x).to(getattr(tane, name)), tane.tensor(w).to(getattr(tane, name)))
        theirs = TF.linear(torch.tensor(x).to(getattr(torch, name)), torch.tensor(w).to(getattr(torch, name)))
        assert ours.dtype is getattr(tane, name)
        # One rounding of 8 or 11 bits on either side of the same sum.
        np.testing.assert_allclose(ours.float().numpy(), theirs.float().numpy(), rtol=1e-2, atol=1e-2)


def test_complex_numbers_of_many_rows_keep_their_imaginary_parts() -> None:
    x, w, b = (R.normal(size=s) + 1j * R.normal(size=s) for s in ((600, 3), (2, 3), (2,)))
    same(F.linear, TF.linear, x, w, b)
