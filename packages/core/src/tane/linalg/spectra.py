"""Singular values, eigenvalues, and orthogonal factors."""

from __future__ import annotations

from typing import Any

from tane.autocasting import to_float
from tane.backends.backend import backend_of
from tane.dtypes import complex64, float32
from tane.linalg.checks import failing, matrices, square
from tane.ops import linalg as op
from tane.return_types import return_type
from tane.surface.expose import write_out
from tane.tensor import Tensor, wrap

__all__ = ["eig", "eigh", "eigvals", "eigvalsh", "qr", "svd", "svdvals"]

SLOW = "The algorithm failed to converge."


def delivered(name: str, fields: tuple[str, ...], results: Any, out: Any) -> Any:
    """Several results under their names, in ``out`` where that is given."""
    if out is not None:
        results = [write_out(o, r, f"linalg_{name}") for o, r in zip(out, results, strict=True)]
    return return_type(f"linalg_{name}", *fields)(results)


@to_float
def qr(A: Tensor, mode: str = "reduced", *, out: Any = None) -> Any:
    """``Q`` with orthonormal columns and ``R``, upper triangular, with ``Q @ R = A``. ``mode="complete"`` makes Q square, ``"r"`` leaves it out."""
    matrices(A, "qr")
    if mode not in ("reduced", "complete", "r"):
        raise RuntimeError(f"qr received unrecognized mode '{mode}' but expected one of 'reduced' (default), 'r', or 'complete'")
    if mode == "r":
        _, R = op.qr(A, "reduced")
        return delivered("qr", ("Q", "R"), (A.new_empty((0,)), R), out)
    return delivered("qr", ("Q", "R"), op.qr(A, mode), out)


@to_float
def svd(A: Tensor, full_matrices: bool = True, *, driver: str | None = None, out: Any = None) -> Any:
    """``U``, ``S`` and ``Vh`` with ``U @ diag(S) @ Vh = A``; S in descending order. ``driver`` is a hint for CUDA devices.

    The vectors that ``full_matrices`` adds have no gradient, and where singular values are equal no vectors have any.
    """
    matrices(A, "svd")
    with failing("svd", SLOW):
        return delivered("svd", ("U", "S", "Vh"), op.svd(A, full_matrices), out)


@to_float
def svdvals(A: Tensor, *, driver: str | None = None, out: Tensor | None = None) -> Tensor:
    """The singular values in descending order."""
    matrices(A, "svdvals")
    with failing("svdvals", SLOW):
        result = op.svd(A, False)[1]
    return result if out is None else write_out(out, result, "linalg_svdvals")


@to_float
def eigh(A: Tensor, UPLO: str = "L", *, out: Any = None) -> Any:
    """The ``eigenvalues`` in ascending order and the ``eigenvectors`` (columns) of matrices that are their own adjoint; one triangle is read."""
    square(A, "eigh")
    if UPLO.upper() not in ("L", "U"):
        raise RuntimeError(f"Expected UPLO argument to be 'L' or 'U', but got {UPLO}")
    with failing("eigh", SLOW):
        return delivered("eigh", ("eigenvalues", "eigenvectors"), op.eigh(A, UPLO.upper()), out)


@to_float
def eigvalsh(A: Tensor, UPLO: str = "L", *, out: Tensor | None = None) -> Tensor:
    """The eigenvalues of matrices that are their own adjoint, in ascending order."""
    result = eigh(A, UPLO).eigenvalues
    return result if out is None else write_out(out, result, "linalg_eigvalsh")


@to_float
def eig(A: Tensor, *, out: Any = None) -> Any:
    """The ``eigenvalues`` and ``eigenvectors`` (columns, of length 1) of square matrices, as complex numbers.

    Gradients are those of functions that do not depend on the phases of the eigenvectors. Where eigenvalues are equal there are none of the vectors.
    """
    square(A, "eig")
    with failing("eig", SLOW):
        return delivered("eig", ("eigenvalues", "eigenvectors"), op.eig(A), out)


@to_float
def eigvals(A: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The eigenvalues of square matrices, as complex numbers."""
    square(A, "eigvals")
    with failing("eigvals", SLOW):
        if A.node is not None:
            result = op.eig(A)[0]
        else:
            values = backend_of(type(A.array)).F.linalg.eigvals(A.array)
            result = wrap(values.astype("complex64" if A.dtype in (float32, complex64) else "complex128"))
    return result if out is None else write_out(out, result, "linalg_eigvals")
