"""Convolutions beside PyTorch's, up to gradients of second order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tane
import tane.nn.functional as F
from tane.nn.ops import windows
from tane.testing.parity import same, same_error

torch = pytest.importorskip("torch")

TF = torch.nn.functional
R = np.random.default_rng(3)

# (input, weight, settings) by dimensions
CONVOLUTIONS: list[tuple[Any, Any, dict[str, Any]]] = [
    ((2, 3, 9), (4, 3, 3), {}),
    ((3, 9), (4, 3, 3), {"stride": 2, "padding": 1}),
    ((2, 4, 9), (6, 2, 3), {"groups": 2, "dilation": 2}),
    ((2, 3, 7, 6), (4, 3, 3, 3), {}),
    ((2, 3, 7, 6), (4, 3, 3, 2), {"stride": (2, 1), "padding": (1, 2)}),
    ((2, 3, 7, 6), (4, 3, 3, 3), {"stride": 3, "padding": 2, "dilation": (1, 2)}),
    ((2, 3, 7, 6), (4, 3, 1, 1), {}),
    ((2, 3, 7, 6), (4, 3, 1, 1), {"stride": 2}),
    ((2, 3, 7, 6), (4, 3, 1, 1), {"padding": 1}),
    ((2, 4, 5, 6), (4, 1, 3, 3), {"groups": 4, "padding": 1}),
    ((2, 4, 5, 6), (6, 2, 2, 3), {"groups": 2, "stride": 2}),
    ((2, 4, 5, 6), (6, 2, 1, 1), {"groups": 2}),
    ((2, 3, 7, 6), (2, 3, 3, 3), {"padding": "same"}),
    ((2, 3, 7, 6), (2, 3, 2, 4), {"padding": "same", "dilation": (1, 2)}),
    ((2, 3, 7, 6), (2, 3, 3, 3), {"padding": "valid"}),
    ((2, 2, 7, 6), (5, 2, 3, 3), {"padding": 4}),
    ((3, 7, 6), (4, 3, 3, 3), {}),
    ((0, 3, 7, 6), (4, 3, 3, 3), {}),
    ((1, 2, 4, 5, 4), (3, 2, 2, 3, 2), {}),
    ((1, 2, 4, 5, 4), (3, 2, 2, 3, 2), {"stride": (1, 2, 2), "padding": 1}),
    ((4, 5, 4, 3), (2, 2, 2, 2, 2), {"groups": 2}),
]
TRANSPOSED: list[tuple[Any, Any, dict[str, Any]]] = [
    ((2, 3, 5), (3, 4, 3), {}),
    ((3, 5), (3, 4, 3), {"stride": 2, "padding": 1, "output_padding": 1}),
    ((2, 3, 4, 5), (3, 4, 3, 3), {}),
    ((2, 3, 4, 5), (3, 4, 3, 2), {"stride": (2, 3), "padding": 1, "output_padding": (1, 2)}),
    ((2, 4, 4, 5), (4, 3, 3, 3), {"groups": 2, "dilation": 2, "stride": 2}),
    ((2, 3, 4, 5), (3, 2, 1, 1), {}),
    ((3, 4, 5), (3, 2, 2, 2), {"stride": 2}),
    ((2, 2, 4, 4), (2, 2, 4, 5), {"stride": (3, 2), "padding": (1, 2), "output_padding": (2, 3), "groups": 2, "dilation": (4, 4)}),
    ((1, 2, 3, 2, 3), (2, 3, 2, 2, 3), {"stride": 2, "padding": 1}),
]


def operands(shape: Any, weight: Any, outputs: int, bias: bool) -> list[Any]:
    return [R.normal(size=shape), R.normal(size=weight), *([R.normal(size=outputs)] if bias else [])]


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(("shape", "weight", "kwargs"), CONVOLUTIONS)
def test_convolution(shape: Any, weight: Any, kwargs: Any, bias: bool) -> None:
    name = f"conv{len(weight) - 2}d"
    same(lambda *a: getattr(F, name)(*a, **kwargs), lambda *a: getattr(TF, name)(*a, **kwargs), *operands(shape, weight, weight[0], bias))


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(("shape", "weight", "kwargs"), TRANSPOSED)
def test_transposed(shape: Any, weight: Any, kwargs: Any, bias: bool) -> None:
    name = f"conv_transpose{len(weight) - 2}d"
    same(
        lambda *a: getattr(F, name)(*a, **kwargs),
        lambda *a: getattr(TF, name)(*a, **kwargs),
        *operands(shape, weight, weight[1] * kwargs.get("groups", 1), bias),
    )


@pytest.mark.parametrize(("shape", "weight", "kwargs"), [CONVOLUTIONS[4], CONVOLUTIONS[10], CONVOLUTIONS[3]])
def test_a_batch_in_pieces(shape: Any, weight: Any, kwargs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "CHUNK", 1)
    same(lambda *a: F.conv2d(*a, **kwargs), lambda *a: TF.conv2d(*a, **kwargs), *operands((5, *shape[1:]), weight, weight[0], True))


def test_operands_that_are_not_contiguous() -> None:
    same(
        lambda x, w: F.conv2d(x.transpose(2, 3), w.transpose(0, 1)),
        lambda x, w: TF.conv2d(x.transpose(2, 3), w.transpose(0, 1)),
        *operands((2, 3, 7, 6), (3, 4, 3, 3), 0, False),
    )


def test_the_result_is_contiguous() -> None:
    x, w = tane.ones(2, 3, 5, 5), tane.ones(4, 3, 3, 3)
    assert F.conv2d(x, w).is_contiguous()
    assert F.conv2d(x, w, stride=2, padding=1).is_contiguous()


def test_the_node_is_called_as_in_pytorch() -> None:
    x, w, b = (tane.ones(*s, requires_grad=True) for s in ((2, 3, 5, 5), (4, 3, 3, 3), (4,)))
    y = F.conv2d(x, w, b)
    assert y.grad_fn.name() == "ConvolutionBackward0"
    assert [n.variable for n, _ in y.grad_fn.next_functions] == [x, w, b]


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("F.conv2d(t.ones(1, 2, 5, 5), t.ones(3, 4, 3, 3))", "expected input[1, 2, 5, 5] to have 4 channels, but got 2 channels instead"),
        ("F.conv2d(t.ones(1, 4, 5, 5), t.ones(3, 2, 3, 3), groups=2)", "expected weight to be divisible by 2 at dimension 0"),
        ("F.conv2d(t.ones(2, 5), t.ones(3, 2, 3, 3))", "Expected 3D (unbatched) or 4D (batched) input to conv2d"),
        ("F.conv2d(t.ones(1, 2, 2, 2), t.ones(3, 2, 3, 3))", "Kernel size can't be greater than actual input size"),
        ("F.conv2d(t.ones(1, 2, 5, 5), t.ones(3, 2, 3, 3), t.ones(4))", "expected bias to be 1-dimensional with 3 elements"),
        ("F.conv2d(t.ones(1, 2, 5, 5), t.ones(3, 2, 3, 3), stride=0)", "non-positive stride is not supported"),
        ("F.conv2d(t.ones(1, 2, 5, 5), t.ones(3, 2, 3, 3), padding=-1)", "negative padding is not supported"),
        ("F.conv2d(t.ones(1, 2, 5, 5), t.ones(3, 2, 3, 3), padding='same', stride=2)", "padding='same' is not supported for strided"),
        ("F.conv2d(t.ones(1, 2, 5, 5), t.ones(3, 2, 3, 3), padding='foo')", "Invalid padding string"),
        (
            "F.conv2d(t.ones(1, 2, 5, 5), t.ones(3, 2, 3, 3), padding=(1, 1, 1))",
            "expected padding to be a single integer value or a list of 2",
        ),
        ("F.conv2d(t.ones(1, 2, 5, 5, dtype=t.float64), t.ones(3, 2, 3, 3))", "expected scalar type Double but found Float"),
        ("F.conv_transpose2d(t.ones(1, 2, 5, 5), t.ones(3, 2, 3, 3))", "to have 3 channels, but got 2 channels instead"),
        (
            "F.conv_transpose2d(t.ones(1, 3, 5, 5), t.ones(3, 2, 3, 3), output_padding=1)",
            "output padding must be smaller than either stride",
        ),
    ],
)
def test_errors(expression: str, text: str) -> None:
    same_error(lambda: eval(expression, {"t": tane, "F": F}), lambda: eval(expression, {"t": torch, "F": TF}), text)


@pytest.mark.parametrize(
    ("shape", "kwargs"),
    [
        ((2, 3, 6, 5), {"kernel_size": 2}),
        ((2, 3, 6, 5), {"kernel_size": (2, 3), "stride": 2, "padding": 1, "dilation": (1, 2)}),
        ((3, 6, 5), {"kernel_size": 3, "padding": (1, 0)}),
    ],
)
def test_unfold(shape: Any, kwargs: Any) -> None:
    same(lambda x: F.unfold(x, **kwargs), lambda x: TF.unfold(x, **kwargs), R.normal(size=shape))
    columns = tuple(TF.unfold(torch.zeros(shape), **kwargs).shape)
    same(
        lambda x: F.fold(x, shape[-2:], **kwargs),
        lambda x: TF.fold(x, shape[-2:], **kwargs),
        R.normal(size=columns),
    )


def test_unfold_errors() -> None:
    for expression in ("F.unfold(t.ones(1, 1, 2, 2), 3)", "F.fold(t.ones(1, 4, 5), (3, 3), 2)", "F.fold(t.ones(1, 5, 4), (3, 3), 2)"):
        same_error(lambda e=expression: eval(e, {"t": tane, "F": F}), lambda e=expression: eval(e, {"t": torch, "F": TF}))
