"""Linear algebra under the names that are functions of ``tane`` and methods: inverse, det, svd, cholesky and others."""

from __future__ import annotations

from typing import Any

from tane import linalg
from tane.autocasting import to_float
from tane.dtypes import FLOAT
from tane.return_types import return_type
from tane.surface.expose import method, write_out
from tane.surface.index_parts import kind_name
from tane.surface.norm import vector_norm
from tane.tensor import Tensor

__all__ = [
    "cdist",
    "cholesky",
    "cholesky_inverse",
    "cholesky_solve",
    "det",
    "inverse",
    "logdet",
    "matrix_exp",
    "matrix_power",
    "pinverse",
    "qr",
    "slogdet",
    "svd",
    "vander",
]


@to_float
@method()
def inverse(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The inverses of square matrices."""
    return linalg.inv(input, out=out)


@to_float
@method()
def pinverse(input: Tensor, rcond: float = 1e-15) -> Tensor:
    """The pseudoinverse; singular values below ``rcond`` times the largest count as 0."""
    return linalg.pinv(input, rcond)


@method()
def det(input: Tensor) -> Tensor:
    """The determinants of square matrices."""
    return linalg.det(input)


@method()
def logdet(input: Tensor) -> Tensor:
    """The logarithms of the determinants: NaN where negative, -inf where zero."""
    sign, size = linalg.slogdet(input)
    return size + sign.detach().log() if input.array.dtype.kind != "c" else size + sign.log()


@method()
def slogdet(input: Tensor) -> Any:
    """The sign of the determinant and the logarithm of its absolute value."""
    return return_type("slogdet", "sign", "logabsdet")(linalg.slogdet(input))


@method()
def matrix_exp(input: Tensor) -> Tensor:
    """The exponentials of square matrices."""
    return linalg.matrix_exp(input)


@method()
def matrix_power(input: Tensor, n: int, *, out: Tensor | None = None) -> Tensor:
    """A square matrix times itself, ``n`` factors in all."""
    return linalg.matrix_power(input, n, out=out)


@to_float
@method()
def cholesky(input: Tensor, upper: bool = False, *, out: Tensor | None = None) -> Tensor:
    """L with ``L @ L.mH = input``, or the upper triangular one."""
    return linalg.cholesky(input, upper=upper, out=out)


@to_float
@method()
def cholesky_solve(input: Tensor, L: Tensor, upper: bool = False, *, out: Tensor | None = None) -> Tensor:
    """X with ``A @ X = input``, from the Cholesky factor of A."""
    lower = L.mH if upper else L
    half = linalg.solve_triangular(lower, input, upper=False)
    return linalg.solve_triangular(lower.mH, half, upper=True, out=out)


@to_float
@method()
def cholesky_inverse(L: Tensor, upper: bool = False, *, out: Tensor | None = None) -> Tensor:
    """The inverse of A, from its Cholesky factor."""
    factor = linalg.inv(L.triu() if upper else L.tril())
    result = factor @ factor.mH if upper else factor.mH @ factor
    return result if out is None else write_out(out, result, "cholesky_inverse")


@to_float
@method()
def qr(input: Tensor, some: bool = True, *, out: Any = None) -> Any:
    """:func:`tane.linalg.qr`, complete unless ``some``."""
    return return_type("qr", "Q", "R")(linalg.qr(input, "reduced" if some else "complete", out=out))


@to_float
@method()
def svd(input: Tensor, some: bool = True, compute_uv: bool = True, *, out: Any = None) -> Any:
    """U, S and V (not its adjoint) with ``U @ diag(S) @ V.mH = input``; without ``compute_uv``, zeros for U and V."""
    if not compute_uv:
        m, n = input.array.shape[-2:]
        batch = input.array.shape[:-2]
        U, V = input.new_zeros((*batch, m, m)), input.new_zeros((*batch, n, n))
        return return_type("svd", "U", "S", "V")((U, linalg.svdvals(input), V))
    U, S, Vh = linalg.svd(input, full_matrices=not some)
    results = [U, S, Vh.mH]
    if out is not None:
        results = [write_out(o, r, "svd") for o, r in zip(out, results, strict=True)]
    return return_type("svd", "U", "S", "V")(results)


def vander(x: Tensor, N: int | None = None, increasing: bool = False) -> Tensor:
    """Vandermonde's matrix of a vector, with the powers in descending order unless ``increasing``."""
    if x.array.ndim != 1:
        raise RuntimeError(f"x must be a one-dimensional tensor. Got {x.array.ndim} dimensions")
    count = x.array.size if N is None else N
    if count <= 1:
        return x.new_ones((x.array.size, count))
    powers = linalg.vander(x, N=count)
    return powers if increasing else powers.flip(-1)


@to_float
def cdist(x1: Tensor, x2: Tensor, p: float = 2.0, compute_mode: str = "use_mm_for_euclid_dist_if_necessary") -> Tensor:
    """The ``p``-norms of the differences between all rows of ``x1`` and all rows of ``x2``.

    ``compute_mode`` says how PyTorch computes them, with matrix products or without; here they are never, which is the more exact of the two.
    """
    for name, x in (("X1", x1), ("X2", x2)):
        if x.array.ndim < 2:
            raise RuntimeError(f"cdist only supports at least 2D tensors, {name} got: {x.array.ndim}D")
    if x1.array.shape[-1] != x2.array.shape[-1]:
        raise RuntimeError(f"X1 and X2 must have the same number of columns. X1: {x1.array.shape[-1]} X2: {x2.array.shape[-1]}")
    if p < 0:
        raise RuntimeError("cdist only supports non-negative p values")
    for name, x in (("X1", x1), ("X2", x2)):
        if x.dtype.category != FLOAT:
            raise RuntimeError(f"cdist only supports floating-point dtypes, {name} got: {kind_name(x)}")
    apart = x1.unsqueeze(-2) - x2.unsqueeze(-3)
    return vector_norm(apart, p, -1) if apart.array.size else apart.sum(-1)
