"""What iterating over a loader gives: batches made here, or by workers."""

from __future__ import annotations

import itertools
import multiprocessing
import warnings
import weakref
from typing import TYPE_CHECKING, Any

from tane.data.fetch import make_fetcher
from tane.data.sampler import draw_seed
from tane.data.worker import End, Failure, Task
from tane.data.workers import Workers

if TYPE_CHECKING:
    from tane.data.dataloader import DataLoader

__all__ = ["LoaderIterator", "MultiProcessIterator", "SingleProcessIterator"]


class LoaderIterator:
    """One pass through the data of a loader."""

    def __init__(self, loader: DataLoader[Any]) -> None:
        self._loader = loader
        self._sampler_iter = iter(loader._index_sampler)
        self._base_seed = draw_seed(loader.generator)  # drawn where PyTorch draws it, so that what is drawn afterwards agrees
        self._num_yielded = 0
        self._promised = loader._IterableDataset_len_called

    def __iter__(self) -> LoaderIterator:
        return self

    def __len__(self) -> int:
        return len(self._loader._index_sampler)

    def __getstate__(self) -> Any:
        raise NotImplementedError("{} cannot be pickled", type(self).__name__)

    def __next__(self) -> Any:
        batch = self._next_data()
        self._num_yielded += 1
        if self._promised is not None and self._num_yielded > self._promised:
            self._warn_of_length()
        return batch

    def _next_data(self) -> Any:
        raise NotImplementedError

    def _warn_of_length(self) -> None:
        text = (
            f"Length of IterableDataset {self._loader.dataset} was reported to be {self._promised}"
            f"(when accessing len(dataloader)), but {self._num_yielded} samples have been fetched. "
        )
        if self._loader.num_workers > 0:
            text += (
                "For multiprocessing data-loading, this could be caused by not properly configuring the IterableDataset replica at each "
                "worker. Please see https://pytorch.org/docs/stable/data.html#torch.utils.data.IterableDataset for examples."
            )
        warnings.warn(text, stacklevel=3)


class SingleProcessIterator(LoaderIterator):
    """Batches made here and now."""

    def __init__(self, loader: DataLoader[Any]) -> None:
        super().__init__(loader)
        if loader.timeout != 0:
            raise AssertionError("_SingleProcessDataLoaderIter requires timeout == 0")
        self._fetcher = make_fetcher(loader._iterable, loader.dataset, loader._auto_collation, loader.collate_fn, loader.drop_last)

    def _next_data(self) -> Any:
        return self._fetcher.fetch(next(self._sampler_iter))


class MultiProcessIterator(LoaderIterator):
    """Batches made by workers, ahead of time: each has ``prefetch_factor`` of them in hand.

    Batches are numbered as they are asked for, and dealt to the workers in turn. The pass is over, or the iterator is gone, or the process
    ends: in each case the workers are ended, too.
    """

    def __init__(self, loader: DataLoader[Any]) -> None:
        super().__init__(loader)
        count = loader.num_workers
        if not loader.prefetch_factor:
            raise AssertionError("prefetch_factor must be greater than 0 for MultiProcessingDataLoaderIter")
        tasks = [
            Task(
                iterable=loader._iterable,
                dataset=loader.dataset,
                batched=loader._auto_collation,
                collate_fn=loader.collate_fn,
                drop_last=loader.drop_last,
                base_seed=self._base_seed,
                init_fn=loader.worker_init_fn,
                worker=i,
                workers=count,
            )
            for i in range(count)
        ]
        self._workers = Workers(loader.multiprocessing_context or multiprocessing.get_context(), tasks)
        self._finalizer = weakref.finalize(self, self._workers.close)
        self._ahead = loader.prefetch_factor * count
        self._epoch = -1
        self._start()

    def _start(self) -> None:
        """Begin a pass: nothing is asked for yet, every worker is at hand."""
        count = self._loader.num_workers
        self._epoch += 1
        self._sampler_iter = iter(self._loader._index_sampler)
        self._num_yielded = 0
        self._promised = self._loader._IterableDataset_len_called
        self._asked = self._given = 0  # the numbers of the next batch to ask for, and of the next to give
        self._pending: dict[int, int] = {}  # who makes a batch that was asked for
        self._early: dict[int, Any] = {}  # batches that came before their turn
        self._active = [True] * count
        self._load = [0] * count
        self._turn = itertools.cycle(range(count))
        for _ in range(self._ahead):
            self._ask()

    def restart(self) -> None:
        """Begin another pass with the same workers."""
        self._workers.forget()
        for i in range(self._loader.num_workers):
            self._workers.send(i, (self._epoch + 1, None, None))
        self._start()

    @property
    def closed(self) -> bool:
        """Whether its workers have ended."""
        return self._workers.closed

    def _ask(self) -> None:
        """Ask the worker whose turn it is for the next batch; not in order, one that has less to do than its share."""
        try:
            index = next(self._sampler_iter)
        except StopIteration:
            return
        for _ in self._active:
            worker = next(self._turn)
            if self._active[worker] and (self._loader.in_order or self._load[worker] < self._ahead // sum(self._active)):
                break
        else:
            return
        self._pending[self._asked] = worker
        self._load[worker] += 1
        number = self._asked
        self._asked += 1
        self._workers.send(worker, (self._epoch, number, index))

    def _next_data(self) -> Any:
        while True:
            # Batches that were asked of a worker whose data has come to an end will not be made.
            while self._given < self._asked and self._given not in self._early and not self._expected(self._given):
                self._pending.pop(self._given, None)
                self._given += 1
            if self._given == self._asked:
                if not self._loader.persistent_workers:
                    self._workers.close()
                raise StopIteration
            if self._given in self._early:
                number, batch = self._given, self._early.pop(self._given)
            else:
                worker, number, batch = self._receive()
                if isinstance(batch, End):
                    self._active[worker] = False
                    if not self._loader.persistent_workers:
                        self._workers.dismiss(worker)
                    self._ask()
                    continue
                if number != self._given and self._loader.in_order:
                    self._early[number] = batch
                    continue
            if number == self._given:
                self._given += 1
            self._load[self._pending.pop(number)] -= 1
            self._ask()
            if isinstance(batch, Failure):
                batch.reraise()
            return batch

    def _expected(self, number: int) -> bool:
        worker = self._pending.get(number)
        return worker is not None and self._active[worker]

    def _receive(self) -> tuple[int, int, Any]:
        """The next answer that belongs to this pass."""
        timeout = self._loader.timeout
        while True:
            answer = self._workers.receive(timeout or None)
            if answer is None:
                raise RuntimeError(f"DataLoader timed out after {timeout} seconds")
            worker, (epoch, number, batch) = answer
            if epoch == self._epoch:
                return worker, number, batch
