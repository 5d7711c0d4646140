"""Lazy modules: parameters that get their shape from the first input."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

import tane
from tane import nn
from tane.nn.parameter import is_lazy


def test_the_first_input_decides() -> None:
    tane.manual_seed(3)
    plain = nn.Linear(5, 2)
    tane.manual_seed(3)
    lazy = nn.LazyLinear(2)
    assert is_lazy(lazy.weight)
    assert lazy.has_uninitialized_params()
    x = tane.ones(3, 5)
    y = lazy(x)
    assert type(lazy) is nn.Linear
    assert type(lazy.weight) is nn.Parameter
    assert y.tolist() == plain(x).tolist()
    assert not lazy._hooked
    y.sum().backward()
    assert lazy.weight.grad.shape == (2, 5)
    assert [p.requires_grad for p in lazy.parameters()] == [True, True]


def test_an_optimizers_view_of_it() -> None:
    lazy = nn.LazyLinear(2)
    before = list(lazy.parameters())
    lazy(tane.ones(1, 3))
    assert all(a is b for a, b in zip(before, lazy.parameters(), strict=True))


def test_a_second_input_of_another_size() -> None:
    lazy = nn.LazyLinear(2)
    lazy(tane.ones(1, 3))
    with pytest.raises(RuntimeError, match="cannot be multiplied"):
        lazy(tane.ones(1, 4))


def test_what_cannot_be_done_before() -> None:
    p = nn.LazyLinear(2).weight
    with pytest.raises(RuntimeError, match="Can't access the shape of an uninitialized parameter"):
        p.shape
    with pytest.raises(ValueError, match="Attempted to use an uninitialized parameter"):
        p * 2
    with pytest.raises(ValueError, match="Attempted to use an uninitialized parameter"):
        p.sum()
    with pytest.raises(RuntimeError, match="Can't share memory"):
        p.share_memory_()
    assert repr(p) == "<UninitializedParameter>"


def test_types_and_devices_are_decided_before() -> None:
    lazy = nn.LazyLinear(2).double()
    assert lazy.weight.dtype is tane.float64
    lazy = nn.LazyLinear(2, dtype=tane.float16).to("strict")
    lazy(tane.ones(1, 3, dtype=tane.float16).to("strict"))
    assert lazy.weight.dtype is tane.float16
    assert lazy.weight.device.type == "strict"
    lazy = nn.LazyLinear(2).requires_grad_(False)
    lazy(tane.ones(1, 3))
    assert not lazy.weight.requires_grad


@pytest.mark.parametrize("way", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))], ids=["deepcopy", "pickle"])
def test_copies_before_the_first_input(way: Any) -> None:
    lazy = nn.LazyLinear(2)
    other = way(lazy)
    other(tane.ones(1, 3))
    assert type(other) is nn.Linear
    assert type(lazy) is nn.LazyLinear
    lazy(tane.ones(1, 4))
    assert lazy.in_features == 4
    assert other.in_features == 3


def test_loading_decides_too() -> None:
    plain = nn.Linear(3, 2)
    lazy = nn.LazyLinear(2)
    lazy.load_state_dict(plain.state_dict())
    assert lazy(tane.ones(1, 3)).tolist() == plain(tane.ones(1, 3)).tolist()
    assert lazy.in_features == 3
    wrong = nn.LazyLinear(2)
    wrong.load_state_dict(plain.state_dict())
    with pytest.raises(AssertionError, match="in_features inferred from input: 4"):
        wrong(tane.ones(1, 4))


def test_lazy_state_into_lazy_and_plain() -> None:
    state = nn.LazyLinear(2).state_dict()
    assert all(is_lazy(t) for t in state.values())
    nn.LazyLinear(2).load_state_dict(state)
    with pytest.raises(RuntimeError, match="uninitialized parameter"):
        nn.Linear(3, 2).load_state_dict(state)


def test_a_module_of_ones_own() -> None:
    class Scale(nn.module.lazy.LazyModuleMixin, nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.by = nn.UninitializedParameter()
            self.seen = nn.UninitializedBuffer()

        def initialize_parameters(self, x: Any) -> None:
            self.by.materialize(x.shape)
            self.seen.materialize((1,))
            nn.init.ones_(self.by)

        def forward(self, x: Any) -> Any:
            return x * self.by

    module = Scale()
    assert module(tane.ones(2)).tolist() == [1, 1]
    assert type(module.seen) is tane.Tensor
    assert module.by.requires_grad

    class Forgetful(nn.module.lazy.LazyModuleMixin, nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.w = nn.UninitializedParameter()

    with pytest.raises(NotImplementedError, match="initialize_parameters is not implemented for Forgetful"):
        Forgetful()(tane.ones(1))
