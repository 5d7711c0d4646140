"""Normalisation beside PyTorch's, and fused beside composed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tane
import tane.nn.functional as F
from tane.testing.parity import same, same_error

torch = pytest.importorskip("torch")

TF = torch.nn.functional
R = np.random.default_rng(5)
SHAPES = [(6, 3), (4, 3, 5), (2, 3, 4, 5), (2, 3, 2, 3, 2)]


def scale(n: Any) -> Any:
    return R.uniform(0.5, 1.5, n)


@pytest.mark.parametrize("shape", SHAPES)
def test_batch_norm_in_training(shape: Any) -> None:
    x = R.normal(size=shape) * 2 + 1
    same(lambda x: F.batch_norm(x, None, None, training=True), lambda x: TF.batch_norm(x, None, None, training=True), x)
    same(
        lambda x, w, b: F.batch_norm(x, None, None, w, b, True, eps=1e-3),
        lambda x, w, b: TF.batch_norm(x, None, None, w, b, True, eps=1e-3),
        x,
        scale(3),
        scale(3),
    )
    same(
        lambda x, w: F.batch_norm(x, None, None, w, training=True), lambda x, w: TF.batch_norm(x, None, None, w, training=True), x, scale(3)
    )


@pytest.mark.parametrize("shape", SHAPES)
def test_batch_norm_in_evaluation(shape: Any) -> None:
    x, mean, var = R.normal(size=shape), R.normal(size=3), scale(3)
    same(
        lambda x, m, v, w, b: F.batch_norm(x, m, v, w, b, False),
        lambda x, m, v, w, b: TF.batch_norm(x, m, v, w, b, False),
        x,
        mean,
        var,
        scale(3),
        scale(3),
        fixed=(1, 2),
    )
    same(lambda x, m, v: F.batch_norm(x, m, v), lambda x, m, v: TF.batch_norm(x, m, v), x, mean, var, fixed=(1, 2))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", ["batch_norm", "instance_norm"])
def test_running_statistics(shape: Any, name: str) -> None:
    if name == "instance_norm" and len(shape) < 3:
        pytest.skip("instances have no spatial dimension here")
    x, mean, var = R.normal(size=shape) * 3, R.normal(size=3), scale(3)
    ours, theirs = [tane.tensor(v) for v in (x, mean, var)], [torch.tensor(v) for v in (x, mean, var)]
    if name == "batch_norm":
        F.batch_norm(*ours, training=True, momentum=0.3)
        TF.batch_norm(*theirs, training=True, momentum=0.3)
    else:
        F.instance_norm(*ours, momentum=0.3)
        TF.instance_norm(*theirs, momentum=0.3)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-10)


@pytest.mark.parametrize(("shape", "normalized"), [((4, 6), (6,)), ((2, 3, 4), (4,)), ((2, 3, 4), (3, 4)), ((5,), (5,))])
def test_layer_norm(shape: Any, normalized: Any) -> None:
    x, w, b = R.normal(size=shape), scale(normalized), scale(normalized)
    same(lambda x, w, b: F.layer_norm(x, normalized, w, b), lambda x, w, b: TF.layer_norm(x, normalized, w, b), x, w, b)
    same(lambda x, w: F.layer_norm(x, normalized, w), lambda x, w: TF.layer_norm(x, normalized, w), x, w)
    same(lambda x, b: F.layer_norm(x, normalized, None, b), lambda x, b: TF.layer_norm(x, normalized, None, b), x, b, order=1)
    same(lambda x: F.layer_norm(x, normalized, eps=0.1), lambda x: TF.layer_norm(x, normalized, eps=0.1), x)


@pytest.mark.parametrize(("shape", "normalized"), [((4, 6), (6,)), ((2, 3, 4), (3, 4))])
def test_rms_norm(shape: Any, normalized: Any) -> None:
    x, w = R.normal(size=shape), scale(normalized)
    same(lambda x, w: F.rms_norm(x, normalized, w), lambda x, w: TF.rms_norm(x, normalized, w), x, w)
    same(lambda x: F.rms_norm(x, normalized, eps=0.1), lambda x: TF.rms_norm(x, normalized, eps=0.1), x)


@pytest.mark.parametrize("shape", [(3, 6), (2, 6, 3), (2, 6, 3, 2)])
def test_group_norm(shape: Any) -> None:
    x, w, b = R.normal(size=shape), scale(6), scale(6)
    for groups in (1, 2, 3):
        same(lambda x, w, b, n=groups: F.group_norm(x, n, w, b), lambda x, w, b, n=groups: TF.group_norm(x, n, w, b), x, w, b)
    same(lambda x: F.group_norm(x, 2), lambda x: TF.group_norm(x, 2), x)


@pytest.mark.parametrize("shape", SHAPES[1:])
def test_instance_norm(shape: Any) -> None:
    x, w, b = R.normal(size=shape), scale(3), scale(3)
    same(lambda x, w, b: F.instance_norm(x, weight=w, bias=b), lambda x, w, b: TF.instance_norm(x, weight=w, bias=b), x, w, b)
    same(lambda x: F.instance_norm(x, eps=0.1), lambda x: TF.instance_norm(x, eps=0.1), x)


@pytest.mark.parametrize("size", [2, 3, 5])
def test_local_response_norm(size: int) -> None:
    kwargs = {"alpha": 0.5, "beta": 0.6, "k": 1.5}
    same(
        lambda x: F.local_response_norm(x, size, **kwargs),
        lambda x: TF.local_response_norm(x, size, **kwargs),
        R.normal(size=(2, 5, 3, 3)),
    )
    same(lambda x: F.local_response_norm(x, size), lambda x: TF.local_response_norm(x, size), R.normal(size=(2, 5, 4)))


def composed(x: Any, axes: Any, shape: Any, w: Any, b: Any, eps: float = 1e-5) -> Any:
    mean = x.mean(axes, keepdim=True)
    variance = ((x - mean) ** 2).mean(axes, keepdim=True)
    return (x - mean) / (variance + eps).sqrt() * w.reshape(shape) + b.reshape(shape)


@pytest.mark.parametrize(
    ("fused", "axes", "shape"),
    [
        (lambda x, w, b: F.batch_norm(x, None, None, w, b, True), (0, 2), (1, 4, 1)),
        (lambda x, w, b: F.layer_norm(x, (4,), w, b), (2,), (1, 1, 4)),
    ],
)
def test_fused_is_what_is_composed(fused: Any, axes: Any, shape: Any) -> None:
    values = [R.normal(size=(3, 4, 4)), scale(4), scale(4)]
    found = []
    for function in (fused, lambda x, w, b: composed(x, axes, shape, w, b)):
        leaves = [tane.tensor(v, requires_grad=True) for v in values]
        y = function(*leaves)
        first = tane.autograd.grad((y * y * y).sum(), leaves, create_graph=True)
        second = tane.autograd.grad(sum((g * g).sum() for g in first), leaves)
        found.append([y, *first, *second])
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-9, atol=1e-9)


def test_a_large_mean_does_not_spoil_float32() -> None:
    x = (R.normal(size=(64, 3, 8)) + 1000).astype("f")
    wanted = (x - x.mean((0, 2), keepdims=True, dtype="d")) / x.std((0, 2), keepdims=True, dtype="d")
    y = F.batch_norm(tane.tensor(x), None, None, training=True)
    # The inputs themselves are given to 6e-5.
    np.testing.assert_allclose(y.numpy(), wanted, atol=5e-4)


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("F.batch_norm(t.ones(1, 2), t.zeros(2), t.ones(2), training=True)", "Expected more than 1 value per channel when training"),
        ("F.batch_norm(t.ones(3, 2), t.zeros(3), t.ones(2), training=True)", "running_mean should contain 2 elements not 3"),
        ("F.batch_norm(t.ones(3, 2), None, None)", "running_mean must be defined in evaluation mode"),
        ("F.batch_norm(t.ones(3, 2), None, None, training=True, eps=0.0)", "eps must be positive during training"),
        ("F.layer_norm(t.ones(3, 2), (3,))", "Given normalized_shape=[3], expected input with shape [*, 3]"),
        ("F.layer_norm(t.ones(3, 2), (2,), t.ones(3))", "Expected weight to be of same shape as normalized_shape"),
        ("F.group_norm(t.ones(3, 4), 3)", "to be divisible by num_groups"),
        ("F.group_norm(t.ones(3, 4), 2, t.ones(3))", "Expected weight to be a vector of size equal"),
        ("F.group_norm(t.ones(4), 2)", "Expected at least 2 dimensions"),
        ("F.instance_norm(t.ones(1, 2, 1))", "Expected more than 1 spatial element when training"),
        ("F.rms_norm(t.ones(2, 4), (3,))", "Given normalized_shape=[3]"),
        ("F.local_response_norm(t.ones(2, 4), 2)", "Expected 3D or higher dimensionality"),
    ],
)
def test_errors(expression: str, text: str) -> None:
    same_error(lambda: eval(expression, {"t": tane, "F": F}), lambda: eval(expression, {"t": torch, "F": TF}), text)


@pytest.mark.parametrize(
    "expression",
    [
        "F.layer_norm(x, (4,))",
        "F.group_norm(x, 2)",
        "F.batch_norm(x, None, None, training=True)",
        "F.batch_norm(x, t.zeros(4), t.ones(4))",
        "F.instance_norm(x)",
        "F.rms_norm(x, (4,))",
        "F.adaptive_avg_pool2d(x, 2)",
        "F.adaptive_avg_pool2d(x, 3)",
        "F.interpolate(x, size=3, mode='bilinear')",
        "F.interpolate(x, size=3, mode='area')",
        "F.grid_sample(x, t.zeros(1, 2, 2, 2), align_corners=False)",
        "F.kl_div(x, x, reduction='sum')",
        "F.dropout(x)",
    ],
)
def test_whole_numbers_are_refused_where_pytorch_refuses_them(expression: str) -> None:
    torch = pytest.importorskip("torch")

    def run(library: Any, functional: Any) -> Any:
        return eval(expression, {"t": library, "F": functional, "x": library.ones(1, 4, 4, 4, dtype=library.int64)})

    same_error(lambda: run(tane, tane.nn.functional), lambda: run(torch, torch.nn.functional))
