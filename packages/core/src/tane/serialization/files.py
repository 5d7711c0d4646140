"""``tane.save`` and ``tane.load``."""

from __future__ import annotations

import io
import os
import pickle
from typing import Any

from tane.serialization import safetensors
from tane.serialization.archive import Archive, write_archive
from tane.serialization.errors import LoadError
from tane.serialization.storages import placer
from tane.serialization.targets import is_path, write_to
from tane.serialization.torchfile import LEGACY_START, read_archive, read_legacy
from tane.serialization.writer import pickled

__all__ = ["load", "save"]


def save(
    obj: Any,
    f: Any,
    pickle_module: Any = pickle,
    pickle_protocol: int = 2,
    _use_new_zipfile_serialization: bool = True,
    *,
    format: str | None = None,
) -> None:
    """Save tensors, and containers of them, to a file that PyTorch reads.

    A path's old content stays until the new is complete: whoever is interrupted has the one or the other.

    Args:
        obj: Tensors and plain values in dicts, lists, tuples and sets, such as a ``state_dict()``. Tensors that share memory share it again
            when they are loaded.
        f: A path, or a file object.
        pickle_protocol: Of the pickle inside; ``torch.load(weights_only=True)`` wants 2.
        format: ``"pt"`` (PyTorch's zip archive) or ``"safetensors"``, which holds dicts and lists of tensors, numbers and text. By
            default paths that end in ``.safetensors`` get the latter.

    Raises:
        TypeError: ``obj`` has a module in it: save its ``state_dict()``.

    >>> import io, tane
    >>> file = io.BytesIO()
    >>> tane.save({"weight": tane.ones(2)}, file)
    >>> _ = file.seek(0)
    >>> tane.load(file)
    {'weight': tensor([1., 1.])}
    """
    if pickle_module is not pickle:
        raise ValueError("save(): pickle_module can only be Python's pickle")
    if not _use_new_zipfile_serialization:
        raise ValueError("save(): the file format of PyTorch 1.5 and earlier can be loaded, but not saved")
    kind = format or ("safetensors" if is_path(f) and os.fsdecode(f).endswith(".safetensors") else "pt")
    if kind == "safetensors":
        header, arrays = safetensors.layout(obj)
        write_to(f, len(header) + sum(a.nbytes for a in arrays), lambda file: safetensors.write(file, header, arrays))
        return
    if kind != "pt":
        raise ValueError(f"save(): format is 'pt' or 'safetensors', not {format!r}")
    if not 2 <= pickle_protocol <= pickle.HIGHEST_PROTOCOL:
        raise ValueError(f"save(): pickle_protocol is 2 to {pickle.HIGHEST_PROTOCOL}, not {pickle_protocol}")
    data, spans = pickled(obj, pickle_protocol)
    pieces = list(spans.spans.values())
    write_to(f, len(data) + sum(p.high - p.low for p in pieces), lambda file: write_archive(file, data, pieces))


def load(
    f: Any,
    map_location: Any = None,
    pickle_module: Any = None,
    *,
    weights_only: bool | None = None,
    mmap: bool | None = None,
    **pickle_load_args: Any,
) -> Any:
    """Load what :func:`save`, or ``torch.save``, or a safetensors library has saved. Nothing in the file is ever executed.

    Args:
        f: A path, or a file object.
        map_location: Where tensors go: a device, a dict from saved locations to others, or a function of storage and location. By default
            to the device they were saved from.
        weights_only: Whatever it says, tensors and plain containers are loaded and nothing else: what else a file may name is added with
            ``tane.serialization.add_safe_globals``.
        mmap: Map the tensors into memory instead of reading them; ``f`` has to be a path.
        encoding: Of byte strings that Python 2 has pickled.

    Raises:
        LoadError: The file is damaged, is in no known format, or names something that is no data.
    """
    if pickle_module not in (None, pickle):
        raise ValueError("load(): pickle_module would unpickle anything; files are read without it")
    encoding = pickle_load_args.pop("encoding", "utf-8")
    if pickle_load_args:
        raise TypeError(f"load() got an unexpected keyword argument {next(iter(pickle_load_args))!r}")
    if mmap and not is_path(f):
        raise ValueError("f must be a string filename in order to use mmap argument")
    place = placer(map_location)
    if is_path(f):
        path = os.fspath(f)
        with open(path, "rb") as file:
            return _load(file, place, encoding, os.fsdecode(path) if mmap else None)
    if not hasattr(f, "read"):
        raise AttributeError(f"load(): expected a path or a file object with read(), got {type(f).__name__}")
    seekable = hasattr(f, "seek") and hasattr(f, "tell") and (not hasattr(f, "seekable") or f.seekable())
    return _load(f if seekable else io.BytesIO(f.read()), place, encoding, None)


def _load(file: Any, place: Any, encoding: str, path: str | None) -> Any:
    here = file.tell()
    file.seek(0, os.SEEK_END)
    size = file.tell() - here
    file.seek(here)
    start = file.read(max(len(LEGACY_START), 265))
    file.seek(here)
    if start[:4] == b"PK\x03\x04":
        return read_archive(Archive(file, path), place, path is not None, encoding)
    if start.startswith(LEGACY_START):
        if path is not None:
            raise LoadError("mmap can only be used with files saved as zip archives, by PyTorch 1.6 and later")
        return read_legacy(file.read(), place, encoding)
    if safetensors.looks_like(start, size):
        # A file object may stand anywhere in a larger file; offsets are counted from where it stands.
        return safetensors.read(file if here == 0 else io.BytesIO(file.read()), size, place, path)
    if not start:
        raise LoadError("Ran out of input: the file is empty")
    if start[257:262] == b"ustar" or start[:1] == b"\x80":
        raise LoadError(
            "the file is a tar archive of PyTorch 0.1, or a pickle that is no file of tensors: load and save it with PyTorch first"
        )
    raise LoadError(
        "the file is no file of tensors: it begins neither as a zip archive or an older file of PyTorch's does, nor as safetensors do"
    )
