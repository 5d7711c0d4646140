"""How an index is taken apart.

PyTorch's way is not NumPy's: numbers, slices, ``None`` and ``...`` are applied first and give a view; tensors, lists and masks then pick from that view.
So ``x[0, :, [1, 2]]`` has the shape of ``x[0][:, [1, 2]]``.
"""

from __future__ import annotations

import warnings
from typing import Any

from tane.backends.backend import backend_of
from tane.convert import as_array
from tane.ops import index as op
from tane.ops.pointwise import alias
from tane.tensor import Tensor

__all__ = ["index_error", "kind_name", "parsed", "plain_slice", "qualified", "quick"]

ALL = slice(None)
SCALAR = "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to convert a 0-dim tensor to a number"


def items_of(index: Any) -> tuple[Any, ...]:
    """The items of an index, one for each axis it speaks of."""
    if type(index) is tuple:
        return index
    if isinstance(index, tuple):
        return tuple(index)
    if type(index) is list and len(index) < 32:
        for item in index:
            if item is None or item is Ellipsis or isinstance(item, (slice, Tensor, list, tuple, str)) or hasattr(item, "__len__"):
                warnings.warn(
                    "Using a non-tuple sequence for multidimensional indexing is deprecated and will be changed in pytorch 2.9; "
                    "use x[tuple(seq)] instead of x[seq].",
                    stacklevel=4,
                )
                return tuple(index)
    return (index,)


def parsed(x: Any, index: Any) -> tuple[tuple[Any, ...] | None, Any, tuple[Any, ...] | None]:
    """An index of the raw array ``x`` in two parts, and the op that takes the first.

    The first part is basic (None: nothing to do), the second indexes the first's result with arrays (None: there are none).
    """
    items = items_of(index)
    basic: list[Any] = []
    advanced: list[Any] = []  # for every axis of the view so far
    arrays = False
    last: Any = None  # the op of the last item that does something
    given = [prepared(x, item) for item in items]
    used = sum(axes_of(i) for i in given)
    ndim = x.ndim
    if used > ndim:
        raise IndexError(SCALAR if ndim == 0 else f"too many indices for tensor of dimension {ndim}")
    axis = 0
    spread = False
    for item in given:
        kind = type(item)
        if kind is int:
            if ndim == 0:
                raise IndexError(SCALAR)
            size = x.shape[axis]
            if not -size <= item < size:
                raise IndexError(f"index {item} is out of bounds for dimension {axis} with size {size}")
            basic.append(item)
            last = op.select
            axis += 1
        elif kind is slice:
            basic.append(item)
            advanced.append(ALL)
            if not whole(item, x.shape[axis]):
                last = op.getitem
            axis += 1
        elif item is None:
            basic.append(None)
            advanced.append(ALL)
            last = op.new_axis
        elif item is Ellipsis:
            if not spread:
                count = ndim - used
                basic.append(Ellipsis)
                advanced.extend([ALL] * count)
                axis += count
                spread = True
        elif kind is bool:
            basic.append(None)
            advanced.append(backend_of(type(x)).F.arange(1 if item else 0))
            last, arrays = op.new_axis, True
        else:
            mask = item.dtype.kind == "b"
            count = item.ndim if mask else 1
            if mask and item.shape != x.shape[axis : axis + count]:
                bad = axis + next(i for i, d in enumerate(item.shape) if d != x.shape[axis + i])
                raise IndexError(
                    f"The shape of the mask {list(item.shape)} at index {bad - axis} does not match the shape of the indexed tensor "
                    f"{list(x.shape)} at index {bad}"
                )
            if ndim == 0:
                raise IndexError(SCALAR)
            basic.extend([ALL] * count)
            advanced.append(item)
            arrays = True
            axis += count
    if last is op.select and not any(i is None or i is Ellipsis or type(i) is slice for i in basic):
        basic.append(Ellipsis)  # else NumPy gives a scalar, not a view
    return (tuple(basic) if last else None), last, (tuple(advanced) if arrays else None)


