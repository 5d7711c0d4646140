"""What solves by LU factors and takes them apart, under the names that are functions of ``tane``."""

from __future__ import annotations

from typing import Any

from tane.linalg import triangles
from tane.return_types import return_type
from tane.surface.expose import method, write_out
from tane.tensor import Tensor

__all__ = ["lu_solve", "lu_unpack"]


@method()
def lu_solve(b: Tensor, LU_data: Tensor, LU_pivots: Tensor, *, out: Tensor | None = None) -> Tensor:
    """:func:`tane.linalg.lu_solve` with the right side first."""
    return triangles.lu_solve(LU_data, LU_pivots, b, out=out)


def lu_unpack(LU_data: Tensor, LU_pivots: Tensor, unpack_data: bool = True, unpack_pivots: bool = True, *, out: Any = None) -> Any:
    """``P``, ``L`` and ``U`` of what ``linalg.lu_factor`` gives; empty, what is not to be unpacked."""
    order, L, U = triangles.unpacked(LU_data, LU_pivots)
    P = triangles.permutation(order, LU_data) if unpack_pivots else LU_data.new_empty(0)
    results: list[Tensor] = [P, L, U] if unpack_data else [P, LU_data.new_empty(0), LU_data.new_empty(0)]
    if out is not None:
        results = [write_out(o, r, "lu_unpack") for o, r in zip(out, results, strict=True)]
    return return_type("lu_unpack", "P", "L", "U")(results)
