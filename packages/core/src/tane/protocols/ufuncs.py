"""NumPy's ufuncs on Tensors: the table from ufunc to tane function, and the methods ``reduce``, ``accumulate``, ``outer`` and ``at``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

import tane
from tane.protocols.operands import as_dtype, as_tensor, deliver, raw
from tane.tensor import Tensor

__all__ = ["call"]

# Where tane's name is not NumPy's (or SciPy's).
OTHER_NAMES = {
    "arccos": "acos",
    "arccosh": "acosh",
    "arcsin": "asin",
    "arcsinh": "asinh",
    "arctan": "atan",
    "arctan2": "atan2",
    "arctanh": "atanh",
    "absolute": "abs",
    "conjugate": "conj",
    "degrees": "rad2deg",
    "divide": "div",
    "equal": "eq",
    "fabs": "abs",
    "greater": "gt",
    "greater_equal": "ge",
    "invert": "bitwise_not",
    "left_shift": "bitwise_left_shift",
    "less": "lt",
    "less_equal": "le",
    "multiply": "mul",
    "negative": "neg",
    "not_equal": "ne",
    "power": "pow",
    "radians": "deg2rad",
    "right_shift": "bitwise_right_shift",
    "rint": "round",
    "subtract": "sub",
    "true_divide": "div",
}
SAME_NAMES = {
    "add",
    "ceil",
    "copysign",
    "cos",
    "cosh",
    "deg2rad",
    "exp",
    "exp2",
    "expm1",
    "float_power",
    "floor",
    "floor_divide",
    "fmax",
    "fmin",
    "fmod",
    "gcd",
    "heaviside",
    "hypot",
    "isfinite",
    "isinf",
    "isnan",
    "lcm",
    "ldexp",
    "log",
    "log10",
    "log1p",
    "log2",
    "logaddexp",
    "logaddexp2",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "matmul",
    "maximum",
    "minimum",
    "nextafter",
    "positive",
    "rad2deg",
    "reciprocal",
    "remainder",
    "sign",
    "signbit",
    "sin",
    "sinh",
    "sqrt",
    "square",
    "tan",
    "tanh",
    "trunc",
    "bitwise_and",
    "bitwise_or",
    "bitwise_xor",
}
# Those whose tane function takes a Python number on either side.
TAKES_NUMBERS = {"add", "subtract", "multiply", "divide", "true_divide"}
COMPOSED: dict[str, Callable[..., Any]] = {
    "cbrt": lambda x: tane.sign(x) * tane.abs(x) ** (1 / 3),
    "divmod": lambda a, b: (tane.floor_divide(a, b), tane.remainder(a, b)),
    "float_power": lambda a, b: as_tensor(a).double() ** as_tensor(b).double(),
    "matvec": lambda a, b: tane.matmul(a, b.unsqueeze(-1)).squeeze(-1),
    "modf": lambda x: (x - tane.trunc(x), tane.trunc(x)),
    "positive": lambda x: x,
    "vecdot": lambda a, b: (tane.conj(a) * b).sum(-1),
    "vecmat": lambda a, b: tane.matmul(tane.conj(a).unsqueeze(-2), b).squeeze(-2),
}
# scipy.special's, by their names there; what tane.special has under the same name needs no entry.
SPECIAL = {"expit": "sigmoid", "gammaln": "lgamma", "loggamma": "lgamma", "psi": "digamma"}

REDUCE: dict[str, Callable[..., Any]] = {
    "add": lambda x, dim, keepdim: tane.sum(x, dim, keepdim),
    "multiply": lambda x, dim, keepdim: tane.prod(x, dim, keepdim) if isinstance(dim, int) else tane.prod(x),
    "maximum": lambda x, dim, keepdim: tane.amax(x, dim, keepdim),
    "minimum": lambda x, dim, keepdim: tane.amin(x, dim, keepdim),
    "logical_and": lambda x, dim, keepdim: tane.all(x, dim, keepdim),
    "logical_or": lambda x, dim, keepdim: tane.any(x, dim, keepdim),
    "logaddexp": lambda x, dim, keepdim: tane.logsumexp(x, dim, keepdim),
}
ACCUMULATE: dict[str, Callable[..., Any]] = {
    "add": lambda x, dim: tane.cumsum(x, dim),
    "multiply": lambda x, dim: tane.cumprod(x, dim),
    "maximum": lambda x, dim: tane.cummax(x, dim)[0],
    "minimum": lambda x, dim: tane.cummin(x, dim)[0],
    "logaddexp": lambda x, dim: tane.logcumsumexp(x, dim),
}

_found: dict[Any, Callable[..., Any] | None] = {}


def function_for(ufunc: Any) -> Callable[..., Any] | None:
    """The tane function that computes a ufunc of NumPy's or of ``scipy.special``; None where there is none."""
    if ufunc not in _found:
        _found[ufunc] = _look_up(ufunc)
    return _found[ufunc]


