"""Kullback-Leibler divergences between distributions of one family."""

from __future__ import annotations

from tane.distributions.bernoulli import Bernoulli
from tane.distributions.categorical import Categorical
from tane.distributions.distribution import Distribution
from tane.distributions.normal import Normal
from tane.tensor import Tensor

__all__ = ["kl_divergence"]


def _normal(p: Normal, q: Normal) -> Tensor:
    ratio = (p.scale / q.scale) ** 2
    return 0.5 * (ratio + ((p.loc - q.loc) / q.scale) ** 2 - 1 - ratio.log())


def _categorical(p: Categorical, q: Categorical) -> Tensor:
    return (p.probs * (p.logits - q.logits)).sum(-1)


def _bernoulli(p: Bernoulli, q: Bernoulli) -> Tensor:
    """Each outcome's log-ratio, weighted by its probability."""
    one = p.probs * (q.logits.neg().exp().log1p() - p.logits.neg().exp().log1p())
    zero = (1 - p.probs) * (q.logits.exp().log1p() - p.logits.exp().log1p())
    return one + zero


FORMULAS = {Normal: _normal, Categorical: _categorical, Bernoulli: _bernoulli}


def kl_divergence(p: Distribution, q: Distribution) -> Tensor:
    """KL(p || q) in nats; ``NotImplementedError`` where there is no formula for the pair."""
    formula = FORMULAS.get(type(p))
    if formula is None or type(p) is not type(q):
        raise NotImplementedError(f"No KL(p || q) is implemented for p type {type(p).__name__} and q type {type(q).__name__}")
    return formula(p, q)  # type: ignore[operator]
