"""functional_call and stack_module_state, on a module of the fewest parts."""

from __future__ import annotations

import pytest

import tane
from tane.func import functional_call, grad, stack_module_state, vmap


class Module:
    """What those two need of a module."""

    def __init__(self, parameters=(), buffers=(), modules=()):
        self._parameters, self._buffers, self._modules = dict(parameters), dict(buffers), dict(modules)

    def named_parameters(self, prefix=""):
        yield from ((prefix + k, v) for k, v in self._parameters.items())
        for name, child in self._modules.items():
            yield from child.named_parameters(f"{prefix}{name}.")

    def named_buffers(self):
        yield from self._buffers.items()

    def __call__(self, x, shift=0.0):
        return x * self._modules["inner"]._parameters["weight"] + self._parameters["bias"] * self._buffers["scale"] + shift


def module(weight=2.0, bias=1.0):
    parameter = lambda v: tane.tensor(v, requires_grad=True)
    return Module({"bias": parameter(bias)}, {"scale": tane.tensor(10.0)}, {"inner": Module({"weight": parameter(weight)})})


def test_functional_call():
    m = module()
    x = tane.tensor(3.0)
    assert m(x).item() == 16
    assert functional_call(m, {"inner.weight": tane.tensor(5.0)}, x).item() == 25
    assert functional_call(m, {"bias": tane.tensor(0.0)}, (x,), {"shift": 1.0}).item() == 7
    assert functional_call(m, ({"bias": tane.tensor(0.0)}, {"scale": tane.tensor(0.0)}), (x,)).item() == 6
    assert m(x).item() == 16
    assert grad(lambda p: functional_call(m, p, x))({k: v.detach() for k, v in m.named_parameters()})["inner.weight"].item() == 3


def test_the_module_is_restored_after_an_error():
    m = module()
    before = dict(m.named_parameters())
    with pytest.raises(TypeError):
        functional_call(m, {"bias": tane.tensor(0.0)}, ())
    assert dict(m.named_parameters()) == before


def test_names():
    m = module()
    assert functional_call(m, {"nonsense": tane.tensor(0.0)}, tane.tensor(1.0)).item() == 12
    with pytest.raises(RuntimeError, match=r"Unexpected key\(s\): 'nonsense'.\n\tMissing key\(s\): 'inner.weight', 'scale'"):
        functional_call(m, {"bias": tane.tensor(0.0), "nonsense": tane.tensor(0.0)}, tane.tensor(1.0), strict=True)
    with pytest.raises(ValueError, match="appear in multiple dictionaries"):
        functional_call(m, ({"bias": tane.tensor(0.0)}, {"bias": tane.tensor(0.0)}), tane.tensor(1.0))


def test_tied_weights():
    m = module()
    m._parameters["bias"] = m._modules["inner"]._parameters["weight"]
    x, five = tane.tensor(3.0), tane.tensor(5.0)
    assert functional_call(m, {"bias": five}, x).item() == 65
    assert functional_call(m, {"bias": five}, x, tie_weights=False).item() == 56
    with pytest.raises(ValueError, match="tied"):
        functional_call(m, {"bias": five, "inner.weight": tane.tensor(1.0)}, x)


def test_an_ensemble():
    models = [module(w, b) for w, b in ((1.0, 0.0), (2.0, 1.0))]
    params, buffers = stack_module_state(models)
    assert params["inner.weight"].tolist() == [1, 2]
    assert params["bias"].requires_grad
    assert not buffers["scale"].requires_grad
    out = vmap(lambda p, b, x: functional_call(models[0], (p, b), x), (0, 0, None))(params, buffers, tane.tensor(3.0))
    assert out.tolist() == [3, 16]
    with pytest.raises(RuntimeError, match="Expected at least one model"):
        stack_module_state([])
