"""What the strategies draw is what they say."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import tane
from tane.testing import strategies

few = settings(max_examples=30, deadline=None)


@few
@given(strategies.broadcastable_shapes(3))
def test_shapes_broadcast(shapes):
    assert len(shapes) == 3
    np.broadcast_shapes(*shapes)


@few
@given(st.data(), st.sampled_from([tane.float32, tane.bfloat16, tane.int64, tane.uint8, tane.bool, tane.complex64]))
def test_tensors_have_the_dtype_and_finite_values(data, dtype):
    t = data.draw(strategies.tensors(dtype))
    assert t.dtype == dtype
    values = np.asarray(t.array).astype(complex)
    assert np.isfinite(values).all()
    assert (abs(values.real) <= 10).all()


@few
@given(st.data(), strategies.shapes(min_side=1, max_dims=3))
def test_basic_indices_give_views_and_advanced_ones_copies(data, shape):
    x = tane.zeros(shape)
    basic = data.draw(strategies.basic_indices(shape))
    assert np.shares_memory(x[basic].array, x.array) or x[basic].array.size == 0
    advanced = data.draw(strategies.advanced_indices(shape))
    there = tuple(map(tane.from_numpy, advanced)) if isinstance(advanced, tuple) else tane.from_numpy(advanced)
    assert x[there].array.base is not x.array
    assert x[there].shape == np.zeros(shape)[advanced].shape


@few
@given(st.data(), strategies.shapes(min_dims=1))
def test_axes_exist(data, shape):
    axis = data.draw(strategies.axes(len(shape)))
    assert np.zeros(shape).sum(axis).ndim == len(shape) - 1
