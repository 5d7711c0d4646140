"""``tane.accelerator``: the device that programs prefer to the CPU, whatever its name; the first installed one that the machine has."""

from __future__ import annotations

from typing import Any

from tane.backends.backend import Backend, installed_backends
from tane.device import device as Device

__all__ = [
    "current_accelerator",
    "current_device_idx",
    "current_device_index",
    "device_count",
    "device_index",
    "empty_cache",
    "is_available",
    "max_memory_allocated",
    "memory_allocated",
    "memory_reserved",
    "memory_stats",
    "reset_peak_memory_stats",
    "set_device_idx",
    "set_device_index",
    "synchronize",
]


def found() -> Backend | None:
    """The backend of the accelerator, if there is one."""
    return next((b for b in installed_backends().values() if b.accelerator and b.device_count()), None)


def present() -> Backend:
    """The backend of the accelerator; ``RuntimeError`` where there is none."""
    backend = found()
    if backend is None:
        raise RuntimeError("Cannot access accelerator device when none is available.")
    return backend


def index_of(given: Any) -> int | None:
    """The index meant by a device, a string, a number or None."""
    if given is None or isinstance(given, int):
        return given
    meant = Device(given)
    if meant.type != present().name:
        raise ValueError(f"{meant.type} doesn't match the current accelerator {present().name}.")
    return meant.index


def is_available() -> bool:
    """Whether there is an accelerator."""
    return found() is not None


def current_accelerator(check_available: bool = False) -> Device | None:
    """The accelerator's device, without an index; None where there is none."""
    backend = found()
    return None if backend is None else Device(backend.name)


def device_count() -> int:
    """How many accelerators there are."""
    backend = found()
    return 0 if backend is None else backend.device_count()


def current_device_index() -> int:
    """The index of the accelerator in use."""
    return present().current_device()


def set_device_index(device: Any) -> None:
    """Use the accelerator of that index; a negative one changes nothing."""
    backend, index = present(), index_of(device)
    if index is not None and index >= 0:
        backend.set_device(index)


current_device_idx, set_device_idx = current_device_index, set_device_index


def synchronize(device: Any = None) -> None:
    """Wait until everything that was started on an accelerator is done."""
    present().synchronize(index_of(device))


def empty_cache() -> None:
    """Give memory that is kept for reuse back to the accelerator."""
    present().empty_cache()


def memory_stats(device: Any = None) -> dict[str, int]:
    """Bytes by name, as the backend counts them."""
    return dict(present().memory_stats(index_of(device)))


def memory_allocated(device: Any = None) -> int:
    """Bytes held by tensors."""
    return memory_stats(device).get("allocated", 0)


def memory_reserved(device: Any = None) -> int:
    """Bytes that were taken from the accelerator, those kept for reuse included."""
    return memory_stats(device).get("reserved", 0)


def max_memory_allocated(device: Any = None) -> int:
    """The most bytes that were needed at once; where the backend counts no peak, what it reserved, a bound from above."""
    stats = memory_stats(device)
    return stats.get("peak", stats.get("reserved", 0))


def reset_peak_memory_stats(device: Any = None) -> None:
    """Count peaks from now on."""
    present().empty_cache(index_of(device))


class device_index:
    """``with tane.accelerator.device_index(1):`` uses that accelerator inside the block; None changes nothing."""

    def __init__(self, device: int | None) -> None:
        self.idx = device
        self.prev_idx = -1

    def __enter__(self) -> None:
        if self.idx is not None and self.idx >= 0:
            self.prev_idx = current_device_index()
            set_device_index(self.idx)

    def __exit__(self, *error: Any) -> None:
        if self.prev_idx >= 0:
            set_device_index(self.prev_idx)
