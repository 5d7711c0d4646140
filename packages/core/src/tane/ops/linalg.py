"""Linear algebra on matrices and batches of them. Formulas follow M. Giles (2008), J. Townsend (2016), and F. Walter and L. Lehmann (2012).

Matrices are the last two axes. A formula of a function that is not holomorphic spells conjugates out itself.
"""

from __future__ import annotations

from typing import Any

from tane.ops.complex import is_complex
from tane.ops.joint import Joint
from tane.ops.primitive import primitive

__all__: list[str] = []


def mT(F: Any, x: Any) -> Any:
    """The transpose of matrices."""
    return F.swapaxes(x, -1, -2)


def mH(F: Any, x: Any) -> Any:
    """The transpose of matrices, conjugated."""
    x = F.swapaxes(x, -1, -2)
    return F.conj(x) if is_complex(x) else x


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
    return F.asarray(sign), F.asarray(size)


def _slogdet_gradient(F: Any, gs: Any, A: Any, ys: Any) -> tuple[Any]:
    """The sign of a real determinant does not move; that of a complex one turns."""
    (g_sign, g), (sign, _) = gs, ys
    if is_complex(A):
        g = g - F.imag(F.conj(g_sign) * sign) * 1j
    return (column(g) * mH(F, F.linalg_inv(A)),)


slogdet = Joint("linalg_slogdet", lambda F, A: _slogdet(F, A), _slogdet_gradient)


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
    below = F.tril(M, -1)
    diagonal = F.tril(M) - below
    if is_complex(M):  # the diagonal of R is real
        diagonal = (diagonal + mH(F, diagonal)) * 0.5
    symmetric = below + diagonal + mH(F, below)
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


def _eig_gradient(F: Any, gs: Any, ys: Any) -> tuple[Any]:
    """For eigenvectors of length 1, up to a phase (C. Boeddeker et al., 2017)."""
    (L, V), (gL, gV) = ys, gs
    VH = mH(F, V)
    turn = F.matmul(VH, gV)
    along = F.real(F.diagonal_(turn, 0, V.ndim - 2, V.ndim - 1))
    across = turn - F.matmul(VH, V) * along[..., None, :]
    inner = _diagonal_matrix(F, gL) + _without_diagonal(F, across) / F.conj(_gaps(F, L))
    return (F.linalg_solve(VH, F.matmul(inner, VH)),)


def _eig(F: Any, A: Any) -> tuple[Any, Any]:
    L, V = F.linalg.eig(A)
    wide = "complex64" if A.dtype.itemsize * (1 if A.dtype.kind == "c" else 2) == 8 else "complex128"
    return L.astype(wide), V.astype(wide)


eig = Joint("linalg_eig", lambda F, A: _eig(F, A), _eig_gradient)


def _svd_gradient(F: Any, gs: Any, ys: Any, full: bool) -> tuple[Any]:
    (U, S, Vh), (gU, gS, gVh) = ys, gs
    if full and U.shape[-1] != Vh.shape[-2]:  # what completes the vectors to a basis is arbitrary and has no gradient
        k = S.shape[-1]
        U, gU, Vh, gVh = U[..., :k], gU[..., :k], Vh[..., :k, :], gVh[..., :k, :]
    size = F.where(S == 0, 1, S)  # the vectors of a singular value of 0 have no gradient
    gV, V = mH(F, gVh), mH(F, Vh)
    turn_u, turn_v = F.matmul(mH(F, U), gU), F.matmul(Vh, gV)
    gaps = _gaps(F, S * S)
    skew_u, skew_v = turn_u - mH(F, turn_u), turn_v - mH(F, turn_v)
    inner = skew_u / gaps * S[..., None, :] + S[..., :, None] * (skew_v / gaps) + _diagonal_matrix(F, gS)
    if is_complex(U):  # the phases of the vectors are free, but they turn together
        inner = inner + _diagonal_matrix(F, F.diagonal_(skew_u, 0, U.ndim - 2, U.ndim - 1) / (size * 2))
    m, n, k = U.shape[-2], V.shape[-2], S.shape[-1]
    gA = F.matmul(U, F.matmul(inner, Vh))
    if m > k:
        outside = (gU - F.matmul(U, turn_u)) / size[..., None, :]
        gA = gA + F.matmul(outside, Vh)
    if n > k:
        outside = (gV - F.matmul(V, turn_v)) / size[..., None, :]
        gA = gA + F.matmul(U, mH(F, outside))
    return (gA,)


svd = Joint("linalg_svd", lambda F, A, full=False: tuple(F.linalg.svd(A, full_matrices=full)), _svd_gradient)
