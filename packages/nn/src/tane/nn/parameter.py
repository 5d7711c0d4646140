"""Tensors that a module owns: ``Parameter`` (trained), ``Buffer`` (kept, not trained), and parameters whose shape is not known yet."""

from __future__ import annotations

import copy
from typing import Any

from tane.creation import empty
from tane.device import device as Device
from tane.dtypes import default_float, from_numpy_dtype, to_numpy_dtype
from tane.dtypes import dtype as DType
from tane.size import Size
from tane.tensor import Tensor

__all__ = ["Buffer", "Parameter", "UninitializedBuffer", "UninitializedParameter", "is_lazy"]


def _leaf(cls: Any, data: Tensor, requires_grad: bool) -> Any:
    """A tensor of class ``cls`` on the memory of ``data``, without its history."""
    t = object.__new__(cls)
    t.array = data.array
    if data.untracked:
        t.untracked = True
    if requires_grad:
        if data.array.dtype.kind not in "fc" and not data.dtype.is_floating_point:
            raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
        t.requires_grad = True
    return t


class Parameter(Tensor):
    """A tensor that :class:`tane.nn.Module` registers when it is assigned as an attribute; ops on it give plain tensors.

    ``data`` is shared, not copied, and loses its history.

    >>> import tane
    >>> tane.nn.Parameter(tane.ones(2))
    Parameter containing:
    tensor([1., 1.], requires_grad=True)
    """

    _is_param = True

    def __new__(cls, data: Any = None, requires_grad: bool = True) -> Parameter:
        if data is None:
            data = empty(0)
        elif not isinstance(data, Tensor):
            raise TypeError(f"Parameter(): data must be a Tensor or None, not {type(data).__name__}; make one with tane.tensor(data)")
        return _leaf(cls, data, requires_grad)

    def __init__(self, data: Any = None, requires_grad: bool = True) -> None:
        pass

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        """A parameter of its own memory; ``grad`` stays behind, as in PyTorch."""
        found = memo.get(id(self))
        if found is None:
            found = _leaf(type(self), self.data.clone(), self.requires_grad)
            memo[id(self)] = found
        return found

    def __repr__(self, **_: Any) -> str:
        return "Parameter containing:\n" + Tensor.__repr__(self)

    __str__ = __repr__


class _BufferMeta(type):
    def __instancecheck__(cls, other: object) -> bool:
        return isinstance(other, Tensor) and bool(getattr(other, "_is_buffer", False))


class Buffer(metaclass=_BufferMeta):
    """``Buffer(data, persistent=True)``: a tensor that a module registers as a buffer when it is assigned as an attribute.

    What is returned is a plain Tensor on the memory of ``data``, marked; a buffer that is not ``persistent`` is left out of ``state_dict``.
    """

    def __new__(cls, data: Any = None, *, persistent: bool = True) -> Any:
        if data is None:
            data = empty(0)
        t = _leaf(Tensor, data, data.requires_grad)
        t.persistent, t._is_buffer = persistent, True
        return t


# ---- shapes that the first input decides ---------------------------------------------------------------------------------------------
UNSHAPED = (
    "Can't access the shape of an uninitialized parameter or buffer. This error usually happens in `load_state_dict` when trying to load "
    "an "
    "uninitialized parameter into an initialized one. Call `forward` to initialize the parameters before accessing their attributes."
)
UNUSABLE = (
    "Attempted to use an uninitialized parameter. This error happens when you are using a `LazyModule` or explicitly manipulating "
    "`torch.nn.parameter.UninitializedParameter` objects. When using LazyModules Call `forward` with a dummy batch to initialize the "
    "parameters "
    "before calling torch functions"
)


class _Uninitialized:
    """A tensor without memory: it knows its type and device, and becomes what it stands for by :meth:`materialize`.

    While it has no memory ``array`` is a property that raises, so that nothing can compute with it by mistake.
    """

    becomes: type
    _wanted: tuple[DType, Device | None]
    _asked: bool

    @property
    def array(self) -> Any:
        raise ValueError(UNUSABLE)

    @property
    def shape(self) -> Size:
        raise RuntimeError(UNSHAPED)

    @property
    def dtype(self) -> DType:
        return self._wanted[0]

    @property
    def device(self) -> Device:
        return self._wanted[1] or empty(0).device

    @property
    def requires_grad(self) -> bool:
        return self._asked

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        self._asked = value

    @property
    def is_leaf(self) -> bool:
        return True

    @property
    def data(self) -> Any:
        return self

    @data.setter
    def data(self, value: Any) -> None:
        self._wanted = (value.dtype, value.device)

    def detach(self) -> Any:
        return self

    def materialize(self, shape: Any, device: Any = None, dtype: Any = None) -> None:
        """Take memory for ``shape``, uninitialised, and become an ordinary parameter or buffer."""
        kind = from_numpy_dtype(to_numpy_dtype(dtype)) if dtype is not None else self._wanted[0]
        data = empty(*shape, dtype=kind, device=device or self._wanted[1])
        asked = self._asked
        state = self.__dict__
        del state["_wanted"], state["_asked"]
        self.__class__ = self.becomes
        state["array"] = data.array
        if asked:
            self.requires_grad = True

    def retyped(self, convert: Any) -> None:
        """Become, when the time comes, of the type and on the device that ``convert`` gives to an empty tensor."""
        sample = convert(empty(0, dtype=self._wanted[0], device=self._wanted[1]))
        self._wanted = (sample.dtype, sample.device)

    def share_memory_(self) -> Any:
        raise RuntimeError(
            "Can't share memory on an uninitialized parameter or buffer. Call `forward` to initialize the parameters before calling "
            "`module.share_memory()`."
        )

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        found = memo[id(self)] = object.__new__(type(self))
        found.__dict__.update(copy.copy(self.__dict__))
        return found

    def __reduce_ex__(self, protocol: Any) -> Any:
        return _revive, (type(self), *self._wanted, self._asked)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    __str__ = __repr__


def _revive(cls: Any, dtype: DType, device: Device | None, asked: bool) -> Any:
    t = object.__new__(cls)
    t._wanted, t._asked = (dtype, device), asked
    return t


class UninitializedParameter(_Uninitialized, Parameter):  # type: ignore[misc]
    """A parameter whose shape is decided later, by :meth:`materialize`; lazy modules do so at their first input."""

    becomes = Parameter

    def __new__(cls, requires_grad: bool = True, device: Any = None, dtype: Any = None) -> Any:
        return _revive(cls, dtype or default_float(), None if device is None else Device(device), requires_grad)

    def __init__(self, requires_grad: bool = True, device: Any = None, dtype: Any = None) -> None:
        pass


class UninitializedBuffer(_Uninitialized, Tensor):
    """A buffer whose shape is decided later, by :meth:`materialize`."""

    becomes = Tensor

    def __new__(cls, requires_grad: bool = False, device: Any = None, dtype: Any = None, persistent: bool = True) -> Any:
        t = _revive(cls, dtype or default_float(), None if device is None else Device(device), requires_grad)
        t.persistent, t._is_buffer = persistent, True
        return t

    def __init__(self, requires_grad: bool = False, device: Any = None, dtype: Any = None, persistent: bool = True) -> None:
        pass


def is_lazy(param: Any) -> bool:
    """Whether ``param`` still waits for its shape.

    >>> is_lazy(UninitializedParameter())
    True
    """
    return isinstance(param, _Uninitialized)
