"""Probability distributions: samples, log-probabilities and entropies of tensors of parameters, with PyTorch's names."""

from tane.distributions import transforms as transforms
from tane.distributions.bernoulli import Bernoulli as Bernoulli
from tane.distributions.categorical import Categorical as Categorical
from tane.distributions.composed import Independent as Independent
from tane.distributions.composed import MixtureSameFamily as MixtureSameFamily
from tane.distributions.counts import (
    Binomial as Binomial,
)
from tane.distributions.counts import (
    Geometric as Geometric,
)
from tane.distributions.counts import (
    NegativeBinomial as NegativeBinomial,
)
from tane.distributions.counts import (
    OneHotCategorical as OneHotCategorical,
)
from tane.distributions.counts import (
    OneHotCategoricalStraightThrough as OneHotCategoricalStraightThrough,
)
from tane.distributions.distribution import Distribution as Distribution
from tane.distributions.divergence import kl_divergence as kl_divergence
from tane.distributions.divergence import register_kl as register_kl
from tane.distributions.multivariate import MultivariateNormal as MultivariateNormal
from tane.distributions.normal import Normal as Normal
from tane.distributions.positive import (
    Chi2 as Chi2,
)
from tane.distributions.positive import (
    Exponential as Exponential,
)
from tane.distributions.positive import (
    Gamma as Gamma,
)
from tane.distributions.positive import (
    HalfNormal as HalfNormal,
)
from tane.distributions.positive import (
    Poisson as Poisson,
)
from tane.distributions.positive import (
    Weibull as Weibull,
)
from tane.distributions.real import Cauchy as Cauchy
from tane.distributions.real import Gumbel as Gumbel
from tane.distributions.real import Laplace as Laplace
from tane.distributions.real import StudentT as StudentT
from tane.distributions.relaxed import RelaxedBernoulli as RelaxedBernoulli
from tane.distributions.relaxed import RelaxedOneHotCategorical as RelaxedOneHotCategorical
from tane.distributions.simplex import Beta as Beta
from tane.distributions.simplex import Dirichlet as Dirichlet
from tane.distributions.transformed import LogNormal as LogNormal
from tane.distributions.transformed import TransformedDistribution as TransformedDistribution
from tane.distributions.transforms import *
from tane.distributions.uniform import Uniform as Uniform
