"""How a function becomes a name of ``tane`` and a method of ``Tensor``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from tane.autograd.state import local
from tane.dtypes import can_cast, from_numpy_dtype
from tane.ops.primitive import Primitive
from tane.ops.views import check_writable, overwrite, write
from tane.tensor import Tensor, wrap

__all__ = ["binary", "inplace", "method", "unary", "write_out"]

T = TypeVar("T", bound=Callable[..., Any])


def method(*names: str) -> Callable[[T], T]:
    """Bind a function as a method of Tensor, under its own name or the names given."""

    def bind(function: T) -> T:
        for name in names or (function.__name__,):
            setattr(Tensor, name, function)
        return function

    return bind


def write_out(out: Tensor, result: Tensor, name: str) -> Tensor:
    """Put a result into ``out=``: resized where it is empty, cast where the type allows."""
    if out.node is not None and local.recording or result.node is not None:
        raise RuntimeError(
            f"{name}(): functions with out=... arguments don't support automatic differentiation, but one of the arguments requires grad."
        )
    if not can_cast(result.dtype, out.dtype):
        raise RuntimeError(f"result type {_kind(result)} can't be cast to the desired output type {_kind(out)}")
    if out.array.shape != result.array.shape:
        out.array = result.array.astype(out.array.dtype)
        return out
    return write(out, result.array, name)


def _kind(t: Tensor) -> str:
    return t.dtype.tensor_name.removesuffix("Tensor")


def unary(op: Primitive) -> Any:
    """``f(input, *, out=None)`` and ``Tensor.f()`` of an op with one operand."""
    call = op.call

    def function(input: Tensor, *, out: Tensor | None = None) -> Tensor:
        return call(input) if out is None else write_out(out, call(input), op.name)

    return _named(function, op)


def binary(op: Primitive) -> Any:
    """``f(input, other, *, out=None)`` and ``Tensor.f(other)`` of an op with two operands."""
    call = op.call

    def function(input: Tensor, other: Any, *, out: Tensor | None = None) -> Tensor:
        return call(input, other) if out is None else write_out(out, call(input, other), op.name)

    return _named(function, op)


def _named(function: Any, op: Primitive) -> Any:
    function.__name__ = function.__qualname__ = op.name
    function.__doc__ = op.doc or f"The op ``{op.name}`` of each element. See https://pytorch.org/docs/stable/generated/torch.{op.name}.html"
    setattr(Tensor, op.name, function)
    return function


def inplace(compute: Callable[..., Tensor], name: str, saves_self: bool = True) -> Callable[..., Tensor]:
    """The in-place form of a function: computed beside, then written into the tensor, which takes over the result's history."""

    def function(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        if not local.recording or (
            self.node is None and self.base is None and not any(isinstance(a, Tensor) and a.node is not None for a in args)
        ):
            node, self.node = self.node, None
            try:
                result = compute(self, *args, **kwargs)
            finally:
                self.node = node
            fits(self, result)
            return write(self, result.array, name)
        check_writable(self)
        # Formulas may keep the old value, which is about to be overwritten: give them a copy.
        old = wrap(self.array.copy() if saves_self else self.array, self.node)
        result = compute(old, *args, **kwargs)
        fits(self, result)
        overwrite(self, result, name)
        return self

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"In-place form of ``{name[:-1]}``: changes this tensor and returns it."
    setattr(Tensor, name, function)
    return function


def fits(target: Tensor, result: Tensor) -> None:
    """Raise if a result cannot be written into ``target`` in place."""
    if result.array.shape != target.array.shape:
        raise RuntimeError(f"output with shape {list(target.array.shape)} doesn't match the broadcast shape {list(result.array.shape)}")
    if result.array.dtype is not target.array.dtype and not can_cast(from_numpy_dtype(result.array.dtype), target.dtype):
        raise RuntimeError(f"result type {_kind(result)} can't be cast to the desired output type {_kind(target)}")
