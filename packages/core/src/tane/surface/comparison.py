"""Questions about tensors: are two equal or close, of what kind is one, how many elements has it."""

from __future__ import annotations

import math
from typing import Any

from tane.autograd.fitting import namespaces
from tane.dtypes import FLOAT, from_numpy_dtype, result_category
from tane.dtypes import dtype as DType
from tane.surface.expose import method
from tane.tensor import Tensor, wrap

__all__ = [
    "allclose",
    "equal",
    "is_complex",
    "is_floating_point",
    "is_nonzero",
    "is_same_size",
    "is_signed",
    "is_tensor",
    "isclose",
    "isreal",
    "numel",
    "result_type",
]


@method()
def equal(input: Tensor, other: Tensor) -> bool:
    """Whether two tensors have the same shape and elements."""
    a, b = input.array, other.array
    return bool(a.shape == b.shape and ((a is b and a.dtype.kind in "biu") or (a == b).all().item()))


def close(input: Tensor, other: Tensor, rtol: float, atol: float, equal_nan: bool) -> Any:
    """The raw answers of :func:`isclose`."""
    for number, (t, argument) in enumerate(((input, "input"), (other, "other")), 1):
        if not isinstance(t, Tensor):
            raise TypeError(f"isclose(): argument '{argument}' (position {number}) must be Tensor, not {type(t).__name__}")
    a, b = input.array, other.array
    if a.dtype != b.dtype:
        raise RuntimeError(f"{_name(input)} did not match {_name(other)}")
    if rtol < 0 or atol < 0:
        raise RuntimeError(f"{'rtol' if rtol < 0 else 'atol'} must be greater than or equal to zero, but got {rtol if rtol < 0 else atol}")
    F = namespaces[type(a)]
    same = a == b
    if equal_nan:
        same = same | ((a != a) & (b != b))
    if rtol == 0 and atol == 0:
        return same
    if a.dtype.kind in "biu":
        a, b = a.astype("float64"), b.astype("float64")
    apart = abs(a - b)
    return same | (F.isfinite(apart) & (apart <= atol + abs(rtol * b)))


def _name(t: Tensor) -> str:
    return t.dtype.tensor_name.removesuffix("Tensor")


@method()
def isclose(input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> Tensor:
    """Whether ``|input - other| <= atol + rtol * |other|``, for each element."""
    found = close(input, other, rtol, atol, equal_nan)
    return wrap(namespaces[type(input.array)].asarray(found))


@method()
def allclose(input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> bool:
    """Whether all elements of two tensors are close; see :func:`isclose`."""
    return bool(close(input, other, rtol, atol, equal_nan).all().item())


@method()
def isreal(input: Tensor) -> Tensor:
    """Whether the imaginary part is 0, for each element."""
    array = input.array
    F = namespaces[type(array)]
    return wrap(F.asarray(array.imag == 0) if array.dtype.kind == "c" else F.ones(array.shape, dtype=bool))


# ---- of what kind -----------------------------------------------------------------------------------------------------------------------
def is_tensor(obj: Any) -> bool:
    """Whether ``obj`` is a tensor."""
    return isinstance(obj, Tensor)


@method()
def is_floating_point(input: Tensor) -> bool:
    """Whether the elements are real floating-point numbers."""
    return bool(input.dtype.category == FLOAT)


@method()
def is_complex(input: Tensor) -> bool:
    """Whether the elements are complex numbers."""
    return bool(input.array.dtype.kind == "c")


@method()
def is_signed(input: Tensor) -> bool:
    """Whether the element type has negative numbers."""
    return input.dtype.is_signed


@method()
def is_nonzero(input: Tensor) -> bool:
    """Whether the one element is not 0."""
    return bool(input)


@method()
def is_same_size(input: Tensor, other: Tensor) -> bool:
    """Whether two tensors have the same shape."""
    return bool(input.array.shape == other.array.shape)


def numel(input: Tensor) -> int:
    """The number of elements."""
    return math.prod(input.array.shape)


def result_type(tensor1: Any, tensor2: Any) -> DType:
    """The type that arithmetic with the two, tensors or numbers, gives."""
    operands = (tensor1, tensor2)
    arrays = [x.array for x in operands if isinstance(x, Tensor)]
    dims = [from_numpy_dtype(a.dtype) for a in arrays if a.ndim]
    zeros = [from_numpy_dtype(a.dtype) for a in arrays if not a.ndim]
    return result_category(dims, zeros, [type(x) for x in operands if not isinstance(x, Tensor)])
