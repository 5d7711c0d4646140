"""The ``inplace=True`` of activations."""

from __future__ import annotations

from collections.abc import Callable

from tane.surface.expose import inplace
from tane.tensor import Tensor

__all__ = ["inplace_form"]


def inplace_form(compute: Callable[..., Tensor], name: str) -> Callable[..., Tensor]:
    """The in-place form of a function, as a function alone: PyTorch has ``F.elu_`` but no ``Tensor.elu_``."""
    return inplace(compute, name, bind=False)
