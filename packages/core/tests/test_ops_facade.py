"""``tane.ops.<name>``: core's primitives and plug-ins' ops under one roof, looked up when they are asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

import tane
from tane import plugins
from tane.ops.primitive import Primitive, primitives
from tane.plugins import hookimpl


class Garden:
    @hookimpl
    def tane_ops(self):
        return {"thrice": lambda x: x * 3}


def test_a_primitive_of_core_is_there_under_its_name():
    assert tane.ops.mul is primitives["mul"]
    assert tane.ops.mul(tane.tensor(2.0), 3.0).item() == 6.0
    assert repr(tane.ops.mul) == "<op mul(input, other)>"


def test_what_a_plugin_offers_is_there_as_long_as_it_is():
    with plugins.isolated():
        plugins.register(Garden())
        assert tane.ops.thrice(tane.tensor(2.0)).item() == 6.0
        assert "thrice" in dir(tane.ops)
    with plugins.isolated(), pytest.raises(AttributeError, match="has no op 'thrice'"):
        tane.ops.thrice


def test_a_name_nobody_offers_says_what_was_perhaps_meant():
    with (
        plugins.isolated(),
        pytest.raises(AttributeError, match=r"module 'tane.ops' has no op 'sigmoidd': .*did you mean 'sigmoid'\?") as caught,
    ):
        tane.ops.sigmoidd
    assert len(str(caught.value)) < 1500
    assert not hasattr(tane.ops, "_sigmoid")


def test_core_offers_its_own_primitives_by_the_same_hook():
    with plugins.isolated():
        assert plugins.lookup("ops", "add") is primitives["add"]
        offered = plugins.contributions("ops")
    assert {"add", "tanh", "cat", "split", "transfer"} <= set(offered)
    assert all(value is primitives[name] for name, value in offered.items())


def test_what_others_declare_is_theirs_to_offer():
    op = Primitive("foreign", "add", (None, None), ("a", "b"), {}, "same", False, (), "ForeignBackward0", False, False, "")
    op.home = "somebody.ops"
    primitives["foreign"] = op
    try:
        with plugins.isolated():
            assert "foreign" not in plugins.names("ops")
    finally:
        del primitives["foreign"]


def test_a_table_keeps_its_name_and_its_op_is_looked_up():
    assert tane.ops.matmul.__name__ == "tane.ops.matmul"
    assert plugins.lookup("ops", "matmul") is primitives["matmul"]


def test_importing_looks_nothing_up():
    code = "import sys, tane, tane.ops.matmul; from tane.ops import shape; print('pluggy' in sys.modules, 'tane.plugins.builtin' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_the_command_line_is_the_module():
    done = subprocess.run([sys.executable, "-m", "tane", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"tane {tane.__version__}\n"
