"""``detect_anomaly``: where a backward error or a NaN came from."""

from __future__ import annotations

import traceback
import warnings
from typing import Any

from tane.autograd.node import Node
from tane.autograd.state import add_observer, local, remove_observer

__all__ = ["detect_anomaly", "is_anomaly_check_nan_enabled", "is_anomaly_enabled", "set_detect_anomaly"]


def is_anomaly_enabled() -> bool:
    """Whether this thread watches for anomalies."""
    return local.anomaly


def is_anomaly_check_nan_enabled() -> bool:
    """Whether NaN in backward is an anomaly."""
    return local.check_nan


def remember_line(node: Node) -> None:
    """Observe a node as it is recorded: write down the lines of the user's program that led to it."""
    frames = [f for f in traceback.extract_stack() if "/tane/" not in f.filename.replace("\\", "/") and not f.filename.startswith("<op ")]
    node.trace = "".join(traceback.format_list(frames))


def _switch(mode: bool, check_nan: bool) -> None:
    if mode and not local.anomaly:
        add_observer(remember_line)
    elif local.anomaly and not mode:
        remove_observer(remember_line)
    local.anomaly, local.check_nan = mode, check_nan


class set_detect_anomaly:
    """Switch anomaly detection on or off, at once; as a context manager, until its end. See :class:`detect_anomaly`."""

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        self.before = local.anomaly, local.check_nan
        _switch(mode, check_nan)

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        _switch(*self.before)


class detect_anomaly:
    """Inside, ops remember the line that recorded them. A backward that fails, or whose gradients turn into NaN, then says
    which op it was and where it was called; an in-place error also says where the value was changed.

    It slows everything down: for debugging only. ``check_nan=False`` lets NaN pass.
    """

    def __init__(self, check_nan: bool = True) -> None:
        self.check_nan = check_nan
        self.before: list[tuple[bool, bool]] = []
        warnings.warn(
            "Anomaly Detection has been enabled. This mode will increase the runtime and should only be enabled for debugging.",
            stacklevel=2,
        )

    def __enter__(self) -> None:
        self.before.append((local.anomaly, local.check_nan))
        _switch(True, self.check_nan)

    def __exit__(self, *_: Any) -> None:
        _switch(*self.before.pop())
