"""The tester tested: an op with one defect each, and the check that must find it."""

from __future__ import annotations

import numpy as np
import pytest

import tane
from tane import plugins
from tane.backends.backend import Backend
from tane.backends.namespace import Namespace, composed
from tane.ops.primitive import F, primitive, primitives
from tane.plugins import hookimpl
from tane.testing import OpCheckError, Sample, draw, opcheck, testable_devices
from tane.testing.checks import CHECKS

VECTOR = Sample((draw(3),))
SQUARE = Sample((draw(3, 3), draw(3, 3)))


@pytest.fixture(autouse=True)
def _forget_the_ops_of_this_file():
    kept = [dict(primitives), dict(vars(F)), dict(composed)]
    yield
    for table, before in zip([primitives, vars(F), composed], kept, strict=True):
        table.clear()
        table.update(before)


def sine(factor=1.0, **changes):
    """sin, with a gradient that is off by a factor."""
    return primitive("sine_", "sin", lambda F, g, x: g * F.cos(x) * factor, promotes="float", inputs=("x",), numpy="sine_", **changes)


def off_at_second_order():
    """A cosine with a gradient that is off by 0.1 %, used by a sine whose own gradient is right."""
    primitive("cosine_", "cos", lambda F, g, x: g * -F.sin(x) * 1.001, promotes="float", inputs=("x",), numpy="cosine_")
    return primitive("sine_", "sin", lambda F, g, x: g * F.cosine_(x), promotes="float", inputs=("x",), numpy="sine_")


def transposed():
    return primitive(
        "product_",
        "matmul",
        lambda F, g, b: F.matmul(b, F.swapaxes(g, -1, -2)),  # the transpose of what is right
        lambda F, g, a: F.matmul(F.swapaxes(a, -1, -2), g),
        inputs="ab",
        numpy="product_",
    )


def of_formulas(forward, gradient, **changes):
    return primitive("defect", forward, gradient, promotes="float", **changes)


def only_in_float32(x):
    return 1.001 if x.dtype.itemsize == 4 else 1.0


def implicit(F, x):
    return np.sin(x)  # not F's: converts a device's array, if the array lets it


def by_memory_order(F, x):
    return F.sin(x.ravel(order="K")).reshape(x.shape)


def doubled_in_place(F, g):
    g *= 2
    return g


def changing_its_input(F, x):
    x += 0.5
    return F.multiply(x, 1)


def wrong_when_recorded(F, g, x):
    return g * F.cos(x) * (1.001 if isinstance(g, tane.Tensor) else 1.0)


def with_gradient_that_is_its_input(x):
    if x.requires_grad:
        x.register_post_accumulate_grad_hook(lambda t: setattr(t, "grad", t.detach()))
    return x * 1


def keeping_more_than_it_says():
    op = sine()
    op.wants = ((),)
    return op


def with_a_poor_error():
    op = sine()
    call = op.call

    def strict_about_types(x):
        if not isinstance(x, tane.Tensor):
            raise TypeError("no")
        return call(x)

    op.call = strict_about_types
    return op


def differing_on_strict(F, x):
    return F.sin(x) if type(x) is np.ndarray else F.sin(x).astype(np.dtype("float64"))


def wrong_alone(a, b):
    return a * b if a.requires_grad else a * b + b * 0.001


