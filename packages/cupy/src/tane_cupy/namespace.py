"""``F`` on CuPy: its own functions, and what it lacks or spells differently."""

from __future__ import annotations

from typing import Any

import numpy as np

from tane.backends.namespace import Namespace

__all__ = ["CupyNamespace"]

# CuPy's atomic additions know these types; others are added in one of them.
ATOMIC = {"float16", "float32", "float64", "int32", "uint32", "uint64"}


class CupyNamespace(Namespace):
    """Formulas' functions over CuPy."""

    def __init__(self, cupy: Any, special: Any) -> None:
        super().__init__(cupy)
        self.special = special
        # CuPy's ufuncs reduce only sums and products, and call the functions for those.
        self.sum, self.prod, self.all, self.any = cupy.sum, cupy.prod, cupy.all, cupy.any
        self.amax = self.max = cupy.amax
        self.amin = self.min = cupy.amin
        self.add = Adding(self)

    def __getattr__(self, name: str) -> Any:
        if name in SPECIAL and hasattr(self.special, SPECIAL[name]):  # a kernel of CuPy's before a formula of tane's
            function = getattr(self.special, SPECIAL[name])
            self.__dict__[name] = function
            return function
        return super().__getattr__(name)

    def scatter_add(self, shape: tuple[int, ...], index: Any, values: Any) -> Any:
        """Zeros of ``shape`` with ``values`` added at ``index``; repeated positions add up, in no fixed order."""
        out = self.xp.zeros(shape, values.dtype)
        add_at(self.xp, out, index, values)
        return out


# Functions that CuPy has kernels for, by their names in ``F``.
SPECIAL = {
    "erf": "erf",
    "erfc": "erfc",
    "erfinv": "erfinv",
    "lgamma": "gammaln",
    "gammaln": "gammaln",
    "digamma": "digamma",
    "i0": "i0",
    "i0e": "i0e",
    "i1": "i1",
    "i1e": "i1e",
}


class Adding:
    """``F.add``, with an ``at`` that takes every type."""

    def __init__(self, F: CupyNamespace) -> None:
        self.ufunc, self.xp = F.xp.add, F.xp

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.ufunc(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.ufunc, name)

    def at(self, out: Any, index: Any, values: Any) -> None:
        """Add ``values`` to ``out`` at ``index``, every time that a position occurs there."""
        add_at(self.xp, out, index, values)


def add_at(xp: Any, out: Any, index: Any, values: Any) -> None:
    """``np.add.at`` for CuPy's arrays of any type."""
    kind = out.dtype
    if kind.name in ATOMIC:
        xp.add.at(out, index, values)
    elif kind.kind == "c":
        values = xp.asarray(values)
        xp.add.at(out.real, index, values.real)
        xp.add.at(out.imag, index, values.imag)
    elif kind == np.int64:  # two's complement: the same bits are added
        unsigned = xp.asarray(values, kind).view(np.uint64)
        xp.add.at(out.view(np.uint64), index, unsigned)
    else:
        wide = np.dtype(np.float32 if kind.kind in "fV" else np.int32)
        total = out.astype(wide)
        xp.add.at(total, index, xp.asarray(values).astype(wide))
        out[...] = total.astype(kind)
