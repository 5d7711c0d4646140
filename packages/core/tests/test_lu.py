"""LU factors beside PyTorch's: of square, wide and tall matrices and batches, with gradients of both orders, and what is solved with them."""

import pytest

import tane

torch = pytest.importorskip("torch", reason="compares with PyTorch")

SHAPES = [(4, 4), (5, 3), (3, 5), (2, 3, 3), (2, 4, 2), (0, 0), (1, 1)]


def drawn(m, *shape):
    m.manual_seed(1)
    return m.randn(*shape, dtype=m.float64)


@pytest.mark.parametrize("shape", SHAPES)
def test_factors(shape):
    found = []
    for m in (tane, torch):
        a = drawn(m, *shape).requires_grad_()
        p, lower, upper = m.linalg.lu(a)
        packed, pivots = m.linalg.lu_factor(a)
        info = m.linalg.lu_factor_ex(a).info
        parts = m.lu_unpack(packed, pivots)
        (lower.sin().sum() + upper.cos().sum() + packed.exp().sum()).backward()
        found.append([p, lower, upper, packed, pivots, info, a.grad, *parts])
    for ours, theirs in zip(*found, strict=True):
        assert ours.dtype.name == str(theirs.dtype).partition(".")[2]
        assert tuple(ours.shape) == tuple(theirs.shape)
        assert ours.detach().numpy() == pytest.approx(theirs.detach().numpy(), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("adjoint", [False, True])
@pytest.mark.parametrize("left", [False, True])
def test_solving(left, adjoint):
    found = []
    for m in (tane, torch):
        a, b = drawn(m, 2, 3, 3), drawn(m, 3, 3)
        packed, pivots = m.linalg.lu_factor(a)
        found.append(m.linalg.lu_solve(packed, pivots, b, left=left, adjoint=adjoint))
    assert found[0].numpy() == pytest.approx(found[1].numpy(), rel=1e-9)
    a, b = drawn(tane, 3, 3), drawn(tane, 3, 2)
    assert tane.allclose(a @ tane.lu_solve(b, *tane.linalg.lu_factor(a)), b)
    assert tane.allclose(a @ b.lu_solve(*tane.linalg.lu_factor(a)), b)


def test_gradients_of_both_orders():
    a = drawn(tane, 3, 3).requires_grad_()
    assert tane.autograd.gradcheck(lambda a: tane.linalg.lu(a)[1:], a)
    assert tane.autograd.gradgradcheck(lambda a: tane.linalg.lu(a)[1:], a)
    b = drawn(tane, 3, 1).requires_grad_()
    assert tane.autograd.gradcheck(lambda a, b: tane.linalg.lu_solve(*tane.linalg.lu_factor(a), b), (a, b))


def test_without_pivots_and_singular_matrices():
    a = tane.tensor([[1.0, 2.0], [2.0, 4.0]])
    p, lower, upper = tane.linalg.lu(a, pivot=False)
    assert p.numel() == 0
    assert tane.equal(lower @ upper, a)
    for m in (tane, torch):
        a = m.tensor([[1.0, 2.0], [2.0, 4.0]])
        assert m.linalg.lu_factor_ex(a).info == 2
        with pytest.raises(RuntimeError, match=r"lu_factor: U\[2,2\] is zero"):
            m.linalg.lu_factor(a)
    with pytest.raises(RuntimeError, match="row 2"):
        tane.linalg.lu_factor_ex(a if isinstance(a, tane.Tensor) else tane.tensor([[1.0, 2.0], [2.0, 4.0]]), check_errors=True)
