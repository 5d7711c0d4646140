"""Operands that are not plain tensors of one floating type: PyTorch's promotion, Python scalars, scalars from another device.

Off the hot path: an op's compiled callable comes here only when the quick comparison of types fails.
"""

from __future__ import annotations

from typing import Any

from tane.autograd.node import Node
from tane.backends.backend import backend_of
from tane.dtypes import BOOL, FLOAT, INTEGER, bfloat16, bool_, default_float, dtype, float16, float32, from_numpy_dtype, result_category
from tane.tensor import Tensor

__all__ = ["as_operand", "prepare"]

SCALARS = (bool, int, float, complex)
HALVES = (float16, bfloat16)


def as_operand(op: Any, value: Any, number: int) -> Any:
    """A Tensor or a Python scalar as they are; NumPy scalars and arrays made into one; anything else is a ``TypeError``."""
    if isinstance(value, Tensor) or type(value) in SCALARS:
        return value
    if hasattr(value, "__array__") and hasattr(value, "dtype"):  # NumPy's arrays and scalars take part, so that NumPy code runs on Tensors
        from_numpy_dtype(value.dtype)
        if value.ndim == 0 and not hasattr(value, "base"):
            return value.item()
        t = Tensor.__new__(Tensor)
        t.array = backend_of(type(value[...])).from_numpy(value[...])
        return t
    for kind in SCALARS:  # subclasses of Python's numbers, such as enum members
        if isinstance(value, kind):
            return kind(value)
    names = ("input", "other") if len(op.inputs) <= 2 else op.inputs
    name = names[number] if number < len(names) else f"tensors[{number}]"
    raise TypeError(f"{op.name}(): argument '{name}' (position {number + 1}) must be Tensor, not {type(value).__name__}")


def promoted(op: Any, operands: list[Any]) -> dtype:
    """The type an op computes in."""
    dims, zeros, scalars = [], [], []
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
    edges = [x.node if isinstance(x, Tensor) else None for x in operands]
    if op.promotes is None:
        raws = [_bring(x, home) if isinstance(x, Tensor) else x for x in operands]
        if len(arrays) > 1:
            _same_type(op, arrays)
        if not (op.wide and from_numpy_dtype(arrays[0].array.dtype) in HALVES):
            return raws, edges, None
        narrow = arrays[0].array.dtype
        return [r.astype(float32.numpy) if hasattr(r, "dtype") and r.dtype == narrow else r for r in raws], edges, narrow
    target = promoted(op, operands)
    compute = float32 if op.wide and target in HALVES else target
    wanted = compute.numpy
    raws = []
    for x in operands:
        if isinstance(x, Tensor):
            raw = _bring(x, home)
            raws.append(raw if raw.dtype == wanted else raw.astype(wanted))
        else:
            raws.append(_weak(x, target))
    if not hasattr(raws[0], "dtype") and len(arrays) == len(operands) - 1 and not any(hasattr(r, "dtype") for r in raws):
        raise TypeError(f"{op.name}() needs a Tensor")
    return raws, edges, target.numpy if compute is not target else None


def _weak(value: Any, target: dtype) -> Any:
    """A Python scalar that takes on the type of the arrays it meets."""
    if target is bfloat16 or target.category == BOOL:
        return target.numpy.type(value)  # these types know no weak scalars
    if target.category == FLOAT and type(value) is not float:
        return float(value) if abs(value) < 1 << 1023 else value
    return int(value) if target.category == INTEGER and type(value) is bool else value


def _home(op: Any, tensors: list[Any]) -> Any:
    """The one device an op computes on: that of its dimensioned operands; a 0-d tensor on the CPU may join any."""
    types = {type(x.array) for x in tensors}
    if len(types) == 1:
        return next(iter(types))
    homes = {type(x.array) for x in tensors if x.array.ndim or str(x.device) != "cpu"}
    if len(homes) > 1:
        devices = " and ".join(sorted({str(x.device) for x in tensors}))
        raise RuntimeError(
            f"Expected all tensors to be on the same device, but found at least two devices, {devices}! "
            f"(when calling {op.name}; move one with .to(device))"
        )
    return next(iter(homes))


def _bring(tensor: Any, home: type) -> Any:
    array = tensor.array
    if type(array) is home:
        return array
    return backend_of(home).from_numpy(backend_of(type(array)).to_numpy(array))


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
