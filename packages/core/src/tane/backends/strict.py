"""The device ``"strict"``: NumPy inside, the manners of a GPU outside.

Its arrays refuse every implicit conversion that a GPU array library refuses, or ought to: to NumPy, to Python values, and any arithmetic with arrays
from elsewhere. Reductions give 0-d arrays, never scalars; what an index names is a view wherever the layout allows. What runs here without a
complaint keeps its data on the device, so that a machine without a GPU can test what a GPU demands.
"""

from __future__ import annotations

import types
from typing import Any
from weakref import WeakValueDictionary

import numpy as np

from tane.backends.backend import Backend
from tane.backends.namespace import Namespace

__all__ = ["StrictArray", "StrictBackend"]


class StrictArray:
    """An array of the strict device. ``inner`` is the NumPy array, ``base`` the array whose memory a view shares."""

    __slots__ = ("__weakref__", "base", "inner")
    __hash__ = None  # type: ignore[assignment]
    __array_priority__ = 900  # below Tensor, above ndarray
    __array_ufunc__ = None  # NumPy's operators give way instead of converting

    inner: Any
    base: StrictArray | None

    shape = property(lambda self: self.inner.shape)
    dtype = property(lambda self: self.inner.dtype)
    ndim = property(lambda self: self.inner.ndim)
    size = property(lambda self: self.inner.size)
    nbytes = property(lambda self: self.inner.nbytes)
    strides = property(lambda self: self.inner.strides)
    itemsize = property(lambda self: self.inner.itemsize)
    flags = property(lambda self: self.inner.flags)
    T = property(lambda self: outward(self.inner.T, self))
    mT = property(lambda self: outward(self.inner.mT, self))
    real = property(lambda self: outward(self.inner.real, self))
    imag = property(lambda self: outward(self.inner.imag, self))

    def __getitem__(self, index: Any) -> Any:
        index = inward(index)
        found = self.inner[index]
        if isinstance(found, np.generic):  # NumPy's scalar is a copy; a device gives a 0-d view
            found = self.inner[(*index, ...) if isinstance(index, tuple) else (index, ...)]
        return outward(found, self)

    def __setitem__(self, index: Any, value: Any) -> None:
        self.inner[inward(index)] = inward(value)

    def item(self, *index: Any) -> Any:
        """One element, brought to the host: explicit, so allowed."""
        return self.inner.item(*index)

    def tolist(self) -> Any:
        """All elements, brought to the host: explicit, so allowed."""
        return self.inner.tolist()

    def __len__(self) -> int:
        return len(self.inner)

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise TypeError("device 'strict': implicit conversion to a NumPy array; use the backend's to_numpy")

    def __array_function__(self, function: Any, *_: Any) -> Any:
        raise TypeError(f"device 'strict': numpy.{function.__name__} of an array of this device; use the backend's F")

    def _refuse(self, *_: Any) -> Any:
        raise TypeError("device 'strict': implicit conversion of an array to a Python value; use item")

    __bool__ = __int__ = __float__ = __index__ = __complex__ = __iter__ = __contains__ = _refuse

    def __repr__(self) -> str:
        return f"StrictArray({self.inner!r})"


_owners: WeakValueDictionary[int, StrictArray] = WeakValueDictionary()  # by the id of the NumPy array that owns the memory


def _new(inner: Any) -> StrictArray:
    array = StrictArray.__new__(StrictArray)
    array.inner = inner
    root = base = inner
    while base is not None:
        if isinstance(base, np.ndarray):
            root = base
        base = getattr(base, "base", None)
    if root is inner:
        array.base = None
        _owners[id(inner)] = array
    else:
        owner = _owners.get(id(root))
        array.base = owner if owner is not None and owner.inner is root else _new(root)
    return array


def inward(x: Any) -> Any:
    """The NumPy value behind an argument; NumPy arrays are foreign here and refused, scalars pass as a kernel's arguments would."""
    if isinstance(x, StrictArray):
        return x.inner
    if isinstance(x, np.ndarray):
        raise TypeError(f"device 'strict': implicit conversion of a NumPy array of shape {x.shape}; bring it here with from_numpy")
    if isinstance(x, (list, tuple)):
        return type(x)(*map(inward, x)) if hasattr(x, "_fields") else type(x)(inward(v) for v in x)
    return x


