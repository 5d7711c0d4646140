"""``BackendSuite`` cannot be thinned out unnoticed."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tane.testing import BackendSuite


def nothing(self, symbol):
    """What takes a test's place."""


def marked(mark):
    """A function of its own with that mark."""

    def nothing(self, symbol):
        pass

    return mark(nothing)


def subclass(**members):
    return type("TestIt", (BackendSuite,), {"device": "cpu", **members})


def test_a_plain_subclass_is_fine():
    assert subclass().device == "cpu"
    assert subclass(test_of_its_own=lambda self: None)


@pytest.mark.parametrize(
    ("members", "complaint"),
    [
        ({"test_operators": None}, "test_operators was deleted"),
        ({"test_operators": nothing}, "test_operators was replaced"),
        ({"test_operators": marked(pytest.mark.skip(reason="x"))}, "test_operators was replaced"),
        ({"test_operators": marked(pytest.mark.xfail())}, "test_operators was replaced"),
        ({"test_operators": marked(pytest.mark.xfail(reason=" "))}, "test_operators was replaced"),
        ({"pytestmark": pytest.mark.skip(reason="x")}, "the whole class is marked 'skip'"),
        ({"pytestmark": [pytest.mark.xfail(reason="x")]}, "the whole class is marked 'xfail'"),
        ({"xfail_ops": {"mul": ""}}, "needs a reason"),
        ({"xfail_ops": {"mull": "slow"}}, "there is no such op"),
    ],
)
def test_a_lost_test_is_an_error(members, complaint):
    with pytest.raises(TypeError, match=complaint):
        subclass(**members)


def test_a_grandchild_cannot_lose_one_either():
    with pytest.raises(TypeError, match="test_methods was deleted"):
        type("TestDeeper", (subclass(),), {"test_methods": None})


def test_an_xfail_with_a_reason_is_allowed():
    assert subclass(test_operators=marked(pytest.mark.xfail(reason="the device cannot divide")))


def test_an_op_that_works_again_is_told(tmp_path):
    (tmp_path / "test_it.py").write_text(
        "from tane.testing import BackendSuite\n\n\nclass TestIt(BackendSuite):\n    device = 'cpu'\n    xfail_ops = {'floor': 'thought to fail'}\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "test_op and floor and not divide", str(tmp_path)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "[XPASS(strict)] thought to fail" in done.stdout
