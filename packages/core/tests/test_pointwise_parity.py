"""Every pointwise function against PyTorch: values, element types, gradients of first and second order."""

from __future__ import annotations

import numpy as np
import pytest

from tane.testing.oracle import agree

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.parity

words = str.split
rng = np.random.default_rng(0)
ANY = rng.uniform(-2, 2, (3, 4))
ROW = rng.uniform(-2, 2, 4)
POSITIVE = rng.uniform(0.2, 3, (3, 4))
UNIT = rng.uniform(-0.95, 0.95, (3, 4))
SHARE = rng.uniform(0.05, 0.95, (3, 4))
ABOVE_ONE = rng.uniform(1.1, 3, (3, 4))
COMPLEX = rng.uniform(-2, 2, (3, 4)) + 1j * rng.uniform(-2, 2, (3, 4))
OTHER_COMPLEX = rng.uniform(-2, 2, (3, 4)) + 1j * rng.uniform(0.3, 2, (3, 4))
TIES = np.round(ANY)
MASK = ANY > 0.3
EDGES = np.array([-np.inf, -3.0, -0.0, 0.0, 2.0, np.inf, np.nan])

ONE = {
    "abs acos acosh asin asinh atan atanh ceil cos cosh deg2rad erf erfc exp exp2 expm1 floor frac i0 neg rad2deg relu round sgn sigmoid sign "
    "sin sinc sinh square tan tanh trunc angle positive nan_to_num": ANY,
    "log log10 log1p log2 sqrt rsqrt reciprocal lgamma digamma": POSITIVE,
    "logit": SHARE,
    "acosh": ABOVE_ONE,
    "acos asin atanh erfinv": UNIT,
}
COMPLEX_TOO = (
    "abs acos acosh asin asinh atan atanh cos cosh exp log log10 log2 neg reciprocal rsqrt sgn sigmoid sin sinh sqrt square tan tanh angle"
)
ONE_CASES = [(name, x) for names, x in ONE.items() for name in names.split()]


