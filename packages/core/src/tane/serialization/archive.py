"""PyTorch's file: a zip archive without compression, with one pickle and a record for each piece of memory."""

from __future__ import annotations

import os
import zipfile
import zlib
from typing import Any, BinaryIO

import numpy as np

from tane.serialization.errors import LoadError
from tane.serialization.spans import Span

__all__ = ["Archive", "write_archive"]

ALIGNMENT = 64  # records begin at multiples of this, so that they can be mapped into memory
PADDING = b"FB"  # the mark that PyTorch's own padding carries
DAMAGE = (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError, OverflowError)  # what zipfile raises
NEVER = (1980, 1, 1, 0, 0, 0)  # equal objects make equal files


# ---- out -----------------------------------------------------------------------------------------------------------------------------
def write_archive(file: BinaryIO, pickle: bytes, spans: list[Span]) -> None:
    """Write the archive of a pickle and what it refers to."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:

        def put(name: str, data: Any, size: int) -> None:
            entry = zipfile.ZipInfo(f"archive/{name}", NEVER)
            entry.file_size = size
            long = 20 if size * 1.05 > zipfile.ZIP64_LIMIT else 0
            start = file.tell() + 30 + len(entry.filename) + long + 4
            gap = -start % ALIGNMENT
            entry.extra = PADDING + gap.to_bytes(2, "little") + b"Z" * gap
            with archive.open(entry, "w") as record:
                record.write(data)

        put("data.pkl", pickle, len(pickle))
        put(".format_version", b"1", 1)
        put(".storage_alignment", str(ALIGNMENT).encode(), 2)
        put("byteorder", b"little", 6)
        for span in spans:
            values = np.ascontiguousarray(span.values())
            put(f"data/{span.key}", values.view(np.uint8).data if values.size else b"", values.nbytes)
        put("version", b"3\n", 2)


# ---- in ------------------------------------------------------------------------------------------------------------------------------
class Archive:
    """The records of an archive by name. Nothing is decompressed, and nothing larger than the file itself is ever made."""

    def __init__(self, file: Any, path: str | None = None) -> None:
        self.path = path
        try:
            self.zip = zipfile.ZipFile(file)
        except DAMAGE as error:
            raise LoadError(f"PytorchStreamReader failed reading zip archive: the file is damaged or cut short ({error})") from None
        file.seek(0, os.SEEK_END)
        self.size = file.tell()
        self.entries = self._checked(self.zip.infolist())
        self.root = self._root()

    def _checked(self, entries: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
        found: dict[str, zipfile.ZipInfo] = {}
        total = 0
        for entry in entries:
            if entry.compress_type != zipfile.ZIP_STORED:
                raise LoadError(
                    f"the record {entry.filename!r} is compressed; files of tensors are not, and decompressing could fill the memory"
                )
            if entry.flag_bits & 0x1:
                raise LoadError(f"the record {entry.filename!r} is encrypted")
            if entry.filename in found:
                raise LoadError(f"the archive has two records {entry.filename!r}")
            if entry.file_size != entry.compress_size:
                raise LoadError(f"the record {entry.filename!r} says two different lengths")
            total += entry.file_size
            found[entry.filename] = entry
        if total > self.size:
            raise LoadError(f"the records of the archive say {total} bytes, the file has {self.size}: it is damaged, or records overlap")
        return found

    def _root(self) -> str:
        pickles = [name for name in self.entries if name.endswith("/data.pkl") and name.count("/") == 1]
        if len(pickles) != 1:
            raise LoadError("the archive is no file of tensors: PyTorch's have one record 'data.pkl', in a folder")
        root = pickles[0][: -len("data.pkl")]
        if f"{root}constants.pkl" in self.entries:
            raise LoadError(
                "the file is a TorchScript program, which would have to be executed; save its state_dict() with torch.save instead"
            )
        order = self.read("byteorder", root) if f"{root}byteorder" in self.entries else b"little"
        if order != b"little":
            raise LoadError(
                f"the file was written on a machine with {order.decode(errors='replace')!r} byte order, only 'little' can be read"
            )
        return root

    def read(self, name: str, root: str | None = None) -> bytes:
        """A record as bytes."""
        entry = self._entry(name, root)
        try:
            return self.zip.read(entry)
        except DAMAGE as error:
            raise LoadError(f"PytorchStreamReader failed reading file {name}: the file is damaged or cut short ({error})") from None

    def values(self, name: str, mapped: bool) -> Any:
        """A record as a vector of bytes that can be written to; ``mapped`` into memory where it need not be read."""
        entry = self._entry(name)
        if not entry.file_size:
            return np.empty(0, np.uint8)
        if mapped and self.path is not None:
            return np.memmap(self.path, np.uint8, "c", self._start(entry), (entry.file_size,)).view(np.ndarray)
        # Straight into the array: reading through the zip module copies twice.
        found: Any = np.empty(entry.file_size, np.uint8)
        file: Any = self.zip.fp
        file.seek(self._start(entry))
        view, at = memoryview(found), 0
        while at < len(view):
            count = file.readinto(view[at:]) if hasattr(file, "readinto") else _copied(file.read(len(view) - at), view[at:])
            if not count:
                raise LoadError(f"PytorchStreamReader failed reading file {name}: the file is cut short")
            at += count
        if zlib.crc32(found) != entry.CRC:
            raise LoadError(f"PytorchStreamReader failed reading file {name}: the file is damaged, its checksum is wrong")
        return found

    def _entry(self, name: str, root: str | None = None) -> zipfile.ZipInfo:
        entry = self.entries.get((self.root if root is None else root) + name)
        if entry is None:
            raise LoadError(f"PytorchStreamReader failed locating file {name}: file not found")
        return entry

    def _start(self, entry: zipfile.ZipInfo) -> int:
        """Where a record's bytes begin in the file."""
        file: Any = self.zip.fp
        if not 0 <= entry.header_offset < self.size:
            raise LoadError(f"the record {entry.filename!r} does not lie where the archive says")
        file.seek(entry.header_offset)
        header = file.read(30)
        start = int(entry.header_offset + 30 + int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"))
        if header[:4] != b"PK\x03\x04" or start + entry.file_size > self.size:
            raise LoadError(f"the record {entry.filename!r} does not lie where the archive says")
        return start


def _copied(piece: bytes, to: memoryview) -> int:
    to[: len(piece)] = piece
    return len(piece)
