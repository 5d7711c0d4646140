"""Sample inputs of an op, independent of dtype and device: what is drawn from where, and what the op is told besides."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from tane import dtypes
from tane.dtypes import dtype as DType

__all__ = ["ALL", "COMPLEX", "DOUBLE", "FLOATS", "HALVES", "INTEGERS", "REALS", "Draw", "Given", "Sample", "draw", "given"]

DOUBLE = ("float64",)
HALVES = ("float16", "bfloat16")
FLOATS = ("float64", "float32", *HALVES)
COMPLEX = ("complex128", "complex64")
INTEGERS = ("int64", "int32", "uint8")
REALS = (*FLOATS, *INTEGERS)
ALL = (*REALS, "bool", *COMPLEX)


def dtype_named(name: str) -> DType:
    """The tane dtype of a name such as ``"float32"`` or ``"bool"``."""
    found: DType = getattr(dtypes, "bool_" if name == "bool" else name)
    return found


@dataclass(frozen=True)
class Draw:
    """An array to be drawn: uniform in [low, high), in the dtype under test unless ``dtype`` fixes one.

    ``nonzero`` keeps values at least a tenth away from zero, ``distinct`` keeps them apart from each other, so that extremes and orders are unique.
    """

    shape: tuple[int, ...]
    low: float | None = None
    high: float | None = None
    dtype: str | None = None
    nonzero: bool = False
    distinct: bool = False

    def array(self, rng: np.random.Generator, dtype: str, domain: tuple[float, float]) -> Any:
        """A NumPy array of this description."""
        kind = dtype_named(self.dtype or dtype)
        values: Any
        low, high = domain[0] if self.low is None else self.low, domain[1] if self.high is None else self.high
        if kind.name == "bool":
            return np.asarray(rng.random(self.shape) < 0.5)
        if kind.category == dtypes.INTEGER:
            first = int(np.ceil(max(low, 1 if self.nonzero and low >= 0 else low, 0 if not kind.is_signed else low)))
            values = rng.integers(first, max(first + 1, int(np.ceil(high))), self.shape)
            values = np.where(values == 0, 1, values) if self.nonzero else values
        elif kind.is_complex:
            values = rng.uniform(low, high, self.shape) + 1j * rng.uniform(low, high, self.shape)
        elif self.distinct:
            count = int(np.prod(self.shape))
            values = rng.permutation(low + (high - low) * (np.arange(count) + 0.5) / max(count, 1)).reshape(self.shape)
        else:
            values = rng.uniform(low, high, self.shape)
        if self.nonzero and kind.category >= dtypes.FLOAT:
            values = np.where(np.abs(values) < 0.1, 0.25 if high > 0.25 else -0.25, values)
        return np.asarray(values).astype(kind.numpy)


def draw(
    *shape: int,
    low: float | None = None,
    high: float | None = None,
    dtype: str | None = None,
    nonzero: bool = False,
    distinct: bool = False,
) -> Draw:
    """An array to be drawn, for the arguments of a :class:`Sample`: ``draw(2, 3, low=0)``."""
    return Draw(shape, low, high, dtype, nonzero, distinct)


@dataclass(frozen=True)
class Given:
    """A fixed array, brought to the dtype under test."""

    values: Any

    def array(self, rng: np.random.Generator, dtype: str, domain: tuple[float, float]) -> Any:
        return np.asarray(self.values).astype(dtype_named(dtype).numpy)

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(np.shape(self.values))


def given(values: Any) -> Given:
    """Fixed values in the dtype under test, for the arguments of a :class:`Sample`; a NumPy array is taken in its own dtype."""
    return Given(values)


@dataclass(frozen=True)
class Sample:
    """One call of an op.

    ``args`` and ``kwargs`` hold ``draw(...)`` where an array belongs, NumPy arrays to be taken as they are, and plain values, in lists and tuples too.
    ``domain`` is the interval of draws that name none. ``dtypes`` are the names of the element types to try. ``reference`` computes the result with NumPy,
    from the same arguments in the widest type of their kind; without one, results are compared with the CPU's in float64. ``tolerance`` multiplies
    what the dtype allows. ``skips`` maps a check's, a device's or a dtype's name, or ``"gradients"`` for all
    that has to do with those, to the reason why it is not made here. ``view`` says that the
    result shares an input's memory.

    >>> Sample((draw(2, 3), draw(3)), {"alpha": 2.0}, name="broadcast").text
    'broadcast: (?[2, 3], ?[3], alpha=2.0)'
    """

    args: tuple[Any, ...]
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
    dtypes: tuple[str, ...] = ("float64", "float32")
    reference: Callable[..., Any] | None = None
    domain: tuple[float, float] = (-2.0, 2.0)
    tolerance: float = 1.0
    skips: Mapping[str, str] = field(default_factory=dict)
    view: bool = False

    def __post_init__(self) -> None:
        for what, reason in self.skips.items():
            if not reason.strip():
                raise ValueError(f"sample {self.text}: the skip of {what!r} needs a reason")
        for name in self.dtypes:
            dtype_named(name)

    @property
    def text(self) -> str:
        """The sample in a line."""
        parts = [shown(a) for a in self.args] + [f"{k}={shown(v)}" for k, v in self.kwargs.items()]
        return f"{self.name + ': ' if self.name else ''}({', '.join(parts)})"

    def but(self, **changes: Any) -> Sample:
        """The same sample with some fields changed."""
        return replace(self, **changes)

    def drawn(self, dtype: str, seed: str = "") -> tuple[list[Any], dict[str, Any]]:
        """Arguments with NumPy arrays in them, the same at every call."""
        rng = np.random.default_rng(zlib.crc32(f"{self.text}{seed}".encode()))

        def fill(value: Any) -> Any:
            if isinstance(value, (Draw, Given)):
                return value.array(rng, dtype, self.domain)
            if isinstance(value, (list, tuple)) and not hasattr(value, "_fields"):
                return type(value)(map(fill, value))
            return value.copy() if isinstance(value, np.ndarray) else value

        return [fill(a) for a in self.args], {k: fill(v) for k, v in self.kwargs.items()}


def shown(value: Any) -> str:
    """An argument as it stands in a message."""
    if isinstance(value, (Draw, Given)):
        return f"{getattr(value, 'dtype', None) or '?'}{list(value.shape)}"
    if isinstance(value, np.ndarray):
        return f"{value.dtype.name}{list(value.shape)}"
    if isinstance(value, (list, tuple)):
        inner = ", ".join(map(shown, value)) + ("," if isinstance(value, tuple) and len(value) == 1 else "")
        return f"[{inner}]" if isinstance(value, list) else f"({inner})"
    return getattr(value, "__name__", None) or repr(value)


def leaves(value: Any) -> Iterator[Any]:
    """The NumPy arrays in nested arguments, in order."""
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, (list, tuple)):
        for v in value:
            yield from leaves(v)
    elif isinstance(value, Mapping):
        for v in value.values():
            yield from leaves(v)


def with_leaves(value: Any, replacement: Callable[[Any], Any]) -> Any:
    """Nested arguments with every NumPy array replaced."""
    if isinstance(value, np.ndarray):
        return replacement(value)
    if isinstance(value, (list, tuple)):
        return type(value)(with_leaves(v, replacement) for v in value)
    if isinstance(value, Mapping):
        return {k: with_leaves(v, replacement) for k, v in value.items()}
    return value
