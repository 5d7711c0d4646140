"""Names for how elements lie in memory: ``tane.strided``, and memory formats such as ``tane.channels_last``.

All tensors are strided, and every kernel takes any layout: memory formats are accepted wherever PyTorch takes them, as hints.
"""

from __future__ import annotations

__all__ = ["channels_last", "channels_last_3d", "contiguous_format", "layout", "memory_format", "preserve_format", "strided"]


class Named:
    """A constant that prints as ``torch.<name>``."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"torch.{self.name}"

    def __reduce__(self) -> str:
        return self.name


class MemoryFormat(Named):
    """In which order the dimensions of a tensor follow each other in memory."""


class Layout(Named):
    """The kind of memory a tensor has: tane's are all ``strided``."""


layout, memory_format = Layout, MemoryFormat
strided = Layout("strided")
contiguous_format, preserve_format = MemoryFormat("contiguous_format"), MemoryFormat("preserve_format")
channels_last, channels_last_3d = MemoryFormat("channels_last"), MemoryFormat("channels_last_3d")
