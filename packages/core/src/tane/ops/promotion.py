"""Operands that are not plain tensors of one floating type: PyTorch's promotion, Python scalars, scalars from another device.

Off the hot path: an op's compiled callable comes here only when the quick comparison of types fails.
"""

from __future__ import annotations

from typing import Any

from tane.autograd.fitting import namespaces
from tane.autograd.node import Node
from tane.backends.backend import backend_of
from tane.dtypes import BOOL, FLOAT, INTEGER, bfloat16, bool_, default_float, dtype, float16, float32, from_numpy_dtype, result_category
from tane.tensor import Tensor

__all__ = ["as_operand", "prepare"]

SCALARS = (bool, int, float, complex)
HALVES = (float16, bfloat16)


def as_operand(op: Any, value: Any, number: int) -> Any:
    """A Tensor or a Python scalar as they are; NumPy scalars and raw arrays made into one; anything else is a ``TypeError``."""
    if isinstance(value, Tensor) or type(value) in SCALARS:
        return value
    if hasattr(value, "__array__") and hasattr(value, "dtype"):  # NumPy's arrays and scalars take part, so that NumPy code runs on Tensors
        from_numpy_dtype(value.dtype)
        if value.ndim == 0 and not hasattr(value, "base"):
            return value.item()
        t = Tensor.__new__(Tensor)
        array = value[...]
        backend_of(type(array))  # or TypeError: an array of no device
        t.array = array
        return t
    for kind in SCALARS:  # subclasses of Python's numbers, such as enum members
        if isinstance(value, kind):
            return kind(value)  # type: ignore[arg-type]
    names = ("input", "other") if len(op.inputs) <= 2 else op.inputs
    name = names[number] if number < len(names) else f"tensors[{number}]"
    raise TypeError(f"{op.name}(): argument '{name}' (position {number + 1}) must be Tensor, not {type(value).__name__}")


def promoted(op: Any, operands: list[Any]) -> dtype:
    """The type an op computes in."""
    dims: list[dtype] = []
    zeros: list[dtype] = []
    scalars = []
    for x in operands:
        if isinstance(x, Tensor):
            (dims if x.array.ndim else zeros).append(from_numpy_dtype(x.array.dtype))
        else:
            scalars.append(type(x))
    result = result_category(dims, zeros, scalars)
    return default_float() if op.promotes == "float" and result.category < FLOAT else result


def prepare(op: Any, tensors: tuple[Any, ...]) -> tuple[list[Any], list[Node | None], Any]:
    """The raw operands of a call in the type it computes in, what produced them, and the type to narrow the result to (or None)."""
    operands = [as_operand(op, x, i) for i, x in enumerate(tensors)]
    arrays = [x for x in operands if isinstance(x, Tensor)]
    if not arrays:
        raise TypeError(
            f"{op.name}(): argument 'input' (position 1) must be Tensor, not {type(tensors[0]).__name__ if tensors else 'nothing'}"
        )
    home = _home(op, arrays)
    if home is not None:
        operands = [_arrived(x, home) if isinstance(x, Tensor) else x for x in operands]
        arrays = [x for x in operands if isinstance(x, Tensor)]
    edges = [x.node if isinstance(x, Tensor) else None for x in operands]
    if op.promotes is None:
        raws = [x.array if isinstance(x, Tensor) else x for x in operands]
        if len(arrays) > 1:
            _same_type(op, arrays)
        if op.accepts is not None:
            op.accepts(from_numpy_dtype(arrays[0].array.dtype), operands)
        if not (op.wide and from_numpy_dtype(arrays[0].array.dtype) in HALVES):
            return raws, edges, None
        narrow = arrays[0].array.dtype
        return [r.astype(float32.numpy) if hasattr(r, "dtype") and r.dtype == narrow else r for r in raws], edges, narrow
    target = promoted(op, operands)
    if op.accepts is not None:
        op.accepts(target, operands)
    # PyTorch adds and multiplies 16-bit floats by a Python number, which has more digits, in float32.
    compute = float32 if target in HALVES and (op.wide or len(arrays) < len(operands)) else target
    wanted = compute.numpy
    raws = []
    for x in operands:
        if isinstance(x, Tensor):
            raw = x.array
            raws.append(raw if raw.dtype == wanted else raw.astype(wanted))
        else:
            raws.append(_weak(x, compute))
    if not hasattr(raws[0], "dtype") and len(arrays) == len(operands) - 1 and not any(hasattr(r, "dtype") for r in raws):
        raise TypeError(f"{op.name}() needs a Tensor")
    return raws, edges, target.numpy if compute is not target else None


def _weak(value: Any, target: dtype) -> Any:
    """A Python scalar that takes on the type of the arrays it meets."""
    if target is bfloat16 or target.category == BOOL:
        return target.numpy.type(value)  # these types know no weak scalars
    if target.category == FLOAT and type(value) is not float:
        return float(value) if abs(value) < 1 << 1023 else value
    if target.category == INTEGER and type(value) in (bool, int):
        return _wrapped(value, target)
    return value


def _wrapped(value: int, target: dtype) -> int:
    """A whole number as an integer type of that many bits would hold it: 300 is 44 in uint8."""
    bits = target.itemsize * 8
    low = -(1 << bits - 1) if target.is_signed else 0
    return (int(value) - low) % (1 << bits) + low


def _home(op: Any, tensors: list[Any]) -> Any:
    """An array on the device an op computes on: that of its dimensioned operands; a 0-d tensor on the CPU may join any. None where all are there."""
    types = {type(x.array) for x in tensors}
    if len(types) == 1:
        return None
    candidates = [x.array for x in tensors if x.array.ndim or str(x.device) != "cpu"]
    if len({type(a) for a in candidates}) > 1:
        devices = " and ".join(sorted({str(x.device) for x in tensors}))
        raise RuntimeError(
            f"Expected all tensors to be on the same device, but found at least two devices, {devices}! "
            f"(when calling {op.name}; move one with .to(device))"
        )
    return candidates[0]


def _arrived(tensor: Any, home: Any) -> Any:
    """The tensor on the device of the array ``home``; its gradient goes back to where it came from."""
    source = backend_of(type(tensor.array))
    backend = backend_of(type(home))
    if source is backend:
        return tensor
    return namespaces[Tensor].transfer(tensor, backend, backend.index_of(home), source, source.index_of(tensor.array))


def _same_type(op: Any, tensors: list[Any]) -> None:
    first = tensors[0].array.dtype
    for x in tensors[1:]:
        if x.array.dtype != first:
            raise RuntimeError(
                f"{op.name}: expected both operands to have the same dtype, but got {from_numpy_dtype(first)} and {from_numpy_dtype(x.array.dtype)}; "
                f"convert one with .to(dtype)"
            )


def is_bool(tensor: Any) -> bool:
    return tensor.dtype is bool_
