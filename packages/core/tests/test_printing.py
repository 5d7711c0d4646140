"""The `repr` of tensors, against golden strings and against PyTorch's own where it is installed."""

import itertools
import math
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import tane
from tane.printing import format_tensor, get_printoptions, printoptions, set_printoptions

BFLOAT16 = np.dtype(ml_dtypes.bfloat16)
FLOATS = [np.dtype("f2"), BFLOAT16, np.dtype("f4"), np.dtype("f8")]
INTEGERS = [np.dtype(name) for name in ("bool", "u1", "i1", "i2", "i4", "i8", "u2", "u4")]
COMPLEX = [np.dtype("c8"), np.dtype("c16")]
DEFAULTS = get_printoptions()


@pytest.fixture(scope="module")
def torch() -> Any:
    return pytest.importorskip("torch")


@pytest.fixture(autouse=True)
def _default_options() -> Any:
    yield
    set_printoptions(**DEFAULTS)


def tensor_of(torch: Any, array: np.ndarray[Any, Any]) -> Any:
    if array.dtype == BFLOAT16:
        return torch.from_numpy(array.astype(np.float32)).to(torch.bfloat16)
    return torch.from_numpy(array)


def check(torch: Any, array: np.ndarray[Any, Any], **options: Any) -> None:
    array = np.ascontiguousarray(array).reshape(np.shape(array))
    with printoptions(**options):
        ours = format_tensor(array)
    before = torch._tensor_str.get_printoptions()
    torch.set_printoptions(**options)
    try:
        theirs = repr(tensor_of(torch, array))
    finally:
        torch.set_printoptions(**before)
    assert ours == theirs


# ---------------------------------------------------------------- without PyTorch


def test_golden_strings() -> None:
    f4 = np.float32
    assert format_tensor(np.array([[0.7616]], f4), grad_fn_name="TanhBackward0") == ("tensor([[0.7616]], grad_fn=<TanhBackward0>)")
    assert format_tensor(np.array([1, 2])) == "tensor([1, 2])"
    assert format_tensor(np.array(3)) == "tensor(3)"
    assert format_tensor(np.array(2.5, f4), requires_grad=True) == "tensor(2.5000, requires_grad=True)"
    assert format_tensor(np.zeros((0, 3), f4)) == "tensor([], size=(0, 3))"
    assert format_tensor(np.zeros(0, f4)) == "tensor([])"
    assert format_tensor(np.zeros(0, np.int64)) == "tensor([], dtype=torch.int64)"
    assert format_tensor(np.array([1.0])) == "tensor([1.], dtype=torch.float64)"
    assert format_tensor(np.array([1.0]), default_dtype=np.float64) == "tensor([1.])"
    assert format_tensor(np.array([1.0], f4), default_dtype=np.float64) == "tensor([1.], dtype=torch.float32)"
    assert format_tensor(np.array([1.0]), dtype_text="tane.double") == "tensor([1.], dtype=tane.double)"
    assert format_tensor(np.array([1.0, np.nan, -np.inf], f4)) == "tensor([1., nan, -inf])"
    assert format_tensor(np.array([1e-5, 1.0], f4)) == "tensor([1.0000e-05, 1.0000e+00])"
    assert format_tensor(np.array([True, False])) == "tensor([ True, False])"
    assert format_tensor(np.array([1 + 2j, -0.5j], np.complex64)) == "tensor([1.+2.0000j, -0.-0.5000j])"
    assert format_tensor(np.ones(2, f4), device_text="cuda:0") == "tensor([1., 1.], device='cuda:0')"
    assert format_tensor(np.ones(1, f4), prefix="Batch(") == "Batch([1.])"
    assert format_tensor(np.arange(1001)) == "tensor([   0,    1,    2,  ...,  998,  999, 1000])"


