"""GradientTape behaves as TensorFlow 2's; the numbers here are those its documentation and its definition give."""

from __future__ import annotations

import gc
import weakref

import pytest

import tane
from tane.autograd import GradientTape


def leaf(value):
    return tane.tensor(value, requires_grad=True)


def test_watched_constant():
    x = tane.tensor(3.0)
    with GradientTape() as tape:
        tape.watch(x)
        assert x.requires_grad
        y = x * x
    assert not x.requires_grad
    g = tape.gradient(y, x)
    assert g.item() == 6.0
    assert not g.requires_grad
    assert x.grad is None


def test_parameters_are_watched_by_themselves_and_constants_are_not():
    w, x = leaf(2.0), tane.tensor(5.0)
    with GradientTape() as tape:
        y = w * x
    assert tape.watched_variables() == (w,)
    dw, dx = tape.gradient(y, (w, x))
    assert dw.item() == 5.0
    assert dx is None


def test_watch_accessed_variables_false():
    w, v = leaf(2.0), leaf(3.0)
    with GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(v)
        y = w * v
    assert tape.watched_variables() == (v,)
    assert tape.gradient(y, [w, v]) == [None, w]


def test_one_shot():
    x = leaf(3.0)
    with GradientTape() as tape:
        y = x * x
    tape.gradient(y, x)
    with pytest.raises(RuntimeError, match="A non-persistent GradientTape can only be used to compute one set of gradients"):
        tape.gradient(y, x)


def test_persistent():
    x = leaf(3.0)
    with GradientTape(persistent=True) as tape:
        y = x * x
        z = y * y
    assert tape.gradient(z, x).item() == 108.0
    assert tape.gradient(y, x).item() == 6.0
    assert tape.gradient(z, y).item() == 18.0


def test_gradient_of_an_intermediate():
    x = tane.tensor(3.0)
    with GradientTape() as tape:
        tape.watch(x)
        y = x * x
        z = y * y
    assert tape.gradient(z, y).item() == 18.0


def test_what_is_computed_outside_is_constant():
    x = leaf(3.0)
    outside = x * x
    with GradientTape(persistent=True) as tape:
        inside = outside * x
    after = x * inside
    assert tape.gradient(inside, x).item() == 9.0
    assert tape.gradient(outside, x) is None
    assert tape.gradient(after, x) is None


def test_structures_of_sources():
    a, b, c = leaf(1.0), leaf(2.0), leaf(3.0)
    with GradientTape() as tape:
        y = a * b * b
    g = tape.gradient(y, {"a": a, "rest": [b, (c,)]})
    assert g["a"].item() == 4.0
    assert g["rest"][0].item() == 4.0
    assert g["rest"][1] == (None,)


def test_unconnected():
    a, b = leaf([1.0, 2.0]), leaf(2.0)
    with GradientTape(persistent=True) as tape:
        y = b * b
    assert tape.gradient(y, a) is None
    assert tape.gradient(y, a, unconnected_gradients="zero").tolist() == [0, 0]
    with pytest.raises(ValueError, match="Unknown value for unconnected_gradients: 'nil'"):
        tape.gradient(y, a, unconnected_gradients="nil")


def test_targets_sum_up_and_are_weighed():
    x = leaf([1.0, 2.0])
    with GradientTape(persistent=True) as tape:
        y = x * x
        z = x * 3
    assert tape.gradient(y, x).tolist() == [2, 4]
    assert tape.gradient([y, z], x).tolist() == [5, 7]
    assert tape.gradient(y, x, output_gradients=tane.tensor([1.0, 10.0])).tolist() == [2, 40]
    assert tape.gradient([y, z], x, output_gradients=[None, tane.tensor([0.0, 1.0])]).tolist() == [2, 7]
    with pytest.raises(ValueError, match="output_gradients has shape"):
        tape.gradient(y, x, output_gradients=tane.ones(3))


def test_nested_tapes_give_higher_derivatives():
    x = tane.tensor(3.0)
    with GradientTape() as outer:
        outer.watch(x)
        with GradientTape() as inner:
            inner.watch(x)
            y = x * x * x
        first = inner.gradient(y, x)
    assert first.item() == 27.0
    assert outer.gradient(first, x).item() == 18.0
    assert not x.requires_grad


def test_persistent_tape_used_inside_its_block():
    x = leaf(2.0)
    with GradientTape(persistent=True) as tape:
        y = x**4
        first = tape.gradient(y, x)
        second = tape.gradient(first, x)
    assert (first.item(), second.item(), tape.gradient(second, x).item()) == (32.0, 48.0, 48.0)


