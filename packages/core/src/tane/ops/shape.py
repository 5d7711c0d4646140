"""Ops that rearrange elements without computing: views wherever the layout allows one."""

from __future__ import annotations

from typing import Any

from tane.ops.primitive import Joint, Variadic, primitive

__all__: list[str] = []

reshape = primitive("view", lambda F, x, shape=(): x.reshape(shape), lambda F, g, x_shape: g.reshape(x_shape), view=True, numpy="reshape")
copy_reshape = primitive("unsafe_view", lambda F, x, shape=(): x.reshape(shape), lambda F, g, x_shape: g.reshape(x_shape))
expand_dims = primitive(
    "unsqueeze", lambda F, x, axis=0: F.expand_dims(x, axis), lambda F, g, x_shape: g.reshape(x_shape), view=True, numpy="expand_dims"
)
squeeze = primitive("squeeze", lambda F, x, axis=(): F.squeeze(x, axis), lambda F, g, x_shape: g.reshape(x_shape), view=True)
swapaxes = primitive(
    "transpose",
    lambda F, x, axis0=0, axis1=1: F.swapaxes(x, axis0, axis1),
    lambda F, g, axis0, axis1: F.swapaxes(g, axis0, axis1),
    view=True,
    numpy="swapaxes",
)
t = primitive("t", lambda F, x: x.T, lambda F, g: F.swapaxes(g, -1, -2) if len(g.shape) > 1 else g, view=True)
permute = primitive(
    "permute", lambda F, x, axes=(): F.transpose(x, axes), lambda F, g, axes: F.transpose(g, _inverse(axes)), view=True, numpy="transpose"
)
broadcast_to = primitive("expand", lambda F, x, shape=(): F.broadcast_to(x, shape), lambda F, g: g, view=True, numpy="broadcast_to")
flip = primitive("flip", lambda F, x, axis=(): F.flip(x, axis).copy(), lambda F, g, axis: F.flip(g, axis))
roll = primitive(
    "roll",
    lambda F, x, shift=0, axis=None: F.roll(x, shift, axis),
    lambda F, g, shift, axis: F.roll(g, tuple(-s for s in shift) if isinstance(shift, tuple) else -shift, axis),
)


def _inverse(axes: tuple[int, ...]) -> tuple[int, ...]:
    """The permutation that undoes ``axes``."""
    out = [0] * len(axes)
    for i, a in enumerate(axes):
        out[a % len(axes)] = i
    return tuple(out)


# ---- joining ------------------------------------------------------------------------------------------------------------------------
def _part(g: Any, i: int, shapes: tuple[tuple[int, ...], ...], axis: int) -> Any:
    """The stretch of a concatenation's gradient that belongs to input ``i``."""
    axis %= len(g.shape)
    start = sum(s[axis] for s in shapes[:i])
    return g[(slice(None),) * axis + (slice(start, start + shapes[i][axis]),)]


cat = Variadic("cat", lambda F, xs, axis=0: F.concatenate(xs, axis=axis), lambda F, g, i, shapes, axis: _part(g, i, shapes, axis))
stack = Variadic(
    "stack", lambda F, xs, axis=0: F.stack(xs, axis=axis), lambda F, g, i, axis: g[(slice(None),) * (axis % len(g.shape)) + (i,)]
)

# ---- taking apart -------------------------------------------------------------------------------------------------------------------
unbind = Joint(
    "unbind",
    lambda F, x, axis=0: tuple(F.moveaxis(x, axis, 0)[i] for i in range(x.shape[axis])),
    lambda F, gs, axis: (F.stack(gs, axis=axis),),
    view=True,
)


def _pieces(x: Any, sizes: tuple[int, ...], axis: int) -> tuple[Any, ...]:
    axis %= x.ndim
    out, start = [], 0
    for size in sizes:
        out.append(x[(slice(None),) * axis + (slice(start, start + size),)])
        start += size
    return tuple(out)


split = Joint("split", lambda F, x, sizes=(), axis=0: _pieces(x, sizes, axis), lambda F, gs, axis: (F.cat(gs, axis=axis),), view=True)
