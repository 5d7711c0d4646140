"""Singular values of matrices of low rank, from products with a few random vectors."""

from __future__ import annotations

import tane
from tane import linalg
from tane.dtypes import FLOAT
from tane.tensor import Tensor

__all__ = ["pca_lowrank", "svd_lowrank"]


def _basis(A: Tensor, q: int, niter: int) -> Tensor:
    """``q`` orthonormal columns that span nearly what the columns of A do: algorithm 4.4 of N. Halko, P. Martinsson and J. Tropp (2009)."""
    Q = linalg.qr(A @ tane.randn(A.shape[-1], q, dtype=A.dtype, device=A.device)).Q
    for _ in range(niter):
        Q = linalg.qr(A.mH @ Q).Q
        Q = linalg.qr(A @ Q).Q
    return Q


def svd_lowrank(A: Tensor, q: int | None = 6, niter: int | None = 2, M: Tensor | None = None) -> tuple[Tensor, Tensor, Tensor]:
    """U, S and V with ``U @ diag(S) @ V.mH`` near ``A`` (less ``M``), of rank ``q``, after ``niter`` iterations on a random subspace."""
    q, niter = 6 if q is None else q, 2 if niter is None else niter
    if M is not None:
        A = A - M
    wide = A.shape[-2] < A.shape[-1]
    if wide:
        A = A.mH
    Q = _basis(A, q, niter)
    U, S, Vh = linalg.svd(Q.mH @ A, full_matrices=False)
    U, V = Q @ U, Vh.mH
    return (V, S, U) if wide else (U, S, V)


def pca_lowrank(A: Tensor, q: int | None = None, center: bool = True, niter: int = 2) -> tuple[Tensor, Tensor, Tensor]:
    """The ``q`` (default: at most 6) principal directions of the rows of ``A``, as the columns of V, with U and S as of :func:`svd_lowrank`."""
    m, n = A.shape[-2:]
    if q is None:
        q = min(6, m, n)
    elif not 0 <= q <= min(m, n):
        raise ValueError(f"q(={q}) must be non-negative integer and not greater than min(m, n)={min(m, n)}")
    if niter < 0:
        raise ValueError(f"niter(={niter}) must be non-negative integer")
    if A.dtype.category < FLOAT:
        A = A.to(tane.float32)
    return svd_lowrank(A - A.mean(-2, keepdim=True) if center else A, q, niter)
