"""Optimizers and schedules arrive as plug-ins: ours, and anybody's."""

from __future__ import annotations

import types

import pytest

import tane
from tane import plugins
from tane.optim import plugin


def test_ours():
    with plugins.isolated():
        plugins.register(plugin, name="optim")
        assert plugins.lookup("optimizers", "SGD") is tane.optim.SGD
        assert plugins.lookup("lr_schedulers", "StepLR") is tane.optim.lr_scheduler.StepLR
        for kind, home in (("optimizers", tane.optim), ("lr_schedulers", tane.optim.lr_scheduler)):
            for name in plugins.names(kind):
                assert getattr(home, name) is plugins.lookup(kind, name)
    public = {n for n in tane.optim.__all__ if isinstance(getattr(tane.optim, n), type)} - {"Optimizer"}
    assert public == set(plugin.OPTIMIZERS)
    assert set(tane.optim.lr_scheduler.__all__) - {"LRScheduler"} == set(plugin.SCHEDULES)


def test_anybodys():
    class Lion(tane.optim.SGD):
        pass

    class Flat(tane.optim.lr_scheduler.LRScheduler):
        pass

    theirs = types.ModuleType("theirs")
    theirs.tane_api_version = 1
    theirs.tane_optimizers = plugins.hookimpl(lambda: {"Lion": Lion})
    theirs.tane_lr_schedulers = plugins.hookimpl(lambda: {"Flat": Flat})
    for name in ("tane_optimizers", "tane_lr_schedulers"):
        getattr(theirs, name).__name__ = name
    with plugins.isolated():
        plugins.register(theirs, name="theirs")
        assert tane.optim.Lion is Lion
        assert tane.optim.lr_scheduler.Flat is Flat
        with pytest.raises(AttributeError, match=r"module 'tane\.optim' has no attribute 'lion'.*did you mean 'Lion'"):
            tane.optim.lion
    with plugins.isolated(), pytest.raises(AttributeError, match=r"module 'tane\.optim' has no attribute 'Lion'"):
        tane.optim.Lion
    with plugins.isolated(), pytest.raises(AttributeError, match=r"module 'tane\.optim\.lr_scheduler' has no attribute 'Flat'"):
        tane.optim.lr_scheduler.Flat


def test_names_that_are_not_asked_of_plugins():
    with pytest.raises(AttributeError):
        tane.optim.__wrapped__
    with pytest.raises(AttributeError):
        tane.optim.lr_scheduler._Nothing


def test_a_backend_may_bring_its_own_rule(monkeypatch):
    from tane.backends.backend import backend_for
    from tane.optim import Adam, AdamW

    calls = []
    backend = backend_for("cpu")
    monkeypatch.setattr(
        type(backend), "kernels", {**backend.kernels, "Adam.rule": lambda p, *rest: calls.append(p.shape)}
    )  # returns None: nothing to subtract
    for kind in (Adam, AdamW):
        monkeypatch.setattr(kind, "rules", type(kind.rules)(kind._rule_on))
        w = tane.ones(3, requires_grad=True)
        w.grad = tane.ones(3)
        kind([w], weight_decay=0.0).step()
        assert w.tolist() == [1, 1, 1]
    assert calls == [(3,), (3,)]
