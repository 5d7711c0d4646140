"""Distributions of probabilities: Dirichlet's and the beta distribution."""

from __future__ import annotations

from typing import Any, ClassVar

import tane
from tane.distributions.distribution import Distribution, parameters
from tane.distributions.gamma_samples import dirichlet
from tane.distributions.positive import POSITIVE
from tane.tensor import Tensor

__all__ = ["Beta", "Dirichlet"]


class Dirichlet(Distribution):
    """Vectors of probabilities, with ``concentration`` (..., K) > 0."""

    PARAMETERS: ClassVar[tuple[str, ...]] = ("concentration",)
    has_rsample = True

    def __init__(self, concentration: Tensor, validate_args: bool | None = None) -> None:
        if concentration.dim() < 1:
            raise ValueError("`concentration` parameter must be at least one-dimensional.")
        self.concentration = concentration
        super().__init__(concentration.shape[:-1], concentration.shape[-1:], validate_args)
        self.require(concentration > 0, "concentration", concentration, f"IndependentConstraint({POSITIVE}, 1)")

    @property
    def mean(self) -> Tensor:
        return self.concentration / self.concentration.sum(-1, True)

    @property
    def variance(self) -> Tensor:
        total = self.concentration.sum(-1, True)
        return self.concentration * (total - self.concentration) / (total.pow(2) * (total + 1))

    @property
    def mode(self) -> Tensor:
        less = (self.concentration - 1).clamp(min=0.0)
        found = less / less.sum(-1, True)
        flat = (self.concentration < 1).all(-1, keepdim=True)
        corner = tane.zeros_like(found).scatter_(-1, found.argmax(-1, keepdim=True), 1.0)
        return tane.where(flat, corner, found)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        return dirichlet(self.concentration.expand(self.shape(sample_shape)))

    def log_prob(self, value: Tensor) -> Tensor:
        self.require_value((value >= 0).all(-1) & ((value.sum(-1) - 1).abs() < 1e-6), value, "Simplex()")
        a = self.concentration
        return tane.xlogy(a - 1.0, value).sum(-1) + a.sum(-1).lgamma() - a.lgamma().sum(-1)

    def entropy(self) -> Tensor:
        a, k = self.concentration, self.concentration.size(-1)
        total = a.sum(-1)
        return a.lgamma().sum(-1) - total.lgamma() - (k - total) * total.digamma() - ((a - 1.0) * a.digamma()).sum(-1)


class Beta(Distribution):
    """Probabilities, of which ``concentration1`` and ``concentration0`` pull up and down."""

    PARAMETERS = ("_pair",)
    has_rsample = True

    def __init__(self, concentration1: Any, concentration0: Any, validate_args: bool | None = None) -> None:
        one, zero = parameters(concentration1, concentration0)
        self._pair = tane.stack([one, zero], -1)
        super().__init__(one.shape, (), validate_args)
        self.require(one > 0, "concentration1", one, POSITIVE)
        self.require(zero > 0, "concentration0", zero, POSITIVE)

    @property
    def concentration1(self) -> Tensor:
        """alpha"""
        return self._pair[..., 0]

    @property
    def concentration0(self) -> Tensor:
        """beta"""
        return self._pair[..., 1]

    @property
    def mean(self) -> Tensor:
        return self.concentration1 / (self.concentration1 + self.concentration0)

    @property
    def mode(self) -> Tensor:
        return Dirichlet(self._pair).mode[..., 0]

    @property
    def variance(self) -> Tensor:
        total = self.concentration1 + self.concentration0
        return self.concentration1 * self.concentration0 / (total.pow(2) * (total + 1))

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        return dirichlet(self._pair.expand((*self.shape(sample_shape), 2)))[..., 0]

    def log_prob(self, value: Tensor) -> Tensor:
        self.require_value((value >= 0) & (value <= 1), value, "Interval(lower_bound=0.0, upper_bound=1.0)")
        return Dirichlet(self._pair, validate_args=False).log_prob(tane.stack([value, 1.0 - value], -1))

    def entropy(self) -> Tensor:
        return Dirichlet(self._pair, validate_args=False).entropy()

    def __repr__(self) -> str:
        return "Beta()"
