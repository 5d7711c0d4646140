"""Distributions that exist for one test: a module, and the metadata that pip would have written for it."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest

import tane.plugins.discovery
import tane.plugins.loader
import tane.plugins.manager
from tane.plugins import isolated
from tane.plugins.manager import PluginManager

IMPORTS = "from tane.plugins import hookimpl\n"
PREAMBLE = """
import importlib.machinery, sysconfig
import tane.plugins.manager as m; m.CORE = 'stub_core'; import tane.plugins; tane.plugins.reset()

def elsewhere(*args, find=importlib.machinery.PathFinder.find_distributions):  # what is installed beside Python does not matter
    real = {sysconfig.get_path(kind) for kind in ("purelib", "platlib")}
    return [d for d in find(*args) if str(d.locate_file("")).rstrip("/") not in real]

importlib.machinery.PathFinder.find_distributions = elsewhere
"""
SOURCE = Path(tane.plugins.__file__).parents[2]


class Site:
    """A folder on ``sys.path`` into which distributions are installed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir()
        self.write("stub_core", offering(backends={"cpu": "types:SimpleNamespace"}, commands={"plugins": PLUGINS_COMMAND}))

    def write(self, module: str, source: str) -> None:
        (self.path / f"{module}.py").write_text(IMPORTS + dedent(source))

    def install(self, distribution: str, source: str, version: str = "1.0", name: str | None = None, module: str | None = None) -> None:
        """Install a distribution with one plug-in, called as the last word of the distribution's name."""
        name = name or distribution.rpartition("-")[2]
        module = module or f"{distribution.replace('-', '_')}_plugin"
        self.write(module, source)
        self.metadata(distribution, version, f"[tane]\n{name} = {module}\n")

    def metadata(self, distribution: str, version: str, entry_points: str, folder: Path | None = None) -> None:
        info = (folder or self.path) / f"{distribution.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")
        (info / "entry_points.txt").write_text(entry_points)

    def run(self, code: str, **environment: str) -> str:
        """What a fresh process prints that has this folder on its path, with a stand-in for core."""
        with self.process(code, **environment) as process:
            printed, complaint = process.communicate()
        assert process.returncode == 0, complaint
        return printed.strip()

    def process(self, code: str, **environment: str) -> subprocess.Popen[str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("TANE_")}
        environment = clean | {"PYTHONPATH": os.pathsep.join([str(self.path), str(SOURCE)])} | environment
        command = [sys.executable, "-c", PREAMBLE + dedent(code)]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


PLUGINS_COMMAND = "tane.commands.plugins:PluginsCommand"


def offering(**kinds: dict[str, object]) -> str:
    """The source of a plug-in that offers these."""
    hooks = (f"@hookimpl\ndef tane_{kind}():\n    return {offers!r}\n" for kind, offers in kinds.items())
    return IMPORTS + "\n".join(hooks)


@pytest.fixture
def offers() -> Callable[..., str]:
    return offering


@pytest.fixture
def page() -> str:
    """The text of docs/plugins.md."""
    path = Path(__file__).parents[4] / "docs" / "plugins.md"
    if not path.exists():
        pytest.skip("a source distribution has no docs")
    return path.read_text()


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """An empty site folder in place of the real one: what is installed where the tests run does not matter."""
    for variable in [name for name in os.environ if name.startswith("TANE_")]:
        monkeypatch.delenv(variable)
    site = Site(tmp_path / "site")
    paths = sysconfig.get_paths()
    monkeypatch.setattr(sys, "path", [str(site.path), paths["stdlib"], paths["platstdlib"]])
    monkeypatch.setattr(tane.plugins.manager, "CORE", "stub_core")
    before = set(sys.modules)
    yield site
    for name in set(sys.modules) - before:
        if str(site.path) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


@pytest.fixture
def manager(site: Site) -> Iterator[PluginManager]:
    """A registry of the test's own that finds what stands in ``site``."""
    with isolated(autoload=True) as manager:
        yield manager
