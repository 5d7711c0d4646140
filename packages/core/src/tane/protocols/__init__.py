"""NumPy's protocols: NumPy's own functions, called on Tensors, compute with tane's differentiable ops.

``np.sin(t)``, ``np.dot(w, x)``, ``array @ t`` give Tensors whose gradients flow. A function that tane has no op for raises a ``TypeError`` that names
it: nothing is ever converted to an array behind the user's back.
"""

from __future__ import annotations

import importlib
from typing import Any

from tane.tensor import Tensor

__all__: list[str] = []


# The tables behind these are loaded when NumPy first asks.
def __array_ufunc__(self: Tensor, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
    return importlib.import_module("tane.protocols.ufuncs").call(ufunc, method, inputs, kwargs)


def __array_function__(self: Tensor, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
    return importlib.import_module("tane.protocols.functions").call(function, args, kwargs)


Tensor.__array_ufunc__ = __array_ufunc__  # type: ignore[attr-defined]
Tensor.__array_function__ = __array_function__  # type: ignore[attr-defined]
