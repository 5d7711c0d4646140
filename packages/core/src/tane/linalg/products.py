"""Products: powers of matrices, chains, dot and cross products, and what is made of them."""

from __future__ import annotations

import math
from typing import Any

from tane.autocasting import to_half
from tane.backends.backend import backend_of
from tane.dtypes import FLOAT, bfloat16, float16, float32
from tane.linalg.checks import square
from tane.linalg.equations import inv
from tane.surface.diagonals import diagonal as diagonal_of
from tane.surface.expose import write_out
from tane.surface.index_parts import kind_name
from tane.surface.joining import stack
from tane.surface.matmul import crossed, multiplied
from tane.tensor import Tensor, wrap

__all__ = ["cross", "diagonal", "matrix_exp", "matrix_power", "multi_dot", "vander", "vecdot"]


def matrix_power(A: Tensor, n: int, *, out: Tensor | None = None) -> Tensor:
    """A square matrix times itself, ``n`` factors in all; for negative ``n``, of its inverse."""
    if A.array.ndim < 2 or A.array.shape[-1] != A.array.shape[-2]:
        square(A, "matrix_power")
    if n < 0:
        A, n = inv(A), -n
    if n == 0:
        x = A.array
        F = backend_of(type(x)).F
        result = A.clone().copy_(wrap(F.zeros(x.shape, dtype=x.dtype) + F.eye(x.shape[-1], dtype=x.dtype)))
    else:
        power: Tensor | None = None
        while True:
            if n & 1:
                power = A if power is None else power @ A
            n >>= 1
            if not n:
                break
            A = A @ A
        result = power if power is not A else A.clone()
    return result if out is None else write_out(out, result, "linalg_matrix_power")


# The partial sums of the exponential series up to here are exact to the last bit for matrices of norm up to 1/2.
TERMS = {4: 11, 8: 18}  # by the size of a real number


def matrix_exp(A: Tensor) -> Tensor:
    """The exponentials of square matrices: of a matrix halved until it is small, by the series, and squared again as often."""
    if A.dtype in (float16, bfloat16):
        return matrix_exp(A.to(float32)).to(A.dtype)
    square(A, "matrix_exp")
    if not A.array.size:
        return A.clone()
    size = float(A.detach().abs().sum(-1).max())
    times = max(math.ceil(math.log2(size)) + 1, 0) if 0 < size < math.inf else 0
    A = A * 0.5**times
    total = A + wrap(backend_of(type(A.array)).F.eye(A.array.shape[-1], dtype=A.array.dtype))
    term = A
    for k in range(2, TERMS[A.dtype.itemsize // (2 if A.array.dtype.kind == "c" else 1)]):
        term = (term @ A) * (1 / k)
        total = total + term
    for _ in range(times):
        total = total @ total
    return total


@to_half
def multi_dot(tensors: Any, *, out: Tensor | None = None) -> Tensor:
    """The product of a chain of matrices, with vectors at the ends if need be, in the order that costs least."""
    result = multiplied(list(tensors), "multi_dot")
    return result if out is None else write_out(out, result, "linalg_multi_dot")


@to_half
def vecdot(x: Tensor, y: Tensor, *, dim: int = -1, out: Tensor | None = None) -> Tensor:
    """The dot products of vectors along a dimension, the first conjugated."""
    for t in (x, y):
        if t.dtype.category < FLOAT:
            raise RuntimeError(f"linalg.vecdot: Expected a floating point or complex tensor as input. Got {kind_name(t)}")
    result = ((x.conj() if x.array.dtype.kind == "c" else x) * y).sum(dim)
    return result if out is None else write_out(out, result, "linalg_vecdot")


def cross(input: Tensor, other: Tensor, *, dim: int = -1, out: Tensor | None = None) -> Tensor:
    """The cross product of vectors of three elements along ``dim``."""
    return crossed(input, other, dim, out)


def diagonal(A: Tensor, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """A view of the diagonal of matrices."""
    return diagonal_of(A, offset, dim1, dim2)


def vander(x: Tensor, *, N: int | None = None) -> Tensor:
    """Vandermonde's matrix: the powers 0, 1, ..., N - 1 of each element, along a new last dimension."""
    if x.array.dtype.kind == "b":
        raise RuntimeError("linalg.vander supports floating point, complex, and integer tensors, but got Bool")
    x = x if x.array.ndim else x.reshape(1)
    count = x.array.shape[-1] if N is None else N
    if count <= 1:
        raise RuntimeError(f"N must be greater than 1, got {count}")
    powers = [x.new_ones(x.array.shape)]
    for _ in range(count - 1):
        powers.append(powers[-1] * x)
    return stack(powers, -1)
