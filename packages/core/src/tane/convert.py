"""Python data, NumPy arrays and foreign arrays made into raw arrays of a device."""

from __future__ import annotations

import functools
import math
import warnings
from typing import Any

import numpy as np

from tane.backends.backend import Backend, backend_for, backend_of
from tane.device import device
from tane.dtypes import default_float, dtype, finfo, from_numpy_dtype, promote_types, to_numpy_dtype
from tane.tensor import Tensor

__all__ = ["as_array", "default_device", "place", "set_default_device"]

_default_device: list[device] = []


def default_device() -> device:
    """The device of tensors made without ``device=``."""
    return _default_device[-1] if _default_device else _CPU


_CPU = device("cpu")


def set_default_device(to: Any) -> None:
    """Put tensors that are made from now on onto this device; None goes back to the CPU."""
    _default_device[:] = [] if to is None else [device(to)]


def get_default_device() -> device:
    """The device that tensors are made on when none is named."""
    return default_device()


def place(given: Any) -> tuple[Backend, int | None]:
    """The backend and index meant by a ``device=`` argument; None is the default device."""
    d = default_device() if given is None else given if type(given) is device else device(given)
    backend = backend_for(d.type)
    count = backend.device_count()
    if not count:
        raise RuntimeError(f"no device of type '{d.type}' is available: {backend.unavailable()}")
    if d.index is not None and d.index >= count:
        raise RuntimeError(f"device '{d}' does not exist: there are {count} of type '{d.type}'")
    return backend, d.index


def as_array(data: Any, dtype: dtype | None = None) -> Any:
    """A new NumPy array of Python data, with PyTorch's types: floats become the default float, ints int64.

    ``TypeError``, ``ValueError`` and ``RuntimeError`` say what in the data has no place in an array.
    """
    if isinstance(data, (bool, int, float, complex)):
        return _of_python(data, dtype)
    if isinstance(data, np.ndarray | np.generic):
        wanted = from_numpy_dtype(data.dtype) if dtype is None else dtype
        return np.array(data, wanted.numpy)
    if isinstance(data, (str, bytes)):
        raise TypeError(f"new(): invalid data type '{type(data).__name__}'")
    if isinstance(data, Tensor):
        array = backend_of(type(data.array)).to_numpy(data.array)
        return np.array(array, array.dtype if dtype is None else dtype.numpy)
    if isinstance(data, (list, tuple)):
        return _of_python(data, dtype)
    if hasattr(data, "__array__"):
        return as_array(np.asarray(data), dtype)
    if hasattr(data, "__len__") and hasattr(data, "__getitem__") and not isinstance(data, dict):
        return _of_python([data[i] for i in range(len(data))], dtype)
    raise RuntimeError(f"Could not infer dtype of {type(data).__name__}")


def _of_python(data: Any, wanted: dtype | None) -> np.ndarray[Any, Any]:
    first = _first(data)
    if isinstance(first, Tensor):
        if wanted is None:
            wanted = _promoted(data)
        data = _numbers(data)
    try:
        array = np.array(data)
    except (TypeError, RuntimeError):  # a tensor further on that does not turn into an array by itself
        array = np.array(_numbers(data))
    except ValueError as error:
        raise _ragged(data) or error from None
    kind = array.dtype.kind
    if kind in "OUSmM":
        raise _stranger(data)
    if wanted is None:
        if kind == "u" and array.dtype.name == "uint64" and _numpy_type(first) is None:
            raise ValueError("Overflow when unpacking long long")
        if kind == "f":
            return array if _numpy_type(first) is not None else array.astype(default_float().numpy)
        if kind == "c":
            return array if _numpy_type(first) is not None else array.astype(default_float().to_complex().numpy)
        return array
    target = wanted.numpy
    if kind == "c" and target.kind not in "cb":
        raise TypeError("must be real number, not complex")
    if target.kind in "iu" and array.size:
        limits = np.iinfo(target)
        low = limits.min if target.kind == "i" else -int(limits.max)
        if (kind == "f" and not np.isfinite(array).all()) or array.min() < low or array.max() > limits.max:
            raise RuntimeError(f"value cannot be converted to type {wanted.name} without overflow")
    with np.errstate(over="ignore"):
        return array.astype(target)


def _first(data: Any) -> Any:
    """The first element of nested sequences."""
    while isinstance(data, (list, tuple)) and data:
        data = data[0]
    return data


def _numpy_type(first: Any) -> Any:
    """The NumPy type of an element that has one: a list of ``np.float64`` makes a float64 tensor."""
    return first.dtype if isinstance(first, (np.generic, np.ndarray)) else None


def _numbers(data: Any) -> Any:
    """Nested sequences with every tensor in them as a Python number."""
    if isinstance(data, (list, tuple)):
        return [_numbers(x) for x in data]
    if isinstance(data, Tensor):
        if data.array.size != 1:
            raise ValueError("only one element tensors can be converted to Python scalars")
        if data.node is not None:
            warnings.warn(
                "Converting a tensor with requires_grad=True to a scalar may lead to unexpected behavior.\n"
                "Consider using tensor.detach() first.",
                stacklevel=6,
            )
        value = data.array.item()
        return value if data.array.dtype.kind != "V" else float(value)
    return data


