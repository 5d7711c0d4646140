"""Ops that rearrange elements without computing: views wherever the layout allows one."""

from __future__ import annotations

from typing import Any

from tane.ops.joint import Joint
from tane.ops.primitive import primitive
from tane.ops.variadic import Variadic

__all__: list[str] = []

reshape = primitive("view", lambda F, x, shape=(): x.reshape(shape), lambda F, g, x_shape: g.reshape(x_shape), view=True, numpy="reshape")
copy_reshape = primitive("unsafe_view", lambda F, x, shape=(): x.reshape(shape), lambda F, g, x_shape: g.reshape(x_shape))
# Methods and indices where NumPy's functions of the same meaning are Python themselves and take several times as long.
expand_dims = primitive(
    "unsqueeze",
    lambda F, x, axis=0: x[(slice(None),) * (axis % (x.ndim + 1)) + (None,)],
    lambda F, g, x_shape: g.reshape(x_shape),
    view=True,
    numpy="expand_dims",
)
squeeze = primitive("squeeze", lambda F, x, axis=(): x.squeeze(axis), lambda F, g, x_shape: g.reshape(x_shape), view=True)
squeeze_one = primitive(
    "squeeze_one", lambda F, x, axis=(): x.squeeze(axis), lambda F, g, x_shape: g.reshape(x_shape), view=True, backward="SqueezeBackward1"
)
swapaxes = primitive(
    "transpose",
    lambda F, x, axis0=0, axis1=1: x.swapaxes(axis0, axis1),
    lambda F, g, axis0, axis1: F.swapaxes(g, axis0, axis1),
    view=True,
    numpy="swapaxes",
)
t = primitive("t", lambda F, x: x.T, lambda F, g: F.swapaxes(g, -1, -2) if len(g.shape) > 1 else g, view=True)
permute = primitive(
    "permute", lambda F, x, axes=(): x.transpose(axes), lambda F, g, axes: F.transpose(g, _inverse(axes)), view=True, numpy="transpose"
)
broadcast_to = primitive("expand", lambda F, x, shape=(): _expanded(F, x, shape), lambda F, g: g, view=True, numpy="broadcast_to")
repeat = primitive("repeat", lambda F, x, reps=(): F.tile(x, reps), lambda F, g, x_shape, reps: _folded(F, g, x_shape, reps), numpy="tile")
clone_as_laid = primitive("clone_as_laid", lambda F, x: x.copy("K"), lambda F, g: g, backward="CloneBackward0")
flip = primitive("flip", lambda F, x, axis=(): reverse(x, axis).copy(), lambda F, g, axis: F.flip(g, axis))
roll = primitive(
    "roll",
    lambda F, x, shift=0, axis=None: F.roll(x, shift, axis),
    lambda F, g, shift, axis: F.roll(g, tuple(-s for s in shift) if isinstance(shift, tuple) else -shift, axis),
)
rot90 = primitive("rot90", lambda F, x, k=1, axes=(0, 1): F.rot90(x, k, axes).copy(), lambda F, g, k, axes: F.rot90(g, -k, axes))


def reverse(x: Any, axes: tuple[int, ...]) -> Any:
    """The order along axes reversed, as a view with negative strides, which no Tensor may have."""
    return x[tuple([slice(None, None, -1) if a in axes else slice(None) for a in range(x.ndim)])]


def _expanded(F: Any, x: Any, shape: tuple[int, ...]) -> Any:
    """``x`` repeated by strides of 0. It can be written to, unlike what NumPy's function gives: ``x.expand(2, 3)[0]`` names each element once."""
    have = x.shape
    if have == shape:
        return x[...]
    extra = len(shape) - len(have)
    strides = [0] * extra
    for d, s, stride in zip(have, shape[extra:], x.strides):
        strides.append(stride if d == s else 0)
    return F.as_strided(x, shape, tuple(strides))


def _folded(F: Any, g: Any, shape: tuple[int, ...], reps: tuple[int, ...]) -> Any:
    """The gradient of a tensor that was tiled: the sum over its copies."""
    shape = (*(1,) * (len(reps) - len(shape)), *shape)
    split = tuple(n for pair in zip(reps, shape, strict=True) for n in pair)
    return F.sum(g.reshape(split), axis=tuple(range(0, len(split), 2)))


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


def _stacked(F: Any, xs: Any, axis: int) -> Any:
    axis %= xs[0].ndim + 1
    index = (slice(None),) * axis + (None,)
    return F.concatenate([x[index] for x in xs], axis)


stack = Variadic(
    "stack", lambda F, xs, axis=0: _stacked(F, xs, axis), lambda F, g, i, axis: g[(slice(None),) * (axis % len(g.shape)) + (i,)]
)

# ---- taking apart -------------------------------------------------------------------------------------------------------------------
unbind = Joint(
    "unbind",
    lambda F, x, axis=0: _slices(x, axis),
    lambda F, gs, axis: (F.stack(gs, axis=axis),),
    view=True,
)


def _slices(x: Any, axis: int) -> tuple[Any, ...]:
    front = (slice(None),) * (axis % x.ndim)
    back = () if x.ndim > 1 else (...,)  # else NumPy gives scalars, not views
    return tuple([x[(*front, i, *back)] for i in range(x.shape[axis])])


def _pieces(x: Any, sizes: tuple[int, ...], axis: int) -> tuple[Any, ...]:
    axis %= x.ndim
    out, start = [], 0
    for size in sizes:
        out.append(x[(slice(None),) * axis + (slice(start, start + size),)])
        start += size
    return tuple(out)


split = Joint("split", lambda F, x, sizes=(), axis=0: _pieces(x, sizes, axis), lambda F, gs, axis: (F.cat(gs, axis=axis),), view=True)


# ---- triangles and diagonals --------------------------------------------------------------------------------------------------------
tril = primitive("tril", lambda F, x, k=0: F.tril(x, k), lambda F, g, k: F.tril(g, k))
triu = primitive("triu", lambda F, x, k=0: F.triu(x, k), lambda F, g, k: F.triu(g, k))


def _diagonal(F: Any, x: Any, offset: int, axis1: int, axis2: int) -> Any:
    """A view of the diagonal, as the last axis."""
    x = F.moveaxis(x, (axis1, axis2), (-2, -1))
    x = x[..., :, offset:] if offset >= 0 else x[..., -offset:, :]
    return F.as_strided(x, (*x.shape[:-2], min(x.shape[-2:])), (*x.strides[:-2], x.strides[-2] + x.strides[-1]))


def _with_diagonal(F: Any, x: Any, shape: tuple[int, ...], offset: int, axis1: int, axis2: int) -> Any:
    out = F.zeros(shape, dtype=x.dtype)
    _diagonal(F, out, offset, axis1, axis2)[...] = x
    return out


diagonal = primitive(
    "diagonal",
    lambda F, x, offset=0, axis1=0, axis2=1: _diagonal(F, x, offset, axis1, axis2),
    lambda F, g, x_shape, offset, axis1, axis2: F.diag_embed(g, x_shape, offset, axis1, axis2),
    view=True,
    numpy="diagonal_",
)
diag_embed = primitive(
    "diag_embed",
    lambda F, x, shape=(), offset=0, axis1=0, axis2=1: _with_diagonal(F, x, shape, offset, axis1, axis2),
    lambda F, g, offset, axis1, axis2: F.diagonal_(g, offset, axis1, axis2),
)

trace = primitive(
    "trace", lambda F, x: F.trace(x), lambda F, g, x_shape: F.diag_embed(F.broadcast_to(g, (min(x_shape),)), x_shape, 0, 0, 1)
)
