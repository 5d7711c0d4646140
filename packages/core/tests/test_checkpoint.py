"""A checkpointed function gives the gradients of the function itself, draws included, and saves nothing for backward but its inputs."""

import pytest

import tane
from tane.utils.checkpoint import checkpoint, checkpoint_sequential

REENTRANT = pytest.mark.parametrize("reentrant", [False, True])


def noisy(x, w):
    return (x @ w).tanh() * tane.rand(3)


@REENTRANT
def test_gradients_are_those_of_the_function(reentrant):
    tane.manual_seed(0)
    x, w = tane.randn(2, 3, requires_grad=True), tane.randn(3, 3, requires_grad=True)
    state = tane.get_rng_state()
    expected = tane.autograd.grad(noisy(x, w).sum(), (x, w))
    after = tane.get_rng_state()
    tane.set_rng_state(state)
    checkpoint(noisy, x, w, use_reentrant=reentrant).sum().backward()
    assert tane.equal(x.grad, expected[0])
    assert tane.equal(w.grad, expected[1])
    assert tane.equal(tane.get_rng_state(), after), "backward leaves the random stream where it was"


@pytest.mark.parametrize(("reentrant", "runs"), [(False, 2), (True, 2)])
def test_backward_runs_the_function_once_more(reentrant, runs):
    count = 0

    def function(x):
        nonlocal count
        count += 1
        return x.exp().sin()

    x = tane.ones(3, requires_grad=True)
    checkpoint(function, x, use_reentrant=reentrant).sum().backward()
    assert count == runs


def test_without_reentrance_parameters_of_the_function_get_gradients_though_no_input_does():
    w = tane.ones(3, requires_grad=True)
    checkpoint(lambda x: (x * w).exp(), tane.zeros(3), use_reentrant=False).sum().backward()
    assert w.grad.tolist() == [0, 0, 0]


@REENTRANT
def test_sequences(reentrant):
    x = tane.tensor([0.3, 0.7], requires_grad=True)
    y = checkpoint_sequential([tane.sin, tane.exp, tane.tanh], 2, x, use_reentrant=reentrant)
    (expected,) = tane.autograd.grad(x.sin().exp().tanh().sum(), x)
    y.sum().backward()
    assert tane.equal(x.grad, expected)


def test_a_function_that_does_something_else_the_second_time_is_an_error():
    shapes = iter([2, 3])
    x = tane.ones(3, requires_grad=True)
    y = checkpoint(lambda t: t[: next(shapes)].exp(), x, use_reentrant=False)
    with pytest.raises(RuntimeError, match="must do the same each time"):
        y.sum().backward()


def test_arguments_that_do_not_go_together():
    with pytest.warns(UserWarning, match="passed explicitly"):
        checkpoint(tane.exp, tane.ones(1, requires_grad=True))
    with pytest.warns(UserWarning, match="None of the inputs"):
        checkpoint(tane.exp, tane.ones(1), use_reentrant=True)
    with pytest.raises(ValueError, match="context_fn"):
        checkpoint(tane.exp, tane.ones(1), use_reentrant=True, context_fn=lambda: None)
    with pytest.raises(ValueError, match="keyword"):
        checkpoint(tane.exp, tane.ones(1), use_reentrant=True, x=1)
    with pytest.raises(ValueError, match="determinism_check"):
        checkpoint(tane.exp, tane.ones(1), use_reentrant=False, determinism_check="some")
