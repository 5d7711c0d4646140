"""LU factors: a matrix as a permutation, a lower and an upper triangle."""

from __future__ import annotations

from typing import Any

import tane
from tane.autocasting import to_float
from tane.autograd.function import Function
from tane.linalg.checks import matrices
from tane.linalg.equations import solve_triangular
from tane.linalg.spectra import delivered
from tane.tensor import Tensor

__all__ = ["lu", "lu_factor", "lu_factor_ex", "lu_solve", "ordered", "permutation", "unpacked"]


def _eliminated(A: Tensor, pivot: bool) -> tuple[Tensor, Tensor, Tensor]:
    """The factors in one matrix, which row changed places with each (counted from 1), and where the rows went; by Gauss."""
    A = A.detach().clone()
    batch, (m, n) = A.shape[:-2], A.shape[-2:]
    places = tane.arange(m, device=A.device).expand(*batch, m)
    order, swaps = places, []
    for k in range(min(m, n)):
        row = _size(A[..., k:, k]).argmax(-1) + k if pivot else places[..., k]
        swaps.append(row + 1)
        moved = places.clone()
        moved[..., k] = row
        moved.scatter_(-1, row.unsqueeze(-1), k)
        A, order = ordered(A, moved), order.gather(-1, moved)
        head = A[..., k, k]
        A[..., k + 1 :, k] /= tane.where(head == 0, 1, head).unsqueeze(-1)
        A[..., k + 1 :, k + 1 :] -= A[..., k + 1 :, k, None] * A[..., k, None, k + 1 :]
    pivots = tane.stack(swaps, -1) if swaps else places[..., :0]
    return A, pivots.to(tane.int32), order


def _size(x: Tensor) -> Tensor:
    """What pivots are chosen by: of a complex number, as LAPACK does, the sum of its parts."""
    return x.real.abs() + x.imag.abs() if x.is_complex() else x.abs()


def ordered(A: Tensor, order: Tensor) -> Tensor:
    """The rows of each matrix in a new order."""
    return A.gather(-2, order.unsqueeze(-1).expand(*order.shape, A.shape[-1]))


class _Square(Function):
    """The triangles of a square matrix whose rows are in order; they are known, and this gives their gradient."""

    @staticmethod
    def forward(ctx: Any, A: Tensor, packed: Tensor) -> tuple[Tensor, Tensor]:
        L, U = triangles(packed)
        ctx.save_for_backward(L, U)
        return L, U

    @staticmethod
    def backward(ctx: Any, gL: Tensor, gU: Tensor) -> Any:
        L, U = ctx.saved_tensors
        middle = (L.mH @ gL).tril(-1) + (gU @ U.mH).triu()
        left = solve_triangular(L.mH, middle, upper=True, unitriangular=True)
        return solve_triangular(U.mH, left, upper=False, left=False), None


def triangles(packed: Tensor) -> tuple[Tensor, Tensor]:
    """L, with ones on its diagonal, and U, which lie in one matrix."""
    m, n = packed.shape[-2:]
    k = min(m, n)
    one = tane.eye(m, k, dtype=packed.dtype, device=packed.device)
    return packed[..., :k].tril(-1) + one, packed[..., :k, :].triu()


def _factors(A: Tensor, pivot: bool) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """L, U, both in one matrix, the swaps and the order of rows, with the history of L and U."""
    packed, pivots, order = _eliminated(A, pivot)
    if not (A.requires_grad and tane.is_grad_enabled()):
        L, U = triangles(packed)
        return L, U, packed, pivots, order
    rows = ordered(A, order)
    m, n = A.shape[-2:]
    k = min(m, n)
    L, U = _Square.apply(rows[..., :k, :k], packed[..., :k, :k])
    if n > k:
        U = tane.cat([U, solve_triangular(L, rows[..., k:], upper=False, unitriangular=True)], -1)
    if m > k:
        L = tane.cat([L, solve_triangular(U, rows[..., k:, :], upper=True, left=False)], -2)
    below = L.tril(-1)
    if n > k:
        below = tane.cat([below, below.new_zeros(*below.shape[:-1], n - k)], -1)
    above = U if m == k else tane.cat([U, U.new_zeros(*U.shape[:-2], m - k, n)], -2)
    return L, U, below + above, pivots, order


