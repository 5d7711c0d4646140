"""What ``import tane`` brings, and that what it leaves for later is there when it is asked for. Each test has a fresh process."""

from __future__ import annotations

import subprocess
import sys
from textwrap import dedent

import pytest

import tane


def output(code):
    done = subprocess.run([sys.executable, "-W", "error", "-c", dedent(code)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


LEFT_OUT = {
    "dataclasses",
    "difflib",
    "importlib.metadata",
    "numpy.fft",
    "numpy.random",
    "numpy.typing",
    "pluggy",
    "secrets",
    "tane.backends.special",
    "tane.backends.stream",
    "tane.fft",
    "tane.linalg",
    "tane.plugins.control",
    "tane.printing",
}


def test_what_a_program_may_do_without_is_not_imported():
    # What NumPy imports by itself, which differs from version to version, is no matter of ours.
    brought = output("import sys, numpy; before = set(sys.modules); import tane; print(*set(sys.modules) - before)")
    families = output("from tane.surface.late import FAMILIES; print(*FAMILIES)")
    assert len(families) > 10
    assert set(brought) & (LEFT_OUT | {f"tane.surface.{family}" for family in families}) == set()


def test_the_table_says_of_each_late_family_what_it_brings():
    output(
        """
        import importlib, tane
        from tane.surface.late import FAMILIES, METHODS, Late

        before = set(vars(tane.Tensor))
        assert {name for name, value in vars(tane.Tensor).items() if type(value) is Late} == set(METHODS)
        for family, (functions, methods) in FAMILIES.items():
            module = importlib.import_module(f"tane.surface.{family}")
            assert set(functions.split()) == set(module.__all__) - {"vector_norm"}, family
            for name in functions.split():
                assert getattr(tane, name) is getattr(module, name), name
            for name in methods.split():
                assert callable(getattr(tane.Tensor, name)), (family, name)
                assert type(vars(tane.Tensor)[name]) is not Late, (family, name)
        assert set(vars(tane.Tensor)) == before, set(vars(tane.Tensor)) - before
        """
    )


def test_a_late_method_is_an_ordinary_one_when_looked_at():
    output(
        """
        import inspect, pickle, sys, tane

        assert hasattr(tane.Tensor, "sort") and "sort" in dir(tane.Tensor)
        assert tane.Tensor.flip.__name__ == "flip" and "dims" in inspect.signature(tane.Tensor.flip).parameters
        assert tane.tensor([2.0, 1.0]).sort().values.tolist() == [1.0, 2.0]
        assert type(vars(tane.Tensor)["sort"]) is type(vars(tane.Tensor)["flip"]) is type(tane.Tensor.sum)

        class Own(tane.Tensor):
            def unique(self):
                return super().unique()

        assert Own.cumsum is tane.Tensor.cumsum
        assert Own([1.0, 1.0]).unique().tolist() == [1.0]
        assert pickle.loads(pickle.dumps(tane.einsum)) is tane.einsum
        """
    )


@pytest.mark.parametrize("first", ["tane.Tensor.trace = own", "tane.trace; tane.Tensor.trace = own"])
def test_a_method_that_a_program_replaces_stays_replaced(first):
    output(
        f"""
        import tane

        own = lambda self: 7
        {first}
        tane.diag(tane.ones(2))  # of the same family
        assert tane.ones(2, 2).trace() == 7
        """
    )


def test_a_late_method_comes_back_after_it_was_replaced_for_a_while():
    output(
        """
        import tane
        from unittest import mock

        with mock.patch.object(tane.Tensor, "trace", lambda self: 7):
            assert tane.trace(tane.ones(2, 2)).item() == 2.0
            assert tane.ones(2, 2).trace() == 7
        assert tane.ones(2, 2).trace().item() == 2.0
        """
    )


def test_a_method_is_late_until_all_of_its_module_is_there():
    """Else another thread could call it too early."""
    output(
        """
        import tane
        from tane.surface import expose, late

        seen = []

        def set_method(name, function):
            late.set_method(name, function)
            seen.append(type(vars(tane.Tensor)[name]) is late.Late)

        expose.set_method = set_method
        tane.Tensor.trace
        assert all(seen) and len(seen) > 5, seen
        assert type(vars(tane.Tensor)["trace"]) is not late.Late
        """
    )


def test_all_names_are_in_dir_and_come_with_a_star():
    output(
        """
        import tane

        names = {"einsum", "svd", "sort", "linalg", "set_printoptions", "save", "tensor", "float32"}
        assert names <= set(dir(tane))
        assert {*names, "_foreach_add_"} <= set(dir(tane))
        scope = {}
        exec("from tane import *", scope)
        assert names <= set(scope) and "_foreach_add_" not in scope
        assert scope["einsum"] is tane.einsum is vars(tane)["einsum"]
        assert not hasattr(tane, "no_such_name")
        """
    )


def test_threads_that_draw_first_share_one_stream():
    output(
        """
        import sys, threading
        import tane

        sys.setswitchinterval(1e-6)
        start = threading.Barrier(8)
        found = []

        def draw():
            start.wait()
            found.append(tane.rand(1).item())

        threads = [threading.Thread(target=draw) for _ in range(8)]
        [t.start() for t in threads]
        [t.join() for t in threads]
        expected = tane.Generator()
        assert sorted(found) == sorted(tane.rand(1, generator=expected).item() for _ in range(8)), found
        """
    )


def test_a_generator_has_no_other_late_attribute():
    output(
        """
        import tane

        g = tane.Generator()
        assert not hasattr(g, "no_such_name") and "stream" not in vars(g)
        assert g.initial_seed() == 67280421310721 and vars(g)["stream"] is g.stream
        """
    )


@pytest.mark.parametrize(
    ("name", "says"), [("compile", "has no compiler yet"), ("distributed", "one process"), ("onnx", "nothing in its place")]
)
def test_what_is_not_there_is_said(name, says):
    with pytest.raises(AttributeError, match=f"module 'tane' has no attribute '{name}'.*{says}"):
        getattr(tane, name)
    assert not hasattr(tane, name)
