"""From tensors to Python, NumPy and other types and devices, and to tensors without history."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from tane import dtypes
from tane.backends.backend import backend_of
from tane.convert import as_array, place
from tane.device import device as Device
from tane.dtypes import default_float, to_numpy_dtype
from tane.dtypes import dtype as DType
from tane.layout import contiguous_format
from tane.ops import pointwise as op
from tane.ops.primitive import primitive
from tane.ops.shape import clone_as_laid
from tane.ops.views import write
from tane.surface.expose import method
from tane.tensor import Tensor, wrap

__all__ = ["clone", "detach", "detach_"]

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
    if args:
        dtype, device, copy = meant(args, dtype, device, copy)
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


def meant(args: tuple[Any, ...], dtype: Any, device: Any, copy: bool) -> tuple[Any, Any, bool]:
    """The type, device and ``copy`` among the positional arguments of :func:`to`, whose order depends on what the first is."""
    first, *rest = args
    if isinstance(first, DType) or first in (float, int, bool, complex):
        dtype = first
    elif isinstance(first, Tensor):
        dtype, device = first.dtype, first.device
    elif first is None or isinstance(first, (str, Device)) or (isinstance(first, int) and not isinstance(first, bool)):
        device = first if first is not None else device
        if rest and not isinstance(rest[0], bool):
            dtype, *rest = rest[0] if rest[0] is not None else dtype, *rest[1:]
    else:
        raise TypeError(
            f"to() received an invalid combination of arguments: the first is {first.__class__.__name__}, not a dtype, a device or a tensor"
        )
    return dtype, device, bool(rest[1]) if len(rest) > 1 else copy  # what comes before it is non_blocking


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
    elif isinstance(dtype, DType):
        return to(self, dtype)
    elif hasattr(dtype, "tensor_dtype"):  # tane.FloatTensor and its siblings
        return to(self, dtype=dtype.tensor_dtype, device=dtype.tensor_device)
    else:
        raise ValueError(f"invalid type: '{dtype.__name__ if hasattr(dtype, '__name__') else dtype}'")
    return to(self, dtype)


@method()
def type_as(self: Tensor, other: Tensor) -> Tensor:
    """The tensor in the type and on the device of another."""
    return to(self, dtype=other.dtype, device=other.device)


def _to_type(name: str, target: DType) -> Any:
    def convert(self: Tensor, memory_format: Any = None) -> Tensor:
        return to(self, target, memory_format=memory_format)

    convert.__name__ = name
    convert.__doc__ = f"``self.to(tane.{target.name})``."
    return convert


for _name, _target in {
    "float": dtypes.float32,
    "double": dtypes.float64,
    "half": dtypes.float16,
    "bfloat16": dtypes.bfloat16,
    "int": dtypes.int32,
    "long": dtypes.int64,
    "short": dtypes.int16,
    "char": dtypes.int8,
    "byte": dtypes.uint8,
    "bool": dtypes.bool_,
    "cfloat": dtypes.complex64,
    "cdouble": dtypes.complex128,
}.items():
    setattr(Tensor, _name, _to_type(_name, _target))


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
    """A copy that gradients flow through, in the same order in memory unless ``memory_format`` is ``tane.contiguous_format``."""
    if memory_format is contiguous_format or input.array.flags.c_contiguous or 0 in input.array.strides:
        return op.clone.call(input)
    return clone_as_laid.call(input)


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
        raise RuntimeError(
            "Can't detach views in-place. Use detach() instead. If you are using DistributedDataParallel (DDP) for training, and "
            "gradient_as_bucket_view is set as True, gradients are views of DDP buckets, and hence detach_() cannot be called on these gradients. "
            "To fix this error, please refer to the Optimizer.zero_grad() function in torch/optim/optimizer.py as the solution."
        )
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


@method()
def apply_(self: Tensor, callable: Any) -> Tensor:
    """Replace every element by what a Python function makes of it: slow, and on the CPU only."""
    return _each(self, callable, "apply_")


@method()
def map_(self: Tensor, tensor: Tensor, callable: Any) -> Tensor:
    """Replace every element by what a Python function makes of it and of that of ``tensor``."""
    return _each(self, callable, "map_", tensor)


def _each(self: Tensor, function: Any, name: str, *others: Tensor) -> Tensor:
    if self.node is not None:
        raise RuntimeError(f"Can't call {name}() on Variable that requires grad. Use var.detach().{name}() instead.")
    if self.device.type != "cpu":
        raise TypeError(f"{name} is only implemented on CPU tensors")
    array = self.array
    values = list(map(function, *(x.array.ravel().tolist() for x in (self, *others))))
    return write(self, as_array(values or [0])[: len(values)].astype(array.dtype).reshape(array.shape), name)


@method("__dlpack__")
def __dlpack__(self: Tensor, **arguments: Any) -> Any:
    if self.node is not None:
        raise BufferError("Can't export tensors that require gradient, use tensor.detach()")
    return self.array.__dlpack__(**arguments)


@method("__dlpack_device__")
def __dlpack_device__(self: Tensor) -> Any:
    return self.array.__dlpack_device__()


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
    return import_module("tane.printing").format_tensor(  # a program that prints no tensor has no need of it
        array,
        default_dtype=default_float().numpy,
        requires_grad=node is None and self.requires_grad,
        grad_fn_name=name,
        device_text=None if home.type == "cpu" else str(home) if home.index is not None or home.type != "cuda" else f"{home.type}:0",
        prefix="tensor(",
    )


def number(self: Tensor, kind: Any) -> Any:
    if self.array.size != 1:
        raise ValueError("only one element tensors can be converted to Python scalars")
    return kind(self.array.item())


@method("__bool__")
def __bool__(self: Tensor) -> bool:
    if self.array.size != 1:
        if self.array.size == 0:
            raise RuntimeError("Boolean value of Tensor with no values is ambiguous")
        raise RuntimeError("Boolean value of Tensor with more than one value is ambiguous")
    return bool(self.array.item())


Tensor.__float__ = lambda self: number(self, float)  # type: ignore[method-assign]
Tensor.__int__ = lambda self: number(self, int)  # type: ignore[method-assign]
Tensor.__complex__ = lambda self: number(self, complex)  # type: ignore[method-assign]


@method("__index__")
def __index__(self: Tensor) -> int:
    if self.array.size != 1 or self.array.dtype.kind not in "iub":
        raise TypeError("only integer tensors of a single element can be converted to an index")
    return int(self.array.item())


@method("__format__")
def __format__(self: Tensor, spec: str) -> str:
    if self.array.ndim == 0 and (spec or type(self) is Tensor):  # an f-string shows the number itself
        return item(self).__format__(spec)
    return object.__format__(self, spec)  # by way of str(self), which a subclass may define


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
