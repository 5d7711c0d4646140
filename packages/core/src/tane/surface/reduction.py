"""Reductions: sums, means, products, extremes and where they are, all and any."""

from __future__ import annotations

from typing import Any

from tane.autocasting import to_float
from tane.dtypes import BOOL, COMPLEX, INTEGER, int64, to_numpy_dtype, uint8
from tane.dtypes import dtype as DType
from tane.ops import choice, pointwise
from tane.ops import reduction as op
from tane.ops.accepting import unsupported
from tane.return_types import return_type
from tane.surface.expose import method, write_out
from tane.surface.size import sizes
from tane.tensor import Tensor

__all__ = [
    "all",
    "amax",
    "amin",
    "aminmax",
    "any",
    "argmax",
    "argmin",
    "count_nonzero",
    "max",
    "mean",
    "min",
    "nanmean",
    "nansum",
    "prod",
    "sum",
]


# ---- arguments ----------------------------------------------------------------------------------------------------------------------
def axes(input: Tensor, dim: Any, axis: Any = None) -> Any:
    """PyTorch's ``dim`` (or NumPy's ``axis``) as an axis argument, its range checked; None for all."""
    dim = axis if dim is None else dim
    if dim is None:
        return None
    ndim = input.array.ndim
    if type(dim) is int:
        if -ndim <= dim < ndim:
            return dim
        low = -ndim or -1
        if not low <= dim < -low:
            raise IndexError(f"Dimension out of range (expected to be in range of [{low}, {-low - 1}], but got {dim})")
        return None  # of a single number
    if not hasattr(dim, "__len__"):
        return axes(input, dim.__index__())
    if len(dim) == 0:
        return None
    found = tuple(axes(input, d.__index__()) for d in dim)
    if found[0] is None:
        return None
    positive = sorted(d % ndim for d in found)
    for a in positive:
        if positive.count(a) > 1:
            raise RuntimeError(f"dim {a} appears multiple times in the list of dims")
    return found


def one_axis(input: Tensor, dim: Any) -> int:
    """A single ``dim`` made non-negative; 0 for a single number."""
    found = axes(input, dim)
    return 0 if found is None else found % input.array.ndim


def in_type(input: Tensor, dtype: DType | None, name: str) -> Tensor:
    """The operand of a reduction that adds or multiplies: in the type asked for; whole numbers in int64."""
    if dtype is None:
        d = input.array.dtype
        if d.kind not in "biu":
            return input
        dtype = int64
    return pointwise.cast.call(input, to_numpy_dtype(dtype)) if to_numpy_dtype(dtype) != input.array.dtype else input


def ordered(input: Tensor, kernel: str, bools: bool = True) -> None:
    """Raise for complex numbers, which have no order, and for bools unless the op takes them."""
    kind = input.array.dtype.kind
    if kind == "c" or (kind == "b" and not bools):
        raise unsupported(kernel, input.dtype)


def not_empty(input: Tensor, axis: Any, name: str, whole: type[Exception] = RuntimeError) -> None:
    """Raise if there is no element to take an extreme of."""
    array = input.array
    if array.size:
        return
    if axis is None:
        hint = " Specify the reduction dim with the 'dim' argument." if whole is RuntimeError else ""
        raise whole(f"{name}(): Expected reduction dim to be specified for input.numel() == 0.{hint}")
    for a in op.normal_axes(axis, array.ndim):
        if array.shape[a] == 0:
            raise IndexError(f"{name}(): Expected reduction dim {a} to have non-zero size.")


def deliver(result: Tensor, out: Tensor | None, name: str) -> Tensor:
    return result if out is None else write_out(out, result, name)


# ---- sums and products --------------------------------------------------------------------------------------------------------------
@method()
def sum(
    input: Tensor,
    dim: Any = None,
    keepdim: bool = False,
    *,
    dtype: DType | None = None,
    out: Tensor | None = None,
    axis: Any = None,
    keepdims: bool = False,
) -> Tensor:
    """The sum over the dimensions ``dim`` (all, where none is given). Integers add up in int64.

    >>> import tane
    >>> tane.ones(2, 3).sum(dim=1)
    tensor([3., 3.])
    """
    input = in_type(input, dtype, "sum")
    if dim is None and axis is None:
        result: Tensor = op.sum_.call(input, None, keepdim or keepdims)
    else:
        result = op.sum_dim.call(input, axes(input, dim, axis), keepdim or keepdims)
    return result if out is None else write_out(out, result, "sum")


