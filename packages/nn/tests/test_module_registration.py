"""What is assigned to a module is registered, found, replaced and deleted, as in PyTorch, error texts included."""

from __future__ import annotations

import copy
import pickle
from collections import OrderedDict
from typing import Any

import pytest

import tane
from tane import nn
from tane.nn.module.registry import Registry


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(2, 3)
        self.scale = nn.Parameter(tane.ones(3))
        self.register_buffer("count", tane.zeros(1))
        self.register_buffer("hidden", tane.zeros(1), persistent=False)
        self.register_parameter("nothing", None)
        self.plain = 5

    def forward(self, x: Any) -> Any:
        return self.first(x) * self.scale


def names(module: nn.Module) -> list[str]:
    return [name for name, _ in module.named_parameters()]


def test_names_in_order() -> None:
    net = Net()
    assert names(net) == ["scale", "first.weight", "first.bias"]
    assert [n for n, _ in net.named_buffers()] == ["count", "hidden"]
    assert [n for n, _ in net.named_modules()] == ["", "first"]
    assert [n for n, _ in net.named_children()] == ["first"]
    assert next(iter(net.parameters())) is net.scale
    assert names(nn.Sequential(net, net)) == ["0.scale", "0.first.weight", "0.first.bias"]
    assert len(list(nn.Sequential(net, net).named_parameters(remove_duplicate=False))) == 6
    assert [n for n, _ in net.named_parameters("net", recurse=False)] == ["net.scale"]
    assert next(iter(net.parameters(recurse=False))) is net.scale


def test_attributes_and_registries_agree_whoever_changes_them() -> None:
    net = Net()
    for change in ("attribute", "registry"):
        new = nn.Parameter(tane.zeros(3))
        if change == "attribute":
            net.scale = new
        else:
            net._parameters["scale"] = new
        assert net.scale is net._parameters["scale"] is new
    del net._parameters["scale"]
    assert not hasattr(net, "scale")
    net._buffers.update(count=tane.ones(2))
    assert net.count.tolist() == [1, 1]
    assert net._buffers.pop("count").tolist() == [1, 1]
    assert not hasattr(net, "count")
    net._modules.clear()
    assert not hasattr(net, "first")
    net._modules = OrderedDict(second=nn.Identity())
    assert type(net.second) is nn.Identity
    net._modules.setdefault("third", nn.Identity())
    assert net._modules.popitem()[0] == "third"
    assert not hasattr(net, "third")
    net._parameters |= {"late": nn.Parameter(tane.ones(1))}
    assert net.late.item() == 1


def test_an_attribute_changes_what_it_is() -> None:
    net = Net()
    net.plain = nn.Parameter(tane.ones(1))
    assert "plain" in names(net)
    net.count = nn.Parameter(tane.ones(1))
    assert "count" in names(net)
    assert "count" not in net._buffers
    net.first = None
    assert net.first is None
    net.first = nn.Identity()
    net.scale = None
    assert net.scale is None
    net.scale = nn.Parameter(tane.ones(1))
    net.count = None
    assert net.count is None
    net.first = nn.Parameter(tane.ones(1))
    assert "first" not in net._modules


def test_deleting() -> None:
    net = Net()
    for name in ("first", "scale", "count", "plain", "nothing"):
        delattr(net, name)
        assert not hasattr(net, name)
    with pytest.raises(AttributeError, match="'Net' object has no attribute 'first'"):
        net.first
    with pytest.raises(AttributeError):
        del net.first


def test_buffers_that_are_assigned() -> None:
    net = Net()
    net.mean = nn.Buffer(tane.ones(2))
    net.seed = nn.Buffer(tane.ones(2), persistent=False)
    assert isinstance(net.mean, nn.Buffer)
    assert type(net.mean) is tane.Tensor
    assert [k for k in net.state_dict() if "." not in k] == ["scale", "count", "mean"]
    net.count = tane.ones(4)
    assert net._buffers["count"].tolist() == [1, 1, 1, 1]
    net.hidden = tane.ones(1)
    assert "hidden" in net._non_persistent_buffers_set


def test_a_class_attribute_hides_what_is_registered() -> None:
    class Hiding(nn.Module):
        layer = None

    module = Hiding()
    module.layer = nn.Identity()  # type: ignore[assignment]
    assert module.layer is None
    assert [n for n, _ in module.named_children()] == ["layer"]


