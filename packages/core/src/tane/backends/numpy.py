"""The CPU: NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np

from tane.backends.backend import Backend
from tane.backends.namespace import Namespace

__all__ = ["NumpyBackend"]


class NumpyBackend(Backend):
    """The device ``"cpu"``. Transfers are free: a NumPy array is already there."""

    name = "cpu"
    array_type = np.ndarray
    F = Namespace(np)

    def from_numpy(self, array: Any, index: int | None = None) -> Any:
        return array

    def to_numpy(self, array: Any) -> Any:
        return array
