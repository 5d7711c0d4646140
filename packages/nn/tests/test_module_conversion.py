"""Modes, types and devices of modules."""

from __future__ import annotations

from typing import Any

import pytest

import tane
from tane import nn


def net() -> Any:
    module = nn.Sequential(nn.Linear(2, 3), nn.Identity())
    module.register_buffer("steps", tane.zeros(1, dtype=tane.int64))
    module.register_buffer("mean", tane.zeros(1))
    return module


def test_train_and_eval_reach_all() -> None:
    module = net()
    assert module.eval() is module
    assert [m.training for m in module.modules()] == [False] * 3
    module.train()
    assert all(m.training for m in module.modules())


@pytest.mark.parametrize(("name", "dtype"), [("double", "float64"), ("half", "float16"), ("bfloat16", "bfloat16"), ("float", "float32")])
def test_casts(name: str, dtype: str) -> None:
    module = net()
    weight = module[0].weight
    weight.grad = tane.ones(3, 2)
    assert getattr(module, name)() is module
    wanted = getattr(tane, dtype)
    assert module[0].weight is weight
    assert weight.dtype is weight.grad.dtype is module.mean.dtype is wanted
    assert module.steps.dtype is tane.int64
    assert weight.requires_grad
    assert weight.is_leaf


def test_to_in_all_its_forms() -> None:
    module = net()
    for args, kwargs in (
        ((tane.float64,), {}),
        (("cpu",), {}),
        (("cpu", tane.float32), {}),
        ((), {"dtype": tane.float64}),
        ((), {"device": "cpu", "dtype": tane.float32, "non_blocking": True}),
        ((tane.ones(1, dtype=tane.float64),), {}),
        ((tane.device("cpu"), tane.float16, True), {}),
    ):
        assert module.to(*args, **kwargs) is module
    assert module[0].weight.dtype is tane.float16
    with pytest.raises(TypeError, match="invalid combination of arguments"):
        module.to(dtyp=tane.float32)
    with pytest.raises(TypeError, match="invalid combination of arguments"):
        module.to([3])
    assert module.type(tane.float64)[0].bias.dtype is tane.float64


def test_to_another_device_and_back() -> None:
    module = net()
    weight = module[0].weight
    weight.grad = tane.ones(3, 2)
    module.to("strict")
    assert {str(t.device) for t in (*module.parameters(), *module.buffers(), weight.grad)} == {"strict"}
    y = module(tane.ones(1, 2).to("strict"))
    y.sum().backward()
    assert weight.grad.device.type == "strict"
    assert module.cpu()[0].weight is weight
    assert weight.device.type == "cpu"


def test_training_goes_on_after_a_cast() -> None:
    module = net()
    module(tane.ones(1, 2)).sum().backward()
    module.double()
    module(tane.ones(1, 2, dtype=tane.float64)).sum().backward()
    assert module[0].weight.grad.tolist() == [[2, 2]] * 3


def test_to_empty() -> None:
    module = net().to_empty(device="cpu")
    assert module[0].weight.shape == (3, 2)


def test_requires_grad_and_zero_grad() -> None:
    module = net()
    module.requires_grad_(False)
    assert not any(p.requires_grad for p in module.parameters())
    module.requires_grad_()
    module(tane.ones(1, 2)).sum().backward()
    gradient = module[0].weight.grad
    module.zero_grad(set_to_none=False)
    assert module[0].weight.grad is gradient
    assert gradient.tolist() == [[0, 0]] * 3
    module.zero_grad()
    assert module[0].weight.grad is None


def test_apply_goes_from_the_leaves_up() -> None:
    seen: list[str] = []
    module = nn.Sequential(nn.Identity(), nn.Sequential(nn.Flatten()))
    assert module.apply(lambda m: seen.append(type(m).__name__)) is module
    assert seen == ["Identity", "Flatten", "Sequential", "Sequential"]


def test_compile_says_that_there_is_none() -> None:
    with pytest.raises(NotImplementedError, match="no compiler"):
        net().compile()
