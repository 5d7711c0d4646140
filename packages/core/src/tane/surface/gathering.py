"""Elements chosen or placed by index tensors: gather and scatter, index_select and its relatives, take and put."""

from __future__ import annotations

import warnings
from typing import Any

from tane.backends.backend import backend_of
from tane.dtypes import BOOL, COMPLEX, FLOAT, iinfo
from tane.ops import index as op
from tane.ops.accepting import unsupported
from tane.surface.expanding import broadcast_tensors
from tane.surface.expose import inplace, method, write_out
from tane.surface.index_parts import index_error, kind_name, parsed
from tane.surface.shape import reshape
from tane.surface.size import one_axis
from tane.tensor import Tensor, wrap

__all__ = [
    "gather",
    "index_add",
    "index_copy",
    "index_fill",
    "index_put",
    "index_reduce",
    "index_select",
    "put",
    "scatter",
    "scatter_add",
    "scatter_reduce",
    "take",
    "take_along_dim",
]


# ---- checks -------------------------------------------------------------------------------------------------------------------------
def raw_index(input: Tensor, index: Any, name: str) -> Any:
    """An index tensor as a raw array of whole numbers beside ``input``."""
    if not isinstance(index, Tensor):
        raise TypeError(f"{name}(): argument 'index' must be Tensor, not {type(index).__name__}")
    array = index.array
    if array.dtype.name not in ("int64", "int32"):
        if array.size == 0 and name in ("gather", "scatter"):  # an index of nothing may have any type
            return array.astype("int64")
        raise RuntimeError(f"{name}(): Expected dtype int32/int64 for index, got {index.dtype}")
    if type(array) is not type(input.array):
        raise RuntimeError(
            f"Expected all tensors to be on the same device, but found at least two devices, {input.device} and {index.device}! "
            f"(when checking argument for argument index in method {name})"
        )
    return array


def within(input: Tensor, index: Any, axis: int, error: type[Exception] = RuntimeError, text: str | None = None) -> None:
    """Raise unless all indices lie in [0, size of the axis)."""
    size = input.array.shape[axis] if input.array.ndim else 1
    if backend_of(type(index)).F.all_within(index, size) is False:
        low, high = int(index.min().item()), int(index.max().item())
        raise error(text or f"index {low if low < 0 else high} is out of bounds for dimension {axis} with size {size}")


def checked(input: Tensor, dim: int, index: Any, name: str, src: Any = None) -> tuple[int, Any]:
    """The axis and the raw index of a gather or scatter, with PyTorch's errors."""
    array = raw_index(input, index, name)
    axis = one_axis(input, dim)
    x = input.array
    if array.size == 0:
        return axis, array
    if array.ndim != x.ndim and max(array.ndim, 1) != max(x.ndim, 1):
        raise RuntimeError(f"Index tensor must have the same number of dimensions as {'input' if src is None else 'self'} tensor")
    if src is None and name == "gather":
        for d, (i, s) in enumerate(zip(array.shape, x.shape, strict=False)):
            if d != axis and i > s:
                raise RuntimeError(
                    f"Size does not match at dimension {d} expected index {list(array.shape)} to be no larger than self {list(x.shape)} "
                    f"apart from dimension {axis}"
                )
    elif src is not None:
        if src.array.dtype != x.dtype:
            raise RuntimeError(f"{name}(): Expected self.dtype to be equal to src.dtype, got {input.dtype} and {src.dtype}")
        if max(src.array.ndim, 1) != max(array.ndim, 1):
            raise RuntimeError("Index tensor must have the same number of dimensions as src tensor")
        if any(i > s for i, s in zip(array.shape, src.array.shape, strict=False)) or any(
            i > s for d, (i, s) in enumerate(zip(array.shape, x.shape, strict=False)) if d != axis
        ):
            raise RuntimeError(
                f"Expected index {list(array.shape)} to be no larger than self {list(x.shape)} apart from dimension {axis} and to be no larger size "
                f"than src {list(src.array.shape)}"
            )
    within(input, array, axis)
    return axis, array.reshape(()) if not x.ndim and array.ndim else array


