"""Tensors out of what a file says of them. Everything it says is checked before memory is touched."""

from __future__ import annotations

from collections import OrderedDict
from importlib import import_module
from typing import Any

from tane.autograd.fitting import namespaces
from tane.dtypes import dtype, uint8
from tane.serialization.errors import LoadError
from tane.serialization.machine import Call
from tane.serialization.storages import Storage
from tane.surface.copying import OWN
from tane.tensor import Tensor, wrap

__all__ = ["StorageType", "from_type", "parameter", "parameter_with_state", "set_attributes", "tensor", "tensor_v2", "tensor_v3", "whole"]

LARGEST = 2**62


class StorageType:
    """A storage class of PyTorch's; None is memory without a type of its own."""

    def __init__(self, dtype: dtype | None) -> None:
        self.dtype = dtype

    @property
    def elements(self) -> Any:
        """The NumPy dtype of its elements, or of its bytes."""
        return uint8.numpy if self.dtype is None else self.dtype.numpy


class Stand:
    """A class that a file may name but not call."""


PARAMETER, NDARRAY = Stand(), Stand()


def whole(n: Any) -> int:
    """A size, a stride or an offset."""
    if type(n) is not int or not 0 <= n < LARGEST:
        raise LoadError(f"the file is damaged: {n!r} is no size")
    return n


# ---- tensors -----------------------------------------------------------------------------------------------------------------------------
def tensor(storage: Any, offset: Any, size: Any, stride: Any) -> Tensor:
    """A tensor in the memory of a storage."""
    if type(storage) is not Storage:
        raise LoadError(f"the file is damaged: a tensor in the memory of a {type(storage).__name__}")
    if type(size) not in (tuple, list) or type(stride) not in (tuple, list):
        size, stride = tuple(size), tuple(stride)
    shape, steps = tuple(map(whole, size)), tuple(map(whole, stride))
    if len(shape) != len(steps):
        raise LoadError(f"the file is damaged: a tensor with {len(shape)} sizes and {len(steps)} strides")
    start = whole(offset)
    array = storage.array
    empty = 0 in shape
    end = start if empty else start + 1 + sum((d - 1) * s for d, s in zip(shape, steps))
    if end > array.size:
        raise LoadError(
            f"the file is damaged: a tensor of sizes {list(shape)} and strides {list(steps)} from offset {start} does not fit into a storage of "
            f"{array.size} elements"
        )
    F = namespaces[type(array)]
    try:
        if empty:
            return wrap(F.empty(shape, dtype=array.dtype))
        count = 1
        for d in shape:
            count *= d
        if steps == contiguous(shape):
            return wrap(array[start : start + count].reshape(shape))
        return wrap(F.as_strided(array[start:], shape, tuple(s * array.itemsize for s in steps)))
    except (ValueError, MemoryError) as error:
        raise LoadError(f"the file has a tensor of sizes {list(shape)}, which cannot be: {error}") from None


def contiguous(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The strides of a tensor whose elements lie in order."""
    found: list[int] = []
    step = 1
    for d in reversed(shape):
        found.append(step)
        step *= max(d, 1)
    return tuple(reversed(found))


def tensor_v2(
    storage: Any, offset: Any, size: Any, stride: Any, requires_grad: Any = False, hooks: Any = None, metadata: Any = None
) -> Tensor:
    t = tensor(storage, offset, size, stride)
    if metadata:
        t = _with_metadata(t, metadata)
    _no_hooks(hooks)
    t.requires_grad = bool(requires_grad)
    return t


def tensor_v3(storage: Any, offset: Any, size: Any, stride: Any, requires_grad: Any, hooks: Any, kind: Any, metadata: Any = None) -> Tensor:
    if type(kind) is not dtype or type(storage) is not Storage:
        raise LoadError("the file is damaged: a tensor without an element type")
    flat = storage.array
    if flat.dtype != kind.numpy:
        if flat.nbytes % kind.itemsize:
            raise LoadError(f"the file is damaged: {flat.nbytes} bytes are no whole number of {kind.name}")
        storage = Storage(flat.view(kind.numpy))
    return tensor_v2(storage, offset, size, stride, requires_grad, hooks, metadata)


def _with_metadata(t: Any, metadata: Any) -> Any:
    """PyTorch's marks of a tensor that is to be conjugated or negated when it is read."""
    if type(metadata) is not dict or set(metadata) - {"conj", "neg"}:
        raise LoadError(f"the file has a tensor with properties that cannot be loaded: {metadata!r}")
    if metadata.get("conj"):
        t = t.conj().clone()
    return -t if metadata.get("neg") else t


def _no_hooks(hooks: Any) -> None:
    if hooks:
        raise LoadError("the file has a tensor with hooks, which would have to be executed")


# ---- parameters, and tensors with attributes -----------------------------------------------------------------------------------------------
def parameter(data: Any, requires_grad: Any, hooks: Any) -> Tensor:
    """A ``tane.nn.Parameter``; where tane-nn is not installed, a tensor that requires gradients."""
    if not isinstance(data, Tensor):
        raise LoadError("the file is damaged: a parameter that is no tensor")
    _no_hooks(hooks)
    try:
        cls: Any = import_module("tane.nn.parameter").Parameter
    except ModuleNotFoundError:
        data.requires_grad = bool(requires_grad)
        return data
    return cls(data.detach(), bool(requires_grad))


def parameter_with_state(data: Any, requires_grad: Any, hooks: Any, state: Any) -> Tensor:
    t = parameter(data, requires_grad, hooks)
    set_attributes(t, state)
    return t


def from_type(function: Any, kind: Any, args: Any, state: Any) -> Tensor:
    """A tensor with attributes, or of a class that the user has admitted."""
    if type(function) is not Call or function.function not in (tensor_v2, tensor_v3) or type(args) is not tuple:
        raise LoadError("the file is damaged: a tensor with attributes")
    t = function.function(*args)
    cls = kind.function if type(kind) is Call else kind
    if cls is PARAMETER:
        t = parameter(t, t.requires_grad, OrderedDict())
    elif cls is not Tensor:
        if not (isinstance(cls, type) and issubclass(cls, Tensor)):
            raise LoadError("the file is damaged: a tensor of a class that is none")
        special = object.__new__(cls)
        special.array = t.array
        special.requires_grad = t.requires_grad
        t = special
    set_attributes(t, state)
    return t


def set_attributes(target: Any, state: Any) -> None:
    """Set attributes, none of them one that tane itself or the class defines."""
    if type(state) is tuple and len(state) == 2:
        state, slots = state
        if slots:
            raise LoadError("the file is damaged: a tensor with slots")
    if state is None:
        return
    if type(state) is not dict:
        raise LoadError(f"the file is damaged: attributes that are a {type(state).__name__}")
    for name in state:
        if type(name) is not str or name in OWN or name.startswith("__") or (hasattr(type(target), name) and name not in HARMLESS):
            raise LoadError(f"the file wants to set the attribute {name!r} of a {type(target).__name__}")
    target.__dict__.update(state)


HARMLESS = {"_is_param"}
