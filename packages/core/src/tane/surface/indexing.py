"""``x[index]`` and ``x[index] = value``, in all of PyTorch's forms.

An index is taken apart as PyTorch does it, which is not NumPy's way: numbers, slices, ``None`` and ``...`` are applied first and give a view; tensors, lists and
masks then pick from that view. So ``x[0, :, [1, 2]]`` has the shape of ``x[0][:, [1, 2]]``.
"""  # noqa: E501

from __future__ import annotations

import warnings
from typing import Any

from tane.autograd import versions
from tane.autograd.state import local
from tane.backends.backend import backend_of
from tane.convert import as_array, fitting
from tane.ops import index as op
from tane.ops.pointwise import alias
from tane.ops.views import View, check_writable, path, refuse, refuse_overlap, replace_history
from tane.surface.expanding import cannot_expand
from tane.tensor import Tensor

__all__ = ["getitem", "setitem"]

ALL = slice(None)
SCALAR = "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to convert a 0-dim tensor to a number"
NUMBERS = (bool, int, float, complex)


# ---- taking an index apart ---------------------------------------------------------------------------------------------------------
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
    return (item.start is None or item.start == 0) and (item.stop is None or item.stop == size) and (item.step is None or item.step == 1)


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


# ---- reading -----------------------------------------------------------------------------------------------------------------------
def getitem(self: Tensor, index: Any) -> Tensor:
    """``self[index]``: a view for numbers, slices, ``None`` and ``...``; a copy for tensors, lists and masks.

    >>> import tane
    >>> x = tane.arange(6).reshape(2, 3)
    >>> x[1, 1:], x[:, [0, 2]]
    (tensor([4, 5]), tensor([[0, 2],
            [3, 5]]))
    """
    x = self.array
    kind = type(index)
    if kind is int:
        shape = x.shape
        if shape and -shape[0] <= index < shape[0]:
            return op.select.call(self, (index,) if len(shape) > 1 else (index, ...))
    elif kind is slice and x.ndim:
        return op.getitem.call(self, (plain_slice(index),))
    basic, how, advanced = parsed(x, index)
    if basic is not None:
        self = how.call(self, basic)
    elif advanced is None:
        return alias.call(self)
    if advanced is None:
        return self
    try:
        return op.take.call(self, advanced)
    except IndexError as error:
        raise index_error(error, self.array, advanced) from None


# ---- writing -----------------------------------------------------------------------------------------------------------------------
def setitem(self: Tensor, index: Any, value: Any) -> None:
    """``self[index] = value``: in place, with the history that follows from it."""
    x = self.array
    basic, how, advanced = parsed(x, index)
    node = None
    if isinstance(value, Tensor):
        new = value.array
        node = value.node
        if type(new) is not type(x):
            if new.ndim:
                raise RuntimeError(
                    f"Expected all tensors to be on the same device, but found at least two devices, {self.device} and {value.device}! "
                    f"(when checking argument for x[index] = value; move the value with .to({str(self.device)!r}))"
                )
            new = backend_of(type(x)).from_numpy(backend_of(type(new)).to_numpy(new))
        if new.dtype.kind == "c" != x.dtype.kind:
            warnings.warn("Casting complex values to real discards the imaginary part", stacklevel=2)
            new = new.real
        if advanced is not None and new.dtype != x.dtype and not (new.ndim == 0 and masks(advanced)):
            raise RuntimeError(
                f"Index put requires the source and destination dtypes match, got {kind_name(self)} for the destination and "
                f"{kind_name(value)} for the source."
            )
    elif isinstance(value, NUMBERS):
        new = fitting(value, x.dtype)
    elif hasattr(value, "dtype") and not hasattr(value, "__setitem__"):  # NumPy's scalars
        new = fitting(value.item(), x.dtype)
    else:
        raise TypeError(f"can't assign a {qualified(value)} to a {self.type()}")
    recorded = local.recording and (self.node is not None or node is not None or self.base is not None)
    if recorded:
        check_writable(self)
        if node is not None and self.base is not None:
            refuse(self)
    place = x if basic is None else x[basic]
    if 0 in place.strides:
        refuse_overlap(place)
    put(place, advanced, new, "torch." + (value.dtype.tensor_name if isinstance(value, Tensor) else ""))
    if not self.untracked:
        versions.touch(x, "__setitem__")
    if recorded:
        record(self, basic, how, advanced, new, node)


def masks(index: tuple[Any, ...]) -> bool:
    """Whether all arrays of an advanced index are masks."""
    return all(i.dtype.kind == "b" for i in index if hasattr(i, "dtype"))


def kind_name(t: Tensor) -> str:
    """The C++ name of a tensor's type in PyTorch's messages, such as ``Float``."""
    return t.dtype.tensor_name.removesuffix("Tensor")


def put(place: Any, advanced: tuple[Any, ...] | None, new: Any, kind: str) -> None:
    """Write into a raw view, at an advanced index where there is one."""
    if advanced is None:
        shape = getattr(new, "shape", ())
        if shape and shape != place.shape:
            problem = cannot_expand(shape[max(0, _ones(shape, len(place.shape))) :], place.shape, kind)
            if problem:
                raise RuntimeError(problem)
        place[...] = new
        return
    try:
        place[advanced] = new
    except IndexError as error:
        raise index_error(error, place, advanced) from None
    except ValueError:
        result = place[advanced].shape
        raise RuntimeError(
            f"shape mismatch: value tensor of shape {list(new.shape)} cannot be broadcast to indexing result of shape {list(result)}"
        ) from None


def _ones(shape: tuple[int, ...], ndim: int) -> int:
    """How many leading sizes of 1 may be dropped so that ``ndim`` are left."""
    count = 0
    while count < len(shape) - ndim and shape[count] == 1:
        count += 1
    return count


def record(self: Tensor, basic: Any, how: Any, advanced: Any, new: Any, node: Any) -> None:
    """Give ``self`` the history of having been written to."""
    if self.node is None and node is None:
        root = path(self)[0]
        if root.node is None:
            return
    x = self.array
    if not hasattr(new, "dtype"):
        new = x  # a number: nothing of it is kept
    if basic is None and self.base is None and advanced is not None:
        replace_history(self, op.index_put.node(x, [x, new], [self.node, node], [advanced, False]))
        return
    root, view, _ = path(self)
    if basic is not None or view is None:
        view = View(how or alias, (basic,) if how else (), x.shape, view)
    if advanced is not None:
        view = view.at(advanced)
    replace_history(root, op.copy_slices.node(root.array, [root.array, new], [root.node, node], [view]))


Tensor.__getitem__, Tensor.__setitem__ = getitem, setitem


def _refuse_deletion(self: Tensor, index: Any) -> None:
    raise TypeError("Tensor does not support deleting items")


Tensor.__delitem__ = _refuse_deletion  # type: ignore[attr-defined]
