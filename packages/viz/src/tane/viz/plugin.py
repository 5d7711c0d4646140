"""What this package offers to tane, by name."""

from __future__ import annotations

from collections.abc import Mapping

from tane.plugins import hookimpl

tane_api_version = 1


@hookimpl
def tane_visualizers() -> Mapping[str, object]:
    return {"make_dot": "tane.viz.dot:make_dot", "summary": "tane.viz.table:summary"}


@hookimpl
def tane_loggers() -> Mapping[str, object]:
    return {"tensorboard": "tane.viz.writer:SummaryWriter"}
