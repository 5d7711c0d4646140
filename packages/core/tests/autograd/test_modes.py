"""Switching recording: as context, as decorator, by thread."""

from __future__ import annotations

import threading

import pytest


def test_contexts_nest_and_undo_themselves(lib):
    on = lib.is_grad_enabled
    with lib.no_grad():
        assert not on()
        with lib.enable_grad():
            assert on()
            with lib.set_grad_enabled(False):
                assert not on()
            assert on()
        assert not on()
    with pytest.raises(KeyError), lib.no_grad():
        raise KeyError
    assert on()


def test_set_grad_enabled_switches_at_once(lib):
    lib.set_grad_enabled(False)
    try:
        assert not lib.is_grad_enabled()
    finally:
        lib.set_grad_enabled(True)
    assert lib.is_grad_enabled()
    with pytest.raises(TypeError):
        lib.set_grad_enabled("off")


def test_decorators(lib):
    forms = [lambda: lib.no_grad, lib.no_grad, lambda: lib.set_grad_enabled(False), lambda: lib.inference_mode, lib.inference_mode]
    for form in forms:

        @form()
        def f(x):
            """Doubles."""
            return lib.is_grad_enabled(), (x * 2).requires_grad

        assert f(lib.ones(1, requires_grad=True)) == (False, False)
        assert (f.__name__, f.__doc__) == ("f", "Doubles.")
        assert lib.is_grad_enabled()

    @lib.enable_grad()
    def g():
        return lib.is_grad_enabled()

    with lib.no_grad():
        assert g()


def test_decorated_recursion(lib):
    @lib.no_grad()
    def f(n):
        inner = [] if n == 0 else f(n - 1)
        return [*inner, lib.is_grad_enabled()]

    assert f(2) == [False] * 3
    assert lib.is_grad_enabled()


def test_decorated_generator_switches_only_while_it_runs(lib):
    log = []

    @lib.no_grad()
    def steps():
        try:
            while True:
                try:
                    log.append((yield lib.is_grad_enabled()))
                except ValueError as error:
                    log.append((str(error), lib.is_grad_enabled()))
                    if len(log) == 3:
                        return "done"
        finally:
            log.append(("closed", lib.is_grad_enabled()))

    g = steps()
    assert (next(g), lib.is_grad_enabled()) == (False, True)
    assert (g.send("sent"), lib.is_grad_enabled()) == (False, True)
    assert (g.throw(ValueError("thrown")), lib.is_grad_enabled()) == (False, True)
    with pytest.raises(StopIteration) as stop:
        g.throw(ValueError("again"))
    assert stop.value.value == "done"
    assert log == ["sent", ("thrown", False), ("again", False), ("closed", False)]
    log.clear()
    g = steps()
    next(g)
    g.close()
    assert log == [("closed", False)]
    assert lib.is_grad_enabled()


def test_decorating_a_class_is_of_the_past(lib):
    with pytest.warns(FutureWarning, match="Decorating classes is deprecated"):

        @lib.no_grad()
        class Thing:
            def __init__(self):
                self.on = lib.is_grad_enabled()

    assert not Thing().on


def test_inference_mode(lib):
    assert not lib.is_inference_mode_enabled()
    with lib.inference_mode():
        assert lib.is_inference_mode_enabled()
        assert not lib.is_grad_enabled()
        with lib.enable_grad():
            assert not (lib.ones(1, requires_grad=True) * 2).requires_grad
        with lib.inference_mode(False):
            assert not lib.is_inference_mode_enabled()
            assert (lib.ones(1, requires_grad=True) * 2).requires_grad
    assert (lib.ones(1, requires_grad=True) * 2).requires_grad


def test_leaves_under_no_grad(lib):
    with lib.no_grad():
        x = lib.ones(2, requires_grad=True)
        assert x.requires_grad
        x.add_(1)
        y = x * 2
    assert x.tolist() == [2, 2]
    assert not y.requires_grad


def test_modes_belong_to_threads(lib):
    seen = []

    def other():
        seen.append(lib.is_grad_enabled())
        lib.set_grad_enabled(False)

    with lib.no_grad():
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert seen == [True]
    assert lib.is_grad_enabled()