def part(src: Tensor, index: Any) -> Tensor:
    """As much of ``src`` as the index speaks of."""
    if src.array.shape == index.shape:
        return src
    if not index.ndim:
        return reshape(src, ())
    return op.getitem.call(src, tuple([slice(0, d) for d in index.shape]))


# ---- element by element -----------------------------------------------------------------------------------------------------------------
@method()
def gather(input: Tensor, dim: int, index: Tensor, *, sparse_grad: bool = False, out: Tensor | None = None) -> Tensor:
    """For every position of ``index``, the element of ``input`` at that position, but for ``dim``, where the index says.

    >>> import tane
    >>> tane.gather(tane.tensor([[1, 2], [3, 4]]), 1, tane.tensor([[1], [0]]))
    tensor([[2],
            [3]])
    """
    axis, array = checked(input, dim, index, "gather")
    result: Tensor = op.gather.call(input, array, axis) if array.size else op.take.call(reshape(input, -1), (array,))
    if result.array.shape != index.array.shape:  # one element of a tensor without dimensions
        result = reshape(result, index.array.shape)
    return result if out is None else write_out(out, result, "gather")


@method()
def scatter(
    input: Tensor, dim: int, index: Tensor, src: Any = None, *, value: Any = None, reduce: str | None = None, out: Tensor | None = None
) -> Tensor:
    """A copy of ``input`` with the elements of ``src`` (or one ``value``) at the positions that :func:`gather` would read. ``reduce`` adds or multiplies."""
    source = value if src is None else src
    if reduce is not None:
        if reduce not in ("add", "multiply"):
            raise RuntimeError("reduce argument must be either add or multiply.")
        if isinstance(source, Tensor):
            warnings.warn(
                "The reduce argument of torch.scatter with Tensor src is deprecated and will be removed in a future PyTorch release. Use "
                "torch.scatter_reduce instead for more reduction options.",
                stacklevel=2,
            )
    if not isinstance(source, Tensor):
        axis, array = checked(input, dim, index, "scatter")
        if array.size == 0:
            return input.clone()
        if reduce is None:
            result: Tensor = op.scatter_fill.call(input, array, axis, source)
        else:
            filled = input.new_full(array.shape, source)
            result = (op.scatter_add if reduce == "add" else op.scatter_prod).call(input, filled, array, axis)
    else:
        axis, array = checked(input, dim, index, "scatter", source)
        if array.size == 0:
            return input.clone()
        with_src = {None: op.scatter, "add": op.scatter_add, "multiply": op.scatter_prod}[reduce]
        result = with_src.call(input, part(source, array), array, axis)
    return result if out is None else write_out(out, result, "scatter")


@method()
def scatter_add(input: Tensor, dim: int, index: Tensor, src: Tensor, *, out: Tensor | None = None) -> Tensor:
    """A copy of ``input`` with the elements of ``src`` added at the positions that :func:`gather` would read; repeated positions add up."""
    axis, array = checked(input, dim, index, "scatter", src)
    result: Tensor = input.clone() if array.size == 0 else op.scatter_add.call(input, part(src, array), array, axis)
    return result if out is None else write_out(out, result, "scatter_add")


@method()
def scatter_reduce(
    input: Tensor, dim: int, index: Tensor, src: Tensor, reduce: str, *, include_self: bool = True, out: Tensor | None = None
) -> Tensor:
    """A copy of ``input`` in which each position holds the ``sum``, ``prod``, ``mean``, ``amax`` or ``amin`` of the elements of ``src`` that fall on it.

    ``include_self`` says whether what ``input`` has there takes part.
    """
    if reduce not in ("sum", "prod", "mean", "amax", "amin"):
        raise RuntimeError(f"reduce argument must be either sum, prod, mean, amax or amin, got {reduce}")
    axis, array = checked(input, dim, index, "scatter", src)
    result = input.clone() if array.size == 0 else pooled(input, axis, array, part(src, array), reduce, include_self)
    return result if out is None else write_out(out, result, "scatter_reduce")


