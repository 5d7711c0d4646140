"""The normal distribution of vectors."""

from __future__ import annotations

import math
from typing import Any

import tane
from tane.distributions.distribution import Distribution, lazy
from tane.tensor import Tensor

__all__ = ["MultivariateNormal", "mahalanobis"]


def mahalanobis(tril: Tensor, x: Tensor) -> Tensor:
    """The squared length of vectors in the metric whose covariance has the Cholesky factor ``tril``."""
    return tane.linalg.solve_triangular(tril, x.unsqueeze(-1), upper=False).pow(2).sum((-2, -1))


class MultivariateNormal(Distribution):
    """Normal vectors of mean ``loc`` and of one of: covariance, its inverse, or its Cholesky factor.

    >>> import tane
    >>> MultivariateNormal(tane.zeros(2), tane.eye(2)).log_prob(tane.zeros(2))
    tensor(-1.8379)
    """

    PARAMETERS = ("loc", "covariance_matrix", "precision_matrix", "scale_tril")
    has_rsample = True

    def __init__(
        self,
        loc: Tensor,
        covariance_matrix: Tensor | None = None,
        precision_matrix: Tensor | None = None,
        scale_tril: Tensor | None = None,
        validate_args: bool | None = None,
    ) -> None:
        if loc.dim() < 1:
            raise ValueError("loc must be at least one-dimensional.")
        given = {"covariance_matrix": covariance_matrix, "precision_matrix": precision_matrix, "scale_tril": scale_tril}
        matrices = [(name, m) for name, m in given.items() if m is not None]
        if len(matrices) != 1:
            raise ValueError("Exactly one of covariance_matrix or precision_matrix or scale_tril may be specified.")
        ((name, matrix),) = matrices
        if matrix.dim() < 2:
            raise ValueError(f"{name} must be at least two-dimensional, with optional leading batch dimensions")
        batch = tane.broadcast_shapes(matrix.shape[:-2], loc.shape[:-1])
        super().__init__(batch, loc.shape[-1:], validate_args)
        self.loc = loc.expand((*batch, -1))
        self.__dict__[name] = matrix = matrix.expand((*batch, -1, -1))
        if name == "scale_tril":
            positive = (matrix.tril() == matrix).all() & (matrix.diagonal(dim1=-2, dim2=-1) > 0).all()
            self.require(positive, name, matrix, "LowerCholesky()")
        else:
            symmetric = tane.isclose(matrix, matrix.mT, atol=1e-6).all()
            self.require(symmetric & (tane.linalg.cholesky_ex(matrix).info == 0).all(), name, matrix, "PositiveDefinite()")

    @lazy
    def scale_tril(self) -> Tensor:
        """The Cholesky factor of the covariance."""
        if "covariance_matrix" in self.__dict__:
            return tane.linalg.cholesky(self.covariance_matrix)
        # The factor of the inverse, from that of the matrix with rows and columns in reverse.
        flipped = tane.linalg.cholesky(self.precision_matrix.flip(-2, -1))
        upper = flipped.flip(-2, -1).mT
        one = tane.eye(self.loc.shape[-1], dtype=self.loc.dtype, device=self.loc.device)
        return tane.linalg.solve_triangular(upper, one.expand_as(upper), upper=False)

    @lazy
    def covariance_matrix(self) -> Tensor:
        """The covariance."""
        return self.scale_tril @ self.scale_tril.mT

    @lazy
    def precision_matrix(self) -> Tensor:
        """The inverse of the covariance."""
        return tane.cholesky_inverse(self.scale_tril)

    @property
    def mean(self) -> Tensor:
        return self.loc

    @property
    def mode(self) -> Tensor:
        return self.loc

    @property
    def variance(self) -> Tensor:
        return self._factor().pow(2).sum(-1).expand(self.shape(()))

    def _factor(self) -> Tensor:
        """The Cholesky factor; ``repr`` names only what was given or asked for."""
        if "scale_tril" in self.__dict__ or "_made" not in self.__dict__:
            known = "scale_tril" in self.__dict__
            self.__dict__["_made"] = self.scale_tril
            if not known:
                del self.__dict__["scale_tril"]
        made: Tensor = self.__dict__["_made"]
        return made

    def expand(self, batch_shape: Any, _instance: Any = None) -> MultivariateNormal:
        new = super().expand(batch_shape)
        new.__dict__.pop("_made", None)
        return new

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        noise = tane.randn(self.shape(sample_shape), **self.like())
        return self.loc + (self._factor() @ noise.unsqueeze(-1)).squeeze(-1)

    def log_prob(self, value: Tensor) -> Tensor:
        self.require_value(value == value, value, "IndependentConstraint(Real(), 1)")
        half_log_det = self._factor().diagonal(dim1=-2, dim2=-1).log().sum(-1)
        return -0.5 * (self._event_shape[0] * math.log(2 * math.pi) + mahalanobis(self._factor(), value - self.loc)) - half_log_det

    def entropy(self) -> Tensor:
        half_log_det = self._factor().diagonal(dim1=-2, dim2=-1).log().sum(-1)
        return 0.5 * self._event_shape[0] * (1.0 + math.log(2 * math.pi)) + half_log_det
