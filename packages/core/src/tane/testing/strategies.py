"""Hypothesis strategies: shapes, shapes that broadcast, arrays, tensors and indices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import hypothesis.extra.numpy as hnp
import hypothesis.strategies as st
import numpy as np

from tane.creation import tensor
from tane.dtypes import FLOAT, INTEGER, float32, from_numpy_dtype, to_numpy_dtype
from tane.dtypes import dtype as DType
from tane.tensor import Tensor

__all__ = ["advanced_indices", "arrays", "axes", "basic_indices", "broadcastable_shapes", "shapes", "tensors"]

Shape = tuple[int, ...]


def shapes(*, min_dims: int = 0, max_dims: int = 4, min_side: int = 0, max_side: int = 4) -> st.SearchStrategy[Shape]:
    """Shapes, among them ``()`` and shapes with a 0 unless the limits exclude them."""
    return hnp.array_shapes(min_dims=min_dims, max_dims=max_dims, min_side=min_side, max_side=max_side)


def broadcastable_shapes(count: int = 2, *, max_dims: int = 3, min_side: int = 0, max_side: int = 4) -> st.SearchStrategy[Sequence[Shape]]:
    """``count`` shapes that broadcast against each other."""
    drawn = hnp.mutually_broadcastable_shapes(num_shapes=count, max_dims=max_dims, min_side=min_side, max_side=max_side)
    return drawn.map(lambda found: found.input_shapes)


def axes(ndim: int) -> st.SearchStrategy[int]:
    """One axis of an array of so many dimensions, counted from either end."""
    return st.integers(-ndim, ndim - 1) if ndim else st.sampled_from([0, -1])


@st.composite
def arrays(
    draw: st.DrawFn,
    dtype: DType = float32,
    shape: Shape | st.SearchStrategy[Shape] | None = None,
    *,
    low: float | None = None,
    high: float | None = None,
) -> Any:
    """NumPy arrays of a dtype, with finite values in [low, high] (default: -10 to 10; 0 to 10 for unsigned)."""
    numpy = to_numpy_dtype(dtype)
    kind = from_numpy_dtype(numpy)
    size = draw(shapes() if shape is None else shape) if shape is None or isinstance(shape, st.SearchStrategy) else shape
    first = (-10 if kind.is_signed else 0) if low is None else low
    last = 10 if high is None else high
    if kind.category < INTEGER:
        elements: Any = st.booleans()
    elif kind.category == INTEGER:
        elements = st.integers(int(np.ceil(first)), int(np.floor(last)))
    elif kind.category == FLOAT:
        elements = st.floats(first, last, width=32)
    else:
        elements = st.builds(complex, st.floats(first, last, width=32), st.floats(first, last, width=32))
    wide = {0: np.bool_, INTEGER: np.int64, FLOAT: np.float64}.get(kind.category, np.complex128)
    return draw(hnp.arrays(wide, size, elements=elements)).astype(numpy)


@st.composite
def tensors(
    draw: st.DrawFn,
    dtype: DType = float32,
    shape: Shape | st.SearchStrategy[Shape] | None = None,
    *,
    device: str = "cpu",
    requires_grad: bool = False,
    low: float | None = None,
    high: float | None = None,
) -> Tensor:
    """Tensors of a dtype on a device, with finite values."""
    return tensor(draw(arrays(dtype, shape, low=low, high=high)), device=device, requires_grad=requires_grad)


def basic_indices(shape: Shape) -> st.SearchStrategy[Any]:
    """Numbers, slices with a positive step, ``None`` and ``...`` for an array of this shape: what gives a view."""
    found = hnp.basic_indices(shape, allow_newaxis=True, allow_ellipsis=True)
    return found.filter(
        lambda index: not any(isinstance(i, slice) and (i.step or 1) < 0 for i in (index if isinstance(index, tuple) else (index,)))
    )


def advanced_indices(shape: Shape) -> st.SearchStrategy[Any]:
    """Arrays of whole numbers (with repetitions) for the leading axes, or a mask, for an array of this shape with no empty axis."""
    mask = hnp.arrays(np.bool_, shape)
    if not shape:
        return mask
    numbers = hnp.integer_array_indices(shape, result_shape=hnp.array_shapes(max_dims=2, max_side=3))
    return st.one_of(mask, numbers)
