"""Matrix products by operand ranks."""

from __future__ import annotations

from tane.ops import matmul as op
from tane.surface.expose import method, write_out
from tane.tensor import Tensor

__all__ = ["matmul", "mm"]

BY_RANK = {(1, 1): op.dot.call, (2, 2): op.mm.call, (2, 1): op.mv.call, (3, 3): op.bmm.call}


@method("matmul", "__matmul__")
def matmul(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The matrix product; vectors at either side, batches broadcast in front."""
    if not isinstance(other, Tensor):
        raise TypeError(f"matmul(): argument 'other' (position 2) must be Tensor, not {type(other).__name__}")
    a, b = input.array, other.array
    n, m = a.ndim, b.ndim
    if n == 0 or m == 0:
        raise RuntimeError(f"both arguments to matmul need to be at least 1D, but they are {n}D and {m}D")
    if a.shape[-1] != b.shape[0 if m == 1 else -2]:
        raise RuntimeError(mismatch(a.shape, b.shape))
    if n == m == 3 and a.shape[0] != b.shape[0]:
        result: Tensor = op.matmul.call(input, other)
    else:
        result = BY_RANK.get((n, m), op.matmul.call)(input, other)
    return result if out is None else write_out(out, result, "matmul")


def mismatch(a: tuple[int, ...], b: tuple[int, ...]) -> str:
    """PyTorch's sentence about inner sizes that differ."""
    if len(a) == len(b) == 1:
        return f"inconsistent tensor size, expected tensor {list(a)} and src {list(b)} to have the same number of elements, but got {a[0]} and {b[0]} elements respectively"  # noqa: E501
    if len(b) == 1:
        return f"size mismatch, got input ({a[-2]}), mat ({a[-2]}x{a[-1]}), vec ({b[0]})"
    rows = 1 if len(a) == 1 else a[-2]
    return f"mat1 and mat2 shapes cannot be multiplied ({rows}x{a[-1]} and {b[-2]}x{b[-1]})"


@method()
def mm(input: Tensor, mat2: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The product of two matrices, without broadcasting."""
    if input.array.ndim != 2:
        raise RuntimeError("self must be a matrix")
    if mat2.array.ndim != 2:
        raise RuntimeError("mat2 must be a matrix")
    return matmul(input, mat2, out=out)


def rmatmul(self: Tensor, other: object) -> Tensor:
    if not isinstance(other, Tensor):
        return NotImplemented
    return matmul(other, self)


Tensor.__rmatmul__ = rmatmul
