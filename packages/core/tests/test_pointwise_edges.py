"""Pointwise ops where a value is NaN, infinite or 0, or an operand is a Python number: what PyTorch gives."""

import math

import pytest

import tane


def gradients(f, *values):
    inputs = [tane.tensor(v, requires_grad=True) for v in values]
    f(*inputs).sum().backward()
    return [x.grad.tolist() for x in inputs]


@pytest.mark.parametrize("name", ["maximum", "minimum"])
def test_an_extreme_that_is_nan_is_both_operands(name):
    assert gradients(getattr(tane, name), [math.nan, 1.0, 2.0], [1.0, math.nan, 2.0]) == [[1, 1, 0.5], [1, 1, 0.5]]


@pytest.mark.parametrize("name", ["fmax", "fmin"])
def test_a_number_is_chosen_before_nan(name):
    assert gradients(getattr(tane, name), [math.nan, 1.0, math.nan], [1.0, math.nan, math.nan]) == [[0, 1, 1], [1, 0, 0]]


def test_atan2_has_no_slope_at_the_origin():
    assert gradients(tane.atan2, [0.0], [0.0]) == [[0], [0]]


@pytest.mark.parametrize("f", [tane.xlogy, tane.special.xlog1py])
@pytest.mark.parametrize("dtype", [tane.float32, tane.float16, tane.int64])
def test_a_number_takes_on_the_tensors_type(f, dtype):
    expected = dtype if dtype.is_floating_point else tane.float32
    assert f(tane.ones(2, dtype=dtype), 0.5).dtype is expected
    assert f(0.5, tane.ones(2, dtype=dtype)).dtype is expected


def test_entropy_of_infinities():
    assert tane.special.entr(tane.tensor([math.inf, -math.inf, 0.0])).tolist() == [-math.inf, -math.inf, 0]


def test_mvlgamma_is_computed_wherever_lgamma_is():
    x = tane.tensor([0.3, 3.0])
    assert tane.allclose(tane.mvlgamma(x, 1), tane.lgamma(x))


def test_a_small_whole_number_is_no_heaviside_of_floats():
    assert tane.heaviside(tane.tensor([-1, 0, 2]), tane.tensor([5, 5, 5])).dtype is tane.int64
