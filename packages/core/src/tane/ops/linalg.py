"""Linear algebra on matrices and batches of them. Formulas follow M. Giles (2008), J. Townsend (2016), and F. Walter and L. Lehmann (2012).

Matrices are the last two axes. A formula of a function that is not holomorphic spells conjugates out itself.
"""

from __future__ import annotations

from typing import Any

from tane.ops.primitive import Joint, primitive

__all__: list[str] = []


def mT(F: Any, x: Any) -> Any:
    """The transpose of matrices."""
    return F.swapaxes(x, -1, -2)


def mH(F: Any, x: Any) -> Any:
    """The transpose of matrices, conjugated."""
    x = F.swapaxes(x, -1, -2)
    return F.conj(x) if getattr(x, "array", x).dtype.kind == "c" else x


def column(x: Any) -> Any:
    """Numbers, one for each matrix, so that they multiply the matrices."""
    return x[..., None, None]


# ---- inverses and equations ------------------------------------------------------------------------------------------------------------
inv = primitive(
    "linalg_inv",
    lambda F, A: F.linalg.inv(A),
    lambda F, g, y: -F.matmul(mT(F, y), F.matmul(g, mT(F, y))),
    promotes="same",
    backward="LinalgInvExBackward0",
)
solve = primitive(
    "linalg_solve",
    lambda F, A, B: F.linalg.solve(A, B),
    lambda F, g, A, y: -F.matmul(F.linalg_solve(mT(F, A), g), mT(F, y)),
    lambda F, g, A: F.linalg_solve(mT(F, A), g),
    backward="LinalgSolveExBackward0",
)
det = primitive("linalg_det", lambda F, A: F.linalg.det(A), lambda F, g, A, y: column(g * y) * mT(F, F.linalg_inv(A)), promotes="same")


def _slogdet(F: Any, A: Any) -> tuple[Any, Any]:
    sign, size = F.linalg.slogdet(A)
    return size, F.asarray(sign)


slogdet = primitive(
    "linalg_slogdet",
    lambda F, A: _slogdet(F, A),
    lambda F, g, A: column(g) * mH(F, F.linalg_inv(A)),
    extra=("sign",),
    holomorphic=False,
)


def _pinv(F: Any, A: Any, atol: float, rtol: float) -> Any:
    u, s, vh = F.linalg.svd(A, full_matrices=False)
    largest = F.amax(s, axis=-1, keepdims=True) if s.size else s
    keep = s > F.maximum(largest * rtol, atol)
    inverse = F.where(keep, 1, 0) / F.where(keep, s, 1)
    return F.matmul(mH(F, vh) * inverse[..., None, :].astype(s.dtype), mH(F, u))


def _pinv_gradient(F: Any, g: Any, A: Any, P: Any) -> Any:
    """How the pseudoinverse P of A changes (G. Golub and V. Pereyra, 1973), transposed."""
    PH, gH = mH(F, P), mH(F, g)
    direct = F.matmul(PH, F.matmul(g, PH))
    rows = F.matmul(gH, F.matmul(P, PH))
    rows = rows - F.matmul(A, F.matmul(P, rows))
    columns = F.matmul(PH, F.matmul(P, gH))
    columns = columns - F.matmul(F.matmul(columns, P), A)
    return rows + columns - direct


pinv = primitive(
    "linalg_pinv",
    lambda F, A, atol=0.0, rtol=1e-15: _pinv(F, A, atol, rtol),
    lambda F, g, A, y: _pinv_gradient(F, g, A, y),
    holomorphic=False,
)


# ---- factors ----------------------------------------------------------------------------------------------------------------------------
def _lower_half(F: Any, x: Any) -> Any:
    """The lower triangle with half the diagonal."""
    return (F.tril(x) + F.tril(x, -1)) * 0.5


def _cholesky_gradient(F: Any, g: Any, L: Any) -> Any:
    inner = _lower_half(F, F.matmul(mH(F, L), g))
    LH = mH(F, L)
    S = F.linalg_solve(LH, mH(F, F.linalg_solve(LH, mH(F, inner))))
    return (S + mH(F, S)) * 0.5


cholesky = primitive(
    "linalg_cholesky",
    lambda F, A: F.linalg.cholesky(A),
    lambda F, g, y: _cholesky_gradient(F, g, y),
    holomorphic=False,
    backward="LinalgCholeskyExBackward0",
)


