"""Whole programs, as people write them for PyTorch, print on tane what they print on PyTorch: numbers to four digits, all else letter by letter."""

import contextlib
import io
import os
import pathlib
import re
import sys
import warnings

import pytest

import tane
from tane.switches import Settings

torch = pytest.importorskip("torch", reason="compares with PyTorch")

pytestmark = pytest.mark.parity

PROGRAMS = sorted(pathlib.Path(__file__).parent.glob("*programs/*.py"))

IMPORT = re.compile(r"^(\s*)import torch$", re.MULTILINE)
IMPORT_BELOW = re.compile(r"^(\s*(?:import|from)) torch\b(?=[ .])", re.MULTILINE)
# A number with a point or an exponent is a measurement; every other one, a count or a shape, is text.
MEASURED = re.compile(r"(?<![\w.])-?(?:\d+\.\d*(?:e[+-]?\d+)?|\.\d+|\d+e[+-]?\d+)(?![\w.])")
RTOL = 2e-4


def changed(source: str) -> str:
    """The program for tane: its imports name another package, nothing else differs."""
    return IMPORT_BELOW.sub(r"\1 tane", IMPORT.sub(r"\1import tane as torch", source))


def output(source: str, path: pathlib.Path, folder: pathlib.Path) -> list[str]:
    folder.mkdir()
    printed = io.StringIO()
    here = pathlib.Path.cwd()
    with warnings.catch_warnings(), contextlib.redirect_stdout(printed):
        warnings.simplefilter("ignore")
        try:
            os.chdir(folder)
            exec(compile(source, str(path), "exec"), {"__name__": "__main__", "__file__": str(path)})
        finally:
            os.chdir(here)
    return printed.getvalue().splitlines()


def step(number: str) -> float:
    """What one more in the last printed digit is worth."""
    mantissa, _, exponent = number.lower().partition("e")
    return 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))


def alike(ours: str, theirs: str) -> bool:
    if ours == theirs:
        return True
    # A column of numbers is as wide as its widest: spaces before numbers are not compared.
    if [part.rstrip(" ") for part in MEASURED.split(ours)] != [part.rstrip(" ") for part in MEASURED.split(theirs)]:
        return False
    return all(
        abs(float(a) - float(b)) <= RTOL * abs(float(b)) + 1.01 * max(step(a), step(b))
        for a, b in zip(MEASURED.findall(ours), MEASURED.findall(theirs), strict=True)
    )


@pytest.fixture(autouse=True)
def switches_restored(monkeypatch):
    """What programs switch is as it was for the tests that come after."""
    for holder, names in (
        (tane.backends.cuda.matmul, ("allow_tf32",)),
        (Settings, ("mode", "precision", "threads", "interop_threads")),
    ):
        for name in names:
            monkeypatch.setattr(holder, name, getattr(holder, name))
    threads, precision = torch.get_num_threads(), torch.get_float32_matmul_precision()
    yield
    torch.set_num_threads(threads)
    torch.set_float32_matmul_precision(precision)


@pytest.mark.parametrize("path", PROGRAMS, ids=[path.stem for path in PROGRAMS])
def test_prints_the_same(path, tmp_path, monkeypatch):
    # PyTorch's test databases, where they were imported before, forbid what programs do: setting its switches.
    monkeypatch.setitem(torch.backends.flags_frozen.__globals__, "__allow_nonbracketed_mutation_flag", True)
    monkeypatch.setattr(sys, "argv", [str(path)])
    source = path.read_text(encoding="utf-8")
    theirs = output(source, path, tmp_path / "torch")
    ours = output(changed(source), path, tmp_path / "tane")
    assert len(theirs) >= 5, "a program that prints next to nothing compares next to nothing"
    unlike = [(a, b) for a, b in zip(ours, theirs, strict=False) if not alike(a, b)]
    assert not unlike, "tane, PyTorch: " + "\n".join(f"{a!r}\n{b!r}" for a, b in unlike[:5])
    assert len(ours) == len(theirs)
