"""Datasets: made of tensors, of each other, and split."""

from __future__ import annotations

import warnings

import pytest

import tane
from tane.data import (
    ChainDataset,
    ConcatDataset,
    DataLoader,
    Dataset,
    IterableDataset,
    StackDataset,
    Subset,
    TensorDataset,
    random_split,
)


class Squares(Dataset):
    def __init__(self, n):
        self.n = n

    def __len__(self):
        return self.n

    def __getitem__(self, i):
        return i * i


class Together(Squares):
    def __getitems__(self, indices):
        return [i * i for i in indices]


class Count(IterableDataset):
    def __init__(self, *numbers):
        self.numbers = numbers

    def __iter__(self):
        return iter(self.numbers)

    def __len__(self):
        return len(self.numbers)


def test_the_base_says_what_to_write():
    with pytest.raises(NotImplementedError, match="Subclasses of Dataset should implement __getitem__"):
        Dataset()[0]
    with pytest.raises(TypeError):
        len(Dataset())


def test_tensor_dataset():
    data = TensorDataset(tane.arange(4), tane.eye(4))
    assert len(data) == 4
    x, y = data[2]
    assert x.item() == 2
    assert y.tolist() == [0, 0, 1, 0]
    x, y = data[1:3]
    assert tuple(y.shape) == (2, 4)
    with pytest.raises(AssertionError, match="Size mismatch between tensors"):
        TensorDataset(tane.arange(4), tane.arange(3))


def test_concatenated():
    data = Squares(3) + Squares(2)
    assert isinstance(data, ConcatDataset)
    assert data.cumulative_sizes == [3, 5]
    assert [data[i] for i in range(len(data))] == [0, 1, 4, 0, 1]
    assert data[-1] == 1
    assert data[-5] == 0
    with pytest.raises(ValueError, match="absolute value of index should not exceed dataset length"):
        data[-6]
    with pytest.raises(AssertionError, match="should not be an empty iterable"):
        ConcatDataset([])
    with pytest.raises(AssertionError, match="does not support IterableDataset"):
        ConcatDataset([Count(1)])


def test_chained():
    data = Count(1, 2) + Count(3)
    assert isinstance(data, ChainDataset)
    assert list(data) == [1, 2, 3]
    assert len(data) == 3
    with pytest.raises(AssertionError, match="only supports IterableDataset"):
        list(ChainDataset([Squares(2)]))


def test_stacked():
    data = StackDataset(Squares(3), Together(3))
    assert len(data) == 3
    assert data[2] == (4, 4)
    assert data.__getitems__([0, 2]) == [(0, 0), (4, 4)]
    named = StackDataset(a=Squares(3), b=Together(3))
    assert named[2] == {"a": 4, "b": 4}
    assert named.__getitems__([1]) == [{"a": 1, "b": 1}]
    for args, kwargs, text in (
        ((), {}, "At least one"),
        ((Squares(1),), {"a": Squares(1)}, "both types"),
        ((Squares(1), Squares(2)), {}, "Size"),
    ):
        with pytest.raises(ValueError, match=text):
            StackDataset(*args, **kwargs)

    class Short(Squares):
        def __getitems__(self, indices):
            return []

    with pytest.raises(ValueError, match="Expected 2, got 0"):
        StackDataset(Short(3)).__getitems__([0, 1])


def test_subset():
    part = Subset(Squares(10), [3, 5])
    assert len(part) == 2
    assert [part[0], part[1]] == [9, 25]
    assert part.__getitems__([1, 0]) == [25, 9]
    assert Subset(Together(10), [3, 5]).__getitems__([1, 0]) == [25, 9]
    assert Subset(TensorDataset(tane.arange(10)), [3, 5])[[0, 1]][0].tolist() == [3, 5]

    class Doubled(Subset):
        def __getitem__(self, i):
            return 2 * super().__getitem__(i)

    with pytest.raises(NotImplementedError, match="Doubled overrides __getitem__ but not __getitems__"):
        Doubled(Squares(3), [0])


def test_split():
    tane.manual_seed(0)
    a, b = random_split(range(10), [7, 3])
    assert sorted([*a, *b]) == list(range(10))
    with pytest.raises(ValueError, match="Sum of input lengths"):
        random_split(range(10), [7, 4])
    with pytest.raises(ValueError, match="Fraction at index 2 is not between 0 and 1"):
        random_split(range(10), [0.5, 0.7, -0.2])
    with pytest.warns(UserWarning, match="Length of split at index 1 is 0"):
        random_split(range(1), [0.9, 0.1])


# ---- a loader takes rows of tensors at once: nobody may notice ---------------------------------------------------------------------
class Wrapped(TensorDataset):
    """The same data, one sample after the other."""


@pytest.mark.parametrize("through", [lambda d: d, lambda d: Subset(d, [5, 4, 4, 0, 2])])
def test_rows_at_once_are_the_same_batches(through):
    tensors = tane.arange(6), tane.arange(12.0).reshape(6, 2), tane.tensor([True, False] * 3), tane.zeros(6, 0)
    at_once = list(DataLoader(through(TensorDataset(*tensors)), batch_size=4))
    one_by_one = list(DataLoader(through(Wrapped(*tensors)), batch_size=4))
    for a, b in zip(at_once, one_by_one):
        assert type(a) is type(b) is list
        for x, y in zip(a, b):
            assert x.dtype == y.dtype
            assert x.tolist() == y.tolist()
            assert tuple(x.shape) == tuple(y.shape)


def test_rows_at_once_are_copies():
    x = tane.zeros(4)
    (batch,) = next(iter(DataLoader(TensorDataset(x), batch_size=2)))
    batch += 1
    assert x.tolist() == [0, 0, 0, 0]


def test_gradients_flow_through_a_loader():
    x = tane.ones(4, requires_grad=True)
    for (batch,) in DataLoader(TensorDataset(x), batch_size=2):
        (batch * batch).sum().backward()
    assert x.grad.tolist() == [2, 2, 2, 2]


def test_an_index_out_of_range_is_the_same_error():
    caught = []
    for kind in (TensorDataset, Wrapped):
        with pytest.raises(IndexError) as error:
            list(DataLoader(kind(tane.arange(3)), sampler=[0, 3], batch_size=2))
        caught.append(str(error.value))
    assert caught[0] == caught[1]


def test_iterable_length():
    loader = DataLoader(Count(1, 2, 3, 4, 5), batch_size=2)
    assert len(loader) == 3
    assert [b.tolist() for b in loader] == [[1, 2], [3, 4], [5]]
    assert len(DataLoader(Count(1, 2, 3), batch_size=2, drop_last=True)) == 1
    assert len(DataLoader(Count(1, 2, 3), batch_size=None)) == 3

    class Liar(Count):
        def __len__(self):
            return 1

    loader = DataLoader(Liar(1, 2, 3), batch_size=None)
    assert [*iter(loader)] == [1, 2, 3]  # nobody asked for the length: no warning
    len(loader)
    with pytest.warns(UserWarning, match=r"was reported to be 1\(when accessing len\(dataloader\)\), but . samples"):
        [*iter(loader)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert next(iter(loader)) == 1
