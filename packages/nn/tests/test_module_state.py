"""``state_dict`` and ``load_state_dict``."""

from __future__ import annotations

import re
from collections import OrderedDict
from typing import Any

import pytest

import tane
from tane import nn


def net(hidden: int = 3) -> Any:
    return nn.Sequential(OrderedDict(inner=nn.Sequential(nn.Linear(2, hidden)), out=nn.Linear(hidden, 1, bias=False)))


def test_keys_and_memory() -> None:
    module = net()
    state = module.state_dict()
    assert list(state) == ["inner.0.weight", "inner.0.bias", "out.weight"]
    assert dict(state._metadata) == {"": {"version": 1}, "inner": {"version": 1}, "inner.0": {"version": 1}, "out": {"version": 1}}
    assert not state["out.weight"].requires_grad
    state["out.weight"].zero_()
    assert module.out.weight.tolist() == [[0, 0, 0]]
    assert module.state_dict(keep_vars=True)["out.weight"] is module.out.weight
    target: dict[str, Any] = {}
    assert module.state_dict(destination=target, prefix="net.") is target
    assert next(iter(target)) == "net.inner.0.weight"
    with pytest.warns(FutureWarning, match="Positional args"):
        assert next(iter(module.state_dict(OrderedDict(), "p."))) == "p.inner.0.weight"


def test_a_model_is_the_same_after_loading() -> None:
    tane.manual_seed(0)
    one, other = net(), net()
    x = tane.randn(4, 2)
    assert one(x).tolist() != other(x).tolist()
    result = other.load_state_dict(one.state_dict())
    assert str(result) == repr(result) == "<All keys matched successfully>"
    assert one(x).tolist() == other(x).tolist()
    assert other.out.weight.requires_grad


def messages(nn: Any, tane: Any) -> list[str]:
    """The errors of loading what does not fit, from tane or PyTorch."""

    def net(hidden: int = 3) -> Any:
        return nn.Sequential(OrderedDict(inner=nn.Sequential(nn.Linear(2, hidden)), out=nn.Linear(hidden, 1, bias=False)))

    state = net().state_dict()
    less, more, odd = OrderedDict(state), OrderedDict(state), OrderedDict(state)
    del less["inner.0.bias"]
    more.update({"late": tane.ones(1), "out.bias": tane.ones(1), "inner.1.weight": tane.ones(1)})
    odd.update({"out.weight": 3})
    both = OrderedDict(less)
    both["extra"] = tane.ones(1)
    found = []
    for given in (less, more, both, net(4).state_dict(), odd, {}):
        for strict in (True, False):
            try:
                found.append(repr(net().load_state_dict(given, strict=strict)))
            except RuntimeError as error:
                found.append(str(error))
    return found


def test_missing_unexpected_and_misfitting_keys_are_named() -> None:
    found = messages(nn, tane)
    assert found[0] == 'Error(s) in loading state_dict for Sequential:\n\tMissing key(s) in state_dict: "inner.0.bias". '
    assert found[1] == "_IncompatibleKeys(missing_keys=['inner.0.bias'], unexpected_keys=[])"
    assert 'Unexpected key(s) in state_dict: "late", "inner.1.weight", "out.bias". ' in found[2]
    text = "size mismatch for inner.0.weight: copying a param with shape torch.Size([4, 2]) from checkpoint, the shape in current model is torch.Size([3, 2])."
    assert text in found[6]
    assert "expected torch.Tensor or Tensor-like object from checkpoint but received <class 'int'>" in found[8]


@pytest.mark.parity
def test_its_messages_are_pytorchs() -> None:
    torch = pytest.importorskip("torch")
    assert messages(nn, tane) == messages(torch.nn, torch)


def test_what_fits_is_loaded_even_if_something_does_not() -> None:
    module = net()
    state = net().state_dict()
    state["inner.0.weight"] = tane.ones(9, 9)
    with pytest.raises(RuntimeError, match="size mismatch"):
        module.load_state_dict(state)
    assert module.out.weight.tolist() == state["out.weight"].tolist()


def test_assign_takes_the_tensors_themselves() -> None:
    module = net()
    module.out.requires_grad_(False)
    state = {k: v.double().clone() for k, v in net().state_dict().items()}
    module.load_state_dict(state, assign=True)
    assert module.inner[0].weight.dtype is tane.float64
    assert module.inner[0].weight.requires_grad
    assert not module.out.weight.requires_grad
    state["out.weight"].zero_()
    assert module.out.weight.tolist() == [[0, 0, 0]]


