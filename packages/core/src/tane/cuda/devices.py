"""Which CUDA devices there are, and which one is the current one."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from tane.backends.backend import Backend, backend_for
from tane.device import device as Device
from tane.plugins.errors import PluginError
from tane.tensor import Tensor

__all__ = [
    "current_device",
    "device",
    "device_count",
    "device_of",
    "get_device_capability",
    "get_device_name",
    "get_device_properties",
    "init",
    "is_available",
    "is_bf16_supported",
    "is_initialized",
    "set_device",
    "synchronize",
]


class NoDeviceError(RuntimeError, AssertionError):
    """There is no CUDA device. PyTorch raises the one or the other class, by how it was built; this one is both."""


def installed() -> Backend | None:
    """The backend of ``"cuda"``; None where no plug-in brings one that loads."""
    try:
        return backend_for("cuda")
    except (RuntimeError, PluginError):
        return None


def present() -> Backend:
    """The backend, with at least one device; otherwise an error that says what is missing."""
    try:
        backend = backend_for("cuda")
    except (RuntimeError, PluginError) as error:
        raise NoDeviceError(f"no CUDA device is available. {error}") from error
    if not backend.device_count():
        raise NoDeviceError(f"no CUDA device is available: {backend.unavailable()}")
    return backend


def index_of(given: Any, optional: bool = True) -> int | None:
    """The index meant by a device, a string, a number or None; None where it names none."""
    if given is None or isinstance(given, int):
        return given
    found = given if isinstance(given, Device) else Device(given)
    if found.type != "cuda":
        raise ValueError(f"Expected a cuda device, but got: {found}")
    if found.index is None and not optional:
        raise ValueError(f'Expected a torch.device with a specified index or an integer, but got:"{given}"')
    return found.index


def is_available() -> bool:
    """Whether a tensor can be put on device ``"cuda"``."""
    return device_count() > 0


def device_count() -> int:
    """How many CUDA devices there are; 0 where no backend for them is installed."""
    backend = installed()
    return 0 if backend is None else backend.device_count()


def is_initialized() -> bool:
    """Whether CUDA is ready: as soon as there is a device."""
    return is_available()


def init() -> None:
    """Make CUDA ready, which it is by itself; raises where there is no device."""
    present()


def current_device() -> int:
    """The index of the device that ``"cuda"`` without an index means."""
    return present().current_device()


def set_device(device: Any) -> None:
    """Make a device the current one; a negative index changes nothing."""
    index = index_of(device, optional=False)
    if index is not None and index >= 0:
        present().set_device(index)


def synchronize(device: Any = None) -> None:
    """Wait until everything that was started on a device, by default the current one, is done."""
    present().synchronize(index_of(device))


def get_device_name(device: Any = None) -> str:
    """The model of the card."""
    backend = present()
    index = index_of(device)
    return backend.device_name(backend.current_device() if index is None else index)


def get_device_properties(device: Any = None) -> Any:
    """What is known of the card, as attributes: ``name``, ``total_memory``, ``major``, ``minor`` …"""
    backend = present()
    index = index_of(device)
    return SimpleNamespace(**backend.properties(backend.current_device() if index is None else index))


def get_device_capability(device: Any = None) -> tuple[int, int]:
    """The card's compute capability, such as ``(8, 0)``."""
    found = get_device_properties(device)
    return int(found.major), int(found.minor)


def is_bf16_supported(including_emulation: bool = True) -> bool:
    """Whether the device has bfloat16: in its library, and without ``including_emulation`` in hardware."""
    backend = installed()
    if backend is None or not backend.device_count() or "bfloat16" in backend.unsupported:
        return False
    return including_emulation or get_device_capability()[0] >= 8


class device:
    """``with tane.cuda.device(1):`` makes that device the current one inside the block."""

    def __init__(self, device: Any) -> None:
        self.idx = index_of(device)
        self.prev_idx = -1

    def __enter__(self) -> None:
        if self.idx is not None and self.idx >= 0:
            backend = present()
            self.prev_idx = backend.current_device()
            backend.set_device(self.idx)

    def __exit__(self, *error: Any) -> None:
        if self.prev_idx >= 0:
            present().set_device(self.prev_idx)


class device_of(device):
    """``with tane.cuda.device_of(t):`` makes the device of a tensor the current one; nothing changes where that is no CUDA device."""

    def __init__(self, obj: Tensor) -> None:
        super().__init__(obj.device.index if obj.device.type == "cuda" else None)
