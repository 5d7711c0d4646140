"""What tane-nn offers by its plug-in is all there is, and all of it is there."""

from __future__ import annotations

import ast
import importlib
import importlib.resources
import pkgutil
import subprocess
import sys

import pytest

from tane import nn
from tane.nn import homes, plugin

INTERNAL = {"NonDynamicallyQuantizableLinear"}  # PyTorch's own is not in torch.nn either


def test_every_module_class_is_offered() -> None:
    offered = plugin.tane_modules()
    for name, where in offered.items():
        module, _, attribute = str(where).partition(":")
        found = getattr(importlib.import_module(module), attribute)
        assert getattr(nn, name) is found
        assert issubclass(found, nn.Module)
    layers = importlib.import_module("tane.nn.layers")
    for info in pkgutil.iter_modules(layers.__path__):
        module = importlib.import_module(f"tane.nn.layers.{info.name}")
        public = [
            n for n in getattr(module, "__all__", ()) if isinstance(getattr(module, n), type) and issubclass(getattr(module, n), nn.Module)
        ]
        assert [n for n in public if n not in {*homes.HOMES, *INTERNAL}] == [], (
            f"tane.nn.layers.{info.name} has classes that tane.nn does not name"
        )


def test_every_primitive_is_offered() -> None:
    from tane.ops.primitive import primitives

    offered = plugin.tane_ops()
    ops = importlib.import_module("tane.nn.ops")
    for info in pkgutil.iter_modules(ops.__path__):
        importlib.import_module(f"tane.nn.ops.{info.name}")
    declared = {name for name, op in primitives.items() if op.home.startswith("tane.nn.") and name.isidentifier()}
    assert declared - set(offered) == set()
    for name, where in offered.items():
        module, _, attribute = str(where).partition(":")
        assert getattr(importlib.import_module(module), attribute) is primitives[name]
    with pytest.raises(AttributeError, match="no attribute 'gelo'"):
        importlib.import_module("tane.nn.primitives").gelo


def test_the_face_names_what_the_table_does() -> None:
    tree = ast.parse((importlib.resources.files("tane.nn") / "__init__.py").read_text())
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    typed = {
        alias.name
        for node in ast.walk(block)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tane.nn.")
        for alias in node.names
        if alias.name[0].isupper()
    }
    assert typed == set(homes.HOMES)
    assert set(homes.HOMES) <= set(nn.__all__)
    assert all(hasattr(nn, name) for name in nn.__all__)
    assert set(nn.__all__) <= set(dir(nn))


def test_an_unknown_name() -> None:
    with pytest.raises(AttributeError, match=r"module 'tane.nn' has no attribute 'Lineer'.*did you mean 'Linear'"):
        nn.Lineer  # type: ignore[attr-defined]


LIGHT = """
import sys, tane.nn
assert not [m for m in sys.modules if m.startswith("tane.nn.")], sys.modules
tane.nn.Linear
assert "tane.nn.layers.conv" not in sys.modules
"""


def test_nothing_is_imported_before_it_is_asked_for() -> None:
    subprocess.run([sys.executable, "-c", LIGHT], check=True)
