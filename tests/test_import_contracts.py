"""The contracts hold, and the tool that says so notices when they do not."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def load(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their own module up
    spec.loader.exec_module(module)
    return module


contracts = load("import_contracts")
file_sizes = load("file_sizes")
versions = load("versions")


def tree(root, files):
    for name, text in files.items():
        path = root / "packages" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return contracts.check(root)


def test_this_repository_keeps_them():
    assert contracts.check() == []


def test_the_sources_were_found():
    found = contracts.sources(ROOT)
    assert {"tane", "tane.dtypes", "tane.nn", "tane.optim", "tane.data", "tane.viz", "tane_cupy"} <= set(found)


@pytest.mark.parametrize(
    ("file", "text", "complaint"),
    [
        ("nn/src/tane/nn/linear.py", "import numpy as np", "formulas are written on F"),
        ("core/src/tane/ops/fft.py", "def f():\n    from numpy import fft", "formulas are written on F"),
        ("nn/src/tane/nn/linear.py", "from tane.optim import SGD", "share is core"),
        ("viz/src/tane/viz/dot.py", "import tane.data.loader", "share is core"),
        ("core/src/tane/creation.py", "import cupy", "its own backend only"),
        ("core/src/tane/creation.py", "import torch.nn", "the oracle"),
        ("data/src/tane/data/loader.py", "import pickle", "loading never executes"),
        ("nn/src/tane/nn/linear.py", "from tane import testing\nimport tane.testing", "used by tests"),
        ("core/src/tane/dtypes.py", "from tane.backends import backend", "stands on it"),
        ("core/src/tane/backends/numpy.py", "from ..tensor import Tensor", "stands on it"),
        ("core/src/tane/autograd/node.py", "from tane.nn import Module", "stands on it"),
        ("core/src/tane/creation.py", "def f():\n    from tane.tensor import Tensor", "inside a function"),
        ("core/src/tane/creation.py", "class A:\n    def f(self):\n        import tane.tensor", "inside a function"),
    ],
)
def test_a_breach_is_found(tmp_path, file, text, complaint):
    said = tree(tmp_path, {file: text})
    assert any(complaint in line for line in said), said
    assert all(Path(file).name in line for line in said)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("core/src/tane/backends/numpy.py", "import numpy as np"),
        ("core/src/tane/serialization.py", "import pickle"),
        ("cupy/src/tane_cupy/backend.py", "import cupy\nfrom tane.backends.backend import Backend"),
        ("core/src/tane/dtypes.py", "def f():\n    import ml_dtypes"),
        ("core/src/tane/dtypes.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import tane.tensor"),
        ("nn/src/tane/nn/linear.py", "import tane\nfrom tane import Tensor\nfrom .module import Module"),
        ("core/src/tane/plugins/builtin.py", "from tane.backends import numpy"),
        ("core/src/tane/__init__.py", "def __getattr__(name):\n    import tane.nn"),
    ],
)
def test_what_is_allowed_passes(tmp_path, file, text):
    assert tree(tmp_path, {file: text}) == []


def test_a_circle_is_found_once(tmp_path):
    said = tree(
        tmp_path,
        {
            "core/src/tane/a.py": "from tane.b import f",
            "core/src/tane/b.py": "from tane import c",
            "core/src/tane/c.py": "import tane.a",
            "core/src/tane/d.py": "import tane.a",
        },
    )
    assert said == ["a circle of imports: tane.a -> tane.b -> tane.c -> tane.a"]


def test_a_long_file_and_a_needless_exception_are_found(tmp_path):
    tree(tmp_path, {"core/src/tane/long.py": "x = 1\n" * 401, "core/src/tane/short.py": "x = 1\n"})
    long, short = "packages/core/src/tane/long.py", "packages/core/src/tane/short.py"
    assert [line.split(":")[0] for line in file_sizes.check(tmp_path, frozenset())] == [long]
    assert file_sizes.check(tmp_path, frozenset({long})) == []
    assert [line.split(":")[0] for line in file_sizes.check(tmp_path, frozenset({long, short}))] == [short]


def test_versions_agree():
    assert versions.check() == []


def test_a_wrong_pin_is_found(tmp_path):
    (tmp_path / "LICENSE").write_text("a licence")
    files = {
        "core/src/tane/version.py": '__version__ = "0.3.1"\n',
        "nn/pyproject.toml": 'dependencies = ["tane-core==0.3.1"]\n',
        "nn/LICENSE": "a licence",
    }
    (tmp_path / "pyproject.toml").write_text('dependencies = ["tane-nn~=0.3.0"]\n')
    tree(tmp_path, files)
    assert versions.check(tmp_path) == ["packages/nn/pyproject.toml: tane-core==0.3.1, where the version asks for ~=0.3.0"]
