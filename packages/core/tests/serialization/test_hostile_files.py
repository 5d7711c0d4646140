"""Damaged and malicious files: each gives a LoadError, nothing is executed, and nothing larger than the file is made."""

from __future__ import annotations

import builtins
import io
import os
import pickle
import struct
import zipfile
from pathlib import Path
from typing import Any

import hypothesis
import hypothesis.strategies as st
import pytest

import tane
from tane.serialization import LoadError


def archive(data: bytes, storages: dict[str, bytes] | None = None, compression: int = zipfile.ZIP_STORED, **others: bytes) -> io.BytesIO:
    """A file of PyTorch's form with this pickle in it."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as z:
        z.writestr("archive/data.pkl", data)
        for key, raw in (storages or {}).items():
            z.writestr(f"archive/data/{key}", raw)
        for name, raw in others.items():
            z.writestr(f"archive/{name}", raw)
    file.seek(0)
    return file


def refused(data: bytes, match: str | None = None, storages: dict[str, bytes] | None = None) -> None:
    with pytest.raises(LoadError, match=match):
        tane.load(archive(data, storages))


class Calls:
    """Pickles as a call."""

    def __init__(self, function: Any, *args: Any) -> None:
        self.call = function, args

    def __reduce__(self) -> Any:
        return self.call


def tensor_pickle(*args: Any, count: int = 4, kind: str = "FloatStorage", function: str = "_rebuild_tensor_v2", key: str = "0") -> bytes:
    """The pickle of a tensor with these arguments after its storage."""
    storage = b"(X\x07\0\0\0storagectorch\n" + kind.encode() + b"\nX\x01\0\0\0" + key.encode() + b"X\x03\0\0\0cpu"
    storage += pickle.dumps(count, 2)[2:-1] + b"tQ"
    rest = b"".join(pickle.dumps(a, 2)[2:-1] for a in args)
    return b"\x80\x02ctorch._utils\n" + function.encode() + b"\n(" + storage + rest + b"ccollections\nOrderedDict\n)RtR."


FOUR = {"0": bytes(16)}


def test_the_builder_of_these_tests_builds_what_loads() -> None:
    assert tane.load(archive(tensor_pickle(0, (2, 2), (2, 1), False), FOUR)).shape == (2, 2)


# ---- code ------------------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("function", "args"),
    [
        (os.system, ("exit 1",)),
        (eval, ("1",)),
        (exec, ("1",)),
        (getattr, (1, "real")),
        (builtins.__import__, ("os",)),
        (open, ("x",)),
        (pickle.loads, (b"N.",)),
        (io.open_code, ("x",)),
        (tane.load, ("x",)),
        (tane.Tensor, ()),
    ],
    ids=lambda x: getattr(x, "__name__", ""),
)
def test_calls_are_refused_and_named(function: Any, args: Any) -> None:
    refused(pickle.dumps({"w": Calls(function, *args)}, 2), f"{function.__name__}.*was not an allowed global")


def test_nothing_is_executed(tmp_path: Path) -> None:
    witness = tmp_path / "witness"
    for protocol in range(6):
        data = pickle.dumps(Calls(os.mkdir, str(witness)), protocol)
        for form in (data, archive(data).getvalue()):
            with pytest.raises(LoadError):
                tane.load(io.BytesIO(form))
    assert not witness.exists()


def test_data_cannot_be_called() -> None:
    refused(b"\x80\x02ctorch\nfloat32\n)R.", "wants to call a dtype, which is data")
    refused(b"\x80\x02ctorch\nTensor\n)R.", "wants to call")
    refused(b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n)\x81.", "wants to call")
    refused(b"\x80\x02]K\x01R.", "wants to call a list")


def test_attributes_of_classes_and_functions_cannot_be_set() -> None:
    for target in (b"ctorch\nTensor\n", b"ctorch._utils\n_rebuild_tensor_v2\n", b"ctorch\nfloat32\n", b"ccollections\nOrderedDict\n"):
        refused(b"\x80\x02" + target + b"}X\x01\0\0\0xK\x01sb.", "set attributes of")


def test_attributes_that_are_tanes_cannot_be_set() -> None:
    for name in (b"array", b"node", b"shape", b"backward", b"__class__"):
        text = b"X" + struct.pack("<I", len(name)) + name
        refused(b"\x80\x02ccollections\nOrderedDict\n)R}X\x09\0\0\0__class__K\x01sb.", "wants to set")
        whole = tensor_pickle(0, (2,), (1,), False)[2:-1]
        args = whole[len(b"ctorch._utils\n_rebuild_tensor_v2\n") : -1]
        data = b"\x80\x02ctorch._tensor\n_rebuild_from_type_v2\n(ctorch._utils\n_rebuild_tensor_v2\nctorch\nTensor\n"
        refused(data + args + b"}" + text + b"K\x01stR.", "wants to set", FOUR)


def test_hooks_are_refused() -> None:
    hooks = b"\x80\x02ctorch._utils\n_rebuild_parameter\n(" + tensor_pickle(0, (2,), (1,), False)[2:-1] + b"\x88}K\x01K\x01stR."
    refused(hooks, "hooks", FOUR)


# ---- sizes -----------------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "args",
    [
        (0, (5,), (1,), False),
        (1, (4,), (1,), False),
        (0, (2, 2), (4, 1), False),
        (-1, (2,), (1,), False),
        (0, (-2,), (1,), False),
        (0, (2,), (-1,), False),
        (0, (2, 2), (1,), False),
        (0, (2**62,), (1,), False),
        (0, (2**40, 2**40), (0, 0), False),
        (0, (2**70,), (0,), False),
        (0, (2.0,), (1,), False),
        (0, 2, 1, False),
        (0, "ab", "cd", False),
        (True, (2,), (1,), False),
        (0, (1,) * 1000, (1,) * 1000, False),
        (),
    ],
    ids=str,
)
def test_tensors_that_do_not_fit(args: Any) -> None:
    refused(tensor_pickle(*args), None, FOUR)


def test_storages_of_another_length() -> None:
    refused(tensor_pickle(0, (2,), (1,), False, count=5), "has 16 bytes, not the 20", FOUR)
    refused(tensor_pickle(0, (2,), (1,), False, count=10**15), "bytes", FOUR)
    refused(tensor_pickle(0, (2,), (1,), False, count=-1), "no size", FOUR)
    refused(tensor_pickle(0, (2,), (1,), False, key="7"), "failed locating file data/7", FOUR)
    refused(tensor_pickle(0, (2,), (1,), False, key="."), "failed locating", FOUR)
    refused(tensor_pickle(0, (2,), (1,), False, kind="QInt8Storage"), "not an allowed global", FOUR)


def test_paths_in_an_archive_are_only_names(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(bytes(16))
    key = f"../../{tmp_path}/secret"
    data = tensor_pickle(0, (2,), (1,), False).replace(b"X\x01\0\0\0" + b"0", b"X" + struct.pack("<I", len(key)) + key.encode())
    refused(data, "failed locating")


def test_compressed_records_are_refused() -> None:
    bomb = archive(b"\x80\x02N.", {"0": bytes(10_000_000)}, zipfile.ZIP_DEFLATED)
    assert len(bomb.getvalue()) < 50_000
    with pytest.raises(LoadError, match="compressed"):
        tane.load(bomb)


def test_records_that_overlap_are_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as z:
        z.writestr("archive/data.pkl", b"\x80\x02N.")
        z.writestr("archive/data/0", bytes(1000))
        twin = z.infolist()[1]
        for i in range(1, 50):
            copy = zipfile.ZipInfo(f"archive/data/{i}")
            copy.header_offset, copy.file_size, copy.compress_size, copy.CRC = twin.header_offset, 1000, 1000, twin.CRC
            z.filelist.append(copy)
            z.NameToInfo[copy.filename] = copy
        z._didModify = True  # type: ignore[attr-defined]
    file.seek(0)
    with pytest.raises(LoadError, match="overlap"):
        tane.load(file)


def test_numbers_as_lengths_are_refused() -> None:
    refused(b"\x80\x02cbuiltins\nbytearray\n\x8a\x06\0\0\0\0\0\x40\x85R.", "bytearray")
    refused(b"\x80\x02c_codecs\nencode\nX\x01\0\0\0aX\x04\0\0\0zlib\x86R.", "encodes")


def test_copies_without_end_are_refused() -> None:
    text = b"X" + struct.pack("<I", 100_000) + b"a" * 100_000
    again = b"cbuiltins\nbytearray\nh\x00X\x06\0\0\0latin1\x86R"
    refused(b"\x80\x02(" + text + b"q\x00" + again * 1000 + b"t.", "over and over")


def test_keys_too_deep_to_hash_are_refused() -> None:
    refused(b"\x80\x02})" + b"\x85" * 300_000 + b"K\x01s.", "tuples within tuples")
    refused(b"\x80\x04\x8f()" + b"\x85" * 300_000 + b"\x90.", "tuples within tuples")
    refused(b"\x80\x04()" + b"\x85" * 300_000 + b"\x91.", "tuples within tuples")


def test_deep_nesting_is_no_trouble() -> None:
    depth = 200_000
    found = tane.load(archive(b"\x80\x02" + b"]" * depth + b"a" * (depth - 1) + b"."))
    for _ in range(depth - 1):
        (found,) = found
    assert found == []


def test_numpy_objects_are_refused() -> None:
    refused(
        b"\x80\x02cnumpy\ndtype\nX\x02\0\0\0O8\x89\x88\x87R.",
        "only numbers can be loaded",
    )


# ---- damage ----------------------------------------------------------------------------------------------------------------------------
def good() -> bytes:
    file = io.BytesIO()
    tane.save({"w": tane.arange(10.0), "b": [tane.zeros(2, 3), "text", 3, None]}, file)
    return file.getvalue()


@pytest.mark.parametrize(
    "raw", [b"", b"\0", b"not a file of tensors", b"PK\x03\x04", b"PK\x03\x04" + bytes(500), b"\x80\x02N.", bytes(1000)]
)
def test_garbage(raw: bytes) -> None:
    with pytest.raises(LoadError):
        tane.load(io.BytesIO(raw))


def test_every_way_of_cutting_it_short() -> None:
    whole = good()
    for length in range(0, len(whole), 7):
        with pytest.raises(LoadError):
            tane.load(io.BytesIO(whole[:length]))


def test_a_changed_byte_of_a_tensor_is_noticed() -> None:
    whole = bytearray(good())
    at = whole.index(struct.pack("<4f", 1, 2, 3, 4))
    whole[at] ^= 1
    with pytest.raises(LoadError, match="checksum"):
        tane.load(io.BytesIO(bytes(whole)))


def test_two_records_of_one_name() -> None:
    file = archive(b"\x80\x02N.")
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(file, "a") as z:
        z.writestr("archive/data.pkl", b"\x80\x02K\x01.")
    file.seek(0)
    with pytest.raises(LoadError, match="two records"):
        tane.load(file)


def test_programs_and_other_archives() -> None:
    with pytest.raises(LoadError, match="TorchScript"):
        tane.load(archive(b"\x80\x02N.", **{"constants.pkl": b"\x80\x02)."}))
    with pytest.raises(LoadError, match="byte order"):
        tane.load(archive(b"\x80\x02N.", byteorder=b"big"))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as z:
        z.writestr("readme.txt", b"hello")
    file.seek(0)
    with pytest.raises(LoadError, match="no file of tensors"):
        tane.load(file)


@hypothesis.given(st.binary(max_size=60))
def test_any_pickle_at_all(data: bytes) -> None:
    try:
        tane.load(archive(b"\x80\x02" + data + b"."))
    except LoadError:
        pass


@hypothesis.given(st.data())
def test_any_change_of_a_good_pickle(data: Any) -> None:
    pickled = bytearray(tensor_pickle(0, (2, 2), (2, 1), False))
    for _ in range(data.draw(st.integers(1, 3))):
        pickled[data.draw(st.integers(0, len(pickled) - 1))] = data.draw(st.integers(0, 255))
    try:
        tane.load(archive(bytes(pickled), FOUR))
    except LoadError:
        pass
