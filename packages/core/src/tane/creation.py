"""Making tensors: from data, filled, and in ranges. Each function makes its values on the device that is asked for."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from tane import dtypes, spacing
from tane.backends.backend import backend_for, backend_of
from tane.convert import as_array, fitting, place, put
from tane.dtypes import default_float, int64, to_numpy_dtype
from tane.dtypes import dtype as DType
from tane.tensor import Tensor, wrap

__all__ = [
    "arange",
    "as_tensor",
    "asarray",
    "empty",
    "empty_like",
    "empty_strided",
    "eye",
    "from_dlpack",
    "from_numpy",
    "frombuffer",
    "full",
    "full_like",
    "linspace",
    "logspace",
    "ones",
    "ones_like",
    "range",
    "scalar_tensor",
    "tensor",
    "zeros",
    "zeros_like",
]


# ---- what all have in common ----------------------------------------------------------------------------------------------------------
def finish(array: Any, dtype: Any, device: Any, requires_grad: bool, out: Tensor | None = None) -> Tensor:
    """A fresh NumPy array as a tensor of the type, on the device."""
    return finished(put(array, dtype, device), requires_grad, out)


def finished(array: Any, requires_grad: bool, out: Tensor | None = None) -> Tensor:
    """A fresh raw array as a tensor; with ``out``, written into that."""
    if out is not None:
        if out.array.shape == array.shape:
            out.array[...] = array
        else:
            out.array = array.astype(out.array.dtype)
        return out
    t = wrap(array)
    if requires_grad:
        require(t)
    return t


def require(t: Tensor) -> Tensor:
    """Ask for gradients of a fresh tensor."""
    if t.dtype.category < dtypes.FLOAT:
        raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
    t.requires_grad = True
    return t


def shape_of(size: tuple[Any, ...], named: Any = None, name: str = "size") -> tuple[int, ...]:
    """Sizes given one by one or as one sequence, checked; ``name`` is that of the function, for errors."""
    if named is not None:
        size = (named,)
    if len(size) == 1 and type(size[0]) is not int:
        only = size[0]
        if hasattr(only, "__len__") and not isinstance(only, (str, Tensor)):
            size = tuple(only)
        elif isinstance(only, bool) or not hasattr(only, "__index__"):
            raise TypeError(f"{name}(): argument 'size' (position 1) must be tuple of ints, not {type(only).__name__}")
    for i, d in enumerate(size):
        if type(d) is not int:
            size = tuple([_length(d, i, name) for d in size])
            break
    for d in size:
        if d < 0:
            if name == "zeros":
                raise RuntimeError(f"zeros: Dimension size must be non-negative, got {list(size)}.")
            raise RuntimeError(f"Trying to create tensor with negative dimension {d}: {list(size)}")
    return tuple(size)


def _length(d: Any, position: int, name: str) -> int:
    if isinstance(d, bool) or not hasattr(d, "__index__"):
        raise TypeError(
            f"{name}(): argument 'size' failed to unpack the object at pos {position + 1} with error "
            f'"type must be tuple of ints,but got {type(d).__name__}"'
        )
    return int(d.__index__())


def on(device: Any, make: Callable[[Any], Any]) -> Any:
    """The raw array that ``make(F)`` gives on a device."""
    backend, index = place(device)
    array = make(backend.F)
    return array if index is None or backend.index_of(array) in (None, index) else backend.move(array, index)


def _number(value: Any) -> Any:
    return value.item() if isinstance(value, Tensor) else value


# ---- from data ------------------------------------------------------------------------------------------------------------------------
def tensor(data: Any, *, dtype: DType | None = None, device: Any = None, requires_grad: bool = False, pin_memory: bool = False) -> Tensor:
    """A new tensor with a copy of ``data``: numbers, nested sequences, NumPy arrays or tensors.

    Floats become the default float (float32), whole numbers int64, unless ``dtype`` says otherwise. ``pin_memory`` is a hint.

    >>> import tane
    >>> tane.tensor([[1., -1.], [1., -1.]])
    tensor([[ 1., -1.],
            [ 1., -1.]])
    """
    wanted = None if dtype is None else _as_dtype(dtype)
    if isinstance(data, Tensor):
        warnings.warn(
            "To copy construct from a tensor, it is recommended to use sourceTensor.detach().clone() or "
            "sourceTensor.detach().clone().requires_grad_(True), rather than torch.tensor(sourceTensor).",
            stacklevel=2,
        )
        device = data.device if device is None else device
    return finish(as_array(data, wanted), None, device, requires_grad)


def _as_dtype(given: Any) -> DType:
    from_numpy = to_numpy_dtype(given)
    return given if isinstance(given, DType) else dtypes.from_numpy_dtype(from_numpy)


def as_tensor(data: Any, dtype: DType | None = None, device: Any = None) -> Tensor:
    """``data`` as a tensor, sharing memory with a tensor or NumPy array of the right type and device."""
    if isinstance(data, Tensor):
        return data.to(device=device, dtype=dtype)
    if isinstance(data, np.ndarray):
        return from_numpy(data).to(device=device, dtype=dtype)
    return tensor(data, dtype=dtype, device=device)


def asarray(obj: Any, *, dtype: DType | None = None, device: Any = None, copy: bool | None = None, requires_grad: bool = False) -> Tensor:
    """``obj`` as a tensor: shared where it can be, copied where type or device differ or ``copy`` asks for it; ``copy=False`` refuses to copy."""
    if isinstance(obj, Tensor):
        found = obj
        if requires_grad is False and obj.node is not None:
            found = obj.detach()
    elif isinstance(obj, np.ndarray | np.generic):
        found = from_numpy(np.asarray(obj))
    elif hasattr(obj, "__dlpack__"):
        found = from_dlpack(obj)
    else:
        if copy is False:
            raise ValueError("can't alias arbitrary sequence into a tensor.")
        return tensor(obj, dtype=dtype, device=device, requires_grad=requires_grad)
    result: Tensor = found.to(device=device, dtype=dtype, copy=bool(copy))
    if copy is False and result is not found:
        raise ValueError(f"can't alias tensor with dtype {found.dtype} on device {found.device} as dtype {dtype} on device {device}.")
    return result.requires_grad_() if requires_grad and not result.requires_grad else result


def from_numpy(ndarray: Any) -> Tensor:
    """A tensor that shares the memory of a NumPy array.

    Negative strides are refused as by PyTorch; a ``TypeError`` names the element types there are.
    """
    if not isinstance(ndarray, np.ndarray):
        raise TypeError(f"expected np.ndarray (got {type(ndarray).__name__})")
    dtypes.from_numpy_dtype(ndarray.dtype)
    if any(s < 0 for s in ndarray.strides):
        raise ValueError(
            "At least one stride in the given numpy array is negative, and tensors with negative strides are not currently supported. "
            "(You can probably work around this by making a copy of your array  with array.copy().) "
        )
    return wrap(place("cpu")[0].from_numpy(ndarray))


def frombuffer(buffer: Any, *, dtype: DType, count: int = -1, offset: int = 0, requires_grad: bool = False) -> Tensor:
    """A vector that shares the memory of an object with Python's buffer protocol."""
    array = np.frombuffer(buffer, to_numpy_dtype(dtype), count, offset)
    if not array.flags.writeable:
        warnings.warn(
            "The given buffer is not writable, and PyTorch does not support non-writable tensors. This means you can write to the underlying "
            "(supposedly non-writable) buffer using the tensor.",
            stacklevel=2,
        )
        array = array.copy()
    return finish(array, None, "cpu", requires_grad)


