"""Parametrised tensors: what is registered, computed, assigned, saved and removed; weight and spectral normalisation as such."""

import copy

import pytest

import tane
from tane import nn
from tane.nn.utils import fuse_conv_bn_eval, fuse_linear_bn_eval, parametrize
from tane.nn.utils.parametrizations import spectral_norm, weight_norm


class Symmetric(nn.Module):
    def forward(self, x):
        return x.triu() + x.triu(1).mT

    def right_inverse(self, value):
        return value.triu()


class Doubled(nn.Module):
    def forward(self, x):
        return x * 2


class Cut(nn.Module):
    def forward(self, x):
        return x[:1]


def test_a_parametrised_weight_is_computed_when_it_is_asked_for():
    layer = nn.Linear(3, 3)
    assert parametrize.register_parametrization(layer, "weight", Symmetric()) is layer
    assert tane.equal(layer.weight, layer.weight.mT)
    assert [name for name, _ in layer.named_parameters()] == ["bias", "parametrizations.weight.original"]
    assert type(layer).__name__ == "ParametrizedLinear"
    assert isinstance(layer, nn.Linear)
    assert parametrize.type_before_parametrizations(layer) is nn.Linear
    layer(tane.ones(2, 3)).sum().backward()
    assert layer.parametrizations.weight.original.grad is not None
    value = tane.arange(9.0).reshape(3, 3)
    layer.weight = value + value.mT
    assert tane.equal(layer.weight, value + value.mT)
    assert layer.weight is not layer.weight
    with parametrize.cached():
        assert layer.weight is layer.weight
    again = copy.deepcopy(layer)
    assert tane.equal(again.weight, layer.weight)
    assert again.load_state_dict(layer.state_dict()) == ([], [])


@pytest.mark.parametrize("leave", [True, False])
def test_removing_leaves_the_value_or_the_original(leave):
    layer = parametrize.register_parametrization(nn.Linear(3, 3), "weight", Symmetric())
    parametrize.register_parametrization(layer, "weight", Doubled())
    value, original = layer.weight.detach().clone(), layer.parametrizations.weight.original.detach().clone()
    parametrize.remove_parametrizations(layer, "weight", leave)
    assert type(layer) is nn.Linear
    assert not parametrize.is_parametrized(layer)
    assert isinstance(layer.weight, nn.Parameter)
    assert tane.equal(layer.weight, value if leave else original)


def test_what_cannot_be_parametrised_is_said():
    layer = nn.Linear(3, 3)
    with pytest.raises(ValueError, match="does not have a parameter, a buffer, or a parametrized element with name 'nothing'"):
        parametrize.register_parametrization(layer, "nothing", Doubled())
    with pytest.raises(ValueError, match="may not change the shape"):
        parametrize.register_parametrization(layer, "weight", Cut())
    parametrize.register_parametrization(layer, "bias", Cut(), unsafe=True)
    assert layer.bias.shape == (1,)
    with pytest.raises(RuntimeError, match="Cut does not implement right_inverse"):
        layer.bias = tane.ones(1)
    with pytest.raises(ValueError, match="does not have a parametrization on weight"):
        parametrize.remove_parametrizations(layer, "weight")


def test_weight_norm():
    layer, plain = nn.Linear(4, 3), nn.Linear(4, 3)
    plain.load_state_dict(layer.state_dict())
    weight_norm(layer)
    assert tane.allclose(layer.weight, plain.weight)
    assert layer.parametrizations.weight.original0.shape == (3, 1)
    with tane.no_grad():
        layer.parametrizations.weight.original0.mul_(2)
    assert tane.allclose(layer.weight, plain.weight * 2)
    state = {"bias": plain.bias, "weight_g": tane.ones(3, 1), "weight_v": plain.weight}
    layer.load_state_dict(state)
    assert tane.allclose(layer.weight.norm(dim=1), tane.ones(3))
    with pytest.raises(ValueError, match="Cannot leave unparametrized"):
        parametrize.remove_parametrizations(layer, "weight", leave_parametrized=False)
    parametrize.remove_parametrizations(layer, "weight")
    assert [name for name, _ in layer.named_parameters()] == ["bias", "weight"]


@pytest.mark.parametrize("make", [lambda: nn.Linear(5, 4), lambda: nn.Conv2d(2, 3, 3), lambda: nn.ConvTranspose2d(3, 2, 2)])
def test_spectral_norm(make):
    tane.manual_seed(0)
    layer = spectral_norm(make(), n_power_iterations=20)
    weight = layer.weight.detach()
    if isinstance(layer, nn.ConvTranspose2d):
        weight = weight.transpose(0, 1)
    assert tane.linalg.matrix_norm(weight.flatten(1), 2).item() == pytest.approx(1.0, abs=1e-3)
    u = layer.parametrizations.weight[0]._u.clone()
    layer.eval()
    assert tane.equal(layer.weight, layer.weight)
    assert tane.equal(layer.parametrizations.weight[0]._u, u)
    with pytest.raises(ValueError, match="has no parameter or buffer with name 'nothing'"):
        spectral_norm(make(), "nothing")
    with pytest.raises(ValueError, match="n_power_iterations to be positive"):
        spectral_norm(make(), n_power_iterations=0)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("kind", ["conv", "transposed", "linear"])
def test_batch_normalisation_is_fused(kind, bias):
    tane.manual_seed(0)
    make = {
        "conv": lambda: nn.Conv2d(3, 4, 2, bias=bias),
        "transposed": lambda: nn.ConvTranspose2d(3, 4, 2, bias=bias),
        "linear": lambda: nn.Linear(3, 4, bias),
    }
    layer, bn = make[kind](), nn.BatchNorm1d(4) if kind == "linear" else nn.BatchNorm2d(4)
    x = tane.randn(6, 3) if kind == "linear" else tane.randn(2, 3, 5, 5)
    nn.init.uniform_(bn.weight)
    nn.init.uniform_(bn.bias)
    bn(layer(x))
    with pytest.raises(AssertionError, match="Fusion only for eval"):
        fuse_conv_bn_eval(layer, bn)
    layer.eval(), bn.eval()
    fused = fuse_linear_bn_eval(layer, bn) if kind == "linear" else fuse_conv_bn_eval(layer, bn, transpose=kind == "transposed")
    assert tane.allclose(fused(x), bn(layer(x)), atol=1e-5)
    assert (layer.bias is None) == (not bias)