def test_suffixes_wrap() -> None:
    assert format_tensor(np.arange(20, dtype=np.int32), grad_fn_name="SomeQuiteLongNodeNameBackward0") == (
        "tensor([ 0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14, 15, 16, 17,\n"
        "        18, 19], dtype=torch.int32, grad_fn=<SomeQuiteLongNodeNameBackward0>)"
    )


def test_options() -> None:
    with printoptions(precision=2, sci_mode=True):
        assert get_printoptions()["precision"] == 2
        assert format_tensor(np.array([1.5], np.float32)) == "tensor([1.50e+00])"
    assert get_printoptions() == DEFAULTS
    set_printoptions(profile="short", edgeitems=1)
    assert get_printoptions() == {"precision": 2, "threshold": 1000, "edgeitems": 1, "linewidth": 80, "sci_mode": None}
    set_printoptions(profile="full")
    assert get_printoptions()["threshold"] == math.inf
    with pytest.raises(ZeroDivisionError), printoptions(precision=1):
        _ = 1 / 0
    assert get_printoptions()["precision"] == 4


# ---------------------------------------------------------------- against PyTorch

INTERESTING = [
    [0.0],
    [-0.0, 0.0],
    [1.0, 2.0, -3.0],
    [1.0, 1000.0],
    [1.0, 1001.0],
    [1e8],
    [1.1e8],
    [1e-4, 0.05],
    [9.9e-5, 0.05],
    [0.1, 100.1],
    [0.1, 99.9],
    [0.5, -1.25, 0.0],
    [math.nan],
    [math.inf, -math.inf],
    [math.nan, 1.0],
    [math.nan, 1.5, -math.inf],
    [math.nan, 123456.0, -1.0],
    [math.inf, 1e-7],
    [0.99999],
    [0.999999, 10.0],
    [2.5, 3.5, 1e4],
    [65504.0, 1.0],
    [6e-8, 6e-8],
    [1e30, -1e-30],
    [123.456] * 30,
    [-1.5] * 11,
]


@pytest.mark.parity
@pytest.mark.parametrize("dtype", FLOATS + COMPLEX, ids=str)
@pytest.mark.parametrize("values", INTERESTING, ids=str)
@pytest.mark.filterwarnings("ignore:(overflow|invalid value) encountered")
def test_interesting_values(torch: Any, values: list[float], dtype: np.dtype[Any]) -> None:
    array = np.array(values).astype(dtype)
    for options in ({}, {"sci_mode": True}, {"sci_mode": False}, {"precision": 0}, {"precision": 8}):
        check(torch, array, **options)
        check(torch, array[:, None], **options)
        check(torch, array[0], **options)
    if dtype.kind == "c":
        check(torch, array * dtype.type(1j))
        check(torch, array[::-1] + dtype.type(2.5j))


SHAPES: list[tuple[int, ...]] = [(), (0,), (1,), (7,), (40,), (1000,), (1001,), (0, 3), (2, 0), (1, 1), (3, 4)]
SHAPES += [
    (2, 30),
    (2, 3, 4),
    (1, 2, 1, 3),
    (40, 40),
    (7, 200),
    (1001, 1),
    (2, 501),
    (6, 7, 30),
    (11, 11, 11),
    (2, 2, 2, 2),
]


@pytest.mark.parity
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("dtype", FLOATS + INTEGERS + COMPLEX, ids=str)
def test_shapes(torch: Any, dtype: np.dtype[Any], shape: tuple[int, ...]) -> None:
    generator = np.random.Generator(np.random.PCG64(0))
    array = (generator.standard_normal(shape) * 50).astype(np.int64) if dtype.kind in "biu" else None
    array = generator.standard_normal(shape).astype(np.complex128) * (3 - 2j) if array is None else array
    array = np.asarray(array if dtype.kind == "c" else np.abs(array) if dtype.kind == "u" else array.real).astype(dtype)
    check(torch, array)
    check(torch, array, profile="short")
    check(torch, array, edgeitems=1, threshold=5)
    check(torch, array, linewidth=30, precision=1)


