"""The Bernoulli distribution."""

from __future__ import annotations

from typing import Any

import tane
from tane.distributions.distribution import Distribution, parameters
from tane.tensor import Tensor

__all__ = ["Bernoulli"]


class Bernoulli(Distribution):
    """1 with probability ``probs`` (or log-odds ``logits``), else 0."""

    def __init__(self, probs: Any = None, logits: Any = None, validate_args: bool | None = None) -> None:
        if (probs is None) == (logits is None):
            raise ValueError("Either `probs` or `logits` must be specified, but not both.")
        (given,) = parameters(probs if logits is None else logits)
        super().__init__(given.shape, (), validate_args)
        if logits is None:
            self.require((given >= 0) & (given <= 1), "probs", given, "Interval(lower_bound=0.0, upper_bound=1.0)")
            self.probs = given
            eps = tane.finfo(given.dtype).eps
            clamped = given.clamp(min=eps, max=1 - eps)
            self.logits = clamped.log() - (-clamped).log1p()
        else:
            self.require(given == given, "logits", given, "Real()")
            self.logits, self.probs = given, given.sigmoid()

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
        # -log(1 + exp(-|l|)) without overflow; see https://pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html
        logits = self.logits
        return -(logits.clamp(min=0) - logits * value + (-logits.abs()).exp().log1p())

    def entropy(self) -> Tensor:
        logits = self.logits
        return logits.clamp(min=0) - logits * self.probs + (-logits.abs()).exp().log1p()
