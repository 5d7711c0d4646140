"""``assert_close`` and ``make_tensor``: values fixed by PyTorch 2.13, and PyTorch itself where it is installed."""

from __future__ import annotations

import numpy as np
import pytest

import tane
from tane.testing import assert_close, make_tensor

inf, nan = float("inf"), float("nan")


def pairs(m):
    """Pairs to be compared, made by ``m``: tane or PyTorch."""
    t = m.tensor
    yield (t([1.0, 2, 3]), t([1.0, 2.1, 3])), {}
    yield (t([1.0, 2, 3]), t([1.0, 2.1, 3])), {"rtol": 0, "atol": 0}
    yield (t([1.0, 2, 3]), t([1.0, 2.1, 3])), {"rtol": 0, "atol": 0.2}
    yield (t([1.0, 2, nan]), t([1.0, 2, nan])), {}
    yield (t([1.0, 2, nan]), t([1.0, 2, nan])), {"equal_nan": True}
    yield (t([1.0]), t([1.0], dtype=m.float64)), {}
    yield (t([1.0]), t([1.0], dtype=m.float64)), {"check_dtype": False}
    yield (t([1.0]), t([2.0])), {"rtol": 1}
    yield (t([1.0]), t([2.0])), {"msg": "hello"}
    yield (t([1.0]), t([2.0])), {"msg": lambda text: f"first of all: {text}"}
    yield (1, 1.0), {"check_dtype": False}
    yield (t([[1.0, 2], [3, 4]]).t(), t([[1.0, 3], [2, 4]])), {"check_stride": True}
    for pair in [
        (t(1.0), t(2.0)),
        (t([[1, 2]]), t([[1, 3]])),
        (t([1.0]), t([[1.0]])),
        (1.0, 1.1),
        (1, 2),
        (1, 1.0),
        (True, False),
        (nan, nan),
        (1 + 2j, 1 + 3j),
        ("a", "a"),
        (None, None),
        (1.0, t(1.0)),
        (t([1.0]), [1.0]),
        ([t(1.0), t(2.0)], [t(1.0), t(2.5)]),
        ({"a": t(1.0)}, {"a": t(2.0)}),
        ([1.0], [1.0, 2.0]),
        ({"a": 1}, {"b": 1}),
        (t([True, False]), t([True, True])),
        (t([1.0]), t([inf])),
        (t([1.0, inf]), t([1.0, inf])),
        (t([1 + 2j]), t([1 + 3j])),
        (np.array([1.0]), np.array([2.0])),
        (t([]), t([1.0])),
        (t([1.0, 5.0]), t([0.0, 0.0])),
        (t([1], dtype=m.uint8), t([3], dtype=m.uint8)),
        (t([1.0, 2.0], dtype=m.float16), t([1.0, 2.1], dtype=m.float16)),
    ]:
        yield pair, {}


def outcome(compare, pair, options):
    try:
        compare(*pair, **options)
    except Exception as error:
        return type(error).__name__, str(error).replace("tane.tensor.Tensor", "torch.Tensor")
    return None


@pytest.mark.parity
def test_every_outcome_is_pytorchs():
    torch = pytest.importorskip("torch")
    for (ours, options), (theirs, _) in zip(pairs(tane), pairs(torch), strict=True):
        assert outcome(assert_close, ours, options) == outcome(torch.testing.assert_close, theirs, options)


@pytest.mark.parity
@pytest.mark.parametrize(
    "dtype", ["float32", "float64", "int64", "int32", "uint8", "bool", "complex64", "complex128", "float16", "bfloat16"]
)
@pytest.mark.parametrize("options", [{}, {"low": 0, "high": 3}, {"noncontiguous": True}, {"low": -1, "exclude_zero": True}])
def test_values_made_are_pytorchs(dtype, options):
    torch = pytest.importorskip("torch")
    made = []
    for m, make in ((tane, make_tensor), (torch, torch.testing.make_tensor)):
        m.manual_seed(3)
        made.append(make(3, 4, dtype=getattr(m, dtype), device="cpu", **options).tolist())
    assert made[0] == made[1]


def test_close_within_the_tolerances_of_the_dtype():
    one = tane.tensor(1.0)
    assert_close(one, one + 1e-6)
    with pytest.raises(AssertionError, match=r"Absolute difference: 0.0001\d* \(up to 1e-05 allowed\)"):
        assert_close(one, one + 1e-4)


def test_the_message_tells_how_much_and_where():
    with pytest.raises(AssertionError) as caught:
        assert_close(tane.tensor([1.0, 2, 3]), tane.tensor([1.0, 2.1, 3]))
    assert str(caught.value) == (
        "Tensor-likes are not close!\n\nMismatched elements: 1 / 3 (33.3%)\n"
        "Greatest absolute difference: 0.09999990463256836 at index (1,) (up to 1e-05 allowed)\n"
        "Greatest relative difference: 0.04761900380253792 at index (1,) (up to 1.3e-06 allowed)"
    )


def test_devices_must_agree_unless_told_otherwise():
    here, there = tane.ones(2), tane.ones(2, device="strict")
    with pytest.raises(AssertionError, match="attribute 'device' do not match: cpu != strict"):
        assert_close(here, there)
    assert_close(here, there, check_device=False)


def test_one_tolerance_alone_is_refused():
    with pytest.raises(ValueError, match="but got no atol"):
        assert_close(1.0, 1.0, rtol=1e-3)


def test_gaps_and_gradients_are_as_asked():
    t = make_tensor(2, 3, dtype=tane.float32, noncontiguous=True, requires_grad=True)
    assert t.requires_grad
    assert t.is_leaf
    assert t.array.strides == (24, 8)
    assert make_tensor((2, 3), dtype=tane.int32, device="strict").device.type == "strict"


def test_zeros_are_replaced():
    assert (make_tensor(100, dtype=tane.int64, low=-1, high=2, exclude_zero=True).array != 0).all()


@pytest.mark.parametrize(("low", "high", "text"), [(3, 1, "`low` must be less than `high`, but got 3 >= 1"), (nan, 1, "cannot be NaN")])
def test_wrong_bounds_are_refused(low, high, text):
    with pytest.raises(ValueError, match=text):
        make_tensor(2, dtype=tane.float32, low=low, high=high)