def permutation(order: Tensor, like: Tensor) -> Tensor:
    """The matrix P with ``P @ rows in order = rows``."""
    m = order.shape[-1]
    P = tane.zeros(*order.shape, m, dtype=like.dtype, device=like.device)
    return P.scatter_(-2, order.unsqueeze(-2), 1)


@to_float
def lu(A: Tensor, *, pivot: bool = True, out: Any = None) -> Any:
    """``P``, ``L`` and ``U`` with ``P @ L @ U = A``; without ``pivot`` rows stay in place and P is empty."""
    matrices(A, "lu")
    L, U, _, _, order = _factors(A, pivot)
    P = permutation(order, A) if pivot else A.new_empty(0)
    return delivered("lu", ("P", "L", "U"), (P, L, U), out)


@to_float
def lu_factor(A: Tensor, *, pivot: bool = True, out: Any = None) -> Any:
    """L and U in one matrix, and the row, counted from 1, that changed places with each; ``RuntimeError`` if U has a zero on its diagonal."""
    LU, pivots, info = lu_factor_ex(A, pivot=pivot)
    if bool((info > 0).any()):
        k = int(info.max())
        raise RuntimeError(
            f"torch.linalg.lu_factor: U[{k},{k}] is zero and using it on lu_solve would result in a division by zero. If you still want to perform "
            f"the factorization, consider calling linalg.lu(A, pivot) or linalg.lu_factor_ex(A, pivot)"
        )
    return delivered("lu_factor", ("LU", "pivots"), (LU, pivots), out)


@to_float
def lu_factor_ex(A: Tensor, *, pivot: bool = True, check_errors: bool = False, out: Any = None) -> Any:
    """:func:`lu_factor`, and in ``info`` the number, counted from 1, of the first zero on U's diagonal, or 0; an error only if ``check_errors``."""
    matrices(A, "lu_factor_ex")
    _, _, LU, pivots, _ = _factors(A, pivot)
    zero = LU.detach().diagonal(dim1=-2, dim2=-1) == 0
    first = zero.to(tane.int32).argmax(-1) + 1 if zero.shape[-1] else 0
    info = tane.where(zero.any(-1), first, 0).to(tane.int32)
    if check_errors and bool(info.any()):
        raise RuntimeError(f"linalg.lu_factor_ex: U has a zero in row {int(info.max())} of its diagonal, counted from 1")
    return delivered("lu_factor_ex", ("LU", "pivots", "info"), (LU, pivots, info), out)


def unpacked(LU: Tensor, pivots: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The order of rows that swaps amount to, and the triangles."""
    order = tane.arange(LU.shape[-2], device=LU.device).expand(*LU.shape[:-1]).clone()
    for k in range(pivots.shape[-1]):
        row = pivots[..., k].long().unsqueeze(-1) - 1
        here, there = order[..., k].clone(), order.gather(-1, row)
        order.scatter_(-1, row, here.unsqueeze(-1))
        order[..., k] = there.squeeze(-1)
    L, U = triangles(LU)
    return order, L, U


@to_float
def lu_solve(LU: Tensor, pivots: Tensor, B: Tensor, *, left: bool = True, adjoint: bool = False, out: Tensor | None = None) -> Tensor:
    """X with ``A @ X = B``, of what :func:`lu_factor` made of A; ``X @ A = B`` unless ``left``, and A's adjoint if ``adjoint``."""
    matrices(B, "lu_solve")
    if not left:  # the adjoint of the equation
        X = lu_solve(LU, pivots, B.mH, adjoint=not adjoint).mH
    else:
        order, L, U = unpacked(LU, pivots)
        batch = tane.broadcast_shapes(LU.shape[:-2], B.shape[:-2])
        B, order = B.expand(*batch, *B.shape[-2:]), order.expand(*batch, order.shape[-1])
        if adjoint:
            Y = solve_triangular(U.mH, B, upper=False)
            X = ordered(solve_triangular(L.mH, Y, upper=True, unitriangular=True), order.argsort(-1))
        else:
            Y = solve_triangular(L, ordered(B, order), upper=False, unitriangular=True)
            X = solve_triangular(U, Y, upper=True)
    if out is not None:
        out.copy_(X)
        return out
    return X
