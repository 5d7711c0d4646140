"""Memory that was read from a file, and where ``map_location`` sends it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tane.backends.backend import backend_for
from tane.device import device
from tane.dtypes import dtype, from_numpy_dtype
from tane.plugins import registry
from tane.serialization.errors import LoadError
from tane.tensor import wrap

__all__ = ["Storage", "placer"]

Placer = Callable[["Storage", str], "Storage"]


class Storage:
    """The memory of one or several tensors: a vector on some device. ``map_location`` functions are given these."""

    def __init__(self, array: Any) -> None:
        self.array = array

    @property
    def dtype(self) -> dtype:
        return from_numpy_dtype(self.array.dtype)

    @property
    def device(self) -> device:
        return wrap(self.array).device

    def size(self) -> int:
        """The number of elements."""
        return int(self.array.size)

    __len__ = size

    def nbytes(self) -> int:
        """The number of bytes."""
        return int(self.array.nbytes)

    def to(self, *, device: Any) -> Storage:
        """The memory on a device."""
        return Storage(wrap(self.array).to(device=device).array)

    def cpu(self) -> Storage:
        """The memory on the CPU."""
        return self.to(device="cpu")

    def cuda(self, device: Any = None) -> Storage:
        """The memory on a CUDA device."""
        return Storage(wrap(self.array).cuda(device).array)


def placer(map_location: Any) -> Placer:
    """What brings a storage, read on the CPU, to where it belongs."""
    if map_location is None:
        return _home
    if isinstance(map_location, Mapping):
        return lambda storage, location: _home(storage, str(map_location.get(location, location)))
    if isinstance(map_location, (str, device)):
        target = str(device(map_location))
        return lambda storage, location: _home(storage, target)
    if not callable(map_location):
        raise TypeError(
            f"load(): map_location is a device, its name, a dict from names to names, or a function, not {type(map_location).__name__}"
        )

    def chosen(storage: Storage, location: str) -> Storage:
        found = map_location(storage, location)
        if found is None:
            return _home(storage, location)
        if isinstance(found, (str, device)):
            return _home(storage, str(found))
        if not isinstance(found, Storage):
            raise TypeError(
                f"load(): map_location has to return the storage it was given, moved if need be, or None, not {type(found).__name__}"
            )
        return found

    return chosen


def _home(storage: Storage, location: str) -> Storage:
    """The storage on the device it was saved from."""
    if location == "cpu":
        return storage
    name = location.partition(":")[0]
    if name not in registry.names("backends") and name != "cuda":
        raise LoadError(
            f"don't know how to restore data location of a storage (tagged with {location}): there is no such device here. "
            f"Load it with map_location='cpu' to bring it to the CPU."
        )
    if name not in registry.names("backends") or not backend_for(name).device_count():
        raise LoadError(
            f"Attempting to deserialize object on a {name.upper()} device but no {name.upper()} device is available. If you are running on a "
            f"CPU-only machine, please use load with map_location=tane.device('cpu') to map your storages to the CPU."
        )
    return storage.to(device=location)
