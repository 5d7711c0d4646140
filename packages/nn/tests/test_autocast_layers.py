"""What layers and losses compute in under autocast, and normalisation of half precision by parameters of float32."""

import pytest

import tane
from tane.nn import functional as F

HALF = {
    "linear": lambda nn, v, x: nn.Linear(6, 3)(v),
    "conv2d": lambda nn, v, x: nn.Conv2d(4, 2, 3, padding=1, padding_mode="reflect")(x),
    "depthwise": lambda nn, v, x: nn.Conv2d(4, 4, 3, groups=4)(x),
    "conv1d": lambda nn, v, x: nn.Conv1d(4, 2, 3)(x[:, :, 0]),
    "transposed": lambda nn, v, x: nn.ConvTranspose2d(4, 2, 2, 2)(x),
    "attention": lambda nn, v, x: nn.MultiheadAttention(6, 2)(v[None], v[None], v[None])[0],
    "lstm": lambda nn, v, x: nn.LSTM(6, 3, 2)(v[None])[0],
    "rnn": lambda nn, v, x: nn.RNN(6, 3)(v[None])[0],
    "after a layer": lambda nn, v, x: nn.Sequential(nn.Linear(6, 6), nn.LayerNorm(6), nn.ReLU(), nn.Linear(6, 3))(v),
    "batch norm": lambda nn, v, x: nn.BatchNorm2d(4)(x.bfloat16()),
    "group norm": lambda nn, v, x: nn.GroupNorm(2, 4)(x.bfloat16()),
    "instance norm": lambda nn, v, x: nn.InstanceNorm2d(4, affine=True, track_running_stats=True)(x.bfloat16()),
}
FULL = {
    "gru": lambda nn, v, x: nn.GRU(6, 3)(v[None])[0],
    "lstm cell": lambda nn, v, x: nn.LSTMCell(6, 3)(v)[0],
    "encoder layer": lambda nn, v, x: nn.TransformerEncoderLayer(6, 2, 8)(v[None]),
    "cross entropy": lambda nn, v, x: nn.CrossEntropyLoss()(nn.Linear(6, 3)(v), tane.tensor([0, 1])),
    "mse": lambda nn, v, x: nn.MSELoss()(nn.Linear(6, 3)(v), tane.zeros(2, 3)),
    "bce": lambda nn, v, x: nn.BCEWithLogitsLoss()(nn.Linear(6, 3)(v), tane.zeros(2, 3)),
    "reflected": lambda nn, v, x: F.pad(x.bfloat16(), (1, 1, 1, 1), mode="reflect"),
}


@pytest.mark.parametrize("name", [*HALF, *FULL])
def test_layers_and_losses(name):
    layer, kind = (HALF[name], tane.bfloat16) if name in HALF else (FULL[name], tane.float32)
    results = []
    for enabled in (True, False):
        tane.manual_seed(0)
        v, x = tane.randn(2, 6, requires_grad=True), tane.randn(2, 4, 5, 5, requires_grad=True)
        with tane.autocast("cpu", enabled=enabled):
            y = layer(tane.nn, v, x)
        y.float().square().sum().backward()
        results.append((y, v.grad, x.grad))
    (y, *gradients), (expected, *expected_gradients) = results
    assert y.dtype is kind
    assert tane.allclose(y.float(), expected.float(), atol=0.1)
    for g, e in zip(gradients, expected_gradients, strict=True):
        assert (g is None) == (e is None)
        assert g is None or (g.dtype is tane.float32 and (g - e).norm() <= 0.05 * e.norm() + 0.05)


@pytest.mark.parametrize("half", [tane.float16, tane.bfloat16])
@pytest.mark.parametrize("name", ["LayerNorm", "BatchNorm1d", "GroupNorm"])
@pytest.mark.parametrize("training", [True, False])
def test_parameters_of_float32_normalise_half_precision(name, half, training):
    make = {
        "LayerNorm": lambda: tane.nn.LayerNorm(6),
        "BatchNorm1d": lambda: tane.nn.BatchNorm1d(6),
        "GroupNorm": lambda: tane.nn.GroupNorm(2, 6),
    }
    layer = make[name]().train(training)
    x = tane.linspace(-2, 3, 24).reshape(4, 6).square().to(half)
    y = layer(x)
    assert y.dtype is half
    assert tane.equal(y, make[name]().train(training)(x.float()).to(half))
    if name == "BatchNorm1d":
        assert layer.running_mean.dtype is tane.float32
    with pytest.raises(RuntimeError, match="dtype"):
        make["LayerNorm"]().double()(x)
