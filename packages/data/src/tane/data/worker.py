"""What a worker process does, and what can be known of it."""

from __future__ import annotations

import os
import random
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, NoReturn

import numpy as np

from tane.data.fetch import make_fetcher
from tane.data.transport import Packed, receive
from tane.random import manual_seed

__all__ = ["End", "Failure", "Task", "WorkerInfo", "get_worker_info", "parent_ends", "work"]

PATIENCE = 1.0  # seconds between two looks at whether the parent still lives


class End:
    """In the place of a batch: the dataset of this worker has no more."""


#: This process's ends of the pipes to its workers. A fork copies them, and a copy would keep the pipe of a dead parent open.
parent_ends: set[Connection] = set()


@dataclass(frozen=True)
class WorkerInfo:
    """What a worker knows of itself: its number, how many there are, its seed, and its copy of the dataset."""

    id: int
    num_workers: int
    seed: int
    dataset: Any


@dataclass
class Task:
    """What a worker is asked to do, for all its life."""

    iterable: bool
    dataset: Any
    batched: bool
    collate_fn: Callable[[Any], Any]
    drop_last: bool
    base_seed: int
    init_fn: Callable[[int], Any] | None
    worker: int
    workers: int

    def fetcher(self) -> Any:
        return make_fetcher(self.iterable, self.dataset, self.batched, self.collate_fn, self.drop_last)


_info: WorkerInfo | None = None


def get_worker_info() -> WorkerInfo | None:
    """In a worker process of a loader, which one it is; None in any other process."""
    return _info


class Failure:
    """An exception on its way to another process: its class, and its traceback as text."""

    def __init__(self, error: BaseException, where: str) -> None:
        self.kind: Any = type(error)
        self.text = "".join(traceback.format_exception(type(error), error, error.__traceback__))
        self.where = where

    def reraise(self) -> NoReturn:
        """Raise it here: of the same class, with the text of both places."""
        message = f"Caught {self.kind.__name__} {self.where}.\nOriginal {self.text}"
        if self.kind is KeyError:
            raise KeyError(_Verbatim(message))
        if getattr(self.kind, "message", None):
            raise self.kind(message=message)
        try:
            error = self.kind(message)
        except Exception:  # its class wants other arguments
            raise RuntimeError(message) from None
        raise error


class _Verbatim(str):
    """A text that a KeyError shows as it is."""

    def __repr__(self) -> str:
        return str(self)


def work(task: Task, connection: Connection) -> None:
    """Do what comes through the pipe until it is closed: ``(epoch, number, index)`` is answered by ``(epoch, number, batch)``,
    ``(epoch, None, None)`` begins another epoch.
    """
    global _info
    for end in list(parent_ends):
        end.close()
    parent_ends.clear()
    try:
        seed = task.base_seed + task.worker
        random.seed(seed)
        manual_seed(seed)
        mask = 0xFFFFFFFF
        np.random.seed(np.random.SeedSequence([task.worker, task.base_seed & mask, task.base_seed >> 32, 0]).generate_state(4))
        _info = WorkerInfo(task.worker, task.workers, seed, task.dataset)
        _serve(task, connection)
    except (KeyboardInterrupt, BrokenPipeError, ConnectionResetError, EOFError):
        pass  # the parent interrupts itself, or is gone, or wants no more
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def _serve(task: Task, connection: Connection) -> None:
    where = f"in DataLoader worker process {task.worker}"
    parent = os.getppid()
    fetcher, failure, ended = None, None, False
    try:
        if task.init_fn is not None:
            task.init_fn(task.worker)
        fetcher = task.fetcher()
    except Exception as error:
        failure = Failure(error, where)
    while True:
        while not connection.poll(PATIENCE):
            if os.getppid() != parent:
                return
        epoch, number, index = receive(connection)
        if number is None:
            ended, failure = False, None
            try:
                fetcher = task.fetcher()
            except Exception as error:
                failure = Failure(error, where)
            continue
        if ended:
            continue
        result: Any = failure
        if failure is None:
            try:
                result = fetcher.fetch(index)  # type: ignore[union-attr]
            except Exception as error:
                ended = task.iterable and isinstance(error, StopIteration)
                result = End() if ended else Failure(error, where)
        try:
            packed = Packed((epoch, number, result))
        except Exception as error:  # a batch, or the class of an exception, that cannot be pickled
            plain = Failure(error, where)
            if isinstance(result, Failure):
                plain = Failure(RuntimeError(), where)
                plain.text = result.text
            packed = Packed((epoch, number, plain))
        packed.send(connection)
        del result, index, packed
