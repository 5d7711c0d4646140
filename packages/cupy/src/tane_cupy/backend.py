"""CUDA devices through CuPy."""

from __future__ import annotations

from typing import Any

from tane.backends.backend import Backend
from tane_cupy import streams
from tane_cupy.library import cupy, cupyx, problem, version
from tane_cupy.namespace import WRAPPED, CupyNamespace

__all__ = ["CupyBackend"]


class NoArray:
    """Stands for CuPy's arrays where there is no CuPy: nothing is one."""


class CupyBackend(Backend):
    """The device ``"cuda"``. Where CuPy, the driver or the card is missing, there are 0 devices, and :meth:`unavailable` says which it is."""

    name = "cuda"
    accelerator = True
    array_type = NoArray if cupy is None else cupy.ndarray
    F: Any = None if cupy is None else CupyNamespace(cupy, cupyx.scipy.special)
    # Forwards call CuPy's own functions; formulas that need more of them find it in F.
    kernels = (
        {}
        if cupy is None
        else {op: getattr(cupy, name) for op, name in zip(("add", "logaddexp", "maximum", "minimum", "mul"), WRAPPED, strict=True)}
    )
    unsupported = {} if version() >= (14,) else {"bfloat16": "CuPy has bfloat16 from version 14 on"}
    Stream, Event = streams.Stream, streams.Event
    current_stream, default_stream = staticmethod(streams.current_stream), staticmethod(streams.default_stream)

    def __init__(self) -> None:
        self.reason = problem
        self.count = 0
        if cupy is not None:
            try:
                self.count = int(cupy.cuda.runtime.getDeviceCount())
                self.reason = "" if self.count else "CUDA finds no device"
            except cupy.cuda.runtime.CUDARuntimeError as error:
                self.reason = f"CUDA finds no device: {error}"

    # ---- which devices there are ----------------------------------------------------------------------------------------------
    def device_count(self) -> int:
        return self.count

    def unavailable(self) -> str:
        return self.reason

    def device_name(self, index: int = 0) -> str:
        return str(self.properties(index)["name"])

    def properties(self, index: int = 0) -> dict[str, Any]:
        where = self.checked(index)
        found = cupy.cuda.runtime.getDeviceProperties(where)
        return {
            "name": found["name"].decode(),
            "major": found["major"],
            "minor": found["minor"],
            "total_memory": found["totalGlobalMem"],
            "multi_processor_count": found["multiProcessorCount"],
            "warp_size": found["warpSize"],
        }

    def current_device(self) -> int:
        self.checked(0)
        return int(cupy.cuda.runtime.getDevice())

    def set_device(self, index: int) -> None:
        where = self.checked(index)
        cupy.cuda.Device(where).use()

    def checked(self, index: int | None) -> int:
        """An index that exists; None is the current device. ``RuntimeError`` says what is missing."""
        if not self.count:
            raise RuntimeError(f"no device of type 'cuda' is available: {self.reason}")
        if index is None:
            return int(cupy.cuda.runtime.getDevice())
        if not 0 <= index < self.count:
            raise RuntimeError(f"CUDA error: invalid device ordinal {index}: there are {self.count} devices of type 'cuda'")
        return index

    # ---- arrays -----------------------------------------------------------------------------------------------------------------
    def from_numpy(self, array: Any, index: int | None = None) -> Any:
        where = self.checked(index)
        reason = self.unsupported.get(array.dtype.name)
        if reason:
            raise TypeError(f"device 'cuda' has no {array.dtype.name}: {reason}")
        with cupy.cuda.Device(where):
            return cupy.array(array)

    def to_numpy(self, array: Any) -> Any:
        return cupy.asnumpy(array)

    def pointer(self, array: Any) -> int:
        return int(array.data.ptr)

    def index_of(self, array: Any) -> int | None:
        return int(array.device.id)

    def move(self, array: Any, index: int | None) -> Any:
        where = self.checked(index)
        if where == array.device.id:
            return array
        with cupy.cuda.Device(where):
            return cupy.array(array)

    # ---- waiting and memory -----------------------------------------------------------------------------------------------------
    def synchronize(self, index: int | None = None) -> None:
        where = self.checked(index)
        with cupy.cuda.Device(where):
            cupy.cuda.runtime.deviceSynchronize()

    def memory_stats(self, index: int | None = None) -> dict[str, int]:
        """``allocated``: bytes in arrays; ``reserved``: bytes that the pool took from the device; ``free`` and ``total``: the device's own."""
        if not self.count:
            return {}
        with cupy.cuda.Device(self.checked(index)):
            pool = cupy.get_default_memory_pool()
            free, total = cupy.cuda.runtime.memGetInfo()
            return {"allocated": int(pool.used_bytes()), "reserved": int(pool.total_bytes()), "free": int(free), "total": int(total)}

    def empty_cache(self, index: int | None = None) -> None:
        if self.count:
            with cupy.cuda.Device(self.checked(index)):
                cupy.get_default_memory_pool().free_all_blocks()
                cupy.get_default_pinned_memory_pool().free_all_blocks()
