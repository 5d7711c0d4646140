"""Probability distributions: samples, log-probabilities and entropies of tensors of parameters, with PyTorch's names."""

from tane.distributions.bernoulli import Bernoulli as Bernoulli
from tane.distributions.categorical import Categorical as Categorical
from tane.distributions.distribution import Distribution as Distribution
from tane.distributions.divergence import kl_divergence as kl_divergence
from tane.distributions.normal import Normal as Normal
from tane.distributions.uniform import Uniform as Uniform

__all__ = ["Bernoulli", "Categorical", "Distribution", "Normal", "Uniform", "kl_divergence"]