def test_a_getattr_of_ones_own() -> None:
    class Wrapper(nn.Module):
        def __init__(self, inner: Any) -> None:
            super().__init__()
            self.inner = inner

        def __getattr__(self, name: str) -> Any:
            try:
                return super().__getattr__(name)
            except AttributeError:
                return getattr(self.inner, name)

    assert Wrapper(nn.Linear(2, 3)).in_features == 2


# ---- errors --------------------------------------------------------------------------------------------------------------------------
class Early(nn.Module):
    def __init__(self, value: Any) -> None:
        self.x = value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (lambda: nn.Linear(1, 1), "cannot assign module before Module.__init__() call"),
        (lambda: nn.Parameter(tane.ones(1)), "cannot assign parameters before Module.__init__() call"),
        (lambda: nn.Buffer(tane.ones(1)), "cannot assign buffer before Module.__init__() call"),
    ],
)
def test_before_init(value: Any, text: str) -> None:
    with pytest.raises(AttributeError) as error:
        Early(value())
    assert str(error.value) == text


def errors(nn: Any, tensor: Any, net: Any) -> list[str]:
    """The errors of everything that is not allowed, from tane or PyTorch."""
    leaf = nn.Parameter(tensor)
    attempts = [
        lambda: setattr(net, "scale", 3),
        lambda: setattr(net, "scale", tensor),
        lambda: setattr(net, "scale", nn.Identity()),
        lambda: setattr(net, "first", "x"),
        lambda: setattr(net, "first", tensor),
        lambda: setattr(net, "count", [1]),
        lambda: net.register_parameter("a.b", leaf),
        lambda: net.register_parameter("", leaf),
        lambda: net.register_parameter(3, leaf),
        lambda: net.register_parameter("plain", leaf),
        lambda: net.register_parameter("w", tensor),
        lambda: net.register_buffer("a.b", tensor),
        lambda: net.register_buffer("", tensor),
        lambda: net.register_buffer(3, tensor),
        lambda: net.register_buffer("scale", tensor),
        lambda: net.register_buffer("b", [1]),
        lambda: net.add_module("a.b", nn.Identity()),
        lambda: net.add_module("", nn.Identity()),
        lambda: net.add_module(3, nn.Identity()),
        lambda: net.add_module("plain", nn.Identity()),
        lambda: net.register_module("m", 3),
        lambda: net.get_submodule("first.second"),
        lambda: net.get_submodule("scale"),
        lambda: net.get_parameter("count"),
        lambda: net.get_parameter("none"),
        lambda: net.get_parameter("none.weight"),
        lambda: net.get_buffer("scale"),
        lambda: net.get_buffer("none"),
        lambda: net.set_submodule("", nn.Identity()),
        lambda: net.set_submodule("new", nn.Identity(), strict=True),
        lambda: net.set_submodule("scale", nn.Identity()),
        lambda: net.train(1),
        lambda: net.missing,
        lambda: nn.Module(3),
        lambda: nn.Module(x=3),
        lambda: nn.Module()(3),
        lambda: net.to(tensor.long().dtype),
        lambda: net.load_state_dict([]),
    ]
    found = []
    for number, attempt in enumerate(attempts):
        try:
            attempt()
            found.append(f"{number}: nothing")
        except Exception as error:
            found.append(f"{number}: {type(error).__name__}: {error}".replace("tane.nn.layers.linear", "torch.nn.modules.linear"))
    return found


EXPECTED = [
    "AttributeError: 'Net' object has no attribute 'missing'",
    "TypeError: cannot assign 'int' as parameter 'scale' (torch.nn.Parameter or None expected)",
    "TypeError: cannot assign 'torch.FloatTensor' as parameter 'scale' (torch.nn.Parameter or None expected)",
    "KeyError: 'parameter name can\\'t contain \".\"'",
    'NotImplementedError: Module [Module] is missing the required "forward" function',
]


def test_error_texts() -> None:
    found = errors(nn, tane.ones(1), Net())
    assert not [e for e in found if e.endswith("nothing")]
    assert [e for e in EXPECTED if not any(f.endswith(e) for f in found)] == []