def _square_qr_gradient(F: Any, gQ: Any, gR: Any, Q: Any, R: Any) -> Any:
    """For a matrix that is at least as high as wide."""
    M = F.matmul(R, mH(F, gR)) - F.matmul(mH(F, gQ), Q)
    symmetric = F.tril(M) + mH(F, F.tril(M, -1))
    return mH(F, F.linalg_solve(R, mH(F, gQ + F.matmul(Q, symmetric))))


def _qr_gradient(F: Any, gs: Any, ys: Any, A: Any, mode: str) -> tuple[Any]:
    (Q, R), (gQ, gR) = ys, gs
    m, n = A.shape[-2:]
    if mode == "r":
        raise RuntimeError(
            "The derivative of linalg.qr depends on Q, which is not computed when mode='r'. Please use linalg.qr(A, mode='reduced')"
        )
    if mode == "complete" and m > n:
        raise RuntimeError("The QR decomposition is not differentiable when mode='complete' and nrows > ncols")
    if m >= n:
        return (_square_qr_gradient(F, gQ, gR, Q, R),)
    U, gU, gV = R[..., :m], gR[..., :m], gR[..., m:]
    gX = _square_qr_gradient(F, gQ + F.matmul(A[..., m:], mH(F, gV)), gU, Q, U)
    return (F.concatenate([gX, F.matmul(Q, gV)], -1) if not hasattr(gX, "array") else F.cat([gX, F.matmul(Q, gV)], -1),)


qr = Joint("linalg_qr", lambda F, A, mode="reduced": F.linalg.qr(A, mode), _qr_gradient)


def _gaps(F: Any, s: Any) -> Any:
    """``s[j] - s[i]``, and 1 where that is 0: on the diagonal, and for equal values, whose vectors have no gradient of their own."""
    gap = s[..., None, :] - s[..., :, None]
    return F.where(gap == 0, 1, gap)


def _diagonal_matrix(F: Any, s: Any) -> Any:
    return F.diag_embed(s, (*s.shape, s.shape[-1]), 0, s.ndim - 1, s.ndim)


def _eigh_gradient(F: Any, gs: Any, ys: Any) -> tuple[Any]:
    (L, V), (gL, gV) = ys, gs
    inner = _diagonal_matrix(F, gL) + _without_diagonal(F, F.matmul(mH(F, V), gV)) / _gaps(F, L)
    return (F.matmul(V, F.matmul(inner, mH(F, V))),)


def _without_diagonal(F: Any, x: Any) -> Any:
    return F.tril(x, -1) + F.triu(x, 1)


eigh = Joint("linalg_eigh", lambda F, A, uplo="L": tuple(F.linalg.eigh(A, uplo)), _eigh_gradient)


def _svd_gradient(F: Any, gs: Any, ys: Any, full: bool) -> tuple[Any]:
    (U, S, Vh), (gU, gS, gVh) = ys, gs
    if full and U.shape[-1] != Vh.shape[-2]:
        raise RuntimeError(
            "The singular vectors in the SVD of a matrix that is not square are not differentiable with full_matrices=True; use full_matrices=False"
        )
    gV, V = mH(F, gVh), mH(F, Vh)
    turn_u, turn_v = F.matmul(mH(F, U), gU), F.matmul(Vh, gV)
    gaps = _gaps(F, S * S)
    skew_u, skew_v = turn_u - mH(F, turn_u), turn_v - mH(F, turn_v)
    inner = skew_u / gaps * S[..., None, :] + S[..., :, None] * (skew_v / gaps) + _diagonal_matrix(F, gS)
    if getattr(U, "array", U).dtype.kind == "c":  # the phases of the vectors are free, but they turn together
        inner = inner + _diagonal_matrix(F, F.diagonal_(skew_u, 0, U.ndim - 2, U.ndim - 1) / (S * 2))
    m, n, k = U.shape[-2], V.shape[-2], S.shape[-1]
    gA = F.matmul(U, F.matmul(inner, Vh))
    if m > k:
        outside = (gU - F.matmul(U, turn_u)) / S[..., None, :]
        gA = gA + F.matmul(outside, Vh)
    if n > k:
        outside = (gV - F.matmul(V, turn_v)) / S[..., None, :]
        gA = gA + F.matmul(U, mH(F, outside))
    return (gA,)


svd = Joint("linalg_svd", lambda F, A, full=False: tuple(F.linalg.svd(A, full_matrices=full)), _svd_gradient)
