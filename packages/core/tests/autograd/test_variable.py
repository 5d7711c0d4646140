"""``autograd.Variable``, for programs of its time."""

from __future__ import annotations

import pytest


def test_a_leaf_on_the_same_memory(lib):
    Variable = lib.autograd.Variable
    t = lib.ones(2)
    v = Variable(t, requires_grad=True)
    assert v.requires_grad
    assert not t.requires_grad
    assert type(v) is lib.Tensor
    assert isinstance(t, Variable)
    assert not isinstance(3, Variable)
    t[0] = 5
    assert v.tolist() == [5, 1]
    (v * v).sum().backward()
    assert v.grad.tolist() == [10, 2]
    assert not Variable(v * 2).requires_grad
    assert Variable().tolist() == []


def test_volatile_is_gone(lib):
    with pytest.warns(UserWarning, match="volatile was removed and now has no effect"):
        v = lib.autograd.Variable(lib.ones(1), volatile=True)
    with pytest.warns(UserWarning, match="Variable.volatile is always False"):
        assert v.volatile is False


def test_data_must_be_a_tensor(lib):
    with pytest.raises(TypeError, match="Variable data has to be a tensor, but got float"):
        lib.autograd.Variable(3.0)
