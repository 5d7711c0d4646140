"""NumPy's functions that are no ufuncs, on Tensors: who answers, and the refusal where nobody does."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

__all__ = ["call", "implements"]

_table: dict[Any, Callable[..., Any]] = {}
_parameters: dict[Any, set[str]] = {}


def implements(*functions: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The function below answers for these NumPy functions, with their parameter names."""

    def register(answer: Callable[..., Any]) -> Callable[..., Any]:
        for f in functions:
            _table[f] = answer
        return answer

    return register


def call(function: Any, args: Any, kwargs: Any) -> Any:
    """What ``__array_function__`` answers."""
    answer = _table.get(function)
    name = f"{function.__module__}.{function.__name__}"
    if answer is None:
        raise TypeError(
            f"{name} is not differentiable here: tane has no implementation of it for Tensors. To compute without gradients, pass "
            f"tensor.detach().numpy()"
        )
    if kwargs:
        if answer not in _parameters:
            _parameters[answer] = set(inspect.signature(answer).parameters)
        unknown = sorted(k for k in kwargs if k not in _parameters[answer])
        if unknown:
            raise TypeError(f"{name} on Tensors: {', '.join(unknown)}= is not supported")
    return answer(*args, **kwargs)