class _Capsule:
    """A bare DLPack capsule, of memory of the CPU, as the object that the protocol speaks of."""

    def __init__(self, capsule: Any) -> None:
        self.capsule = capsule

    def __dlpack__(self, **_: Any) -> Any:
        return self.capsule

    def __dlpack_device__(self) -> tuple[int, int]:
        return 1, 0


def from_dlpack(ext_tensor: Any) -> Tensor:
    """A tensor that shares the memory of an array of another library, by the DLPack protocol."""
    if type(ext_tensor).__name__ == "PyCapsule":
        ext_tensor = _Capsule(ext_tensor)
    kind = ext_tensor.__dlpack_device__()[0] if hasattr(ext_tensor, "__dlpack_device__") else 1
    name = {1: "cpu", 2: "cuda", 3: "cpu"}.get(int(kind))
    if name is None:
        raise BufferError(f"from_dlpack: arrays of DLPack's device type {kind} have no device in tane")
    return wrap(backend_for(name).F.from_dlpack(ext_tensor))


# ---- filled -----------------------------------------------------------------------------------------------------------------------------
def _filler(name: str, doc: str) -> tuple[Callable[..., Tensor], Callable[..., Tensor]]:
    def filled(
        *args: Any,
        size: Any = None,
        out: Tensor | None = None,
        dtype: DType | None = None,
        layout: Any = None,
        device: Any = None,
        requires_grad: bool = False,
        pin_memory: bool = False,
        memory_format: Any = None,
    ) -> Tensor:
        if not args and size is None:
            raise TypeError(f'{name}() missing 1 required positional arguments: "size"')
        shape = shape_of(args, size, name)
        d = default_float().numpy if dtype is None else to_numpy_dtype(dtype)
        if out is not None and dtype is not None and out.array.dtype != d:
            raise RuntimeError(f"dtype {_kind(d)} does not match dtype of out parameter ({_kind(out.array.dtype)})")
        array = on(device if out is None else out.device, lambda F: getattr(F, name)(shape, dtype=d))
        return finished(array, requires_grad, out)

    def like(
        input: Tensor,
        *,
        dtype: DType | None = None,
        layout: Any = None,
        device: Any = None,
        requires_grad: bool = False,
        pin_memory: bool = False,
        memory_format: Any = None,
    ) -> Tensor:
        if not isinstance(input, Tensor):
            raise TypeError(f"{name}_like(): argument 'input' (position 1) must be Tensor, not {type(input).__name__}")
        x = input.array
        d = x.dtype if dtype is None else to_numpy_dtype(dtype)
        if device is None and backend_of(type(x)).index_of(x) is None:
            return finished(getattr(backend_of(type(x)).F, name)(x.shape, dtype=d), requires_grad)
        return finished(on(input.device if device is None else device, lambda F: getattr(F, name)(x.shape, dtype=d)), requires_grad)

    filled.__name__, like.__name__ = filled.__qualname__, like.__qualname__ = name, f"{name}_like"
    filled.__doc__ = f"A tensor {doc}, of the sizes given one by one or as a sequence."
    like.__doc__ = f"A tensor {doc}, of the shape, type and device of ``input``."
    return filled, like


