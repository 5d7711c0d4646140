"""The CPU: NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np

from tane.backends import masks, rows
from tane.backends.backend import Backend
from tane.backends.division import KERNELS
from tane.backends.namespace import Namespace

__all__ = ["NumpyBackend"]


class NumpyNamespace(Namespace):
    """NumPy's functions, and faster ways to some of them."""

    def __init__(self) -> None:
        super().__init__(np)
        self.sum, self.amax, self.amin = rows.sum_, rows.amax, rows.amin
        self.max, self.min = self.amax, self.amin
        self.where = masks.where
        self.clip = getattr(getattr(np, "_core", None), "umath", np).clip  # the ufunc itself, without what NumPy wraps around it

    def sum_product(self, a: Any, b: Any, axis: Any = -1) -> Any:
        return rows.sum_product(a, b, axis)

    def as_strided(self, x: Any, shape: tuple[int, ...], strides: tuple[int, ...]) -> Any:
        # The constructor takes a tenth of the time of NumPy's function, but only memory without gaps.
        flags = x.flags
        if flags.forc:
            return np.ndarray(shape, x.dtype, x, 0, strides)
        return np.lib.stride_tricks.as_strided(x, shape, strides)


class NumpyBackend(Backend):
    """The device ``"cpu"``. Transfers are free: a NumPy array is already there."""

    name = "cpu"
    array_type = np.ndarray
    F = NumpyNamespace()
    kernels = KERNELS

    def from_numpy(self, array: Any, index: int | None = None) -> Any:
        return array

    def to_numpy(self, array: Any) -> Any:
        return array

    def pointer(self, array: Any) -> int:
        return int(array.__array_interface__["data"][0])