@method()
def mean(
    input: Tensor,
    dim: Any = None,
    keepdim: bool = False,
    *,
    dtype: DType | None = None,
    out: Tensor | None = None,
    axis: Any = None,
    keepdims: bool = False,
) -> Tensor:
    """The mean over the dimensions ``dim`` of a floating-point tensor."""
    if dtype is not None:
        input = in_type(input, dtype, "mean")
    if input.array.dtype.kind in "biu":
        raise RuntimeError(
            "mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. "
            f"Got: {input.dtype.tensor_name.removesuffix('Tensor')}"
        )
    if dim is None and axis is None:
        result: Tensor = op.mean.call(input, None, keepdim or keepdims)
    else:
        result = op.mean_dim.call(input, axes(input, dim, axis), keepdim or keepdims)
    return result if out is None else write_out(out, result, "mean")


@method()
def nansum(input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: DType | None = None, out: Tensor | None = None) -> Tensor:
    """The sum over ``dim``, NaN counting as 0."""
    if input.array.dtype.kind == "c":
        raise RuntimeError("nansum on CPU does not support complex inputs")
    input = in_type(input, dtype, "nansum")
    primitive = op.sum_ if input.dtype.category <= INTEGER else op.nansum
    return deliver(primitive.call(input, axes(input, dim), keepdim), out, "nansum")


@method()
def nanmean(input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: DType | None = None, out: Tensor | None = None) -> Tensor:
    """The mean over ``dim`` of the elements that are not NaN."""
    if input.dtype.category <= INTEGER:
        raise RuntimeError(
            f"nanmean(): expected input to have floating point or complex dtype but got {input.dtype.tensor_name.removesuffix('Tensor')}"
        )
    numbers = op.sum_.call(pointwise.logical_not.call(pointwise.isnan.call(input.detach())).to(int64), axes(input, dim), keepdim)
    return deliver(nansum(input, dim, keepdim, dtype=dtype) / numbers, out, "nanmean")


@to_float
@method()
def prod(input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: DType | None = None, out: Tensor | None = None) -> Tensor:
    """The product of all elements, or along one dimension. Integers multiply in int64."""
    if dim is not None and not isinstance(dim, int):
        raise TypeError(f"prod() received an invalid combination of arguments - got dim={dim!r}, but expected one int dim")
    input = in_type(input, dtype, "prod")
    result = op.prod.call(input, None, False) if dim is None else op.prod_dim.call(input, axes(input, dim), keepdim)
    if dtype is not None and to_numpy_dtype(dtype) != result.array.dtype:  # of bools, which multiply to a whole number
        result = pointwise.cast.call(result, to_numpy_dtype(dtype))
    return deliver(result, out, "prod")


@method()
def count_nonzero(input: Tensor, dim: Any = None) -> Tensor:
    """How many elements are not 0, over the dimensions ``dim``."""
    return op.count_nonzero.call(input, axes(input, dim))


@method()
def sum_to_size(self: Tensor, *args: Any, size: Any = None) -> Tensor:
    """Summed down to a shape that broadcasts to this tensor's."""
    target = sizes(args if size is None else (size,))
    shape = self.array.shape
    if not target:
        return sum(self)
    extra = len(shape) - len(target)
    if extra < 0 or [None for t, s in zip(target, shape[extra:]) if t not in (1, s)]:
        raise RuntimeError(f"size {{{list(target)}}} is not expandable to size {{{list(shape)}}}.")
    result = self
    dims = tuple(i + extra for i, (t, s) in enumerate(zip(target, shape[extra:])) if t == 1 != s)
    if dims:
        result = sum(result, dims, True)
    return sum(result, tuple(range(extra))) if extra else result


# ---- extremes -----------------------------------------------------------------------------------------------------------------------
@method()
def amax(input: Tensor, dim: Any = (), keepdim: bool = False, *, out: Tensor | None = None) -> Tensor:
    """The largest value over ``dim``; its gradient is shared equally among the elements that attain it."""
    axis = axes(input, dim)
    ordered(input, "max_values_cpu")
    not_empty(input, axis, "amax")
    return deliver(op.amax.call(input, axis, keepdim), out, "amax")


@method()
def amin(input: Tensor, dim: Any = (), keepdim: bool = False, *, out: Tensor | None = None) -> Tensor:
    """The smallest value over ``dim``; its gradient is shared equally among the elements that attain it."""
    axis = axes(input, dim)
    ordered(input, "min_values_cpu")
    not_empty(input, axis, "amin")
    return deliver(op.amin.call(input, axis, keepdim), out, "amin")


@method()
def aminmax(input: Tensor, *, dim: int | None = None, keepdim: bool = False, out: Any = None) -> Any:
    """The smallest and the largest value along ``dim``, as a named tuple ``(min, max)``."""
    if dim is not None and not isinstance(dim, int):
        raise TypeError(f"aminmax(): argument 'dim' must be int, not {type(dim).__name__}")
    axis = axes(input, dim)
    ordered(input, "aminmax_cpu")
    not_empty(input, axis, "aminmax")
    results = op.aminmax(input, axis, keepdim)
    return return_type("aminmax", "min", "max")(pair_out(results, out, "aminmax"))


