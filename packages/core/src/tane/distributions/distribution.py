"""What all distributions share: shapes, validation, and ``sample`` as ``rsample`` without history."""

from __future__ import annotations

from typing import Any

import tane
from tane.size import Size
from tane.tensor import Tensor

__all__ = ["Distribution", "parameters"]


def parameters(*values: Any) -> tuple[Tensor, ...]:
    """Parameters given as numbers or tensors, broadcast against each other."""
    like = next((v for v in values if isinstance(v, Tensor)), None)
    tensors = [v if isinstance(v, Tensor) else tane.tensor(float(v)) if like is None else like.new_tensor(float(v)) for v in values]
    return tuple(tane.broadcast_tensors(*tensors))


class Distribution:
    """A distribution over tensors of ``batch_shape + event_shape``.

    ``validate_args`` (default: True) checks parameters and the values given to ``log_prob``; a ``ValueError`` says what is out of range.
    """

    def __init__(self, batch_shape: Any = (), event_shape: Any = (), validate_args: bool | None = None) -> None:
        self._batch_shape, self._event_shape = Size(batch_shape), Size(event_shape)
        self.validate_args = True if validate_args is None else validate_args

    @property
    def batch_shape(self) -> Size:
        """The shape of the parameters: as many independent distributions."""
        return self._batch_shape

    @property
    def event_shape(self) -> Size:
        """The shape of one sample of one of them."""
        return self._event_shape

    def require(self, good: Tensor, name: str, value: Tensor, wanted: str) -> None:
        """Raise PyTorch's error unless a condition holds everywhere."""
        if self.validate_args and not bool(good.all()):
            raise ValueError(
                f"Expected parameter {name} (Tensor of shape {tuple(value.shape)}) of distribution {type(self).__name__} to satisfy the constraint "
                f"{wanted}, but found invalid values:\n{value}"
            )

    def require_value(self, good: Tensor, value: Tensor, wanted: str) -> None:
        """Raise PyTorch's error unless all values lie in the support."""
        if self.validate_args and not bool(good.all()):
            raise ValueError(
                f"Expected value argument (Tensor of shape {tuple(value.shape)}) to be within the support ({wanted}) of the distribution {self!r}, "
                f"but found invalid values:\n{value}"
            )

    def shape(self, sample_shape: Any) -> Size:
        """The shape of samples drawn with ``sample_shape``."""
        return Size((*sample_shape, *self._batch_shape, *self._event_shape))

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        """Samples through which gradients flow to the parameters."""
        raise NotImplementedError(f"{type(self).__name__} has no reparametrised samples")

    def sample(self, sample_shape: Any = ()) -> Tensor:
        """Samples of shape ``sample_shape + batch_shape + event_shape``, without history."""
        with tane.no_grad():
            return self.rsample(sample_shape)

    def log_prob(self, value: Tensor) -> Tensor:
        """The logarithm of the density or probability at ``value``."""
        raise NotImplementedError(f"{type(self).__name__} must implement log_prob")

    def entropy(self) -> Tensor:
        """The entropy in nats."""
        raise NotImplementedError(f"{type(self).__name__} has no closed form of its entropy")
