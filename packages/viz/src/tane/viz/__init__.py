"""Pictures of graphs and of training runs.

:func:`make_dot` draws the graph that ``backward`` walks and :func:`render` writes such a picture to files; :func:`save_graph` does both.
:func:`summary` makes a table of a model, :class:`SummaryWriter` writes what TensorBoard shows. Each is imported when it is first asked for:
what draws brings graphviz, what logs brings tensorboardX, and neither brings the other.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tane.viz.dot import make_dot as make_dot
    from tane.viz.files import render as render
    from tane.viz.files import save_graph as save_graph
    from tane.viz.modules import track_modules as track_modules
    from tane.viz.table import summary as summary
    from tane.viz.writer import SummaryWriter as SummaryWriter

_HOME = {
    "SummaryWriter": "writer",
    "make_dot": "dot",
    "render": "files",
    "save_graph": "files",
    "summary": "table",
    "track_modules": "modules",
}

__all__ = ["SummaryWriter", "make_dot", "render", "save_graph", "summary", "track_modules"]


def __getattr__(name: str) -> Any:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{home}"), name)


def __dir__() -> list[str]:
    return __all__
