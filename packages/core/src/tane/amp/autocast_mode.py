"""``autocast``: a block in which matrix products compute in half precision, and what needs float32 in float32."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from tane import autocasting
from tane.autocasting import local
from tane.backends.backend import backend_for
from tane.cuda.devices import is_available as cuda_is_available
from tane.device import device as Device
from tane.dtypes import bfloat16, float16
from tane.dtypes import dtype as DType
from tane.tensor import Tensor

__all__ = ["autocast", "custom_bwd", "custom_fwd", "get_autocast_dtype", "is_autocast_available", "is_autocast_enabled"]

T = TypeVar("T", bound=Callable[..., Any])


def is_autocast_available(device_type: str) -> bool:
    """Whether ops can be cast by themselves on a device: on the CPU."""
    backend_for(device_type)
    return device_type == "cpu"


def is_autocast_enabled(device_type: str = "cuda") -> bool:
    """Whether ops of this thread on a device are being cast."""
    return Device(device_type).type in local.kinds


def get_autocast_dtype(device_type: str) -> DType:
    """The type that ``autocast`` casts to on a device: the enclosing block's, else the one that a block casts to if it names none."""
    kind = Device(device_type).type
    return local.kinds.get(kind) or (float16 if kind == "cuda" else bfloat16)


class autocast:
    """A ``with`` block, or a decorator, in which matrix products and convolutions compute in half precision, and losses in float32.

    Everything else computes in the types of its operands. float64 is left alone. On the CPU only, so far: enabled on another device it raises
    ``NotImplementedError``, since computing in full precision unasked would not be what the program says. As in PyTorch, ``"cuda"`` on a machine
    without it warns and disables itself, and so does a type that is not of 16 bits. ``cache_enabled`` is a hint about speed.

    >>> import tane
    >>> with autocast("cpu", dtype=tane.bfloat16):
    ...     (tane.ones(2, 2) @ tane.ones(2, 2)).dtype
    torch.bfloat16
    """

    def __init__(self, device_type: str, dtype: DType | None = None, enabled: bool = True, cache_enabled: bool | None = None) -> None:
        if not isinstance(device_type, str):
            raise ValueError(f"Expected `device_type` of type `str`, got: `{type(device_type)}`")
        self.device = Device(device_type).type
        self.fast_dtype = dtype or get_autocast_dtype(self.device)
        self.cache_enabled = cache_enabled
        if enabled and self.device == "cuda" and not cuda_is_available():
            warnings.warn("autocast on 'cuda' is disabled: CUDA is not available.", UserWarning, stacklevel=2)
            enabled = False
        if enabled and self.device == "cpu" and self.fast_dtype not in (bfloat16, float16):
            warnings.warn(
                f"In CPU autocast, but the target dtype {self.fast_dtype} is not supported. Disabling autocast.\n"
                f"CPU Autocast only supports dtypes of torch.bfloat16, torch.float16 currently.",
                UserWarning,
                stacklevel=2,
            )
            enabled = False
        if enabled and not is_autocast_available(self.device):
            raise NotImplementedError(
                f"autocast on {self.device!r} to {self.fast_dtype} is not implemented in tane: use autocast({self.device!r}, enabled=False), "
                f"or convert the model and its inputs with .to({str(self.fast_dtype).replace('torch', 'tane')})"
            )
        self._enabled = enabled
        self._before: list[Mapping[str, DType]] = []

    def __enter__(self) -> autocast:
        self._before.append(local.kinds)
        others = {device: kind for device, kind in local.kinds.items() if device != self.device}
        local.kinds = {**others, self.device: self.fast_dtype} if self._enabled else others
        autocasting.entered()
        return self

    def __exit__(self, *error: Any) -> None:
        autocasting.left()
        local.kinds = self._before.pop()

    def __call__(self, function: T) -> T:
        @functools.wraps(function)
        def inside(*args: Any, **kwargs: Any) -> Any:
            with self:
                return function(*args, **kwargs)

        return inside  # type: ignore[return-value]


def _cast(value: Any, device_type: str, kind: DType) -> Any:
    if isinstance(value, Tensor):
        return value.to(kind) if value.device.type == device_type and value.dtype.is_floating_point and value.dtype.itemsize < 8 else value
    if isinstance(value, dict):
        return {_cast(k, device_type, kind): _cast(v, device_type, kind) for k, v in value.items()}
    if type(value) in (list, tuple):
        return type(value)([_cast(v, device_type, kind) for v in value])
    return value


def custom_fwd(fwd: Any = None, *, device_type: str, cast_inputs: DType | None = None) -> Any:
    """Decorate ``forward`` of an ``autograd.Function``: under ``autocast`` it is given its inputs as ``cast_inputs`` and nothing in it is cast.

    Without ``cast_inputs`` it runs as its surroundings do, and :func:`custom_bwd` likewise.
    """
    if not isinstance(device_type, str):
        raise ValueError(f"Expected `device_type` of type `str`, got: `{type(device_type)}`")
    if fwd is None:
        return functools.partial(custom_fwd, device_type=device_type, cast_inputs=cast_inputs)

    @functools.wraps(fwd)
    def forward(*args: Any, **kwargs: Any) -> Any:
        args[0]._dtype = get_autocast_dtype(device_type)
        args[0]._fwd_used_autocast = is_autocast_enabled(device_type) and cast_inputs is None
        if cast_inputs is None or not is_autocast_enabled(device_type):
            return fwd(*args, **kwargs)
        with autocast(device_type, enabled=False):
            return fwd(*_cast(args, device_type, cast_inputs), **_cast(kwargs, device_type, cast_inputs))

    return forward


def custom_bwd(bwd: Any = None, *, device_type: str) -> Any:
    """Decorate ``backward`` of an ``autograd.Function`` whose ``forward`` is decorated by :func:`custom_fwd`: it is cast as that was."""
    if not isinstance(device_type, str):
        raise ValueError(f"Expected `device_type` of type `str`, got: `{type(device_type)}`")
    if bwd is None:
        return functools.partial(custom_bwd, device_type=device_type)

    @functools.wraps(bwd)
    def backward(*args: Any, **kwargs: Any) -> Any:
        with autocast(device_type, dtype=args[0]._dtype, enabled=args[0]._fwd_used_autocast):
            return bwd(*args, **kwargs)

    return backward
