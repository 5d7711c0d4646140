"""Elements in another order: flip, roll, rot90 (copies)."""

from __future__ import annotations

from typing import Any

from tane.ops import shape as op
from tane.surface.expose import method
from tane.surface.size import one_axis, several_axes, sizes
from tane.tensor import Tensor

__all__ = ["flip", "fliplr", "flipud", "roll", "rot90"]


@method()
def flip(input: Tensor, *args: Any, dims: Any = None) -> Tensor:
    """A copy with the order along ``dims``, given as several numbers or as one sequence, reversed."""
    axes = several_axes(input, sizes(args if dims is None else (dims,)))
    if len(set(axes)) != len(axes):
        repeated = next(a for a in axes if axes.count(a) > 1)
        raise RuntimeError(f"dim {repeated} appears multiple times in the list of dims")
    return op.flip.call(input, axes if input.array.ndim else ())


@method()
def fliplr(input: Tensor) -> Tensor:
    """A copy with the columns in reverse order."""
    if input.array.ndim < 2:
        raise RuntimeError("Input must be >= 2-d.")
    return flip(input, 1)


@method()
def flipud(input: Tensor) -> Tensor:
    """A copy with the rows in reverse order."""
    if input.array.ndim < 1:
        raise RuntimeError("Input must be >= 1-d.")
    return flip(input, 0)


@method()
def roll(input: Tensor, shifts: Any, dims: Any = ()) -> Tensor:
    """A copy with the elements shifted along ``dims``, those that fall off coming back at the other end; without ``dims``, of the flattened tensor."""
    shifts = (shifts,) if isinstance(shifts, int) else tuple(shifts)
    dims = (dims,) if isinstance(dims, int) else tuple(dims)
    if not shifts:
        raise RuntimeError("`shifts` required")
    if not input.array.ndim and dims:
        raise IndexError(f"Dimension specified as {dims[0]} but tensor has no dimensions")
    if not dims and len(shifts) == 1:
        return op.roll.call(input, shifts[0], None)
    if len(shifts) != len(dims):
        raise RuntimeError(f"shifts and dimensions must align. shifts: {len(shifts)}, dims:{len(dims)}")
    return op.roll.call(input, shifts, several_axes(input, dims))


@method()
def rot90(input: Tensor, k: int = 1, dims: Any = (0, 1)) -> Tensor:
    """A copy turned by ``k`` right angles in the plane of ``dims``, from the first towards the second."""
    dims = tuple(dims)
    if len(dims) != 2:
        raise RuntimeError(f"expected total rotation dims == 2, but got dims = {len(dims)}")
    if input.array.ndim < 2:
        raise RuntimeError(f"expected total dims >= 2, but got total dims = {input.array.ndim}")
    axes = one_axis(input, dims[0]), one_axis(input, dims[1])
    if axes[0] == axes[1]:
        raise RuntimeError(f"expected rotation dims to be different, but got dim0 = {dims[0]} and dim1 = {dims[1]}")
    return op.rot90.call(input, k, axes)
