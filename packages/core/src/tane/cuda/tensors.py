"""``tane.cuda.FloatTensor`` and its siblings: the names of element types on the device, as old programs use them.

``x.type(tane.cuda.FloatTensor)`` moves and converts; calling one makes a tensor there.
"""

from __future__ import annotations

from typing import Any

from tane import dtypes
from tane.creation import empty, tensor
from tane.tensor import Tensor

__all__ = [
    "BFloat16Tensor",
    "BoolTensor",
    "ByteTensor",
    "CharTensor",
    "DoubleTensor",
    "FloatTensor",
    "HalfTensor",
    "IntTensor",
    "LongTensor",
    "ShortTensor",
]


class TensorType(type):
    """The class of these names: calling one makes a tensor, and ``isinstance`` asks for a tensor's type and device."""

    tensor_dtype: Any
    tensor_device: str

    def __call__(cls, *data: Any) -> Tensor:
        if len(data) == 1 and not isinstance(data[0], int):
            return tensor(data[0], dtype=cls.tensor_dtype, device=cls.tensor_device)
        return empty(*data, dtype=cls.tensor_dtype, device=cls.tensor_device)

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, Tensor) and instance.dtype == cls.tensor_dtype and instance.device.type == cls.tensor_device

    @property
    def dtype(cls) -> Any:
        """The element type."""
        return cls.tensor_dtype

    def __repr__(cls) -> str:
        return f"<class 'torch.{cls.tensor_device}.{cls.__name__}'>"


def _named(dtype: Any) -> Any:
    return TensorType(dtype.tensor_name, (), {"tensor_dtype": dtype, "tensor_device": "cuda"})


FloatTensor, DoubleTensor, HalfTensor = _named(dtypes.float32), _named(dtypes.float64), _named(dtypes.float16)
LongTensor, IntTensor, ShortTensor = _named(dtypes.int64), _named(dtypes.int32), _named(dtypes.int16)
CharTensor, ByteTensor, BoolTensor = _named(dtypes.int8), _named(dtypes.uint8), _named(dtypes.bool_)
BFloat16Tensor = _named(dtypes.bfloat16)
