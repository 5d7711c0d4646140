"""Python data, NumPy arrays and foreign arrays made into raw arrays of a device."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tane.backends.backend import Backend, backend_for, backend_of
from tane.device import device
from tane.dtypes import default_float, dtype, from_numpy_dtype, to_numpy_dtype
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


def place(given: Any) -> tuple[Backend, int | None]:
    """The backend and index meant by a ``device=`` argument; None is the default device."""
    d = default_device() if given is None else given if type(given) is device else device(given)
    backend = backend_for(d.type)
    if d.index is not None and d.index >= backend.device_count():
        raise RuntimeError(f"device '{d}' does not exist: there are {backend.device_count()} of type '{d.type}'")
    return backend, d.index


def as_array(data: Any, dtype: dtype | None = None) -> Any:
    """A new NumPy array of Python data, with PyTorch's types: floats become the default float, ints int64."""
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
    if hasattr(data, "__array__") and not isinstance(data, (list, tuple)):
        return as_array(np.asarray(data), dtype)
    if isinstance(data, Sequence) or hasattr(data, "__len__"):
        return _of_python(_plain(data), dtype)
    raise RuntimeError(f"Could not infer dtype of {type(data).__name__}")


def _plain(data: Any) -> Any:
    """Nested sequences with tensors and NumPy scalars in them as nested lists of numbers; lists of arrays stay arrays."""
    if isinstance(data, Tensor):
        return backend_of(type(data.array)).to_numpy(data.array)
    if isinstance(data, (list, tuple)) and data and any(isinstance(x, (list, tuple, Tensor)) for x in data):
        return [_plain(x) for x in data]
    return list(data) if isinstance(data, Sequence) and not isinstance(data, (list, tuple, str, bytes, np.ndarray)) else data


def _of_python(data: Any, wanted: dtype | None) -> np.ndarray[Any, Any]:
    try:
        array = np.array(data)
    except ValueError as error:
        raise _ragged(data, error) from None
    if array.dtype.kind in "OUS":
        bad = next((x for x in _flatten(data) if not isinstance(x, (bool, int, float, complex, np.generic, np.ndarray))), None)
        if isinstance(bad, str):
            raise ValueError(f"too many dimensions '{type(bad).__name__}'")
        if bad is not None:
            raise RuntimeError(f"Could not infer dtype of {type(bad).__name__}")
        raise RuntimeError("Overflow when unpacking long")
    if wanted is not None:
        if array.dtype.kind == "f" and wanted.category == 1 and not np.isfinite(array).all():
            raise ValueError("cannot convert float NaN or infinity to integer")
        if array.dtype.kind in "iu" and wanted.category == 1 and array.size:
            limits = np.iinfo(wanted.numpy)
            if array.min() < limits.min or array.max() > limits.max:
                raise RuntimeError(f"value cannot be converted to type {wanted.name} without overflow")
        return array.astype(wanted.numpy)
    if array.dtype.kind == "f":
        numpy_typed = _numpy_type(data)
        return array if numpy_typed is not None else array.astype(default_float().numpy)
    if array.dtype.kind == "c":
        return array if _numpy_type(data) is not None else array.astype(default_float().to_complex().numpy)
    return array


def _numpy_type(data: Any) -> Any:
    """The NumPy type of the first element that has one: a list of ``np.float64`` makes a float64 tensor."""
    while isinstance(data, (list, tuple)) and data:
        data = data[0]
    return data.dtype if isinstance(data, (np.generic, np.ndarray)) else None


def _flatten(data: Any) -> Any:
    if isinstance(data, (list, tuple)):
        for x in data:
            yield from _flatten(x)
    else:
        yield data


def _ragged(data: Any, error: Exception) -> Exception:
    def walk(x: Any, depth: int) -> str | None:
        lengths = [len(e) if isinstance(e, (list, tuple)) else None for e in x]
        for i, n in enumerate(lengths):
            if n != lengths[0]:
                if n is None or lengths[0] is None:
                    return f"expected a sequence of {'length ' + str(lengths[0]) if lengths[0] is not None else 'numbers'} at dim {depth + 1}, got another kind at position {i}"
                return f"expected sequence of length {lengths[0]} at dim {depth + 1} (got {n})"
        for e in x:
            if isinstance(e, (list, tuple)) and (found := walk(e, depth + 1)):
                return found
        return None

    text = walk(data, 0) if isinstance(data, (list, tuple)) else None
    return ValueError(text or str(error))


def put(array: Any, given_dtype: Any, given_device: Any) -> Any:
    """A fresh NumPy array brought to a type and a device."""
    if given_dtype is not None:
        array = array.astype(to_numpy_dtype(given_dtype), copy=False)
    backend, index = place(given_device)
    return backend.from_numpy(array, index)


def fitting(value: Any, wanted: np.dtype[Any]) -> Any:
    """A Python number as a number of an element type; ``RuntimeError`` where a whole number does not fit."""
    if isinstance(value, complex) and wanted.kind != "c":
        raise RuntimeError("value cannot be converted to a real type without loss")
    if wanted.kind in "iu" and isinstance(value, int) and not isinstance(value, bool):
        limits = np.iinfo(wanted)
        if not limits.min <= value <= limits.max:
            raise RuntimeError(f"value cannot be converted to type {wanted.name} without overflow")
    return wanted.type(value)