def outward(x: Any, *sources: Any) -> Any:
    """A NumPy result as an array of this device, in lists and tuples too; where it *is* one of ``sources``, that one."""
    if isinstance(x, np.ndarray):
        for source in sources:
            if isinstance(source, StrictArray) and source.inner is x:
                return source
        return _new(x)
    if isinstance(x, np.generic):
        return _new(np.asarray(x))
    if isinstance(x, (list, tuple)):
        parts = [outward(v, *sources) for v in x]
        return type(x)(*parts) if hasattr(x, "_fields") else type(x)(parts)
    return x


# ---- operators and methods ----------------------------------------------------------------------------------------------------------
def _operator(name: str) -> Any:
    def operate(self: StrictArray, other: Any) -> Any:
        return outward(getattr(self.inner, name)(inward(other)), self)

    return operate


def _sign(name: str) -> Any:
    def operate(self: StrictArray) -> Any:
        return outward(getattr(self.inner, name)(), self)

    return operate


def _method(name: str) -> Any:
    def call(self: StrictArray, *args: Any, **kwargs: Any) -> Any:
        return outward(getattr(self.inner, name)(*inward(args), **{k: inward(v) for k, v in kwargs.items()}), self)

    return call


ARITHMETIC = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and", "or", "xor", "lshift", "rshift")
METHODS = "all any argmax argmin argsort astype conj copy cumprod cumsum diagonal fill flatten max mean min nonzero prod put ravel repeat reshape "
METHODS += "round sort squeeze std sum swapaxes take trace transpose var view"

for _name in ARITHMETIC:
    for _prefix in ("", "r", "i"):
        setattr(StrictArray, f"__{_prefix}{_name}__", _operator(f"__{_prefix}{_name}__"))
for _name in ("eq", "ne", "lt", "le", "gt", "ge"):
    setattr(StrictArray, f"__{_name}__", _operator(f"__{_name}__"))
for _name in ("neg", "pos", "abs", "invert"):
    setattr(StrictArray, f"__{_name}__", _sign(f"__{_name}__"))
for _name in METHODS.split():
    setattr(StrictArray, _name, _method(_name))


# ---- the namespace -----------------------------------------------------------------------------------------------------------------
class _Function:
    """A NumPy function on arrays of this device, with the methods of a ufunc."""

    def __init__(self, function: Any) -> None:
        self.function = function

    def __call__(self, *args: Any, out: Any = None, **kwargs: Any) -> Any:
        named = {k: inward(v) for k, v in kwargs.items()}
        if out is not None:
            self.function(*inward(args), out=inward(out), **named)
            return out
        return outward(self.function(*inward(args), **named), *args)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.function, name)
        return _Function(found) if callable(found) else found


class _Module:
    """A NumPy module whose functions compute on arrays of this device; types and constants are NumPy's own."""

    def __init__(self, module: types.ModuleType, name: str) -> None:
        self.__dict__.update(_module=module, __name__=name)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._module, name)
        if isinstance(found, types.ModuleType):
            found = _Module(found, f"{self.__name__}.{name}")
        elif callable(found) and not isinstance(found, type):
            found = _Function(found)
        self.__dict__[name] = found
        return found


class StrictBackend(Backend):
    """The device ``"strict"``, for tests on machines without a GPU."""

    name = "strict"
    array_type = StrictArray
    F = Namespace(_Module(np, "strict numpy"))

    def from_numpy(self, array: Any, index: int | None = None) -> Any:
        return _new(np.array(array))

    def to_numpy(self, array: Any) -> Any:
        return array.inner.copy()

    def move(self, array: Any, index: int | None) -> Any:
        return array.copy()

    def pointer(self, array: Any) -> int:
        return int(array.inner.__array_interface__["data"][0])

    def device_name(self, index: int = 0) -> str:
        return "NumPy with the manners of a GPU"