@pytest.mark.parametrize(("name", "x"), ONE_CASES, ids=[f"{n}-{i}" for i, (n, _) in enumerate(ONE_CASES)])
def test_one_operand(name, x):
    # Polynomial fits differ from libm in the last digits; digamma and lgamma lose more of them near their zeros.
    agree(torch, lambda T, x: getattr(T, name)(x), x, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("name", COMPLEX_TOO.split())
def test_one_complex_operand(name):
    agree(torch, lambda T, x: getattr(T, name)(x), COMPLEX, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("name", sorted({n for n, _ in ONE_CASES} - {"positive", "angle", "nan_to_num", "deg2rad", "rad2deg"}))
@pytest.mark.filterwarnings("ignore:.*encountered in:RuntimeWarning")
def test_at_the_edges(name):
    agree(torch, lambda T, x: getattr(T, name)(x), EDGES.astype(np.float32), order=0, rtol=2e-6, atol=2e-6)


SPECIAL = "digamma entr erf erfc erfcx erfinv exp2 expit expm1 gammaln i0 i0e i1 i1e log1p log_ndtr logit ndtr psi round sinc"


@pytest.mark.parametrize("name", SPECIAL.split())
def test_special_functions(name):
    agree(torch, lambda T, x: getattr(T.special, name)(x), SHARE, rtol=1e-9, atol=1e-11)


TWO = {
    "add sub mul div true_divide divide subtract multiply atan2 hypot logaddexp logaddexp2 maximum minimum fmax fmin copysign rsub": (
        ANY,
        ROW,
    ),
    "fmod remainder pow float_power xlogy": (POSITIVE, POSITIVE[1]),
    "eq ne lt le gt ge greater less_equal not_equal isclose logical_and logical_or logical_xor": (TIES, TIES[1]),
    "ldexp": (ANY, ROW),
}
TWO_CASES = [(name, *pair) for names, pair in TWO.items() for name in names.split()]


@pytest.mark.parametrize(("name", "a", "b"), TWO_CASES, ids=[n for n, _, _ in TWO_CASES])
def test_two_operands(name, a, b):
    agree(torch, lambda T, a, b: getattr(T, name)(a, b), a, b)


@pytest.mark.parametrize("name", words("add sub mul div pow"))
@pytest.mark.parametrize("kinds", ["cc", "cr", "rc"])
def test_two_complex_operands(name, kinds):
    a = COMPLEX if kinds[0] == "c" else POSITIVE
    b = OTHER_COMPLEX if kinds[1] == "c" else ANY
    agree(torch, lambda T, a, b: getattr(T, name)(a, b), a, b)


@pytest.mark.parametrize("name", words("maximum minimum fmax fmin"))
def test_ties_share_the_gradient(name):
    agree(torch, lambda T, a, b: getattr(T, name)(a, b), TIES, np.ascontiguousarray(TIES[::-1]), order=1)


FORMS = {
    "add-alpha": lambda T, a, b: a.add(b, alpha=0.5),
    "sub-alpha": lambda T, a, b: a.sub(b, alpha=2),
    "rsub": lambda T, a, b: 1 - a,
    "rdiv": lambda T, a, b: 2 / b,
    "rpow": lambda T, a, b: 3**a,
    "rpow2": lambda T, a, b: 2**a,
    "pow-2": lambda T, a, b: b**2,
    "pow-3": lambda T, a, b: b**3,
    "pow-half": lambda T, a, b: b**0.5,
    "pow-negative": lambda T, a, b: b**-1.5,
    "pow-minus-2": lambda T, a, b: b**-2,
    "pow-0": lambda T, a, b: a**0,
    "mod": lambda T, a, b: a % 0.7,
    "rmod": lambda T, a, b: T.fmod(a, 0.7),
    "div-floor": lambda T, a, b: T.div(a, b, rounding_mode="floor") + a,
    "div-trunc": lambda T, a, b: T.div(a, b, rounding_mode="trunc") + a,
    "clamp": lambda T, a, b: a.clamp(-0.5, 0.7),
    "clamp-min": lambda T, a, b: a.clamp(min=0.1),
    "clamp-max": lambda T, a, b: a.clip(max=0.1),
    "clamp_min": lambda T, a, b: a.clamp_min(0.1),
    "clamp_max": lambda T, a, b: T.clamp_max(a, 0.1),
    "clamp-tensors": lambda T, a, b: T.clamp(a, b - 1.5, b - 0.5),
    "clamp-tensor-min": lambda T, a, b: a.clamp(min=b - 1),
    "clamp-tensor-max": lambda T, a, b: a.clamp_max(b - 1),
    "where": lambda T, a, b: T.where(a > 0, a * 2, b),
    "where-number": lambda T, a, b: T.where(a > 0, a, 0.0),
    "where-number-first": lambda T, a, b: T.where(a > 0, 1.5, b),
    "where-method": lambda T, a, b: a.where(a > b[0], b),
    "masked_fill": lambda T, a, b: a.masked_fill(a > 0, 3.0),
    "masked_fill-tensor": lambda T, a, b: a.masked_fill(a > 0, b.sum()),
    "lerp": lambda T, a, b: T.lerp(a, b, 0.3),
    "lerp-far": lambda T, a, b: a.lerp(b, 0.8),
    "lerp-tensor": lambda T, a, b: a.lerp(b, a * b),
    "addcmul": lambda T, a, b: a.addcmul(a, b, value=0.3),
    "addcdiv": lambda T, a, b: T.addcdiv(a, a, b, value=-2),
    "round-decimals": lambda T, a, b: a.round(decimals=1) + a,
    "logit-eps": lambda T, a, b: T.logit(b / 4, eps=0.2),
    "polygamma-1": lambda T, a, b: T.polygamma(1, b),
    "polygamma-2": lambda T, a, b: b.polygamma(2),
    "mvlgamma": lambda T, a, b: T.mvlgamma(b + 2, 3),
    "zeta": lambda T, a, b: T.special.zeta(2.5 + a.detach() * 0, b),
    "xlog1py": lambda T, a, b: T.special.xlog1py(a, b),
    "multiplied-by-mask": lambda T, a, b: a * (b > 1),
    "view_as_complex": lambda T, a, b: T.view_as_complex(a.reshape(3, 2, 2)) * 2,
    "complex": lambda T, a, b: T.complex(a, b) ** 2,
    "polar": lambda T, a, b: T.polar(b, a),
    "dist": lambda T, a, b: T.dist(a, b, 3),
    "renorm": lambda T, a, b: T.renorm(a, 2, 0, 1.0),
    "gcd": lambda T, a, b: T.gcd((a * 9).long(), (b * 9).long()),
    "lcm": lambda T, a, b: T.lcm((a * 9).long(), (b * 9).long()),
    "copysign": lambda T, a, b: T.copysign(b, -1.0),
    "heaviside": lambda T, a, b: T.heaviside(a.detach(), b.detach()),
    "nextafter": lambda T, a, b: T.nextafter(a.detach(), b.detach()),
}


@pytest.mark.parametrize("name", FORMS)
def test_forms(name):
    agree(torch, FORMS[name], ANY, POSITIVE, rtol=1e-9, atol=1e-11)


COMPLEX_FORMS = {
    "real": lambda T, c: c.real * 2,
    "imag": lambda T, c: c.imag**2,
    "view_as_real": lambda T, c: T.view_as_real(c) ** 2,
    "abs-squared": lambda T, c: c.abs() ** 2,
    "abs-of-product": lambda T, c: (c * T.conj(c)).real,
    "conj": lambda T, c: T.conj(c) * 1,
    "pow": lambda T, c: c**3,
    "pow-complex": lambda T, c: c ** (1 + 2j),
    "square": lambda T, c: c.square(),
    "mul-number": lambda T, c: c * (2 - 1j),
    "sum": lambda T, c: c.sum(),
    "mean": lambda T, c: c.mean(0),
    "var": lambda T, c: c.var(),
    "norm": lambda T, c: c.norm(),
    "norm-3": lambda T, c: c.norm(3),
    "prod": lambda T, c: c.prod(1),
    "cumsum": lambda T, c: c.cumsum(1),
    "cumprod": lambda T, c: c.cumprod(0),
    "where": lambda T, c: T.where(c.real > 0, c, 0),
}


@pytest.mark.parametrize("name", COMPLEX_FORMS)
def test_complex_forms(name):
    agree(torch, COMPLEX_FORMS[name], COMPLEX)


@pytest.mark.parametrize("zero", [0.0, -0.0])
@pytest.mark.parametrize("name", ["abs", "sgn", "xlogy", "pow", "i1"])
def test_gradients_at_zero(name, zero):
    functions = {
        "xlogy": lambda T, x: T.xlogy(x, x + 1),
        "pow": lambda T, x: x ** T.ones_like(x).add(1),
        "i1": lambda T, x: T.special.i1(x),
    }
    agree(torch, functions.get(name, lambda T, x: getattr(T, name)(x)), np.array([zero, 1.0]))
