"""Gradients of first and second order of the ops on matrices, against finite differences."""

import numpy as np
import pytest

import tane
from tane.autograd import gradcheck, gradgradcheck

RNG = np.random.default_rng(0)


def leaf(*shape):
    return tane.from_numpy(RNG.standard_normal(shape)).requires_grad_()


def definite(n):
    """A symmetric matrix far from singular, as a function of a free one, so that finite differences stay symmetric."""
    return lambda a: a @ a.mT + n * tane.eye(n, dtype=tane.float64)


SPD = definite(3)
CASES = {
    "addmm": (lambda c, a, b: tane.addmm(c, a, b, beta=0.5, alpha=2.0), [(2, 4), (2, 3), (3, 4)]),
    "addmv": (lambda c, a, b: tane.addmv(c, a, b, beta=0.5, alpha=2.0), [(2,), (2, 3), (3,)]),
    "addr": (lambda c, a, b: tane.addr(c, a, b, beta=0.5, alpha=2.0), [(2, 3), (2,), (3,)]),
    "baddbmm": (lambda c, a, b: tane.baddbmm(c, a, b, beta=0.5, alpha=2.0), [(2, 2, 4), (2, 2, 3), (2, 3, 4)]),
    "vector times matrix": (lambda a, b: a @ b, [(3,), (3, 2)]),
    "cross": (tane.linalg.cross, [(2, 3), (2, 3)]),
    "inv": (lambda a: tane.linalg.inv(SPD(a)), [(3, 3)]),
    "det": (lambda a: tane.linalg.det(SPD(a)), [(3, 3)]),
    "slogdet": (lambda a: tane.linalg.slogdet(SPD(a))[1], [(3, 3)]),
    "solve": (lambda a, b: tane.linalg.solve(SPD(a), b), [(3, 3), (3, 2)]),
    "cholesky": (lambda a: tane.linalg.cholesky(SPD(a)), [(3, 3)]),
    "eigenvalues": (lambda a: tane.linalg.eigh(SPD(a))[0], [(3, 3)]),
    "singular values": (lambda a: tane.linalg.svd(a, full_matrices=False)[1], [(3, 2)]),
    "qr": (lambda a: tane.linalg.qr(a), [(3, 2)]),
    "pinv": (lambda a: tane.linalg.pinv(a), [(3, 2)]),
}


@pytest.mark.parametrize("name", CASES)
def test_gradients(name):
    function, shapes = CASES[name]
    inputs = tuple(leaf(*shape) for shape in shapes)
    assert gradcheck(function, inputs)
    assert gradgradcheck(function, inputs)
