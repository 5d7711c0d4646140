"""The seam between tane and a device: what a backend must offer, and how an array finds its backend.

A backend is installed by a plug-in (hook ``tane_backends``). The array in hand decides which one computes: there is no global
current device on any path that an operation takes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from tane.device import device
from tane.plugins import registry
from tane.plugins.errors import UnknownPluginNameError

__all__ = ["Backend", "TypeTable", "backend_for", "backend_of", "installed_backends"]


class Backend:
    """A device type: its array class, the namespace ``F`` that formulas compute in, and transfers.

    Subclass it, set the class attributes, and override what the device does differently. ``F`` speaks NumPy (``F.multiply``,
    ``F.sum(x, axis=, keepdims=)``) and offers besides it what :mod:`tane.backends.namespace` lists. ``kernels`` replaces the forward
    of an op by name, ``gradients`` its gradient formulas, without touching the op's declaration.
    """

    name: ClassVar[str]
    array_type: ClassVar[type]
    accelerator: ClassVar[bool] = False  # what tane.accelerator finds: a device that programs prefer to the CPU
    F: Any
    kernels: Mapping[str, Callable[..., Any]] = {}
    gradients: Mapping[str, tuple[Callable[..., Any] | None, ...]] = {}
    unsupported: Mapping[str, str] = {}  # element types that the device does not have, such as "bfloat16", each with the reason

    # ---- what every backend must say -----------------------------------------------------------------------------------
    def from_numpy(self, array: Any, index: int | None = None) -> Any:
        """Bring a NumPy array to the device; may share memory where the device is the host."""
        raise NotImplementedError(f"{type(self).__name__} must implement from_numpy")

    def to_numpy(self, array: Any) -> Any:
        """Bring a device array to the host as a NumPy array; may share memory."""
        raise NotImplementedError(f"{type(self).__name__} must implement to_numpy")

    # ---- what most can leave as it is --------------------------------------------------------------------------------------
    def device_count(self) -> int:
        """How many devices of this type the machine has; 0 where the driver or the hardware is missing."""
        return 1

    def unavailable(self) -> str:
        """Why there is no device of this type, where ``device_count()`` is 0."""
        return f"this machine has no device of type '{self.name}'"

    def device_name(self, index: int = 0) -> str:
        """A name for people, such as the model of the card."""
        return self.name

    def index_of(self, array: Any) -> int | None:
        """The device index an array lives on; ``None`` where there is only one, as on the CPU."""
        return None

    def move(self, array: Any, index: int | None) -> Any:
        """Copy an array to another device of this type."""
        return array

    def current_device(self) -> int:
        """The index that new arrays get where none is named."""
        return 0

    def set_device(self, index: int) -> None:
        """Make ``index`` the current device."""
        if index != 0:
            raise RuntimeError(f"{self.name} has one device, got index {index}")

    def synchronize(self, index: int | None = None) -> None:
        """Wait until everything that was started on the device is done."""

    def memory_stats(self, index: int | None = None) -> dict[str, int]:
        """Bytes by name (``allocated``, ``reserved`` …); empty where nothing is counted."""
        return {}

    def empty_cache(self, index: int | None = None) -> None:
        """Give memory that is kept for reuse back to the device."""

    def properties(self, index: int = 0) -> dict[str, Any]:
        """What is known of a device, by name: at least its ``name``."""
        return {"name": self.device_name(index)}

    def owner(self, array: Any) -> Any:
        """The array that owns the memory: two arrays alias only if their owners are one object."""
        base = array.base
        while base is not None:
            if isinstance(base, self.array_type):
                array = base
            base = getattr(base, "base", None)  # what is between two arrays, such as the go-between of NumPy's as_strided
        return array

    def pointer(self, array: Any) -> int:
        """The address of the first element, for ``data_ptr``."""
        raise NotImplementedError(f"{type(self).__name__} does not tell where its arrays lie")

    def device_of(self, array: Any) -> device:
        return device(self.name, self.index_of(array))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} for device '{self.name}'>"


_backends: dict[str, Backend] = {}
_by_type: dict[type, Backend] = {}


def _install(name: str, found: Any) -> Backend:
    backend: Backend = found() if isinstance(found, type) else found
    _backends[name] = backend
    _by_type[backend.array_type] = backend
    return backend


def backend_for(name: str) -> Backend:
    """The backend of a device type such as ``"cpu"``; an unknown one answers with what exists and what to install."""
    backend = _backends.get(name)
    if backend is None:
        try:
            found = registry.lookup("backends", name)
        except UnknownPluginNameError as error:
            raise RuntimeError(
                f"Expected one of {', '.join(sorted(registry.names('backends')))} device type at start of device string: {name}. {error}"
            ) from None
        backend = _install(name, found)
    return backend


def installed_backends() -> dict[str, Backend]:
    """Every backend whose plug-in is installed, by device type, whether or not the machine has such a device."""
    return {name: backend_for(name) for name in sorted(registry.names("backends"))}


def backend_of(array_type: type) -> Backend:
    """The backend that owns an array class; ``TypeError`` where no plug-in brought one."""
    backend = _by_type.get(array_type)
    if backend is None:
        backend_for("cpu")
        if array_type not in _by_type:
            installed_backends()
        for known, candidate in list(_by_type.items()):
            if issubclass(array_type, known):
                backend = _by_type[array_type] = candidate
                break
        else:
            raise TypeError(
                f"no installed device computes on {array_type.__module__}.{array_type.__qualname__}; "
                f"there are {', '.join(sorted(_backends))}"
            )
    return backend


class TypeTable(dict[type, Any]):
    """A dict from array class to what an op needs for it, filled at the first array of that class."""

    __slots__ = ("make",)

    def __init__(self, make: Callable[[Backend], Any]) -> None:
        self.make = make

    def __missing__(self, array_type: type) -> Any:
        value = self[array_type] = self.make(backend_of(array_type))
        return value
