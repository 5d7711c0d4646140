"""How a function becomes a name of ``tane`` and a method of ``Tensor``."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, TypeVar

from tane.autograd.fitting import namespaces
from tane.autograd.state import local, state
from tane.autograd.versions import touch
from tane.backends.backend import TypeTable
from tane.dtypes import can_cast, float32, float64, from_numpy_dtype
from tane.ops.primitive import Primitive
from tane.ops.views import check_writable, overwrite, refuse_overlap, root_of, write
from tane.surface.late import set_method
from tane.tensor import Tensor, wrap

__all__ = ["binary", "changed", "direct", "inplace", "inplace_binary", "inplace_unary", "method", "unary", "write_out"]

F32, F64 = float32.numpy, float64.numpy

T = TypeVar("T", bound=Callable[..., Any])


def method(*names: str) -> Callable[[T], T]:
    """Bind a function as a method of Tensor, under its own name or the names given."""

    def bind(function: T) -> T:
        for name in names or (function.__name__,):
            set_method(name, function)
        return function

    return bind


def write_out(out: Tensor, result: Tensor, name: str) -> Tensor:
    """Put a result into ``out=``: resized where it is empty, cast where the type allows."""
    if (out.node is not None and local.recording) or result.node is not None:
        raise RuntimeError(
            f"{name}(): functions with out=... arguments don't support automatic differentiation, but one of the arguments requires grad."
        )
    if not can_cast(result.dtype, out.dtype):
        raise RuntimeError(f"result type {_kind(result)} can't be cast to the desired output type {_kind(out)}")
    if out.array.shape != result.array.shape:
        refuse_overlap(out.array)
        if out.array.size:
            warnings.warn(
                f"An output with one or more elements was resized since it had shape {list(out.array.shape)}, which does not match the required output "
                f"shape {list(result.array.shape)}. This behavior is deprecated, and in a future PyTorch release outputs will not be resized unless "
                f"they have zero elements. You can explicitly reuse an out tensor t by resizing it, inplace, to zero elements with t.resize_(0).",
                stacklevel=3,
            )
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


def binary(op: Primitive, numbers: bool = True) -> Any:
    """``f(input, other, *, out=None)`` and ``Tensor.f(other)`` of an op with two operands, the second of which may be a number if ``numbers``."""
    call = op.call
    if not numbers:
        compute = call

        def call(input: Tensor, other: Any) -> Any:
            if isinstance(other, (int, float, complex)):
                raise TypeError(f"{op.name}(): argument 'other' (position 2) must be Tensor, not {type(other).__name__}")
            return compute(input, other)

    def function(input: Tensor, other: Any, *, out: Tensor | None = None) -> Tensor:
        return call(input, other) if out is None else write_out(out, call(input, other), op.name)

    return _named(function, op)


def _named(function: Any, op: Primitive) -> Any:
    function.__name__ = function.__qualname__ = op.name
    function.__doc__ = op.doc or f"The op ``{op.name}`` of each element. See https://pytorch.org/docs/stable/generated/torch.{op.name}.html"
    set_method(op.name, function)
    return function


def inplace(compute: Callable[..., Tensor], name: str, saves_self: bool = True, bind: bool = True) -> Callable[..., Tensor]:
    """The in-place form of a function: computed beside, then written into the tensor, which takes over the result's history.

    It becomes a method of Tensor unless ``bind`` is False.
    """

    def function(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        if not local.recording or (
            self.node is None
            and (self.base is None or root_of(self).node is None)
            and not any(isinstance(a, Tensor) and a.node is not None for a in (*args, *kwargs.values()))
        ):
            node, self.node = self.node, None
            try:
                result = compute(self, *args, **kwargs)
            finally:
                self.node = node
            fits(self, result)
            return write(self, result.array, name)
        check_writable(self, name)
        # Formulas may keep the old value, which is about to be overwritten: give them a copy.
        old = wrap(self.array.copy() if saves_self else self.array, self.node)
        result = compute(old, *args, **kwargs)
        fits(self, result)
        overwrite(self, result, name)
        return self

    return _inplace_named(function, name, bind)


def _inplace_named(function: Any, name: str, bind: bool = True) -> Any:
    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"In-place form of ``{name[:-1]}``: changes this tensor and returns it."
    if bind:
        set_method(name, function)
    return function


# ---- in place without a temporary -----------------------------------------------------------------------------------------------------
# Optimizers and hand-written updates live on these: what needs no history and no conversion is computed by the ufunc into the tensor's own memory.
def direct(self: Tensor, *others: Any) -> list[Any] | None:
    """The raw operands of an in-place change that needs neither history nor conversion, else None. ``namespaces[type(raw)]`` computes on them."""
    off = state.special and not local.recording
    if not off and (self.node is not None or self.base is not None):
        return None
    x = self.array
    d = x.dtype
    if (d is not F32 and d is not F64) or 0 in x.strides:  # an expanded tensor: the general way raises
        return None
    found = [x]
    for other in others:
        if isinstance(other, Tensor):
            y = other.array
            if y.dtype is not d or type(y) is not type(x) or (other.node is not None and not off):
                return None
            found.append(y)
        elif type(other) is float or type(other) is int:
            found.append(other)
        else:
            return None
    return found


def changed(self: Tensor, name: str) -> Tensor:
    """Count an in-place change of ``self`` that was made directly."""
    if not self.untracked:
        touch(self.array, name)
    return self


def inplace_unary(op: Primitive, formula: Callable[..., Any] | None = None) -> Any:
    """The in-place form of an op with one operand. ``formula(F, x)`` computes into ``x``; a ufunc's op needs none."""
    name = f"{op.name}_"
    general = inplace(op.call, name, "input" in op.wants[0], False)
    forward = op.forward
    if isinstance(forward, str):

        def formula(F: Any, x: Any) -> Any:
            return getattr(F, forward)(x, out=x)

    if formula is None:
        return _inplace_named(general, name)

    def function(self: Tensor) -> Tensor:
        found = direct(self)
        if found is None:
            return general(self)
        (x,) = found
        formula(namespaces[type(x)], x)
        return changed(self, name)

    return _inplace_named(function, name)