def _promoted(data: Any) -> dtype:
    """The type of a tensor of nested sequences of tensors and numbers."""
    kinds = [from_numpy_dtype(x.array.dtype if isinstance(x, Tensor) else _of_python(x, None).dtype) for x in _flatten(data)]
    return functools.reduce(promote_types, kinds)


def _flatten(data: Any) -> Any:
    if isinstance(data, (list, tuple)):
        for x in data:
            yield from _flatten(x)
    else:
        yield data


def _stranger(data: Any) -> Exception:
    """The error for data with something in it that is no number."""
    for x in _flatten(data):
        if isinstance(x, (str, bytes)):
            return (
                TypeError(f"new(): invalid data type '{type(x).__name__}'")
                if x is data
                else ValueError(f"too many dimensions '{type(x).__name__}'")
            )
        if isinstance(x, np.ndarray):
            return _unsupported(x)
        if not isinstance(x, (bool, int, float, complex, np.generic)):
            return RuntimeError(f"Could not infer dtype of {type(x).__name__}")
    return ValueError("Overflow when unpacking long long")


def _unsupported(x: Any) -> Exception:
    try:
        from_numpy_dtype(x.dtype)
    except TypeError as error:
        return error
    return RuntimeError(f"Could not infer dtype of {type(x).__name__}")


def _ragged(data: Any) -> Exception | None:
    """The error for nested sequences that are no regular array."""

    def length(x: Any) -> int | None:
        return len(x) if hasattr(x, "__len__") and not isinstance(x, str) else None

    def walk(x: Any, depth: int) -> Exception | None:
        expected = length(x[0]) if len(x) else None
        for e in x:
            n = length(e)
            if n == expected:
                continue
            if n is None:
                return TypeError("not a sequence")
            if expected is None:
                wants = (
                    "'list' object cannot be interpreted as an integer"
                    if isinstance(x[0], int)
                    else f"must be real number, not {type(e).__name__}"
                )
                return TypeError(wants)
            return ValueError(f"expected sequence of length {expected} at dim {depth + 1} (got {n})")
        for e in x:
            if isinstance(e, (list, tuple)) and (found := walk(e, depth + 1)):
                return found
        return None

    return walk(data, 0) if isinstance(data, (list, tuple)) else None


def put(array: Any, given_dtype: Any, given_device: Any) -> Any:
    """A fresh NumPy array brought to a type and a device."""
    if given_dtype is not None:
        array = array.astype(to_numpy_dtype(given_dtype), copy=False)
    backend, index = place(given_device)
    return backend.from_numpy(array, index)


CPP_NAMES = {
    "int64": "int64_t",
    "int32": "int",
    "int16": "int16_t",
    "int8": "int8_t",
    "uint8": "uint8_t",
    "float32": "float",
    "float64": "double",
}
CPP_NAMES |= {"float16": "at::Half", "bfloat16": "at::BFloat16", "uint16": "uint16_t", "uint32": "uint32_t", "uint64": "uint64_t"}


def fitting(value: Any, wanted: np.dtype[Any]) -> Any:
    """A Python number as one that an array of the element type takes, rounded towards 0 for whole numbers; ``RuntimeError`` where it is too large."""
    kind = wanted.kind
    if kind == "f":
        if type(value) is float:
            if (-3e38 < value < 3e38 and wanted.itemsize >= 4) or value != value or value in (math.inf, -math.inf):
                return value
        elif type(value) is int and -65504 < value < 65504:
            return value
    if kind == "c":
        return complex(value)
    if kind == "b":
        return bool(value)
    if isinstance(value, complex):
        if value.imag:
            raise _too_large(wanted)
        value = value.real
    if kind in "iu":
        if isinstance(value, float):
            if not math.isfinite(value):
                raise _too_large(wanted)
            value = int(value)
            if not -(1 << 63) <= value < 1 << 63:
                raise _too_large(wanted)
        if not -(1 << 63) <= value < 1 << 63:
            raise ValueError("Overflow when unpacking long long") if kind == "i" else _too_large(wanted)
        limits = np.iinfo(wanted)
        if value > limits.max or value < (limits.min if kind == "i" else -int(limits.max)):
            raise _too_large(wanted)
        return int(value) % (int(limits.max) + 1) if kind == "u" else int(value)
    value = float(value)
    largest = float(finfo(from_numpy_dtype(wanted)).max)
    if math.isfinite(value) and abs(value) > largest:
        raise _too_large(wanted)
    return value


def _too_large(wanted: np.dtype[Any]) -> RuntimeError:
    return RuntimeError(f"value cannot be converted to type {CPP_NAMES.get(wanted.name, wanted.name)} without overflow")
