"""How samples become batches."""

from __future__ import annotations

import collections
import copy

import numpy as np
import pytest

import tane
from tane.data import DataLoader, default_collate, default_convert
from tane.data.collate import collate, default_collate_fn_map

Pair = collections.namedtuple("Pair", ["left", "right"])


class Labelled(dict):
    """A mapping that carries more than its items."""

    def __init__(self, *args):
        super().__init__(*args)
        self.label = "kept"

    def __copy__(self):
        other = Labelled(self)
        other.label = self.label
        return other


class Stubborn(tuple):
    """A sequence that cannot be made of a list."""

    def __new__(cls, a, b):
        return super().__new__(cls, (a, b))


SAMPLES = {
    "tensors": lambda t: [t.arange(3), t.arange(3) + 1],
    "scalars": lambda t: [t.tensor(1.5), t.tensor(2.5)],
    "arrays": lambda t: [np.arange(3, dtype=np.float32), np.ones(3, np.float32)],
    "numpy floats": lambda t: [np.float64(1.5), np.float64(2.5)],
    "numpy ints": lambda t: [np.int32(1), np.int32(2)],
    "numpy bools": lambda t: [np.bool_(True), np.bool_(False)],
    "0-d arrays": lambda t: [np.array(1.5), np.array(2.5)],
    "floats": lambda t: [1.5, 2.5],
    "ints": lambda t: [1, 2],
    "bools": lambda t: [True, False],
    "texts": lambda t: ["a", "bc"],
    "bytes": lambda t: [b"a", b"bc"],
    "tuples": lambda t: [(1, 2.0, "x"), (3, 4.0, "y")],
    "lists": lambda t: [[1, 2.0], [3, 4.0]],
    "named": lambda t: [Pair(1, t.zeros(2)), Pair(2, t.ones(2))],
    "dicts": lambda t: [{"a": 1, "b": {"c": t.zeros(1)}}, {"b": {"c": t.ones(1)}, "a": 2}],
    "ordered": lambda t: [collections.OrderedDict(z=1, a=2.0), collections.OrderedDict(z=3, a=4.0)],
    "proxies": lambda t: [__import__("types").MappingProxyType({"a": 1}), __import__("types").MappingProxyType({"a": 2})],
    "ranges": lambda t: [range(2), range(2)],
    "deques": lambda t: [collections.deque([1, 2]), collections.deque([3, 4])],
    "nested": lambda t: [[(1, [2.0]), {"k": "v"}], [(3, [4.0]), {"k": "w"}]],
    "float16": lambda t: [t.zeros(2, dtype=t.float16), t.ones(2, dtype=t.float16)],
    "empty tensors": lambda t: [t.zeros(0), t.zeros(0)],
}


def plain(value):
    """A batch as something that can be compared between libraries."""
    if hasattr(value, "requires_grad"):
        return ("tensor", str(value.dtype), tuple(value.shape), value.tolist())
    if isinstance(value, collections.abc.Mapping):
        return (type(value).__name__, {k: plain(v) for k, v in value.items()})
    if isinstance(value, (list, tuple, collections.deque)):
        return (type(value).__name__, [plain(v) for v in value])
    return value


@pytest.mark.parity
@pytest.mark.parametrize("name", SAMPLES)
def test_same_batches(name):
    torch = pytest.importorskip("torch")
    mine = default_collate(SAMPLES[name](tane))
    assert plain(mine) == plain(torch.utils.data.default_collate(SAMPLES[name](torch)))


@pytest.mark.parity
@pytest.mark.parametrize("name", SAMPLES)
def test_same_conversion(name):
    torch = pytest.importorskip("torch")
    mine = default_convert(SAMPLES[name](tane)[0])
    assert plain(mine) == plain(torch.utils.data.default_convert(SAMPLES[name](torch)[0]))


BAD = {
    "unequal": lambda t: [[1, 2], [1]],
    "object": lambda t: [object(), object()],
    "none": lambda t: [None, None],
    "text arrays": lambda t: [np.array(["a"]), np.array(["b"])],
    "shapes": lambda t: [t.zeros(2), t.zeros(3)],
    "missing": lambda t: [{"a": 1}, {"b": 1}],
    "nothing": lambda t: [],
}


@pytest.mark.parity
@pytest.mark.parametrize("name", BAD)
def test_same_errors(name):
    torch = pytest.importorskip("torch")
    caught = []
    for library, function in ((tane, default_collate), (torch, torch.utils.data.default_collate)):
        with pytest.raises(Exception) as error:
            function(BAD[name](library))
        caught.append((type(error.value), str(error.value)))
    assert caught[0] == caught[1]


def test_values():
    assert default_collate([1, 2]).tolist() == [1, 2]
    assert default_collate([0.5, 1.5]).dtype == tane.float64
    x, names = default_collate([(tane.zeros(2), "a"), (tane.ones(2), "b")])
    assert x.tolist() == [[0, 0], [1, 1]]
    assert names == ("a", "b")


def test_a_mapping_keeps_its_kind():
    batch = default_collate([Labelled({"a": 1}), Labelled({"a": 2})])
    assert type(batch) is Labelled
    assert batch.label == "kept"
    assert batch["a"].tolist() == [1, 2]
    assert default_convert(copy.copy(Labelled({"a": np.zeros(1)}))).label == "kept"


def test_a_tuple_that_cannot_be_made_becomes_a_list():
    assert [v.tolist() for v in default_collate([Stubborn(1, 2), Stubborn(3, 4)])] == [[1, 3], [2, 4]]


def test_gradients_flow_through_a_batch():
    a, b = tane.ones(2, requires_grad=True), tane.zeros(2)
    default_collate([a, b]).sum().backward()
    assert a.grad.tolist() == [1, 1]


def test_types_are_promoted():
    assert default_collate([tane.zeros(1), tane.zeros(1, dtype=tane.float64)]).dtype == tane.float64


def test_own_types():
    class Point:
        def __init__(self, x):
            self.x = x

    def points(batch, *, collate_fn_map=None):
        return collate([p.x for p in batch], collate_fn_map=collate_fn_map)

    with pytest.raises(TypeError, match=r"found .*Point"):
        default_collate([Point(1)])
    batch = collate([{"p": Point(1)}, {"p": Point(2)}], collate_fn_map={**default_collate_fn_map, Point: points})
    assert batch["p"].tolist() == [1, 2]


def test_a_batch_does_not_share_memory_with_its_samples():
    samples = [tane.zeros(2), tane.zeros(2)]
    default_collate(samples)[0].add_(1)
    assert samples[0].tolist() == [0, 0]


def test_a_loader_uses_it():
    loader = DataLoader([(1, "a"), (2, "b")], batch_size=2, collate_fn=lambda samples: ("mine", samples))
    assert next(iter(loader)) == ("mine", [(1, "a"), (2, "b")])
    assert next(iter(DataLoader([np.zeros(2)], batch_size=None))).tolist() == [0, 0]
