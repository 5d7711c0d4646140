"""What NumPy hands to its protocols, made into Tensors, and results written where NumPy wants them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import tane
from tane.dtypes import dtype, from_numpy_dtype
from tane.tensor import Tensor, wrap

__all__ = ["as_dtype", "as_tensor", "as_tensors", "deliver", "raw"]


def as_tensor(x: Any) -> Tensor:
    """A Tensor as it is; an array without copying it; numbers and nested lists as NumPy reads them."""
    if isinstance(x, Tensor):
        return x
    if isinstance(x, (list, tuple)) and _holds_tensor(x):
        return tane.stack([as_tensor(item) for item in x])
    array = np.asarray(x)
    from_numpy_dtype(array.dtype)
    return wrap(array)


def _holds_tensor(x: Sequence[Any]) -> bool:
    return any(isinstance(item, Tensor) or (isinstance(item, (list, tuple)) and _holds_tensor(item)) for item in x)


def as_tensors(xs: Any) -> list[Tensor]:
    """A sequence, or the rows of one array, as Tensors of one type, as NumPy promotes them."""
    if isinstance(xs, Tensor):
        return list(xs.unbind(0))
    return [as_tensor(x) for x in xs]


def as_dtype(given: Any) -> dtype | None:
    """The tane type meant by one of NumPy's ``dtype=`` arguments; None stays None."""
    return given if given is None or isinstance(given, dtype) else from_numpy_dtype(np.dtype(given))


def raw(x: Any) -> Any:
    """The plain array of an index or mask: no gradient flows through those."""
    if isinstance(x, Tensor):
        return x.array
    if isinstance(x, tuple):
        return tuple(raw(item) for item in x)
    return x


def deliver(result: Any, out: Any, name: str) -> Any:
    """Write a result into ``out=``, a Tensor or an array; an array cannot take one that requires grad."""
    if out is None:
        return result
    if isinstance(out, Tensor):
        return out.copy_(result)
    if result.node is not None:
        raise TypeError(
            f"numpy.{name}: an array cannot take a result that requires grad. Call it without out= (for `array += tensor`, write "
            f"`array = array + tensor`), or use tensor.detach()"
        )
    np.copyto(out, result.numpy(), casting="same_kind")
    return out
