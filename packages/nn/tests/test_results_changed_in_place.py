"""Results that PyTorch does not keep for backward may be changed in place, as in ``relu(max_pool(x))`` in place, or ``out += x`` after a layer."""

import pytest

import tane
from tane.nn import functional as F

LAYERS = {
    "max_pool1d": lambda x: F.max_pool1d(x[0], 2),
    "max_pool2d": lambda x: F.max_pool2d(x, 3, stride=1, padding=1),
    "max_pool3d": lambda x: F.max_pool3d(x, 2),
    "adaptive_max_pool2d": lambda x: F.adaptive_max_pool2d(x, 2),
    "adaptive_max_pool2d unevenly": lambda x: F.adaptive_max_pool2d(x, 4),
    "avg_pool2d": lambda x: F.avg_pool2d(x, 2),
    "normalize": lambda x: F.normalize(x),
    "local_response_norm": lambda x: F.local_response_norm(x, 2),
    "softsign": lambda x: F.softsign(x),
    "conv2d": lambda x: tane.nn.Conv2d(4, 3, 3)(x),
    "batch_norm": lambda x: tane.nn.BatchNorm2d(4)(x),
    "layer_norm": lambda x: tane.nn.LayerNorm(6)(x),
    "linear": lambda x: tane.nn.Linear(6, 2)(x),
    "rnn": lambda x: tane.nn.RNN(6, 3, 2, bidirectional=True)(x[0])[0],
    "gru": lambda x: tane.nn.GRU(6, 3)(x[0])[0],
    "dropout": lambda x: F.dropout(x, 0.3),
}


@pytest.mark.parametrize("name", LAYERS)
def test_gradients_are_those_of_a_change_out_of_place(name):
    gradients = []
    for inplace in (True, False):
        tane.manual_seed(0)
        x = tane.randn(2, 4, 6, 6, requires_grad=True)
        y = LAYERS[name](x)
        y = F.relu(y, inplace=inplace)
        (y * tane.arange(y.numel()).reshape(y.shape)).sum().backward()
        gradients.append(x.grad)
    assert gradients[1].abs().sum() > 0
    assert tane.allclose(*gradients)
