"""``F`` on CuPy: its own functions, and what it lacks or spells differently."""

from __future__ import annotations

from typing import Any

import numpy as np

from tane.backends.namespace import Namespace

__all__ = ["WRAPPED", "CupyNamespace"]

# Kernels of CuPy's that go before formulas of tane's: names in ``F``, and in cupyx.scipy.special.
SPECIAL = {
    "digamma": "digamma",
    "erf": "erf",
    "erfc": "erfc",
    "erfcx": "erfcx",
    "erfinv": "erfinv",
    "hurwitz_zeta": "zeta",
    "i0e": "i0e",
    "i1": "i1",
    "i1e": "i1e",
    "lgamma": "gammaln",
    "polygamma": "polygamma",
}
# Functions whose ``at`` or ``accumulate`` formulas use, and CuPy has not, or not for every type.
WRAPPED = ("add", "logaddexp", "maximum", "minimum", "multiply")
# The types that CuPy's atomic additions know; others are added in one of them.
ATOMIC = {"float16", "float32", "float64", "int32", "uint32", "uint64"}


class CupyNamespace(Namespace):
    """Formulas' functions over CuPy."""

    def __init__(self, cupy: Any, special: Any) -> None:
        super().__init__(cupy)
        # CuPy's ufuncs reduce only sums and products, and call the functions for those.
        self.sum, self.prod, self.all, self.any = cupy.sum, cupy.prod, cupy.all, cupy.any
        self.amax = self.max = cupy.amax
        self.amin = self.min = cupy.amin
        for name in WRAPPED:
            setattr(self, name, Ufunc(cupy, name))
        for name, theirs in SPECIAL.items():
            if hasattr(special, theirs):
                setattr(self, name, getattr(special, theirs))

    def scatter_add(self, shape: tuple[int, ...], index: Any, values: Any) -> Any:
        """Zeros of ``shape`` with ``values`` added at ``index``; repeated positions add up, in no fixed order."""
        out = self.xp.zeros(shape, values.dtype)
        add_at(self.xp, out, index, values)
        return out

    def scatter_rows(self, count: int, index: Any, values: Any) -> Any:
        """``count`` rows of zeros with row ``i`` of ``values`` added to row ``index[i]``."""
        return self.scatter_add((count, *values.shape[1:]), index, values)


class Ufunc:
    """A function of CuPy's, with the methods that formulas ask of it."""

    def __init__(self, xp: Any, name: str) -> None:
        self.xp, self.name, self.function = xp, name, getattr(xp, name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.function, name)

    def at(self, out: Any, index: Any, values: Any) -> None:
        """Combine ``values`` with what ``out`` has at ``index``, every time that a position occurs there."""
        if self.name == "add":
            add_at(self.xp, out, index, values)
        else:
            combine_at(self.xp, self.function, out, index, values)

    def accumulate(self, x: Any, axis: int = 0) -> Any:
        """Running results along an axis: each step combines stretches twice as long."""
        if self.name in ("add", "multiply"):
            return self.function.accumulate(x, axis)
        out = self.xp.moveaxis(x.copy(), axis, 0)
        reach = 1
        while reach < out.shape[0]:
            out[reach:] = self.function(out[reach:], out[:-reach])
            reach *= 2
        return self.xp.moveaxis(out, 0, axis)


def add_at(xp: Any, out: Any, index: Any, values: Any) -> None:
    """``np.add.at`` for CuPy's arrays of any type."""
    kind = out.dtype
    values = xp.asarray(values)
    if kind.name in ATOMIC:
        xp.add.at(out, index, values.astype(kind, copy=False))
    elif kind.kind == "c":
        for part, summand in ((out.real, values.real), (out.imag, values.imag)):
            xp.add.at(part, index, summand)
    elif kind == np.int64:  # two's complement: the same bits are added
        xp.add.at(out.view(np.uint64), index, values.astype(kind, copy=False).view(np.uint64))
    else:
        wide = np.dtype(np.float32 if kind.kind in "fV" else np.int32)
        total = out.astype(wide)
        xp.add.at(total, index, values.astype(wide))
        out[...] = total.astype(kind)


def combine_at(xp: Any, function: Any, out: Any, index: Any, values: Any) -> None:
    """``ufunc.at`` for an associative function: values that meet in one place are combined there, in rounds that halve their number."""
    places = xp.arange(out.size).reshape(out.shape)[index]
    values = xp.broadcast_to(xp.asarray(values, out.dtype), places.shape).reshape(-1)
    places = places.reshape(-1)
    order = xp.argsort(places, kind="stable")
    places, values = places[order], values[order]
    flat = out.reshape(-1)
    while places.size:
        # Of those in one place, the first and second, third and fourth ... become one: what is left of each place is half as many.
        first = xp.concatenate([xp.ones(1, bool), places[1:] != places[:-1]])
        starts = xp.flatnonzero(first)
        rank = xp.arange(places.size) - starts[xp.cumsum(first) - 1]
        even = xp.flatnonzero(rank % 2 == 0)
        partner = xp.minimum(even + 1, places.size - 1)
        paired = (places[partner] == places[even]) & (partner > even)
        values, places = xp.where(paired, function(values[even], values[partner]), values[even]), places[even]
        if not bool(paired.any().item()):
            break
    flat[places] = function(flat[places], values)
    if flat.base is None or not out.flags.c_contiguous:
        out[...] = flat.reshape(out.shape)