DEFECTS = {
    "gradient 0.1 % off": (lambda: sine(1.001), VECTOR, "gradient"),
    "second derivative 0.1 % off": (off_at_second_order, VECTOR, "second"),
    "transposed gradient": (transposed, SQUARE, "gradient"),
    "forward changes its input": (lambda: of_formulas(changing_its_input, lambda F, g: g), VECTOR, "mutation"),
    "backward changes the gradient that comes in": (lambda: of_formulas(lambda F, x: x * 2, doubled_in_place), VECTOR, "mutation"),
    "gradient shares memory": (lambda: with_gradient_that_is_its_input, VECTOR, "sharing"),
    "gradient wrong in float32": (
        lambda: of_formulas(lambda F, x: F.sin(x), lambda F, g, x: g * F.cos(x) * only_in_float32(x)),
        VECTOR,
        "precision",
    ),
    "forward wrong in float32": (
        lambda: of_formulas(lambda F, x: F.sin(x) * only_in_float32(x), lambda F, g, x: g * F.cos(x) * only_in_float32(x)),
        VECTOR,
        "forward",
    ),
    "implicit conversion": (lambda: of_formulas(implicit, lambda F, g, x: g * F.cos(x)), VECTOR, "forward"),
    "implicit conversion in backward": (
        lambda: of_formulas(lambda F, x: F.sin(x), lambda F, g, x: g * np.cos(x)),
        Sample((draw(3),), skips={"cpu": "passes there"}),
        "types",
    ),
    "forward reads memory in its own order": (
        lambda: of_formulas(by_memory_order, lambda F, g, x: g * F.cos(x)),
        Sample((draw(2, 3),), skips={"strict": "ravel there is NumPy's"}),
        "layout",
    ),
    "result shares memory": (lambda: of_formulas(lambda F, x: x.reshape(x.shape), lambda F, g: g), VECTOR, "aliasing"),
    "view that is a copy": (lambda: of_formulas(lambda F, x: x.copy(), lambda F, g: g, view=True), VECTOR, "aliasing"),
    "another type on one device": (lambda: of_formulas(differing_on_strict, lambda F, g, x: g * F.cos(x)), VECTOR, "types"),
    "another gradient when recorded": (lambda: of_formulas(lambda F, x: F.sin(x), wrong_when_recorded), VECTOR, "graph"),
    "keeps too much": (keeping_more_than_it_says, VECTOR, "saved"),
    "says nothing of itself": (with_a_poor_error, VECTOR, "errors"),
    "another gradient when asked for alone": (lambda: wrong_alone, SQUARE, "partial"),
    "wrong value": (lambda: lambda x: x.sin(), Sample((draw(3),), reference=np.cos), "forward"),
    "wrong shape": (lambda: lambda x: x.sum(), Sample((draw(3),), reference=np.sin), "forward"),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_defect_is_found(defect):
    make, sample, check = DEFECTS[defect]
    op = make()
    checks = [check] if check in ("partial", "saved", "sharing") else None
    with pytest.raises(OpCheckError) as caught:
        opcheck(op, [sample], name="the_op", checks=checks)
    said = str(caught.value)
    assert f"check {check!r}" in said
    for part in ("op 'the_op'", sample.text, "device '", "dtype float", "input 0"):
        assert part in said


def test_every_check_finds_something():
    assert set(CHECKS) == {check for _, _, check in DEFECTS.values()}


def test_what_is_right_passes_everywhere():
    report = opcheck(sine(), [VECTOR, Sample((draw(),)), Sample((draw(0, 2),))])
    assert report.passed == 3 * 2 * len(testable_devices())


def test_a_gradient_off_in_one_element_is_found():
    def gradient(F, g, x):
        wrong = F.ones(4, dtype=np.dtype("float64"))
        wrong[2] = 1.001
        return g * F.cos(x) * wrong

    with pytest.raises(OpCheckError, match="off by"):
        opcheck(
            of_formulas(lambda F, x: F.sin(x), gradient), [Sample((draw(4),), dtypes=("float64",))], devices=["cpu"], checks=["gradient"]
        )


def test_complex_gradients_follow_pytorchs_convention():
    right = primitive("cube_", lambda F, x: x * x * x, lambda F, g, x: g * (x * x * 3), promotes="same")
    opcheck(right, [Sample((draw(3),), dtypes=("complex128",))], checks=["forward", "gradient"])
    wrong = primitive("cube_", lambda F, x: x * x * x, lambda F, g, x: g * (x * x * 3), promotes="same", holomorphic=False)
    with pytest.raises(OpCheckError, match="check 'gradient'"):
        opcheck(wrong, [Sample((draw(3),), dtypes=("complex128",))], checks=["forward", "gradient"])


def test_values_stand_in_the_message():
    with pytest.raises(OpCheckError) as caught:
        opcheck(lambda x: x * 2, [Sample((np.array([1.0, 2.5]),), {}, name="two numbers", reference=lambda x: x * 3)], name="twice")
    said = str(caught.value)
    assert "sample two numbers: (float64[2])" in said
    assert "actual = [2. 5.] (float64[2])" in said
    assert "expected = [3. 7.5] (float64[2])" in said
    assert "input 0 = [1. 2.5] (float64[2])" in said


def test_an_exception_keeps_its_cause():
    with pytest.raises(OpCheckError, match="ZeroDivisionError: division by zero") as caught:
        opcheck(lambda x: x * (1 / 0), [VECTOR])
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_skips_are_told_with_their_reasons():
    sample = Sample((draw(3),), skips={"gradient": "made up for this test", "float32": "too coarse", "strict": "not there"})
    report = opcheck(sine(1.001), [sample], checks=["gradient"])
    assert report.passed == 1  # float64 on the CPU, with nothing left to check
    assert {"made up for this test", "too coarse", "not there"} <= set(report.skipped.values())
    assert "skipped" in str(report)


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda: Sample((draw(3),), skips={"gradient": " "}), "needs a reason"),
        (lambda: opcheck(sine(), [Sample((draw(3),), skips={"gradeint": "a reason"})]), "no such check"),
        (lambda: opcheck(sine(), []), "no samples"),
    ],
)
def test_nothing_is_skipped_by_mistake(make, complaint):
    with pytest.raises(ValueError, match=complaint):
        make()


def test_a_device_that_the_machine_lacks_is_skipped_with_its_reason():
    class Array:
        pass

    class Absent(Backend):
        name = "absent"
        array_type = Array
        F = Namespace(np)

        def device_count(self):
            return 0

        def unavailable(self):
            return "somebody took it"

    class Plugin:
        @hookimpl
        def tane_backends(self):
            return {"absent": Absent}

    with plugins.isolated():
        plugins.register(Plugin())
        assert "absent" not in testable_devices()
        report = opcheck(sine(), [VECTOR])
    assert report.skipped == {"device 'absent'": "somebody took it"}


def test_samples_are_the_same_at_every_draw():
    first, second = VECTOR.drawn("float32")[0][0], VECTOR.drawn("float32")[0][0]
    assert first.dtype == np.float32
    assert first.tolist() == second.tolist()
    assert first.tolist() != Sample((draw(3),), name="other").drawn("float32")[0][0].tolist()


@pytest.mark.parametrize("dtype", ["float64", "bfloat16", "int64", "uint8", "bool", "complex64"])
@pytest.mark.parametrize("shape", [(), (0,), (50,)])
def test_draws_keep_what_they_promise(dtype, shape):
    array = draw(*shape, low=-3, high=5, nonzero=True).array(np.random.default_rng(0), dtype, (-2, 2))
    assert array.shape == shape
    assert array.dtype.name == dtype
    if dtype != "bool":
        assert (np.abs(array.astype(complex)) >= 0.09).all()
        assert (array.astype(complex).real >= -3).all()
