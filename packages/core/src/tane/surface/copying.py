"""``copy``, ``deepcopy`` and ``pickle`` of tensors."""

from __future__ import annotations

import copy
from typing import Any

from tane.backends.backend import backend_for, backend_of
from tane.dtypes import from_numpy_dtype
from tane.surface.expose import method
from tane.tensor import Tensor

__all__: list[str] = []

# What makes up a tensor of tane's own; anything else in its ``__dict__`` is its user's.
OWN = {"array", "node", "base", "view_of", "views", "untracked", "unrecorded", "_grad", "retained"}


def users(t: Tensor) -> dict[str, Any]:
    """The attributes that a user has set."""
    return {k: v for k, v in t.__dict__.items() if k not in OWN}


def fresh(cls: type[Tensor], array: Any, requires_grad: bool, attributes: dict[str, Any]) -> Tensor:
    """A leaf of class ``cls``."""
    t = object.__new__(cls)
    t.array = array
    if requires_grad:
        t.requires_grad = True
    t.__dict__.update(attributes)
    return t


@method("__deepcopy__")
def __deepcopy__(self: Tensor, memo: dict[int, Any]) -> Tensor:
    known = memo.get(id(self))
    if known is not None:
        return known
    if not self.is_leaf:
        raise RuntimeError(
            "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment.  "
            "If you were attempting to deepcopy a module, this may be because of a torch.nn.utils.weight_norm usage, "
            "see https://github.com/pytorch/pytorch/pull/103001"
        )
    t = fresh(type(self), self.array.copy(), self.node is not None, {})
    memo[id(self)] = t
    if self._grad is not None:
        t._grad = copy.deepcopy(self._grad, memo)
    t.__dict__.update(copy.deepcopy(users(self), memo))
    return t


@method("__copy__")
def __copy__(self: Tensor) -> Tensor:
    t = object.__new__(type(self))
    t.__dict__.update(self.__dict__)
    t.__dict__.pop("views", None)
    if self.is_leaf and self.node is not None:
        t.__dict__.pop("node")
        t.requires_grad = True
    return t


def rebuild(cls: type[Tensor], array: Any, dtype: Any, device: str, requires_grad: bool, attributes: dict[str, Any]) -> Tensor:
    """A tensor out of its pickle; its device must be there."""
    name, _, index = device.partition(":")
    if array.dtype != dtype.numpy:
        array = array.view(dtype.numpy)
    return fresh(cls, backend_for(name).from_numpy(array, int(index) if index else None), requires_grad, attributes)


@method("__reduce_ex__")
def __reduce_ex__(self: Tensor, protocol: Any) -> tuple[Any, ...]:
    array = backend_of(type(self.array)).to_numpy(self.array)
    dtype = from_numpy_dtype(array.dtype)
    if array.dtype.kind == "V":  # bfloat16: NumPy pickles it as bytes without a name
        array = array.view("uint16")
    return rebuild, (type(self), array, dtype, str(self.device), self.requires_grad, users(self))
