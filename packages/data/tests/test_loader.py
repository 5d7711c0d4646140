"""The loader's arguments: what each does, and PyTorch's errors for those that make no sense."""

from __future__ import annotations

import multiprocessing
import pickle

import pytest

import tane
from tane.data import BatchSampler, DataLoader, IterableDataset, RandomSampler, SequentialSampler, TensorDataset, WeightedRandomSampler


class Stream(IterableDataset):
    def __init__(self, n=5):
        self.n = n

    def __iter__(self):
        return iter(range(self.n))


def test_batches_of_tensors():
    loader = DataLoader(TensorDataset(tane.arange(5), tane.eye(5)), batch_size=2)
    assert len(loader) == 3
    x, y = next(iter(loader))
    assert x.tolist() == [0, 1]
    assert tuple(y.shape) == (2, 5)
    assert len(DataLoader(range(5), 2, drop_last=True)) == 2
    assert [b.tolist() for b in DataLoader(range(5), 2, drop_last=True)] == [[0, 1], [2, 3]]


def test_single_samples():
    assert list(DataLoader(range(3), batch_size=None)) == [0, 1, 2]
    assert [x.tolist() for x in DataLoader([[1.0], [2.0]], collate_fn=tane.tensor, batch_size=None)] == [[1.0], [2.0]]
    assert list(DataLoader(Stream(3), batch_size=None)) == [0, 1, 2]


def test_samplers():
    assert isinstance(DataLoader(range(3)).sampler, SequentialSampler)
    assert isinstance(DataLoader(range(3), shuffle=True).sampler, RandomSampler)
    assert isinstance(DataLoader(range(3)).batch_sampler, BatchSampler)
    loader = DataLoader(range(9), batch_sampler=[[8, 7], [0]])
    assert (loader.batch_size, loader.drop_last) == (None, False)
    assert [b.tolist() for b in loader] == [[8, 7], [0]]
    assert len(loader) == 2
    assert [b.tolist() for b in DataLoader(range(9), 2, sampler=[3, 1, 4])] == [[3, 1], [4]]


def test_getitems():
    class Together:
        def __getitems__(self, indices):
            return [100 * i for i in indices]

        def __len__(self):
            return 3

    assert [b.tolist() for b in DataLoader(Together(), 2)] == [[0, 100], [200]]


def test_iterables():
    assert [b.tolist() for b in DataLoader(Stream(5), 2)] == [[0, 1], [2, 3], [4]]
    assert [b.tolist() for b in DataLoader(Stream(5), 2, drop_last=True)] == [[0, 1], [2, 3]]
    with pytest.raises(TypeError):
        len(DataLoader(Stream(5)))


def test_pinning_is_a_hint():
    assert next(iter(DataLoader(range(2), 2, pin_memory=True))).tolist() == [0, 1]


def test_seeds_are_drawn_from_the_generator():
    loaders = [DataLoader(range(20), 5, shuffle=True, generator=tane.Generator().manual_seed(1)) for _ in range(2)]
    tane.manual_seed(1)
    first = [b.tolist() for b in loaders[0]]
    tane.manual_seed(2)
    assert [b.tolist() for b in loaders[1]] == first


def test_what_is_fixed():
    loader = DataLoader(range(3))
    for name in ("batch_size", "batch_sampler", "sampler", "drop_last", "dataset", "persistent_workers"):
        with pytest.raises(ValueError, match=f"{name} attribute should not be set after DataLoader is initialized"):
            setattr(loader, name, None)
    loader.collate_fn = list
    assert next(iter(loader)) == [0]


def test_generic_and_subclass():
    class Mine(DataLoader[int]):
        pass

    with pytest.raises(ValueError, match="batch_size attribute should not be set after Mine"):
        Mine(range(3)).batch_size = 4


def test_an_iterator_is_not_pickled():
    with pytest.raises(NotImplementedError):
        pickle.dumps(iter(DataLoader(range(3))))


def test_an_error_leaves_through():
    class Broken:
        def __len__(self):
            return 3

        def __getitem__(self, i):
            raise KeyError("lost")

    with pytest.raises(KeyError, match="lost"):
        next(iter(DataLoader(Broken())))


class Sized:
    def __init__(self, n):
        self.n = n

    def __len__(self):
        return self.n


