"""Reading and writing parts of a tensor: basic slices (views), advanced indexing, gather and scatter."""

from __future__ import annotations

from typing import Any

from tane.ops.primitive import primitive

__all__: list[str] = []


def _zeros_with(F: Any, g: Any, shape: tuple[int, ...], index: Any) -> Any:
    return F.embed(g, index, shape)


getitem = primitive(
    "slice", lambda F, x, index=(): x[index], lambda F, g, x_shape, index: F.embed(g, index, x_shape), view=True, numpy="slice_"
)
select = primitive("select", lambda F, x, index=(): x[index], lambda F, g, x_shape, index: F.embed(g, index, x_shape), view=True)
embed = primitive("embed", lambda F, x, index=(), shape=(): _embed(F, x, index, shape), lambda F, g, index: g[index])
take = primitive(
    "index", lambda F, x, index=(): x[index], lambda F, g, x_shape, index: F.index_accumulate(g, index, x_shape), numpy="take_index"
)
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


def _embed(F: Any, x: Any, index: Any, shape: tuple[int, ...]) -> Any:
    """Zeros of ``shape`` with ``x`` at a basic index, where no position occurs twice."""
    out = F.zeros(shape, dtype=x.dtype)
    out[index] = x
    return out


def _put(F: Any, x: Any, values: Any, index: Any, accumulate: bool) -> Any:
    if not accumulate:
        return F.put(x, index, values)
    out = x.copy()
    F.add.at(out, index, values)
    return out


# ---- along one axis -----------------------------------------------------------------------------------------------------------------
def _grid(F: Any, index: Any, axis: int) -> tuple[Any, ...]:
    """The advanced index that means ``index`` along ``axis`` and the same position on all other axes."""
    axis %= index.ndim
    return tuple(
        index if i == axis else F.arange(d).reshape((1,) * i + (d,) + (1,) * (index.ndim - i - 1)) for i, d in enumerate(index.shape)
    )


gather = primitive(
    "gather",
    lambda F, x, index=None, axis=0: x[_grid(F, index, axis)] if x.ndim else x[...].copy(),
    lambda F, g, x_shape, index, axis: F.scatter_zeros(g, index, x_shape, axis),
)
scatter_zeros = primitive(
    "scatter_zeros",
    lambda F, x, index=None, shape=(), axis=0: F.scatter_add(shape, _grid(F, index, axis), x) if shape else x.copy(),
    lambda F, g, index, axis: F.gather(g, index, axis),
)

# ---- an in-place change of a view, seen from its base -------------------------------------------------------------------------------
copy_slices = primitive(
    "copy_slices",
    lambda F, x, values, view=None: x,
    lambda F, g, view: F.blank(g, view),
    lambda F, g, view: view.take(F, g),
    backward="CopySlices",
)
blank = primitive("blank", lambda F, x, view=None: _blank(F, x, view), lambda F, g, view: F.blank(g, view))


def _blank(F: Any, x: Any, view: Any) -> Any:
    """A copy of ``x`` with zeros where the view lies."""
    out = F.ascontiguousarray(x).copy()
    view.take(F, out)[...] = 0
    return out
