"""DataParallel: without an accelerator it is the module itself; on several devices the numbers are the same."""

from __future__ import annotations

from typing import Any

import pytest

import tane
from tane import nn
from tane.nn.parallel import data_parallel, gather, scatter


def test_without_an_accelerator() -> None:
    if tane.accelerator.is_available():
        pytest.skip("there is one")
    net = nn.DataParallel(nn.Linear(2, 1), device_ids=[0, 1], output_device=None, dim=0)
    x = tane.ones(4, 2)
    assert net(x).tolist() == net.module(x).tolist()
    assert list(net.state_dict()) == ["module.weight", "module.bias"]
    assert repr(net) == "DataParallel(\n  (module): Linear(in_features=2, out_features=1, bias=True)\n)"


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_two_devices_compute_what_one_does(rows: int) -> None:
    tane.manual_seed(0)
    net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))
    x = tane.randn(rows, 3, requires_grad=True)
    alone = net(x)
    alone.sum().backward()
    wanted = [alone.tolist(), x.grad.tolist(), *(p.grad.tolist() for p in net.parameters())]
    net.zero_grad()
    x.grad = None
    parallel = nn.DataParallel(net, device_ids=["cpu", "strict"])
    y = parallel(x)
    assert y.device.type == "cpu"
    y.sum().backward()
    found = [y.tolist(), x.grad.tolist(), *(p.grad.tolist() for p in net.parameters())]
    for a, b in zip(found, wanted, strict=True):
        assert tane.tensor(a).reshape(-1).tolist() == pytest.approx(tane.tensor(b).reshape(-1).tolist(), rel=1e-5)


def test_results_go_where_they_are_wanted() -> None:
    net = nn.Linear(2, 1)
    assert data_parallel(net, tane.ones(4, 2), ["cpu", "strict"], "strict").device.type == "strict"
    with pytest.raises(RuntimeError, match="module must have its parameters and buffers on device strict"):
        nn.DataParallel(net, ["strict", "cpu"])(tane.ones(2, 2))


def test_splitting_and_joining_nested_values() -> None:
    given: Any = ({"a": tane.arange(4), "n": 3}, [tane.ones(4, 1)])
    parts = scatter(given, ["cpu", "strict"])
    assert [p[0]["a"].tolist() for p in parts] == [[0, 1], [2, 3]]
    assert [p[0]["n"] for p in parts] == [3, 3]
    assert [p[1][0].device.type for p in parts] == ["cpu", "strict"]
    back = gather([{"a": p[0]["a"], "l": (p[1][0], None)} for p in parts], "cpu")
    assert back["a"].tolist() == [0, 1, 2, 3]
    assert back["l"][0].shape == (4, 1)
    assert back["l"][1] is None
    with pytest.warns(UserWarning, match="all input tensors were scalars"):
        assert gather([tane.tensor(1.0), tane.tensor(2.0)], "cpu").tolist() == [1, 2]
    with pytest.raises(ValueError, match="same number of keys"):
        gather([{"a": tane.ones(1)}, {}], "cpu")
