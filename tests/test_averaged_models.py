"""``swa_utils.AveragedModel``: averages of a model's weights, with PyTorch's numbers where it is installed."""

from __future__ import annotations

import copy

import numpy as np
import pytest

import tane
from tane import plugins

AVERAGES = [{}, {"avg_fn": "get_ema_avg_fn"}, {"multi_avg_fn": "get_ema_multi_avg_fn"}, {"avg_fn": "get_swa_avg_fn"}]


def model_of(library):
    library.manual_seed(0)
    return library.nn.Sequential(library.nn.Linear(4, 3), library.nn.BatchNorm1d(3), library.nn.Linear(3, 2)).double()


def batches(library):
    rng = np.random.default_rng(0)
    return [library.from_numpy(rng.normal(size=(6, 4))) for _ in range(5)]


def run(library, averages, use_buffers):
    tools = library.optim.swa_utils
    functions = {k: getattr(tools, v)(*[0.8] * ("ema" in v)) for k, v in averages.items()}
    model = model_of(library)
    averaged = tools.AveragedModel(model, use_buffers=use_buffers, **functions)
    optimizer = library.optim.SGD(model.parameters(), lr=0.1)
    seen = []
    for x in batches(library):
        optimizer.zero_grad()
        (model(x) ** 2).sum().backward()
        optimizer.step()
        averaged.update_parameters(model)
        seen += copy.deepcopy(averaged).state_dict().values()
    tools.update_bn([(x, "label") for x in batches(library)], averaged)
    averaged.eval()
    return repr(averaged), list(averaged.state_dict()), [t.numpy() for t in [*seen, *averaged.buffers(), averaged(x).detach()]]


@pytest.mark.parity
@pytest.mark.parametrize("averages", AVERAGES, ids=str)
@pytest.mark.parametrize("use_buffers", [False, True])
def test_same_averages(averages, use_buffers):
    torch = pytest.importorskip("torch")
    (a, b, ours), (c, d, theirs) = run(tane, averages, use_buffers), run(torch, averages, use_buffers)
    assert a == c
    assert b == d
    for x, y in zip(ours, theirs, strict=True):
        assert x.dtype == y.dtype
        np.testing.assert_allclose(x, y, rtol=1e-10, atol=1e-12)


def test_equal_weights():
    model = tane.nn.Linear(1, 1)
    averaged = tane.optim.swa_utils.AveragedModel(model, multi_avg_fn=tane.optim.swa_utils.get_swa_multi_avg_fn())
    for value in (1.0, 2.0, 6.0):
        model.weight.data.fill_(value)
        averaged.update_parameters(model)
    assert averaged.module.weight.item() == pytest.approx(3.0)
    assert averaged.n_averaged.item() == 3
    assert model.weight.item() == 6.0


def test_errors():
    tools = tane.optim.swa_utils
    with pytest.raises(AssertionError, match="Only one of avg_fn and multi_avg_fn should be provided"):
        tools.AveragedModel(tane.nn.Linear(1, 1), avg_fn=tools.get_swa_avg_fn(), multi_avg_fn=tools.get_swa_multi_avg_fn())
    with pytest.raises(ValueError, match="Invalid decay value 1.5 provided"):
        tools.get_ema_avg_fn(1.5)
    with pytest.raises(AttributeError, match="has no attribute 'averages'"):
        tools.averages


def test_without_nn_the_error_says_what_to_install():
    with plugins.isolated(), pytest.raises(AttributeError, match=r'pip install "tane-nn"'):
        tane.optim.swa_utils.AveragedModel


def test_a_model_without_batch_norm_is_left_alone():
    model = tane.nn.Linear(4, 2).eval()
    tane.optim.swa_utils.update_bn(iter([]), model)
    assert not model.training
