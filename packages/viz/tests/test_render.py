"""Pictures in files, and what happens where Graphviz is not installed."""

from __future__ import annotations

import shutil

import graphviz
import pytest

import tane
from tane import viz

needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz's dot is not installed")


@pytest.fixture
def dot():
    return viz.make_dot(tane.ones(2, requires_grad=True).tanh())


@pytest.fixture
def no_dot(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))


def test_source_is_written_where_there_is_no_dot(dot, tmp_path, no_dot, capsys):
    written = viz.render(dot, tmp_path / "pictures" / "net")
    assert written == [tmp_path / "pictures" / "net.gv"]
    assert written[0].read_text() == dot.source
    (message,) = capsys.readouterr().err.splitlines()
    assert "`dot` is not installed" in message
    assert f"dot -Tsvg {written[0]} -o {written[0].with_suffix('.svg')}" in message


@pytest.mark.parametrize(
    ("name", "source"), [("net", "net.gv"), ("net.svg", "net.gv"), ("net.gv", "net.gv"), ("net.dot", "net.dot"), ("step.10", "step.10.gv")]
)
def test_names(dot, tmp_path, no_dot, name, source):
    assert [p.name for p in viz.render(dot, tmp_path / name)] == [source]


@needs_dot
def test_svg_and_png(dot, tmp_path):
    written = viz.render(dot, tmp_path / "net")
    assert [p.name for p in written] == ["net.gv", "net.svg", "net.png"]
    assert "TanhBackward0" in written[1].read_text()
    assert written[2].read_bytes().startswith(b"\x89PNG")


@needs_dot
def test_one_format(dot, tmp_path):
    assert [p.name for p in viz.render(dot, tmp_path / "net.pdf")] == ["net.gv", "net.pdf"]
    assert [p.name for p in viz.render(dot, tmp_path / "step.10", ["svg"])] == ["step.10.gv", "step.10.svg"]


@needs_dot
def test_a_source_that_dot_refuses_is_an_error(tmp_path):
    with pytest.raises(graphviz.CalledProcessError):
        viz.render(graphviz.Source("digraph {"), tmp_path / "broken")


def test_save_graph(tmp_path, no_dot):
    w = tane.ones(2, requires_grad=True)
    (source,) = viz.save_graph(w.tanh(), tmp_path / "net", params={"w": w}, rankdir="LR")
    assert source.read_text() == viz.make_dot(w.tanh(), {"w": w}, rankdir="LR").source
    assert viz.save_graph(viz.make_dot(w), tmp_path / "leaf.svg") == [tmp_path / "leaf.gv"]
    with pytest.raises(TypeError, match="rankdir"):
        viz.save_graph(viz.make_dot(w), tmp_path / "leaf", rankdir="LR")
