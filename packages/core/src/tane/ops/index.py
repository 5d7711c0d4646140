"""Reading and writing parts of a tensor: basic slices (views), advanced indexing, and what an in-place change does to a gradient.

Indices are tuples as NumPy takes them, with raw arrays in them.
"""

from __future__ import annotations

from typing import Any

from tane.ops.primitive import primitive

__all__: list[str] = []


# ---- basic indices: views ----------------------------------------------------------------------------------------------------------
# Three names for one formula: PyTorch's graph names an index by the last thing that it does.
getitem = primitive(
    "slice", lambda F, x, index=(): x[index], lambda F, g, x_shape, index: F.embed(g, index, x_shape), view=True, numpy="slice_"
)
select = primitive(
    "select", lambda F, x, index=(): x[index], lambda F, g, x_shape, index: F.embed(g, index, x_shape), view=True, numpy="select_"
)
new_axis = primitive(
    "new_axis",
    lambda F, x, index=(): x[index],
    lambda F, g, x_shape, index: F.embed(g, index, x_shape),
    view=True,
    backward="UnsqueezeBackward0",
)
embed = primitive("embed", lambda F, x, index=(), shape=(): _embed(F, x, index, shape), lambda F, g, index: _read(F, g, index))


def _embed(F: Any, x: Any, index: Any, shape: tuple[int, ...]) -> Any:
    """Zeros of ``shape`` with ``x`` at an index in which no position occurs twice."""
    out = F.zeros(shape, dtype=x.dtype)
    out[index] = x
    return out


def _read(F: Any, g: Any, index: Any) -> Any:
    return F.take_index(g, index) if any(hasattr(i, "dtype") for i in index) else F.slice_(g, index)


# ---- advanced indices: copies ------------------------------------------------------------------------------------------------------
def _collected(F: Any, g: Any, x_shape: tuple[int, ...], index: Any) -> Any:
    """The gradient of ``x[index]``: masks name each position once, numbers may repeat them."""
    if all(i.dtype.kind == "b" for i in index if hasattr(i, "dtype")):
        return F.embed(g, index, x_shape)
    return F.index_accumulate(g, index, x_shape)


def _taken(x: Any, index: Any) -> Any:
    """``x[index]``; rows by number the faster way."""
    if len(index) == 1 and hasattr(index[0], "dtype") and index[0].dtype.kind == "i" and x.ndim:
        return x.take(index[0], 0)
    return x[index]


take = primitive(
    "index", lambda F, x, index=(): _taken(x, index), lambda F, g, x_shape, index: _collected(F, g, x_shape, index), numpy="take_index"
)
masked_select = primitive("masked_select", lambda F, x, index=(): x[index], lambda F, g, x_shape, index: F.embed(g, index, x_shape))
index_accumulate = primitive(
    "index_accumulate", lambda F, x, index=(), shape=(): F.scatter_add(shape, index, x), lambda F, g, index: F.take_index(g, index)
)
index_put = primitive(
    "index_put",
    lambda F, x, values, index=(), accumulate=False: _put(F, x, values, index, accumulate),
    lambda F, g, index, accumulate: g if accumulate else F.erase(g, index),
    lambda F, g, index: F.take_index(g, index),
)
erase = primitive("erase", lambda F, x, index=(): F.put(x, index, 0), lambda F, g, index: F.erase(g, index))


def _put(F: Any, x: Any, values: Any, index: Any, accumulate: bool) -> Any:
    if not accumulate:
        return F.put(x, index, values)
    out = x[...].copy()  # NumPy's 0-d results are scalars, which cannot be written to
    F.add.at(out, index, values)
    return out


# ---- along one axis -----------------------------------------------------------------------------------------------------------------
def along(axis: int, index: Any) -> tuple[Any, ...]:
    """The advanced index that means ``index``, a vector, along ``axis`` and everything on the others."""
    return (*(slice(None),) * axis, index)


index_select = primitive(
    "index_select",
    lambda F, x, index=None, axis=0: x.take(index, axis),
    lambda F, g, x_shape, index, axis: F.index_accumulate(g, along(axis, index), x_shape),
)
index_add = primitive(
    "index_add",
    lambda F, x, source, index=None, axis=0: _put(F, x, source, along(axis, index), True),
    lambda F, g: g,
    lambda F, g, index, axis: F.index_select(g, index, axis),
)
index_copy = primitive(
    "index_copy",
    lambda F, x, source, index=None, axis=0: F.put(x, along(axis, index), source),
    lambda F, g, index, axis: F.erase(g, along(axis, index)),
    lambda F, g, index, axis: F.index_select(g, index, axis),
)
index_fill = primitive(
    "index_fill",
    lambda F, x, index=None, axis=0, value=0: F.put(x, along(axis, index), value),
    lambda F, g, index, axis: F.erase(g, along(axis, index)),
)
# ``value`` is a tensor without dimensions; no index is repeated, so that its gradient counts each place once.
index_fill_tensor = primitive(
    "index_fill_tensor",
    lambda F, x, value, index=None, axis=0: F.put(x, along(axis, index), value),
    lambda F, g, index, axis: F.erase(g, along(axis, index)),
    lambda F, g, index, axis: F.sum(F.index_select(g, index, axis), axis=None),
    backward="IndexFillBackward1",
)


