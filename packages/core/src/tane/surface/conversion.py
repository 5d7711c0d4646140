"""From tensors to Python, NumPy and other types and devices, and to tensors without history."""

from __future__ import annotations

from typing import Any

from tane import dtypes
from tane.backends.backend import backend_of
from tane.convert import place
from tane.device import device as Device
from tane.dtypes import default_float, dtype as DType, from_numpy_dtype, to_numpy_dtype
from tane.ops import pointwise as op
from tane.ops.primitive import primitive
from tane.printing import format_tensor
from tane.surface.expose import method
from tane.tensor import Tensor, wrap

__all__ = ["clone", "detach"]

# A copy to another device; its gradient goes back the way it came.
transfer = primitive(
    "transfer",
    lambda F, x, backend=None, index=None, home=None, home_index=None: _carry(x, backend, index),
    lambda F, g, backend, index, home, home_index: F.transfer(g, home, home_index, backend, index),
    backward="ToCopyBackward0",
)


def _carry(x: Any, backend: Any, index: int | None) -> Any:
    source = backend_of(x.__class__)  # `type` is a method here
    if source is backend:
        return backend.move(x, index)
    return backend.from_numpy(source.to_numpy(x).copy(), index)


@method()
def to(
    self: Tensor,
    *args: Any,
    dtype: DType | None = None,
    device: Any = None,
    non_blocking: bool = False,
    copy: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """The tensor in another type or on another device: ``to(dtype)``, ``to(device)``, ``to(device, dtype)``, ``to(other)``.

    Itself where nothing changes, unless ``copy``. ``non_blocking`` transfers are ordered by the device's stream anyway.
    """
    for a in args[:2]:
        if isinstance(a, DType):
            dtype = a
        elif isinstance(a, Tensor):
            dtype, device = a.dtype, a.device
        elif a is not None and not isinstance(a, bool):
            device = a
    result = self
    if device is not None:
        backend, index = place(device)
        home = backend_of(self.array.__class__)
        here = home.index_of(self.array)
        if backend is not home or (index is not None and index != here):
            result = transfer.call(result, backend, index, home, here)
    if dtype is not None and to_numpy_dtype(dtype) != result.array.dtype:
        result = _cast(result, to_numpy_dtype(dtype))
    return clone(result) if copy and result is self else result


def _cast(t: Tensor, dtype: Any) -> Tensor:
    result: Tensor = op.cast.call(t, dtype)
    if dtype.kind in "biu":  # whole numbers carry no gradient
        result.node = None
    return result


@method("type")
def type_name(self: Tensor, dtype: Any = None, non_blocking: bool = False) -> Any:
    """The name of the tensor's type, such as ``torch.FloatTensor``; with ``dtype``, the tensor in that type."""
    if dtype is None:
        where = str(self.device.type)
        return f"torch.{'' if where == 'cpu' else where + '.'}{self.dtype.tensor_name}"
    if isinstance(dtype, str):
        name = dtype.rsplit(".", 1)[-1]
        from_names = {d.tensor_name: d for d in dtypes.ALL_DTYPES}
        if name not in from_names:
            raise ValueError(f"invalid type: '{dtype}'")
        dtype = from_names[name]
    elif hasattr(dtype, "tensor_dtype"):  # tane.FloatTensor and its siblings
        return to(self, dtype=dtype.tensor_dtype, device=dtype.tensor_device)
    return to(self, dtype)


def _bind_casts() -> None:
    for name, target in {
        "float": "float32",
        "double": "float64",
        "half": "float16",
        "bfloat16": "bfloat16",
        "int": "int32",
        "long": "int64",
        "short": "int16",
        "char": "int8",
        "byte": "uint8",
        "bool": "bool_",
        "cfloat": "complex64",
        "cdouble": "complex128",
    }.items():

        def convert(self: Tensor, memory_format: Any = None, _target: DType = getattr(dtypes, target)) -> Tensor:
            return to(self, _target)

        convert.__name__ = name
        convert.__doc__ = f"``self.to(tane.{target.rstrip('_')})``."
        setattr(Tensor, name, convert)


_bind_casts()


@method()
def cpu(self: Tensor, memory_format: Any = None) -> Tensor:
    """The tensor on the CPU; itself where it is there."""
    return to(self, device="cpu")


@method()
def cuda(self: Tensor, device: Any = None, non_blocking: bool = False, memory_format: Any = None) -> Tensor:
    """The tensor on a CUDA device."""
    return to(self, device="cuda" if device is None else Device("cuda", device) if isinstance(device, int) else device)


@method()
def clone(input: Tensor, *, memory_format: Any = None) -> Tensor:
    """A copy that gradients flow through."""
    return op.clone.call(input)  # type: ignore[no-any-return]


@method()
def detach(input: Tensor) -> Tensor:
    """The same memory without history."""
    t = wrap(input.array)
    t.untracked = input.untracked
    return t


@method()
def detach_(self: Tensor) -> Tensor:
    """Cut the tensor off from its history, in place."""
    if self.base is not None:
        raise RuntimeError("Can't detach views in-place. Use detach() instead.")
    self.node = None
    return self


@method()
def requires_grad_(self: Tensor, requires_grad: bool = True) -> Tensor:
    """Ask for gradients of this leaf, or no longer; returns the tensor."""
    self.requires_grad = requires_grad
    return self


@method()
def item(self: Tensor) -> Any:
    """The one element as a Python number."""
    if self.array.size != 1:
        raise RuntimeError(f"a Tensor with {self.array.size} elements cannot be converted to Scalar")
    value = self.array.item()
    return float(value) if self.dtype.is_floating_point else value


@method()
def tolist(self: Tensor) -> Any:
    """The elements as nested lists of Python numbers."""
    array = host(self)
    return (array.astype("float64") if array.dtype.kind == "V" else array).tolist()


def host(t: Tensor) -> Any:
    """The raw values as a NumPy array."""
    return backend_of(t.array.__class__).to_numpy(t.array)


@method()
def numpy(self: Tensor, *, force: bool = False) -> Any:
    """The values as a NumPy array that shares the tensor's memory (``force``: whatever it takes, a copy if need be)."""
    if force:
        return host(self)
    if self.node is not None:
        raise RuntimeError("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.")
    if self.device.type != "cpu":
        raise TypeError(
            f"can't convert {self.device} device type tensor to numpy. Use Tensor.cpu() to copy the tensor to host memory first."
        )
    if self.array.dtype.kind == "V":
        raise TypeError("Got unsupported ScalarType BFloat16")
    return self.array


@method("__array__")
def __array__(self: Tensor, dtype: Any = None, copy: bool | None = None) -> Any:
    array = numpy(self)
    if dtype is not None and array.dtype != dtype:
        return array.astype(dtype)
    return array.copy() if copy else array


@method("__repr__", "__str__")
def __repr__(self: Tensor) -> str:
    array = host(self)
    node = self.grad_fn
    home = self.device
    name = None if node is None else node.name().rsplit("::", 1)[-1]
    return format_tensor(
        array,
        default_dtype=default_float().numpy,
        requires_grad=node is None and self.requires_grad,
        grad_fn_name=name,
        device_text=None if home.type == "cpu" else str(home) if home.index is not None or home.type != "cuda" else f"{home.type}:0",
        prefix="tensor(",
    )


def number(self: Tensor, kind: Any) -> Any:
    if self.array.size != 1:
        raise RuntimeError(f"a Tensor with {self.array.size} elements cannot be converted to Scalar")
    return kind(self.array.item())


@method("__bool__")
def __bool__(self: Tensor) -> bool:
    if self.array.size != 1:
        if self.array.size == 0:
            raise RuntimeError("Boolean value of Tensor with no values is ambiguous")
        raise RuntimeError("Boolean value of Tensor with more than one value is ambiguous")
    return bool(self.array.item())


Tensor.__float__ = lambda self: number(self, float)  # type: ignore[attr-defined]
Tensor.__int__ = lambda self: number(self, int)  # type: ignore[attr-defined]
Tensor.__complex__ = lambda self: number(self, complex)  # type: ignore[attr-defined]


@method("__index__")
def __index__(self: Tensor) -> int:
    if self.array.size != 1 or self.array.dtype.kind not in "iub":
        raise TypeError("only integer tensors of a single element can be converted to an index")
    return int(self.array.item())


@method("__format__")
def __format__(self: Tensor, spec: str) -> str:
    return item(self).__format__(spec) if self.array.ndim == 0 and spec else object.__format__(self, spec) if spec else __repr__(self)


@method("__iter__")
def __iter__(self: Tensor) -> Any:
    if self.array.ndim == 0:
        raise TypeError("iteration over a 0-d tensor")
    return iter(self.unbind(0))


@method("__contains__")
def __contains__(self: Tensor, element: Any) -> bool:
    if not isinstance(element, (Tensor, int, float, complex, bool)):
        raise RuntimeError(f"Tensor.__contains__ only supports Tensor or scalar, but you passed in a {element.__class__}.")
    return bool((self == element).any().item())
