"""Norms of vectors and matrices, condition numbers and ranks."""

from __future__ import annotations

from typing import Any

from tane.autocasting import to_float
from tane.dtypes import FLOAT
from tane.dtypes import dtype as DType
from tane.linalg.checks import LinAlgError, matrices
from tane.linalg.equations import above, inv, tolerances
from tane.linalg.spectra import eigvalsh, svdvals
from tane.surface.expose import write_out
from tane.surface.index_parts import kind_name
from tane.surface.norm import vector_norm
from tane.surface.size import one_axis
from tane.tensor import Tensor

__all__ = ["cond", "matrix_norm", "matrix_rank", "norm"]

INF = float("inf")


def norm(
    A: Tensor, ord: Any = None, dim: Any = None, keepdim: bool = False, *, out: Tensor | None = None, dtype: DType | None = None
) -> Tensor:
    """The norm of a vector or a matrix, by the number of ``dim``; without ``ord`` and ``dim``, of all elements as one vector."""
    if A.dtype.category < FLOAT and dtype is None:
        raise RuntimeError(f"linalg.vector_norm: Expected a floating point or complex tensor as input. Got {kind_name(A)}")
    dims = (dim,) if isinstance(dim, int) else None if dim is None else tuple(dim)
    if ord is None:
        result = vector_norm(A, 2, dims, keepdim, dtype=dtype)
    elif dims is None and A.array.ndim not in (1, 2):
        raise RuntimeError(f"linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got {A.array.ndim}D.")
    elif (len(dims) if dims is not None else A.array.ndim) == 1:
        result = vector_norm(A, ord, dims, keepdim, dtype=dtype)
    else:
        result = matrix_norm(A, ord, (-2, -1) if dims is None else dims, keepdim, dtype=dtype)
    return result if out is None else write_out(out, result, "linalg_norm")


def matrix_norm(
    A: Tensor,
    ord: Any = "fro",
    dim: Any = (-2, -1),
    keepdim: bool = False,
    *,
    dtype: DType | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """The norm of matrices: ``"fro"``, ``"nuc"`` (the sum of the singular values), 2 and -2 (the largest and smallest), 1 and -1, inf and -inf."""
    dims = tuple(dim)
    if len(dims) != 2:
        raise RuntimeError(f"linalg.matrix_norm: dim must be a 2-tuple. Got {list(dims)}")
    if A.array.ndim < 2:
        raise RuntimeError("linalg.matrix_norm: The input tensor A must have at least 2 dimensions.")
    if A.dtype.category < FLOAT:
        raise RuntimeError(f"linalg.matrix_norm: Expected a floating point or complex tensor as input. Got {kind_name(A)}")
    if dtype is not None:
        A = A.to(dtype)
    a, b = one_axis(A, dims[0]), one_axis(A, dims[1])
    if a == b:
        raise RuntimeError(f"linalg.matrix_norm: dims must be different. Got ({dims[0]}, {dims[1]})")
    if isinstance(ord, str) and ord not in ("fro", "nuc"):
        raise RuntimeError(f"linalg.matrix_norm: Order {ord} not supported.")
    if not isinstance(ord, str) and abs(ord) not in (1, 2, INF):
        raise RuntimeError(f"linalg.matrix_norm: Order {ord} not supported.")
    if ord == "fro":
        result = vector_norm(A, 2, (a, b), keepdim)
    else:
        M = A.movedim((a, b), (-2, -1))
        if ord == "nuc" or abs(ord) == 2:
            S = svdvals(M)
            result = S.sum(-1) if ord == "nuc" else _largest(S) if ord > 0 else S.amin(-1)
        else:
            sums = M.abs().sum(-2 if abs(ord) == 1 else -1)
            result = _largest(sums) if ord > 0 else sums.amin(-1)
        if keepdim:
            for d in sorted((a, b)):
                result = result.unsqueeze(d)
    return result if out is None else write_out(out, result, "linalg_matrix_norm")


def _largest(values: Tensor) -> Tensor:
    """The largest of each row of non-negative numbers, 0 of none."""
    return values.amax(-1) if values.array.shape[-1] else values.sum(-1)


@to_float
def cond(A: Tensor, p: Any = None, *, out: Tensor | None = None) -> Tensor:
    """How much a matrix may enlarge relative errors: the product of its norm and its inverse's; infinite for a singular one."""
    matrices(A, "cond")
    if p is None or (not isinstance(p, str) and abs(p) == 2):
        S = svdvals(A)
        result = S[..., -1] / S[..., 0] if p == -2 else S[..., 0] / S[..., -1]
    else:
        try:
            result = matrix_norm(A, p) * matrix_norm(inv(A), p)
        except LinAlgError:
            result = A.new_full(A.array.shape[:-2], INF)
    return result if out is None else write_out(out, result, "linalg_cond")


@to_float
def matrix_rank(
    A: Tensor, tol: Any = None, hermitian: bool = False, *, atol: Any = None, rtol: Any = None, out: Tensor | None = None
) -> Tensor:
    """How many singular values count as different from 0."""
    matrices(A, "matrix_rank")
    S = eigvalsh(A.detach()).abs() if hermitian else svdvals(A.detach())
    result = above(S, *tolerances(A, atol if tol is None else tol, rtol if tol is None else 0.0)).sum(-1)
    return result if out is None else write_out(out, result, "linalg_matrix_rank")
