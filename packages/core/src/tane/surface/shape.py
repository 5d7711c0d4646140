"""The same elements in another shape: view, reshape, transpose, permute, squeeze, and their in-place forms."""

from __future__ import annotations

import math
import warnings
from typing import Any

from tane.backends.backend import backend_of
from tane.dtypes import dtype as DType
from tane.ops import shape as op
from tane.ops.pointwise import alias, clone
from tane.surface.expose import method
from tane.surface.metadata import retyped, set_view
from tane.surface.size import one_axis, several_axes, sizes
from tane.tensor import Tensor

__all__ = [
    "adjoint",
    "flatten",
    "moveaxis",
    "movedim",
    "permute",
    "ravel",
    "reshape",
    "squeeze",
    "swapaxes",
    "swapdims",
    "t",
    "transpose",
    "unflatten",
    "unsqueeze",
]


def completed(size: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape with its -1 worked out for ``size`` elements; PyTorch's error where that number does not fit."""
    if -1 in shape:
        if shape.count(-1) > 1:
            raise RuntimeError("only one dimension can be inferred")
        known = math.prod(d for d in shape if d != -1)
        if known == 0 and size == 0:
            raise RuntimeError(
                f"cannot reshape tensor of 0 elements into shape {list(shape)} because the unspecified dimension size -1 can be any value and is ambiguous"
            )
        if known > 0 and size % known == 0:
            return tuple([size // known if d == -1 else d for d in shape])
    elif math.prod(shape) == size and (size or min(shape, default=0) >= 0):
        return shape
    if min(shape, default=0) < -1:
        raise RuntimeError(
            f"invalid shape dimension {next(d for d in shape if d < -1)} at index {[d < -1 for d in shape].index(True)} of shape {list(shape)}"
        )
    raise RuntimeError(f"shape '{list(shape)}' is invalid for input of size {size}")


def aliases(result: Any, array: Any) -> bool:
    """Whether two raw arrays lie in the same memory."""
    backend = backend_of(type(array))
    return backend.owner(result) is backend.owner(array)


@method("view")
def view(self: Tensor, *shape: Any, dtype: DType | None = None, size: Any = None) -> Tensor:
    """The same memory in another shape, one of whose sizes may be -1; a layout that does not allow it raises. ``view(dtype)`` reads the bytes as another type.

    >>> import tane
    >>> tane.arange(6).view(2, -1).shape
    torch.Size([2, 3])
    """
    if dtype is not None or (len(shape) == 1 and isinstance(shape[0], DType)):
        return retyped(self, shape[0] if dtype is None else dtype)
    array = self.array
    wanted = completed(array.size, sizes(shape if size is None else (size,)))
    if not array.flags.c_contiguous and not aliases(array.reshape(wanted), array):
        raise RuntimeError(
            "view size is not compatible with input tensor's size and stride (at least one dimension spans across two contiguous subspaces). "
            "Use .reshape(...) instead."
        )
    return op.reshape.call(self, wanted)


@method()
def view_as(self: Tensor, other: Tensor) -> Tensor:
    """``self.view(other.size())``."""
    return view(self, other.array.shape)


@method()
def reshape(input: Tensor, *args: Any, shape: Any = None) -> Tensor:
    """The same elements in another shape, one of whose sizes may be -1: a view where the layout allows one, else a copy."""
    array = input.array
    wanted = completed(array.size, sizes(args if shape is None else (shape,)))
    if not array.flags.c_contiguous and not aliases(array.reshape(wanted), array):
        return op.copy_reshape.call(input, wanted)
    return op.reshape.call(input, wanted)


@method()
def reshape_as(self: Tensor, other: Tensor) -> Tensor:
    """``self.reshape(other.size())``."""
    return reshape(self, other.array.shape)


@method()
def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """The dimensions from ``start_dim`` to ``end_dim`` as one; a scalar becomes a vector."""
    shape = input.array.shape
    start, end = one_axis(input, start_dim), one_axis(input, end_dim)
    if start > end:
        raise RuntimeError("flatten() has invalid args: start_dim cannot come after end_dim")
    if not shape:
        return reshape(input, (1,))
    if start == end:
        return input
    return reshape(input, (*shape[:start], math.prod(shape[start : end + 1]), *shape[end + 1 :]))


@method()
def unflatten(input: Tensor, dim: int, sizes: Any) -> Tensor:
    """Dimension ``dim`` as several of the sizes given, one of which may be -1."""
    axis = one_axis(input, dim)
    sizes = tuple(sizes) if not isinstance(sizes, int) else (sizes,)
    shape = input.array.shape
    if not sizes:
        raise RuntimeError("unflatten: sizes must be non-empty")
    try:
        inner = completed(shape[axis], sizes)
    except RuntimeError:
        raise RuntimeError(
            f"unflatten: Provided sizes {list(sizes)} don't multiply up to the size of dim {dim} ({shape[axis]}) in the input tensor"
        ) from None
    return view(input, (*shape[:axis], *inner, *shape[axis + 1 :]))


@method()
def ravel(input: Tensor) -> Tensor:
    """All elements as a vector; a view of a contiguous tensor, a copy of others."""
    return reshape(input if input.array.flags.c_contiguous else clone.call(input), -1)


# ---- dimensions in another order -----------------------------------------------------------------------------------------------------
def _exchanged(op_: Any, input: Tensor, dim0: int, dim1: int) -> Tensor:
    a, b = one_axis(input, dim0), one_axis(input, dim1)
    return op_.call(input, a, b) if input.array.ndim else alias.call(input)


@method()
def transpose(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """A view with two dimensions exchanged."""
    return _exchanged(op.swapaxes, input, dim0, dim1)


@method()
def swapaxes(input: Tensor, axis0: int, axis1: int) -> Tensor:
    """NumPy's name for :func:`transpose`."""
    return _exchanged(op.swapaxes, input, axis0, axis1)


@method()
def swapdims(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """Another name for :func:`transpose`."""
    return _exchanged(op.swapaxes, input, dim0, dim1)


@method()
def t(input: Tensor) -> Tensor:
    """The transpose of a matrix; a vector or scalar as it is."""
    if input.array.ndim > 2:
        raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {input.array.ndim}D")
    return op.t.call(input)


@method()
def permute(input: Tensor, *args: Any, dims: Any = None) -> Tensor:
    """A view with the dimensions in another order."""
    wanted = sizes(args if dims is None else (dims,))
    ndim = input.array.ndim
    if len(wanted) != ndim:
        raise RuntimeError(
            "permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired ordering of dimensions i.e. "
            f"input.dim() = {ndim} is not equal to len(dims) = {len(wanted)}"
        )
    order = tuple([d if 0 <= d < ndim else one_axis(input, d) for d in wanted])
    if len(set(order)) != ndim:
        raise RuntimeError("permute(): duplicate dims are not allowed.")
    return op.permute.call(input, order)


def _moved(input: Tensor, source: Any, destination: Any) -> Tensor:
    source = (source,) if isinstance(source, int) else tuple(source)
    destination = (destination,) if isinstance(destination, int) else tuple(destination)
    if len(source) != len(destination):
        raise RuntimeError(
            f"movedim: Invalid source or destination dims: source ({list(source)} dims) should contain the same number of dims as destination "
            f"({list(destination)} dims)"
        )
    from_, to = several_axes(input, source), several_axes(input, destination)
    for name, given, axes in (("source", source, from_), ("destination", destination, to)):
        if len(set(axes)) != len(axes):
            raise RuntimeError(f"movedim: repeated dim in `{name}` ({list(given)})")
    if not input.array.ndim:
        return alias.call(input)
    rest = iter([a for a in range(input.array.ndim) if a not in from_])
    places = dict(zip(to, from_, strict=True))
    return op.permute.call(input, tuple([places[a] if a in places else next(rest) for a in range(input.array.ndim)]))


@method()
def movedim(input: Tensor, source: Any, destination: Any) -> Tensor:
    """A view with the dimensions ``source`` moved to the places ``destination``; the others keep their order."""
    return _moved(input, source, destination)


@method()
def moveaxis(input: Tensor, source: Any, destination: Any) -> Tensor:
    """NumPy's name for :func:`movedim`."""
    return _moved(input, source, destination)


@method()
def adjoint(input: Tensor) -> Tensor:
    """The transpose of the last two dimensions, conjugated."""
    return _adjoint(input, "adjoint")


def _adjoint(input: Tensor, name: str) -> Tensor:
    if input.array.ndim < 2:
        raise RuntimeError(f"tensor.{name} is only supported on matrices or batches of matrices. Got {input.array.ndim}-D tensor.")
    swapped: Tensor = op.swapaxes.call(input, input.array.ndim - 2, input.array.ndim - 1)
    return swapped.conj() if input.array.dtype.kind == "c" else swapped


def _reversed(self: Tensor) -> Tensor:
    ndim = self.array.ndim
    if ndim != 2 and ndim != 1:
        if not ndim:
            warnings.warn("Tensor.T is deprecated on 0-D tensors. This function is the identity in these cases.", stacklevel=2)
            return self
        warnings.warn(
            "The use of `x.T` on tensors of dimension other than 2 to reverse their shape is deprecated and it will throw an error in a future release. "
            "Consider `x.mT` to transpose batches of matrices or `x.permute(*torch.arange(x.ndim - 1, -1, -1))` to reverse the dimensions of a tensor.",
            stacklevel=2,
        )
    return op.permute.call(self, tuple(range(self.array.ndim))[::-1])


def _matrix_transpose(self: Tensor) -> Tensor:
    if self.array.ndim < 2:
        raise RuntimeError(f"tensor.mT is only supported on matrices or batches of matrices. Got {self.array.ndim}-D tensor.")
    return op.swapaxes.call(self, self.array.ndim - 2, self.array.ndim - 1)


def _hermitian(self: Tensor) -> Tensor:
    if self.array.ndim not in (0, 2):
        raise RuntimeError(f"tensor.H is only supported on matrices (2-D tensors). Got {self.array.ndim}-D tensor.")
    return _adjoint(self, "H") if self.array.ndim else alias.call(self)


Tensor.T = property(_reversed)  # type: ignore[attr-defined]
Tensor.mT = property(_matrix_transpose)  # type: ignore[attr-defined]
Tensor.H = property(_hermitian)  # type: ignore[attr-defined]
Tensor.mH = property(lambda self: _adjoint(self, "mH"))  # type: ignore[attr-defined]


# ---- dimensions of size 1 ----------------------------------------------------------------------------------------------------------------
@method()
def unsqueeze(input: Tensor, dim: int) -> Tensor:
    """A view with a dimension of size 1 put in at ``dim``."""
    return op.expand_dims.call(input, one_axis(input, dim, 1))


@method()
def squeeze(input: Tensor, dim: Any = None) -> Tensor:
    """A view without the dimensions of size 1, or without those of ``dim`` that have size 1."""
    shape = input.array.shape
    if dim is None:
        return op.squeeze.call(input, tuple([d for d, size in enumerate(shape) if size == 1]))
    axes = (one_axis(input, dim),) if isinstance(dim, int) else several_axes(input, dim)
    return op.squeeze_one.call(input, tuple([d for d in axes if shape and shape[d] == 1]))


# ---- in place: the tensor itself gets the other shape --------------------------------------------------------------------------------
@method()
def squeeze_(self: Tensor, dim: Any = None) -> Tensor:
    """:func:`squeeze` in place."""
    return set_view(self, squeeze(self, dim))


@method()
def unsqueeze_(self: Tensor, dim: int) -> Tensor:
    """:func:`unsqueeze` in place."""
    return set_view(self, unsqueeze(self, dim))


@method("transpose_", "swapaxes_", "swapdims_")
def transpose_(self: Tensor, dim0: int, dim1: int) -> Tensor:
    """:func:`transpose` in place."""
    return set_view(self, transpose(self, dim0, dim1))


@method()
def t_(self: Tensor) -> Tensor:
    """:func:`t` in place."""
    return set_view(self, t(self))
