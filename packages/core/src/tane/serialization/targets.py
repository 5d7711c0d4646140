"""Where saved bytes go: a path, whose old content stays until the new is complete and on the disk, or a file object."""

from __future__ import annotations

import io
import os
import shutil
import stat
import tempfile
from collections.abc import Callable
from typing import Any, BinaryIO

__all__ = ["is_path", "write_to"]

IN_MEMORY = 1 << 26  # bytes; what is larger waits for its file object on the disk


def is_path(f: Any) -> bool:
    """Whether ``f`` names a file; otherwise it is one."""
    return isinstance(f, (str, os.PathLike))


def write_to(f: Any, size: int, write: Callable[[BinaryIO], None]) -> None:
    """Have ``write`` put about ``size`` bytes into ``f``: all of them, or, where something goes wrong before the end, none."""
    if is_path(f):
        _replace(os.fspath(f), write)
        return
    if not hasattr(f, "write"):
        raise AttributeError(f"save(): expected a path or a file object with write(), got {type(f).__name__}")
    with io.BytesIO() if size < IN_MEMORY else tempfile.TemporaryFile() as whole:
        write(whole)
        whole.seek(0)
        shutil.copyfileobj(whole, f, 1 << 22)
    if hasattr(f, "flush"):
        f.flush()


def _replace(path: str | bytes, write: Callable[[BinaryIO], None]) -> None:
    target = os.path.realpath(os.fsdecode(path))  # a link stays one
    folder = os.path.dirname(target)
    if not os.path.isdir(folder):
        raise RuntimeError(f"Parent directory {folder} does not exist.")
    try:
        mode = os.stat(target).st_mode
    except FileNotFoundError:
        mode = None
    if mode is not None and not stat.S_ISREG(mode):  # a device or a pipe: there is nothing to keep
        with open(target, "wb") as file:
            write(file)
        return
    # Beside the target, so that the last step is a change of name, which either happens or does not.
    draft = os.path.join(folder, f".{os.path.basename(target)}.{os.getpid()}.{os.urandom(4).hex()}.tmp")
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666), "wb") as file:
            if mode is not None:
                os.chmod(draft, stat.S_IMODE(mode))
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, target)
    except BaseException:
        if os.path.exists(draft):
            os.unlink(draft)
        raise
    _sync_folder(folder)


def _sync_folder(folder: str) -> None:
    """Bring the change of name to the disk, where the system offers that."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    except OSError:
        pass  # some file systems do not
    finally:
        os.close(number)
