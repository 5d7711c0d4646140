"""Files that PyTorch writes are read here, and the other way round, bit for bit."""

from __future__ import annotations

import io
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest

import tane

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.parity

TYPES = ("bool", "uint8", "int8", "int16", "int32", "int64", "uint16", "uint32", "uint64", "float16", "bfloat16", "float32", "float64")
TYPES += ("complex64", "complex128")


def raw(t: Any) -> bytes:
    """The elements of a tensor of either library, in order."""
    if isinstance(t, tane.Tensor):
        return t.detach().array.tobytes()  # type: ignore[no-any-return]
    flat = t.detach().resolve_conj().contiguous().reshape(-1)
    return flat.view(torch.uint8).numpy().tobytes() if flat.numel() else b""


def same(ours: Any, theirs: Any) -> None:
    """Whether an object of tane's is one of PyTorch's."""
    if isinstance(theirs, torch.Tensor):
        assert isinstance(ours, tane.Tensor)
        assert repr(ours.dtype) == repr(theirs.dtype)
        assert tuple(ours.shape) == tuple(theirs.shape)
        assert theirs.numel() == 0 or tuple(ours.stride()) == tuple(theirs.stride())
        assert ours.requires_grad == theirs.requires_grad
        assert raw(ours) == raw(theirs)
    elif isinstance(theirs, dict):
        assert list(ours) == list(theirs)
        for key in theirs:
            same(ours[key], theirs[key])
    elif isinstance(theirs, (list, tuple)) and not isinstance(theirs, torch.Size):
        assert type(ours) is type(theirs)
        for a, b in zip(ours, theirs, strict=True):
            same(a, b)
    else:
        assert repr(ours) == repr(theirs)


def example() -> dict[str, Any]:
    whole = torch.randn(6, 5, generator=torch.Generator().manual_seed(0))
    model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4))
    optimizer = torch.optim.Adam(model.parameters())
    model(torch.ones(2, 3)).sum().backward()
    optimizer.step()
    return {
        **{name: torch.arange(5).to(getattr(torch, name)) for name in TYPES},
        "whole": whole,
        "part": whole[1:, ::2],
        "turned": whole.t(),
        "expanded": torch.ones(3, 1).expand(3, 4),
        "empty": torch.empty(0, 3),
        "number": torch.tensor(3),
        "leaf": torch.ones(2, requires_grad=True),
        "values": [1, 2.5, None, True, "ü", b"ab", (1, 2), {3}, 2**70, -5, 1 + 2j],
        "size": torch.Size([1, 2]),
        "dtype": torch.float16,
        "device": torch.device("cpu"),
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
    }


@pytest.mark.parametrize("archive", [True, False], ids=["archive", "legacy"])
def test_theirs_is_read(archive: bool, tmp_path: Path) -> None:
    obj = example()
    torch.save(obj, tmp_path / "t.pt", _use_new_zipfile_serialization=archive)
    ours = tane.load(tmp_path / "t.pt")
    same(ours, obj)
    assert ours["model"]._metadata == obj["model"]._metadata
    ours["whole"][1, 2] = 77.0
    assert ours["part"][0, 1].item() == ours["turned"][2, 1].item() == 77.0
    if archive:
        same(tane.load(tmp_path / "t.pt", mmap=True), obj)


def test_ours_is_read_by_them(tmp_path: Path) -> None:
    file = io.BytesIO()
    torch.save(example(), file)
    file.seek(0)
    ours = tane.load(file)
    tane.save(ours, tmp_path / "t.pt")
    for mapped in (False, True):
        theirs = torch.load(tmp_path / "t.pt", weights_only=True, mmap=mapped)
        same(ours, theirs)
    assert isinstance(theirs["model"], OrderedDict)
    assert theirs["model"]._metadata == ours["model"]._metadata
    theirs["whole"][1, 2] = 77.0
    assert theirs["part"][0, 1].item() == theirs["turned"][2, 1].item() == 77.0


def test_lazily_conjugated_and_negated_tensors() -> None:
    z = torch.tensor([1 + 2j, 3 - 4j])
    for t, values in ((z.conj(), [1 - 2j, 3 + 4j]), (z.conj().imag, [-2, 4])):
        file = io.BytesIO()
        torch.save(t, file)
        file.seek(0)
        assert tane.load(file).tolist() == values


@pytest.mark.parametrize("archive", [True, False], ids=["archive", "legacy"])
def test_cut_short(archive: bool) -> None:
    file = io.BytesIO()
    torch.save({"a": torch.ones(3), "b": [torch.zeros(2)]}, file, _use_new_zipfile_serialization=archive)
    whole = file.getvalue()
    for length in range(0, len(whole), 11):
        with pytest.raises(tane.serialization.LoadError):
            tane.load(io.BytesIO(whole[:length]))


def test_what_tane_does_not_have_is_named() -> None:
    for t, name in (
        (torch.ones(2).to_sparse(), "_rebuild_sparse_tensor"),
        (torch.nn.Linear(1, 1), "torch.nn.modules.linear.Linear"),
    ):
        file = io.BytesIO()
        torch.save(t, file)
        file.seek(0)
        with pytest.raises(tane.serialization.LoadError, match=name):
            tane.load(file)
    file = io.BytesIO()
    torch.save(torch.ones(2).to(torch.float8_e5m2), file)
    file.seek(0)
    with pytest.raises(tane.serialization.LoadError, match="float8"):
        tane.load(file)
