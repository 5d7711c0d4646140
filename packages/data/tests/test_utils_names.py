"""The names that PyTorch has for tane's packages say what to install where a package is absent."""

from __future__ import annotations

import importlib
import sys

import pytest

import tane.utils


@pytest.mark.parametrize(("alias", "home", "install"), [("data", "data", "tane-data"), ("tensorboard", "viz", "tane-viz")])
def test_absent(monkeypatch, alias, home, install):
    monkeypatch.delitem(sys.modules, f"tane.utils.{alias}", raising=False)
    monkeypatch.setitem(sys.modules, f"tane.{home}", None)  # what an import finds is nothing
    with pytest.raises(ModuleNotFoundError, match=rf"tane\.utils\.{alias} is not installed: pip install {install}"):
        importlib.import_module(f"tane.utils.{alias}").SummaryWriter


def test_the_same_module():
    import tane.data

    assert tane.utils.data is tane.data
    assert importlib.import_module("tane.utils.data") is tane.data
    assert set(dir(tane.utils)) == {"checkpoint", "data", "dlpack", "tensorboard"}
    with pytest.raises(AttributeError, match=r"module 'tane\.utils' has no attribute 'nothing'"):
        tane.utils.nothing


def test_the_writer():
    writer = pytest.importorskip("tane.viz").SummaryWriter
    from tane.utils.tensorboard import SummaryWriter

    assert SummaryWriter is writer
    with pytest.raises(AttributeError):
        tane.utils.tensorboard.Nothing
