"""Bringing a module's parameters and buffers to another type or device, in place."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from tane import dtypes
from tane.autograd.modes import no_grad
from tane.creation import empty_like
from tane.device import device as Device
from tane.dtypes import dtype as DType
from tane.nn.module.registry import put
from tane.nn.parameter import is_lazy
from tane.tensor import Tensor

if TYPE_CHECKING:
    from tane.nn.module.module import Module

__all__ = ["Conversion"]

M = TypeVar("M", bound="Conversion")
Convert = Callable[[Tensor], Tensor]


class Conversion:
    """The part of :class:`~tane.nn.Module` that changes what its tensors are. Parameters keep their identity, so an optimizer keeps them
    too.
    """

    if TYPE_CHECKING:
        _parameters: dict[str, Any]
        _buffers: dict[str, Any]

        def children(self) -> Any: ...

    def _apply(self: M, fn: Convert, recurse: bool = True) -> M:
        if recurse:
            for child in self.children():
                child._apply(fn)
        for parameter in self._parameters.values():
            if parameter is None:
                continue
            with no_grad():
                if is_lazy(parameter):
                    parameter.retyped(fn)
                    continue
                parameter.data = fn(parameter.data)
                gradient = parameter._grad
                if gradient is not None:
                    converted = fn(gradient.data)
                    if converted.array is not gradient.array:
                        gradient.data = converted
        for name, buffer in list(self._buffers.items()):
            if buffer is None:
                continue
            if is_lazy(buffer):
                buffer.retyped(fn)
                continue
            moved: Any = fn(buffer)
            if moved is not buffer:
                if getattr(buffer, "_is_buffer", False):
                    moved.persistent, moved._is_buffer = buffer.persistent, True
                put(self, "_buffers", name, moved)
        return self

    def apply(self: M, fn: Callable[[Module], None]) -> M:
        """Call ``fn`` with every module below this one and then with this one; returns the module."""
        for child in self.children():
            child.apply(fn)
        fn(self)  # type: ignore[arg-type]
        return self

    def to(self: M, *args: Any, **kwargs: Any) -> M:
        """Bring parameters and buffers to a device, a type, or those of a tensor; returns the module.

        ``to(device)``, ``to(dtype)``, ``to(device, dtype)``, ``to(tensor)``; only floating-point and complex ones change their type.
        """
        device, dtype = _parse_to(args, kwargs)
        if dtype is not None and not (dtype.is_floating_point or dtype.is_complex):
            raise TypeError(f"nn.Module.to only accepts floating point or complex dtypes, but got desired dtype={dtype}")

        def convert(t: Tensor) -> Tensor:
            kind = t.dtype
            return t.to(device=device, dtype=dtype if kind.is_floating_point or kind.is_complex else None)

        return self._apply(convert)

    def to_empty(self: M, *, device: Any, recurse: bool = True) -> M:
        """Give parameters and buffers new memory on a device, without copying what they hold."""
        return self._apply(lambda t: empty_like(t, device=device), recurse=recurse)

    def type(self: M, dst_type: Any) -> M:
        """Bring all parameters and buffers to ``dst_type``."""
        return self._apply(lambda t: t.type(dst_type))

    def float(self: M) -> M:
        """Bring floating-point parameters and buffers to float32."""
        return self._cast(dtypes.float32)

    def double(self: M) -> M:
        """Bring floating-point parameters and buffers to float64."""
        return self._cast(dtypes.float64)

    def half(self: M) -> M:
        """Bring floating-point parameters and buffers to float16."""
        return self._cast(dtypes.float16)

    def bfloat16(self: M) -> M:
        """Bring floating-point parameters and buffers to bfloat16."""
        return self._cast(dtypes.bfloat16)

    def _cast(self: M, dtype: DType) -> M:
        return self._apply(lambda t: t.to(dtype) if t.dtype.is_floating_point else t)

    def cpu(self: M) -> M:
        """Bring parameters and buffers to the CPU."""
        return self._apply(lambda t: t.cpu())

    def cuda(self: M, device: Any = None) -> M:
        """Bring parameters and buffers to a CUDA device."""
        return self._apply(lambda t: t.cuda(device))

    def share_memory(self: M) -> M:
        """Make the tensors visible to other processes: see ``Tensor.share_memory_``."""
        return self._apply(lambda t: t.share_memory_())


def _parse_to(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Device | None, DType | None]:
    """The device and type meant by the arguments of ``to``; ``non_blocking`` and ``memory_format`` are hints and change nothing here."""
    unknown = set(kwargs) - {"device", "dtype", "tensor", "non_blocking", "memory_format"}
    if unknown:
        raise TypeError(f"to() received an invalid combination of arguments: there is no {sorted(unknown)[0]!r}")
    device, dtype = kwargs.get("device"), kwargs.get("dtype")
    given = [*args, kwargs["tensor"]] if "tensor" in kwargs else list(args)
    if given and isinstance(given[0], Tensor):
        return given[0].device, given[0].dtype
    for a in given:
        if isinstance(a, DType):
            dtype = a
        elif isinstance(a, (str, Device)) or (isinstance(a, int) and not isinstance(a, bool)):
            device = a
        elif a is not None and not isinstance(a, bool):
            raise TypeError(
                f"to() received an invalid combination of arguments - got {type(a).__name__}, but expected one of: device, dtype, tensor"
            )
    return None if device is None else Device(device), dtype