def pair_out(results: Any, out: Any, name: str) -> Any:
    return results if out is None else [write_out(o, r, name) for o, r in zip(out, results, strict=True)]


def _extreme(name: str, whole: Any, along: Any, of_two: Any) -> Any:
    kind = return_type(name, "values", "indices")
    word = {"max": "largest", "min": "smallest"}[name]

    def extreme(
        input: Tensor,
        dim: Any = None,
        keepdim: bool = False,
        *,
        other: Any = None,
        out: Any = None,
        axis: Any = None,
        keepdims: bool = False,
    ) -> Any:
        dim = axis if dim is None else dim
        if not isinstance(input, Tensor):
            raise TypeError(f"{name}(): argument 'input' (position 1) must be Tensor, not {type(input).__name__}")
        if input.array.dtype.kind == "c":
            if dim is None and other is None:
                raise unsupported(f"{name}_all", input.dtype)
            if other is None and not isinstance(dim, Tensor):
                raise RuntimeError(f"{name}(): does not support complex input")
        if isinstance(dim, Tensor) or other is not None:
            result: Tensor = of_two.call(input, dim if other is None else other)
            return result if out is None else write_out(out, result, name)
        if dim is None:
            not_empty(input, None, name)
            result = whole.call(input)
            return result if out is None else write_out(out, result, name)
        if not isinstance(dim, int) or isinstance(dim, bool):
            raise TypeError(
                f"{name}() received an invalid combination of arguments - got (Tensor, {type(dim).__name__}), but expected one of:\n"
                f" * (Tensor input, *, Tensor out = None)\n * (Tensor input, Tensor other, *, Tensor out = None)\n"
                f" * (Tensor input, int dim, bool keepdim = False, *, tuple of Tensors out = None)\n"
            )
        place = one_axis(input, dim)
        if input.array.ndim:
            not_empty(input, place, name)
        return kind(pair_out(along.call(input, place, keepdim or keepdims), out, name))

    extreme.__name__ = extreme.__qualname__ = name
    extreme.__doc__ = f"""The {word} of all elements; with ``dim``, the {word} along it and where it is (the first place), as a named tuple
    ``(values, indices)``; with another tensor, the {word} of two elementwise.

    >>> import tane
    >>> tane.{name}(tane.tensor([[1., 5.], [7., 2.]]), dim=1).indices
    tensor([{"1, 0" if name == "max" else "0, 1"}])
    """
    setattr(Tensor, name, extreme)
    return extreme


max = _extreme("max", op.max_all, op.max_dim, choice.maximum)
min = _extreme("min", op.min_all, op.min_dim, choice.minimum)


def _place(name: str, primitive: Any) -> Any:
    def place(
        input: Tensor, dim: int | None = None, keepdim: bool = False, *, out: Tensor | None = None, axis: int | None = None
    ) -> Tensor:
        kind = input.dtype.category
        if kind == BOOL:
            raise RuntimeError(f"{name}(): does not support bool input")
        if kind == COMPLEX:
            raise RuntimeError(f"{name}(): does not support complex input")
        dim = axis if dim is None else dim
        found = None if dim is None else one_axis(input, dim)
        if found is None or input.array.ndim:
            not_empty(input, found, name, IndexError)
        return deliver(primitive.call(input, found, keepdim), out, name)

    place.__name__ = place.__qualname__ = name
    place.__doc__ = f"""The index of the {"largest" if name == "argmax" else "smallest"} element, the first where several are equal; in the flattened tensor
    unless ``dim`` is given."""
    setattr(Tensor, name, place)
    return place


argmax, argmin = _place("argmax", op.argmax), _place("argmin", op.argmin)


# ---- truth --------------------------------------------------------------------------------------------------------------------------
def _truth(name: str, primitive: Any) -> Any:
    def truth(input: Tensor, dim: Any = None, keepdim: bool = False, *, out: Tensor | None = None, axis: Any = None) -> Tensor:
        result: Tensor = primitive.call(input, axes(input, dim, axis), keepdim)
        if input.array.dtype == uint8.numpy:  # its result stays what bool used to be
            result = pointwise.cast.call(result, uint8.numpy)
        return result if out is None else write_out(out, result, name)

    truth.__name__ = truth.__qualname__ = name
    truth.__doc__ = f"Whether {name} elements are true, over the dimensions ``dim`` (all, where none is given)."
    setattr(Tensor, name, truth)
    return truth


all, any = _truth("all", op.all_), _truth("any", op.any_)
