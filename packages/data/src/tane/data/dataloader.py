"""The loader: batches of a dataset, in order or shuffled, made here or by worker processes."""

from __future__ import annotations

import multiprocessing
import os
import warnings
from collections.abc import Callable, Iterable, Iterator
from multiprocessing.context import BaseContext
from typing import Any, Generic, TypeVar

from tane.data.collate import default_collate, default_convert
from tane.data.dataset import Dataset, IterableDataset
from tane.data.iterators import LoaderIterator, MultiProcessIterator, SingleProcessIterator
from tane.data.sampler import BatchSampler, RandomSampler, Sampler, SequentialSampler
from tane.data.worker import get_worker_info
from tane.random import Generator

__all__ = ["DataLoader", "default_collate", "default_convert", "get_worker_info"]

T_co = TypeVar("T_co", covariant=True)


class DataLoader(Generic[T_co]):
    """Iterate over a dataset in batches.

    Args:
        dataset: samples by index, or an :class:`IterableDataset`.
        batch_size: samples in a batch; None gives single samples, converted and not collated.
        shuffle: draw a new order for each pass.
        sampler: the order, as indices.
        batch_sampler: the batches, as lists of indices; in place of the four options above and ``drop_last``.
        num_workers: processes that make batches ahead; 0 makes them here.
        collate_fn: makes a batch of a list of samples (default: :func:`default_collate`).
        pin_memory: a hint for transfers to a GPU; it changes nothing here.
        drop_last: leave out a last batch that is not full.
        timeout: seconds to wait for a worker before an error; 0 waits.
        worker_init_fn: called with its number in each worker, before it makes anything.
        multiprocessing_context: how processes start: ``"fork"``, ``"spawn"``, ``"forkserver"`` or a context.
        generator: where orders and seeds are drawn from (default: the default generator).
        prefetch_factor: batches that each worker makes ahead (default: 2).
        persistent_workers: keep the workers for the next pass.
        pin_memory_device: goes with ``pin_memory``.
        in_order: batches come in order; otherwise as soon as one is made.

    In a worker, Python's, NumPy's and tane's random numbers are seeded by its number. An exception in a worker is raised here, with the
    traceback of both; a worker that dies is a ``RuntimeError``.

    >>> import tane
    >>> _ = tane.manual_seed(0)
    >>> [batch.tolist() for batch in DataLoader(range(5), batch_size=2, shuffle=True)]
    [[1, 4], [2, 3], [0]]
    """

    _initialized = False
    _fixed = ("batch_size", "batch_sampler", "sampler", "drop_last", "dataset", "persistent_workers")

    def __init__(
        self,
        dataset: Dataset[T_co],
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Sampler[Any] | Iterable[Any] | None = None,
        batch_sampler: Sampler[list[Any]] | Iterable[list[Any]] | None = None,
        num_workers: int = 0,
        collate_fn: Callable[[Any], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: Callable[[int], Any] | None = None,
        multiprocessing_context: Any = None,
        generator: Generator | None = None,
        *,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
        pin_memory_device: str = "",
        in_order: bool = True,
    ) -> None:
        if num_workers < 0:
            raise ValueError("num_workers option should be non-negative; use num_workers=0 to disable multiprocessing.")
        if timeout < 0:
            raise ValueError("timeout option should be non-negative")
        if num_workers == 0 and prefetch_factor is not None:
            raise ValueError(
                "prefetch_factor option could only be specified in multiprocessing."
                "let num_workers > 0 to enable multiprocessing, otherwise set prefetch_factor to None."
            )
        if prefetch_factor is not None and prefetch_factor < 0:
            raise ValueError("prefetch_factor option should be non-negative")
        if persistent_workers and num_workers == 0:
            raise ValueError("persistent_workers option needs num_workers > 0")
        self.dataset = dataset
        self.num_workers = num_workers
        self.prefetch_factor = 2 if num_workers > 0 and prefetch_factor is None else prefetch_factor
        self.pin_memory = pin_memory
        self.pin_memory_device = pin_memory_device
        self.timeout = timeout
        self.worker_init_fn = worker_init_fn
        self.multiprocessing_context = multiprocessing_context
        self.in_order = in_order
        self._iterable = isinstance(dataset, IterableDataset)
        self._check_order(shuffle, sampler, batch_sampler)
        if batch_sampler is not None:
            if batch_size != 1 or shuffle or sampler is not None or drop_last:
                raise ValueError("batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, and drop_last")
            batch_size = None
        elif batch_size is None and drop_last:
            raise ValueError("batch_size=None option disables auto-batching and is mutually exclusive with drop_last")
        if sampler is None:
            if self._iterable:
                sampler = _Endless()
            elif shuffle:
                sampler = RandomSampler(dataset, generator=generator)  # type: ignore[arg-type]
            else:
                sampler = SequentialSampler(dataset)  # type: ignore[arg-type]
        if batch_size is not None and batch_sampler is None:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self.batch_size = batch_size
        self.drop_last = drop_last
        self.sampler = sampler
        self.batch_sampler = batch_sampler
        self.generator = generator
        self.collate_fn = collate_fn if collate_fn is not None else default_collate if self._auto_collation else default_convert
        self.persistent_workers = persistent_workers
        self._IterableDataset_len_called: int | None = None
        self._iterator: MultiProcessIterator | None = None
        self._initialized = True
        self.check_worker_number_rationality()

    def _check_order(self, shuffle: Any, sampler: Any, batch_sampler: Any) -> None:
        if self._iterable:
            start = "DataLoader with IterableDataset: expected unspecified"
            if shuffle not in {False, None}:
                raise ValueError(f"{start} shuffle option, but got shuffle={shuffle}")
            if sampler is not None:
                raise ValueError(f"{start} sampler option, but got sampler={sampler}")
            if batch_sampler is not None:
                raise ValueError(f"{start} batch_sampler option, but got batch_sampler={batch_sampler}")
        elif sampler is not None and shuffle:
            raise ValueError("sampler option is mutually exclusive with shuffle")

    def __setattr__(self, name: str, value: Any) -> None:
        if self._initialized and name in self._fixed:
            raise ValueError(f"{name} attribute should not be set after {type(self).__name__} is initialized")
        super().__setattr__(name, value)

    @property
    def multiprocessing_context(self) -> Any:
        """How worker processes start: a context of :mod:`multiprocessing`, or None for the default one."""
        return self._context

    @multiprocessing_context.setter
    def multiprocessing_context(self, given: Any) -> None:
        if given is not None:
            if self.num_workers == 0:
                raise ValueError(
                    "multiprocessing_context can only be used with multi-process loading (num_workers > 0), but got "
                    f"num_workers={self.num_workers}"
                )
            if isinstance(given, str):
                methods = multiprocessing.get_all_start_methods()
                if given not in methods:
                    raise ValueError(
                        f"multiprocessing_context option should specify a valid start method in {methods!r}, but got "
                        f"multiprocessing_context={given!r}"
                    )
                given = multiprocessing.get_context(given)
            if not isinstance(given, BaseContext):
                raise TypeError(
                    "multiprocessing_context option should be a valid context object or a string specifying the start method, but got "
                    f"multiprocessing_context={given}"
                )
        self._context = given

    @property
    def _auto_collation(self) -> bool:
        return self.batch_sampler is not None

    @property
    def _index_sampler(self) -> Any:
        return self.batch_sampler if self._auto_collation else self.sampler

    def __iter__(self) -> Iterator[Any]:
        if self.num_workers == 0:
            return SingleProcessIterator(self)
        if not self.persistent_workers:
            return self._with_workers()
        if self._iterator is None or self._iterator.closed:
            self._iterator = self._with_workers()
        else:
            self._iterator.restart()
        return self._iterator

    def _with_workers(self) -> MultiProcessIterator:
        self.check_worker_number_rationality()
        return MultiProcessIterator(self)

    def _get_iterator(self) -> LoaderIterator:
        return SingleProcessIterator(self) if self.num_workers == 0 else self._with_workers()

    def __len__(self) -> int:
        """The number of batches; of an iterable dataset, as far as its own length is true and workers share it out."""
        if not self._iterable:
            return len(self._index_sampler)
        length: int = len(self.dataset)  # type: ignore[arg-type]
        self._IterableDataset_len_called = length
        if self.batch_size is None:
            return length
        return length // self.batch_size if self.drop_last else -(-length // self.batch_size)

    def check_worker_number_rationality(self) -> None:
        """Warn where there are to be more workers than processors."""
        there = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        if not self.num_workers or (there is not None and self.num_workers <= there):
            return
        unsure = "" if hasattr(os, "sched_getaffinity") else " (`cpuset` is not taken into account)"
        suggestion = (
            "DataLoader is not able to compute a suggested max number of worker in current system."
            if there is None
            else f"Our suggested max number of worker in current system is {there}{unsure}, which is smaller than what this DataLoader is "
            "going to create."
        )
        warnings.warn(
            f"This DataLoader will create {self.num_workers} worker processes in total. {suggestion} Please be aware that excessive worker "
            "creation might get DataLoader running slow or even freeze, lower the worker number to avoid potential slowness/freeze if "
            "necessary.",
            stacklevel=3,
        )


class _Endless(Sampler[Any]):
    """The sampler of an iterable dataset: goes on until the data ends."""

    def __iter__(self) -> Iterator[None]:
        while True:
            yield None
