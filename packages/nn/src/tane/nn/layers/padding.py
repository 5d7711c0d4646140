"""Padding as layers."""

from __future__ import annotations

from typing import Any

from tane.nn import functional as F
from tane.nn.module.module import Module
from tane.tensor import Tensor

__all__ = [
    "CircularPad1d",
    "CircularPad2d",
    "CircularPad3d",
    "ConstantPad1d",
    "ConstantPad2d",
    "ConstantPad3d",
    "ReflectionPad1d",
    "ReflectionPad2d",
    "ReflectionPad3d",
    "ReplicationPad1d",
    "ReplicationPad2d",
    "ReplicationPad3d",
    "ZeroPad1d",
    "ZeroPad2d",
    "ZeroPad3d",
]


class _PadNd(Module):
    """``padding`` is one number for all sides, or (left, right, top, bottom, front, back) as far as there are dimensions."""

    n: int
    mode: str

    def __init__(self, padding: Any) -> None:
        super().__init__()
        self.padding = tuple(padding) if hasattr(padding, "__len__") else (padding,) * (2 * self.n)

    def forward(self, input: Tensor) -> Tensor:
        return F.pad(input, self.padding, self.mode)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class _ConstantPadNd(_PadNd):
    def __init__(self, padding: Any, value: float) -> None:
        super().__init__(padding)
        self.value = value

    def forward(self, input: Tensor) -> Tensor:
        return F.pad(input, self.padding, "constant", self.value)

    def extra_repr(self) -> str:
        return f"padding={self.padding}, value={self.value}"


class ConstantPad1d(_ConstantPadNd):
    """``value`` around the last dimension."""

    n = 1


class ConstantPad2d(_ConstantPadNd):
    """``value`` around the last two dimensions."""

    n = 2


class ConstantPad3d(_ConstantPadNd):
    """``value`` around the last three dimensions."""

    n = 3


class ZeroPad1d(ConstantPad1d):
    """Zeros around the last dimension."""

    def __init__(self, padding: Any) -> None:
        super().__init__(padding, 0.0)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class ZeroPad2d(ConstantPad2d):
    """Zeros around the last two dimensions."""

    def __init__(self, padding: Any) -> None:
        super().__init__(padding, 0.0)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class ZeroPad3d(ConstantPad3d):
    """Zeros around the last three dimensions."""

    def __init__(self, padding: Any) -> None:
        super().__init__(padding, 0.0)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class ReflectionPad1d(_PadNd):
    """The inside mirrored at both ends of the last dimension."""

    n, mode = 1, "reflect"


class ReflectionPad2d(_PadNd):
    """The inside mirrored around the last two dimensions."""

    n, mode = 2, "reflect"


class ReflectionPad3d(_PadNd):
    """The inside mirrored around the last three dimensions."""

    n, mode = 3, "reflect"


class ReplicationPad1d(_PadNd):
    """The edge repeated at both ends of the last dimension."""

    n, mode = 1, "replicate"


class ReplicationPad2d(_PadNd):
    """The edge repeated around the last two dimensions."""

    n, mode = 2, "replicate"


class ReplicationPad3d(_PadNd):
    """The edge repeated around the last three dimensions."""

    n, mode = 3, "replicate"


class _CircularPadNd(_PadNd):
    mode = "circular"

    def forward(self, input: Tensor) -> Tensor:
        if input.ndim not in (self.n + 1, self.n + 2):
            raise ValueError(f"expected {self.n + 1}D or {self.n + 2}D input (got {input.ndim}D input)")
        return super().forward(input)


class CircularPad1d(_CircularPadNd):
    """The other end put at both ends of the last dimension."""

    n = 1


class CircularPad2d(_CircularPadNd):
    """The other ends put around the last two dimensions."""

    n = 2


class CircularPad3d(_CircularPadNd):
    """The other ends put around the last three dimensions."""

    n = 3
