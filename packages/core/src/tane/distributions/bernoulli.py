"""The Bernoulli distribution."""

from __future__ import annotations

import math
from typing import Any

import tane
from tane.distributions.distribution import Distribution, lazy, parameters, softplus
from tane.tensor import Tensor

__all__ = ["Bernoulli", "log_odds"]


def log_odds(probs: Tensor) -> Tensor:
    """log(p / (1 - p)) of probabilities as far from 0 and 1 as their type can tell."""
    eps = tane.finfo(probs.dtype).eps
    clamped = probs.clamp(min=eps, max=1 - eps)
    return clamped.log() - (-clamped).log1p()


class Bernoulli(Distribution):
    """1 with probability ``probs`` (or log-odds ``logits``), else 0."""

    PARAMETERS = ("probs", "logits")
    has_enumerate_support = True

    def __init__(self, probs: Any = None, logits: Any = None, validate_args: bool | None = None) -> None:
        if (probs is None) == (logits is None):
            raise ValueError("Either `probs` or `logits` must be specified, but not both.")
        (given,) = parameters(probs if logits is None else logits)
        super().__init__(given.shape, (), validate_args)
        if logits is None:
            self.require((given >= 0) & (given <= 1), "probs", given, "Interval(lower_bound=0.0, upper_bound=1.0)")
            self.probs = given
        else:
            self.require(given == given, "logits", given, "Real()")
            self.logits = given

    @lazy
    def logits(self) -> Tensor:
        """The logarithm of the odds."""
        return log_odds(self.probs)

    @lazy
    def probs(self) -> Tensor:
        """The probability of 1."""
        return self.logits.sigmoid()

    @property
    def mean(self) -> Tensor:
        return self.probs

    @property
    def variance(self) -> Tensor:
        return self.probs * (1 - self.probs)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        with tane.no_grad():
            return tane.bernoulli(self.probs.expand(self.shape(sample_shape)))

    def log_prob(self, value: Tensor) -> Tensor:
        self.require_value((value == 0) | (value == 1), value, "Boolean()")
        return self.logits * value - softplus(self.logits)

    def entropy(self) -> Tensor:
        return softplus(self.logits) - self.logits * self.probs

    @property
    def mode(self) -> Tensor:
        return tane.where(self.probs == 0.5, math.nan, (self.probs >= 0.5).to(self.probs.dtype))

    def enumerate_support(self, expand: bool = True) -> Tensor:
        values = tane.arange(2, **self._drawn()).view((-1,) + (1,) * len(self.batch_shape))
        return values.expand((-1, *self.batch_shape)) if expand else values

    def _drawn(self) -> dict[str, Any]:
        return {"dtype": self.probs.dtype, "device": self.probs.device}
