"""Linear algebra of symmetric matrices, and what is unique of decompositions: gradients of both orders, on every device."""

from __future__ import annotations

import pytest

import tane
from tane.testing import Sample, draw, opcheck

MATRIX = Sample((draw(3, 3),), dtypes=("float64",), tolerance=20)


def positive(A):
    return A @ A.mT + 3 * tane.eye(3, dtype=A.dtype, device=A.device)


def spread(A):
    """Symmetric, with eigenvalues far apart."""
    return (A + A.mT) * 0.1 + tane.diag(tane.tensor([1.0, 3.0, 6.0], dtype=A.dtype, device=A.device))


def projection(A):
    """Onto the first eigenvector: its phase does not matter, nor does its length."""
    V = tane.linalg.eig(A)[1]
    return (V[:, :1] @ tane.linalg.inv(V)[:1]).real


CASES = {
    "cholesky": lambda A: tane.linalg.cholesky(positive(A)),
    "eigenvalues of any matrix": lambda A: tane.linalg.eigvals(spread(A) + A * 0.1).real,
    "projection of any matrix": lambda A: projection(spread(A) + A * 0.1),
    "eigenvalues": lambda A: tane.linalg.eigh(spread(A))[0],
    "projections": lambda A: tane.linalg.eigh(spread(A))[1][:, :1] @ tane.linalg.eigh(spread(A))[1][:, :1].mT,
    "singular values": lambda A: tane.linalg.svd(A + 3 * tane.eye(3, dtype=A.dtype, device=A.device))[1],
    "qr": lambda A: tane.linalg.qr(positive(A)),
    "inverse": lambda A: tane.linalg.inv(positive(A)),
    "solution": lambda A: tane.linalg.solve(positive(A), A),
    "logarithm of the determinant": lambda A: tane.linalg.slogdet(positive(A))[1],
}


@pytest.mark.parametrize("name", CASES)
def test_gradients(name):
    if not hasattr(tane, "linalg"):
        pytest.fail("tane.linalg is missing")
    opcheck(CASES[name], [MATRIX], name=name)
