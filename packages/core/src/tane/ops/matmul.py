"""Matrix products."""

from __future__ import annotations

from typing import Any

from tane.ops.primitive import primitive

__all__: list[str] = []


def _left(F: Any, g: Any, b: Any, ndim: int) -> Any:
    """The gradient of ``a`` in ``a @ b``, before broadcasting is undone."""
    if b.ndim == 1:
        return g.reshape((*g.shape, 1)) * b if ndim > 1 else g * b
    if ndim == 1:  # (k) @ (..., k, n): g is (..., n)
        return F.matmul(b, g.reshape((*g.shape, 1))).reshape((*b.shape[:-1],))
    return F.matmul(g, F.swapaxes(b, -1, -2))


def _right(F: Any, g: Any, a: Any, ndim: int) -> Any:
    """The gradient of ``b`` in ``a @ b``, before broadcasting is undone."""
    if a.ndim == 1:
        return a.reshape((*a.shape, 1)) * g.reshape((*g.shape[:-1], 1, g.shape[-1])) if ndim > 1 else a * g
    if ndim == 1:  # (..., m, k) @ (k): g is (..., m)
        return F.matmul(F.swapaxes(a, -1, -2), g.reshape((*g.shape, 1))).reshape((*a.shape[:-2], a.shape[-1]))
    return F.matmul(F.swapaxes(a, -1, -2), g)


matmul = primitive(
    "matmul",
    "matmul",
    lambda F, g, other, input_shape: _left(F, g, other, len(input_shape)),
    lambda F, g, input, other_shape: _right(F, g, input, len(other_shape)),
    inputs=("input", "other"),
    wide=True,
    backward="UnsafeViewBackward0",
)
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
dot = primitive(
    "dot", "matmul", lambda F, g, other: g * other, lambda F, g, input: g * input, inputs=("input", "other"), wide=True, numpy="vecdot"
)
