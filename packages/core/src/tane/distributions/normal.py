"""The normal distribution."""

from __future__ import annotations

import math
from typing import Any

import tane
from tane.distributions.distribution import Distribution, parameters
from tane.tensor import Tensor

__all__ = ["Normal"]


class Normal(Distribution):
    """Normal with mean ``loc`` and standard deviation ``scale`` > 0.

    >>> import tane
    >>> Normal(0.0, 1.0).log_prob(tane.tensor(0.0))
    tensor(-0.9189)
    """

    PARAMETERS = ("loc", "scale")
    has_rsample = True

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        self.loc, self.scale = parameters(loc, scale)
        super().__init__(self.loc.shape, (), validate_args)
        self.require(self.scale > 0, "scale", self.scale, "GreaterThan(lower_bound=0.0)")

    @property
    def mean(self) -> Tensor:
        return self.loc

    @property
    def mode(self) -> Tensor:
        return self.loc

    @property
    def stddev(self) -> Tensor:
        return self.scale

    @property
    def variance(self) -> Tensor:
        return self.scale**2

    def sample(self, sample_shape: Any = ()) -> Tensor:
        with tane.no_grad():
            shape = self.shape(sample_shape)
            return tane.normal(self.loc.expand(shape), self.scale.expand(shape))

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        noise = tane.randn(self.shape(sample_shape), dtype=self.loc.dtype, device=self.loc.device)
        return self.loc + noise * self.scale

    def log_prob(self, value: Tensor) -> Tensor:
        self.require_value(value == value, value, "Real()")
        return -((value - self.loc) ** 2) / (2 * self.scale**2) - self.scale.log() - math.log(math.sqrt(2 * math.pi))

    def cdf(self, value: Tensor) -> Tensor:
        """The probability of a sample at or below ``value``."""
        return 0.5 * (1 + tane.erf((value - self.loc) / (self.scale * math.sqrt(2))))

    def icdf(self, value: Tensor) -> Tensor:
        """The value below which a sample falls with the given probability."""
        return self.loc + self.scale * tane.erfinv(2 * value - 1) * math.sqrt(2)

    def entropy(self) -> Tensor:
        return 0.5 + 0.5 * math.log(2 * math.pi) + self.scale.log()
