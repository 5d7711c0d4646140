"""``torch.utils.dlpack``: exchange of memory with other libraries; ``tane.from_dlpack`` takes their arrays themselves, too."""

from __future__ import annotations

from typing import Any

from tane.creation import from_dlpack as from_dlpack
from tane.tensor import Tensor

__all__ = ["from_dlpack", "to_dlpack"]


def to_dlpack(tensor: Tensor) -> Any:
    """A capsule that describes the tensor's memory; one library may take it, once."""
    try:
        return tensor.__dlpack__(max_version=(1, 0))  # of a newer protocol, which can say that the memory may be written to
    except TypeError:
        return tensor.__dlpack__()