def pooled(input: Tensor, axis: int, array: Any, src: Tensor, reduce: str, include_self: bool) -> Tensor:
    """:func:`scatter_reduce` of checked arguments."""
    kind = input.dtype
    if not include_self:
        neutral: Any = {"sum": 0, "mean": 0, "prod": 1}.get(reduce)
        if neutral is None:
            neutral = _limit(kind, reduce == "amin") if kind.category < FLOAT else float("inf") if reduce == "amin" else float("-inf")
        input = op.scatter_fill.call(input, array, axis, neutral)
    if reduce in ("amax", "amin"):
        return op.scatter_extreme.call(input, src, array, axis, reduce)
    if reduce == "prod":
        return op.scatter_prod.call(input, src, array, axis)
    total: Tensor = op.scatter_add.call(input, src, array, axis)
    if reduce == "sum":
        return total
    counts = op.scatter_add.call(input.new_full(input.array.shape, 1), src.new_full(array.shape, 1), array, axis)
    if not include_self:
        counts = (counts - 1).clamp(min=1)
    counts = counts.detach()
    return total / counts if kind.category >= FLOAT else total.div(counts, rounding_mode="floor")


def _limit(kind: Any, highest: bool) -> Any:
    if kind.category == BOOL:
        return highest
    return iinfo(kind).max if highest else iinfo(kind).min


# ---- along one dimension ----------------------------------------------------------------------------------------------------------
def vector(input: Tensor, dim: int, index: Any, name: str) -> tuple[int, Any]:
    """The axis and the raw index, a vector, of the ``index_`` functions."""
    array = raw_index(input, index, name)
    if array.ndim > 1:
        raise IndexError(f"{name}(): Index is supposed to be a vector, but got {array.ndim} dimensions of sizes {list(array.shape)}")
    return one_axis(input, dim), array.reshape((-1,))


@method()
def index_select(input: Tensor, dim: int, index: Tensor, *, out: Tensor | None = None) -> Tensor:
    """A copy of the slices along ``dim`` that the vector ``index`` names."""
    axis, array = vector(input, dim, index, "index_select")
    within(input, array, axis, IndexError, "index out of range in self")
    if input.array.ndim:
        result: Tensor = op.index_select.call(input, array, axis)
    else:
        result = input.clone()
    return result if out is None else write_out(out, result, "index_select")


def _with_source(input: Tensor, dim: int, index: Tensor, source: Tensor, name: str) -> tuple[int, Any, Tensor]:
    axis, array = vector(input, dim, index, name)
    x, s = input.array, source.array
    if s.dtype != x.dtype:
        if name == "index_copy":
            raise RuntimeError(
                f"index_copy_(): self and source expected to have the same dtype, but got (self) {kind_name(input)} and (source) {kind_name(source)}"
            )
        raise RuntimeError(f"{name}_(): self ({kind_name(input)}) and source ({kind_name(source)}) must have the same scalar type")
    count = s.shape[axis] if s.ndim else 1
    if array.size != count:
        if name == "index_copy":
            raise IndexError(f"index_copy_(): Number of indices ({array.size}) should be equal to source.size(dim) ({count})")
        raise RuntimeError(f"{name}_(): Number of indices ({array.size}) should be equal to source.size(dim): ({count}), for dim: {axis}")
    if s.ndim and x.ndim and (*s.shape[:axis], *s.shape[axis + 1 :]) != (*x.shape[:axis], *x.shape[axis + 1 :]):
        raise RuntimeError(
            f"source tensor shape must match self tensor shape, excluding the specified dimension. Got self.shape = {list(x.shape)} "
            f"source.shape = {list(s.shape)}"
        )
    within(input, array, axis, IndexError if name == "index_copy" else RuntimeError)
    return axis, array, source