@pytest.mark.parity
@pytest.mark.parametrize("edgeitems", [0, 1, 2, 5])
@pytest.mark.parametrize("threshold", [0, 10, math.inf])
def test_summaries(torch: Any, edgeitems: int, threshold: float) -> None:
    for shape in SHAPES:
        array = np.arange(math.prod(shape), dtype=np.float32).reshape(shape) - 5.5
        check(torch, array, edgeitems=edgeitems, threshold=threshold)
        check(torch, array.astype(np.int64), edgeitems=edgeitems, threshold=threshold)
        check(torch, array * (1 + 1j), edgeitems=edgeitems, threshold=threshold)


@pytest.mark.parity
def test_suffixes(torch: Any) -> None:
    for size, dtype in itertools.product(range(40), (np.float32, np.float64)):
        array = np.linspace(0.1, 1, size, dtype=dtype)
        tensor = torch.from_numpy(array).requires_grad_()
        assert format_tensor(array, requires_grad=True) == repr(tensor)
        made = tensor.reshape(1, size) * 1
        assert format_tensor(array.reshape(1, size), grad_fn_name="MulBackward0") == repr(made)


@pytest.mark.parity
@pytest.mark.parametrize("dtype", FLOATS + INTEGERS + COMPLEX, ids=str)
@pytest.mark.parametrize("shape", [(0,), (2,), (), (0, 2)], ids=str)
def test_default_dtype(torch: Any, dtype: np.dtype[Any], shape: tuple[int, ...]) -> None:
    array = np.ones(shape).astype(dtype)
    before = torch.get_default_dtype()
    try:
        for default in FLOATS:
            torch.set_default_dtype(getattr(torch, default.name))
            assert format_tensor(array, default_dtype=default) == repr(tensor_of(torch, array))
    finally:
        torch.set_default_dtype(before)


OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "precision": st.integers(0, 9),
        "threshold": st.integers(0, 60),
        "edgeitems": st.integers(0, 4),
        "linewidth": st.integers(1, 130),
        "profile": st.sampled_from(["default", "short", "full"]),
        "sci_mode": st.sampled_from([None, True, False]),
    },
)
DTYPES = st.sampled_from([dtype for dtype in FLOATS + INTEGERS + COMPLEX if dtype != BFLOAT16])
ARRAYS = DTYPES.flatmap(lambda dtype: arrays.arrays(dtype, arrays.array_shapes(min_dims=0, max_dims=4, min_side=0)))
# Hypothesis prefers extremes; most tensors are plain.
PLAIN = arrays.arrays(
    np.float64,
    arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=9),
    elements=st.one_of(st.floats(-9, 9), st.integers(-2000, 2000).map(float), st.floats(1e-6, 1e6)),
)


@pytest.mark.parity
@settings(max_examples=300, deadline=None)
@given(array=ARRAYS, options=OPTIONS)
def test_any_array(torch: Any, array: np.ndarray[Any, Any], options: dict[str, Any]) -> None:
    check(torch, array, **options)


@pytest.mark.parity
@pytest.mark.filterwarnings("ignore:(overflow|invalid value) encountered")
@settings(max_examples=300, deadline=None)
@given(array=PLAIN, dtype=st.sampled_from(FLOATS), options=OPTIONS)
def test_plain_numbers(torch: Any, array: np.ndarray[Any, Any], dtype: np.dtype[Any], options: dict[str, Any]) -> None:
    check(torch, array.astype(dtype), **options)


def test_an_f_string_shows_a_single_number_itself():
    assert f"{tane.tensor(0.5)} {tane.tensor(3)} {tane.tensor(True)} {tane.tensor(2.0, requires_grad=True) * 2}" == "0.5 3 True 4.0"
    assert f"{tane.tensor(0.25):.1f} {tane.tensor([1.0])}" == "0.2 tensor([1.])"
