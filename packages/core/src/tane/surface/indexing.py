"""``x[index]`` and ``x[index] = value``, in all of PyTorch's forms."""

from __future__ import annotations

import warnings
from typing import Any

from tane.autograd import versions
from tane.autograd.state import local
from tane.backends.backend import backend_of
from tane.convert import fitting
from tane.ops import index as op
from tane.ops.pointwise import alias
from tane.ops.views import View, check_writable, path, refuse, refuse_overlap, replace_history
from tane.surface.expanding import cannot_expand
from tane.surface.index_parts import index_error, kind_name, parsed, plain_slice, qualified, quick
from tane.tensor import Tensor

__all__ = ["getitem", "setitem"]

NUMBERS = (bool, int, float, complex)


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
    shape = x.shape
    if kind is int:
        if shape and -shape[0] <= index < shape[0]:
            return op.select.call(self, (index,) if len(shape) > 1 else (index, ...))
    elif kind is slice and shape:
        return op.getitem.call(self, (plain_slice(index),))
    elif kind is tuple:
        found = quick(shape, index)
        if found is not None:
            items, how = found
            return how.call(self) if how is alias else how.call(self, items)
    elif isinstance(index, Tensor) and shape:
        array = index.array
        if (
            array.ndim
            and type(array) is type(x)
            and (array.dtype.name == "int64" or (array.dtype.kind == "b" and array.shape == shape[: array.ndim]))
        ):
            return taken(self, (array,))
    basic, how, advanced = parsed(x, index)
    if basic is not None:
        self = how.call(self, basic)
    elif advanced is None:
        return alias.call(self)
    return self if advanced is None else taken(self, advanced)


def taken(self: Tensor, advanced: tuple[Any, ...]) -> Tensor:
    """The elements at an advanced index."""
    try:
        return op.take.call(self, advanced)
    except IndexError as error:
        raise index_error(error, self.array, advanced) from None


# ---- writing -----------------------------------------------------------------------------------------------------------------------
def setitem(self: Tensor, index: Any, value: Any) -> None:
    """``self[index] = value``: in place, with the history that follows from it."""
    x = self.array
    kind = type(index)
    found = quick(x.shape, index if kind is tuple else (index,)) if kind is int or kind is slice or kind is tuple else None
    if found is not None:
        items, how = found
        basic, advanced = None if how is alias else items, None
    else:
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
        check_writable(self, "x[index] = value", basic is not None)
        if node is not None and self.base is not None:
            refuse(self)
    place = x if basic is None else x[basic]
    if 0 in place.strides:
        refuse_overlap(place)
    put(place, advanced, new, value)
    if not self.untracked:
        versions.touch(x, "__setitem__")
    if recorded:
        record(self, basic, how, advanced, new, node)


def masks(index: tuple[Any, ...]) -> bool:
    """Whether all arrays of an advanced index are masks."""
    return all(i.dtype.kind == "b" for i in index if hasattr(i, "dtype"))


def put(place: Any, advanced: tuple[Any, ...] | None, new: Any, value: Any) -> None:
    """Write into a raw view, at an advanced index where there is one."""
    if advanced is None:
        shape = getattr(new, "shape", ())
        if shape and shape != place.shape:
            problem = cannot_expand(shape[max(0, _ones(shape, len(place.shape))) :], place.shape, value)
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
    if basic is not None:
        view = View(how, (basic,), x.shape, view)
    elif view is None:
        view = View(alias, (), x.shape)
    if advanced is not None:
        view = view.at(advanced)
    replace_history(root, op.copy_slices.node(root.array, [root.array, new], [root.node, node], [view]))


Tensor.__getitem__, Tensor.__setitem__ = getitem, setitem  # type: ignore[method-assign]


def _refuse_deletion(self: Tensor, index: Any) -> None:
    raise TypeError("Tensor does not support deleting items")


Tensor.__delitem__ = _refuse_deletion  # type: ignore[attr-defined]
