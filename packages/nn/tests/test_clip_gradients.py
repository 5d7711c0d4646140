"""Clipping gradients, parameters as vectors, normalised weights, calls with other parameters."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import tane
from tane import nn
from tane.nn import utils
from tane.nn.utils.stateless import functional_call


def parameters(*gradients: Any) -> list[nn.Parameter]:
    found = []
    for g in gradients:
        p = nn.Parameter(tane.zeros(len(g)))
        p.grad = tane.tensor(g)
        found.append(p)
    return found


def test_by_norm() -> None:
    a, b = parameters([3.0], [4.0, 0.0])
    assert utils.clip_grad_norm_([a, b, nn.Parameter(tane.ones(1))], 1.0).item() == 5
    # The factor is max_norm / (norm + 1e-6), as in PyTorch.
    np.testing.assert_allclose([a.grad.item(), b.grad[0].item()], [0.6, 0.8], rtol=1e-6)
    assert utils.clip_grad_norm_(a, 10.0).item() == pytest.approx(0.6)
    assert a.grad.item() == pytest.approx(0.6)
    assert utils.clip_grad_norm_([], 1.0).item() == 0


@pytest.mark.parity
@pytest.mark.parametrize("p", [2.0, 1.0, 3, 0.5, 0.0, math.inf, -math.inf, "inf"])
def test_norms_are_pytorchs(p: Any) -> None:
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    values = [rng.normal(size=s).astype(np.float32) for s in ((5, 3), (7,), (1, 1, 2))]
    found = []
    for lib in (tane, torch):
        ps = [lib.nn.Parameter(lib.tensor(v)) for v in values]
        for q, v in zip(ps, values, strict=True):
            q.grad = lib.tensor(v)
        total = lib.nn.utils.clip_grad_norm_(ps, 0.5, norm_type=p)
        found.append([total.item(), *(x for q in ps for x in q.grad.reshape(-1).tolist())])
    np.testing.assert_allclose(*found, rtol=1e-6)


def test_in_place_and_counted() -> None:
    (p,) = parameters([3.0, 4.0])
    gradient = p.grad
    y = (gradient.requires_grad_() * gradient).sum()
    utils.clip_grad_norm_(p, 1.0)
    assert p.grad is gradient
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.backward()


def test_what_is_not_finite() -> None:
    for bad in (math.nan, math.inf):
        with pytest.raises(RuntimeError, match=r"The total norm of order 2.0 for gradients from `parameters` is non-finite"):
            utils.clip_grad_norm_(parameters([bad]), 1.0, error_if_nonfinite=True)
        assert math.isnan(utils.clip_grad_norm_(parameters([bad]), 1.0).item()) is math.isnan(bad)


def test_generators() -> None:
    ps = parameters([3.0, 4.0])
    utils.clip_grad_norm_((p for p in ps), 1.0)
    assert ps[0].grad[0].item() == pytest.approx(0.6)
    with pytest.warns(UserWarning, match="empty generator"):
        utils.clip_grad_norm_((p for p in []), 1.0)
    with pytest.warns(FutureWarning, match="clip_grad_norm_"):
        utils.clip_grad_norm(ps, 1.0)


def test_several_types_and_devices() -> None:
    total = utils.get_total_norm([tane.ones(2), tane.ones(2, dtype=tane.float64), tane.ones(5).to("strict")])
    assert total.dtype is tane.float64
    assert total.item() == pytest.approx(3, rel=1e-6)  # the norm of the float32 ones is rounded to that
    strict = nn.Parameter(tane.ones(4).to("strict"))
    strict.grad = tane.ones(4).to("strict")
    half = nn.Parameter(tane.ones(5, dtype=tane.float16))
    half.grad = tane.ones(5, dtype=tane.float16)
    assert utils.clip_grad_norm_([strict, half], 1.5).item() == pytest.approx(3, rel=1e-3)
    assert strict.grad.tolist() == pytest.approx([0.5] * 4, rel=1e-3)
    assert half.grad.tolist() == pytest.approx([0.5] * 5, rel=1e-3)  # float16


def test_known_norm_and_by_value() -> None:
    (p,) = parameters([3.0, -4.0])
    utils.clip_grads_with_norm_(p, 1.0, tane.tensor(10.0))
    assert p.grad.tolist() == pytest.approx([0.3, -0.4])
    utils.clip_grad_value_([p], 0.35)
    assert p.grad.tolist() == pytest.approx([0.3, -0.35])


def test_vectors() -> None:
    net = nn.Linear(2, 3)
    v = utils.parameters_to_vector(net.parameters())
    assert v.shape == (9,)
    assert v.requires_grad
    utils.vector_to_parameters(tane.arange(9.0), net.parameters())
    assert net.weight.tolist() == [[0, 1], [2, 3], [4, 5]]
    assert net.bias.tolist() == [6, 7, 8]
    assert net.weight.requires_grad
    with pytest.raises(TypeError, match=r"expected torch.Tensor, but got: list"):
        utils.vector_to_parameters([1.0], net.parameters())  # type: ignore[arg-type]


@pytest.mark.parity
@pytest.mark.filterwarnings("ignore:`torch.nn.utils.weight_norm` is deprecated")
@pytest.mark.parametrize("kind", ["weight_norm", "spectral_norm"])
def test_normalised_weights_are_pytorchs(kind: str) -> None:
    torch = pytest.importorskip("torch")
    found = []
    for lib in (tane, torch):
        lib.manual_seed(0)
        net = getattr(lib.nn.utils, kind)(lib.nn.Linear(4, 3))
        x = lib.arange(8.0).reshape(2, 4)
        y = net(x) + net(x)
        y.sum().backward()
        net.eval()
        values = [net(x), *net.state_dict().values(), *(p.grad for p in net.parameters())]
        getattr(lib.nn.utils, f"remove_{kind}")(net)
        values += [net(x), *net.parameters()]
        names = [*net.state_dict(), *dict(net.state_dict()._metadata[""])]
        found.append((names, np.concatenate([v.detach().reshape(-1).numpy() for v in values])))
    assert found[0][0] == found[1][0]
    np.testing.assert_allclose(found[0][1], found[1][1], rtol=2e-4, atol=1e-5)  # power iteration in float32


@pytest.mark.filterwarnings("ignore:`torch.nn.utils.weight_norm` is deprecated")
def test_normalising_twice_or_not_at_all() -> None:
    for normalise, remove in ((utils.weight_norm, utils.remove_weight_norm), (utils.spectral_norm, utils.remove_spectral_norm)):
        net = normalise(nn.Linear(2, 2))
        with pytest.raises(RuntimeError, match="Cannot register two"):
            normalise(net)
        remove(net)
        with pytest.raises(ValueError, match="of 'weight' not found in"):
            remove(net)
        with pytest.raises(ValueError, match="uninitialized"):
            normalise(nn.LazyLinear(2))


def test_calls_with_other_parameters() -> None:
    net = nn.Sequential(nn.Linear(1, 1), nn.Identity())
    before = net[0].weight
    w = tane.full((1, 1), 3.0, requires_grad=True)
    y = functional_call(net, {"0.weight": w, "0.bias": tane.ones(1)}, tane.ones(1))
    assert y.tolist() == [4]
    y.sum().backward()
    assert w.grad.tolist() == [[1]]
    assert net[0].weight is before
    assert before.grad is None
    with pytest.raises(KeyError, match=r"0.slope"):
        functional_call(net, {"0.weight": w, "0.slope": w}, tane.ones(1))
    assert net[0].weight is before
    with pytest.raises(RuntimeError, match="missing keys"):
        functional_call(net, {"0.weight": w}, tane.ones(1), strict=True)
