"""Old constructors: ``tane.Tensor(2, 3)``, ``tane.FloatTensor([1, 2])``, ``tensor.new(...)``, and the types' names in ``isinstance``."""

from __future__ import annotations

from typing import Any

from tane import dtypes
from tane.convert import as_array, place
from tane.dtypes import default_float
from tane.surface.expose import method
from tane.tensor import Tensor

__all__: list[str] = []


def built(args: tuple[Any, ...], dtype: Any, device: Any, typed: bool = True) -> Any:
    """The raw array that an old constructor makes: of sizes, unfilled, or of data."""
    backend, index = place(device)
    if len(args) == 1 and not isinstance(args[0], int):
        data = args[0]
        if isinstance(data, Tensor):
            if typed and data.array.dtype != dtype.numpy:
                raise TypeError(f"expected {dtype!r} (got {data.dtype!r})")
            return data.array
        if not hasattr(data, "__len__") and not hasattr(data, "__array__"):
            raise TypeError(f"new(): data must be a sequence (got {type(data).__name__})")
        if type(data).__name__ == "Size":
            return backend.from_numpy(_unfilled(tuple(data), dtype), index)
        return backend.from_numpy(as_array(data).astype(dtype.numpy), index)
    for i, n in enumerate(args):
        if not isinstance(n, int) and not hasattr(n, "__index__"):
            raise TypeError(
                f"new() received an invalid combination of arguments: number {i} is a {type(n).__name__}; give sizes, or one sequence of data"
            )
    return backend.from_numpy(_unfilled(tuple([int(n) for n in args]) or (0,), dtype), index)


def _unfilled(shape: tuple[int, ...], dtype: Any) -> Any:
    if any(d < 0 for d in shape):
        raise RuntimeError(f"Trying to create tensor with negative dimension {min(shape)}: {list(shape)}")
    return place("cpu")[0].F.empty(shape, dtype=dtype.numpy)


def _new(cls: type[Tensor], *args: Any, device: Any = None, size: Any = None, data: Any = None, **others: Any) -> Tensor:
    """``Tensor(2, 3)`` unfilled, ``Tensor([1, 2])`` with data, ``Tensor(other)`` the same memory; of the default float type."""
    if size is not None:
        args = tuple(size)
    elif data is not None:
        args = (data,)
    t = object.__new__(cls)
    t.array = built(args, default_float(), device, False)
    if len(args) == 1 and isinstance(args[0], Tensor):
        t.node = args[0].node if not args[0].is_leaf else None
    return t


Tensor.__new__ = staticmethod(_new)  # type: ignore[assignment]


@method("new")
def new_like(self: Tensor, *args: Any, device: Any = None) -> Tensor:
    """An old constructor of this tensor's type and device: ``new(2, 3)`` unfilled, ``new([1, 2])`` with data."""
    t = object.__new__(Tensor)
    t.array = built(args, self.dtype, device or self.device)
    return t


class TypedConstructor(type):
    """The class of ``tane.FloatTensor`` and its like: calling one makes a tensor of its type, ``isinstance`` asks for that type."""

    tensor_dtype: Any
    tensor_device: str

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, Tensor) and instance.dtype is cls.tensor_dtype and instance.device.type == cls.tensor_device

    def __call__(cls, *args: Any, device: Any = None) -> Tensor:
        t = object.__new__(Tensor)
        t.array = built(args, cls.tensor_dtype, device or cls.tensor_device)
        return t

    @property
    def dtype(cls) -> Any:
        """The element type."""
        return cls.tensor_dtype

    def __repr__(cls) -> str:
        return f"<class 'torch.{'' if cls.tensor_device == 'cpu' else cls.tensor_device + '.'}{cls.__name__}'>"


def typed_constructors(device: str) -> dict[str, TypedConstructor]:
    """``FloatTensor``, ``LongTensor`` and the others, for one device type."""
    return {
        d.tensor_name: TypedConstructor(
            d.tensor_name, (), {"tensor_dtype": d, "tensor_device": device, "__doc__": f"Old constructor of {d} tensors."}
        )
        for d in dtypes.ALL_DTYPES
    }


for _name, _class in typed_constructors("cpu").items():
    globals()[_name] = _class
    __all__.append(_name)
