"""How modules print."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import pytest

import tane
from tane import nn


def zoo(nn: Any, ones: Any) -> list[Any]:
    """Modules of every shape of ``repr``, from tane or PyTorch."""

    class Bare(nn.Module):
        pass

    class Lines(nn.Module):
        def extra_repr(self) -> str:
            return "one\ntwo"

    class Parent(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a = nn.Linear(2, 3)
            self.b = nn.Sequential(nn.Identity(), Lines(), nn.Sequential())
            self.none = None
            self.register_module("off", None)

        def extra_repr(self) -> str:
            return "n=3"

    blank = Lines()
    blank.extra_repr = lambda: "a\n\nb"
    return [
        Bare(),
        Lines(),
        blank,
        Parent(),
        nn.Linear(2, 3, bias=False),
        nn.Bilinear(1, 2, 3),
        nn.Flatten(),
        nn.Unflatten(1, (2, 3)),
        nn.Identity(3, x=4),
        nn.LazyLinear(3),
        nn.Sequential(OrderedDict(first=nn.Identity(), second=Parent())),
        nn.ModuleList(),
        nn.ModuleList([nn.Identity(), nn.Identity(), Parent(), nn.Identity()]),
        nn.ModuleDict({"a": nn.Identity(), "b": Lines()}),
        nn.ParameterList([nn.Parameter(ones(2, 3)), ones(4), 5]),
        nn.ParameterDict({"w": nn.Parameter(ones(2, 3)), "x": "text"}),
        nn.ParameterList(),
        nn.Parameter(ones(2)),
        nn.Parameter(ones(2), requires_grad=False),
        nn.UninitializedParameter(),
        nn.Linear(1, 1).load_state_dict({}, strict=False),
    ]


def test_examples() -> None:
    found = [repr(m) for m in zoo(nn, tane.ones)]
    assert found[0] == "Bare()"
    assert found[1] == "Lines(\n  one\n  two\n)"
    assert found[4] == "Linear(in_features=2, out_features=3, bias=False)"
    assert "  (0-1): 2 x Identity()\n" in found[12]
    assert found[17] == "Parameter containing:\ntensor([1., 1.], requires_grad=True)"
    assert str(nn.Identity()) == "Identity()"


@pytest.mark.parity
@pytest.mark.filterwarnings("ignore:Lazy modules are a new feature")
def test_they_print_as_pytorchs_do() -> None:
    torch = pytest.importorskip("torch")
    assert [repr(m) for m in zoo(nn, tane.ones)] == [repr(m) for m in zoo(torch.nn, torch.ones)]