def prepared(x: Any, item: Any) -> Any:
    """An item of an index as one of int, slice, None, Ellipsis, bool, or an array on the device of ``x``."""
    kind = type(item)
    if kind is int or item is None or item is Ellipsis or kind is bool:
        return item
    if kind is slice:
        return plain_slice(item)
    if isinstance(item, Tensor):
        array = item.array
        name = array.dtype.name
        if name == "int64" or name == "int32":
            if array.ndim == 0:
                return int(array.item())
        elif name == "uint8":
            warnings.warn("indexing with dtype torch.uint8 is now deprecated, please use a dtype torch.bool instead.", stacklevel=5)
            array = array.astype(bool)
        elif name != "bool":
            raise IndexError("tensors used as indices must be long, int, byte or bool tensors")
        if array.ndim == 0:
            return bool(array.item())
        if type(array) is not type(x):
            array = backend_of(type(x)).from_numpy(backend_of(type(array)).to_numpy(array))
        return array
    if hasattr(item, "__index__") and not getattr(item, "shape", ()):
        return item.__index__()
    if hasattr(item, "__len__") and not isinstance(item, (dict, set)):
        array = as_array(item)
        if array.ndim == 0:
            return item.__index__()
        return backend_of(type(x)).from_numpy(array if array.dtype.kind == "b" else array.astype("int64", copy=False))
    raise IndexError(
        f"only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices (got {qualified(item)})"
    )


def qualified(value: Any) -> str:
    """The name of a value's class as PyTorch's messages have it."""
    kind = type(value)
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"


def plain_slice(item: slice) -> slice:
    """A slice with whole numbers in it, checked."""
    start, stop, step = item.start, item.stop, item.step
    if (start is None or type(start) is int) and (stop is None or type(stop) is int) and step is None:
        return item
    try:
        start, stop, step = (None if v is None else v.__index__() for v in (start, stop, step))
    except (AttributeError, TypeError):
        raise TypeError("slice indices must be integers or None or have an __index__ method") from None
    if step == 0:
        raise ValueError("slice step cannot be zero")
    if step is not None and step < 0:
        raise ValueError("step must be greater than zero")
    return slice(start, stop, step)


def whole(item: slice, size: int) -> bool:
    """Whether a slice takes everything."""
    start, stop = item.start, item.stop
    return (start is None or start == 0) and (stop is None or stop >= size) and (item.step is None or item.step == 1)


def axes_of(item: Any) -> int:
    """How many axes of the tensor an index item uses up."""
    kind = type(item)
    if kind is int or kind is slice:
        return 1
    if item is None or item is Ellipsis or kind is bool:
        return 0
    return int(item.ndim) if item.dtype.kind == "b" else 1


def index_error(error: IndexError, array: Any, index: tuple[Any, ...]) -> IndexError:
    """PyTorch's sentence for what the array library found wrong with an advanced index."""
    text = str(error)
    if "shape mismatch" in text:
        shapes = ", ".join(str(list(i.shape)) for i in index if hasattr(i, "shape"))
        return IndexError(f"shape mismatch: indexing tensors could not be broadcast together with shapes {shapes}")
    for axis, item in enumerate(index):
        if hasattr(item, "dtype") and item.dtype.kind != "b" and item.size:
            size = array.shape[axis]
            for value in (int(item.max()), int(item.min())):
                if not -size <= value < size:
                    return IndexError(f"index {value} is out of bounds for dimension {axis} with size {size}")
    return IndexError(text.replace("axis", "dimension"))


def quick(shape: tuple[int, ...], items: tuple[Any, ...]) -> tuple[tuple[Any, ...], Any] | None:
    """What :func:`parsed` gives for whole numbers, plain slices, ``None`` and one ``...`` that fit; None: look closer."""
    ndim = len(shape)
    axis = 0
    how: Any = alias
    numbers = True
    for position, item in enumerate(items):
        kind = type(item)
        if kind is int:
            if axis >= ndim or not -shape[axis] <= item < shape[axis]:
                return None
            axis += 1
            how = op.select
        elif kind is slice:
            start, stop = item.start, item.stop
            if (
                axis >= ndim
                or item.step is not None
                or not (type(start) is int or start is None)
                or not (type(stop) is int or stop is None)
            ):
                return None
            if (start is not None and start != 0) or (stop is not None and stop < shape[axis]):
                how = op.getitem
            axis += 1
            numbers = False
        elif item is None:
            how = op.new_axis
            numbers = False
        elif item is Ellipsis:
            rest = items[position + 1 :]
            after = len(rest) - sum([i is None for i in rest])
            if axis + after > ndim or any(i is Ellipsis for i in rest):
                return None
            axis = ndim - after
            numbers = False
        else:
            return None
    return (items if not numbers or axis < ndim else (*items, ...)), how


def kind_name(t: Tensor) -> str:
    """The C++ name of a tensor's type in PyTorch's messages, such as ``Float``."""
    return t.dtype.tensor_name.removesuffix("Tensor")
