"""Matrix products."""

from __future__ import annotations

import math
from typing import Any

from tane.ops.primitive import primitive

__all__: list[str] = []


# ---- any ranks ------------------------------------------------------------------------------------------------------------------------
def _rows(x: Any) -> Any:
    """A batch of matrices as one, of all their rows. The number is spelled out: for rows of no elements -1 could be any."""
    return x.reshape((math.prod(x.shape[:-1]), x.shape[-1]))


def _product(F: Any, a: Any, b: Any) -> Any:
    """``a @ b``; many matrices by one are one product of all their rows."""
    if b.ndim == 2 and a.ndim > 2:
        return F.matmul(_rows(a), b).reshape((*a.shape[:-1], b.shape[-1]))
    return F.matmul(a, b)


def _left(F: Any, g: Any, b: Any, shape: tuple[int, ...]) -> Any:
    """The gradient of ``a``, of this shape, in ``a @ b``, before broadcasting is undone."""
    ndim = len(shape)
    if b.ndim == 1:
        return g.reshape((*g.shape, 1)) * b if ndim > 1 else g * b
    if ndim == 1:  # (k) @ (..., k, n): g is (..., n)
        return F.matmul(b, g.reshape((*g.shape, 1))).reshape((*b.shape[:-1],))
    if b.ndim == 2 and ndim > 2:
        return F.matmul(_rows(g), F.swapaxes(b, 0, 1)).reshape(shape)
    return F.matmul(g, F.swapaxes(b, -1, -2))


def _right(F: Any, g: Any, a: Any, shape: tuple[int, ...]) -> Any:
    """The gradient of ``b``, of this shape, in ``a @ b``, before broadcasting is undone."""
    ndim = len(shape)
    if a.ndim == 1:
        return a.reshape((*a.shape, 1)) * g.reshape((*g.shape[:-1], 1, g.shape[-1])) if ndim > 1 else a * g
    if ndim == 1:  # (..., m, k) @ (k): g is (..., m)
        return F.matmul(F.swapaxes(a, -1, -2), g.reshape((*g.shape, 1))).reshape((*a.shape[:-2], a.shape[-1]))
    if ndim == 2 and a.ndim > 2:
        return F.matmul(F.swapaxes(_rows(a), 0, 1), _rows(g))
    return F.matmul(F.swapaxes(a, -1, -2), g)


matmul = primitive(
    "matmul",
    lambda F, input, other: _product(F, input, other),
    lambda F, g, other, input_shape: _left(F, g, other, input_shape),
    lambda F, g, input, other_shape: _right(F, g, input, other_shape),
    wide=True,
    backward="UnsafeViewBackward0",
)

# ---- known ranks ----------------------------------------------------------------------------------------------------------------------
mm = primitive(
    "mm",
    "matmul",
    lambda F, g, other: F.mm(g, other.T),
    lambda F, g, input: F.mm(input.T, g),
    inputs=("input", "other"),
    wide=True,
    numpy="mm",
)
bmm = primitive(
    "bmm",
    "matmul",
    lambda F, g, other: F.matmul(g, F.swapaxes(other, -1, -2)),
    lambda F, g, input: F.matmul(F.swapaxes(input, -1, -2), g),
    inputs=("input", "other"),
    wide=True,
    numpy="bmm",
)
mv = primitive(
    "mv",
    "matmul",
    lambda F, g, other: g.reshape((-1, 1)) * other,
    lambda F, g, input: F.matmul(input.T, g),
    inputs=("input", "other"),
    wide=True,
    numpy="mv",
)
vm = primitive(
    "vm",
    "matmul",
    lambda F, g, other: F.matmul(other, g),
    lambda F, g, input: input.reshape((-1, 1)) * g,
    inputs=("input", "other"),
    wide=True,
    numpy="vm",
    backward="SqueezeBackward4",
)
dot = primitive(
    "dot", "matmul", lambda F, g, other: g * other, lambda F, g, input: g * input, inputs=("input", "other"), wide=True, numpy="dot_"
)


# ---- a product added to something --------------------------------------------------------------------------------------------------
def _plus(F: Any, input: Any, product: Any, beta: Any, alpha: Any) -> Any:
    """``beta * input + alpha * product``; with ``beta`` 0 what ``input`` holds does not matter, NaN neither."""
    if alpha != 1:
        product = product * alpha
    if beta == 0:
        return product
    return product + (input if beta == 1 else input * beta)


addmm = primitive(
    "addmm",
    lambda F, input, mat1, mat2, beta=1, alpha=1: _plus(F, input, F.matmul(mat1, mat2), beta, alpha),
    lambda F, g, beta: g * beta,
    lambda F, g, mat2, alpha: F.mm(g * alpha, mat2.T),
    lambda F, g, mat1, alpha: F.mm(mat1.T, g * alpha),
    wide=True,
)
addmv = primitive(
    "addmv",
    lambda F, input, mat, vec, beta=1, alpha=1: _plus(F, input, F.matmul(mat, vec), beta, alpha),
    lambda F, g, beta: g * beta,
    lambda F, g, vec, alpha: (g * alpha).reshape((-1, 1)) * vec,
    lambda F, g, mat, alpha: F.matmul(mat.T, g * alpha),
    wide=True,
)
baddbmm = primitive(
    "baddbmm",
    lambda F, input, batch1, batch2, beta=1, alpha=1: _plus(F, input, F.matmul(batch1, batch2), beta, alpha),
    lambda F, g, beta: g * beta,
    lambda F, g, batch2, alpha: F.matmul(g * alpha, F.swapaxes(batch2, -1, -2)),
    lambda F, g, batch1, alpha: F.matmul(F.swapaxes(batch1, -1, -2), g * alpha),
    wide=True,
)
addr = primitive(
    "addr",
    lambda F, input, vec1, vec2, beta=1, alpha=1: _plus(F, input, vec1.reshape((-1, 1)) * vec2, beta, alpha),
    lambda F, g, beta: g * beta,
    lambda F, g, vec2, alpha: F.matmul(g * alpha, vec2),
    lambda F, g, vec1, alpha: F.matmul(g.T, vec1 * alpha),
    wide=True,
)

cross = primitive(
    "linalg_cross",
    lambda F, input, other, axis=-1: F.cross(input, other, axis=axis),
    lambda F, g, other, axis: F.linalg_cross(other, g, axis),
    lambda F, g, input, axis: F.linalg_cross(g, input, axis),
)
