"""How much memory of a CUDA device is in use."""

from __future__ import annotations

from typing import Any

from tane.cuda.devices import index_of, installed, present

__all__ = [
    "empty_cache",
    "max_memory_allocated",
    "max_memory_reserved",
    "mem_get_info",
    "memory_allocated",
    "memory_reserved",
    "memory_stats",
    "memory_summary",
    "reset_max_memory_allocated",
    "reset_peak_memory_stats",
]


def memory_stats(device: Any = None) -> dict[str, int]:
    """Bytes by name, as the backend counts them; empty where there is no device."""
    backend = installed()
    return {} if backend is None or not backend.device_count() else dict(backend.memory_stats(index_of(device)))


def memory_allocated(device: Any = None) -> int:
    """Bytes held by tensors; 0 where there is no device."""
    return memory_stats(device).get("allocated", 0)


def memory_reserved(device: Any = None) -> int:
    """Bytes that were taken from the device, those kept for reuse included."""
    return memory_stats(device).get("reserved", 0)


def max_memory_allocated(device: Any = None) -> int:
    """The most bytes that were needed at once since the start or :func:`reset_peak_memory_stats`.

    Where the backend counts no peak, what it reserved: memory is reserved only when there is none to reuse, so that is a bound from above.
    """
    stats = memory_stats(device)
    return stats.get("peak", stats.get("reserved", 0))


def max_memory_reserved(device: Any = None) -> int:
    """The most bytes that were taken from the device at once since the start or :func:`reset_peak_memory_stats`."""
    return memory_stats(device).get("reserved", 0)


def reset_peak_memory_stats(device: Any = None) -> None:
    """Count peaks from now on; gives back what is kept for reuse, so that what is reserved is what is in use."""
    present().empty_cache(index_of(device))


reset_max_memory_allocated = reset_peak_memory_stats


def empty_cache() -> None:
    """Give memory that is kept for reuse back to the device."""
    backend = installed()
    if backend is not None and backend.device_count():
        backend.empty_cache()


def mem_get_info(device: Any = None) -> tuple[int, int]:
    """The free and the total bytes of the device."""
    stats = present().memory_stats(index_of(device))
    return stats["free"], stats["total"]


def memory_summary(device: Any = None, abbreviated: bool = False) -> str:
    """The counts of :func:`memory_stats` as a table."""
    stats = present().memory_stats(index_of(device))
    return "\n".join(f"{name:>12} {value / 2**20:12.1f} MiB" for name, value in stats.items())
