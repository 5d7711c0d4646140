"""Distributions of counts of trials: binomial, geometric, negative binomial; and of one choice among several as a vector."""

from __future__ import annotations

from typing import Any

import tane
from tane.distributions.bernoulli import log_odds
from tane.distributions.categorical import Categorical
from tane.distributions.distribution import Distribution, lazy, parameters, softplus
from tane.distributions.positive import Gamma
from tane.tensor import Tensor

__all__ = ["Binomial", "Geometric", "NegativeBinomial", "OneHotCategorical", "OneHotCategoricalStraightThrough"]

UNIT = "Interval(lower_bound=0.0, upper_bound=1.0)"
WHOLE = "IntegerGreaterThan(lower_bound=0)"


class Odds(Distribution):
    """What is given by a probability ``probs`` or by the logarithm ``logits`` of its odds."""

    def set_odds(self, probs: Any, logits: Any, *others: Any) -> tuple[Tensor, ...]:
        """Take whichever was given; the other parameters, broadcast against it."""
        if (probs is None) == (logits is None):
            raise ValueError("Either `probs` or `logits` must be specified, but not both.")
        given, *rest = parameters(probs if logits is None else logits, *others)
        super().__init__(given.shape, (), None)
        self.__dict__["probs" if logits is None else "logits"] = given
        return tuple(rest)

    def check_odds(self, good: Any, wanted: str) -> None:
        """Raise unless the probabilities, if they were given, are ``good``."""
        probs = self.__dict__.get("probs")
        if probs is not None:
            self.require(good(probs), "probs", probs, wanted)

    @lazy
    def logits(self) -> Tensor:
        """The logarithm of the odds."""
        return log_odds(self.probs)

    @lazy
    def probs(self) -> Tensor:
        """The probability of success."""
        return self.logits.sigmoid()


class Geometric(Odds):
    """The number of failures before the first success."""

    PARAMETERS = ("probs", "logits")

    def __init__(self, probs: Any = None, logits: Any = None, validate_args: bool | None = None) -> None:
        self.set_odds(probs, logits)
        self.validate_args = self.validate_args if validate_args is None else validate_args
        self.check_odds(lambda p: (p > 0) & (p <= 1), UNIT)

    @property
    def mean(self) -> Tensor:
        return 1.0 / self.probs - 1.0

    @property
    def mode(self) -> Tensor:
        return tane.zeros_like(self.probs)

    @property
    def variance(self) -> Tensor:
        return (1.0 / self.probs - 1.0) / self.probs

    def sample(self, sample_shape: Any = ()) -> Tensor:
        with tane.no_grad():
            like = self.probs
            u = tane.empty(self.shape(sample_shape), dtype=like.dtype, device=like.device).uniform_(tane.finfo(like.dtype).tiny, 1)
            return (u.log() / (-like).log1p()).floor()

    def log_prob(self, value: Tensor) -> Tensor:
        self.require_value((value >= 0) & (value % 1 == 0), value, WHOLE)
        return tane.xlogy(value, 1 - self.probs) + self.probs.log()

    def entropy(self) -> Tensor:
        return (softplus(self.logits) - self.logits * self.probs) / self.probs


class Binomial(Odds):
    """The number of successes among ``total_count`` trials."""

    PARAMETERS = ("total_count", "probs", "logits")
    has_enumerate_support = True

    def __init__(self, total_count: Any = 1, probs: Any = None, logits: Any = None, validate_args: bool | None = None) -> None:
        (self.total_count,) = self.set_odds(probs, logits, total_count)
        self.validate_args = self.validate_args if validate_args is None else validate_args
        self.require((self.total_count >= 0) & (self.total_count % 1 == 0), "total_count", self.total_count, WHOLE)
        self.check_odds(lambda p: (p >= 0) & (p <= 1), UNIT)

    @property
    def mean(self) -> Tensor:
        return self.total_count * self.probs

    @property
    def mode(self) -> Tensor:
        return ((self.total_count + 1) * self.probs).floor().clamp(max=self.total_count)

    @property
    def variance(self) -> Tensor:
        return self.total_count * self.probs * (1 - self.probs)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        shape = self.shape(sample_shape)
        return tane.binomial(self.total_count.expand(shape), self.probs.expand(shape))

    def log_prob(self, value: Tensor) -> Tensor:
        n = self.total_count
        self.require_value((value >= 0) & (value % 1 == 0) & (value <= n), value, "IntegerInterval")
        ways = (n + 1).lgamma() - (value + 1).lgamma() - (n - value + 1).lgamma()
        return ways + value * self.logits - n * softplus(self.logits)

    def entropy(self) -> Tensor:
        log_prob = self.log_prob(self.enumerate_support(False))
        return -(log_prob.exp() * log_prob).sum(0)

    def enumerate_support(self, expand: bool = True) -> Tensor:
        most = int(self.total_count.max())
        if not int(self.total_count.min()) == most:
            raise NotImplementedError("Inhomogeneous total count not supported by `enumerate_support`.")
        values = tane.arange(1 + most, dtype=self.probs.dtype, device=self.probs.device).view((-1,) + (1,) * len(self.batch_shape))
        return values.expand((-1, *self.batch_shape)) if expand else values