def _look_up(ufunc: Any) -> Callable[..., Any] | None:
    name = ufunc.__name__
    if getattr(np, name, None) is ufunc:
        if name in COMPOSED:
            return COMPOSED[name]
        known = OTHER_NAMES.get(name) or (name if name in SAME_NAMES else "")
        return getattr(tane, known, None) if known else None
    scipy_special = sys.modules.get("scipy.special")
    if scipy_special is not None and getattr(scipy_special, name, None) is ufunc:
        known = SPECIAL.get(name, name)
        return getattr(tane.special, known, None) or getattr(tane, known, None)
    return None


def call(ufunc: Any, method: str, inputs: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """What ``__array_ufunc__`` answers."""
    name = ufunc.__name__
    out = kwargs.pop("out", None) or (None,)
    if kwargs.pop("where", True) is not True:
        raise TypeError(f"numpy.{name} on Tensors: where= is not supported; choose elements with tane.where")
    if method == "at":
        return _at(name, *inputs)
    kind = as_dtype(kwargs.pop("dtype", None))
    if method != "__call__":
        return deliver(_method(ufunc, method, inputs, kind, kwargs), out[0], f"{name}.{method}")
    for harmless, default in (("casting", "same_kind"), ("order", "K"), ("subok", True)):
        if kwargs.pop(harmless, default) != default:
            raise TypeError(f"numpy.{name} on Tensors: {harmless}= is not supported")
    if kwargs:
        raise TypeError(f"numpy.{name} on Tensors: {', '.join(sorted(kwargs))}= is not supported")
    result = _compute(ufunc, inputs, kind)
    if isinstance(result, tuple):
        return tuple(deliver(r, o, name) for r, o in zip(result, out if len(out) > 1 else (None,) * len(result), strict=True))
    return deliver(result, out[0], name)


def _compute(ufunc: Any, inputs: tuple[Any, ...], kind: Any) -> Any:
    function = function_for(ufunc)
    if function is None:
        raise TypeError(
            f"numpy ufunc {ufunc.__name__!r} is not differentiable here: tane has no op for it. To compute without gradients, pass "
            f"tensor.detach().numpy()"
        )
    operands = [_operand(x) for x in inputs]
    beside = next((x for x in operands if isinstance(x, Tensor)), None)
    if beside is not None and ufunc.__name__ not in TAKES_NUMBERS:
        operands = [x if isinstance(x, Tensor) else _scalar(x, beside) for x in operands]
    if kind is not None:
        operands = [x.to(kind) if isinstance(x, Tensor) else x for x in operands]
    return function(*operands)


def _operand(x: Any) -> Any:
    """A Tensor or a Python number."""
    if isinstance(x, (Tensor, bool, int, float, complex)):
        return x.item() if isinstance(x, np.generic) else x
    return x.item() if isinstance(x, np.generic) else as_tensor(x)


def _scalar(value: Any, beside: Tensor) -> Tensor:
    """A Python number as a 0-d tensor of the type it takes on next to ``beside``."""
    return tane.tensor(value, dtype=tane.result_type(beside, value), device=beside.device)


def _method(ufunc: Any, method: str, inputs: tuple[Any, ...], kind: Any, kwargs: dict[str, Any]) -> Any:
    name = ufunc.__name__
    if method == "outer":
        a, b = (as_tensor(x) for x in inputs)
        return _compute(ufunc, (a.reshape(*a.shape, *[1] * b.ndim), b), kind)
    table = {"reduce": REDUCE, "accumulate": ACCUMULATE}.get(method, {})
    if name not in table:
        raise TypeError(f"numpy.{name}.{method} is not differentiable here: tane has no op for it")
    x = as_tensor(inputs[0])
    if kind is not None:
        x = x.to(kind)
    axis = kwargs.pop("axis", inputs[1] if len(inputs) > 1 else 0)
    keepdims = kwargs.pop("keepdims", False)
    initial = kwargs.pop("initial", None)
    if kwargs:
        raise TypeError(f"numpy.{name}.{method} on Tensors: {', '.join(sorted(kwargs))}= is not supported")
    if method == "accumulate":
        return table[name](x, axis)
    result = table[name](x, tuple(range(x.ndim)) if axis is None else axis, keepdims)
    return result if initial is None else _compute(ufunc, (result, initial), None)


def _at(name: str, target: Any, index: Any, *values: Any) -> None:
    """``ufunc.at``: unbuffered change in place, where repeated positions add up."""
    if name not in ("add", "subtract") or not isinstance(target, Tensor):
        raise TypeError(
            f"numpy.{name}.at: on Tensors there are add.at and subtract.at"
            if isinstance(target, Tensor)
            else f"numpy.{name}.at: cannot change an array by a Tensor; make the array a Tensor first"
        )
    value = as_tensor(values[0]).to(target.dtype)
    places = tuple(tane.as_tensor(raw(i)) for i in (index if isinstance(index, tuple) else (index,)))
    target.index_put_(places, value if name == "add" else -value, accumulate=True)
