"""Streams and events in PyTorch's spelling, over CuPy's."""

from __future__ import annotations

from typing import Any

from tane_cupy.library import cupy

__all__ = ["Event", "Stream", "current_stream", "default_stream"]


class Stream:
    """A queue of work on a device, which runs in order. ``with tane.cuda.stream(s):`` puts work into it."""

    def __init__(self, device: Any = None, priority: int = 0, *, inner: Any = None) -> None:
        self.index = index_of(device)
        if inner is None:
            with cupy.cuda.Device(self.index):
                inner = cupy.cuda.Stream(non_blocking=True, priority=priority or None)
        self.inner = inner

    def synchronize(self) -> None:
        """Wait until everything in the queue is done."""
        self.inner.synchronize()

    def query(self) -> bool:
        """Whether everything in the queue is done."""
        return bool(self.inner.done)

    def wait_event(self, event: Event) -> None:
        """Let what comes into the queue from now on wait for an event."""
        self.inner.wait_event(event.inner)

    def wait_stream(self, stream: Stream) -> None:
        """Let what comes into the queue from now on wait for what is in another queue now."""
        self.wait_event(stream.record_event())

    def record_event(self, event: Event | None = None) -> Event:
        """Put a mark into the queue and return it."""
        event = event or Event()
        event.record(self)
        return event

    def __enter__(self) -> Stream:
        self.inner.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self.inner.__exit__(*error)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Stream) and self.inner == other.inner

    def __hash__(self) -> int:
        return hash(self.inner.ptr)

    def __repr__(self) -> str:
        return f"<torch.cuda.Stream device=cuda:{self.index} cuda_stream={self.inner.ptr:#x}>"


class Event:
    """A mark in a queue: whether and when it was passed. ``enable_timing`` lets :meth:`elapsed_time` be asked."""

    def __init__(self, enable_timing: bool = False, blocking: bool = False, interprocess: bool = False) -> None:
        self.inner = cupy.cuda.Event(block=blocking, disable_timing=not enable_timing, interprocess=interprocess)

    def record(self, stream: Stream | None = None) -> None:
        """Put the mark into a queue, by default the current one."""
        self.inner.record(None if stream is None else stream.inner)

    def synchronize(self) -> None:
        """Wait until the mark is passed."""
        self.inner.synchronize()

    def wait(self, stream: Stream | None = None) -> None:
        """Let a queue, by default the current one, wait for the mark."""
        (current_stream() if stream is None else stream).wait_event(self)

    def query(self) -> bool:
        """Whether the mark is passed."""
        return bool(self.inner.done)

    def elapsed_time(self, end_event: Event) -> float:
        """Milliseconds from this mark to another."""
        return float(cupy.cuda.get_elapsed_time(self.inner, end_event.inner))


def index_of(device: Any) -> int:
    """The index meant by a device, a number or None."""
    index = getattr(device, "index", device)
    return int(cupy.cuda.runtime.getDevice()) if index is None else int(index)


def current_stream(device: Any = None) -> Stream:
    """The queue that work goes into now."""
    return Stream(device, inner=cupy.cuda.get_current_stream())


def default_stream(device: Any = None) -> Stream:
    """The queue that work goes into unless told otherwise."""
    return Stream(device, inner=cupy.cuda.Stream.null)
