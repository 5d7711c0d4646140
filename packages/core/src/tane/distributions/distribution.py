"""What all distributions share: shapes, validation, and ``sample`` as ``rsample`` without history."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar, TypeVar

import tane
from tane.size import Size
from tane.tensor import Tensor

__all__ = ["Distribution", "last_dims", "lazy", "parameters", "softplus"]

Self = TypeVar("Self", bound="Distribution")


def parameters(*values: Any) -> tuple[Tensor, ...]:
    """Parameters given as numbers or tensors, broadcast against each other."""
    like = next((v for v in values if isinstance(v, Tensor)), None)
    tensors = [v if isinstance(v, Tensor) else tane.tensor(float(v)) if like is None else like.new_tensor(float(v)) for v in values]
    return tuple(tane.broadcast_tensors(*tensors))


class lazy(cached_property):  # type: ignore[type-arg]
    """A parameter that follows from another and is computed once, with its history even where ``sample`` records none."""

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        with tane.enable_grad():
            return super().__get__(instance, owner)


def last_dims(t: Tensor, n: int) -> Tensor:
    """The sum over the last ``n`` dimensions."""
    return t if n == 0 else t.sum(dim=tuple(range(-n, 0)))


def softplus(x: Tensor) -> Tensor:
    """log(1 + exp(x)) without overflow."""
    return x.clamp(min=0) + (-x.abs()).exp().log1p()


class Distribution:
    """A distribution over tensors of ``batch_shape + event_shape``.

    ``validate_args`` (default: True) checks parameters and the values given to ``log_prob``; a ``ValueError`` says what is out of range.
    """

    PARAMETERS: ClassVar[
        tuple[str, ...]
    ] = ()  # names of attributes, each of shape ``batch_shape + ...``: what ``repr`` shows and ``expand`` expands
    has_rsample = False
    has_enumerate_support = False
    _validate = True

    def __init__(self, batch_shape: Any = (), event_shape: Any = (), validate_args: bool | None = None) -> None:
        self._batch_shape, self._event_shape = Size(batch_shape), Size(event_shape)
        self.validate_args = Distribution._validate if validate_args is None else validate_args

    @staticmethod
    def set_default_validate_args(value: bool) -> None:
        """Whether distributions made from now on check their arguments."""
        if value not in (True, False):
            raise ValueError(f"set_default_validate_args: the value must be True or False, not {value!r}")
        Distribution._validate = value

    def expand(self: Self, batch_shape: Any, _instance: Any = None) -> Self:
        """The distribution with its parameters expanded to ``batch_shape``."""
        new = object.__new__(type(self))
        new.__dict__.update(self.__dict__)
        known = len(self._batch_shape)
        for name in self.PARAMETERS:
            if name in self.__dict__:
                value = self.__dict__[name]
                new.__dict__[name] = value.expand((*batch_shape, *value.shape[known:]))
        new._batch_shape = Size(batch_shape)
        return new

    def like(self, *parameters: str) -> dict[str, Any]:
        """The type and device in which this distribution draws."""
        first = getattr(self, (parameters or self.PARAMETERS)[0])
        return {"dtype": first.dtype, "device": first.device}

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

    def sample_n(self, n: int) -> Tensor:
        """``sample((n,))``."""
        return self.sample((n,))

    def cdf(self, value: Tensor) -> Tensor:
        """The probability of a sample at or below ``value``."""
        raise NotImplementedError(f"{type(self).__name__} has no cdf")

    def icdf(self, value: Tensor) -> Tensor:
        """The value below which a sample falls with the given probability."""
        raise NotImplementedError(f"{type(self).__name__} has no icdf")

    def enumerate_support(self, expand: bool = True) -> Tensor:
        """All values a sample can have, along a new first dimension."""
        raise NotImplementedError(f"{type(self).__name__} has no support that can be enumerated")

    @property
    def mean(self) -> Tensor:
        """The expected value."""
        raise NotImplementedError(f"{type(self).__name__} has no mean")

    @property
    def mode(self) -> Tensor:
        """The most probable value."""
        raise NotImplementedError(f"{type(self).__name__} does not implement mode")

    @property
    def variance(self) -> Tensor:
        """The expected squared distance from the mean."""
        raise NotImplementedError(f"{type(self).__name__} has no variance")

    @property
    def stddev(self) -> Tensor:
        """The square root of the variance."""
        return self.variance.sqrt()

    def perplexity(self) -> Tensor:
        """The exponential of the entropy."""
        return self.entropy().exp()

    def __repr__(self) -> str:
        given = [(name, self.__dict__[name]) for name in self.PARAMETERS if name in self.__dict__]
        return f"{type(self).__name__}({', '.join(f'{name}: {p if p.numel() == 1 else p.size()}' for name, p in given)})"

    def log_prob(self, value: Tensor) -> Tensor:
        """The logarithm of the density or probability at ``value``."""
        raise NotImplementedError(f"{type(self).__name__} must implement log_prob")

    def entropy(self) -> Tensor:
        """The entropy in nats."""
        raise NotImplementedError(f"{type(self).__name__} has no closed form of its entropy")
