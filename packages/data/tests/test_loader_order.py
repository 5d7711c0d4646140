"""Shuffled with the same seed, loaders and samplers deal in PyTorch's order, and leave the generator in PyTorch's state."""

from __future__ import annotations

import pytest

import tane
import tane.data

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.parity

LIBRARIES = [(tane, tane.data), (torch, torch.utils.data)]


def both(compute):
    """What a computation gives in either library, from the same seed; and what is drawn after it."""
    results = []
    for library, data in LIBRARIES:
        library.manual_seed(7)
        results.append((compute(library, data), library.randperm(1000)[:3].tolist()))
    assert results[0] == results[1]
    return results[0][0]


def dealt(loader):
    return [batch.tolist() if hasattr(batch, "tolist") else batch for batch in loader]


class Eager:
    """A sampler that draws when it is asked for an iterator, not when that is asked for an index."""

    def __init__(self, library):
        self.library = library

    def __iter__(self):
        return iter(self.library.randperm(9).tolist())

    def __len__(self):
        return 9


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("seeded", [False, True])
def test_shuffled(workers, seeded):
    def compute(library, data):
        generator = library.Generator().manual_seed(3) if seeded else None
        loader = data.DataLoader(range(23), batch_size=4, shuffle=True, num_workers=workers, generator=generator)
        found = [dealt(loader), dealt(loader), dealt(loader)]
        return found, library.randperm(1000, generator=generator)[:3].tolist()

    (first, second, _), _ = both(compute)
    assert sorted(i for batch in first for i in batch) == list(range(23))
    assert first != second


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize(
    "options",
    [
        {"batch_size": 4},
        {"batch_size": 4, "drop_last": True},
        {"batch_size": None, "shuffle": True},
        {"batch_sampler": [[3, 1], [0], [2, 2, 2]]},
        {"sampler": [5, 4, 3, 3], "batch_size": 3},
    ],
)
def test_in_order(workers, options):
    both(lambda library, data: dealt(data.DataLoader(range(10), num_workers=workers, **options)))


@pytest.mark.parametrize("workers", [0, 2])
def test_a_sampler_that_draws_at_once(workers):
    both(lambda library, data: dealt(data.DataLoader(range(9), 4, sampler=Eager(library), num_workers=workers)))


def test_two_loaders_interleaved():
    def compute(library, data):
        a, b = (data.DataLoader(range(8), 2, shuffle=True) for _ in range(2))
        return [(x.tolist(), y.tolist()) for x, y in zip(a, b)]

    both(compute)


def test_persistent_workers():
    def compute(library, data):
        loader = data.DataLoader(range(12), 3, shuffle=True, num_workers=2, persistent_workers=True)
        found = [dealt(loader), dealt(loader)]
        del loader
        return found

    both(compute)


SAMPLERS = {
    "random": lambda library, data: data.RandomSampler(range(10)),
    "seeded": lambda library, data: data.RandomSampler(range(10), generator=library.Generator().manual_seed(5)),
    "more": lambda library, data: data.RandomSampler(range(10), num_samples=27),
    "fewer": lambda library, data: data.RandomSampler(range(10), num_samples=4),
    "replaced": lambda library, data: data.RandomSampler(range(10), replacement=True, num_samples=70),
    "replaced, a multiple of 32": lambda library, data: data.RandomSampler(range(10), replacement=True, num_samples=64),
    "subset": lambda library, data: data.SubsetRandomSampler([2, 3, 5, 7, 11]),
    "weighted": lambda library, data: data.WeightedRandomSampler([0.1, 0.9, 0.4, 0.7, 3.0, 0.6], 50),
    "weighted, without replacement": lambda library, data: data.WeightedRandomSampler(
        [0.9, 0.4, 0.05, 0.2, 0.3, 0.1], 5, replacement=False
    ),
    "weighted by a tensor": lambda library, data: data.WeightedRandomSampler(library.arange(1.0, 9.0), 20),
    "batches": lambda library, data: data.BatchSampler(data.RandomSampler(range(11)), 3, False),
    "whole batches": lambda library, data: data.BatchSampler(data.RandomSampler(range(11)), 3, True),
    "sequential": lambda library, data: data.SequentialSampler(range(4)),
}


@pytest.mark.parametrize("name", SAMPLERS)
def test_sampler(name):
    def compute(library, data):
        sampler = SAMPLERS[name](library, data)
        return list(sampler), list(sampler), len(sampler)

    both(compute)


@pytest.mark.parametrize("options", [{}, {"shuffle": False}, {"drop_last": True}, {"seed": 4, "drop_last": True}])
@pytest.mark.parametrize("length", [2, 9, 10, 12])
def test_distributed_sampler(length, options):
    def compute(library, data):
        found = []
        for rank in range(3):
            sampler = data.distributed.DistributedSampler(range(length), num_replicas=3, rank=rank, **options)
            sampler.set_epoch(2)
            found.append((list(sampler), len(sampler)))
        return found

    both(compute)


@pytest.mark.parametrize("lengths", [[7, 3], [0.5, 0.5], [0.3, 0.3, 0.4], [0.35, 0.65], [10], [1.0]])
@pytest.mark.parametrize("seeded", [False, True])
def test_random_split(lengths, seeded):
    def compute(library, data):
        options = {"generator": library.Generator().manual_seed(42)} if seeded else {}
        return [list(part) for part in data.random_split(range(10), lengths, **options)]

    both(compute)


def test_seeds_of_workers():
    import random

    import numpy

    def compute(library, data):
        class Draws(data.Dataset):
            def __len__(self):
                return 4

            def __getitem__(self, i):
                info = data.get_worker_info()
                state = random.random(), numpy.random.rand(), library.rand(1).item()
                return i, info.id, info.num_workers, info.seed, *state

        return [tuple(v.item() for v in b) for b in data.DataLoader(Draws(), num_workers=2)]

    rows = both(compute)
    assert len({row[3] for row in rows}) == 2