@method()
def index_add(input: Tensor, dim: int, index: Tensor, source: Tensor, *, alpha: Any = 1, out: Tensor | None = None) -> Tensor:
    """A copy of ``input`` with ``alpha`` times the slices of ``source`` added to those that ``index`` names; repeated ones add up."""
    axis, array, source = _with_source(input, dim, index, source, "index_add")
    if alpha != 1:
        source = source * alpha
    result: Tensor
    if input.array.ndim:
        result = op.index_add.call(input, source, array, axis)
    else:
        result = input + reshape(source, ())
    return result if out is None else write_out(out, result, "index_add")


@method()
def index_copy(input: Tensor, dim: int, index: Tensor, source: Tensor, *, out: Tensor | None = None) -> Tensor:
    """A copy of ``input`` with the slices that ``index`` names replaced by those of ``source``."""
    axis, array, source = _with_source(input, dim, index, source, "index_copy")
    if input.array.ndim:
        result: Tensor = op.index_copy.call(input, source, array, axis)
    else:
        result = reshape(op.index_copy.call(reshape(input, 1), reshape(source, 1), array, 0), ())
    return result if out is None else write_out(out, result, "index_copy")


@method()
def index_fill(input: Tensor, dim: int, index: Tensor, value: Any) -> Tensor:
    """A copy of ``input`` with one value in the slices that ``index`` names."""
    axis, array = vector(input, dim, index, "index_fill")
    if isinstance(value, Tensor) and value.array.ndim:
        raise RuntimeError(f"index_fill_ only supports a 0-dimensional value tensor, but got tensor with {value.array.ndim} dimension(s).")
    size = input.array.shape[axis] if input.array.ndim else 1
    F = backend_of(type(array)).F
    index_in = F.where(array < 0, array + size, array)
    within(input, index_in, axis, IndexError)
    target = input if input.array.ndim else reshape(input, 1)
    if isinstance(value, Tensor):
        filled: Tensor = op.index_fill_tensor.call(target, value.to(input.dtype), F.flatnonzero(F.bincount(index_in, minlength=size)), axis)
    else:
        filled = op.index_fill.call(target, index_in, axis, value)
    return filled if input.array.ndim else reshape(filled, ())


@method()
def index_reduce(
    input: Tensor, dim: int, index: Tensor, source: Tensor, reduce: str, *, include_self: bool = True, out: Tensor | None = None
) -> Tensor:
    """As :func:`index_add`, with the ``prod``, ``mean``, ``amax`` or ``amin`` of what falls on a slice."""
    if reduce not in ("prod", "mean", "amax", "amin"):
        raise RuntimeError(f"index_reduce(): Expected reduce to be one of prod, mean, amax or amin but got {reduce}.")
    warnings.warn("index_reduce() is in beta and the API may change at any time.", stacklevel=2)
    axis, array, source = _with_source(input, dim, index, source, "index_reduce")
    if input.dtype.category in (BOOL, COMPLEX):
        raise unsupported("index_func_", input.dtype)
    if not input.array.ndim:
        result = index_reduce(reshape(input, 1), 0, index, reshape(source, 1), reduce, include_self=include_self).reshape(())
        return result if out is None else write_out(out, result, "index_reduce")
    F = backend_of(type(array)).F
    line = array.reshape((1,) * axis + (-1,) + (1,) * (input.array.ndim - axis - 1))
    result = pooled(input, axis, F.broadcast_to(line, source.array.shape), source, reduce, include_self)
    return result if out is None else write_out(out, result, "index_reduce")


