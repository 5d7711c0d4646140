"""What a dataset is, and the one made of tensors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np

from tane.tensor import Tensor, wrap

if TYPE_CHECKING:
    from tane.data.combined import ChainDataset, ConcatDataset

__all__ = ["Dataset", "IterableDataset", "TensorDataset", "rows"]

T_co = TypeVar("T_co", covariant=True)


class Dataset(Generic[T_co]):
    """Samples by index: subclass it and write ``__getitem__``, and ``__len__`` where there is a length.

    ``__getitems__(indices)``, where there is one, gives a loader the samples of a batch at once.
    """

    def __getitem__(self, index: Any) -> T_co:
        raise NotImplementedError("Subclasses of Dataset should implement __getitem__.")

    def __add__(self, other: Dataset[Any]) -> ConcatDataset[Any]:
        from tane.data.combined import ConcatDataset

        return ConcatDataset([self, other])


class IterableDataset(Dataset[T_co], Iterable[T_co]):
    """Samples one after the other: subclass it and write ``__iter__``.

    Each worker of a loader iterates over a copy of its own: ask :func:`tane.data.get_worker_info` which part is whose.
    """

    def __iter__(self) -> Iterator[T_co]:
        raise NotImplementedError("Subclasses of IterableDataset should implement __iter__.")

    def __add__(self, other: Dataset[Any]) -> ChainDataset:  # type: ignore[override]
        from tane.data.combined import ChainDataset

        return ChainDataset([self, other])


class TensorDataset(Dataset[tuple[Tensor, ...]]):
    """Sample ``i`` is the tuple of row ``i`` of each tensor.

    >>> import tane
    >>> TensorDataset(tane.arange(3), tane.eye(3))[1]
    (tensor(1), tensor([0., 1., 0.]))
    """

    tensors: tuple[Tensor, ...]

    def __init__(self, *tensors: Tensor) -> None:
        if any(t.shape[0] != tensors[0].shape[0] for t in tensors):
            raise AssertionError("Size mismatch between tensors")
        self.tensors = tensors

    def __getitem__(self, index: Any) -> tuple[Tensor, ...]:
        return tuple(t[index] for t in self.tensors)

    def __len__(self) -> int:
        return self.tensors[0].shape[0]


def rows(dataset: Any, indices: Sequence[Any]) -> list[Tensor] | None:
    """The collated batch of those samples of a :class:`TensorDataset`, taken at once: what :func:`default_collate` would make of them.

    None where that is not sure to be the same: for other indices than whole numbers in range, or tensors that are not plain data in the
    host's memory.
    """
    at = np.asarray(indices)
    if at.dtype.kind != "i" or at.ndim != 1:
        return None
    found = []
    for t in dataset.tensors:
        array = t.array
        if type(t) is not Tensor or t.node is not None or type(array) is not np.ndarray:
            return None
        if not (-len(array) <= at.min() and at.max() < len(array)):
            return None
        found.append(wrap(array[at]))
    return found
