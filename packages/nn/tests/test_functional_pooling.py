"""Pooling beside PyTorch's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tane
import tane.nn.functional as F
from tane.testing.parity import same, same_error

torch = pytest.importorskip("torch")

TF = torch.nn.functional
R = np.random.default_rng(4)
SHAPES = {1: [(2, 3, 9), (3, 9)], 2: [(2, 3, 7, 6), (3, 7, 6)], 3: [(1, 2, 5, 4, 6), (2, 5, 4, 6)]}

WINDOWS: list[dict[str, Any]] = [
    {"kernel_size": 2},
    {"kernel_size": 3, "stride": 1},
    {"kernel_size": 3, "stride": 2, "padding": 1},
    {"kernel_size": 2, "stride": 3},
    {"kernel_size": 2, "stride": 2, "ceil_mode": True},
    {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True},
    {"kernel_size": 1},
    {"kernel_size": 1, "stride": 2},
]


def both(name: str, x: Any, order: int = 2, **kwargs: Any) -> None:
    same(lambda x: getattr(F, name)(x, **kwargs), lambda x: getattr(TF, name)(x, **kwargs), x, order=order)


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize(
    "kwargs", [*WINDOWS, {"kernel_size": 2, "dilation": 2}, {"kernel_size": 2, "dilation": 3, "stride": 1, "padding": 1}]
)
def test_max_pool(n: int, kwargs: Any) -> None:
    for shape in SHAPES[n]:
        both(f"max_pool{n}d", R.normal(size=shape), **kwargs)
        both(f"max_pool{n}d", R.normal(size=shape), order=1, return_indices=True, **kwargs)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_the_first_of_equals_takes_the_gradient(n: int) -> None:
    x = R.integers(0, 2, SHAPES[n][0]).astype("d")
    both(f"max_pool{n}d", x, kernel_size=3, stride=2, padding=1, return_indices=True, order=1)
    both(f"max_pool{n}d", x, kernel_size=2)


def test_settings_for_each_dimension() -> None:
    x = R.normal(size=(2, 3, 8, 9))
    both("max_pool2d", x, kernel_size=(2, 3), stride=(1, 2), padding=(0, 1), dilation=(2, 1))
    both("avg_pool2d", x, kernel_size=(2, 3), stride=(1, 2), padding=(0, 1))
    both("avg_pool2d", x, kernel_size=(1, 3), stride=(2, 1))
    both("avg_pool2d", x, kernel_size=(3, 1), stride=(2, 2))


def test_max_pool_of_whole_numbers() -> None:
    x = R.integers(-5, 5, (1, 2, 4, 4))
    assert (F.max_pool2d(tane.tensor(x), 3, 1, 1).numpy() == TF.max_pool2d(torch.tensor(x), 3, 1, 1).numpy()).all()


def test_nan_wins() -> None:
    x = np.array([[[1.0, np.nan, 3.0, 2.0]]])
    np.testing.assert_array_equal(F.max_pool1d(tane.tensor(x), 2).numpy(), TF.max_pool1d(torch.tensor(x), 2).numpy())


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("count", [True, False])
@pytest.mark.parametrize("kwargs", WINDOWS)
def test_avg_pool(n: int, kwargs: Any, count: bool) -> None:
    for shape in SHAPES[n]:
        both(f"avg_pool{n}d", R.normal(size=shape), count_include_pad=count, **kwargs)


@pytest.mark.parametrize("n", [2, 3])
def test_divisor(n: int) -> None:
    both(f"avg_pool{n}d", R.normal(size=SHAPES[n][0]), kernel_size=2, padding=1, divisor_override=3)


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_adaptive(n: int, size: int) -> None:
    for shape in SHAPES[n]:
        x = R.normal(size=shape)
        both(f"adaptive_avg_pool{n}d", x, output_size=size)
        both(f"adaptive_max_pool{n}d", x, output_size=size, return_indices=True, order=1)
        both(f"adaptive_max_pool{n}d", x, output_size=size)


def test_adaptive_sizes_left_out() -> None:
    x = R.normal(size=(2, 3, 7, 6))
    both("adaptive_avg_pool2d", x, output_size=(None, 4))
    both("adaptive_avg_pool2d", x, output_size=(5, None))
    both("adaptive_avg_pool2d", x, output_size=(9, 8))


@pytest.mark.parametrize("p", [1.0, 2.0, 3.0])
def test_lp_pool(p: float) -> None:
    both("lp_pool1d", R.uniform(0.1, 1, (2, 3, 8)), norm_type=p, kernel_size=2)
    both("lp_pool2d", R.uniform(0.1, 1, (2, 3, 6, 8)), norm_type=p, kernel_size=(2, 3), stride=2, ceil_mode=True)
    both("lp_pool3d", R.uniform(0.1, 1, (1, 2, 4, 4, 4)), norm_type=p, kernel_size=2)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_unpool(n: int) -> None:
    x = R.normal(size=SHAPES[n][0])
    y, places = getattr(TF, f"max_pool{n}d")(torch.tensor(x), 2, return_indices=True)
    same(
        lambda y, i: getattr(F, f"max_unpool{n}d")(y, i, 2, output_size=x.shape),
        lambda y, i: getattr(TF, f"max_unpool{n}d")(y, i, 2, output_size=x.shape),
        y.numpy(),
        places.numpy(),
    )
    same(
        lambda y, i: getattr(F, f"max_unpool{n}d")(y, i % 4, 2),
        lambda y, i: getattr(TF, f"max_unpool{n}d")(y, i % 4, 2),
        y.numpy()[:, :, :1],
        np.argsort(y.numpy()[:, :, :1], axis=-1),
        order=1,
    )


@pytest.mark.parametrize("n", [2, 3])
def test_fractional_windows_are_drawn_as_in_pytorch(n: int) -> None:
    image = R.normal(size=(2, 3, *(5, 8, 7)[:n]))
    found = []
    for library in (tane, torch):
        pool = getattr(library.nn.functional, f"fractional_max_pool{n}d")
        library.manual_seed(1)
        results: list[Any] = []
        for x in (library.from_numpy(image), library.from_numpy(image[0].astype("float32"))):
            results += pool(x, 2, output_size=(2, 3, 4)[:n], return_indices=True)
            results.append(pool(x, (2, 1, 3)[:n], output_ratio=(0.5,) * n))
        found.append([r.numpy() for r in results])
    for a, b in zip(*found, strict=True):
        np.testing.assert_array_equal(a, b)


def test_names_of_nodes() -> None:
    x = tane.ones(1, 2, 4, 4, requires_grad=True)
    assert F.max_pool2d(x, 2).grad_fn.name() == "MaxPool2DWithIndicesBackward0"
    assert F.avg_pool2d(x, 2).grad_fn.name() == "AvgPool2DBackward0"
    assert F.adaptive_avg_pool2d(x, 2).grad_fn.name() == "AdaptiveAvgPool2DBackward0"


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("F.max_pool2d(t.ones(1, 2, 2, 2), 3)", "Output size is too small"),
        ("F.max_pool2d(t.ones(2, 2), 2)", None),
        ("F.max_pool2d(t.ones(1, 2, 4, 4), 2, padding=2)", "pad should be at most half of effective kernel size"),
        ("F.max_pool2d(t.ones(1, 2, 4, 4), (2, 2, 2))", "max_pool2d: kernel_size must either be a single int, or a tuple of two ints"),
        ("F.max_pool2d(t.ones(1, 2, 4, 4), 2, stride=0)", "stride should not be zero"),
        ("F.max_pool2d(t.ones(1, 2, 0, 4), 2)", "tensor with optional 0 dim batch size for input, but got"),
        ("F.max_pool1d(t.ones(4), 2)", "Expected 2D or 3D"),
        ("F.avg_pool2d(t.ones(1, 2, 4, 4), 2, divisor_override=0)", "divisor must be not zero"),
        ("F.adaptive_avg_pool2d(t.ones(2, 2), 2)", "Expected 3D or 4D tensor"),
        ("F.adaptive_avg_pool2d(t.ones(2, 3, 4, 4), (2, 2, 2))", "output_size must be 2"),
        ("F.adaptive_avg_pool2d(t.ones(2, 3, 4, 4), (2, -2))", "must be greater than or equal to 0"),
        ("F.fractional_max_pool2d(t.ones(1, 1, 4, 4), 2)", "requires specifying either an output_size or an output_ratio"),
        ("F.fractional_max_pool2d(t.ones(1, 1, 4, 4), 2, output_size=4)", "pool height 2 too large relative to input height 4"),
        ("F.fractional_max_pool3d(t.ones(1, 1, 4, 4, 4), 2, output_size=4)", "pool time 2 too large relative to input time 4"),
        ("t.nn.FractionalMaxPool2d(2)", "FractionalMaxPool2d requires specifying either an output size, or a pooling ratio"),
        ("t.nn.FractionalMaxPool3d(2, 3, 0.5)", "only one of output_size and output_ratio may be specified"),
        ("t.nn.FractionalMaxPool2d(2, output_ratio=(0.5, 1.5))", "output_ratio must be between 0 and 1"),
        ("F.max_unpool2d(t.ones(1, 1, 2, 2), t.tensor([[[[0, 1], [2, 99]]]]), 2)", "Found an invalid max index: 99"),
    ],
)
def test_errors(expression: str, text: str | None) -> None:
    same_error(lambda: eval(expression, {"t": tane, "F": F}), lambda: eval(expression, {"t": torch, "F": TF}), text)
