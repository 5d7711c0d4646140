"""The device ``"toy"``: NumPy again, behind an array class of its own."""

from __future__ import annotations

from typing import Any

import numpy as np

from tane.backends.backend import Backend
from tane.backends.namespace import Namespace

__all__ = ["ToyArray", "ToyBackend"]


class ToyArray(np.ndarray):
    """An array of the device. That its class is its own is what tells tane where a tensor is."""

    def __getitem__(self, index: Any) -> Any:
        found = super().__getitem__(index)
        if isinstance(found, np.generic):  # NumPy's scalar is a copy; a view is wanted
            found = super().__getitem__((*index, ...) if isinstance(index, tuple) else (index, ...))
        return found

    def argmax(self, *args: Any, **kwargs: Any) -> Any:
        return toy(super().argmax(*args, **kwargs))

    def argmin(self, *args: Any, **kwargs: Any) -> Any:
        return toy(super().argmin(*args, **kwargs))


def toy(x: Any) -> Any:
    """NumPy's result as an array of the device."""
    if isinstance(x, np.ndarray | np.generic):
        return np.asarray(x).view(ToyArray)
    if isinstance(x, (list, tuple)):  # several results, some with names
        return type(x)(*map(toy, x)) if hasattr(x, "_fields") else type(x)(map(toy, x))
    return x


class Function:
    """A NumPy function whose results are arrays of the device; ``reduce``, ``at`` and the like are, too."""

    def __init__(self, function: Any) -> None:
        self.function = function

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        result = self.function(*args, **kwargs)
        return result if any(result is a for a in (*args, kwargs.get("out"))) else toy(result)

    def __getattr__(self, name: str) -> Any:
        return Function(getattr(self.function, name))


class Module:
    """NumPy, or a part of it such as ``linalg``."""

    def __init__(self, module: Any) -> None:
        self.module = module

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.module, name)
        if type(found) is type(np):
            return Module(found)
        return Function(found) if callable(found) and not isinstance(found, type) else found


class ToyBackend(Backend):
    """All that a device must say: its name, its arrays, its functions, and the way there and back."""

    name = "toy"
    array_type = ToyArray
    F = Namespace(Module(np))

    def from_numpy(self, array: Any, index: int | None = None) -> Any:
        return np.array(array).view(ToyArray)

    def to_numpy(self, array: Any) -> Any:
        return np.array(array, subok=False)

    def owner(self, array: Any) -> Any:
        base = array.base
        while base is not None:  # down to NumPy's own array, which all views of it share
            if isinstance(base, np.ndarray):
                array = base
            base = getattr(base, "base", None)
        return array

    def pointer(self, array: Any) -> int:
        return int(array.__array_interface__["data"][0])
