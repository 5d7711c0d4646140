"""Methods that make tensors like this one: ``new_tensor``, ``new_zeros`` and their siblings; and NumPy-like helpers over a vector."""

from __future__ import annotations

from typing import Any

from tane import creation
from tane.dtypes import dtype as DType
from tane.surface.expose import method
from tane.tensor import Tensor

__all__: list[str] = []


def _sibling(name: str, make: Any) -> None:
    def function(
        self: Tensor,
        *args: Any,
        size: Any = None,
        dtype: DType | None = None,
        device: Any = None,
        requires_grad: bool = False,
        layout: Any = None,
        pin_memory: bool = False,
    ) -> Tensor:
        device = self.device if device is None else device
        return make(*args, size=size, dtype=dtype or self.dtype, device=device, requires_grad=requires_grad)

    function.__name__ = function.__qualname__ = f"new_{name}"
    function.__doc__ = f"``tane.{name}`` of the type and on the device of this tensor, unless told otherwise."
    setattr(Tensor, f"new_{name}", function)


for _name in ("zeros", "ones", "empty"):
    _sibling(_name, getattr(creation, _name))


@method()
def new_full(
    self: Tensor,
    size: Any,
    fill_value: Any,
    *,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
    layout: Any = None,
    pin_memory: bool = False,
) -> Tensor:
    """``tane.full`` of the type and on the device of this tensor, unless told otherwise."""
    device = self.device if device is None else device
    return creation.full(size, fill_value, dtype=dtype or self.dtype, device=device, requires_grad=requires_grad)


@method()
def new_tensor(
    self: Tensor, data: Any, *, dtype: DType | None = None, device: Any = None, requires_grad: bool = False, pin_memory: bool = False
) -> Tensor:
    """``tane.tensor(data)`` of the type and on the device of this tensor, unless told otherwise."""
    device = self.device if device is None else device
    return creation.tensor(data, dtype=dtype or self.dtype, device=device, requires_grad=requires_grad)


@method()
def new_empty_strided(
    self: Tensor, size: Any, stride: Any, dtype: DType | None = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """``tane.empty_strided`` of the type and on the device of this tensor, unless told otherwise."""
    device = self.device if device is None else device
    return creation.empty_strided(size, stride, dtype=dtype or self.dtype, device=device, requires_grad=requires_grad)


@method()
def as_subclass(self: Tensor, cls: type[Tensor]) -> Tensor:
    """The same tensor, memory and history, as an instance of a subclass."""
    if not issubclass(cls, Tensor):
        raise TypeError(f"as_subclass(): cls must be a subclass of Tensor, not {cls.__name__}")
    t = object.__new__(cls)
    t.array, t.node = self.array, self.node
    return t
