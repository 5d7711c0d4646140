"""What is saved comes back: values, types, shapes, shared memory, containers."""

from __future__ import annotations

import io
import pickle
from collections import Counter, OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tane
from tane import serialization
from tane.dtypes import ALL_DTYPES


def again(obj: Any, **kwargs: Any) -> Any:
    """``obj``, saved and loaded."""
    file = io.BytesIO()
    tane.save(obj, file)
    file.seek(0)
    return tane.load(file, **kwargs)


@pytest.mark.parametrize("dtype", ALL_DTYPES, ids=repr)
def test_every_element_type(dtype: Any) -> None:
    t = tane.tensor([0, 1, 2, 3]).to(dtype)
    back = again(t)
    assert back.dtype is dtype
    assert back.array.tobytes() == t.array.tobytes()


def test_nesting_and_plain_values() -> None:
    obj = {
        "none": None,
        "numbers": [1, -5, 2**70, 2.5, True, 1 + 2j],
        "text": ("a", "ü", b"bytes", bytearray(b"more")),
        "sets": [{1, 2}, frozenset([3])],
        3: OrderedDict(x=1, y=[]),
        "counted": Counter("aab"),
        ("a", 1): {},
    }
    back = again(obj)
    assert back == obj
    assert type(back[3]) is OrderedDict
    assert type(back["counted"]) is Counter


def test_types_devices_and_sizes() -> None:
    back = again([tane.float16, tane.device("cpu"), tane.Size((1, 2))])
    assert back[0] is tane.float16
    assert back[1] == tane.device("cpu")
    assert type(back[2]) is tane.Size


def test_numpy_numbers_and_arrays() -> None:
    back = again({"number": np.float64(2.5), "array": np.arange(6).reshape(2, 3).T})
    assert type(back["number"]) is np.float64
    assert back["number"] == 2.5
    np.testing.assert_array_equal(back["array"], np.arange(6).reshape(2, 3).T)


def test_layout_is_kept() -> None:
    t = tane.randn(4, 6)[1:, ::2].t()
    back = again(t)
    assert tuple(back.stride()) == tuple(t.stride())
    assert back.tolist() == t.tolist()
    expanded = again(tane.ones(3, 1).expand(3, 5))
    assert tuple(expanded.stride()) == (1, 0)


@pytest.mark.parametrize("shape", [(), (0,), (0, 3), (2, 0, 4), (1, 1)])
def test_shapes_at_the_edge(shape: tuple[int, ...]) -> None:
    back = again(tane.zeros(shape))
    assert tuple(back.shape) == shape


def test_shared_memory_is_shared_again() -> None:
    whole = tane.zeros(4, 4)
    back = again([whole, whole[1], whole.t()])
    back[0][1, 2] = 7.0
    assert back[1].tolist() == [0.0, 0.0, 7.0, 0.0]
    assert back[2][2, 1].item() == 7.0


def test_the_same_tensor_twice_is_one_tensor() -> None:
    t = tane.ones(2)
    back = again({"a": t, "b": t})
    assert back["a"] is back["b"]


def test_a_small_part_of_a_large_tensor_makes_a_small_file() -> None:
    file = io.BytesIO()
    tane.save(tane.zeros(1_000_000)[:2], file)
    assert len(file.getvalue()) < 5000


def test_one_memory_under_two_types_is_refused() -> None:
    t = tane.zeros(4)
    with pytest.raises(RuntimeError, match="view the same data as different types"):
        tane.save([t, t.view(tane.int32)], io.BytesIO())


def test_requires_grad_is_kept() -> None:
    back = again([tane.ones(2, requires_grad=True), tane.ones(2)])
    assert [t.requires_grad for t in back] == [True, False]
    assert back[0].is_leaf


def test_attributes_of_a_tensor_are_kept() -> None:
    t = tane.ones(2)
    t.label = "weights"
    assert again(t).label == "weights"


def test_attributes_of_a_state_dict_are_kept() -> None:
    state = OrderedDict(w=tane.ones(1))
    state._metadata = OrderedDict([("", {"version": 1})])  # type: ignore[attr-defined]
    assert again(state)._metadata == {"": {"version": 1}}


def test_equal_objects_make_equal_files() -> None:
    files = [io.BytesIO(), io.BytesIO()]
    for file in files:
        tane.save({"a": tane.arange(3), "b": [tane.ones(2)]}, file)
    assert files[0].getvalue() == files[1].getvalue()


def test_records_begin_at_multiples_of_64(tmp_path: Path) -> None:
    tane.save({str(i): tane.ones(i + 1) for i in range(5)}, tmp_path / "t.pt")
    raw = (tmp_path / "t.pt").read_bytes()
    assert raw.index(np.ones(5, np.float32).tobytes()) % 64 == 0


