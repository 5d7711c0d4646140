"""Streams and events: the backend's own, under PyTorch's names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tane.cuda.devices import index_of, present

__all__ = ["Event", "Stream", "current_stream", "default_stream", "set_stream", "stream"]


def Stream(device: Any = None, priority: int = 0) -> Any:
    """A new queue of work on a device."""
    return present().Stream(index_of(device), priority)  # type: ignore[attr-defined]


def Event(enable_timing: bool = False, blocking: bool = False, interprocess: bool = False) -> Any:
    """A mark for a queue; with ``enable_timing``, ``start.elapsed_time(end)`` gives milliseconds."""
    return present().Event(enable_timing, blocking, interprocess)  # type: ignore[attr-defined]


def current_stream(device: Any = None) -> Any:
    """The queue that work on a device goes into now."""
    return present().current_stream(index_of(device))  # type: ignore[attr-defined]


def default_stream(device: Any = None) -> Any:
    """The queue that work on a device goes into unless told otherwise."""
    return present().default_stream(index_of(device))  # type: ignore[attr-defined]


def set_stream(stream: Any) -> None:
    """Let work go into a queue from now on; None changes nothing."""
    if stream is not None:
        stream.inner.use()


@contextmanager
def stream(stream: Any) -> Iterator[None]:
    """``with tane.cuda.stream(s):`` lets work go into that queue inside the block; None changes nothing."""
    if stream is None:
        yield
    else:
        with stream:
            yield
