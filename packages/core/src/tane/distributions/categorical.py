"""The categorical distribution."""

from __future__ import annotations

import math
from typing import Any

import tane
from tane.distributions.distribution import Distribution, lazy
from tane.size import Size
from tane.tensor import Tensor

__all__ = ["Categorical"]


class Categorical(Distribution):
    """Whole numbers 0 to K - 1 with probabilities ``probs`` (..., K), which need not sum to 1, or with log-odds ``logits``.

    >>> import tane
    >>> Categorical(tane.tensor([0.25, 0.75])).log_prob(tane.tensor(1))
    tensor(-0.2877)
    """

    PARAMETERS = ("probs", "logits")
    has_enumerate_support = True

    def __init__(self, probs: Tensor | None = None, logits: Tensor | None = None, validate_args: bool | None = None) -> None:
        if (probs is None) == (logits is None):
            raise ValueError("Either `probs` or `logits` must be specified, but not both.")
        given: Any = probs if logits is None else logits
        if given.dim() < 1:
            raise ValueError(f"`{'probs' if logits is None else 'logits'}` parameter must be at least one-dimensional.")
        super().__init__(given.shape[:-1], (), validate_args)
        self._events = given.shape[-1]
        if logits is None:
            self.require((given >= 0) & (given.sum(-1, keepdim=True) > 0), "probs", given, "Simplex()")
            self.probs = given / given.sum(-1, keepdim=True)
        else:
            self.require(given == given, "logits", given, "IndependentConstraint(Real(), 1)")
            self.logits = given - given.logsumexp(dim=-1, keepdim=True)

    @lazy
    def logits(self) -> Tensor:
        """The logarithms of the probabilities, which are as far from 0 and 1 as their type can tell, so that these stay finite."""
        eps = tane.finfo(self.probs.dtype).eps
        return self.probs.clamp(min=eps, max=1 - eps).log()

    @lazy
    def probs(self) -> Tensor:
        """The probabilities, which sum to 1."""
        return self.logits.softmax(dim=-1)

    @property
    def mode(self) -> Tensor:
        """The most probable number."""
        return self.probs.argmax(dim=-1)

    def enumerate_support(self, expand: bool = True) -> Tensor:
        """All numbers, along a new first dimension."""
        values = tane.arange(self._events, device=self.probs.device).view((-1,) + (1,) * len(self.batch_shape))
        return values.expand((-1, *self.batch_shape)) if expand else values

    def sample(self, sample_shape: Any = ()) -> Tensor:
        with tane.no_grad():
            shape = tuple(sample_shape)
            count = tane.Size(shape).numel()
            drawn = tane.multinomial(self.probs.reshape(-1, self._events), count, True).T
            return drawn.reshape((*shape, *self.batch_shape))

    def log_prob(self, value: Tensor) -> Tensor:
        self.require_value((value >= 0) & (value < self._events), value, f"IntegerInterval(lower_bound=0, upper_bound={self._events - 1})")
        value, logits = tane.broadcast_tensors(value.long().unsqueeze(-1), self.logits)
        return logits.gather(-1, value[..., :1]).squeeze(-1)

    def entropy(self) -> Tensor:
        logits = self.logits.clamp(min=tane.finfo(self.logits.dtype).min)
        return -(logits * self.probs).sum(-1)

    @property
    def param_shape(self) -> Size:
        """The shape of ``probs``, and of ``logits``."""
        return Size((*self.batch_shape, self._events))

    @property
    def mean(self) -> Tensor:
        return self._undefined()

    @property
    def variance(self) -> Tensor:
        return self._undefined()

    def _undefined(self) -> Tensor:
        like = self.__dict__.get("probs", self.__dict__.get("logits"))
        return tane.full(self.batch_shape, math.nan, dtype=like.dtype, device=like.device)  # type: ignore[union-attr]
