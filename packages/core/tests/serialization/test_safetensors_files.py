"""The safetensors format, against its own library where that is installed."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tane
from tane.dtypes import ALL_DTYPES
from tane.serialization import LoadError


def raw(header: Any, data: bytes = b"") -> io.BytesIO:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return io.BytesIO(len(text).to_bytes(8, "little") + text + data)


def again(obj: Any, **kwargs: Any) -> Any:
    file = io.BytesIO()
    tane.save(obj, file, format="safetensors")
    file.seek(0)
    return tane.load(file, **kwargs)


@pytest.mark.parametrize("dtype", [d for d in ALL_DTYPES if d is not tane.complex128], ids=repr)
def test_every_element_type(dtype: Any) -> None:
    t = tane.tensor([0, 1, 2, 3]).to(dtype)
    back = again({"t": t})["t"]
    assert back.dtype is dtype
    assert back.array.tobytes() == t.array.tobytes()


def test_nesting_and_plain_values() -> None:
    obj = {"model": {"w": [1, {"a": None}], 3: (True, "x")}, "epoch": 7, "rate": 0.5}
    assert again({**obj, "t": {"w": tane.ones(2)}})["t"]["w"].tolist() == [1, 1]
    assert again(obj) == obj


def test_order_layout_and_shapes(tmp_path: Path) -> None:
    path = tmp_path / "t.safetensors"
    obj = {"z": tane.arange(6).reshape(2, 3).t(), "a": tane.ones(()), "e": tane.empty(0, 3), "b": tane.tensor([True])}
    tane.save(obj, path)
    for mapped in (False, True):
        back = tane.load(path, mmap=mapped)
        assert list(back) == list(obj)
        assert all(back[k].tolist() == obj[k].tolist() and back[k].shape == obj[k].shape for k in obj)


def test_map_location() -> None:
    assert again({"t": tane.ones(2)}, map_location="strict")["t"].device.type == "strict"


def test_its_own_library_reads_and_writes_the_same(tmp_path: Path) -> None:
    library = pytest.importorskip("safetensors.numpy")
    arrays = {"w": np.arange(6, dtype=np.float32).reshape(2, 3), "n": np.array([1, 2], np.int64), "h": np.array(1.5, np.float16)}
    library.save_file(arrays, tmp_path / "theirs.safetensors")
    back = tane.load(tmp_path / "theirs.safetensors")
    assert {k: v.tolist() for k, v in back.items()} == {k: v.tolist() for k, v in arrays.items()}
    tane.save({"x": {k: tane.from_numpy(v) for k, v in arrays.items()}, "epoch": 3}, tmp_path / "ours.safetensors")
    read = library.load_file(tmp_path / "ours.safetensors")
    assert {k: (v.dtype, v.tolist()) for k, v in read.items()} == {f"x.{k}": (v.dtype, v.tolist()) for k, v in arrays.items()}


def test_what_cannot_be_saved_in_it() -> None:
    with pytest.raises(TypeError, match="hold a dict"):
        again([tane.ones(1)])
    with pytest.raises(TypeError, match=r"torch\.complex128"):
        again({"t": tane.ones(1, dtype=tane.complex128)})
    with pytest.raises(TypeError, match=r"'a\.b' is a set"):
        again({"a": {"b": {1}}})
    with pytest.raises(TypeError, match="cannot hold the key"):
        again({1.5: tane.ones(1)})
    with pytest.raises(ValueError, match=r"two tensors would have the name 'a\.b'"):
        again({"a": {"b": tane.ones(1)}, "a.b": tane.ones(1)})


GOOD = {"t": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}


@pytest.mark.parametrize(
    ("header", "data"),
    [
        (GOOD, bytes(7)),
        (GOOD, bytes(9)),
        ({"t": {**GOOD["t"], "shape": [3]}}, bytes(8)),
        ({"t": {**GOOD["t"], "shape": [-2]}}, bytes(8)),
        ({"t": {**GOOD["t"], "shape": [2.0]}}, bytes(8)),
        ({"t": {**GOOD["t"], "shape": [2**64, 2**64, 0], "data_offsets": [0, 0]}}, b""),
        ({"t": {**GOOD["t"], "dtype": "F8_E4M3"}}, bytes(8)),
        ({"t": {**GOOD["t"], "data_offsets": [1, 9]}}, bytes(9)),
        ({"t": {**GOOD["t"], "data_offsets": [-8, 0]}}, bytes(8)),
        ({"t": {**GOOD["t"], "data_offsets": [8]}}, bytes(8)),
        ({"t": {**GOOD["t"]}, "u": {**GOOD["t"]}}, bytes(8)),
        ({"t": 3}, b""),
        (b'{"t":' * 100_000, b""),
        (b'{"t": {}, "t": {}}', b""),
        (b'{"t": ' + b"9" * 10_000 + b"}", b""),
        (b"{\xff}", b""),
        ({"__metadata__": {"tane.structure": '{"tensor": "x"}'}}, b""),
        ({"__metadata__": {"tane.structure": "[" * 100_000}}, b""),
        ({"__metadata__": {"tane.structure": '{"a": 1, "b": 2}'}}, b""),
    ],
)
def test_damaged_files(header: Any, data: bytes) -> None:
    with pytest.raises(LoadError):
        tane.load(raw(header, data))


def test_a_header_longer_than_the_file() -> None:
    with pytest.raises(LoadError):
        tane.load(io.BytesIO((10**15).to_bytes(8, "little") + b'{"a"'))
