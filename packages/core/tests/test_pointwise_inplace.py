"""In-place forms against PyTorch: without history, with history, on views; and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest

import tane
from tane.testing.oracle import agree

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.parity

words = str.split
rng = np.random.default_rng(2)
A = rng.uniform(0.2, 0.9, (3, 4))
B = rng.uniform(0.2, 0.9, (3, 4))
ROW = rng.uniform(0.2, 0.9, 4)


def called(name, other=False):
    return (lambda T, x, y: getattr(x, name)(y)) if other else (lambda T, x, y: getattr(x, name)())


FORMS = {
    **{
        name: called(f"{name}_")
        for name in words(
            "abs acos asin atan ceil cos cosh deg2rad digamma erf erfc erfinv exp exp2 expm1 floor frac i0 lgamma log log10 log1p log2 logit neg rad2deg "
            "reciprocal relu round rsqrt sgn sigmoid sign sin sinc sinh sqrt square tan tanh trunc nan_to_num zero absolute negative arcsin fix"
        )
    },
    **{
        name: called(f"{name}_", True)
        for name in words(
            "add sub mul div pow atan2 copysign hypot ldexp xlogy fmod remainder copy eq lt multiply subtract true_divide divide greater"
        )
    },
    "add-number": lambda T, x, y: x.add_(2),
    "add-alpha": lambda T, x, y: x.add_(y, alpha=0.5),
    "add-number-alpha": lambda T, x, y: x.add_(1.5, alpha=2),
    "sub-alpha": lambda T, x, y: x.sub_(y, alpha=0.1),
    "mul-number": lambda T, x, y: x.mul_(0.1),
    "div-number": lambda T, x, y: x.div_(3),
    "div-floor": lambda T, x, y: x.div_(0.3, rounding_mode="floor"),
    "pow-number": lambda T, x, y: x.pow_(3),
    "fill": lambda T, x, y: x.fill_(2.5),
    "fill-tensor": lambda T, x, y: x.fill_(y.sum()),
    "clamp": lambda T, x, y: x.clamp_(0.3, 0.6),
    "clamp-max": lambda T, x, y: x.clamp_(max=0.5),
    "clip": lambda T, x, y: x.clip_(min=0.5),
    "clamp-tensor": lambda T, x, y: x.clamp_(min=y),
    "clamp_min": lambda T, x, y: x.clamp_min_(0.5),
    "clamp_max": lambda T, x, y: x.clamp_max_(y),
    "masked_fill": lambda T, x, y: x.masked_fill_(x > 0.5, 7.0),
    "masked_fill-tensor": lambda T, x, y: x.masked_fill_(x > 0.5, y.mean()),
    "lerp": lambda T, x, y: x.lerp_(y, 0.25),
    "lerp-far": lambda T, x, y: x.lerp_(y, weight=0.75),
    "lerp-tensor": lambda T, x, y: x.lerp_(y, y),
    "addcmul": lambda T, x, y: x.addcmul_(y, y, value=0.3),
    "addcdiv": lambda T, x, y: x.addcdiv_(y, y + 1, value=-0.3),
    "cumsum": lambda T, x, y: x.cumsum_(0),
    "cumprod": lambda T, x, y: x.cumprod_(1),
    "float_power": lambda T, x, y: x.float_power_(2),
    "round-decimals": lambda T, x, y: x.round_(decimals=1),
    "polygamma": lambda T, x, y: x.polygamma_(1),
    "iadd": lambda T, x, y: x.__iadd__(y),
    "isub": lambda T, x, y: x.__isub__(1),
    "imul": lambda T, x, y: x.__imul__(y),
    "itruediv": lambda T, x, y: x.__itruediv__(2),
    "ipow": lambda T, x, y: x.__ipow__(2),
    "imod": lambda T, x, y: x.__imod__(0.3),
}


def chained(form, before):
    def run(T, x, y):
        changed = before(x)
        result = form(T, changed, y)
        assert result is changed
        return result

    return run


@pytest.mark.parametrize("name", FORMS)
def test_without_history(name):
    def run(T, x, y):
        with T.no_grad():
            return chained(FORMS[name], lambda x: x)(T, x, y)

    agree(torch, run, A, B, order=0, rtol=1e-9)


@pytest.mark.parametrize("name", FORMS)
def test_with_history(name):
    agree(torch, chained(FORMS[name], lambda x: x * 1), A, B, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize(
    "name",
    ["add", "mul-number", "exp", "sigmoid", "fill", "zero", "copy", "clamp", "lerp", "addcmul", "masked_fill", "pow", "relu", "cumsum"],
)
def test_through_a_view(name):
    def run(T, x, y):
        whole = x * 1
        FORMS[name](T, whole[1:], y[1:])
        return whole * x

    agree(torch, run, A, B, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("name", ["add", "sub", "mul", "div", "copy", "add-alpha", "addcmul", "lerp", "pow", "imul"])
@pytest.mark.parametrize("shape", ["row", "larger"])
def test_broadcasting(name, shape):
    y = ROW if shape == "row" else np.stack([A, A])
    agree(torch, chained(FORMS[name], lambda x: x * 1), A, y)

    def run(T, x, y):
        with T.no_grad():
            return FORMS[name](T, x, y)

    agree(torch, run, A, y, order=0)


@pytest.mark.parametrize("kind", ["int64", "uint8", "bool", "float16", "bfloat16", "float32", "complex64"])
@pytest.mark.parametrize("name", FORMS)
@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::RuntimeWarning")
def test_other_types(name, kind):
    if (name, kind) in {("angle", "float16")} or (kind == "complex64" and name in ("nan_to_num", "sgn")):
        pytest.skip("not in PyTorch")

    def run(T, x, y):
        return FORMS[name](T, (x * 5).to(getattr(T, kind)), (y * 5).to(getattr(T, kind)))

    tolerance = {"float16": 2e-3, "bfloat16": 1.6e-2}.get(kind, 2e-6)
    agree(torch, run, A, B, order=0, rtol=tolerance, atol=tolerance)


REFUSED = {
    "leaf": lambda T, x: x.requires_grad_().add_(1),
    "view of a leaf": lambda T, x: x.requires_grad_()[0].mul_(2),
    "int by float": lambda T, x: x.long().add_(1.5),
    "int by float tensor": lambda T, x: x.long().mul_(x),
    "larger": lambda T, x: x.add_(x[None] * T.ones(2, 1, 1, dtype=T.float64)),
    "shapes": lambda T, x: x.mul_(T.ones(5, dtype=T.float64)),
    "copy shapes": lambda T, x: x.copy_(T.ones(3, dtype=T.float64)),
    "text": lambda T, x: x.add_("1"),
    "fill with a vector": lambda T, x: x.fill_(x[0]),
    "mask": lambda T, x: x.masked_fill_(x, 1.0),
    "mask shape": lambda T, x: x.masked_fill_(T.ones(2, 3, 4) > 0, 1.0),
    "lerp types": lambda T, x: x.lerp_(x.float(), 0.5),
    "bool subtraction": lambda T, x: (x > 0).sub_(x > 0),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    agree(torch, REFUSED[name], A, order=0)


def test_saved_value_changed():
    def run(T, x):
        y = x * 2
        z = y * y
        y.add_(1)
        z.sum().backward()

    agree(torch, run, A, order=1)


def test_versions_count():
    x = tane.zeros(3)
    before = x._version
    x.add_(1)
    x.mul_(2.0).fill_(1).zero_()
    x.clamp_(0, 1)
    assert x._version == before + 5
    x.data.add_(1)
    assert x._version == before + 5


def test_memory_is_kept_and_temporaries_are_not_needed():
    x = tane.ones(4)
    array = x.array
    x.add_(tane.ones(4)).mul_(3).sqrt_().sub_(1, alpha=0.5).clamp_(0, 1).lerp_(tane.zeros(4), 0.5)
    assert x.array is array


def test_functions_change_in_place():
    x = tane.tensor([-1.0, 4.0])
    assert tane.relu_(x) is x
    assert tane.sqrt_(x).tolist() == [0.0, 2.0]
    assert tane.clamp_(x, max=1).tolist() == [0.0, 1.0]


def test_copy_converts_and_broadcasts():
    x = tane.zeros(2, 3, dtype=tane.int64)
    x.copy_(tane.tensor([1.7, -2.7, 3.0]))
    assert x.tolist() == [[1, -2, 3]] * 2
    half = tane.zeros(2, dtype=tane.float16, requires_grad=False)
    source = tane.tensor([1.0, 2.0], requires_grad=True)
    result = half.copy_(source)
    assert result is half
    assert half.grad_fn.name() == "torch::autograd::CopyBackwards"
    half.sum().backward()
    assert source.grad.dtype == tane.float32
    assert source.grad.tolist() == [1.0, 1.0]
