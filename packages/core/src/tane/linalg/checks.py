"""What all functions of ``tane.linalg`` ask of their arguments, and how they fail."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from numpy.linalg import LinAlgError as ArrayError

from tane.backends.backend import backend_of
from tane.dtypes import FLOAT
from tane.ops.accepting import unsupported
from tane.surface.index_parts import kind_name
from tane.tensor import Tensor

__all__ = ["LinAlgError", "dependent", "failing", "matrices", "not_positive", "square"]


class LinAlgError(RuntimeError):
    """A matrix does not have what was asked for, such as an inverse."""


# What PyTorch's error names for types that only the kernel behind a function refuses.
KERNELS = {
    "cholesky": "cholesky_cpu",
    "cond": "linalg_svd_cpu",
    "det": "lu_cpu",
    "eig": "linalg_eig_out_cpu",
    "eigh": "linalg_eigh_cpu",
    "eigvals": "linalg_eig_out_cpu",
    "qr": "geqrf_cpu",
    "solve": "lu_cpu",
    "solve_triangular": "triangular_solve_cpu",
    "svd": "linalg_svd_cpu",
    "svdvals": "linalg_svd_cpu",
}


def matrices(A: Tensor, name: str) -> Tensor:
    """``A``, checked to be one matrix or more of a type that can be computed with."""
    if not isinstance(A, Tensor):
        raise TypeError(f"linalg_{name}(): argument 'A' (position 1) must be Tensor, not {type(A).__name__}")
    if A.array.ndim < 2:
        raise RuntimeError(f"linalg.{name}: The input tensor A must have at least 2 dimensions.")
    if A.dtype.category < FLOAT:
        if name == "solve_triangular":
            raise unsupported(KERNELS[name], A.dtype)
        raise RuntimeError(f"linalg.{name}: Expected a floating point or complex tensor as input. Got {kind_name(A)}")
    if A.dtype.itemsize < 4:
        if name in KERNELS:
            raise unsupported(KERNELS[name], A.dtype)
        raise RuntimeError(f"linalg.{name}: Low precision dtypes not supported. Got {kind_name(A)}")
    return A


def square(A: Tensor, name: str) -> Tensor:
    """``A``, checked to be one square matrix or more."""
    matrices(A, name)
    if A.array.shape[-1] != A.array.shape[-2]:
        raise RuntimeError(
            f"linalg.{name}: A must be batches of square matrices, but they are {A.array.shape[-2]} by {A.array.shape[-1]} matrices"
        )
    return A


@contextlib.contextmanager
def failing(name: str, text: str, A: Tensor | None = None, bad: Callable[[Any, Any, int], bool] | None = None) -> Iterator[None]:
    """Turn what the array library raises for a matrix it cannot work with into PyTorch's error.

    ``bad(F, matrix, k)`` says whether the trouble lies in the first ``k`` columns of a matrix; ``{k}`` in the text is the first such number.
    """
    try:
        yield
    except ArrayError:
        where = ""
        if A is not None and bad is not None:
            batch, k = _first(A.array, bad)
            where, text = f"(Batch element {batch}): " if A.array.ndim > 2 else "", text.format(k=k)
        raise LinAlgError(f"linalg.{name}: {where}{text}") from None


def _first(x: Any, bad: Callable[[Any, Any, int], bool]) -> tuple[int, int]:
    F, n = backend_of(type(x)).F, x.shape[-1]
    flat = x.reshape((-1, n, n))
    return next(((b, k) for b in range(flat.shape[0]) for k in range(1, n + 1) if bad(F, flat[b], k)), (0, n))


def dependent(F: Any, matrix: Any, k: int) -> bool:
    """Whether the first ``k`` columns are linearly dependent."""
    return int(F.linalg.matrix_rank(matrix[:, :k]).item()) < k


def not_positive(F: Any, matrix: Any, k: int) -> bool:
    """Whether the leading minor of order ``k`` has no Cholesky factor."""
    try:
        F.linalg.cholesky(matrix[:k, :k])
    except ArrayError:
        return True
    return False
