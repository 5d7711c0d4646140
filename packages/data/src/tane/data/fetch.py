"""From indices to a batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tane.data.collate import default_collate
from tane.data.dataset import TensorDataset, rows
from tane.data.subset import Subset

__all__ = ["Fetcher", "IterableFetcher", "MapFetcher", "make_fetcher"]

Collate = Callable[[Any], Any]


class Fetcher:
    """Gives the batch of an entry of the sampler; raises StopIteration where the data has come to its end."""

    def __init__(self, dataset: Any, batched: bool, collate_fn: Collate, drop_last: bool) -> None:
        self.dataset, self.batched, self.collate_fn, self.drop_last = dataset, batched, collate_fn, drop_last

    def fetch(self, index: Any) -> Any:
        raise NotImplementedError


class MapFetcher(Fetcher):
    """Of a dataset with indices."""

    def __init__(self, dataset: Any, batched: bool, collate_fn: Collate, drop_last: bool) -> None:
        super().__init__(dataset, batched, collate_fn, drop_last)
        # Rows of tensors that would only be stacked again are taken at once. A subclass may do anything with its samples: not so there.
        self.source, self.through = dataset, None
        if type(dataset) is Subset:
            self.source, self.through = dataset.dataset, dataset
        self.direct = batched and collate_fn is default_collate and type(self.source) is TensorDataset and bool(self.source.tensors)

    def fetch(self, index: Any) -> Any:
        dataset = self.dataset
        if not self.batched:
            return self.collate_fn(dataset[index])
        if self.direct:
            try:
                found = rows(self.source, index if self.through is None else [self.through.indices[i] for i in index])
            except (IndexError, TypeError, ValueError):
                found = None  # the ordinary way says better what is wrong
            if found is not None:
                return found
        together = getattr(dataset, "__getitems__", None)
        return self.collate_fn(together(index) if together else [dataset[i] for i in index])


class IterableFetcher(Fetcher):
    """Of a dataset without indices; what the sampler gives only says how many."""

    def __init__(self, dataset: Any, batched: bool, collate_fn: Collate, drop_last: bool) -> None:
        super().__init__(dataset, batched, collate_fn, drop_last)
        self.samples = iter(dataset)
        self.ended = False

    def fetch(self, index: Any) -> Any:
        if self.ended:
            raise StopIteration
        if not self.batched:
            return self.collate_fn(next(self.samples))
        data = []
        for _ in index:
            try:
                data.append(next(self.samples))
            except StopIteration:
                self.ended = True
                break
        if not data or (self.drop_last and len(data) < len(index)):
            raise StopIteration
        return self.collate_fn(data)


def make_fetcher(iterable: bool, dataset: Any, batched: bool, collate_fn: Collate, drop_last: bool) -> Fetcher:
    return (IterableFetcher if iterable else MapFetcher)(dataset, batched, collate_fn, drop_last)
