"""In-place changes and views by memory, as functions of their inputs: gradients of both orders, on every device."""

from __future__ import annotations

import pytest

import tane
from tane.testing import Sample, draw, opcheck, testable_devices


def written(write):
    """A function of ``x`` and ``v`` that writes ``v`` into a copy of ``x``."""

    def function(x, v):
        y = x.clone()
        write(y, v)
        return y * y

    return function


WRITES = {
    "all": (lambda y, v: y.copy_(v), (3, 4)),
    "row": (lambda y, v: y.__setitem__(0, v), (4,)),
    "column": (lambda y, v: y.__setitem__((slice(None), 1), v), (3,)),
    "block": (lambda y, v: y.__setitem__((slice(1, 3), slice(None, None, 2)), v), (2, 2)),
    "broadcast": (lambda y, v: y.__setitem__(slice(0, 2), v), ()),
    "array index": (lambda y, v: y.__setitem__((tane.tensor([2, 0]),), v), (2, 4)),
    "mask": (lambda y, v: y.__setitem__(tane.tensor([True, False, True]), v), (2, 4)),
    "view of a view": (lambda y, v: y[1:].t()[2].mul_(v), (2,)),
    "transposed": (lambda y, v: y.t().add_(v), (4, 3)),
    "reshaped": (lambda y, v: y.view(2, 6)[1].sub_(v), (6,)),
    "diagonal": (lambda y, v: y.diagonal().copy_(v), (3,)),
    "arithmetic": (lambda y, v: y.mul_(2).add_(v).sin_(), (3, 4)),
    "addition": (lambda y, v: y.__setitem__(0, y[0] + v), (4,)),
    "through a row": (lambda y, v: y[0].copy_(v), (4,)),
    "an element": (lambda y, v: y[1, 2].copy_(v), ()),
}


@pytest.mark.parametrize("case", WRITES)
def test_writing_is_differentiable(case):
    write, shape = WRITES[case]
    skips = {"layout": "such a view of a transposed tensor is an error"} if case == "reshaped" else {}
    opcheck(written(write), [Sample((draw(3, 4), draw(*shape)), dtypes=("float64",), skips=skips)], name=case)


@pytest.mark.parametrize("case", WRITES)
def test_what_is_written_is_what_the_cpu_writes(case):
    write, shape = WRITES[case]

    def run(device):
        tane.manual_seed(0)
        y, v = tane.randn(3, 4, device=device), tane.randn(shape, device=device)
        write(y, v)
        return y.tolist()

    assert all(run(device) == run("cpu") for device in testable_devices())


def test_a_view_of_a_base_that_was_changed_has_the_new_history():
    def function(x):
        y = x.clone()
        part = y[1]
        y.mul_(3)
        return part * 2

    opcheck(function, [Sample((draw(3, 4),), dtypes=("float64",), reference=lambda x: x[1] * 6)])


@pytest.mark.parametrize(
    ("size", "stride", "offset"), [((2, 2), (4, 1), 1), ((3,), (5,), 0), ((2, 3), (1, 1), 2), ((), (), 3), ((0, 2), (1, 1), 0)], ids=str
)
def test_views_by_strides(size, stride, offset):
    sample = Sample((draw(3, 4),), dtypes=("float64", "float32"), view=True, skips={"layout": "other memory, other elements"})
    opcheck(lambda x: x.as_strided(size, stride, offset), [sample], name="as_strided")


def test_bytes_as_another_type():
    for device in testable_devices():
        x = tane.tensor([1.0, -2.0], device=device)
        bits = x.view(tane.int32)
        assert (bits.dtype, bits.device.type) == (tane.int32, device)
        bits[0] = 0
        assert x.tolist() == [0.0, -2.0]