@pytest.mark.parity
def test_error_texts_are_pytorchs() -> None:
    torch = pytest.importorskip("torch")

    class Theirs(torch.nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.first = torch.nn.Linear(2, 3)
            self.scale = torch.nn.Parameter(torch.ones(3))
            self.register_buffer("count", torch.zeros(1))
            self.plain = 5

    Theirs.__name__ = "Net"
    theirs = errors(torch.nn, torch.ones(1), Theirs())
    assert [o for o in errors(nn, tane.ones(1), Net()) if o not in theirs] == []


def test_a_parameter_with_a_history_is_refused() -> None:
    net = Net()
    p = nn.Parameter(tane.ones(1))
    p.node = (p * 2).node
    with pytest.raises(ValueError, match="Cannot assign non-leaf Tensor to parameter 'w'"):
        net.w = p


# ---- by name -------------------------------------------------------------------------------------------------------------------------
def test_get_and_set_by_name() -> None:
    net = nn.Sequential(Net(), nn.Identity())
    assert net.get_submodule("") is net
    assert net.get_submodule("0.first") is net[0].first
    assert net.get_parameter("0.first.weight") is net[0].first.weight
    assert net.get_buffer("0.count") is net[0].count
    new = nn.Identity()
    net.set_submodule("0.first", new)
    assert net[0].first is new
    net.set_submodule("0.late", new)
    assert net[0].late is new


# ---- copies ----------------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("way", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))], ids=["deepcopy", "pickle"])
def test_copies_are_modules_of_their_own(way: Any) -> None:
    net = Net().eval()
    net.tied = net.first
    net.scale.grad = tane.ones(3)
    other = way(net)
    assert names(other) == names(net)
    assert other.training is False
    assert other.tied is other.first
    assert other.scale is not net.scale
    assert other.scale is other._parameters["scale"]
    assert other.scale.tolist() == [1, 1, 1]
    assert other.scale.grad is None
    assert type(other._parameters) is Registry
    other.scale = nn.Parameter(tane.zeros(3))
    assert net.scale.tolist() == [1, 1, 1]
    assert [k for k in other.state_dict() if k == "hidden"] == []
    assert other(tane.ones(1, 2)).tolist() == [[0, 0, 0]]


def test_a_shallow_copy_shares_parameters_but_not_registries() -> None:
    net = Net()
    other = copy.copy(net)
    assert other.scale is net.scale
    other.scale = nn.Parameter(tane.zeros(3))
    assert net.scale.tolist() == [1, 1, 1]


class Selective(nn.Module):
    """With a state of its own, in the way many programs write it."""

    def __init__(self) -> None:
        super().__init__()
        self.w = nn.Parameter(tane.ones(1))

    def __getstate__(self) -> Any:
        return self.__dict__.copy()

    def __setstate__(self, state: Any) -> None:
        self.__dict__.update(state)


def test_a_state_of_ones_own() -> None:
    other = pickle.loads(pickle.dumps(Selective()))
    assert other.w.item() == 1
    other.w = nn.Parameter(tane.zeros(1))
    assert other.w.item() == other._parameters["w"].item() == 0
    other.double()
    assert other.w.dtype is tane.float64


def test_a_module_is_freed_at_once() -> None:
    import weakref

    net = Net()
    gone = weakref.ref(net.first.weight)
    net(tane.ones(1, 2))
    del net
    assert gone() is None


def test_dir_names_what_is_there() -> None:
    assert {"first", "scale", "count", "forward"} <= set(dir(Net()))
    assert "0" not in dir(nn.Sequential(nn.Identity()))


# ---- registration hooks ------------------------------------------------------------------------------------------------------------------
def test_registration_hooks() -> None:
    from tane.nn.module import everywhere as e

    seen: list[str] = []

    def note(module: Any, name: str, value: Any) -> None:
        seen.append(name)

    handles = [
        e.register_module_buffer_registration_hook(note),
        e.register_module_module_registration_hook(note),
        e.register_module_parameter_registration_hook(note),
    ]
    Net()
    for handle in handles:
        handle.remove()
    Net()
    assert seen == ["weight", "bias", "first", "scale", "count", "hidden"]
    replacement = nn.Identity()
    with e.register_module_module_registration_hook(lambda module, name, value: replacement):
        assert Net().first is replacement
