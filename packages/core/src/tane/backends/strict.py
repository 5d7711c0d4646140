"""The device ``"strict"``: NumPy inside, the manners of a GPU outside.

Its arrays refuse every implicit conversion that a GPU array library refuses, or ought to: to NumPy, to Python numbers, and any arithmetic with
arrays from elsewhere. What runs here without a complaint keeps its data on the device.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tane.backends.backend import Backend
from tane.backends.namespace import Namespace

__all__ = ["StrictArray", "StrictBackend"]

SCALARS = (bool, int, float, complex, str, bytes, slice, type(None), type(...), np.dtype, type)


def inward(x: Any) -> Any:
    """The NumPy value behind an argument; foreign arrays are refused."""
    if isinstance(x, StrictArray):
        return x.inner
    if isinstance(x, (list, tuple)):
        return type(x)(inward(v) for v in x)
    if isinstance(x, (np.ndarray, np.generic)) and not (isinstance(x, np.generic) and x.dtype.kind == "V"):
        raise TypeError(
            f"device 'strict': implicit conversion of a NumPy {type(x).__name__} of shape {x.shape}; move it with from_numpy first"
        )
    return x


def outward(x: Any) -> Any:
    """A NumPy result as an array of this device; tuples element by element, everything else as it is."""
    if isinstance(x, (np.ndarray, np.generic)):
        return StrictArray(x if isinstance(x, np.ndarray) else np.asarray(x))
    if isinstance(x, (list, tuple)):
        return type(x)(*map(outward, x)) if hasattr(x, "_fields") else type(x)(outward(v) for v in x)
    return x


class StrictArray:
    """An array of the strict device."""

    __slots__ = ("__weakref__", "inner", "owner")
    __array_ufunc__ = None  # NumPy must not take part

    def __init__(self, inner: Any, owner: Any = None) -> None:
        self.inner = inner
        self.owner = owner

    shape = property(lambda self: self.inner.shape)
    dtype = property(lambda self: self.inner.dtype)
    ndim = property(lambda self: self.inner.ndim)
    size = property(lambda self: self.inner.size)
    nbytes = property(lambda self: self.inner.nbytes)
    strides = property(lambda self: self.inner.strides)
    itemsize = property(lambda self: self.inner.itemsize)
    flags = property(lambda self: self.inner.flags)
    T = property(lambda self: StrictArray(self.inner.T))
    real = property(lambda self: StrictArray(self.inner.real))
    imag = property(lambda self: StrictArray(self.inner.imag))

    @property
    def base(self) -> Any:
        """What owns the memory: None for an array of its own."""
        base = self.inner.base
        return None if base is None else base

    def __getitem__(self, index: Any) -> StrictArray:
        return outward(self.inner[_index(index)])  # type: ignore[no-any-return]

    def __setitem__(self, index: Any, value: Any) -> None:
        self.inner[_index(index)] = inward(value)

    def reshape(self, *shape: Any) -> StrictArray:
        return StrictArray(self.inner.reshape(*shape))

    def item(self) -> Any:
        """The one element, brought to the host: explicit, so allowed."""
        return self.inner.item()

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise TypeError("device 'strict': implicit conversion to a NumPy array; use to_numpy")

    def _refuse(self, *_: Any) -> Any:
        raise TypeError("device 'strict': implicit conversion of an array to a Python value; use item")

    __bool__ = __int__ = __float__ = __index__ = __complex__ = __len__ = __iter__ = _refuse
    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"StrictArray({self.inner!r})"


def _index(index: Any) -> Any:
    return tuple(map(inward, index)) if isinstance(index, tuple) else inward(index)


def _operator(name: str) -> Any:
    def operate(self: StrictArray, other: Any) -> Any:
        result = getattr(self.inner, name)(inward(other))
        return self if name.startswith("__i") and name != "__invert__" else outward(result)

    return operate


for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and", "or", "xor", "lshift", "rshift"):
    for _prefix in ("", "r", "i"):
        setattr(StrictArray, f"__{_prefix}{_name}__", _operator(f"__{_prefix}{_name}__"))
for _name in ("eq", "ne", "lt", "le", "gt", "ge"):
    setattr(StrictArray, f"__{_name}__", _operator(f"__{_name}__"))
for _name in ("neg", "pos", "abs", "invert"):
    setattr(StrictArray, f"__{_name}__", (lambda n: lambda self: outward(getattr(self.inner, n)()))(f"__{_name}__"))


def _method(name: str) -> Any:
    def call(self: StrictArray, *args: Any, **kwargs: Any) -> Any:
        return outward(getattr(self.inner, name)(*inward(args), **{k: inward(v) for k, v in kwargs.items()}))

    return call


for _name in ("copy", "astype", "any", "all", "swapaxes", "transpose", "conj", "ravel", "fill", "view"):
    setattr(StrictArray, _name, _method(_name))


class _Function:
    """A NumPy function on arrays of this device, with the methods of a ufunc."""

    def __init__(self, function: Any) -> None:
        self.function = function

    def __call__(self, *args: Any, out: Any = None, **kwargs: Any) -> Any:
        named = {k: inward(v) for k, v in kwargs.items()}
        if out is not None:
            self.function(*inward(args), out=inward(out), **named)
            return out
        return outward(self.function(*inward(args), **named))

    def __getattr__(self, name: str) -> Any:
        return _Function(getattr(self.function, name))


class _StrictNumpy:
    """NumPy's functions on arrays of this device; types and constants as they are."""

    __name__ = "strict numpy"

    def __getattr__(self, name: str) -> Any:
        found = getattr(np, name)
        if isinstance(found, type) or not callable(found):
            return _StrictModule(found) if type(found) is type(np) else found
        return _Function(found)


class _StrictModule(_StrictNumpy):
    """A submodule such as ``linalg``."""

    def __init__(self, module: Any) -> None:
        self.module = module

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.module, name)
        return _Function(found) if callable(found) and not isinstance(found, type) else found


class StrictBackend(Backend):
    """The device ``"strict"``, for tests on machines without a GPU."""

    name = "strict"
    array_type = StrictArray
    F = Namespace(_StrictNumpy())

    def from_numpy(self, array: Any, index: int | None = None) -> Any:
        return StrictArray(np.array(array))

    def to_numpy(self, array: Any) -> Any:
        return array.inner.copy()

    def owner(self, array: Any) -> Any:
        inner = array.inner
        while isinstance(inner.base, np.ndarray):
            inner = inner.base
        return inner
