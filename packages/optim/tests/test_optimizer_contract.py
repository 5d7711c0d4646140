"""What every optimizer is: groups, state, hooks, saving and loading, and PyTorch's errors."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import tane
from tane.optim import SGD, Adam, AdamW, Optimizer
from tane.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook, required

ALL = ["SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "Adamax", "NAdam", "RAdam", "Rprop", "ASGD", "Adafactor"]


def leaf(*values):
    return tane.tensor([float(v) for v in values], requires_grad=True)


def with_grad(p, *values):
    p.grad = tane.tensor([float(v) for v in values])
    return p


class Plain(Optimizer):
    """As somebody else would write one: only param_groups and state."""

    def __init__(self, params, lr=0.1, beta=0.5):
        super().__init__(params, {"lr": lr, "beta": beta})

    @tane.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with tane.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                state = self.state[p]
                if len(state) == 0:
                    state["average"] = tane.zeros_like(p)
                average = state["average"]
                average.mul_(group["beta"]).add_(p.grad)
                p.sub_(average * group["lr"])
        return loss


def test_an_optimizer_of_ones_own():
    w = leaf(1, 2)
    optimizer = Plain([{"params": [w], "lr": 0.5}], beta=0.0)

    def closure():
        optimizer.zero_grad()
        loss = (w * w).sum()
        loss.backward()
        return loss

    assert optimizer.step(closure).item() == 5
    assert w.tolist() == [0, 0]
    assert optimizer.state[w]["average"].tolist() == [2, 4]
    assert optimizer.defaults == {"lr": 0.1, "beta": 0.0}


def test_the_base_does_not_step():
    with pytest.raises(NotImplementedError):
        Optimizer([leaf(1)], {}).step()


def test_groups():
    a, b, c = leaf(1), leaf(2), leaf(3)
    optimizer = SGD([{"params": a, "lr": 0.5}, {"params": (p for p in [b])}], lr=0.1)
    assert [g["lr"] for g in optimizer.param_groups] == [0.5, 0.1]
    assert [g["params"] for g in optimizer.param_groups] == [[a], [b]]
    optimizer.add_param_group({"params": [c], "momentum": 0.9})
    assert optimizer.param_groups[2]["momentum"] == 0.9
    for p in (a, b, c):
        p.grad = tane.ones(1)
    optimizer.step()
    assert [round(p.item(), 6) for p in (a, b, c)] == [0.5, 1.9, 2.9]


def test_named_parameters():
    a, b = leaf(1), leaf(2)
    optimizer = SGD([("a", a), ("b", b)])
    assert optimizer.param_groups[0]["params"] == [a, b]
    assert optimizer.param_groups[0]["param_names"] == ["a", "b"]
    assert optimizer.state_dict()["param_groups"][0]["param_names"] == ["a", "b"]


def test_zero_grad():
    a, b = with_grad(leaf(1), 1), leaf(2)
    optimizer = SGD([a, b])
    held = a.grad
    optimizer.zero_grad(set_to_none=False)
    assert a.grad is held
    assert held.tolist() == [0]
    optimizer.zero_grad()
    assert a.grad is None
    assert b.grad is None
    assert held.tolist() == [0]


def test_step_gives_the_closures_loss():
    w = leaf(3)
    for optimizer in (SGD([w], lr=0.1), Adam([w], lr=0.1)):

        def closure(optimizer=optimizer):
            optimizer.zero_grad()
            loss = (w * w).sum()
            loss.backward()
            return loss

        with tane.no_grad():
            assert optimizer.step(closure).requires_grad
        assert optimizer.step() is None


def test_hooks():
    w = with_grad(leaf(1), 1)
    optimizer = SGD([w], lr=0.5)
    seen = []
    handles = [
        optimizer.register_step_pre_hook(lambda o, args, kwargs: seen.append(("before", o is optimizer, args[0] is optimizer, kwargs))),
        optimizer.register_step_post_hook(lambda o, args, kwargs: seen.append(("after", w.item()))),
        register_optimizer_step_pre_hook(lambda o, args, kwargs: seen.append("before all")),
        register_optimizer_step_post_hook(lambda o, args, kwargs: seen.append("after all")),
    ]
    optimizer.step(closure=None)
    assert seen == ["before all", ("before", True, True, {"closure": None}), ("after", 0.5), "after all"]
    for handle in handles:
        handle.remove()
    optimizer.step()
    assert len(seen) == 4
    with optimizer.register_step_pre_hook(lambda o, args, kwargs: 3), pytest.raises(RuntimeError, match="must return None or a tuple of"):
        optimizer.step()


def test_a_hook_may_change_the_arguments():
    w = with_grad(leaf(1), 1)
    optimizer = SGD([w], lr=0.5)
    optimizer.register_step_pre_hook(lambda o, args, kwargs: (args, {"closure": lambda: 42}))
    assert optimizer.step() == 42


def test_state_dict_hooks():
    optimizer = SGD([leaf(1)], lr=0.5)
    seen = []
    optimizer.register_state_dict_pre_hook(lambda o: seen.append("second"))
    optimizer.register_state_dict_pre_hook(lambda o: seen.append("first"), prepend=True)
    optimizer.register_state_dict_post_hook(lambda o, d: {**d, "extra": 1})
    optimizer.register_load_state_dict_pre_hook(lambda o, d: {k: v for k, v in d.items() if k != "extra"})
    optimizer.register_load_state_dict_post_hook(lambda o: seen.append("loaded"))
    state = optimizer.state_dict()
    assert state["extra"] == 1
    optimizer.load_state_dict(state)
    assert seen == ["first", "second", "loaded"]


@pytest.mark.parametrize("name", ALL)
def test_going_on_from_a_state_dict(name):
    def make():
        rng = np.random.default_rng(1)
        params = [tane.from_numpy(rng.normal(size=s)).requires_grad_() for s in ((3,), (2, 2), (100, 100))]
        return params, getattr(tane.optim, name)(params, lr=0.1)

    def run(params, optimizer, steps):
        for step in steps:
            for i, p in enumerate(params):
                p.grad = tane.from_numpy(np.random.default_rng(100 * step + i).normal(size=p.shape))
            optimizer.step()

    params, optimizer = make()
    run(params, optimizer, range(3))
    held = copy.deepcopy(optimizer.state_dict())
    values = [p.detach().numpy().copy() for p in params]
    assert pickle.dumps(held)
    run(params, optimizer, range(3, 6))
    others, other = make()
    for p, v in zip(others, values):
        p.data = tane.from_numpy(v)
    other.load_state_dict(held)
    run(others, other, range(3, 6))
    for p, q in zip(params, others):
        assert (p.detach().numpy() == q.detach().numpy()).all()
    again = other.state_dict()
    for k, v in optimizer.state_dict()["state"].items():
        for name_, x in v.items():
            assert x.tolist() == again["state"][k][name_].tolist()


def test_loading_brings_values_to_their_parameters_type():
    a = with_grad(leaf(1, 2), 1, 1)
    optimizer = Adam([a])
    optimizer.step()
    state = optimizer.state_dict()
    b = tane.tensor([1.0, 2.0], dtype=tane.float64, requires_grad=True)
    other = Adam([b])
    other.load_state_dict(state)
    assert other.state[b]["exp_avg"].dtype == tane.float64
    assert other.state[b]["step"].dtype == tane.float32
    b.grad = tane.ones(2, dtype=tane.float64)
    other.step()
    assert other.state[b]["step"].item() == 2
    assert optimizer.state[a]["step"].item() == 1


def test_loading_what_does_not_fit():
    state = SGD([leaf(1)]).state_dict()
    with pytest.raises(ValueError, match="loaded state dict has a different number of parameter groups"):
        SGD([{"params": [leaf(1)]}, {"params": [leaf(1)]}]).load_state_dict(state)
    with pytest.raises(ValueError, match="contains a parameter group that doesn't match the size of optimizer's group"):
        SGD([leaf(1), leaf(2)]).load_state_dict(state)


def test_adamw_stays_decoupled():
    optimizer = AdamW([leaf(1)])
    optimizer.load_state_dict(Adam([leaf(1)]).state_dict())
    assert optimizer.param_groups[0]["decoupled_weight_decay"] is True


def test_copies_and_pickles():
    w = with_grad(leaf(1, 2), 1, 1)
    optimizer = Adam([w], lr=0.1)
    optimizer.step()
    twin = copy.deepcopy(optimizer)
    (v,) = twin.param_groups[0]["params"]
    assert v is not w
    assert twin.state[v]["step"].item() == 1
    v.grad = tane.ones(2)
    twin.step()
    assert twin.state[v]["step"].item() == 2
    assert optimizer.state[w]["step"].item() == 1
    assert set(optimizer.__getstate__()) == {"defaults", "state", "param_groups"}


def test_repr():
    assert repr(SGD([leaf(1)], lr=0.1)) == (
        "SGD (\nParameter Group 0\n    dampening: 0\n    differentiable: False\n    foreach: None\n    fused: None\n    lr: 0.1\n"
        "    maximize: False\n    momentum: 0\n    nesterov: False\n    weight_decay: 0\n)"
    )


def test_what_is_required():
    class Needs(Plain):
        def __init__(self, params):
            Optimizer.__init__(self, params, {"lr": required, "beta": 0.0})

    with pytest.raises(ValueError, match="parameter group didn't specify a value of required optimization parameter lr"):
        Needs([leaf(1)])
    assert Needs([{"params": [leaf(1)], "lr": 1.0}]).param_groups[0]["lr"] == 1.0
    assert repr(required) == "<required parameter>"


BAD = {
    "a tensor": lambda t: t.optim.SGD(t.ones(1, requires_grad=True)),
    "nothing": lambda t: t.optim.SGD([]),
    "a number": lambda t: t.optim.SGD([3]),
    "a text": lambda t: t.optim.SGD(["w"]),
    "no leaf": lambda t: t.optim.SGD([t.ones(1, requires_grad=True) * 2]),
    "a set": lambda t: t.optim.SGD([{"params": {t.ones(1, requires_grad=True)}}]),
    "some names": lambda t: t.optim.SGD([("a", t.ones(1, requires_grad=True)), t.ones(1, requires_grad=True)]),
    "group": lambda t: t.optim.SGD([t.ones(1, requires_grad=True)]).add_param_group([1]),
    "unnamed group": lambda t: t.optim.SGD([("a", t.ones(1, requires_grad=True))]).add_param_group(
        {"params": [t.ones(1, requires_grad=True)]}
    ),
    "named group": lambda t: t.optim.SGD([t.ones(1, requires_grad=True)]).add_param_group(
        {"params": [("a", t.ones(1, requires_grad=True))]}
    ),
    "twice": lambda t: (lambda w: t.optim.SGD([{"params": [w]}, {"params": [w]}]))(t.ones(1, requires_grad=True)),
}
for _name in ALL:
    BAD[f"{_name} lr"] = lambda t, n=_name: getattr(t.optim, n)([t.ones(1, requires_grad=True)], lr=-1.0)
    BAD[f"{_name} lr of two"] = lambda t, n=_name: getattr(t.optim, n)([t.ones(1, requires_grad=True)], lr=t.ones(2))
for _name, _options in {
    "SGD": [{"momentum": -1}, {"weight_decay": -1}, {"nesterov": True}, {"nesterov": True, "momentum": 0.9, "dampening": 0.1}],
    "Adam": [{"eps": -1}, {"betas": (1.0, 0.5)}, {"betas": (0.5, -0.1)}, {"weight_decay": -1}, {"betas": (0, 0.9)}],
    "RMSprop": [{"eps": -1}, {"alpha": -1}, {"momentum": -1}, {"weight_decay": -1}],
    "Adagrad": [{"lr_decay": -1}, {"initial_accumulator_value": -1}, {"eps": -1}, {"weight_decay": -1}],
    "Adadelta": [{"rho": 1.5}, {"eps": -1}, {"weight_decay": -1}],
    "Adamax": [{"betas": (0.5, 1.0)}],
    "NAdam": [{"momentum_decay": -1}, {"betas": (2.0, 0.9)}],
    "RAdam": [{"weight_decay": -1}],
    "Rprop": [{"etas": (1.1, 1.2)}],
    "ASGD": [{"weight_decay": -1}],
    "Adafactor": [{"beta2_decay": 1}, {"eps": (-1, 1)}, {"eps": (None, -1)}, {"d": 0.5}, {"weight_decay": -1}],
    "Muon": [{}, {"lr": -1}, {"momentum": -1}, {"weight_decay": -1}, {"adjust_lr_fn": "best"}],
    "LBFGS": [{"lr": -1}],
}.items():
    for _i, _o in enumerate(_options):
        BAD[f"{_name} {_i}"] = lambda t, n=_name, o=_o: getattr(t.optim, n)([t.ones(1, requires_grad=True)], **o)
for _name in ("SGD", "Adam", "AdamW", "Adagrad"):
    BAD[f"{_name} fused and foreach"] = lambda t, n=_name: getattr(t.optim, n)([t.ones(1, requires_grad=True)], fused=True, foreach=True)
    BAD[f"{_name} fused and differentiable"] = lambda t, n=_name: getattr(t.optim, n)(
        [t.ones(1, requires_grad=True)], fused=True, differentiable=True
    )


@pytest.mark.parity
@pytest.mark.parametrize("name", BAD)
def test_same_errors(name):
    torch = pytest.importorskip("torch")
    caught = []
    for library in (tane, torch):
        with pytest.raises(Exception) as error:
            BAD[name](library)
        caught.append((type(error.value), str(error.value)))
    assert caught[0] == caught[1]


def test_duplicates_warn():
    w = leaf(1)
    with pytest.warns(UserWarning, match="duplicate parameters"):
        SGD([w, w])


def test_what_cannot_be():
    for option, text in (("differentiable", "update in place"), ("capturable", "cannot be captured")):
        with pytest.raises(NotImplementedError, match=text):
            Adam([leaf(1)], **{option: True})
        optimizer = Adam([with_grad(leaf(1), 1)])
        optimizer.param_groups[0][option] = True
        with pytest.raises(NotImplementedError, match=text):
            optimizer.step()


# ---- with PyTorch -----------------------------------------------------------------------------------------------------------------------
def as_numpy(value):
    if isinstance(value, dict):
        return {k: as_numpy(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_numpy(v) for v in value]
    return (str(value.dtype), value.detach().numpy()) if hasattr(value, "requires_grad") else value


def translated(value, library):
    if isinstance(value, dict):
        return {k: translated(v, library) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(translated(v, library) for v in value)
    return library.from_numpy(value.detach().numpy().copy()) if hasattr(value, "requires_grad") else value


@pytest.mark.parity
@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("direction", ["from torch", "to torch"])
def test_state_dicts_are_exchanged(name, direction):
    torch = pytest.importorskip("torch")
    options = {"SGD": {"momentum": 0.9}, "RMSprop": {"momentum": 0.9, "centered": True}, "Adam": {"amsgrad": True}}.get(name, {})
    start = [np.linspace(-1, 1, 6).reshape(2, 3), np.array(0.5)]
    grads = [np.linspace(-2, 1, 6).reshape(2, 3), np.array(0.25)]
    source, target = (torch, tane) if direction == "from torch" else (tane, torch)

    def make(library):
        params = [library.from_numpy(s.copy()).requires_grad_() for s in start]
        return params, getattr(library.optim, name)(params, lr=0.01, **options)

    def step(library, params, optimizer):
        for p, g in zip(params, grads):
            p.grad = library.from_numpy(g.copy())
        optimizer.step()

    params, optimizer = make(source)
    for _ in range(3):
        step(source, params, optimizer)
    state = optimizer.state_dict()
    others, other = make(target)
    assert set(state["param_groups"][0]) == set(other.state_dict()["param_groups"][0])
    other.load_state_dict(translated(copy.deepcopy(state), target))
    for p, q in zip(others, params):
        p.data = target.from_numpy(q.detach().numpy().copy())
    step(source, params, optimizer)
    step(target, others, other)
    for p, q in zip(others, params):
        np.testing.assert_allclose(p.detach().numpy(), q.detach().numpy(), rtol=1e-7)  # NAdam's and ASGD's state is float32
    mine, theirs = as_numpy(other.state_dict()), as_numpy(optimizer.state_dict())
    assert {k: [*v] for k, v in mine["state"].items()} == {k: [*v] for k, v in theirs["state"].items()}
    for k, v in theirs["state"].items():
        for key, (dtype, value) in v.items():
            # Loading casts all but the step to the parameter's type, these single numbers of NAdam and ASGD included.
            assert mine["state"][k][key][0] == dtype or key in ("mu_product", "eta", "mu")
            np.testing.assert_allclose(mine["state"][k][key][1], value, rtol=1e-6)


@pytest.mark.parity
@pytest.mark.parametrize("name", [*ALL, "LBFGS", "Muon"])
def test_same_defaults_and_repr(name):
    torch = pytest.importorskip("torch")
    import inspect

    mine = getattr(tane.optim, name)([{"params": [tane.ones(1, 2, requires_grad=True)]}])
    theirs = getattr(torch.optim, name)([{"params": [torch.ones(1, 2, requires_grad=True)]}])
    assert mine.defaults == theirs.defaults
    assert repr(mine) == repr(theirs)
    a, b = (inspect.signature(c) for c in (getattr(tane.optim, name), getattr(torch.optim, name)))
    assert [(p.name, p.kind, p.default) for p in a.parameters.values()] == [(p.name, p.kind, p.default) for p in b.parameters.values()]


@pytest.mark.parity
@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW"])
@pytest.mark.parametrize("options", [{"foreach": True}, {"foreach": False}, {"fused": True}, {"lr": "tensor"}])
def test_implementations_agree(name, options):
    torch = pytest.importorskip("torch")
    results = []
    for library in (tane, torch):
        w = library.tensor([1.0, -2.0, 0.5], dtype=library.float64, requires_grad=True)
        given = {k: library.tensor(0.1, dtype=library.float64) if v == "tensor" else v for k, v in options.items()}
        optimizer = getattr(library.optim, name)([w], **{"lr": 0.1, **given})
        for _ in range(5):
            w.grad = library.tensor([0.1, 0.2, -0.3], dtype=library.float64) * w.detach()
            optimizer.step()
        results.append(w.tolist())
    np.testing.assert_allclose(results[0], results[1], rtol=1e-12)


@pytest.mark.parity
def test_tensor_betas():
    torch = pytest.importorskip("torch")
    results = []
    for library in (tane, torch):
        w = library.tensor([1.0, -2.0], requires_grad=True)
        betas = (library.tensor(0.8), library.tensor([0.95]))
        optimizer = library.optim.Adam([w], lr=library.tensor([0.1]), betas=betas)
        for _ in range(5):
            w.grad = w.detach() * 0.5
            optimizer.step()
        results.append(w.tolist())
    np.testing.assert_allclose(results[0], results[1], rtol=1e-5)  # 1 - 0.95 in float32 keeps six digits
