"""Element types of results: every pointwise op on every pair of types, with tensors, 0-d tensors and Python numbers, against PyTorch."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import tane

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.parity

words = str.split
TYPES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32", "float64", "complex64", "complex128"]
NUMBERS = [True, 3, -2, 2.5, 1 - 2j]
BINARY = words(
    "add sub mul div floor_divide remainder fmod pow atan2 maximum minimum fmax fmin eq ne lt le gt ge logical_and logical_or logical_xor bitwise_and "
    "bitwise_or bitwise_xor bitwise_left_shift bitwise_right_shift copysign hypot logaddexp gcd lcm xlogy rsub float_power"
)
UNARY = words(
    "abs neg sign sgn square sqrt rsqrt reciprocal exp exp2 expm1 log log2 log10 log1p sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh "
    "sigmoid relu floor ceil round trunc frac erf erfc erfinv lgamma digamma i0 sinc deg2rad rad2deg logical_not isnan isinf isfinite isposinf isneginf "
    "signbit bitwise_not nan_to_num angle isreal positive sum mean prod std var amax max argmax cumsum cumprod any all norm logit conj median nansum"
)
VALUES = np.array([1.0, 2.0, 0.0, 3.0])
# What PyTorch's kernels leave out although the type would make sense, or what its different kernels answer differently.
UNLIKE = {("angle", "bfloat16"), ("angle", "float16"), ("logaddexp", "complex64"), ("logaddexp", "complex128")}
TOLERANCE = {"torch.float16": 2e-3, "torch.bfloat16": 1.6e-2, "torch.float32": 1e-5, "torch.complex64": 1e-5}


def outcome(module, function, *operands):
    """The type and values of a result, or the class of the exception."""
    try:
        r = function(*[x(module) for x in operands])
    except Exception as error:
        # A subclass will do, and refusals are of one family.
        return ("error", RuntimeError if isinstance(error, RuntimeError) else type(error)), str(error)
    kind = str(r.dtype)
    r = r.detach()
    if kind == "torch.complex32":  # which tane does not have: complex64 stands in for it
        kind, r = "torch.complex64", r.to(torch.complex64)
    return kind, np.asarray((r.float() if kind == "torch.bfloat16" else r.resolve_conj()).numpy())


def tensor(kind, scalar=False, values=VALUES):
    def make(module):
        return module.tensor(2.0 if scalar else values.tolist(), dtype=module.float64).to(getattr(module, kind))

    return make


def compare(function, *operands):
    (t, theirs), (n, ours) = (
        outcome(torch, lambda *x: function(torch, *x), *operands),
        outcome(tane, lambda *x: function(tane, *x), *operands),
    )
    assert n == t, f"{n} ({ours}) instead of {t} ({theirs})"
    if isinstance(theirs, np.ndarray):
        tolerance = TOLERANCE.get(t, 1e-12)
        np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance)


@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::UserWarning")
@pytest.mark.parametrize("name", BINARY)
def test_pairs_of_types(name):
    wrong = []
    for a, b in itertools.product(TYPES, TYPES):
        if (
            (name, a) in UNLIKE or (name, b) in UNLIKE or {a[:7], b[:7]} == {"float16", "complex"}
        ):  # PyTorch's complex32 lacks most functions
            continue
        for scalar in (False, True):
            try:
                compare(lambda T, x, y: getattr(T, name)(x, y), tensor(a), tensor(b, scalar, VALUES[::-1] + 1))
            except AssertionError as error:
                wrong.append(f"{name}({a}, {b}{' 0-d' if scalar else ''}): {str(error)[:300]}")
    assert not wrong, f"{len(wrong)} wrong\n" + "\n".join(wrong[:12])


@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::UserWarning")
@pytest.mark.parametrize(
    "name", words("add sub mul div floor_divide remainder fmod pow eq lt ge bitwise_and bitwise_left_shift float_power rsub")
)
def test_python_numbers(name):
    wrong = []
    for a, number in itertools.product(TYPES, NUMBERS):
        if (a == "float16" and isinstance(number, complex)) or (a == "bool" and number is True and name in ("pow", "**")):
            continue
        try:
            compare(lambda T, x, n=number: getattr(T, name)(x, n), tensor(a))
        except AssertionError as error:
            wrong.append(f"{name}({a}, {number!r}): {str(error)[:300]}")
    assert not wrong, f"{len(wrong)} wrong\n" + "\n".join(wrong[:12])


REVERSED = {
    "-": lambda n, x: n - x,
    "/": lambda n, x: n / x,
    "//": lambda n, x: n // x,
    "%": lambda n, x: n % x,
    "**": lambda n, x: n**x,
    "<": lambda n, x: n < x,
    "&": lambda n, x: n & x,
    "<<": lambda n, x: n << x,
}


@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::UserWarning")
@pytest.mark.parametrize("name", REVERSED)
def test_python_numbers_on_the_left(name):
    wrong = []
    for a, number in itertools.product(TYPES, NUMBERS):
        if (a == "float16" and isinstance(number, complex)) or (a == "bool" and number is True and name in ("pow", "**")):
            continue
        try:
            compare(lambda T, x, n=number: REVERSED[name](n, x), tensor(a, values=VALUES + 1))
        except AssertionError as error:
            wrong.append(f"{number!r} {name} {a}: {str(error)[:300]}")
    assert not wrong, f"{len(wrong)} wrong\n" + "\n".join(wrong[:12])


@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::UserWarning")
@pytest.mark.parametrize("name", UNARY)
def test_one_operand(name):
    wrong = []
    for a in TYPES:
        if (name, a) in UNLIKE:
            continue
        try:
            compare(
                lambda T, x: getattr(T, name)(x), tensor(a, values=VALUES / 4 if name in ("asin", "acos", "atanh", "erfinv") else VALUES)
            )
        except AssertionError as error:
            wrong.append(f"{name}({a}): {str(error)[:300]}")
    assert not wrong, f"{len(wrong)} wrong\n" + "\n".join(wrong[:12])


def test_where_and_result_type():
    mask = lambda T: T.tensor([True, False, True, False])
    for a, b in itertools.product(TYPES, TYPES):
        if {a[:7], b[:7]} == {"float16", "complex"}:
            continue
        compare(lambda T, x, y: T.where(mask(T), x, y), tensor(a), tensor(b))
        theirs = torch.result_type(tensor(a)(torch), tensor(b, True)(torch))
        assert str(tane.result_type(tensor(a)(tane), tensor(b, True)(tane))) == str(theirs)
    for a, number in itertools.product(TYPES, NUMBERS):
        if a == "float16" and isinstance(number, complex):
            continue
        compare(lambda T, x, n=number: T.where(mask(T), x, n), tensor(a))
        compare(lambda T, x, n=number: T.where(mask(T), n, x), tensor(a))
        assert str(tane.result_type(tensor(a)(tane), number)) == str(torch.result_type(tensor(a)(torch), number))
