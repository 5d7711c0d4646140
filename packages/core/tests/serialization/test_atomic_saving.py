"""Whatever interrupts saving, the old file is whole."""

from __future__ import annotations

import io
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import tane


class Explosive:
    """Cannot be pickled."""

    def __reduce__(self) -> Any:
        raise ZeroDivisionError


def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    tane.save({"w": tane.ones(3)}, path)
    with pytest.raises(ZeroDivisionError):
        tane.save({"w": tane.zeros(3), "x": Explosive()}, path)
    assert tane.load(path)["w"].tolist() == [1, 1, 1]
    assert os.listdir(tmp_path) == ["model.pt"]


@pytest.mark.parametrize("name", ["model.pt", "model.safetensors"])
def test_a_full_disk_leaves_the_old_file_and_nothing_else(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / name
    tane.save({"w": tane.ones(3)}, path)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        tane.save({"w": tane.zeros(3)}, path)
    monkeypatch.undo()
    assert tane.load(path)["w"].tolist() == [1, 1, 1]
    assert os.listdir(tmp_path) == [name]


KILLED = """
import os, sys, tane
from tane.serialization import archive
def die(*_): os._exit(9)
archive.np.ascontiguousarray = die
tane.save({"w": tane.zeros(3)}, sys.argv[1])
"""


def test_a_killed_process_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    tane.save({"w": tane.ones(3)}, path)
    assert subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False).returncode == 9
    assert tane.load(path)["w"].tolist() == [1, 1, 1]


def test_a_file_object_gets_all_or_nothing() -> None:
    file = io.BytesIO(b"old")
    with pytest.raises(ZeroDivisionError):
        tane.save([tane.ones(2), Explosive()], file)
    assert file.getvalue() == b"old"


def test_a_file_object_that_cannot_seek() -> None:
    class Pipe:
        def __init__(self, raw: bytes = b"") -> None:
            self.raw = raw

        def write(self, piece: bytes) -> int:
            self.raw += piece
            return len(piece)

        def read(self) -> bytes:
            return self.raw

    pipe = Pipe()
    tane.save({"w": tane.ones(2)}, pipe)
    assert tane.load(Pipe(pipe.raw))["w"].tolist() == [1, 1]


def test_permissions_and_links_stay(tmp_path: Path) -> None:
    path, link = tmp_path / "model.pt", tmp_path / "latest.pt"
    tane.save(tane.ones(1), path)
    os.chmod(path, 0o640)
    link.symlink_to(path)
    tane.save(tane.zeros(1), link)
    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert tane.load(path).tolist() == [0]


def test_new_files_have_the_usual_permissions(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"")
    tane.save(tane.ones(1), tmp_path / "model.pt")
    assert (tmp_path / "model.pt").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"Parent directory .*nowhere does not exist"):
        tane.save(tane.ones(1), tmp_path / "nowhere" / "model.pt")


def test_a_device_is_written_to(tmp_path: Path) -> None:
    tane.save(tane.ones(1), os.devnull)


def test_paths_of_every_kind(tmp_path: Path) -> None:
    for path in (tmp_path / "a.pt", str(tmp_path / "b.pt"), os.fsencode(tmp_path / "c.pt")):
        if isinstance(path, bytes):
            with pytest.raises(AttributeError):
                tane.save(tane.ones(1), path)
        else:
            tane.save(tane.ones(1), path)
            assert tane.load(path).tolist() == [1]
