"""Every primitive of core, on its samples, in every dtype, on every installed device."""

from __future__ import annotations

import pytest

import tane
from tane.ops.primitive import primitives
from tane.testing import opcheck
from tane.testing.checker import testable_devices, untestable_devices
from tane.testing.samples import ELSEWHERE, TABLE, declared_in, samples_of

# The devices of core are tested by test_cpu_and_strict.py, with the suite that they share.
OTHERS = [(name, device) for device in testable_devices() if device not in ("cpu", "strict") for name in sorted(TABLE)]
NONE = pytest.param("", "", marks=pytest.mark.skip(reason="; ".join(untestable_devices().values()) or "no other device is installed"))


@pytest.mark.parametrize(("name", "device"), OTHERS or [NONE])
def test_op(name, device):
    opcheck(primitives[name], samples_of(name), devices=[device])


def test_every_primitive_has_samples():
    declared = set(declared_in("tane.ops")) | set(declared_in("tane.surface"))
    assert sorted(declared - set(TABLE) - set(ELSEWHERE)) == []


def test_every_sample_is_of_a_primitive():
    declared_in("tane.ops")
    assert sorted((set(TABLE) | set(ELSEWHERE)) - set(primitives)) == []


def test_an_op_without_samples_is_told_where_to_put_them():
    with pytest.raises(KeyError, match=r"tane\.testing\.samples\.families"):
        samples_of("no_such_op")


def shapes_tried(name):
    def drawn(value):
        if isinstance(value, (list, tuple)):
            return [s for v in value for s in drawn(v)]
        return [tuple(value.shape)] if hasattr(value, "shape") else []

    return [shape for sample in TABLE[name] for shape in drawn(sample.args)]


def test_every_op_is_tried_on_empty_tensors():
    assert [name for name in TABLE if not any(0 in shape for shape in shapes_tried(name)) and name not in WITHOUT_EMPTY] == []


def test_every_op_is_tried_on_0d_tensors():
    assert [name for name in TABLE if () not in shapes_tried(name) and name not in WITHOUT_0D] == []


# Ops that these shapes mean nothing to.
WITHOUT_EMPTY = {
    "blank",
    "linalg_cholesky",
    "linalg_eigh",
    "linalg_pinv",
    "linalg_qr",
    "linalg_slogdet",
    "linalg_solve",
    "linalg_svd",
    "median",
    "nanmedian",
    "seen_again",
}
PRODUCTS = {"bmm", "dot", "matmul", "mm", "mv", "vm"}
OF_AXES = {"cat", "diag_embed", "diagonal", "roll", "rot90", "scan", "split", "squeeze_one", "trace", "transpose", "tril", "triu", "unbind"}
OF_INDICES = {"erase", "index", "index_accumulate", "index_add", "index_copy", "index_fill", "index_select", "masked_select", "select"}
OF_LAYOUTS = {"as_complex", "blank", "fold_windows", "relaid", "seen_again", "view_as_complex"}
WITHOUT_0D = (
    PRODUCTS | OF_AXES | OF_INDICES | OF_LAYOUTS | {"sum_product"} | {name for name in TABLE if name.startswith(("fft_", "linalg_"))}
)


def test_the_names_of_core_are_known_to_the_facade():
    assert tane.ops.mul is primitives["mul"]
