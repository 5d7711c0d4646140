"""``x[index]`` and ``x[index] = value``, in all of PyTorch's forms."""

from __future__ import annotations

from typing import Any

from tane.autograd import versions
from tane.autograd.state import local
from tane.backends.backend import backend_of
from tane.convert import as_array
from tane.ops import index as op
from tane.ops.views import check_writable, overwrite
from tane.surface.expose import fits
from tane.tensor import Tensor, wrap

__all__ = ["getitem", "setitem"]


def parsed(self: Tensor, index: Any) -> tuple[Any, bool]:
    """The index as NumPy takes it, and whether it is basic (a view) or advanced (a copy)."""
    if type(index) is int:
        bounded(self.array.shape, 0, index)
        return (index,), True
    items = index if type(index) is tuple else (index,)
    if (
        type(index) is list
        and index
        and any(isinstance(i, (slice, type(None), type(...), Tensor, list, tuple)) for i in index)
        and not all(isinstance(i, (list, tuple)) for i in index)
    ):
        items = tuple(index)
    out: list[Any] = []
    basic = True
    for item in items:
        if isinstance(item, Tensor):
            array = item.array
            if array.ndim == 0 and array.dtype.kind in "iu":
                out.append(int(array))
                continue
            if array.dtype.kind not in "iub":
                raise IndexError("tensors used as indices must be long, int, byte or bool tensors")
            if array.dtype.name == "uint8":
                array = array.astype(bool)
            if type(array) is not type(self.array):
                array = backend_of(type(self.array)).from_numpy(backend_of(type(array)).to_numpy(array))
            out.append(array)
            basic = False
        elif item is None or item is Ellipsis or isinstance(item, (int, slice)) and not isinstance(item, bool):
            if isinstance(item, slice):
                item = slice(*(None if v is None else int(v) for v in (item.start, item.stop, item.step)))
                if item.step is not None and item.step <= 0:
                    raise ValueError("step must be greater than zero")
            out.append(item)
        elif isinstance(item, bool):
            out.append(item)
            basic = False
        elif hasattr(item, "__index__") and not hasattr(item, "shape"):
            out.append(item.__index__())
        else:
            array = as_array(item)
            if array.ndim == 0 and array.dtype.kind in "iu":
                out.append(int(array))
                continue
            if array.size == 0 and array.dtype.kind == "f":
                array = array.astype("int64")
            if array.dtype.kind not in "iub":
                raise IndexError(
                    f"only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices (got {type(item).__name__})"
                )
            out.append(backend_of(type(self.array)).from_numpy(array))
            basic = False
    taken = sum(_axes_of(i) for i in out)
    if taken > self.array.ndim:
        if self.array.ndim == 0:
            raise IndexError(
                "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to convert a 0-dim tensor to a number"
            )
        raise IndexError(f"too many indices for tensor of dimension {self.array.ndim}")
    if basic:
        axis = 0
        for i, item in enumerate(out):
            if item is Ellipsis:
                axis = self.array.ndim - sum(_axes_of(j) for j in out[i + 1 :])
            elif isinstance(item, int):
                bounded(self.array.shape, axis, item)
            axis += _axes_of(item)
    if basic and not any(isinstance(i, (slice, type(None), type(...))) for i in out) and len(out) == self.array.ndim:
        out.append(Ellipsis)  # else NumPy gives a scalar, not a view
    return tuple(out), basic


def _axes_of(item: Any) -> int:
    """How many axes of the tensor an index item uses up."""
    if item is None or item is Ellipsis or isinstance(item, bool):
        return 0
    return int(item.ndim) if hasattr(item, "ndim") and item.dtype.kind == "b" else 1


def bounded(shape: tuple[int, ...], axis: int, index: int) -> None:
    if not shape:
        raise IndexError(
            "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to convert a 0-dim tensor to a number"
        )
    size = shape[axis]
    if not -size <= index < size:
        raise IndexError(f"index {index} is out of bounds for dimension {axis} with size {size}")


def getitem(self: Tensor, index: Any) -> Tensor:
    """``self[index]``: a view for numbers, slices, ``None`` and ``...``; a copy for tensors, lists and masks."""
    found, basic = parsed(self, index)
    if not basic:
        return op.take.call(self, found)  # type: ignore[no-any-return]
    return (op.select if any(type(i) is int for i in found) else op.getitem).call(self, found)  # type: ignore[no-any-return]


def setitem(self: Tensor, index: Any, value: Any) -> None:
    """``self[index] = value``: in place, with the history that follows from it."""
    found, _ = parsed(self, index)
    if not isinstance(value, Tensor):
        value = wrap(backend_of(type(self.array)).from_numpy(as_array(value).astype(self.array.dtype)))
    elif type(value.array) is not type(self.array):
        if value.array.ndim:
            raise RuntimeError(
                f"Expected all tensors to be on the same device: cannot put a tensor on {value.device} into one on {self.device}"
            )
        value = value.to(self.device)
    if not local.recording or (self.node is None and value.node is None and self.base is None):
        try:
            self.array[found] = value.array if value.array.dtype == self.array.dtype else value.array.astype(self.array.dtype)
        except ValueError as error:
            raise RuntimeError(
                f"shape mismatch: value tensor of shape {list(value.shape)} cannot be broadcast to indexing result of shape "
                f"{list(self.array[found].shape)}"
            ) from error
        _touch(self)
        return
    check_writable(self)
    if value.array.dtype != self.array.dtype:
        value = value.to(self.dtype)
    old = wrap(self.array, self.node)
    result = op.index_put.call(old, value, found)
    fits(self, result)
    overwrite(self, result, "__setitem__")


def _touch(t: Tensor) -> None:
    if not t.untracked:
        versions.touch(t.array, "__setitem__")


Tensor.__getitem__, Tensor.__setitem__ = getitem, setitem  # type: ignore[attr-defined]
