"""The safetensors format: a JSON header and the tensors' bytes, one after the other.

Other libraries read what is written here as a flat dict of tensors. What a file has beyond that, nesting and plain values, stands in its metadata, for
tane to put together again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, BinaryIO

import numpy as np

from tane import dtypes
from tane.backends.backend import backend_of
from tane.dtypes import dtype
from tane.serialization.errors import LoadError
from tane.serialization.storages import Placer, Storage
from tane.tensor import Tensor, wrap

__all__ = ["layout", "looks_like", "read", "write"]

LONGEST_HEADER = 100_000_000  # as in the reference implementation
STRUCTURE = "tane.structure"

NAMES: dict[str, dtype] = {
    "BOOL": dtypes.bool_,
    "U8": dtypes.uint8,
    "I8": dtypes.int8,
    "I16": dtypes.int16,
    "U16": dtypes.uint16,
    "F16": dtypes.float16,
    "BF16": dtypes.bfloat16,
    "I32": dtypes.int32,
    "U32": dtypes.uint32,
    "F32": dtypes.float32,
    "C64": dtypes.complex64,
    "F64": dtypes.float64,
    "I64": dtypes.int64,
    "U64": dtypes.uint64,
}
CODES = {d: name for name, d in NAMES.items()}


# ---- out -----------------------------------------------------------------------------------------------------------------------------
def layout(obj: Any) -> tuple[bytes, list[Any]]:
    """The header, with the length before it, and the arrays that follow, all as NumPy arrays that hold their elements in order."""
    if not isinstance(obj, Mapping):
        raise TypeError(f"safetensors files hold a dict of tensors, not a {type(obj).__name__}")
    tensors: dict[str, Tensor] = {}
    structure = _flatten(obj, "", tensors)
    metadata = {"format": "pt"}
    if any(not isinstance(v, Tensor) for v in obj.values()):
        metadata[STRUCTURE] = json.dumps(structure)
    header: dict[str, Any] = {"__metadata__": metadata}
    arrays, at = [], 0
    # Wide elements first, so that all are aligned.
    for name in sorted(tensors, key=lambda n: (-tensors[n].itemsize, n)):
        t = tensors[name]
        code = CODES.get(t.dtype)
        if code is None:
            raise TypeError(f"safetensors has no element type for {t.dtype}, which {name!r} is of")
        array = np.asarray(backend_of(type(t.array)).to_numpy(t.array), order="C")
        header[name] = {"dtype": code, "shape": list(array.shape), "data_offsets": [at, at + array.nbytes]}
        arrays.append(array)
        at += array.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text, arrays


def _flatten(obj: Any, path: str, tensors: dict[str, Tensor]) -> Any:
    """The nesting of ``obj`` as JSON: a tensor is ``{"tensor": name}``, a dict ``{"dict": …}``, a list ``{"list": …}``, anything else itself."""
    if isinstance(obj, Tensor):
        if path in tensors:
            raise ValueError(f"two tensors would have the name {path!r} in the file")
        if path == "__metadata__":
            raise ValueError("no tensor can have the name '__metadata__' in a safetensors file")
        tensors[path] = obj
        return {"tensor": path}
    if isinstance(obj, Mapping):
        found = []
        for key, value in obj.items():
            if not isinstance(key, (str, int)) or isinstance(key, bool):
                raise TypeError(f"safetensors files cannot hold the key {key!r} of type {type(key).__name__}: only text and whole numbers")
            found.append([key, _flatten(value, f"{path}.{key}" if path else str(key), tensors)])
        return {"dict": found}
    if isinstance(obj, (list, tuple)):
        kind = "list" if isinstance(obj, list) else "tuple"
        return {kind: [_flatten(v, f"{path}.{i}" if path else str(i), tensors) for i, v in enumerate(obj)]}
    if obj is None or isinstance(obj, (bool, int, float, str)):
        return obj
    raise TypeError(
        f"safetensors files hold tensors, numbers, text, and dicts and lists of them; {path or 'the object'!r} is a {type(obj).__name__}. "
        f"A file that does not end in .safetensors can hold more"
    )


def write(file: BinaryIO, header: bytes, arrays: list[Any]) -> None:
    """Write what :func:`layout` gave."""
    file.write(header)
    for array in arrays:
        if array.size:
            file.write(array.reshape(-1).view(np.uint8).data)


# ---- in ------------------------------------------------------------------------------------------------------------------------------
def looks_like(start: bytes, size: int) -> bool:
    """Whether a file of ``size`` bytes that begins so is a safetensors file."""
    return len(start) > 8 and start[8:9] == b"{" and int.from_bytes(start[:8], "little") <= min(size - 8, LONGEST_HEADER)


def read(file: Any, size: int, place: Placer, path: str | None) -> Any:
    """The dict of tensors in a file of ``size`` bytes; from ``path``, mapped into memory, if it is given."""
    length = int.from_bytes(file.read(8), "little")
    if length > min(size - 8, LONGEST_HEADER):
        raise LoadError(f"the file is damaged or cut short: its header has {length} bytes, the file {size}")
    header = _header(file.read(length))
    start, held = 8 + length, size - 8 - length
    metadata = header.pop("__metadata__", {})
    found: dict[str, Tensor] = {}
    end = 0
    for name, says in sorted(header.items(), key=lambda item: _offsets(*item)):
        kind, shape, (low, high) = NAMES.get(says.get("dtype")), says.get("shape"), _offsets(name, says)
        if kind is None:
            raise LoadError(f"the tensor {name!r} is of type {says.get('dtype')!r}, which tane does not have")
        if type(shape) is not list or any(type(d) is not int or d < 0 for d in shape):
            raise LoadError(f"the file is damaged: the sizes of {name!r}")
        count = 1
        for d in shape:
            count *= d
        if low != end or high > held or count * kind.itemsize != high - low:
            raise LoadError(f"the file is damaged: {name!r} of sizes {shape} lies from byte {low} to {high} of {held}")
        end = high
        array = _bytes(file, start + low, high - low, path).view(kind.numpy)
        try:
            found[name] = wrap(place(Storage(array), "cpu").array.reshape(tuple(shape)))
        except ValueError as error:
            raise LoadError(f"the file is damaged: the sizes of {name!r}: {error}") from None
    if end != held:
        raise LoadError(f"the file is damaged: {held - end} bytes belong to no tensor")
    found = {name: found[name] for name in header}
    return _nested(metadata[STRUCTURE], found) if isinstance(metadata, dict) and STRUCTURE in metadata else found


def _bytes(file: Any, start: int, count: int, path: str | None) -> Any:
    if path is not None and count:
        return np.memmap(path, np.uint8, "c", start, (count,)).view(np.ndarray)
    found: Any = np.empty(count, np.uint8)
    file.seek(start)
    view, at = memoryview(found), 0
    while at < count:
        piece = file.read(min(count - at, 1 << 24))
        if not piece:
            raise LoadError("the file is cut short")
        view[at : at + len(piece)] = piece
        at += len(piece)
    return found


def _header(text: bytes) -> dict[str, Any]:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise LoadError("the file is damaged: its header says something twice")
        return found

    try:
        header = json.loads(text.decode("utf-8"), object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        raise LoadError(f"the file is damaged: its header is no JSON ({error})") from None
    if type(header) is not dict or any(type(v) is not dict for v in header.values()):
        raise LoadError("the file is damaged: its header is no dict of dicts")
    return header


def _offsets(name: str, says: Any) -> tuple[int, int]:
    offsets = says.get("data_offsets")
    if type(offsets) is not list or len(offsets) != 2 or any(type(n) is not int or n < 0 for n in offsets):
        raise LoadError(f"the file is damaged: the place of {name!r}")
    return offsets[0], offsets[1]


def _nested(text: Any, tensors: Mapping[str, Tensor]) -> Any:
    """What :func:`_flatten` took apart."""

    def build(part: Any) -> Any:
        if not isinstance(part, dict):
            return part
        ((kind, inside),) = part.items()
        if kind == "tensor":
            return tensors[inside]
        if kind == "dict":
            return {key: build(value) for key, value in inside}
        return [build(v) for v in inside] if kind == "list" else tuple(build(v) for v in inside)

    try:
        return build(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise LoadError(f"the file is damaged: its nesting ({type(error).__name__}: {error})") from None
