"""Sequential, ModuleList, ModuleDict, ParameterList, ParameterDict: everything a list or dict of them can do."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import pytest

import tane
from tane import nn


class Named(nn.Module):
    """A module to tell from others."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def extra_repr(self) -> str:
        return self.name

    def forward(self, x: Any) -> Any:
        return x + self.name


def row(text: str) -> nn.Sequential:
    return nn.Sequential(*map(Named, text))


def text(module: Any) -> str:
    return "".join(f"{key}{m.name}" for key, m in module._modules.items())


def test_calls_go_through() -> None:
    assert row("abc")("") == "abc"
    assert nn.Sequential()(5) == 5
    assert nn.Sequential(OrderedDict(x=Named("a"), y=Named("b")))("") == "ab"


def test_getting() -> None:
    module = nn.Sequential(OrderedDict(x=Named("a"), y=Named("b"), z=Named("c")))
    assert module[0] is module.x is module[-3]
    assert text(module[1:]) == "ybzc"
    assert text(module[::2]) == "xazc"
    assert type(module[1:]) is nn.Sequential
    assert [m.name for m in module] == ["a", "b", "c"]
    assert len(module) == 3
    for i in (3, -4):
        with pytest.raises(IndexError, match=f"index {i} is out of range"):
            module[i]
    assert row("abc")[True].name == "b"


def test_changing_a_sequential() -> None:
    module = row("abc")
    module[1] = Named("x")
    assert text(module) == "0a1x2c"
    assert module.append(Named("d")) is module
    assert module.insert(1, Named("i")) is module
    assert text(module) == "0a1i2x3c4d"
    assert text(module.insert(-1, Named("j"))) == "0a1i2x3c4j5d"
    assert module.pop(1).name == "i"
    assert text(module) == "0a1x2c3j4d"
    del module[1:3]
    assert text(module) == "0a1j2d"
    del module[-1]
    assert text(module.extend(row("yz"))) == "0a1j2y3z"
    assert module("") == "ajyz"
    assert getattr(module, "3").name == "z"
    assert not hasattr(module, "4")
    assert text(module.pop(slice(0, 2))) == "0a1j"
    with pytest.raises(IndexError):
        module.insert(5, Named("x"))
    with pytest.raises(AssertionError, match="module should be of type"):
        module.insert(0, 3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="int is not a Module subclass"):
        module.append(3)  # type: ignore[type-var]


def test_arithmetic_of_sequentials() -> None:
    a, b = row("ab"), row("c")
    assert text(a + b) == "0a1b2c"
    assert (a + b)[0] is a[0]
    assert text(b * 3) == text(3 * b) == "0c1c2c"
    a += b
    assert text(a) == "0a1b2c"
    b *= 2
    assert text(b) == "0c1c"
    for bad, error in ((lambda: a.__add__([b]), ValueError), (lambda: a * 0, ValueError), (lambda: a * 1.5, TypeError)):
        with pytest.raises(error):
            bad()  # type: ignore[no-untyped-call]


def test_a_list() -> None:
    module = nn.ModuleList(map(Named, "abc"))
    assert module[-1].name == "c"
    assert text(module[:2]) == "0a1b"
    assert type(module[:2]) is nn.ModuleList
    module[0] = Named("x")
    module.insert(1, Named("i"))
    assert module.append(Named("z")) is module
    assert text(module) == "0x1i2b3c4z"
    assert module.pop(0).name == "x"
    del module[1:3]
    assert text(module) == "0i1z"
    module += [Named("k")]
    assert text(module.__add__([Named("l")])) == "0i1z2k3l"
    assert text(module.extend(m for m in map(Named, "mn"))) == "0i1z2k3m4n"
    assert [m.name for m in reversed(list(module))] == ["n", "m", "k", "z", "i"]
    with pytest.raises(IndexError, match="index 9 is out of range"):
        module[9]
    with pytest.raises(TypeError, match=r"ModuleList.extend should be called with an iterable, but got int"):
        module.extend(3)  # type: ignore[arg-type]
    with pytest.raises(NotImplementedError, match=r"Module \[ModuleList\] is missing the required"):
        module(3)


