"""Values of all kinds made into NumPy arrays, which is what logs are written from."""

from __future__ import annotations

from typing import Any

import numpy as np

from tane.tensor import Tensor

__all__ = ["to_array", "to_number"]


def to_array(value: Any) -> np.ndarray[Any, Any]:
    """A NumPy array of a Tensor (of any device and type, with or without gradient), an array, a number, or a list of such."""
    if isinstance(value, Tensor):
        raw: np.ndarray[Any, Any] = value.detach().numpy(force=True)
        return raw.astype(np.float32) if raw.dtype.kind == "V" else raw  # bfloat16, which NumPy itself does not know
    if isinstance(value, (list, tuple)):
        return np.array([to_array(v) for v in value])
    array = np.asarray(value)
    if array.dtype.kind not in "biufc":
        raise TypeError(f"expected a Tensor, an array or a number, but got {type(value).__name__}")
    return array


def to_number(value: Any) -> float:
    """One number, whatever it comes in."""
    array = to_array(value)
    if array.size != 1:
        raise ValueError(f"expected one number, but got {array.size} of shape {tuple(array.shape)}")
    return float(array.reshape(()))
