"""Distributions on all real numbers besides the normal: Laplace's, Cauchy's, Gumbel's, Student's, and the log-normal."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import tane
from tane.distributions.distribution import Distribution, parameters
from tane.distributions.positive import POSITIVE, Chi2
from tane.tensor import Tensor

__all__ = ["Cauchy", "Gumbel", "Laplace", "StudentT"]

EULER = 0.57721566490153286060


class LocationScale(Distribution):
    """What has a ``loc`` and a ``scale`` > 0."""

    PARAMETERS: ClassVar[tuple[str, ...]] = ("loc", "scale")
    has_rsample = True

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        self.loc, self.scale = parameters(loc, scale)
        super().__init__(self.loc.shape, (), validate_args)
        self.require(self.scale > 0, "scale", self.scale, POSITIVE)

    @property
    def mean(self) -> Tensor:
        return self.loc

    @property
    def mode(self) -> Tensor:
        return self.loc

    def standard(self, value: Tensor) -> Tensor:
        """``value`` in units of the scale, from the location."""
        self.require_value(value == value, value, "Real()")
        return (value - self.loc) / self.scale


class Laplace(LocationScale):
    """Double exponential."""

    @property
    def variance(self) -> Tensor:
        return 2 * self.scale.pow(2)

    @property
    def stddev(self) -> Tensor:
        return math.sqrt(2) * self.scale

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        u = tane.empty(self.shape(sample_shape), **self.like()).uniform_(tane.finfo(self.loc.dtype).eps - 1, 1)
        return self.loc - self.scale * u.sign() * (-u.abs()).log1p()

    def log_prob(self, value: Tensor) -> Tensor:
        return -(2 * self.scale).log() - self.standard(value).abs()

    def cdf(self, value: Tensor) -> Tensor:
        z = self.standard(value)
        return 0.5 - 0.5 * z.sign() * (-z.abs()).expm1()

    def icdf(self, value: Tensor) -> Tensor:
        term = value - 0.5
        return self.loc - self.scale * term.sign() * (-2 * term.abs()).log1p()

    def entropy(self) -> Tensor:
        return 1 + (2 * self.scale).log()


class Cauchy(LocationScale):
    """Without mean or variance."""

    @property
    def mean(self) -> Tensor:
        return tane.full_like(self.loc, math.nan)

    @property
    def variance(self) -> Tensor:
        return tane.full_like(self.loc, math.inf)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        return self.loc + tane.empty(self.shape(sample_shape), **self.like()).cauchy_() * self.scale

    def log_prob(self, value: Tensor) -> Tensor:
        return -math.log(math.pi) - self.scale.log() - (self.standard(value) ** 2).log1p()

    def cdf(self, value: Tensor) -> Tensor:
        return self.standard(value).atan() / math.pi + 0.5

    def icdf(self, value: Tensor) -> Tensor:
        return (math.pi * (value - 0.5)).tan() * self.scale + self.loc

    def entropy(self) -> Tensor:
        return math.log(4 * math.pi) + self.scale.log()


class Gumbel(LocationScale):
    """Of the largest of many."""

    @property
    def mean(self) -> Tensor:
        return self.loc + self.scale * EULER

    @property
    def stddev(self) -> Tensor:
        return math.pi / math.sqrt(6) * self.scale

    @property
    def variance(self) -> Tensor:
        return self.stddev.pow(2)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        info = tane.finfo(self.loc.dtype)
        u = info.tiny + tane.rand(self.shape(sample_shape), **self.like()) * (1 - info.eps - info.tiny)
        return self.loc - self.scale * (-u.log()).log()

    def log_prob(self, value: Tensor) -> Tensor:
        y = -self.standard(value)
        return y - y.exp() - self.scale.log()

    def cdf(self, value: Tensor) -> Tensor:
        return (-(-self.standard(value)).exp()).exp()

    def icdf(self, value: Tensor) -> Tensor:
        return self.loc - self.scale * (-value.log()).log()

    def entropy(self) -> Tensor:
        return self.scale.log() + (1 + EULER)


class StudentT(LocationScale):
    """Student's, with ``df`` degrees of freedom."""

    PARAMETERS = ("df", "loc", "scale")

    def __init__(self, df: Any, loc: Any = 0.0, scale: Any = 1.0, validate_args: bool | None = None) -> None:
        self.df, self.loc, self.scale = parameters(df, loc, scale)
        super().__init__(self.loc, self.scale, validate_args)
        self.require(self.df > 0, "df", self.df, POSITIVE)
        self._chi2 = Chi2(self.df)

    def expand(self, batch_shape: Any, _instance: Any = None) -> StudentT:
        new = super().expand(batch_shape)
        new._chi2 = self._chi2.expand(batch_shape)
        return new

    @property
    def mean(self) -> Tensor:
        return tane.where(self.df > 1, self.loc, math.nan)

    @property
    def variance(self) -> Tensor:
        found = self.scale.pow(2) * self.df / (self.df - 2)
        return tane.where(self.df > 2, found, tane.where(self.df > 1, math.inf, math.nan).to(found.dtype))

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        x = tane.randn(self.shape(sample_shape), **self.like())
        return self.loc + self.scale * x * (self._chi2.rsample(sample_shape) / self.df).rsqrt()

    def log_prob(self, value: Tensor) -> Tensor:
        y, df = self.standard(value), self.df
        norm = self.scale.log() + 0.5 * df.log() + 0.5 * math.log(math.pi) + (0.5 * df).lgamma() - (0.5 * (df + 1)).lgamma()
        return -0.5 * (df + 1) * (y**2 / df).log1p() - norm

    def entropy(self) -> Tensor:
        df = self.df
        beta = (0.5 * df).lgamma() + math.lgamma(0.5) - (0.5 * (df + 1)).lgamma()
        return self.scale.log() + 0.5 * (df + 1) * ((0.5 * (df + 1)).digamma() - (0.5 * df).digamma()) + 0.5 * df.log() + beta