def test_a_dict() -> None:
    module = nn.ModuleDict({"b": Named("b"), "a": Named("a")})
    module["c"] = Named("c")
    assert list(module) == list(module.keys()) == ["b", "a", "c"]
    assert [m.name for m in module.values()] == ["b", "a", "c"]
    assert [k for k, _ in module.items()] == ["b", "a", "c"]
    assert "a" in module
    assert module.pop("a").name == "a"
    assert "a" not in module
    assert not hasattr(module, "a")
    del module["c"]
    module.update([("x", Named("x")), ["y", Named("y")]])
    module.update(nn.ModuleDict(OrderedDict(z=Named("z"))))
    assert text(module) == "bbxxyyzz"
    assert module.x is module["x"]
    module.clear()
    assert len(module) == 0
    for bad, error in ((3, TypeError), ([3], TypeError), ([(1, 2, 3)], ValueError)):
        with pytest.raises(error, match="ModuleDict"):
            module.update(bad)
    with pytest.raises(KeyError, match="attribute 'keys' already exists"):
        module["keys"] = Named("k")


def test_a_list_of_parameters() -> None:
    module = nn.ParameterList([nn.Parameter(tane.ones(1)), tane.zeros(2)])
    assert all(type(p) is nn.Parameter for p in module)
    module.append(tane.ones(3))
    module += [5]
    assert [n for n, _ in module.named_parameters()] == ["0", "1", "2"]
    assert module[-1] == 5
    assert [len(p) for p in module[:3]] == [1, 2, 3]
    assert type(module[1:]) is nn.ParameterList
    module[0] = tane.ones(4)
    assert list(module.state_dict()) == ["0", "1", "2"]
    assert len(module[0]) == 4
    with pytest.raises(IndexError):
        module[4]
    for call in (lambda: module.extend(tane.ones(2)), lambda: module.extend(3)):  # type: ignore[arg-type]
        with pytest.raises(TypeError, match=r"ParameterList.extend should be called with an iterable"):
            call()
    with pytest.raises(RuntimeError, match="should not be called"):
        module()


def test_a_dict_of_parameters() -> None:
    module = nn.ParameterDict({"b": tane.ones(1), "a": nn.Parameter(tane.ones(2))})
    assert list(module) == ["a", "b"]  # a plain dict's keys are sorted, as in PyTorch
    assert type(module["b"]) is nn.Parameter
    module["n"] = 5
    assert [n for n, _ in module.named_parameters()] == ["a", "b"]
    assert module.get("x") is None
    assert module.get("n", 7) == 5
    assert module.setdefault("late", tane.ones(1)).shape == (1,)
    assert module.popitem()[0] == "late"
    assert module.pop("n") == 5
    assert list(reversed(module)) == ["b", "a"]
    assert [len(v) for v in module.values()] == [2, 1]
    copy = module.copy()
    assert copy["a"] is module["a"]
    both = module | nn.ParameterDict(OrderedDict(z=tane.ones(1)))
    assert list(both) == ["a", "b", "z"]
    module |= nn.ParameterDict([("y", tane.ones(1))])
    assert list(module.keys()) == ["a", "b", "y"]
    assert list(module.fromkeys(["p", "q"], 3).items()) == [("p", 3), ("q", 3)]
    del module["a"]
    assert "a" not in module
    module.clear()
    assert len(module) == 0
    with pytest.raises(TypeError, match="cannot be used as a key"):
        module[3] = tane.ones(1)  # type: ignore[index]
    assert len(module) == 0
    with pytest.raises(RuntimeError, match="should not be called"):
        module()


@pytest.mark.parity
@pytest.mark.parametrize(
    "do",
    [
        lambda m: [m.insert(2, m[0]), m.append(m[1])],
        lambda m: m.__delitem__(slice(None, None, 2)),
        lambda m: m.pop(-2),
        lambda m: m.insert(-2, m[0]),
        lambda m: [m.__setitem__(-1, m[0]), m.extend(list(m)[:2])],
    ],
)
def test_lists_change_as_pytorchs_do(do: Callable[[Any], Any]) -> None:
    torch = pytest.importorskip("torch")

    def keys(nn: Any, kind: str) -> list[str]:
        layers = [nn.Linear(1, n) for n in range(1, 6)]
        module = nn.Sequential(*layers) if kind == "Sequential" else nn.ModuleList(layers)
        try:
            do(module)
        except Exception as error:
            return [type(error).__name__]
        return [f"{k}:{m.out_features}" for k, m in module._modules.items()]

    for kind in ("Sequential", "ModuleList"):
        assert keys(nn, kind) == keys(torch.nn, kind)
