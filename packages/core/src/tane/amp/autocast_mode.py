"""``autocast``: so far only its disabled form does something, namely nothing."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any, TypeVar

from tane.backends.backend import backend_for
from tane.cuda.devices import is_available as cuda_is_available
from tane.device import device as Device
from tane.dtypes import bfloat16, float16
from tane.dtypes import dtype as DType

__all__ = ["autocast", "is_autocast_available"]

T = TypeVar("T", bound=Callable[..., Any])


def is_autocast_available(device_type: str) -> bool:
    """Whether ops can be cast by themselves on a device: not yet, on none."""
    backend_for(device_type)
    return False


class autocast:
    """A ``with`` block, or a decorator, in which ops compute in half precision where that is safe.

    With ``enabled=False`` it changes nothing. Enabled, it raises ``NotImplementedError``: tane has no such casting yet, and computing in full
    precision unasked would not be what the program says. As in PyTorch, ``"cuda"`` on a machine without it warns and disables itself.

    >>> with autocast("cpu", enabled=False):
    ...     pass
    """

    def __init__(self, device_type: str, dtype: DType | None = None, enabled: bool = True, cache_enabled: bool | None = None) -> None:
        if not isinstance(device_type, str):
            raise ValueError(f"Expected `device_type` of type `str`, got: `{type(device_type)}`")
        self.device = Device(device_type).type
        self.fast_dtype = dtype or (float16 if self.device == "cuda" else bfloat16)
        self.cache_enabled = cache_enabled
        if enabled and self.device == "cuda" and not cuda_is_available():
            warnings.warn("autocast on 'cuda' is disabled: CUDA is not available.", UserWarning, stacklevel=2)
            enabled = False
        if enabled:
            backend_for(self.device)
            raise NotImplementedError(
                f"autocast on {self.device!r} to {self.fast_dtype} is not implemented in tane: use autocast({self.device!r}, enabled=False), "
                f"or convert the model and its inputs with .to({str(self.fast_dtype).replace('torch', 'tane')})"
            )
        self._enabled = False

    def __enter__(self) -> autocast:
        return self

    def __exit__(self, *error: Any) -> None:
        return None

    def __call__(self, function: T) -> T:
        @functools.wraps(function)
        def inside(*args: Any, **kwargs: Any) -> Any:
            with self:
                return function(*args, **kwargs)

        return inside  # type: ignore[return-value]
