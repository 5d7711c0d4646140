"""What the graph saves: hooks that pack it, and the names it is shown under."""

from __future__ import annotations

import numpy as np
import pytest

import tane


def leaf(lib, *values):
    return lib.tensor(list(values), requires_grad=True)


def test_pack_and_unpack_every_saved_tensor(lib):
    x = leaf(lib, 1.0, 2.0)
    log = []

    def pack(t):
        assert not lib.is_grad_enabled()
        log.append(("pack", t.tolist()))
        return t.tolist()

    def unpack(packed):
        log.append(("unpack", packed))
        return lib.tensor(packed)

    with lib.autograd.graph.saved_tensors_hooks(pack, unpack):
        y = x.exp()
        z = y * y.detach()
    assert log == [("pack", y.tolist()), ("pack", y.tolist())]
    z.sum().backward()
    assert len(log) == 4
    np.testing.assert_allclose(x.grad.tolist(), np.exp([2.0, 4.0]), rtol=1e-5)


def test_the_innermost_pair_counts(lib):
    x = leaf(lib, 1.0)
    log = []
    hooks = lambda name: lib.autograd.graph.saved_tensors_hooks(lambda t: (log.append(name), t)[1], lambda t: t)
    with hooks("outer"):
        x.exp()
        with hooks("inner"):
            x.exp()
        x.exp()
    x.exp()
    assert log == ["outer", "inner", "outer"]


def test_a_leaf_is_packed_as_itself(lib):
    x = leaf(lib, 1.0)
    seen = []
    with lib.autograd.graph.saved_tensors_hooks(lambda t: (seen.append(t), t)[1], lambda t: t):
        x * x.detach()
        x.sin()
    assert seen[-1] is x


def test_double_backward_through_packed_tensors(lib):
    x = leaf(lib, 2.0)
    with lib.autograd.graph.saved_tensors_hooks(lambda t: t.detach().clone(), lambda t: t):
        y = x**3
        (g,) = lib.autograd.grad(y.sum(), x, create_graph=True)
        (gg,) = lib.autograd.grad(g.sum(), x)
    assert (g.item(), gg.item()) == (12, 12)


def test_every_kind_of_op_can_be_packed():
    x = tane.rand(3, 4, dtype=tane.float64).requires_grad_()

    def f(x):
        a, b = tane.split(x, [1, 3], 1)
        return (tane.cat([a, b * a, x.exp()], 1) ** 2).sum() + x.amax(0).sum() + x[[0, 2], [1, 1]].prod()

    (expected,) = tane.autograd.grad(f(x), x)
    with tane.autograd.graph.saved_tensors_hooks(lambda t: t.detach().clone().tolist(), lambda v: tane.tensor(v, dtype=tane.float64)):
        y = f(x)
    (found,) = tane.autograd.grad(y, x)
    assert found.tolist() == expected.tolist()


def test_custom_functions_are_packed_too(lib):
    class Square(lib.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            y = x * x
            ctx.save_for_backward(x, y, None)
            return y

        @staticmethod
        def backward(ctx, g):
            x, y, nothing = ctx.saved_tensors
            assert nothing is None
            return g * 2 * x + 0 * y

    x = leaf(lib, 3.0)
    log = []
    with lib.autograd.graph.saved_tensors_hooks(lambda t: (log.append(t.tolist()), t)[1].tolist(), lib.tensor):
        y = Square.apply(x)
    y.sum().backward()
    assert log == [[3], [9]]
    assert x.grad.tolist() == [6]


def test_errors(lib):
    x = leaf(lib, 1.0)
    with pytest.raises(RuntimeError, match="A saved tensor pack hook is modifying its input in place"):  # noqa: SIM117
        with lib.autograd.graph.saved_tensors_hooks(lambda t: t.add_(1), lambda t: t):
            (x * 1).exp()
    with lib.autograd.graph.saved_tensors_hooks(lambda t: 3, lambda t: t):
        y = x.exp()
    with pytest.raises(TypeError, match="Output of saved tensor unpack_hook expected to be a Tensor but got result of type int"):
        y.sum().backward()


def test_disabling(lib):
    graph = lib.autograd.graph
    identity = graph.saved_tensors_hooks(lambda t: t, lambda t: t)
    with graph.disable_saved_tensors_hooks("no hooks please"), pytest.raises(RuntimeError, match="no hooks please"), identity:
        pass
    with identity, pytest.raises(RuntimeError, match="no hooks please"), graph.disable_saved_tensors_hooks("no hooks please"):
        pass
    with identity:
        pass


def test_save_on_cpu(lib):
    x = leaf(lib, 1.0, 2.0)
    with lib.autograd.graph.save_on_cpu():
        y = (x * x).sum()
    y.backward()
    assert x.grad.tolist() == [2, 4]


def test_saved_values_by_name(lib):
    a, b = leaf(lib, 1.0, 2.0), leaf(lib, 3.0, 4.0)
    y = a * b
    assert y.grad_fn._saved_self.tolist() == [1, 2]
    assert y.grad_fn._saved_other.tolist() == [3, 4]
    assert a.exp().grad_fn._saved_result.tolist() == a.exp().tolist()
    y.sum().backward()
    with pytest.raises(RuntimeError, match="after they have already been freed"):
        y.grad_fn._saved_self
    with pytest.raises(AttributeError):
        y.grad_fn._saved_nonsense


def test_increment_version(lib):
    x = leaf(lib, 1.0) * 1
    y = x.sin()
    before = x._version
    lib.autograd.graph.increment_version(x)
    assert x._version == before + 1
    with pytest.raises(RuntimeError, match="has been modified by an inplace operation"):
        y.sum().backward()


@pytest.mark.parametrize("create_graph", [False, True])
def test_a_quotient_that_is_changed_is_computed_anew(create_graph):
    results = []
    for change in (lambda y: y.mul_(2), lambda y: y * 2):
        a, b = tane.linspace(1, 2, 4, requires_grad=True), tane.linspace(-2, -1, 4, requires_grad=True)
        results.append(tane.autograd.grad((change(a / b) ** 2).sum(), [a, b], create_graph=create_graph))
    for g, expected in zip(*results):
        assert tane.allclose(g, expected)


def test_a_quotient_whose_operand_is_changed_too_is_an_error():
    a, b = tane.linspace(1, 2, 4, requires_grad=True) * 1, tane.linspace(-2, -1, 4, requires_grad=True)
    y = a / b
    y.mul_(2)
    a.add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()


def test_what_pytorch_keeps_is_not_computed_anew():
    y = tane.linspace(1, 2, 4, requires_grad=True).exp()
    y.mul_(2)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()
