"""Special functions with arguments of their own, and the functions of ``tane.special``."""

from __future__ import annotations

import math
from typing import Any

from tane.ops import pointwise
from tane.ops import special as op
from tane.surface import pointwise as plain
from tane.surface.expose import inplace, method, write_out
from tane.surface.softmax import log_softmax, logsumexp, softmax
from tane.tensor import Tensor

__all__ = ["logit", "logit_", "mvlgamma", "polygamma"]


def deliver(result: Tensor, out: Tensor | None, name: str) -> Tensor:
    return result if out is None else write_out(out, result, name)


@method()
def logit(input: Tensor, eps: float | None = None, *, out: Tensor | None = None) -> Tensor:
    """``log(input / (1 - input))``; with ``eps``, of the input moved into [eps, 1 - eps]."""
    return deliver(op.logit.call(input, eps), out, "logit")


logit_ = inplace(logit, "logit_")


def polygamma(n: Any, input: Any, *, out: Tensor | None = None) -> Tensor:
    """The ``n``-th derivative of digamma."""
    if isinstance(n, Tensor):
        n, input = input, n
    if n < 0:
        raise RuntimeError("polygamma(n, x) does not support negative n.")
    return deliver(op.polygamma.call(input, n), out, "polygamma")


@method("polygamma")
def _polygamma(self: Tensor, n: int) -> Tensor:
    return polygamma(n, self)


inplace(_polygamma, "polygamma_")


@method()
def mvlgamma(input: Tensor, p: int, *, out: Tensor | None = None) -> Tensor:
    """The logarithm of the multivariate gamma function of dimension ``p``, which is defined above (p - 1) / 2."""
    if p < 1:
        raise RuntimeError("p has to be greater than or equal to 1")
    total = math.log(math.pi) * (p * (p - 1) / 4)
    for j in range(p):
        total = op.lgamma.call(pointwise.sub.call(input, j / 2)) + total
    return deliver(total, out, "mvlgamma")  # type: ignore[arg-type]


inplace(mvlgamma, "mvlgamma_")


# ---- tane.special -----------------------------------------------------------------------------------------------------------------------
def _one(primitive: Any, name: str) -> Any:
    def function(input: Tensor, *, out: Tensor | None = None) -> Tensor:
        return deliver(primitive.call(input), out, name)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"The function ``{name}`` of each element."
    return function


def _two(primitive: Any, name: str) -> Any:
    def function(input: Any, other: Any, *, out: Tensor | None = None) -> Tensor:
        return deliver(primitive.call(input, other), out, name)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"The function ``{name}`` of each pair of elements."
    return function


def ndtr(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The area under the standard normal density up to ``input``."""
    return deliver((op.erf.call(input * math.sqrt(0.5)) + 1) * 0.5, out, "special_ndtr")


def log_ndtr(input: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The logarithm of :func:`ndtr`, without underflow far to the left."""
    scaled = input * math.sqrt(0.5)
    left = pointwise.log.call(op.erfcx.call(-scaled.clamp(max=-0.5)) / 2) - scaled * scaled
    right = pointwise.log1p.call(op.erfc.call(scaled.clamp(min=-1.0)) * -0.5)
    return deliver(left.where(input < -1, right), out, "special_log_ndtr")


NAMES: dict[str, Any] = {
    **{
        name: getattr(plain, name)
        for name in ["digamma", "erf", "erfc", "erfinv", "exp2", "expm1", "i0", "log1p", "round", "sinc", "xlogy"]
    },
    "entr": _one(op.entr, "entr"),
    "erfcx": _one(op.erfcx, "erfcx"),
    "expit": plain.sigmoid,  # type: ignore[attr-defined]
    "gammaln": plain.lgamma,  # type: ignore[attr-defined]
    "i0e": _one(op.i0e, "i0e"),
    "i1": _one(op.i1, "i1"),
    "i1e": _one(op.i1e, "i1e"),
    "log_ndtr": log_ndtr,
    "log_softmax": log_softmax,
    "logit": logit,
    "logsumexp": logsumexp,
    "multigammaln": mvlgamma,
    "ndtr": ndtr,
    "polygamma": polygamma,
    "psi": plain.digamma,  # type: ignore[attr-defined]
    "softmax": softmax,
    "xlog1py": _two(op.xlog1py, "xlog1py"),
    "zeta": _two(op.zeta, "zeta"),
}
