"""Covariance, correlation, and the numerical gradient of sampled functions."""

from __future__ import annotations

from typing import Any

from tane.dtypes import FLOAT, INTEGER
from tane.ops import shape as shapes
from tane.surface.choice import clamp
from tane.surface.complex import conj
from tane.surface.expose import method
from tane.surface.index_parts import kind_name
from tane.surface.reduction import one_axis
from tane.tensor import Tensor

__all__ = ["corrcoef", "cov", "gradient"]


@method()
def cov(input: Tensor, *, correction: float = 1, fweights: Tensor | None = None, aweights: Tensor | None = None) -> Tensor:
    """The covariances of variables, which are rows, over observations, which are columns.

    ``fweights`` says how often each observation counts, ``aweights`` how much.
    """
    if input.array.ndim > 2:
        raise RuntimeError(f"cov(): expected input to have two or fewer dimensions but got an input with {input.array.ndim} dimensions")
    if input.array.dtype.kind == "b":
        raise RuntimeError("cov(): bool dtype is not supported for input")
    x = input.reshape(1, -1) if input.array.ndim < 2 else input
    _check_weights(fweights, "fweights", (INTEGER,), "integral", x.array.shape[1])
    _check_weights(aweights, "aweights", (FLOAT,), "floating point", x.array.shape[1])
    if x.dtype.category < FLOAT:
        x = x * 1.0
    weights: Any = fweights
    if aweights is not None:
        weights = aweights if weights is None else weights * aweights
    if weights is None:
        total: Any = x.array.shape[1]
        x = x - x.mean(1, keepdim=True)
        weighted = x
    else:
        total = weights.sum()
        x = x - ((x * weights).sum(1) / total).unsqueeze(1)
        weighted = x * weights
    freedom = total - correction * (1 if aweights is None else (weights * aweights).sum() / total)
    if not isinstance(freedom, Tensor):
        freedom = max(freedom, 0)
    return ((weighted @ conj(x).t()) / freedom).squeeze()


def _check_weights(weights: Tensor | None, name: str, categories: tuple[int, ...], kind: str, count: int) -> None:
    """Raise unless there are none, or one non-negative weight of the right type for each observation."""
    if weights is None:
        return
    array = weights.array
    if array.ndim > 1:
        raise RuntimeError(f"cov(): expected {name} to have one or fewer dimensions but got {name} with {array.ndim} dimensions")
    if weights.dtype.category not in categories:
        raise RuntimeError(f"cov(): expected {name} to have {kind} dtype but got {name} with {kind_name(weights)} dtype")
    if array.size != count:
        raise RuntimeError(
            f"cov(): expected {name} to have the same numel as there are observations in the input but got {array.size} != {count}"
        )
    if count and bool((array < 0).any().item()):
        raise RuntimeError(f"cov(): {name} cannot be negative")


@method()
def corrcoef(input: Tensor) -> Tensor:
    """The correlation coefficients of variables, which are rows."""
    c = cov(input)
    if c.array.ndim == 0:
        return c / c
    size = c.diagonal().real.sqrt()
    result = c / size.unsqueeze(1) / size.unsqueeze(0)
    return result if result.is_complex() else clamp(result, -1, 1)


def gradient(input: Tensor, *, spacing: Any = 1, dim: Any = None, edge_order: int = 1) -> tuple[Tensor, ...]:
    """The derivative along each of ``dim`` (all), from central differences inside and one-sided ones of ``edge_order`` at the ends.

    ``spacing`` is the distance of the samples, one for all or one for each dimension, or the tensors of their coordinates.
    """
    ndim = input.array.ndim
    spacing = 1 if spacing is None else spacing
    dims = list(range(ndim)) if dim is None else [one_axis(input, d) for d in ((dim,) if isinstance(dim, int) else dim)]
    spacings = list(spacing) if isinstance(spacing, (list, tuple)) else [spacing] * len(dims)
    if len(spacings) != len(dims):
        raise RuntimeError(
            f"torch.gradient expected spacing to be unspecified, a scalar or a list of length equal to 'self.dim() = {ndim}', since dim argument was "
            f"not given, but got a list of length {len(spacings)}"
        )
    for d in dims:
        if dims.count(d) > 1:
            raise RuntimeError(f"dim {d} appears multiple times in the list of dims")
    if edge_order not in (1, 2):
        raise RuntimeError("torch.gradient only supports edge_order=1 and edge_order=2.")
    for d in dims:
        if input.array.shape[d] < edge_order + 1:
            raise RuntimeError("torch.gradient expected each dimension size to be at least edge_order+1")
    return tuple(_derivative(input, d, s, edge_order) for d, s in zip(dims, spacings, strict=True))


def _derivative(x: Tensor, axis: int, spacing: Any, edge_order: int) -> Tensor:
    def at(part: Any) -> Tensor:
        return x[(slice(None),) * axis + (part,)]

    size = x.array.shape[axis]
    if isinstance(spacing, Tensor) and spacing.array.ndim:
        widths = (spacing[1:] - spacing[:-1]).reshape(-1, *(1,) * (x.array.ndim - axis - 1))
    else:
        widths = x.detach()[(0,) * x.array.ndim].new_ones(()) * spacing
        widths = widths.expand(size - 1, *(1,) * (x.array.ndim - axis - 1))
    slopes = (at(slice(1, None)) - at(slice(None, -1))) / widths

    def cut(t: Tensor, part: slice) -> Tensor:
        return t[(slice(None),) * axis + (part,)]

    before, after = widths[:-1], widths[1:]
    inner = (cut(slopes, slice(None, -1)) * after + cut(slopes, slice(1, None)) * before) / (before + after)
    first, last = cut(slopes, slice(0, 1)), cut(slopes, slice(-1, None))
    if edge_order == 2:
        first = first + (first - cut(slopes, slice(1, 2))) * widths[:1] / (widths[:1] + widths[1:2])
        last = last + (last - cut(slopes, slice(-2, -1))) * widths[-1:] / (widths[-1:] + widths[-2:-1])
    return shapes.cat.call([first, inner, last], axis)
