"""A view taken while nothing is recorded says that it requires gradients where its base does, as in PyTorch; none reach its base through it."""

import pytest

import tane

VIEWS = {
    "index": lambda t: t[:2],
    "number": lambda t: t[0],
    "view": lambda t: t.view(2, 2),
    "expand": lambda t: t.expand(2, 4),
    "unbind": lambda t: t.unbind()[0],
    "view of a view": lambda t: t[:2][:1],
}


@pytest.mark.parametrize("name", VIEWS)
def test_it_requires_gradients_as_its_base_does(name):
    leaf = tane.ones(4, requires_grad=True)
    for base in (leaf, leaf * 2):
        with tane.no_grad():
            view = VIEWS[name](base)
        assert (view.requires_grad, view.is_leaf, view.grad_fn) == (True, True, None)
        assert "requires_grad=True" in repr(view)


def test_what_is_no_view_or_holds_no_floats_does_not():
    x = tane.ones(4, requires_grad=True)
    with tane.no_grad():
        assert not (x * 2).requires_grad
        assert not x.detach().requires_grad
        assert not x.view(tane.int32).requires_grad


def test_a_base_may_ask_for_gradients_later():
    base = tane.ones(4)
    view = base[:2]
    assert not view.requires_grad
    base.requires_grad_()
    assert view.requires_grad


def test_gradients_do_not_pass():
    x = tane.ones(4, requires_grad=True)
    with tane.no_grad():
        view = x[:2]
    (view * x[:2]).sum().backward()
    assert x.grad.tolist() == [1, 1, 0, 0]
    assert view.grad is None
