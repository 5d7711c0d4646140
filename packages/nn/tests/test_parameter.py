"""Parameter and Buffer."""

from __future__ import annotations

import copy
import pickle

import pytest

import tane
from tane import nn


def test_what_it_is() -> None:
    data = tane.arange(3.0)
    p = nn.Parameter(data)
    assert isinstance(p, tane.Tensor)
    assert p.requires_grad
    assert p.is_leaf
    p.data[0] = 7
    assert data[0].item() == 7
    assert not nn.Parameter(data, requires_grad=False).requires_grad
    assert not nn.Parameter(data, False).requires_grad
    assert nn.Parameter().shape == (0,)
    assert repr(p) == "Parameter containing:\ntensor([7., 1., 2.], requires_grad=True)"
    assert f"{p}" == repr(p)


def test_ops_give_tensors() -> None:
    p = nn.Parameter(tane.ones(2))
    for t in (p * 2, p + p, p.sum(), p[0], p.view(2, 1), p.detach(), p.data, p.clone(), -p, p.t()):
        assert type(t) is tane.Tensor
    (p * p).sum().backward()
    assert type(p.grad) is tane.Tensor
    assert p.grad.tolist() == [2, 2]


def test_a_history_is_left_behind() -> None:
    x = tane.ones(2, requires_grad=True)
    p = nn.Parameter(x * 2)
    assert p.is_leaf
    (p * 1).sum().backward()
    assert x.grad is None


def test_whole_numbers_want_no_gradients() -> None:
    with pytest.raises(RuntimeError, match="Only Tensors of floating point and complex dtype can require gradients"):
        nn.Parameter(tane.arange(3))
    assert nn.Parameter(tane.arange(3), requires_grad=False).dtype is tane.int64
    assert nn.Parameter(tane.ones(1, dtype=tane.complex64)).requires_grad
    with pytest.raises(TypeError, match="data must be a Tensor"):
        nn.Parameter([1.0])


def test_copies() -> None:
    p = nn.Parameter(tane.ones(2))
    p.grad = tane.ones(2)
    q, r = copy.deepcopy([p, p])
    assert q is r
    assert type(q) is nn.Parameter
    assert q.requires_grad
    assert q.grad is None
    q.data[0] = 5
    assert p[0].item() == 1
    back = pickle.loads(pickle.dumps(nn.Parameter(tane.ones(2), requires_grad=False)))
    assert type(back) is nn.Parameter
    assert not back.requires_grad


def test_subclasses() -> None:
    class Special(nn.Parameter):
        pass

    s = Special(tane.ones(1))
    assert type(s) is Special
    assert type(copy.deepcopy(s)) is Special
    assert type(s + 1) is tane.Tensor


def test_in_place_changes_as_of_any_leaf() -> None:
    p = nn.Parameter(tane.ones(2))
    with pytest.raises(RuntimeError, match="a leaf Variable that requires grad"):
        p.add_(1)
    with tane.no_grad():
        p.add_(1)
    assert p.tolist() == [2, 2]


def test_buffers() -> None:
    b = nn.Buffer(tane.ones(2), persistent=False)
    assert isinstance(b, nn.Buffer)
    assert type(b) is tane.Tensor
    assert not isinstance(b * 2, nn.Buffer)
    assert not isinstance(tane.ones(1), nn.Buffer)
    assert nn.Buffer().shape == (0,)