class NegativeBinomial(Odds):
    """The number of successes before ``total_count`` failures."""

    PARAMETERS = ("total_count", "probs", "logits")

    def __init__(self, total_count: Any, probs: Any = None, logits: Any = None, validate_args: bool | None = None) -> None:
        (self.total_count,) = self.set_odds(probs, logits, total_count)
        self.validate_args = self.validate_args if validate_args is None else validate_args
        self.require(self.total_count >= 0, "total_count", self.total_count, "GreaterThanEq(lower_bound=0)")
        self.check_odds(lambda p: (p >= 0) & (p < 1), "HalfOpenInterval(lower_bound=0.0, upper_bound=1.0)")

    @property
    def mean(self) -> Tensor:
        return self.total_count * self.logits.exp()

    @property
    def mode(self) -> Tensor:
        return ((self.total_count - 1) * self.logits.exp()).floor().clamp(min=0.0)

    @property
    def variance(self) -> Tensor:
        return self.mean / (-self.logits).sigmoid()

    def sample(self, sample_shape: Any = ()) -> Tensor:
        with tane.no_grad():
            return tane.poisson(Gamma(self.total_count, (-self.logits).exp(), validate_args=False).sample(sample_shape))

    def log_prob(self, value: Tensor) -> Tensor:
        self.require_value((value >= 0) & (value % 1 == 0), value, WHOLE)
        n = self.total_count
        found = -n * softplus(self.logits) - value * softplus(-self.logits)
        ways = (n + value).lgamma() - (value + 1).lgamma() - n.lgamma()
        return found + tane.where(n + value == 0, 0.0, ways)


class OneHotCategorical(Distribution):
    """One of K choices, as a vector with a 1 at its place."""

    has_enumerate_support = True

    def __init__(self, probs: Any = None, logits: Any = None, validate_args: bool | None = None) -> None:
        self._categorical = Categorical(probs, logits, validate_args)
        super().__init__(self._categorical.batch_shape, self._categorical.param_shape[-1:], validate_args)

    def expand(self, batch_shape: Any, _instance: Any = None) -> OneHotCategorical:
        new = super().expand(batch_shape)
        new._categorical = self._categorical.expand(batch_shape)
        return new

    @property
    def probs(self) -> Tensor:
        """The probabilities of the choices."""
        found: Tensor = self._categorical.probs
        return found

    @property
    def logits(self) -> Tensor:
        """Their logarithms."""
        found: Tensor = self._categorical.logits
        return found

    @property
    def mean(self) -> Tensor:
        return self.probs

    @property
    def mode(self) -> Tensor:
        return self._vectors(self.probs.argmax(-1))

    @property
    def variance(self) -> Tensor:
        return self.probs * (1 - self.probs)

    def _vectors(self, chosen: Tensor) -> Tensor:
        vectors = tane.zeros(*chosen.shape, self._event_shape[0], dtype=self.probs.dtype, device=self.probs.device)
        return vectors.scatter_(-1, chosen.unsqueeze(-1), 1.0)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        with tane.no_grad():
            return self._vectors(self._categorical.sample(sample_shape))

    def log_prob(self, value: Tensor) -> Tensor:
        good = ((value == 0) | (value == 1)).all(-1) & (value.sum(-1) == 1)
        self.require_value(good, value, "OneHot()")
        return self._categorical.log_prob(value.argmax(-1))

    def entropy(self) -> Tensor:
        return self._categorical.entropy()

    def enumerate_support(self, expand: bool = True) -> Tensor:
        n = self._event_shape[0]
        values = tane.eye(n, dtype=self.probs.dtype, device=self.probs.device).view(n, *(1,) * len(self.batch_shape), n)
        return values.expand(n, *self.batch_shape, n) if expand else values

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class OneHotCategoricalStraightThrough(OneHotCategorical):
    """The same, whose samples have the gradient of the probabilities."""

    has_rsample = True

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        samples = self.sample(sample_shape)
        return samples + (self.probs - self.probs.detach())