# ---- element by element along one axis -----------------------------------------------------------------------------------------------
def grid(F: Any, index: Any, axis: int) -> tuple[Any, ...]:
    """The advanced index that means ``index`` along ``axis`` and the same position on all other axes."""
    axis %= index.ndim
    return tuple(
        index if i == axis else F.arange(d).reshape((1,) * i + (d,) + (1,) * (index.ndim - i - 1)) for i, d in enumerate(index.shape)
    )


def _spots(F: Any, x: Any, index: Any, axis: int) -> Any:
    return grid(F, index, axis) if x.ndim else ...


def part(src: Any, index: Any) -> Any:
    """As much of ``src`` as ``index`` speaks of."""
    return src if src.shape == index.shape else src[tuple(slice(0, d) for d in index.shape)]


gather = primitive(
    "gather",
    lambda F, x, index=None, axis=0: x[grid(F, index, axis)] if x.ndim else x[...].copy(),
    lambda F, g, x_shape, index, axis: F.scatter_zeros(g, index, x_shape, axis),
)
scatter_zeros = primitive(
    "scatter_zeros",
    lambda F, x, index=None, shape=(), axis=0: F.scatter_add(shape, grid(F, index, axis), x) if shape else x.copy(),
    lambda F, g, index, axis: F.gather(g, index, axis),
)
scatter = primitive(
    "scatter",
    lambda F, x, src, index=None, axis=0: F.put(x, _spots(F, x, index, axis), src),
    lambda F, g, index, axis: F.scatter_fill(g, index, axis, 0),
    lambda F, g, index, axis: F.gather(g, index, axis),
)
scatter_fill = primitive(
    "scatter_fill",
    lambda F, x, index=None, axis=0, value=0: F.put(x, _spots(F, x, index, axis), value),
    lambda F, g, index, axis: F.scatter_fill(g, index, axis, 0),
    backward="ScatterBackward1",
)
scatter_add = primitive(
    "scatter_add",
    lambda F, x, src, index=None, axis=0: _put(F, x, src, _spots(F, x, index, axis), True),
    lambda F, g: g,
    lambda F, g, index, axis: F.gather(g, index, axis),
    numpy="scatter_add_to",
)


def _pooled(F: Any, x: Any, src: Any, index: Any, axis: int, reduce: str) -> Any:
    """``x`` with the values of ``src`` multiplied in, or their extremes taken, at ``index``."""
    out = x[...].copy()
    {"prod": F.multiply, "amax": F.maximum, "amin": F.minimum}[reduce].at(out, _spots(F, x, index, axis), src)
    return out


def _attained(F: Any, g: Any, x: Any, src: Any, y: Any, index: Any, axis: int) -> tuple[Any, Any]:
    """The gradients of a scattered extreme: equal shares for all, of ``x`` and of ``src``, that attain it."""
    mine, theirs = F.cast(x == y, g.dtype), F.cast(src == F.gather(y, index, axis), g.dtype)
    share = g / F.scatter_add_to(mine, theirs, index, axis)
    return share * mine, F.gather(share, index, axis) * theirs


def _product_of_others(F: Any, g: Any, x: Any, src: Any, y: Any, index: Any, axis: int) -> Any:
    """The gradient of ``src`` in a scattered product. Of several zeros that fall on one place each has a gradient of 0, which is not its derivative."""
    zero = src == 0
    nonzero = F.where(zero, 1, src)
    alone = F.gather(F.scatter_zeros(F.cast(zero, g.dtype), index, x.shape, axis), index, axis) == 1
    without = F.gather(g * F.scatter_prod(x, nonzero, index, axis), index, axis)
    return F.where(zero, F.where(alone, without, 0), F.gather(g * y, index, axis) / nonzero)


scatter_extreme = primitive(
    "scatter_reduce",
    lambda F, x, src, index=None, axis=0, reduce="amax": _pooled(F, x, src, index, axis, reduce),
    lambda F, g, x, src, y, index, axis: _attained(F, g, x, src, y, index, axis)[0],
    lambda F, g, x, src, y, index, axis: _attained(F, g, x, src, y, index, axis)[1],
)
scatter_prod = primitive(
    "scatter_prod",
    lambda F, x, src, index=None, axis=0: _pooled(F, x, src, index, axis, "prod"),
    lambda F, g, x, src, index, axis: g * F.scatter_prod(x**0, src, index, axis),
    lambda F, g, x, src, y, index, axis: _product_of_others(F, g, x, src, y, index, axis),
    backward="ScatterReduceBackward0",
)

# ---- in-place changes, seen from the tensor that owns the memory; ``view`` is a tane.ops.views.View ----------------------------------
copy_slices = primitive(
    "copy_slices",
    lambda F, x, values, view=None: x,
    lambda F, g, view: F.blank(g, view),
    lambda F, g, view: view.read(F, g),
    backward="torch::autograd::CopySlices",
)
# The view of a root that was changed: the same memory, a new history.
seen_again = primitive(
    "seen_again", lambda F, x, view=None: view.take(F, x), lambda F, g, view: view.put_back(F, g), backward="AsStridedBackward0"
)
blank = primitive("blank", lambda F, x, view=None: _blank(F, x, view), lambda F, g, view: F.blank(g, view))


def _blank(F: Any, x: Any, view: Any) -> Any:
    """A copy of ``x`` with zeros at the places that were changed."""
    out = x.copy()  # contiguous, so that whatever view could be taken of the root can be taken of it
    view.clear(F, out)
    return out