def test_gradient_inside_the_block_ends_a_plain_tape():
    x = leaf(2.0)
    with GradientTape() as tape:
        y = x**2
        first = tape.gradient(y, x)
        assert not first.requires_grad
    with pytest.raises(RuntimeError, match="one set of gradients"):
        tape.gradient(y, x)


def test_stop_recording():
    x = leaf(3.0)
    with GradientTape(persistent=True) as tape:
        y = x * x
        with tape.stop_recording():
            z = x * x * x
    assert tape.gradient(y, x).item() == 6.0
    assert tape.gradient(z, x) is None
    with pytest.raises(RuntimeError, match="Trying to stop recording a tape which is not recording"), tape.stop_recording():
        pass


def test_an_inner_tape_that_stops_does_not_stop_the_outer():
    x = leaf(3.0)
    with GradientTape() as outer:
        with GradientTape() as inner, inner.stop_recording():
            y = x * x
        assert inner.gradient(y, x) is None
    assert outer.gradient(y, x).item() == 6.0


def test_reset():
    x = tane.tensor(3.0)
    with GradientTape() as tape:
        tape.watch(x)
        y = x * x
        tape.reset()
        tape.watch(x)
        z = x + x
        w = y * x
    assert tape.gradient([z, w], x).item() == 2.0 + 9.0
    with pytest.raises(ValueError, match="Tape is not recording"):
        tape.reset()


def test_entering_again():
    x = leaf(3.0)
    tape = GradientTape()
    with tape, pytest.raises(ValueError, match="Tape is still recording"), tape:
        pass
    with tape:
        y = x * x
    assert tape.gradient(y, x).item() == 6.0
    with tape:
        y = x * x * x
    assert tape.gradient(y, x).item() == 27.0


def test_jacobian():
    x, w = leaf([1.0, 2.0, 3.0]), leaf(2.0)
    with GradientTape() as tape:
        y = (x * x).reshape(3, 1) * w
    jx, jw = tape.jacobian(y, [x, w])
    assert jx.shape == (3, 1, 3)
    assert jx.reshape(3, 3).tolist() == [[4, 0, 0], [0, 8, 0], [0, 0, 12]]
    assert jw.tolist() == [[1], [4], [9]]
    with pytest.raises(RuntimeError, match="one set of gradients"):
        tape.jacobian(y, x)


def test_jacobian_unconnected():
    x, w = leaf([1.0, 2.0]), leaf(2.0)
    with GradientTape(persistent=True) as tape:
        y = x * x
    assert tape.jacobian(y, w) is None
    assert tape.jacobian(y, w, unconnected_gradients="zero").tolist() == [0, 0]


def test_batch_jacobian():
    x = tane.tensor([[1.0, 2.0], [3.0, 4.0]])
    with GradientTape() as tape:
        tape.watch(x)
        y = x * x
    assert tape.batch_jacobian(y, x).tolist() == [[[2, 0], [0, 4]], [[6, 0], [0, 8]]]
    with GradientTape() as tape:
        tape.watch(x)
        y = x.sum(0)
        wrong = y[:1]
    with pytest.raises(ValueError, match="Need first dimension of target shape"):
        tape.batch_jacobian(wrong, x)


def test_errors():
    x = leaf(1.0)
    with GradientTape(persistent=True) as tape, pytest.warns(UserWarning, match="dtype of the watched tensor must be floating"):
        tape.watch(tane.tensor(1))
    with pytest.raises(TypeError, match="Argument `target` should be"):
        tape.gradient(None, x)
    with pytest.raises(ValueError, match="Passed in object 3"):
        tape.watch(3)


def test_tape_leaves_nothing_behind():
    x = tane.tensor([3.0])
    gc.disable()
    try:
        with GradientTape() as tape:
            tape.watch(x)
            y = x.exp()
        node = weakref.ref(y.grad_fn)
        tape.gradient(y, x)
        del y
        assert node() is None
    finally:
        gc.enable()


def test_training_by_tape():
    w = leaf([0.0, 0.0])
    x, y = tane.tensor([[1.0, 2.0], [2.0, 1.0], [1.0, 1.0]]), tane.tensor([5.0, 4.0, 3.0])
    for _ in range(300):
        with GradientTape() as tape:
            loss = ((x @ w - y) ** 2).sum()
        with tane.no_grad():
            w -= 0.05 * tape.gradient(loss, w)
    assert [round(v, 3) for v in w.tolist()] == [1.0, 2.0]
