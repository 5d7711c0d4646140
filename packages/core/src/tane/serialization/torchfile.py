"""Reading PyTorch's files: the zip archive, and the form before it (PyTorch 1.5 and earlier)."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import numpy as np

from tane.serialization.allowed import BUILDERS, find
from tane.serialization.archive import Archive
from tane.serialization.errors import LoadError
from tane.serialization.machine import Machine
from tane.serialization.rebuild import StorageType, whole
from tane.serialization.storages import Placer, Storage

__all__ = ["LEGACY_START", "read_archive", "read_legacy"]

MAGIC, PROTOCOL = 0x1950A86A20F9469CFC6C, 1001
LEGACY_START = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."  # the pickle of MAGIC


def read_archive(archive: Archive, place: Placer, mapped: bool, encoding: str) -> Any:
    """The object in a zip archive."""
    storages: dict[str, Storage] = {}

    def stored(reference: Any) -> Storage:
        kind, key, location, count = _reference(reference)[:4]
        wanted = count * kind.elements.itemsize
        known = storages.get(key)
        if known is None:
            raw = archive.values(f"data/{key}", mapped)
            if raw.size != wanted:
                raise LoadError(f"the file is damaged: storage {key!r} has {raw.size} bytes, not the {wanted} that are wanted")
            known = storages[key] = place(Storage(raw.view(kind.elements)), location)
        elif known.nbytes() != wanted:
            raise LoadError(f"the file is damaged: storage {key!r} has {known.nbytes()} bytes, not the {wanted} that are wanted")
        return known if known.array.dtype == kind.elements else Storage(known.array.view(kind.elements))

    return Machine(archive.read("data.pkl"), find, stored, BUILDERS, encoding=encoding).load()


def _reference(reference: Any) -> tuple[StorageType, str, str, int, Any]:
    """What a pickle says of a storage: its class, key, location and number of elements, and in old files what part of another it is."""
    if type(reference) not in (tuple, list) or len(reference) < 5 or reference[0] != "storage":
        raise LoadError("the file is damaged: a reference to something that is no storage")
    _, kind, key, location, count, *rest = reference
    if type(kind) is not StorageType:
        raise LoadError("the file has memory of a kind that cannot be loaded")
    if type(key) is not str or type(location) is not str:
        raise LoadError("the file is damaged: a storage without a name")
    return kind, key, location, whole(count), rest[0] if rest else None


# ---- before the archive ------------------------------------------------------------------------------------------------------------------
def read_legacy(data: bytes, place: Placer, encoding: str) -> Any:
    """The object in a file of five pickles, followed by the memory."""
    if data[: len(LEGACY_START)] != LEGACY_START:
        raise LoadError("the file is damaged: it does not begin as a file of PyTorch's does")
    protocol, at = _pickle(data, len(LEGACY_START), _no_storages, encoding)
    if protocol != PROTOCOL:
        raise LoadError(f"Invalid protocol version: {protocol}")
    system, start = _pickle(data, at, _no_storages, encoding)
    if not isinstance(system, dict) or system.get("little_endian") is not True:
        raise LoadError("the file was written on a machine with another byte order")
    # Once to learn which storages there are: their memory lies behind.
    types: dict[str, tuple[StorageType, str, int]] = {}
    blank: dict[str, Storage] = {}
    total = 0

    def noted(reference: Any) -> Storage:
        kind, key, location, count, part = _reference(reference)
        if key not in types:
            nonlocal total
            total += count * kind.elements.itemsize
            if total > len(data):
                raise LoadError(f"the file is damaged: a storage of {count} elements in a file of {len(data)} bytes")
            types[key], blank[key] = (kind, location, count), Storage(np.zeros(count, kind.elements))
        if types[key][2] != count:
            raise LoadError(f"the file is damaged: storage {key!r} has two lengths")
        return _part(blank[key], part)

    _, at = _pickle(data, start, noted, encoding)
    keys, at = _pickle(data, at, _no_storages, encoding)
    if type(keys) is not list or any(k not in types for k in keys):
        raise LoadError("the file is damaged: the list of its storages")
    storages: dict[str, Storage] = {}
    for key in keys:
        kind, location, count = types[key]
        size = count * kind.elements.itemsize
        if len(data) < at + 8 + size or struct.unpack_from("<q", data, at)[0] != count:
            raise LoadError(f"the file is cut short or damaged: storage {key!r}")
        array = np.frombuffer(data, kind.elements, count, at + 8).copy()
        storages[key] = place(Storage(array), location)
        at += 8 + size

    def stored(reference: Any) -> Storage:
        _, key, _, _, part = _reference(reference)
        if key not in storages:
            raise LoadError(f"the file is damaged: storage {key!r} is missing")
        return _part(storages[key], part)

    return _pickle(data, start, stored, encoding)[0]


def _part(storage: Storage, part: Any) -> Storage:
    """What a reference says of a storage that is a part of another."""
    if part is None:
        return storage
    if type(part) is not tuple or len(part) != 3:
        raise LoadError("the file is damaged: a part of a storage")
    _, offset, size = part
    if whole(offset) + whole(size) > storage.size():
        raise LoadError("the file is damaged: a part that lies outside its storage")
    return Storage(storage.array[offset : offset + size])


def _pickle(data: bytes, at: int, persistent: Callable[[Any], Any], encoding: str) -> tuple[Any, int]:
    machine = Machine(data, find, persistent, BUILDERS, at, encoding)
    return machine.load(), machine.at


def _no_storages(_: Any) -> Any:
    raise LoadError("the file is damaged: memory where there is none")
