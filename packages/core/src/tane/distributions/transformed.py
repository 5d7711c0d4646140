"""Functions of what another distribution draws, and the families that are made so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tane
from tane.distributions.distribution import Distribution, last_dims
from tane.distributions.normal import Normal
from tane.distributions.transforms import ComposeTransform, ExpTransform, Transform
from tane.tensor import Tensor

__all__ = ["LogNormal", "TransformedDistribution"]


class TransformedDistribution(Distribution):
    """Samples of ``base_distribution``, passed through one or several ``transforms``."""

    def __init__(
        self, base_distribution: Distribution, transforms: Transform | Sequence[Transform], validate_args: bool | None = None
    ) -> None:
        self.transforms = [transforms] if isinstance(transforms, Transform) else list(transforms)
        if not all(isinstance(t, Transform) for t in self.transforms):
            raise ValueError("transforms must be a Transform or a list of Transforms")
        self.base_dist = base_distribution
        # Transforms of vectors make events of as many batch dimensions of the base as it lacks.
        base = base_distribution
        whole = (*base.batch_shape, *base.event_shape)
        n = max(len(base.event_shape), ComposeTransform(self.transforms).event_dim)
        if len(whole) < n:
            raise ValueError(f"base_distribution needs to have shape with size at least {n}, but got {tane.Size(whole)}.")
        cut = len(whole) - n
        super().__init__(whole[:cut], whole[cut:], validate_args)
        self._extra = n - len(base.event_shape)

    @property
    def has_rsample(self) -> bool:  # type: ignore[override]
        return self.base_dist.has_rsample

    def expand(self, batch_shape: Any, _instance: Any = None) -> TransformedDistribution:
        new = super().expand(batch_shape)
        new.base_dist = self.base_dist.expand((*batch_shape, *self.event_shape[: self._extra]))
        return new

    def sample(self, sample_shape: Any = ()) -> Tensor:
        with tane.no_grad():
            x = self.base_dist.sample(sample_shape)
            for t in self.transforms:
                x = t(x)
            return x

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        x = self.base_dist.rsample(sample_shape)
        for t in self.transforms:
            x = t(x)
        return x

    def log_prob(self, value: Tensor) -> Tensor:
        n, total, y = len(self.event_shape), None, value
        for t in reversed(self.transforms):
            x = t.inv(y)
            change = last_dims(t.log_abs_det_jacobian(x, y), n - t.event_dim)
            total = -change if total is None else total - change
            y = x
        found = last_dims(self.base_dist.log_prob(y), self._extra)
        return found if total is None else total + found

    def _rising(self) -> bool:
        for t in self.transforms:
            scale = getattr(t, "scale", 1)
            if not bool((scale > 0).all() if isinstance(scale, Tensor) else scale > 0):
                return False
        return True

    def cdf(self, value: Tensor) -> Tensor:
        for t in reversed(self.transforms):
            value = t.inv(value)
        found = self.base_dist.cdf(value)
        return found if self._rising() else 1 - found

    def icdf(self, value: Tensor) -> Tensor:
        x = self.base_dist.icdf(value if self._rising() else 1 - value)
        for t in self.transforms:
            x = t(x)
        return x

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class LogNormal(TransformedDistribution):
    """The exponential of a normal of mean ``loc`` and deviation ``scale``."""

    base_dist: Normal

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        super().__init__(Normal(loc, scale, validate_args), ExpTransform(), validate_args)

    @property
    def loc(self) -> Tensor:
        """The mean of the logarithm."""
        return self.base_dist.loc

    @property
    def scale(self) -> Tensor:
        """The deviation of the logarithm."""
        return self.base_dist.scale

    @property
    def mean(self) -> Tensor:
        return (self.loc + self.scale.pow(2) / 2).exp()

    @property
    def mode(self) -> Tensor:
        return (self.loc - self.scale.square()).exp()

    @property
    def variance(self) -> Tensor:
        square = self.scale.pow(2)
        return square.expm1() * (2 * self.loc + square).exp()

    def entropy(self) -> Tensor:
        return self.base_dist.entropy() + self.loc
