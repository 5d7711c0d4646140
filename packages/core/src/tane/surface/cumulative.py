"""Running sums, products and extremes, and the differences and integrals that go with them."""

from __future__ import annotations

from typing import Any

from tane.dtypes import BOOL
from tane.dtypes import dtype as DType
from tane.ops import cumulative as op
from tane.ops import pointwise, shape
from tane.ops.accepting import unsupported
from tane.return_types import return_type
from tane.surface.expose import inplace, method
from tane.surface.reduction import deliver, in_type, one_axis, pair_out
from tane.tensor import Tensor

__all__ = [
    "cummax",
    "cummin",
    "cumprod",
    "cumsum",
    "cumulative_trapezoid",
    "diff",
    "logcumsumexp",
    "trapezoid",
    "trapz",
]


def _running(name: str, primitive: Any, what: str) -> Any:
    @method(name)
    def running(
        input: Tensor, dim: int | None = None, *, dtype: DType | None = None, out: Tensor | None = None, axis: int | None = None
    ) -> Tensor:
        dim = axis if dim is None else dim
        if dim is None:
            raise TypeError(f'{name}() missing 1 required positional arguments: "dim"')
        where = one_axis(input, dim)
        input = in_type(input, dtype, name)
        result = primitive.call(input, where) if input.array.ndim else input.clone()
        return deliver(result, out, name)

    running.__name__ = running.__qualname__ = name
    running.__doc__ = f"The {what} of the elements along ``dim`` up to each place. Integers give int64."
    inplace(lambda input, dim, *, dtype=None: running(input, dim, dtype=input.dtype if dtype is None else dtype), f"{name}_")
    return running


cumsum, cumprod = _running("cumsum", op.cumsum, "sum"), _running("cumprod", op.cumprod, "product")


@method()
def logcumsumexp(input: Tensor, dim: int, *, out: Tensor | None = None) -> Tensor:
    """The logarithm of the running sum of ``exp(input)`` along ``dim``."""
    return deliver(op.logcumsumexp.call(input, one_axis(input, dim)), out, "logcumsumexp")


def _extreme(name: str, primitive: Any) -> Any:
    @method(name)
    def extreme(input: Tensor, dim: int, *, out: Any = None) -> Any:
        if input.array.dtype.kind == "c":
            raise unsupported(f"{name}_cpu", input.dtype)
        results = primitive.call(input, one_axis(input, dim))
        return return_type(name, "values", "indices")(pair_out(results, out, name))

    extreme.__name__ = extreme.__qualname__ = name
    extreme.__doc__ = f"""The {"largest" if name == "cummax" else "smallest"} element along ``dim`` up to each place and where it was met last, as a named tuple
    ``(values, indices)``."""
    return extreme


cummax, cummin = _extreme("cummax", op.cummax), _extreme("cummin", op.cummin)


# ---- differences and integrals --------------------------------------------------------------------------------------------------------
def _cut(axis: int, part: slice) -> tuple[Any, ...]:
    return (slice(None),) * axis + (part,)


@method()
def diff(
    input: Tensor, n: int = 1, dim: int = -1, prepend: Tensor | None = None, append: Tensor | None = None, *, out: Tensor | None = None
) -> Tensor:
    """The differences of neighbours along ``dim``, ``n`` times over, of the input with ``prepend`` before and ``append`` after it."""
    if n < 0:
        raise RuntimeError(f"order must be non-negative but got {n}")
    if input.array.ndim == 0:
        raise RuntimeError("diff expects input to be at least one-dimensional")
    axis = one_axis(input, dim)
    if n == 0:
        return deliver(input.clone(), out, "diff")
    if prepend is not None or append is not None:
        input = shape.cat.call([x for x in (prepend, input, append) if x is not None], axis)
    subtract = pointwise.logical_xor if input.dtype.category == BOOL else pointwise.sub
    for _ in range(min(n, input.array.shape[axis])):
        input = subtract.call(input[_cut(axis, slice(1, None))], input[_cut(axis, slice(None, -1))])
    return deliver(input, out, "diff")


def _panels(name: str, y: Tensor, x: Any, dx: Any, dim: int) -> tuple[Tensor, int]:
    """Twice the area of every panel between neighbours along ``dim``."""
    if x is not None and dx is not None:
        raise TypeError(f"{name}() takes x or dx, not both")
    axis = one_axis(y, dim)
    heights = y[_cut(axis, slice(1, None))] + y[_cut(axis, slice(None, -1))]
    if x is None:
        return heights * (1 if dx is None else dx), axis
    if x.array.ndim == 1:
        widths = diff(x)
        return heights * widths.reshape(-1, *(1,) * (y.array.ndim - axis - 1)), axis
    return heights * diff(x, dim=dim), axis


def trapezoid(y: Tensor, x: Tensor | None = None, *, dx: float | None = None, dim: int = -1) -> Tensor:
    """The integral of ``y`` along ``dim`` by the trapezoidal rule, at the points ``x`` or at distances ``dx`` (1)."""
    areas, axis = _panels("trapezoid", y, x, dx, dim)
    return areas.sum(axis) / 2


def cumulative_trapezoid(y: Tensor, x: Tensor | None = None, *, dx: float | None = None, dim: int = -1) -> Tensor:
    """As :func:`trapezoid`, the integral up to each point but the first."""
    areas, axis = _panels("cumulative_trapezoid", y, x, dx, dim)
    return cumsum(areas, axis) / 2


trapz = trapezoid