BAD = {
    "num_workers": {"num_workers": -1},
    "timeout": {"timeout": -1},
    "prefetch": {"prefetch_factor": 2},
    "negative prefetch": {"prefetch_factor": -2, "num_workers": 1},
    "persistent": {"persistent_workers": True},
    "context without workers": {"multiprocessing_context": "spawn"},
    "unknown context": {"multiprocessing_context": "clone", "num_workers": 1},
    "context": {"multiprocessing_context": 3, "num_workers": 1},
    "sampler and shuffle": {"sampler": [0], "shuffle": True},
    "batch_sampler and batch_size": {"batch_sampler": [[0]], "batch_size": 2},
    "batch_sampler and shuffle": {"batch_sampler": [[0]], "shuffle": True},
    "no batches, drop_last": {"batch_size": None, "drop_last": True},
    "batch_size": {"batch_size": 0},
    "fraction": {"batch_size": 1.5},
    "true": {"batch_size": True},
    "drop_last": {"drop_last": 1},
    "empty": {"shuffle": True, "dataset": Sized(0)},
}


def raised(function):
    with pytest.raises(Exception) as caught:
        function()
    return type(caught.value), str(caught.value)


@pytest.mark.parity
@pytest.mark.parametrize("name", BAD)
def test_same_errors(name):
    torch = pytest.importorskip("torch")
    options = {"dataset": range(3), **BAD[name]}
    assert raised(lambda: DataLoader(**options)) == raised(lambda: torch.utils.data.DataLoader(**options))


@pytest.mark.parity
@pytest.mark.parametrize("options", [{"shuffle": True}, {"sampler": [0]}, {"batch_sampler": [[0]]}])
def test_same_errors_of_iterables(options):
    torch = pytest.importorskip("torch")

    class Theirs(torch.utils.data.IterableDataset):
        def __iter__(self):
            return iter(range(3))

    assert raised(lambda: DataLoader(Stream(), **options)) == raised(lambda: torch.utils.data.DataLoader(Theirs(), **options))


@pytest.mark.parity
@pytest.mark.parametrize(
    "make",
    [
        lambda d: d.RandomSampler(range(3), replacement=1),
        lambda d: d.RandomSampler(range(3), num_samples=0),
        lambda d: d.RandomSampler(range(3), num_samples=1.5),
        lambda d: d.WeightedRandomSampler([1.0], 0),
        lambda d: d.WeightedRandomSampler([1.0], True),
        lambda d: d.WeightedRandomSampler([1.0], 2, replacement="no"),
        lambda d: d.WeightedRandomSampler([[1.0]], 2),
        lambda d: list(d.WeightedRandomSampler([1.0], 2, replacement=False)),
        lambda d: d.BatchSampler([0], 0, False),
        lambda d: d.BatchSampler([0], 1, None),
        lambda d: d.distributed.DistributedSampler([0], 2, 2),
        lambda d: next(iter(d.DataLoader([0], timeout=1))),
    ],
)
def test_same_errors_of_samplers(make):
    torch = pytest.importorskip("torch")
    import tane.data

    assert raised(lambda: make(tane.data)) == raised(lambda: make(torch.utils.data))


def test_workers_need_something_to_do():
    with pytest.raises(AssertionError, match="prefetch_factor must be greater than 0"):
        iter(DataLoader([0], num_workers=1, prefetch_factor=0))


def test_weights_may_be_anything_that_numbers_come_out_of():
    assert set(WeightedRandomSampler((0, 1, 0), 9)) == {1}


def test_context():
    loader = DataLoader(range(3), num_workers=1, multiprocessing_context="spawn")
    assert loader.multiprocessing_context.get_start_method() == "spawn"
    context = multiprocessing.get_context("fork")
    assert DataLoader(range(3), num_workers=1, multiprocessing_context=context).multiprocessing_context is context


def test_too_many_workers_warn():
    with pytest.warns(UserWarning, match="This DataLoader will create 100000 worker processes in total"):
        DataLoader(range(3), num_workers=100000)


def test_the_other_name():
    import tane.utils.data
    import tane.utils.data.sampler
    from tane.utils.data.dataloader import default_collate
    from tane.utils.data.dataset import Dataset
    from tane.utils.data.distributed import DistributedSampler

    assert tane.utils.data is tane.data
    assert tane.utils.data.sampler.RandomSampler is RandomSampler
    assert Dataset is tane.data.Dataset
    assert default_collate is tane.data.default_collate
    assert DistributedSampler is tane.data.DistributedSampler
