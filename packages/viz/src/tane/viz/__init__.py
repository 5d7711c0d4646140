"""Pictures of graphs and of training runs.

:func:`make_dot` draws the graph that ``backward`` walks, :func:`render` writes such a picture to files, :func:`summary` prints a model as a
table, :class:`SummaryWriter` writes what TensorBoard shows. Each is imported when it is first asked for: what draws brings graphviz, what logs
brings tensorboardX, and neither brings the other.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tane.viz.dot import make_dot as make_dot
    from tane.viz.modules import track_modules as track_modules
    from tane.viz.render import render as render
    from tane.viz.summary import summary as summary
    from tane.viz.writer import SummaryWriter as SummaryWriter

_HOME = {"make_dot": "dot", "render": "render", "summary": "summary", "track_modules": "modules", "SummaryWriter": "writer"}

__all__ = ["SummaryWriter", "make_dot", "render", "summary", "track_modules"]


def __getattr__(name: str) -> Any:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{home}"), name)
    globals()[name] = value  # importing the module has put it here, where it has the function's name
    return value


def __dir__() -> list[str]:
    return __all__