# ---- by several index tensors, and by position in the flattened tensor ---------------------------------------------------------------
@method()
def index_put(input: Tensor, indices: Any, values: Tensor, accumulate: bool = False) -> Tensor:
    """A copy of ``input`` with ``values`` at ``input[indices]``, or added there, where repeated positions add up."""
    if values.array.dtype != input.array.dtype:
        raise RuntimeError(
            f"Index put requires the source and destination dtypes match, got {kind_name(input)} for the destination and {kind_name(values)} for the source."
        )
    _, _, advanced = parsed(input.array, tuple([slice(None) if i is None else i for i in indices]))
    if advanced is None:  # 0-d index tensors are numbers to a subscript
        advanced = tuple([raw_index(input, i, "index_put").reshape((1,)) for i in indices])
    try:
        return op.index_put.call(input, values, advanced, accumulate)
    except IndexError as error:
        raise index_error(error, input.array, advanced) from None
    except ValueError:
        raise RuntimeError(
            f"shape mismatch: value tensor of shape {list(values.array.shape)} cannot be broadcast to indexing result of shape "
            f"{list(input.array[advanced].shape)}"
        ) from None


@method()
def take(input: Tensor, index: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The elements of the flattened ``input`` at ``index``, in the shape of ``index``."""
    if index.array.dtype.name != "int64":
        raise RuntimeError(f"take(): Expected a long tensor for index, but got {kind_name(index)}")
    flat = reshape(input, -1)
    try:
        result: Tensor = op.take.call(flat, (index.array,))
    except IndexError:
        size = input.array.size
        low, high = int(index.array.min().item()), int(index.array.max().item())
        raise IndexError(f"out of range: tried to access index {low if low < -size else high} on a tensor of {size} elements.") from None
    return result if out is None else write_out(out, result, "take")


@method()
def put(input: Tensor, index: Tensor, source: Tensor, accumulate: bool = False) -> Tensor:
    """A copy of ``input`` with the elements of ``source`` at the positions ``index`` of the flattened tensor."""
    if index.array.dtype.name != "int64":
        raise RuntimeError(f"put_(): Expected a long tensor for index, but got {kind_name(index)}")
    if source.array.dtype != input.array.dtype:
        raise RuntimeError(f"put_(): Expected the same dtype for source as for self, but got {kind_name(source)} and {kind_name(input)}")
    if index.array.size != source.array.size:
        raise RuntimeError(
            f"put_(): Expected source and index to have the same number of elements, but got source.numel() = {source.array.size}, "
            f"index.numel() = {index.array.size}"
        )
    flat = op.index_put.call(reshape(input, -1), reshape(source, index.array.shape), (index.array,), accumulate)
    return reshape(flat, input.array.shape)


def _from_the_end(indices: Tensor, size: int) -> Tensor:
    """Indices of which negative ones counted from the end."""
    array = indices.array
    return wrap(backend_of(type(array)).F.where(array < 0, array + size, array))


@method()
def take_along_dim(input: Tensor, indices: Tensor, dim: int | None = None, *, out: Tensor | None = None) -> Tensor:
    """:func:`gather` with ``input`` and ``indices`` broadcast against each other but for ``dim``; without ``dim``, of the flattened tensors."""
    if dim is None:
        result = gather(reshape(input, -1), 0, reshape(_from_the_end(indices, input.array.size), -1))
    else:
        if input.array.ndim != indices.array.ndim:
            raise RuntimeError(
                f"torch.take_along_dim(): input and indices should have the same number of dimensions, but got {input.array.ndim} dimensions for "
                f"input, and {indices.array.ndim} dimensions for indices"
            )
        axis = one_axis(input, dim)
        ones = [slice(0, 1) if d == axis else slice(None) for d in range(input.array.ndim)]
        common = broadcast_tensors(wrap(input.array[tuple(ones)]), wrap(indices.array[tuple(ones)]))[0].array.shape

        def wide(t: Tensor) -> Tensor:
            return t.expand((*common[:axis], t.array.shape[axis], *common[axis + 1 :]))

        result = gather(wide(input), axis, wide(_from_the_end(indices, input.array.shape[axis])))
    return result if out is None else write_out(out, result, "take_along_dim")


for _function in (scatter, scatter_add, scatter_reduce, index_add, index_copy, index_fill, index_reduce, index_put, put):
    inplace(_function, f"{_function.__name__}_", _function in (scatter, scatter_reduce, index_reduce))