def inplace_binary(op: Primitive) -> Any:
    """The in-place form of an op with two operands, at once where the op is a ufunc."""
    name = f"{op.name}_"
    forward = op.forward
    general = inplace(op.call, name, any("input" in w for w in op.wants), False)
    if not isinstance(forward, str):
        return _inplace_named(general, name)
    ufuncs = TypeTable(lambda backend: getattr(backend.F, forward))

    def function(self: Tensor, other: Any) -> Tensor:
        x = self.array
        if isinstance(other, Tensor) and state.special and not local.recording:  # what direct answers, at once: updates under no_grad
            y = other.array
            d = x.dtype
            if y.dtype is not d or (d is not F32 and d is not F64) or type(y) is not type(x):
                return general(self, other)
        else:
            found = direct(self, other)
            if found is None:
                return general(self, other)
            x, y = found
        try:
            ufuncs[type(x)](x, y, out=x)
        except ValueError:  # the shapes do not go together: the general form says how
            return general(self, other)
        return changed(self, name)

    return _inplace_named(function, name)


def fits(target: Tensor, result: Tensor) -> None:
    """Raise if a result cannot be written into ``target`` in place."""
    if result.array.shape != target.array.shape:
        raise RuntimeError(f"output with shape {list(target.array.shape)} doesn't match the broadcast shape {list(result.array.shape)}")
    if result.array.dtype is not target.array.dtype and not can_cast(from_numpy_dtype(result.array.dtype), target.dtype):
        raise RuntimeError(f"result type {_kind(result)} can't be cast to the desired output type {_kind(target)}")
