"""``autograd.Variable``, from before tensors and variables became one: programs of that time still call it."""

from __future__ import annotations

import warnings
from typing import Any

from tane.tensor import Tensor, wrap

__all__ = ["Variable"]


class _VariableMeta(type):
    def __instancecheck__(cls, other: object) -> bool:
        return isinstance(other, Tensor)


class Variable(metaclass=_VariableMeta):
    """``Variable(data, requires_grad=False)`` is a leaf on the memory of ``data``; every Tensor is an instance of it.

    >>> import tane
    >>> x = tane.autograd.Variable(tane.ones(2), requires_grad=True)
    >>> type(x).__name__, x.requires_grad
    ('Tensor', True)
    """

    def __new__(cls, data: Any = None, requires_grad: bool = False, volatile: bool = False) -> Any:
        if data is None:
            import tane

            return tane.empty(0, requires_grad=requires_grad)
        if not isinstance(data, Tensor):
            raise TypeError(f"Variable data has to be a tensor, but got {type(data).__name__}")
        if volatile:
            warnings.warn("volatile was removed and now has no effect. Use `with torch.no_grad():` instead.", UserWarning, stacklevel=2)
        leaf = wrap(data.array)
        leaf.requires_grad = requires_grad
        return leaf


@property  # type: ignore[misc]
def volatile(self: Tensor) -> bool:
    """Always False; ``no_grad`` took its place."""
    warnings.warn("volatile was removed (Variable.volatile is always False)", UserWarning, stacklevel=2)
    return False


Tensor.volatile = volatile  # type: ignore[attr-defined]
