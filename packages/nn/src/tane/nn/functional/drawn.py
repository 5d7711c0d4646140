"""Random numbers of PyTorch's stream on the device of a tensor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tane.backends.backend import backend_of
from tane.random import stream_of
from tane.tensor import Tensor

__all__ = ["drawn"]


def drawn(draw: Callable[[Any], Any], like: Tensor) -> Any:
    """The raw array that ``draw(stream)`` takes from the default generator, on the device of ``like``."""
    array = like.array
    backend = backend_of(type(array))
    return backend.from_numpy(draw(stream_of(None)), backend.index_of(array))
