"""Distributions on the positive numbers, from the exponential to the gamma family, and the Poisson distribution of counts."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import tane
from tane.distributions.distribution import Distribution, parameters
from tane.distributions.gamma_samples import standard_gamma
from tane.tensor import Tensor

__all__ = ["Chi2", "Exponential", "Gamma", "HalfNormal", "Poisson", "Weibull"]

POSITIVE = "GreaterThan(lower_bound=0.0)"


class Exponential(Distribution):
    """Waiting times at ``rate``."""

    PARAMETERS = ("rate",)
    has_rsample = True

    def __init__(self, rate: Any, validate_args: bool | None = None) -> None:
        (self.rate,) = parameters(rate)
        super().__init__(self.rate.shape, (), validate_args)
        self.require(self.rate > 0, "rate", self.rate, POSITIVE)

    @property
    def mean(self) -> Tensor:
        return self.rate.reciprocal()

    @property
    def mode(self) -> Tensor:
        return tane.zeros_like(self.rate)

    @property
    def variance(self) -> Tensor:
        return self.rate.pow(-2)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        return tane.empty(self.shape(sample_shape), **self.like()).exponential_() / self.rate

    def log_prob(self, value: Tensor) -> Tensor:
        self.require_value(value >= 0, value, "GreaterThanEq(lower_bound=0.0)")
        return self.rate.log() - self.rate * value

    def cdf(self, value: Tensor) -> Tensor:
        return 1 - (-self.rate * value).exp()

    def icdf(self, value: Tensor) -> Tensor:
        return -(-value).log1p() / self.rate

    def entropy(self) -> Tensor:
        return 1.0 - self.rate.log()


class Gamma(Distribution):
    """Gamma of shape ``concentration`` and ``rate``, both > 0."""

    PARAMETERS: ClassVar[tuple[str, ...]] = ("concentration", "rate")
    has_rsample = True

    def __init__(self, concentration: Any, rate: Any, validate_args: bool | None = None) -> None:
        self.concentration, self.rate = parameters(concentration, rate)
        super().__init__(self.concentration.shape, (), validate_args)
        self.require(self.concentration > 0, "concentration", self.concentration, POSITIVE)
        self.require(self.rate > 0, "rate", self.rate, POSITIVE)

    @property
    def mean(self) -> Tensor:
        return self.concentration / self.rate

    @property
    def mode(self) -> Tensor:
        return ((self.concentration - 1) / self.rate).clamp(min=0)

    @property
    def variance(self) -> Tensor:
        return self.concentration / self.rate.pow(2)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        shape = self.shape(sample_shape)
        drawn = standard_gamma(self.concentration.expand(shape)) / self.rate.expand(shape)
        drawn.detach().clamp_(min=tane.finfo(drawn.dtype).tiny)
        return drawn

    def log_prob(self, value: Tensor) -> Tensor:
        self.require_value(value >= 0, value, "GreaterThanEq(lower_bound=0.0)")
        a = self.concentration
        return tane.xlogy(a, self.rate) + tane.xlogy(a - 1, value) - self.rate * value - a.lgamma()

    def entropy(self) -> Tensor:
        a = self.concentration
        return a - self.rate.log() + a.lgamma() + (1.0 - a) * a.digamma()


class Chi2(Gamma):
    """The sum of ``df`` squared standard normals."""

    PARAMETERS = ("concentration", "rate")

    def __init__(self, df: Any, validate_args: bool | None = None) -> None:
        (df,) = parameters(df)
        super().__init__(0.5 * df, 0.5, validate_args)

    @property
    def df(self) -> Tensor:
        """The degrees of freedom."""
        return self.concentration * 2

    def __repr__(self) -> str:
        return "Chi2()"


class HalfNormal(Distribution):
    """The absolute value of a normal of mean 0 and deviation ``scale``."""

    has_rsample = True
    PARAMETERS = ("_scale",)

    def __init__(self, scale: Any, validate_args: bool | None = None) -> None:
        (self._scale,) = parameters(scale)
        super().__init__(self._scale.shape, (), validate_args)
        self.require(self._scale > 0, "scale", self._scale, POSITIVE)

    @property
    def scale(self) -> Tensor:
        """The deviation of the normal."""
        return self._scale

    @property
    def mean(self) -> Tensor:
        return self.scale * math.sqrt(2 / math.pi)

    @property
    def mode(self) -> Tensor:
        return tane.zeros_like(self.scale)

    @property
    def variance(self) -> Tensor:
        return self.scale.pow(2) * (1 - 2 / math.pi)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        return (tane.randn(self.shape(sample_shape), **self.like()) * self.scale).abs()

    def log_prob(self, value: Tensor) -> Tensor:
        self.require_value(value >= 0, value, "GreaterThanEq(lower_bound=0.0)")
        normal = -(value**2) / (2 * self.scale**2) - self.scale.log() - 0.5 * math.log(2 * math.pi) + math.log(2)
        return tane.where(value >= 0, normal, -math.inf)

    def cdf(self, value: Tensor) -> Tensor:
        return tane.erf(value / (self.scale * math.sqrt(2)))

    def icdf(self, value: Tensor) -> Tensor:
        return self.scale * tane.erfinv(value) * math.sqrt(2)

    def entropy(self) -> Tensor:
        return 0.5 + 0.5 * math.log(2 * math.pi) + self.scale.log() - math.log(2)

    def __repr__(self) -> str:
        return "HalfNormal()"


class Weibull(Distribution):
    """Weibull of ``scale`` and shape ``concentration``."""

    PARAMETERS = ("scale", "concentration")
    has_rsample = True

    def __init__(self, scale: Any, concentration: Any, validate_args: bool | None = None) -> None:
        self.scale, self.concentration = parameters(scale, concentration)
        super().__init__(self.scale.shape, (), validate_args)
        self.require(self.scale > 0, "scale", self.scale, POSITIVE)
        self.require(self.concentration > 0, "concentration", self.concentration, POSITIVE)

    def _moment(self, n: int) -> Tensor:
        return (1 + n / self.concentration).lgamma().exp()

    @property
    def mean(self) -> Tensor:
        return self.scale * self._moment(1)

    @property
    def mode(self) -> Tensor:
        k = self.concentration
        return self.scale * ((k - 1) / k) ** k.reciprocal()

    @property
    def variance(self) -> Tensor:
        return self.scale.pow(2) * (self._moment(2) - self._moment(1) ** 2)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        e = tane.empty(self.shape(sample_shape), **self.like()).exponential_()
        return self.scale * e.pow(self.concentration.reciprocal())

    def log_prob(self, value: Tensor) -> Tensor:
        self.require_value(value > 0, value, POSITIVE)
        k, x = self.concentration, value / self.scale
        return (k / self.scale).log() + (k - 1) * x.log() - x.pow(k)

    def cdf(self, value: Tensor) -> Tensor:
        return 1 - (-((value / self.scale) ** self.concentration)).exp()

    def icdf(self, value: Tensor) -> Tensor:
        return self.scale * (-(-value).log1p()) ** self.concentration.reciprocal()

    def entropy(self) -> Tensor:
        return 0.57721566490153286060 * (1 - self.concentration.reciprocal()) + (self.scale / self.concentration).log() + 1


class Poisson(Distribution):
    """Counts of events at ``rate`` >= 0."""

    PARAMETERS = ("rate",)

    def __init__(self, rate: Any, validate_args: bool | None = None) -> None:
        (self.rate,) = parameters(rate)
        super().__init__(self.rate.shape, (), validate_args)
        self.require(self.rate >= 0, "rate", self.rate, "GreaterThanEq(lower_bound=0.0)")

    @property
    def mean(self) -> Tensor:
        return self.rate

    @property
    def mode(self) -> Tensor:
        return self.rate.floor()

    @property
    def variance(self) -> Tensor:
        return self.rate

    def sample(self, sample_shape: Any = ()) -> Tensor:
        with tane.no_grad():
            return tane.poisson(self.rate.expand(self.shape(sample_shape)))

    def log_prob(self, value: Tensor) -> Tensor:
        self.require_value((value >= 0) & (value % 1 == 0), value, "IntegerGreaterThan(lower_bound=0)")
        return tane.xlogy(value, self.rate) - self.rate - (value + 1).lgamma()
