"""Pictures written to files."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import graphviz

from tane.tensor import Tensor
from tane.viz.dot import make_dot

__all__ = ["render", "save_graph"]

SOURCES = (".gv", ".dot")


def render(dot: Any, path: str | Path, formats: Sequence[str] = ("svg", "png")) -> list[Path]:
    """Write a picture's source, and the picture itself where Graphviz's ``dot`` program is installed.

    Args:
        dot: What :func:`tane.viz.make_dot` returned, or any ``graphviz`` graph.
        path: Where to: ``"net"`` makes ``net.gv``, ``net.svg`` and ``net.png``; a name that ends in a format, ``"net.pdf"``, makes
            ``net.gv`` and that one. Folders that are missing are made.
        formats: What ``dot`` is to make: anything that ``dot -T`` knows.

    Returns:
        The files written, the source first. Without ``dot`` that is the source alone, and a line on standard error says so.

    >>> tane.viz.render(tane.viz.make_dot(y), "net.svg")                        # doctest: +SKIP
    [PosixPath('net.gv'), PosixPath('net.svg')]
    """
    path = Path(path)
    source = path.with_suffix(".gv") if path.suffix not in SOURCES else path
    if path.suffix and path.suffix not in SOURCES:
        if path.suffix[1:] in graphviz.FORMATS:
            formats = (path.suffix[1:],)
        else:  # a name with a dot in it, such as "step.10"
            source = path.with_name(path.name + ".gv")
    source.parent.mkdir(parents=True, exist_ok=True)
    source.write_text(dot.source, encoding="utf-8")
    written = [source]
    for kind in formats:
        try:
            picture = dot.pipe(format=kind)
        except graphviz.ExecutableNotFound:
            print(
                f"{source} is written, but no picture of it: Graphviz's program `dot` is not installed "
                f"(https://graphviz.org/download; it is no Python package). "
                f"Later: dot -T{kind} {source} -o {source.with_suffix('.' + kind)}",
                file=sys.stderr,
            )
            break
        file = source.with_suffix(f".{kind}")
        file.write_bytes(picture)
        written.append(file)
    return written


def save_graph(graph: Any, path: str | Path, formats: Sequence[str] = ("svg", "png"), **drawing: Any) -> list[Path]:
    """Draw the graph that leads to a tensor, or to several, and write it to files: :func:`make_dot` and :func:`render` in one.

    ``graph`` is a tensor, a tuple of them, or a picture that is drawn already. ``drawing`` is what :func:`make_dot` takes.

    >>> tane.viz.save_graph(loss, "runs/loss", params=dict(model.named_parameters()))                       # doctest: +SKIP
    [PosixPath('runs/loss.gv'), PosixPath('runs/loss.svg'), PosixPath('runs/loss.png')]
    """
    if isinstance(graph, (Tensor, tuple, list)):
        graph = make_dot(graph, **drawing)  # type: ignore[arg-type]
    elif drawing:
        raise TypeError(f"save_graph(): the picture is drawn already: {', '.join(sorted(drawing))} would have no effect")
    return render(graph, path, formats)
