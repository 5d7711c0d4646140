"""Padding: a constant around the edges, or elements from inside repeated there.

``amounts`` holds a pair for each of the last axes, first axis first; a negative amount cuts off.
"""

from __future__ import annotations

from typing import Any

from tane.ops.primitive import primitive

__all__ = ["constant", "indexed"]

Pairs = tuple[tuple[int, int], ...]


def _constant(F: Any, x: Any, amounts: Pairs, value: Any) -> Any:
    first = x.ndim - len(amounts)
    shape, inside, source = list(x.shape), [slice(None)] * x.ndim, [slice(None)] * x.ndim
    for axis, (lo, hi) in enumerate(amounts, first):
        n = x.shape[axis]
        shape[axis] = n + lo + hi
        inside[axis] = slice(max(lo, 0), n + lo + min(hi, 0))
        source[axis] = slice(max(-lo, 0), n + min(hi, 0))
    out = F.zeros(tuple(shape), dtype=x.dtype) if value == 0 else F.full(tuple(shape), value, dtype=x.dtype)
    out[tuple(inside)] = x[tuple(source)]
    return out


constant = primitive(
    "constant_pad",
    lambda F, x, amounts=(), value=0: _constant(F, x, amounts, value),
    lambda F, g, amounts: F.constant_pad(g, tuple((-lo, -hi) for lo, hi in amounts), 0),
    backward="ConstantPadNdBackward0",
)


# ---- elements from inside -------------------------------------------------------------------------------------------------------------
# ``index`` holds a raw array of source positions for each of the last axes, or None where an axis stays as it is.
def _taken(F: Any, x: Any, index: tuple[Any, ...]) -> Any:
    for axis, i in enumerate(index, x.ndim - len(index)):
        if i is not None:
            x = F.take(x, i, axis=axis)
    return x


def _returned(F: Any, g: Any, index: tuple[Any, ...], size: tuple[int, ...]) -> Any:
    for axis, (i, n) in enumerate(zip(index, size, strict=True), g.ndim - len(index)):
        if i is not None:
            g = F.moveaxis(F.scatter_rows(n, i, F.moveaxis(g, axis, 0)), 0, axis)
    return F.ascontiguousarray(g)


def _op(name: str, backward: str) -> Any:
    return primitive(
        name,
        lambda F, x, index=(): _taken(F, x, index),
        lambda F, g, x_shape, index: F.pad_returned(g, index, x_shape[len(x_shape) - len(index) :]),
        backward=backward,
    )


indexed = {
    (mode, n): _op(f"{mode}_pad{n}d", f"{node}{n}DBackward0")
    for n in (1, 2, 3)
    for mode, node in (("reflect", "ReflectionPad"), ("replicate", "ReplicationPad"), ("circular", "CircularPad"))
}
returned = primitive(
    "pad_returned", lambda F, x, index=(), size=(): _returned(F, x, index, size), lambda F, g, index: F.reflect_pad1d(g, index)
)
