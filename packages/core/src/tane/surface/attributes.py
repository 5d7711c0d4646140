"""What a tensor says about itself: sizes, strides, memory, kind of type and device."""

from __future__ import annotations

import math
from typing import Any

from tane.backends.backend import backend_of
from tane.layout import MemoryFormat, channels_last, channels_last_3d, strided
from tane.ops.pointwise import clone
from tane.ops.strided import memory, offset_of
from tane.size import Size
from tane.surface.expose import method
from tane.surface.size import axis_in
from tane.tensor import Tensor

__all__ = ["is_inference", "is_storage"]

# Kinds of tensor that tane does not have.
for _name in (
    "is_sparse",
    "is_sparse_csr",
    "is_quantized",
    "is_mkldnn",
    "is_meta",
    "is_nested",
    "is_mps",
    "is_xpu",
    "is_xla",
    "is_ipu",
    "is_vulkan",
):
    setattr(Tensor, _name, False)
Tensor.layout = strided  # type: ignore[attr-defined]
Tensor.is_cuda = property(lambda self: self.device.type == "cuda")  # type: ignore[attr-defined]
Tensor.is_cpu = property(lambda self: self.device.type == "cpu")  # type: ignore[attr-defined]


# ---- sizes ------------------------------------------------------------------------------------------------------------------------------
@method()
def size(self: Tensor, dim: int | None = None) -> Any:
    """The sizes of all dimensions, or that of one."""
    shape = self.array.shape
    if dim is None:
        return Size(shape)
    if not shape:
        raise IndexError("Dimension specified as 0 but tensor has no dimensions")
    return shape[axis_in(dim, len(shape))]


@method("dim", "ndimension")
def dim(self: Tensor) -> int:
    """The number of dimensions."""
    return int(self.array.ndim)


@method("numel", "nelement")
def nelement(self: Tensor) -> int:
    """The number of elements."""
    return int(self.array.size)


# ---- memory ---------------------------------------------------------------------------------------------------------------------------
def strides_of(array: Any) -> tuple[int, ...]:
    """The strides of a raw array in elements, as PyTorch counts those of empty arrays and of sizes of 1."""
    shape, size = array.shape, int(array.itemsize)
    if not array.size:
        return tuple([math.prod(max(d, 1) for d in shape[i + 1 :]) for i in range(len(shape))])
    found = [s // size for s in array.strides]
    for i in range(len(shape) - 1, -1, -1):
        if found[i] == 0 and shape[i] == 1:
            found[i] = found[i + 1] * shape[i + 1] if i + 1 < len(shape) else 1
    return tuple(found)


@method()
def stride(self: Tensor, dim: int | None = None) -> Any:
    """How many elements lie between neighbours along each dimension, or along one."""
    found = strides_of(self.array)
    if dim is None:
        return found
    if not found:
        raise IndexError("Dimension specified as 0 but tensor has no dimensions")
    return found[axis_in(dim, len(found))]


@method()
def storage_offset(self: Tensor) -> int:
    """How many elements of its memory come before the tensor's first."""
    return offset_of(self.array)


@method()
def data_ptr(self: Tensor) -> int:
    """The address of the first element."""
    array = self.array
    return backend_of(type(array)).pointer(array) if array.size else 0


@method()
def element_size(self: Tensor) -> int:
    """Bytes per element."""
    return int(self.array.itemsize)


def _last(array: Any, ndim: int) -> bool:
    """Whether the channels, dimension 1 of ``ndim``, lie closest together in memory."""
    return bool(array.ndim == ndim and array.transpose((0, *range(2, ndim), 1)).flags.c_contiguous)


@method()
def is_contiguous(self: Tensor, memory_format: MemoryFormat | None = None) -> bool:
    """Whether the elements lie in memory without gaps, in the order of the dimensions (or as ``memory_format`` says)."""
    if memory_format is channels_last:
        return _last(self.array, 4)
    if memory_format is channels_last_3d:
        return _last(self.array, 5)
    return bool(self.array.flags.c_contiguous)


@method()
def contiguous(self: Tensor, memory_format: MemoryFormat | None = None) -> Tensor:
    """The tensor itself if it is contiguous, else a copy that is. tane's kernels take any layout, so ``channels_last`` changes nothing."""
    if self.array.flags.c_contiguous:
        return self
    return clone.call(self)


class UntypedStorage:
    """The memory behind a tensor, for programs that ask whether two tensors share it."""

    def __init__(self, array: Any) -> None:
        self._memory = memory(array)
        self.device = backend_of(type(array)).device_of(array)

    def data_ptr(self) -> int:
        """The address of the first byte."""
        return backend_of(type(self._memory)).pointer(self._memory)

    def nbytes(self) -> int:
        """The size in bytes."""
        return int(self._memory.nbytes)

    def size(self) -> int:
        """The size in bytes."""
        return self.nbytes()

    __len__ = nbytes

    def __eq__(self, other: object) -> bool:
        return isinstance(other, UntypedStorage) and self.data_ptr() == other.data_ptr() and self.nbytes() == other.nbytes()

    __hash__ = None  # type: ignore[assignment]


@method()
def untyped_storage(self: Tensor) -> UntypedStorage:
    """The memory behind the tensor."""
    return UntypedStorage(self.array)


@method()
def is_set_to(self: Tensor, tensor: Tensor) -> bool:
    """Whether both are the same elements of the same memory in the same layout."""
    return (
        data_ptr(self) == data_ptr(tensor) and self.array.shape == tensor.array.shape and strides_of(self.array) == strides_of(tensor.array)
    )


@method()
def _is_view(self: Tensor) -> bool:
    return self.base is not None


@method("is_shared", "is_pinned", "is_coalesced", "is_conj", "is_neg", "is_distributed")
def is_shared(self: Tensor, device: Any = None) -> bool:
    """False: memory is ordinary memory of this process."""
    return False


@method()
def share_memory_(self: Tensor) -> Tensor:
    """The tensor itself. Memory is shared with processes that are forked from this one only until either writes."""
    return self


@method()
def pin_memory(self: Tensor, device: Any = None) -> Tensor:
    """The tensor itself: transfers do not need it to be pinned."""
    return self


@method()
def record_stream(self: Tensor, stream: Any) -> None:
    """Nothing: memory is kept for as long as a tensor refers to it."""


@method()
def get_device(self: Tensor) -> int:
    """The index of the device; -1 on the CPU."""
    index = self.device.index
    return -1 if index is None else int(index)


# ---- what it is not ---------------------------------------------------------------------------------------------------------------------
def is_storage(obj: Any) -> bool:
    """Whether ``obj`` is the memory behind a tensor."""
    return isinstance(obj, UntypedStorage)


@method()
def is_inference(input: Tensor) -> bool:
    """False: a tensor made in :class:`tane.inference_mode` is a tensor like any other."""
    return False
