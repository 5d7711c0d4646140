"""The CPU's faster ways to ``where``, sums and extremes give what NumPy's own give."""

from __future__ import annotations

import numpy as np
import pytest

from tane.backends import rows
from tane.backends.division import KERNELS
from tane.backends.masks import LARGE, where, where_positive
from tane.backends.namespace import NARROW, TALL, Namespace
from tane.backends.rows import LONG, amax, amin, sum_product

rng = np.random.default_rng(4)


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.int64, np.float16, np.complex64])
@pytest.mark.parametrize("size", [3, LARGE, 5000])
def test_where(kind, size):
    a, b = rng.normal(size=size).astype(kind), rng.normal(size=size).astype(kind)
    mask = rng.uniform(size=size) > 0.5
    a[::7], b[::5] = 0, -1
    for x, y in ((a, b), (a, 0), (0, b), (a, 2.5), (1.5, b), (a, -0.0), (a[:1], b), (a, b[:1]), (a, 3)):
        expected = np.where(mask, x, y)
        found = where(mask, x, y)
        assert found.dtype == expected.dtype
        assert np.array_equal(found, expected)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_where_keeps_nan_and_infinity_out():
    g = np.full(4000, np.inf, np.float32)
    g[::3] = np.nan
    mask = np.zeros(4000, bool)
    mask[10] = True
    found = where(mask, g, 0)
    assert found[10] == np.inf
    assert np.count_nonzero(found) == 1


def test_where_broadcasts_and_takes_any_layout():
    mask = rng.uniform(size=(40, 1, 50)) > 0.5
    a, b = rng.normal(size=(30, 1)), rng.normal(size=(40, 30, 50)).transpose(0, 1, 2)
    assert np.array_equal(where(mask, a, b), np.where(mask, a, b))
    assert np.array_equal(where(mask, 0, b), np.where(mask, 0, b))
    assert np.array_equal(where(mask, a, 0), np.where(mask, a, 0))
    assert np.array_equal(where(mask.transpose(2, 1, 0), b.T, 1.0), np.where(mask.transpose(2, 1, 0), b.T, 1.0))
    assert np.array_equal(where(np.array([True, False]))[0], [0])


@pytest.mark.parametrize("shape", [(3, 4), (64, 10), (2, 3, 5), (7, 1), (2, LONG), (2, LONG + 1), (0, 3), (3, 0), (5,), ()])
@pytest.mark.parametrize("kind", [np.float32, np.float64, np.int64, bool])
@pytest.mark.parametrize("keepdims", [False, True])
def test_rows(shape, kind, keepdims):
    x = (rng.normal(size=shape) * 3).astype(kind)
    for axis in (None, -1, len(shape) - 1, 0, tuple(range(len(shape)))):
        if not shape and axis not in (None, ()):
            continue
        total = np.add.reduce(x, axis=axis, keepdims=keepdims)
        found = rows.sum(x, axis=axis, keepdims=keepdims)
        assert np.shape(found) == np.shape(total)
        # Sums of up to 4097 numbers of size 3, in another order.
        np.testing.assert_allclose(found, total, rtol=1e-5 if kind == np.float32 else 1e-12, atol=1e-3 if kind == np.float32 else 1e-10)
        if x.size:
            for ours, theirs in ((amax, np.maximum.reduce), (amin, np.minimum.reduce)):
                assert np.array_equal(ours(x, axis=axis, keepdims=keepdims), theirs(x, axis=axis, keepdims=keepdims))


def test_rows_with_nan_and_other_layouts():
    x = rng.normal(size=(6, 8)).astype(np.float32)
    x[2, 3] = np.nan
    x[4, :] = -np.inf
    assert np.array_equal(amax(x, -1), np.maximum.reduce(x, axis=-1), equal_nan=True)
    assert np.array_equal(amin(x, -1), np.minimum.reduce(x, axis=-1), equal_nan=True)
    for view in (x.T, x[::2], x[:, ::3]):
        np.testing.assert_allclose(rows.sum(view, axis=-1), np.add.reduce(view, axis=-1), rtol=1e-5)
        assert np.array_equal(amax(view, 1), np.maximum.reduce(view, axis=1), equal_nan=True)


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_sum_product(axis):
    a, b = rng.normal(size=(5, 7)), rng.normal(size=(5, 7))
    np.testing.assert_allclose(sum_product(a, b, axis), (a * b).sum(axis, keepdims=True))


@pytest.mark.parametrize("name", KERNELS)
def test_whole_numbers_divided_by_zero(name):
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        KERNELS[name](np.array([1, 2]), np.array([1, 0]))
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        KERNELS[name](np.array([1, 2]), 0)
    assert KERNELS[name](np.array([7]), np.array([2])).dtype == np.int64


