"""Continuous relaxations of choices (Gumbel-softmax), whose samples have gradients."""

from __future__ import annotations

import math
from typing import Any

import tane
from tane.distributions.bernoulli import Bernoulli
from tane.distributions.categorical import Categorical
from tane.distributions.distribution import Distribution, softplus
from tane.tensor import Tensor

__all__ = ["RelaxedBernoulli", "RelaxedOneHotCategorical"]


def _unit(u: Tensor) -> Tensor:
    """As far from 0 and 1 as the type can tell."""
    eps = tane.finfo(u.dtype).eps
    return u.clamp(min=eps, max=1 - eps)


class Relaxed(Distribution):
    """What has a ``temperature`` and the odds of a discrete distribution, ``of``."""

    has_rsample = True
    of: Any

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        new = super().expand(batch_shape)
        new.of = self.of.expand(batch_shape)
        return new

    @property
    def probs(self) -> Tensor:
        """The probabilities of the discrete distribution."""
        found: Tensor = self.of.probs
        return found

    @property
    def logits(self) -> Tensor:
        """Their log-odds, or logarithms."""
        found: Tensor = self.of.logits
        return found

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class RelaxedBernoulli(Relaxed):
    """Numbers between 0 and 1, near one of them at a low ``temperature``."""

    def __init__(self, temperature: Any, probs: Any = None, logits: Any = None, validate_args: bool | None = None) -> None:
        self.of, self.temperature = Bernoulli(probs, logits, validate_args), temperature
        super().__init__(self.of.batch_shape, (), validate_args)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        probs = _unit(self.probs.expand(self.shape(sample_shape)))
        u = _unit(tane.rand(probs.shape, dtype=probs.dtype, device=probs.device))
        found: Tensor = ((u.log() - (-u).log1p() + probs.log() - (-probs).log1p()) / self.temperature).sigmoid()
        return found

    def log_prob(self, value: Tensor) -> Tensor:
        self.require_value((value >= 0) & (value <= 1), value, "Interval(lower_bound=0.0, upper_bound=1.0)")
        y = _unit(value)
        x = y.log() - (-y).log1p()
        t = self.temperature
        d = self.logits - x * t
        log_t = t.log() if isinstance(t, Tensor) else math.log(t)
        return log_t + d - 2 * softplus(d) + softplus(-x) + softplus(x)


class RelaxedOneHotCategorical(Relaxed):
    """Vectors of positive numbers that sum to 1, near a corner at a low ``temperature``."""

    def __init__(self, temperature: Any, probs: Any = None, logits: Any = None, validate_args: bool | None = None) -> None:
        self.of, self.temperature = Categorical(probs, logits, validate_args), temperature
        super().__init__(self.of.batch_shape, self.of.param_shape[-1:], validate_args)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        u = _unit(tane.rand(self.shape(sample_shape), dtype=self.logits.dtype, device=self.logits.device))
        scores = (self.logits - (-u.log()).log()) / self.temperature
        return (scores - scores.logsumexp(-1, keepdim=True)).exp()

    def log_prob(self, value: Tensor) -> Tensor:
        self.require_value((value >= 0).all(-1) & ((value.sum(-1) - 1).abs() < 1e-6), value, "Simplex()")
        k, t, x = self.event_shape[0], self.temperature, value.log()
        log_t = t.log() if isinstance(t, Tensor) else math.log(t)
        score = self.logits - x * t
        score = (score - score.logsumexp(-1, keepdim=True)).sum(-1)
        return score + math.lgamma(k) + (k - 1) * log_t - x.sum(-1)
