"""Inverses, determinants, and systems of linear equations."""

from __future__ import annotations

import math
from typing import Any

from tane.autocasting import to_float
from tane.backends.backend import backend_of
from tane.dtypes import finfo
from tane.linalg.checks import LinAlgError, dependent, failing, matrices, not_positive, square
from tane.linalg.spectra import delivered, svdvals
from tane.ops import linalg as op
from tane.surface.expanding import broadcast_shapes
from tane.surface.expose import write_out
from tane.surface.index_parts import kind_name
from tane.tensor import Tensor, wrap

__all__ = [
    "cholesky",
    "cholesky_ex",
    "det",
    "inv",
    "inv_ex",
    "lstsq",
    "pinv",
    "slogdet",
    "solve",
    "solve_ex",
    "solve_triangular",
    "tensorinv",
    "tensorsolve",
]

SINGULAR = "The diagonal element {k} is zero, the inversion could not be completed because the input matrix is singular."
NOT_POSITIVE = "The factorization could not be completed because the input is not positive-definite (the leading minor of order {k} is not positive-definite)."


def _same_type(A: Tensor, B: Tensor, name: str) -> None:
    if A.array.dtype != B.array.dtype:
        raise RuntimeError(
            f"linalg.{name}: Expected A and B to have the same dtype, but found A of type {kind_name(A)} and B of type {kind_name(B)} instead"
        )