def _kind(numpy_dtype: Any) -> str:
    return dtypes.from_numpy_dtype(numpy_dtype).tensor_name.removesuffix("Tensor")


zeros, zeros_like = _filler("zeros", "of zeros")
ones, ones_like = _filler("ones", "of ones")
empty, empty_like = _filler("empty", "whose values are whatever the memory held")


def full(
    size: Any,
    fill_value: Any,
    *,
    out: Tensor | None = None,
    dtype: DType | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """A tensor filled with one value, whose type decides the tensor's unless ``dtype`` does."""
    if isinstance(size, int):
        raise TypeError("full(): argument 'size' (position 1) must be tuple of ints, not int")
    value = _number(fill_value)
    if not isinstance(value, (bool, int, float, complex, np.generic)):
        raise TypeError(f"full(): argument 'fill_value' (position 2) must be Number, not {type(value).__name__}")
    wanted = to_numpy_dtype(dtype) if dtype is not None else as_array(value).dtype if out is None else out.array.dtype
    shape = shape_of((size,), None, "full")
    value = fitting(value, wanted)
    return finished(on(device, lambda F: F.full(shape, value, dtype=wanted)), requires_grad, out)


def full_like(
    input: Tensor,
    fill_value: Any,
    *,
    dtype: DType | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """A tensor filled with one value, of the shape, type and device of ``input``."""
    device = input.device if device is None else device
    return full(input.array.shape, fill_value, dtype=dtype or input.dtype, device=device, requires_grad=requires_grad)


def scalar_tensor(
    s: Any, *, dtype: DType | None = None, layout: Any = None, device: Any = None, requires_grad: bool = False, pin_memory: bool = False
) -> Tensor:
    """A 0-d tensor of one value, of the default float type unless ``dtype`` says otherwise."""
    return full((), s, dtype=dtype or default_float(), device=device, requires_grad=requires_grad)


def empty_strided(
    size: Any,
    stride: Any,
    *,
    dtype: DType | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """A tensor of the sizes and strides (in elements), whose values are whatever the memory held."""
    shape, strides = tuple(size), tuple(stride)
    if len(shape) != len(strides):
        raise RuntimeError(f"dimensionality of sizes ({len(shape)}) must match dimensionality of strides ({len(strides)})")
    if any(s < 0 for s in strides):
        raise RuntimeError(f"empty_strided: negative strides are not supported, got {list(strides)}")
    d = to_numpy_dtype(dtype or default_float())
    count = 1 + sum((n - 1) * s for n, s in zip(shape, strides, strict=True)) if all(shape) else 0
    array = on(device, lambda F: F.as_strided(F.empty((count,), dtype=d), shape, tuple(s * d.itemsize for s in strides)))
    return finished(array, requires_grad)


# ---- ranges ------------------------------------------------------------------------------------------------------------------------------
_NONE: Any = object()


def arange(
    start: Any = _NONE,
    end: Any = None,
    step: Any = 1,
    *,
    out: Tensor | None = None,
    dtype: DType | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """``start, start + step, ...`` up to but not including ``end``; int64 where all three are whole numbers, else the default float.

    >>> import tane
    >>> tane.arange(1, 2.5, 0.5)
    tensor([1.0000, 1.5000, 2.0000])
    """
    if end is None:
        start, end = 0, start
    if end is _NONE:
        raise TypeError('arange() missing 1 required positional arguments: "end"')
    start = 0 if start is _NONE else start
    start, end, step = (_number(v) for v in (start, end, step))
    whole = all(isinstance(v, (int, np.integer)) for v in (start, end, step))
    wanted = out.array.dtype if out is not None else (int64 if whole else default_float()).numpy if dtype is None else to_numpy_dtype(dtype)
    if step == 0:
        raise RuntimeError("step must be nonzero")
    if wanted.kind in "iu" and not whole:
        _in_range(start, end)
        start, end, step, whole = int(start), int(end), int(step), True
        if step == 0:
            raise ValueError("step must be nonzero")
    _in_range(start, end)
    if (end - start) * step < 0:
        raise RuntimeError("upper bound and lower bound inconsistent with step sign")
    if whole:
        count = -((start - end) // step)
        if wanted.kind in "iu":
            return finished(on(device, lambda F: F.arange(start, start + count * step, step, dtype=wanted)), requires_grad, out)
    else:
        count = math.ceil((end - start) / step)
    return finish(spacing.steps(float(start), float(step), count, wanted), None, device, requires_grad, out)


def _in_range(start: Any, end: Any) -> None:
    if not (math.isfinite(start) and math.isfinite(end)):
        raise RuntimeError(f"unsupported range: {start} -> {end}")


def range(
    start: Any = 0,
    end: Any = None,
    step: Any = 1,
    *,
    out: Tensor | None = None,
    dtype: DType | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """As :func:`arange` with ``end`` included and floats as a rule; PyTorch has deprecated it."""
    warnings.warn(
        "torch.range is deprecated and will be removed in a future release because its behavior is inconsistent with Python's range builtin. "
        "Instead, use torch.arange, which produces values in [start, end).",
        stacklevel=2,
    )
    if step == 0:
        raise RuntimeError("step must be nonzero")
    if (end - start) * step < 0:
        raise RuntimeError("upper bound and lower bound inconsistent with step sign")
    wanted = to_numpy_dtype(dtype or default_float())
    return finish(spacing.steps(float(start), float(step), int((end - start) / step) + 1, wanted), None, device, requires_grad, out)


def _count(steps: Any, name: str) -> int:
    if steps is _NONE:
        raise TypeError(f'{name}() missing 1 required positional arguments: "steps"')
    if isinstance(steps, float):
        raise TypeError(f"{name}(): argument 'steps' must be int, not float")
    steps = int(_number(steps))
    if steps < 0:
        raise RuntimeError("number of steps must be non-negative")
    return steps


def linspace(
    start: Any,
    end: Any,
    steps: Any = _NONE,
    *,
    out: Tensor | None = None,
    dtype: DType | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """``steps`` values from ``start`` to ``end`` inclusive, evenly spaced."""
    count = _count(steps, "linspace")
    start, end = _number(start), _number(end)
    natural = default_float().to_complex() if isinstance(start, complex) or isinstance(end, complex) else default_float()
    wanted = to_numpy_dtype(natural if dtype is None else dtype)
    return finish(spacing.linear(start, end, count, wanted), None, device, requires_grad, out)


def logspace(
    start: Any,
    end: Any,
    steps: Any = _NONE,
    base: float = 10.0,
    *,
    out: Tensor | None = None,
    dtype: DType | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """``base`` to the powers ``linspace(start, end, steps)``."""
    count = _count(steps, "logspace")
    wanted = to_numpy_dtype(dtype or default_float())
    return finish(spacing.geometric(_number(start), _number(end), count, base, wanted), None, device, requires_grad, out)


def eye(
    n: int,
    m: int | None = None,
    *,
    out: Tensor | None = None,
    dtype: DType | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """Ones on the diagonal of an ``n`` by ``m`` matrix."""
    for name, value in (("n", n), ("m", 0 if m is None else m)):
        if not isinstance(value, int):
            raise TypeError(f"eye(): argument '{name}' must be int, not {type(value).__name__}")
        if value < 0:
            raise RuntimeError(f"{name} must be greater or equal to 0, got {value}")
    d = to_numpy_dtype(dtype or default_float())
    return finished(on(device, lambda F: F.eye(n, m, dtype=d)), requires_grad, out)
