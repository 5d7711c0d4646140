"""Norms and distances."""

from __future__ import annotations

from typing import Any

from tane.autograd.fitting import namespaces
from tane.dtypes import FLOAT, to_numpy_dtype
from tane.dtypes import dtype as DType
from tane.ops import pointwise
from tane.ops import reduction as op
from tane.surface.expose import inplace, method, write_out
from tane.surface.reduction import axes, one_axis
from tane.tensor import Tensor, wrap

__all__ = ["dist", "norm", "renorm", "vector_norm"]


def vector_norm(
    x: Tensor, ord: float = 2, dim: Any = None, keepdim: bool = False, *, dtype: DType | None = None, out: Tensor | None = None
) -> Tensor:
    """The ``ord``-norm of the elements along ``dim`` (all, where none is given): ``sum(|x| ** ord) ** (1 / ord)``.

    ``inf`` and ``-inf`` are the largest and the smallest absolute value, 0 the number of elements that are not 0.
    """
    if x.dtype.category < FLOAT and dtype is None:
        raise RuntimeError(
            f"linalg.vector_norm: Expected a floating point or complex tensor as input. Got {x.dtype.tensor_name.removesuffix('Tensor')}"
        )
    if not isinstance(ord, (int, float)):
        raise TypeError(f"linalg_vector_norm(): argument 'ord' (position 2) must be Number, not {type(ord).__name__}")
    if dtype is not None:
        x = pointwise.cast.call(x, to_numpy_dtype(dtype))
    axis = axes(x, dim)
    if not x.array.size and (ord < 0 or ord == float("inf")):
        raise RuntimeError(
            f"linalg.vector_norm cannot compute the {ord} norm on an empty tensor because the operation does not have an identity"
        )
    result: Tensor = op.vector_norm.call(x, ord, axis, keepdim)
    return result if out is None else write_out(out, result, "vector_norm")


@method()
def norm(
    input: Tensor, p: Any = "fro", dim: Any = None, keepdim: bool = False, out: Tensor | None = None, dtype: DType | None = None
) -> Tensor:
    """The norm of all elements, or over the dimensions ``dim``; ``p`` a number, ``"fro"`` (2) or ``"nuc"`` (the sum of the singular values).

    >>> import tane
    >>> tane.tensor([3., 4.]).norm()
    tensor(5.)
    """
    if p is None or p == "fro":
        return vector_norm(input, 2, dim, keepdim, dtype=dtype, out=out)
    if p == "nuc":
        return _nuclear(input if dtype is None else input.to(dtype), dim, keepdim, out)
    if isinstance(p, str):
        raise RuntimeError(f"linalg.matrix_norm: Order {p} not supported.")
    return vector_norm(input, p.item() if isinstance(p, Tensor) else p, dim, keepdim, dtype=dtype, out=out)


def _nuclear(input: Tensor, dim: Any, keepdim: bool, out: Tensor | None) -> Tensor:
    places = axes(input, (-2, -1) if dim is None else dim)
    if not isinstance(places, tuple) or len(places) != 2:
        raise RuntimeError("linalg.matrix_norm: The input tensor A must have at least 2 dimensions.")
    matrix = input.movedim(places, (-2, -1))
    result = matrix.svd(compute_uv=True)[1].sum(-1)
    if keepdim:
        for a in sorted(op.normal_axes(places, input.array.ndim)):
            result = result.unsqueeze(a)
    return result if out is None else write_out(out, result, "norm")


@method()
def dist(input: Tensor, other: Tensor, p: float = 2) -> Tensor:
    """The ``p``-norm of ``input - other``."""
    return vector_norm(pointwise.sub.call(input, other), p)


@method()
def renorm(input: Tensor, p: float, dim: int, maxnorm: float, *, out: Tensor | None = None) -> Tensor:
    """Every slice along ``dim`` whose ``p``-norm is above ``maxnorm`` scaled down to it."""
    if input.array.ndim < 2:
        raise RuntimeError(f"renorm: input needs at least 2 dimensions, got {input.array.ndim} dimensions")
    axis = one_axis(input, dim)
    rest = tuple(i for i in range(input.array.ndim) if i != axis)
    sizes = vector_norm(input, p, rest, True)
    F = namespaces[type(input.array)]
    factor = maxnorm / (sizes + 1e-7)
    keep = wrap(F.asarray(sizes.array <= maxnorm))
    result = input * factor.masked_fill(keep, 1.0)
    return result if out is None else write_out(out, result, "renorm")


inplace(renorm, "renorm_")