@to_float
def inv(A: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The inverses of square matrices; :class:`LinAlgError` where there is none."""
    square(A, "inv")
    with failing("inv", SINGULAR, A, dependent):
        result: Tensor = op.inv.call(A)
    return result if out is None else write_out(out, result, "linalg_inv")


def _tried(name: str, function: Any, A: Tensor, fallback: Any, check_errors: bool) -> Any:
    """A result and ``info``: 0, or 1 where there is none and errors are not to be raised."""
    batch = A.array.shape[:-2]

    def zeros() -> Tensor:
        return wrap(backend_of(type(A.array)).F.zeros(batch, dtype="int32"))

    try:
        return function(), zeros()
    except LinAlgError:
        if check_errors:
            raise
        return fallback(), zeros() + 1


def inv_ex(A: Tensor, *, check_errors: bool = False, out: Any = None) -> Any:
    """:func:`inv` that says by ``info`` whether it succeeded instead of raising; what did not succeed is NaN."""
    results = _tried("inv", lambda: inv(A), square(A, "inv"), lambda: A * math.nan, check_errors)
    return delivered("inv_ex", ("inverse", "info"), results, out)


def det(A: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The determinants of square matrices."""
    result: Tensor = op.det.call(square(A, "det"))
    return result if out is None else write_out(out, result, "linalg_det")


def slogdet(A: Tensor, *, out: Any = None) -> Any:
    """The ``sign`` of the determinant and the logarithm of its absolute value, ``logabsdet``: -inf for a singular matrix."""
    return delivered("slogdet", ("sign", "logabsdet"), op.slogdet(square(A, "slogdet")), out)


@to_float
def solve(A: Tensor, B: Tensor, *, left: bool = True, out: Tensor | None = None) -> Tensor:
    """X with ``A @ X = B``, or ``X @ A = B`` unless ``left``, for square A; B may be a vector or a batch of them.

    >>> import tane
    >>> tane.linalg.solve(tane.tensor([[2., 0.], [0., 4.]]), tane.tensor([2., 2.]))
    tensor([1.0000, 0.5000])
    """
    square(A, "solve")
    _same_type(A, B, "solve")
    vector = B.array.ndim == 1 or (B.array.ndim == A.array.ndim - 1 and B.array.shape == A.array.shape[:-1])
    if not left and vector:
        raise RuntimeError("linalg.solve: Vector broadcasting of the left hand side is not supported for left=False.")
    X = B.unsqueeze(-1) if vector else B if left else B.mT
    if X.array.ndim < 2 or A.array.shape[-1] != X.array.shape[-2]:
        raise RuntimeError(
            f"linalg.solve: Incompatible shapes of A and B for the equation {'AX = B' if left else 'XA = B'} ({A.array.shape[-2]}x{A.array.shape[-1]} and "
            f"{B.array.shape[-2] if B.array.ndim > 1 else B.array.shape[0]}x{B.array.shape[-1] if B.array.ndim > 1 else 1})"
        )
    broadcast_shapes(A.array.shape[:-2], X.array.shape[:-2])
    with failing("solve", "The solver failed because the input matrix is singular.", A, dependent):
        X = op.solve.call(A if left else A.mT, X)
    result = X.squeeze(-1) if vector else X if left else X.mT
    return result if out is None else write_out(out, result, "linalg_solve")


def solve_ex(A: Tensor, B: Tensor, *, left: bool = True, check_errors: bool = False, out: Any = None) -> Any:
    """:func:`solve` that says by ``info`` whether it succeeded instead of raising."""
    results = _tried("solve", lambda: solve(A, B, left=left), square(A, "solve"), lambda: B * math.nan, check_errors)
    return delivered("solve_ex", ("result", "info"), results, out)


def solve_triangular(
    A: Tensor, B: Tensor, *, upper: bool, left: bool = True, unitriangular: bool = False, out: Tensor | None = None
) -> Tensor:
    """X with ``A @ X = B`` for triangular A, whose other triangle (and, if ``unitriangular``, diagonal) is not looked at."""
    square(A, "solve_triangular")
    matrices(B, "solve_triangular")
    _same_type(A, B, "solve_triangular")
    if unitriangular:
        n = A.array.shape[-1]
        ones = wrap(backend_of(type(A.array)).F.eye(n, dtype=A.array.dtype))
        T = (A.triu(1) if upper else A.tril(-1)) + ones
    else:
        T = A.triu() if upper else A.tril()
    return solve(T, B, left=left, out=out)


@to_float
def cholesky(A: Tensor, *, upper: bool = False, out: Tensor | None = None) -> Tensor:
    """L, lower triangular, with ``L @ L.mH = A`` for positive-definite A (``upper``: U with ``U.mH @ U = A``). Only the lower triangle of A is read.

    :class:`LinAlgError` where A is not positive-definite.
    """
    square(A, "cholesky")
    with failing("cholesky", NOT_POSITIVE, A, not_positive):
        L: Tensor = op.cholesky.call(A.mH if upper else A)
    result = L.mH if upper else L
    return result if out is None else write_out(out, result, "linalg_cholesky")


def cholesky_ex(A: Tensor, *, upper: bool = False, check_errors: bool = False, out: Any = None) -> Any:
    """:func:`cholesky` that says by ``info`` whether it succeeded instead of raising."""
    results = _tried("cholesky", lambda: cholesky(A, upper=upper), square(A, "cholesky"), lambda: A * math.nan, check_errors)
    return delivered("cholesky_ex", ("L", "info"), results, out)


# ---- matrices without an inverse ------------------------------------------------------------------------------------------------------
def tolerances(A: Tensor, atol: Any, rtol: Any) -> tuple[Any, Any]:
    """From which size on singular values count: ``rtol`` (by default the larger size times the type's precision) times the largest, or ``atol``.

    Each is a number, or a raw array with one for each matrix and a last axis of 1.
    """

    def plain(v: Any) -> Any:
        return v.array[..., None] if isinstance(v, Tensor) else float(v)

    if rtol is None:
        rtol = max(A.array.shape[-2:]) * finfo(A.dtype).eps
        if isinstance(atol, Tensor):
            F = backend_of(type(atol.array)).F
            return plain(atol), F.where(plain(atol) > 0, 0.0, rtol)
        rtol = 0.0 if atol is not None and atol > 0 else rtol
    return 0.0 if atol is None else plain(atol), plain(rtol)


def above(S: Tensor, absolute: Any, relative: Any) -> Tensor:
    """Which singular values count as different from 0."""
    x = S.array
    F = backend_of(type(x)).F
    largest = F.amax(x, axis=-1, keepdims=True) if x.size else x[..., :0]
    return wrap(F.maximum(largest * relative, absolute) < x) if x.size else wrap(F.zeros(x.shape, dtype=bool))


@to_float
def pinv(A: Tensor, rcond: Any = None, hermitian: bool = False, *, atol: Any = None, rtol: Any = None, out: Tensor | None = None) -> Tensor:
    """The pseudoinverse of E. Moore and R. Penrose; of a ``hermitian`` matrix, its own adjoint, the lower triangle is read."""
    matrices(A, "pinv")
    if hermitian:
        square(A, "pinv")
        below = A.tril(-1)
        diagonal = A.tril() - below  # of which only the real part is read
        A = below + below.mH + (diagonal + diagonal.mH) * 0.5
    absolute, relative = tolerances(A, atol, rcond if rcond is not None else rtol)
    with failing("pinv", "The algorithm failed to converge."):
        result: Tensor = op.pinv.call(A, absolute, relative)
    return result if out is None else write_out(out, result, "linalg_pinv")


@to_float
def lstsq(A: Tensor, B: Tensor, rcond: float | None = None, *, driver: str | None = None, out: Any = None) -> Any:
    """The ``solution`` X of least norm that makes ``A @ X - B`` smallest; with its ``residuals`` (for a driver other than ``gelsy``, of full-rank A
    with more rows than columns), ``rank`` and ``singular_values``.

    All drivers compute the same by the singular value decomposition; it is shown only for ``gelsd`` and ``gelss``, as in PyTorch.
    """
    matrices(A, "lstsq")
    _same_type(A, B, "lstsq")
    if driver not in (None, "gels", "gelsy", "gelsd", "gelss"):
        raise RuntimeError(f"torch.linalg.lstsq: parameter `driver` should be one of (gels, gelsy, gelsd, gelss), got {driver}")
    vector = B.array.ndim == 1 or B.array.shape == A.array.shape[:-1]
    right = B.unsqueeze(-1) if vector else B
    if A.array.shape[-2] != right.array.shape[-2]:
        raise RuntimeError(
            f"torch.linalg.lstsq: input.size(-2) should match other.size(-2), got {A.array.shape[-2]} and {right.array.shape[-2]}"
        )
    solution = pinv(A, rtol=rcond) @ right
    m, n = A.array.shape[-2:]
    S = svdvals(A.detach())
    full = above(S, *tolerances(A, None, rcond)).sum(-1)
    rank = full if driver != "gels" else full.new_empty((0,))
    residuals = S.new_empty((0,))
    if m > n and driver not in (None, "gelsy") and bool((full == n).all()):
        residuals = ((A @ solution - right).abs() ** 2).sum(-2)
        residuals = residuals if not vector else residuals.squeeze(-1)
    values = S if driver in ("gelsd", "gelss") else S.new_empty((0,))
    solution = solution.squeeze(-1) if vector else solution
    return delivered("lstsq", ("solution", "residuals", "rank", "singular_values"), (solution, residuals, rank, values), out)


# ---- tensors as matrices --------------------------------------------------------------------------------------------------------------
@to_float
def tensorinv(A: Tensor, ind: int = 2, *, out: Tensor | None = None) -> Tensor:
    """The inverse of a tensor as a map from its last dimensions to its first ``ind``."""
    shape = A.array.shape
    if ind <= 0:
        raise RuntimeError(f"Expected a strictly positive integer for 'ind', but got {ind}")
    rows, columns = math.prod(shape[:ind]), math.prod(shape[ind:])
    if rows != columns:
        raise RuntimeError(
            f"Expected self to satisfy the requirement prod(self.shape[ind:]) == prod(self.shape[:ind]), but got {columns} != {rows}"
        )
    result = inv(A.reshape(rows, columns)).reshape(*shape[ind:], *shape[:ind])
    return result if out is None else write_out(out, result, "linalg_tensorinv")


@to_float
def tensorsolve(A: Tensor, B: Tensor, dims: Any = None, *, out: Tensor | None = None) -> Tensor:
    """X with ``tensordot(A, X, X.ndim) = B``; ``dims`` of A are moved to its end first."""
    if dims is not None:
        A = A.movedim(tuple(dims), tuple(range(A.array.ndim - len(dims), A.array.ndim)))
    inner = A.array.shape[B.array.ndim :]
    if math.prod(inner) != B.array.size:
        raise RuntimeError(
            "Expected self to satisfy the requirement prod(self.shape[other.ndim:]) == prod(self.shape[:other.ndim]), but got "
            f"{math.prod(inner)} != {B.array.size}"
        )
    result = solve(A.reshape(B.array.size, math.prod(inner)), B.reshape(-1)).reshape(inner)
    return result if out is None else write_out(out, result, "linalg_tensorsolve")
