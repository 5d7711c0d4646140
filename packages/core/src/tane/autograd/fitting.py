"""Gradients brought to the shape and type of what they belong to."""

from __future__ import annotations

from typing import Any

from tane.backends.backend import TypeTable

__all__ = ["fit", "namespaces", "recast"]

namespaces = TypeTable(lambda backend: backend.F)  # array class -> F; tane.ops adds Tensor itself


def fit(F: Any, g: Any, shape: tuple[int, ...], create: bool) -> Any:
    """Bring a gradient to the shape of its input: sum what broadcasting had repeated, repeat what a reduction had summed."""
    kind = type(g)
    if not shape:
        g = F.sum(g, axis=None) if create else F.sum_all(g)
        return g if type(g) is kind else g[...]
    extra = g.ndim - len(shape)
    if extra == 1 and not create and g.ndim == 2 and g.shape[1:] == shape:
        return F.sum_rows(g)
    if extra >= 0:
        axes = tuple(range(extra)) + tuple(i + extra for i, d in enumerate(shape) if d == 1 and g.shape[i + extra] != 1)
        if axes:
            # Axes in front may go at once; where an axis was repeated, its place must stay.
            stay = len(axes) != extra
            g = F.sum(g, axis=axes, keepdims=stay)
            if type(g) is not kind:
                g = g[...]  # NumPy's scalar becomes an array again
            if stay and extra:
                g = g.reshape(g.shape[extra:])
            if g.shape == shape:
                return g
    if create:
        return F.broadcast_to(g, shape)
    full = F.empty(shape, dtype=g.dtype)
    full[...] = g
    return full


def recast(F: Any, g: Any, dtype: Any) -> Any:
    """Bring a gradient to the element type of its input; a real input takes the real part of a complex gradient."""
    have = getattr(g, "array", g).dtype
    if have == dtype:
        return g
    if dtype.kind != "c" and have.kind == "c":
        g = F.real(g)
    return F.cast(g, dtype)
