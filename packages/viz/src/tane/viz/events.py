"""Event files: what TensorBoard reads, one checksummed record after another."""

from __future__ import annotations

import os
import socket
import struct
import threading
import time
import weakref
from itertools import count
from typing import Any

from tensorboardX.proto.event_pb2 import Event
from tensorboardX.record_writer import directory_check, masked_crc32c, open_file

__all__ = ["EventFile"]

_numbers = count()


class EventFile:
    """A file that events are appended to.

    Events wait in memory until there are ``max_queue`` of them, or ``flush_secs`` have passed since the last were written, and are
    written by whoever adds the one that fills the queue. There is no thread: a process that is forked meanwhile, such as a data loader's
    worker, inherits nothing that could write twice, and :meth:`flush` has written when it returns. What waits is also written when the
    program ends. ``log_dir`` may be remote (``s3://``, ``gs://``) where tensorboardX finds the library for it.
    """

    def __init__(self, log_dir: str, max_queue: int = 10, flush_secs: float = 120, filename_suffix: str = "") -> None:
        self.log_dir, self.max_queue, self.flush_secs = str(log_dir), max_queue, flush_secs
        directory_check(self.log_dir)
        # The process and a number: two writers that start in one second must not overwrite each other.
        name = f"events.out.tfevents.{int(time.time()):010d}.{socket.gethostname()}.{os.getpid()}.{next(_numbers)}{filename_suffix}"
        self.path = os.path.join(self.log_dir, name)
        self.file = open_file(self.path)
        self.waiting: list[bytes] = []
        self.lock = threading.Lock()
        self.written_at = time.monotonic()
        self.finish = weakref.finalize(self, finish, self.file, self.waiting, os.getpid())
        self.add_event(Event(file_version="brain.Event:2"))
        self.flush()

    def get_logdir(self) -> str:
        """The folder that the file lies in."""
        return self.log_dir

    def add_event(self, event: Any, step: Any = None, walltime: float | None = None) -> None:
        """Append an event, stamped with ``walltime`` (now, unless told) and ``step``."""
        event.wall_time = time.time() if walltime is None else walltime
        if step is not None:
            event.step = int(step)
        record = event.SerializeToString()
        with self.lock:
            self.waiting.append(record)
            if len(self.waiting) >= self.max_queue or time.monotonic() - self.written_at >= self.flush_secs:
                self._write()

    def add_summary(self, summary: Any, global_step: Any = None, walltime: float | None = None) -> None:
        """Append an event that holds a summary."""
        self.add_event(Event(summary=summary), global_step, walltime)

    def flush(self) -> None:
        """Write what waits."""
        with self.lock:
            self._write()

    def _write(self) -> None:
        write(self.file, self.waiting)
        self.written_at = time.monotonic()

    def close(self) -> None:
        """Write what waits and close the file."""
        with self.lock:
            self.finish()


def write(file: Any, waiting: list[bytes]) -> None:
    for data in waiting:
        length = struct.pack("<Q", len(data))
        file.write(length + struct.pack("<I", masked_crc32c(length)) + data + struct.pack("<I", masked_crc32c(data)))
    waiting.clear()
    file.flush()


def finish(file: Any, waiting: list[bytes], owner: int) -> None:
    if os.getpid() == owner:
        write(file, waiting)
    file.close()
