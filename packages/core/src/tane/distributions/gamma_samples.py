"""Draws from the standard gamma distribution, and how a draw changes with the distribution's shape."""

from __future__ import annotations

import tane
from tane.random import finish, stream_of
from tane.surface.drawing import _host
from tane.tensor import Tensor

__all__ = ["dirichlet", "standard_gamma"]


def standard_gamma(concentration: Tensor) -> Tensor:
    """One draw for each element of ``concentration``, with the gradient by which a draw at a fixed quantile follows it."""
    host = _host(concentration.detach())
    drawn = finish(stream_of(None).standard_gamma(host), concentration.device, False)
    drawn = drawn.clamp(min=tane.finfo(drawn.dtype).tiny)
    return _following(drawn, concentration)


def dirichlet(concentration: Tensor) -> Tensor:
    """Draws that sum to 1 over the last dimension: gamma draws in float64, over their sum."""
    wide = standard_gamma(concentration.double())
    least = tane.finfo(concentration.dtype).tiny
    return (wide / wide.sum(-1, keepdim=True)).clamp(min=least, max=1 - tane.finfo(concentration.dtype).eps / 2).to(concentration.dtype)


def _following(drawn: Tensor, concentration: Tensor) -> Tensor:
    if not (concentration.requires_grad and tane.is_grad_enabled()):
        return drawn
    slope = _slope(concentration.detach().double(), drawn.double()).to(drawn.dtype)
    return drawn + (concentration - concentration.detach()) * slope


def _slope(a: Tensor, x: Tensor) -> Tensor:
    """dx/da at a fixed quantile, -(dP/da) / (dP/dx), by the series of P(a, x) = x^a e^-x / Γ(a) · Σ x^k / (a (a+1) … (a+k)) and of its derivative."""
    term = a.reciprocal()
    harmonic = term.clone()
    total, weighted = term.clone(), term * harmonic
    # The terms shrink once a + k exceeds x; this many more make the rest smaller than a rounding.
    most = float((x - a).clamp(min=0).max()) if x.numel() else 0.0
    for k in range(1, int(most + 12 * (float(x.max()) if x.numel() else 0.0) ** 0.5) + 60):
        term = term * x / (a + k)
        harmonic = harmonic + (a + k).reciprocal()
        total = total + term
        weighted = weighted + term * harmonic
    return x * (weighted - total * (x.log() - a.digamma()))
