"""What all functions of ``tane.linalg`` ask of their arguments, and how they fail."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from numpy.linalg import LinAlgError as ArrayError

from tane.dtypes import FLOAT
from tane.surface.indexing import kind_name
from tane.tensor import Tensor

__all__ = ["LinAlgError", "failing", "matrices", "square"]


class LinAlgError(RuntimeError):
    """A matrix does not have what was asked for, such as an inverse."""


def matrices(A: Tensor, name: str) -> Tensor:
    """``A``, checked to be one matrix or more of a type that can be computed with."""
    if not isinstance(A, Tensor):
        raise TypeError(f"linalg_{name}(): argument 'A' (position 1) must be Tensor, not {type(A).__name__}")
    if A.array.ndim < 2:
        raise RuntimeError(f"linalg.{name}: The input tensor A must have at least 2 dimensions.")
    if A.dtype.category < FLOAT:
        raise RuntimeError(f"linalg.{name}: Expected a floating point or complex tensor as input. Got {kind_name(A)}")
    if A.dtype.itemsize < 4:
        raise RuntimeError(f"linalg.{name}: Low precision dtypes not supported. Got {kind_name(A)}")
    return A


def square(A: Tensor, name: str) -> Tensor:
    """``A``, checked to be one square matrix or more."""
    matrices(A, name)
    if A.array.shape[-1] != A.array.shape[-2]:
        raise RuntimeError(
            f"linalg.{name}: A must be batches of square matrices, but they are {A.array.shape[-2]} by {A.array.shape[-1]} matrices"
        )
    return A


@contextlib.contextmanager
def failing(name: str, text: str) -> Iterator[None]:
    """Turn what the array library raises for a matrix it cannot work with into PyTorch's error."""
    try:
        yield
    except ArrayError as error:
        raise LinAlgError(f"linalg.{name}: {text} ({error})") from None