def test_types_are_converted_and_old_scalars_read() -> None:
    class Scalar(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.s = nn.Parameter(tane.tensor(1.0))

    module = Scalar()
    module.load_state_dict({"s": tane.tensor([2.0], dtype=tane.float64)})
    assert module.s.item() == 2
    assert module.s.dtype is tane.float32


def test_non_persistent_buffers_stay_out() -> None:
    module = nn.Identity()
    module.register_buffer("a", tane.ones(1))
    module.register_buffer("b", tane.ones(1), persistent=False)
    module.register_buffer("c", None)
    assert list(module.state_dict()) == ["a"]
    module.load_state_dict({"a": tane.zeros(1)})
    with pytest.raises(RuntimeError, match=r'Unexpected key.* "b"'):
        module.load_state_dict({"a": tane.zeros(1), "b": tane.zeros(1)})


def test_extra_state() -> None:
    class Counting(nn.Module):
        n = 0

        def get_extra_state(self) -> Any:
            return {"n": self.n}

        def set_extra_state(self, state: Any) -> None:
            self.n = state["n"]

    one = nn.Sequential(Counting())
    one[0].n = 5
    state = one.state_dict()
    assert dict(state) == {"0._extra_state": {"n": 5}}
    other = nn.Sequential(Counting())
    other.load_state_dict(state)
    assert other[0].n == 5
    with pytest.raises(RuntimeError, match=re.escape('Missing key(s) in state_dict: "0._extra_state"')):
        other.load_state_dict({})
    with pytest.raises(RuntimeError, match="Unexpected key"):
        nn.Sequential(nn.Identity()).load_state_dict(state)


def test_hooks_around_saving_and_loading() -> None:
    module = net()
    seen: list[Any] = []
    module.register_state_dict_pre_hook(lambda m, prefix, keep: seen.append(("before", prefix, keep)))
    module.register_state_dict_post_hook(lambda m, state, prefix, meta: state.__delitem__("out.weight"))
    state = module.state_dict()
    assert seen == [("before", "", False)]
    assert list(state) == ["inner.0.weight", "inner.0.bias"]

    def before(m: Any, state: Any, prefix: str, meta: Any, strict: bool, missing: Any, unexpected: Any, errors: Any) -> None:
        assert m is module
        state["out.weight"] = tane.zeros(1, 3)

    handle = module.register_load_state_dict_pre_hook(before)
    module.load_state_dict(state)
    assert module.out.weight.tolist() == [[0, 0, 0]]
    handle.remove()
    module.register_load_state_dict_post_hook(lambda m, keys: keys.missing_keys.clear())
    module.load_state_dict(state)
    module.register_load_state_dict_post_hook(lambda m, keys: 3)
    with pytest.raises(AssertionError, match="not expected to return new values"):
        module.load_state_dict(state)
    bad = net()
    bad.register_state_dict_post_hook(lambda *_: 3)
    with pytest.raises(RuntimeError, match="post-hook must return None"):
        bad.state_dict()
    private = net()
    private._register_state_dict_hook(lambda m, state, prefix, meta: {"all": 1})
    assert private.state_dict() == {"all": 1}


@pytest.mark.parity
def test_pytorchs_state_is_loaded(tmp_path: Any) -> None:
    torch = pytest.importorskip("torch")
    theirs = torch.nn.Sequential(OrderedDict(inner=torch.nn.Sequential(torch.nn.Linear(2, 3)), out=torch.nn.Linear(3, 1, bias=False)))
    torch.save(theirs.state_dict(), tmp_path / "theirs.pt")
    ours = net()
    ours.load_state_dict(tane.load(tmp_path / "theirs.pt"))
    x = [[0.5, -1.0]]
    assert ours(tane.tensor(x)).item() == pytest.approx(theirs(torch.tensor(x)).item(), rel=1e-5)  # float32, sums in another order
    tane.save(ours.state_dict(), tmp_path / "ours.pt")
    state = torch.load(tmp_path / "ours.pt", weights_only=True)
    assert all((state[k] == v).all() for k, v in theirs.state_dict().items())
    assert state._metadata == theirs.state_dict()._metadata


def test_parameters_are_saved_as_parameters(tmp_path: Any) -> None:
    p = nn.Parameter(tane.ones(2), requires_grad=False)
    tane.save([p, nn.Parameter(tane.ones(1))], tmp_path / "p.pt")
    back = tane.load(tmp_path / "p.pt")
    assert [type(t) for t in back] == [nn.Parameter, nn.Parameter]
    assert [t.requires_grad for t in back] == [False, True]


def test_a_module_cannot_be_saved_itself(tmp_path: Any) -> None:
    with pytest.raises(TypeError, match=r"save Linear.state_dict\(\)"):
        tane.save({"model": nn.Linear(1, 1)}, tmp_path / "m.pt")
