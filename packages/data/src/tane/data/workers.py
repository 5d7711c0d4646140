"""The worker processes of one iterator, seen from the parent."""

from __future__ import annotations

import os
import signal
import sys
import time
import warnings
from collections import deque
from collections.abc import Sequence
from multiprocessing.connection import wait
from pickle import PicklingError
from typing import Any

from tane.data.transport import Packed, receive
from tane.data.worker import Task, parent_ends, work

__all__ = ["Workers"]

GRACE = 5.0  # seconds to finish the batch at hand, when the pipe is closed

# How much may lie in the pipe to a worker, unanswered. A worker that waits until its own answer is taken reads nothing: what lies in
# the pipe then must fit into it, or both sides would wait for each other.
LIMIT, COUNT = (64 * 1024, 32) if sys.platform == "linux" else (4 * 1024, 8)


class Workers:
    """Processes that make batches, one pipe to each. :meth:`close` ends them, whatever they are doing."""

    def __init__(self, context: Any, tasks: Sequence[Task]) -> None:
        self.owner = os.getpid()
        self.closed = False
        self.processes: list[Any] = []
        self.pipes: list[Any] = []
        self.backlog: list[deque[Packed]] = [deque() for _ in tasks]
        self.unanswered: list[deque[int]] = [deque() for _ in tasks]
        self.serving = [True for _ in tasks]
        try:
            for task in tasks:
                self._start(context, task)
        except BaseException:
            self.close()
            raise

    def _start(self, context: Any, task: Task) -> None:
        mine, theirs = context.Pipe(duplex=True)
        self.pipes.append(mine)
        parent_ends.add(mine)
        process = context.Process(target=work, args=(task, theirs), daemon=True)
        try:
            with warnings.catch_warnings():
                # Python 3.12 and later warn of forking beside threads, those of a linear-algebra library included, which are known to
                # bear it. For programs whose own threads hold locks that a worker needs, there is multiprocessing_context="spawn".
                warnings.filterwarnings("ignore", ".*multi-threaded, use of fork.*", DeprecationWarning)
                process.start()
        except (TypeError, AttributeError, PicklingError):
            warnings.warn(
                "Got pickle error when attempting to start a worker Process. This might be because the worker Process arguments are not "
                "picklable. Python 3.14+ changed the multiprocessing start method in non-Mac POSIX platforms to 'forkserver', which "
                "requires the worker Process arguments to be picklable. You can also try multiprocessing.set_start_method('fork').",
                stacklevel=6,
            )
            raise
        finally:
            theirs.close()
        self.processes.append(process)

    def send(self, worker: int, value: Any) -> None:
        """Ask a worker for something; every request but one without number is answered."""
        self.backlog[worker].append(Packed(value))
        self._flush(worker)

    def _flush(self, worker: int) -> None:
        backlog, unanswered = self.backlog[worker], self.unanswered[worker]
        while backlog:
            size = len(backlog[0].message)
            if unanswered and (sum(unanswered) + size > LIMIT or len(unanswered) >= COUNT):
                return
            try:
                backlog.popleft().send(self.pipes[worker])
            except (BrokenPipeError, ConnectionResetError):
                raise self._death() from None
            unanswered.append(size)

    def receive(self, timeout: float | None) -> tuple[int, Any] | None:
        """The next answer and who gave it; None if there is none within ``timeout`` seconds.

        Raises:
            RuntimeError: a worker has died.
        """
        by_pipe = {pipe: i for i, pipe in enumerate(self.pipes) if self.serving[i]}
        sentinels = [p.sentinel for i, p in enumerate(self.processes) if self.serving[i]]
        ready = wait([*by_pipe, *sentinels], timeout)
        if not ready:
            return None
        for pipe in ready:
            worker = by_pipe.get(pipe)
            if worker is None:
                continue
            try:
                answer = receive(pipe)  # type: ignore[arg-type]
            except (EOFError, OSError):
                raise self._death() from None
            self.unanswered[worker].popleft()
            self._flush(worker)
            return worker, answer
        raise self._death()

    def forget(self) -> None:
        """Do not send what has not been sent yet."""
        for backlog in self.backlog:
            backlog.clear()

    def dismiss(self, worker: int) -> None:
        """Let a worker go that has no more to give."""
        self.serving[worker] = False
        self.backlog[worker].clear()
        self._hang_up(self.pipes[worker])

    def _death(self) -> RuntimeError:
        """End the others, and say who died of what."""
        serving = [p for i, p in enumerate(self.processes) if self.serving[i]]
        ended = wait([p.sentinel for p in serving], 1.0)  # a pipe is closed a moment before its process has ended
        dead = [p for p in serving if p.sentinel in ended]
        for process in dead:
            process.join(1.0)
        pids = ", ".join(str(p.pid) for p in dead)
        reasons = ", ".join(_reason(p.exitcode) for p in dead)
        self.close()
        return RuntimeError(f"DataLoader worker (pid(s) {pids}) exited unexpectedly: {reasons}")

    def close(self) -> None:
        """Close the pipes, which workers take as the end, and wait for them; those that do not come to an end are killed."""
        if self.closed or os.getpid() != self.owner:  # a fork has a copy of this object, but not of the workers
            return
        self.closed = True
        for pipe in self.pipes:
            self._hang_up(pipe)
        end = time.monotonic() + GRACE
        for process in self.processes:
            process.join(max(0.0, end - time.monotonic()))
        for stop in ("terminate", "kill"):
            for process in self.processes:
                if process.exitcode is None:
                    getattr(process, stop)()
                    process.join(1.0)

    def _hang_up(self, pipe: Any) -> None:
        parent_ends.discard(pipe)
        if not pipe.closed:
            pipe.close()


def _reason(code: int | None) -> str:
    if code is not None and code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"exit code {code}"
