"""Any index, drawn at random: what it reads, whether that is a view, and its gradients, as in PyTorch."""

import warnings

import numpy as np
import pytest

hypothesis = pytest.importorskip("hypothesis")
torch = pytest.importorskip("torch", reason="compares with PyTorch")

from hypothesis import given, settings
from hypothesis import strategies as st

import tane

SETTINGS = settings(max_examples=150, deadline=None)


@st.composite
def shapes_and_indices(draw):
    """A shape, and an index for it; index arrays are NumPy's, to be made into tensors."""
    shape = tuple(draw(st.lists(st.integers(0, 4), min_size=0, max_size=4)))
    items, axis, dots = [], 0, False
    common = draw(st.sampled_from([(), (2,), (2, 1), (1, 3)]))
    while axis < len(shape) and draw(st.integers(0, 9)) < 8:
        size = shape[axis]
        kind = draw(st.sampled_from(["number", "slice", "slice", "None", "...", "array", "list", "mask", "mask2", "scalar", "bool"]))
        if kind == "number" and size:
            items.append(draw(st.integers(-size, size - 1)))
        elif kind == "slice":
            bound = st.one_of(st.none(), st.integers(-5, 5))
            items.append(slice(draw(bound), draw(bound), draw(st.sampled_from([None, 1, 2, 3]))))
        elif kind == "None":
            items.append(None)
            continue
        elif kind == "bool":
            items.append(draw(st.booleans()))
            continue
        elif kind == "..." and not dots:
            dots = True
            items.append(Ellipsis)
            axis = len(shape) - draw(st.integers(0, len(shape) - axis))
            continue
        elif kind == "scalar" and size:
            items.append(np.array(draw(st.integers(-size, size - 1))))
        elif kind == "mask":
            items.append(np.array(draw(st.lists(st.booleans(), min_size=size, max_size=size)), bool))
        elif kind == "mask2" and axis + 2 <= len(shape):
            count = size * shape[axis + 1]
            items.append(np.array(draw(st.lists(st.booleans(), min_size=count, max_size=count)), bool).reshape(size, shape[axis + 1]))
            axis += 1
        elif kind in ("array", "list") and size:
            count = int(np.prod(common))
            values = draw(st.lists(st.integers(-size, size - 1), min_size=count, max_size=count))
            array = np.array(values, np.int64).reshape(common)
            items.append(array.tolist() if kind == "list" and array.ndim else array)
        else:
            items.append(slice(None))
        axis += 1
    return shape, tuple(items)


def outcome(library, function):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return function(library)
        except Exception as error:
            return type(error)


def index_in(library, items):
    return tuple(library.from_numpy(i.copy()) if isinstance(i, np.ndarray) else i for i in items)


def values_of(shape):
    return np.arange(1.0, 1 + np.prod(shape, dtype=int)).reshape(shape)


def agree(ours, theirs):
    if isinstance(theirs, type) or isinstance(ours, type):
        # PyTorch does not look at indices into tensors without elements.
        assert ours == theirs or (ours is IndexError and not theirs[0].numel())
        return
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs, strict=True):
        if isinstance(b, torch.Tensor):
            assert tuple(a.shape) == tuple(b.shape)
            np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-12)
        else:
            assert a == b


@SETTINGS
@given(shapes_and_indices())
def test_reading(drawn):
    shape, items = drawn

    def read(library):
        x = library.tensor(values_of(shape), requires_grad=True)
        y = x[index_in(library, items)]
        weights = library.tensor(values_of(tuple(y.shape)) + 1)
        (g,) = library.autograd.grad((y * y * weights).sum(), x, create_graph=True)
        (h,) = library.autograd.grad((g * g).sum(), x)
        return y, g, h, y._is_view(), y.grad_fn.name()

    agree(outcome(tane, read), outcome(torch, read))


@SETTINGS
@given(shapes_and_indices(), st.booleans())
def test_writing_a_number(drawn, recorded):
    shape, items = drawn

    def write(library):
        x = library.tensor(values_of(shape), requires_grad=recorded)
        z = x * 2
        v = z.reshape(-1)[1:]
        z[index_in(library, items)] = 7.5
        found = [z, v, z._version, v._version]
        if recorded:
            (g,) = library.autograd.grad((z * z).sum() + (v * v * 3).sum(), x)
            found.append(g)
        return found

    agree(outcome(tane, write), outcome(torch, write))


@SETTINGS
@given(shapes_and_indices(), st.integers(0, 2))
def test_writing_a_tensor(drawn, dropped):
    shape, items = drawn
    # Where a position is named twice, which value stays is not defined.
    distinct = tuple(i for i in items if not isinstance(i, (np.ndarray, list)) or np.asarray(i).dtype == bool)

    def write(library):
        z = library.zeros(shape, dtype=library.float64)
        target = z[index_in(library, distinct)]
        size = tuple(target.shape)[dropped:]
        w = library.tensor(values_of(size), requires_grad=True)
        z[index_in(library, distinct)] = w
        (g,) = library.autograd.grad((z * z).sum(), w, allow_unused=True)
        return z, library.zeros(()) if g is None else g

    agree(outcome(tane, write), outcome(torch, write))


@SETTINGS
@given(shapes_and_indices())
def test_adding_in_place(drawn):
    shape, items = drawn

    def add(library):
        x = library.tensor(values_of(shape), requires_grad=True)
        z = x * 1
        z[index_in(library, items)] += 2.5
        (g,) = library.autograd.grad((z * z).sum(), x)
        return z, g, z._version

    agree(outcome(tane, add), outcome(torch, add))
