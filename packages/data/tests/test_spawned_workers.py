"""Workers that are started afresh: what they need travels to them."""

from __future__ import annotations

import multiprocessing

import pytest

import tane
from tane.data import DataLoader, TensorDataset

pytestmark = [
    pytest.mark.filterwarnings("ignore:This DataLoader will create"),  # on a machine with one processor
    pytest.mark.timeout(120),
]


@pytest.mark.parametrize("method", [m for m in ("spawn", "forkserver") if m in multiprocessing.get_all_start_methods()])
def test_other_ways_to_start(method):
    data = TensorDataset(tane.arange(6), tane.eye(6))
    list(data)  # rows taken of the tensors leave weak references, which must not travel
    loader = DataLoader(data, 2, num_workers=1, multiprocessing_context=method)
    assert [x.tolist() for x, y in loader] == [[0, 1], [2, 3], [4, 5]]


def test_what_cannot_be_sent_to_a_spawned_worker():
    loader = DataLoader([1], num_workers=1, multiprocessing_context="spawn", collate_fn=lambda s: s)
    with pytest.warns(UserWarning, match="Got pickle error"), pytest.raises(Exception, match="pickle"):
        iter(loader)
