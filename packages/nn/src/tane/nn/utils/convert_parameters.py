"""All parameters as one vector, and back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tane.nn.module.module import typename
from tane.surface.joining import cat
from tane.tensor import Tensor

__all__ = ["parameters_to_vector", "vector_to_parameters"]


def parameters_to_vector(parameters: Iterable[Tensor]) -> Tensor:
    """The elements of all parameters in one vector; gradients flow back to them."""
    given = _on_one_device(parameters)
    return cat([p.reshape(-1) for p in given])


def vector_to_parameters(vec: Tensor, parameters: Iterable[Tensor]) -> None:
    """Let every parameter be its piece of ``vec``, whose memory they share from then on."""
    if not isinstance(vec, Tensor):
        raise TypeError(f"expected torch.Tensor, but got: {typename(vec)}")
    start = 0
    whole: Any = vec.data
    for p in _on_one_device(parameters):
        count = p.array.size
        p.data = whole[start : start + count].view(p.shape).data
        start += count


def _on_one_device(parameters: Iterable[Tensor]) -> list[Any]:
    given = list(parameters)
    if len({str(p.device) for p in given}) > 1:
        raise TypeError("Found two parameters on different devices, this is currently not supported.")
    return given