def test_mapped_into_memory(tmp_path: Path) -> None:
    path = tmp_path / "t.pt"
    tane.save({"a": tane.arange(5), "e": tane.empty(0)}, path)
    back = tane.load(path, mmap=True)
    back["a"][0] = 9  # a copy of the page, not the file
    assert tane.load(path)["a"].tolist() == [0, 1, 2, 3, 4]
    assert back["a"].tolist() == [9, 1, 2, 3, 4]
    with pytest.raises(ValueError, match="f must be a string filename"):
        tane.load(io.BytesIO(path.read_bytes()), mmap=True)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_pickle_protocols(protocol: int) -> None:
    obj = {"a": tane.ones(2), "long": "x" * 300, "b": b"\0\1", "s": {1}, "f": frozenset([2]), "n": [None] * 3}
    file = io.BytesIO()
    tane.save(obj, file, pickle_protocol=protocol)
    file.seek(0)
    back = tane.load(file)
    assert back.pop("a").tolist() == obj.pop("a").tolist()  # type: ignore[attr-defined]
    assert back == obj


# ---- where to --------------------------------------------------------------------------------------------------------------------------
def test_map_location_in_all_its_forms() -> None:
    t = tane.arange(3)
    seen = []

    def keep(storage: Any, location: str) -> Any:
        seen.append((location, storage.dtype, storage.size(), storage.nbytes()))
        return storage

    for where in (None, "cpu", tane.device("cpu"), {"cuda:0": "cpu"}, keep, lambda storage, location: None):
        assert again(t, map_location=where).tolist() == [0, 1, 2]
    assert seen == [("cpu", tane.int64, 3, 24)]
    strict = again([t, t[1:]], map_location="strict")
    assert all(x.device.type == "strict" for x in strict)
    strict[0][1] = 5
    assert strict[1].tolist() == [5, 2]


def test_saved_elsewhere() -> None:
    file = io.BytesIO()
    tane.save(tane.ones(3).to("strict"), file)
    file.seek(0)
    assert tane.load(file).device.type == "strict"
    file.seek(0)
    assert tane.load(file, map_location="cpu").tolist() == [1, 1, 1]
    file.seek(0)
    assert tane.load(file, map_location={"strict:0": "cpu"}).device.type == "cpu"


def test_map_location_of_the_wrong_kind() -> None:
    with pytest.raises(TypeError, match="map_location"):
        again(tane.ones(1), map_location=3.5)
    with pytest.raises(TypeError, match="map_location has to return"):
        again(tane.ones(1), map_location=lambda storage, location: 3)
    with pytest.raises(RuntimeError, match="don't know how to restore"):
        again(tane.ones(1), map_location="abacus")


# ---- what is refused ---------------------------------------------------------------------------------------------------------------------
class Thing:
    def __init__(self) -> None:
        self.n = 3


def test_weights_only_does_not_widen_what_is_loaded() -> None:
    for weights_only in (True, False, None):
        assert again({"x": tane.ones(1), "n": 3}, weights_only=weights_only) == {"x": tane.ones(1), "n": 3}
        with pytest.raises(tane.serialization.LoadError, match="add_safe_globals"):
            again(Thing(), weights_only=weights_only)


def test_other_arguments() -> None:
    with pytest.raises(ValueError, match="pickle_module"):
        tane.save(1, io.BytesIO(), pickle_module=io)
    with pytest.raises(ValueError, match="pickle_module"):
        again(1, pickle_module=io)
    with pytest.raises(ValueError, match="pickle_protocol"):
        tane.save(1, io.BytesIO(), pickle_protocol=1)
    with pytest.raises(ValueError, match=r"PyTorch 1\.5"):
        tane.save(1, io.BytesIO(), _use_new_zipfile_serialization=False)
    with pytest.raises(ValueError, match="format"):
        tane.save(1, io.BytesIO(), format="tar")
    with pytest.raises(TypeError, match="unexpected keyword argument 'colour'"):
        again(1, colour="red")
    with pytest.raises(AttributeError, match="expected a path"):
        tane.save(1, 3)
    with pytest.raises(AttributeError, match="expected a path"):
        tane.load(3)


def test_classes_that_the_user_admits() -> None:
    file = io.BytesIO()
    tane.save({"thing": Thing()}, file)
    file.seek(0)
    with pytest.raises(pickle.UnpicklingError, match=r"Thing was not an allowed global.*add_safe_globals\(\[Thing\]\)"):
        tane.load(file)
    with serialization.safe_globals([Thing]):
        file.seek(0)
        assert tane.load(file)["thing"].n == 3
        assert serialization.get_safe_globals() == [Thing]
    assert serialization.get_safe_globals() == []
    serialization.add_safe_globals([(Thing, f"{Thing.__module__}.Thing")])
    file.seek(0)
    assert tane.load(file)["thing"].n == 3
    serialization.clear_safe_globals()
    file.seek(0)
    with pytest.raises(serialization.LoadError):
        tane.load(file)
    with pytest.raises(ValueError, match="could do anything"):
        serialization.add_safe_globals([eval])