# ---- what the reference in Namespace says, faster ------------------------------------------------------------------------------------
reference = Namespace(np)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("kind", [np.float32, np.float64, np.float16])
@pytest.mark.parametrize("shape", [(), (5,), (40, 50), (0, 3)])
def test_where_positive(kind, shape):
    y = np.maximum(rng.normal(size=shape), 0).astype(kind)
    x = rng.normal(size=shape).astype(kind)
    if x.size > 10:
        y[0, :4] = np.nan, -np.nan, -0.0, np.inf  # what comes from NaN may be NaN, what comes from 0 may not
        x[:, 1::3] = np.inf
        x[:, ::7] = np.nan
    for a, b in ((x, y), (x.T, y.T), (np.ones((), kind), y), (x[...] if not shape else x[:1], y)):
        expected = np.where(b <= 0, 0, a)
        found = where_positive(a, b)
        assert found.dtype == expected.dtype
        assert np.array_equal(found, expected, equal_nan=True)


@pytest.mark.parametrize("shape", [(5, 4), (TALL, NARROW), (TALL + 1, NARROW + 1), (LONG + 1, 3), (3, 0)])
@pytest.mark.parametrize("kind", [np.float32, np.float64, np.float16, np.int64, np.complex64])
def test_sum_rows(shape, kind):
    x = (rng.normal(size=shape) * 3).astype(kind)
    if kind is np.complex64:
        x += (1j * rng.normal(size=shape)).astype(kind)
    for m in (x, x[:, ::-1], np.asfortranarray(x)):
        found = rows.sum_rows(m)
        assert found.dtype == kind
        assert found.shape == shape[1:]
        single = (1e-5, 1e-3)  # thousands of numbers of size 3
        rtol, atol = {np.float32: single, np.complex64: single, np.float16: (1e-2, 1)}.get(kind, (1e-12, 1e-10))
        wide = np.complex128 if kind is np.complex64 else np.float64
        np.testing.assert_allclose(found, np.add.reduce(m.astype(wide), axis=0).astype(kind), rtol=rtol, atol=atol)
        np.testing.assert_allclose(found, reference.sum_rows(m), rtol=rtol, atol=atol)


@pytest.mark.parametrize("shape", [(2000,), (0,), (LONG + 1,), (3, 4), ()])
@pytest.mark.parametrize("kind", [np.float32, np.float64, np.int64])
def test_sum_all(shape, kind):
    x = (rng.normal(size=shape) * 3).astype(kind)
    for m in (x, x[::-1] if shape else x):
        np.testing.assert_allclose(rows.sum_all(m), reference.sum_all(m), rtol=1e-5, atol=1e-3 if kind == np.float32 else 1e-10)


@pytest.mark.parametrize("shape", [(32, 10), (1, 1), (0, 3), (5000, 2)])
def test_entries(shape):
    x, columns = rng.normal(size=shape), rng.integers(0, shape[1], shape[0])
    for m in (x, np.asfortranarray(x)):
        expected = x[np.arange(shape[0]), columns]
        assert np.array_equal(rows.entries(m, columns), expected)
        assert np.array_equal(reference.entries(m, columns), expected)
        for F in (rows, reference):
            less = m.copy(order="K")
            F.subtract_entries(less, columns, 2.0)
            assert np.array_equal(less[np.arange(shape[0]), columns], expected - 2)
            assert np.count_nonzero(less != m) == shape[0]


@pytest.mark.parametrize("shape", [(32, 10), (1, 1), (0, 3), (3, LONG + 1)])
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_row_losses(shape, kind):
    x, columns = (rng.normal(size=shape) * 50).astype(kind), rng.integers(0, shape[1], shape[0])
    for m in (x, x.T.copy().T):
        for ours, theirs in zip(rows.row_losses(m, columns), reference.row_losses(m, columns), strict=True):
            assert ours.shape == theirs.shape
            assert ours.dtype == theirs.dtype == kind
            np.testing.assert_allclose(ours, theirs, rtol=1e-5 if kind == np.float32 else 1e-12)


@pytest.mark.parametrize("kind", [np.int64, np.uint8, np.int8, np.int32])
def test_all_within(kind):
    for values, size, expected in (([0, 2, 1], 3, True), ([0, 3], 3, False), ([], 0, True), ([[5, 1], [0, 2]], 6, True)):
        for F in (rows, reference):
            assert F.all_within(np.array(values, kind), size) is expected
    if np.dtype(kind).kind == "i":
        assert rows.all_within(np.array([0, -1], kind), 100) is False
