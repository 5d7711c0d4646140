"""``assert_close``: are these tensors, numbers or containers of them the same up to rounding?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from tane.convert import as_array
from tane.dtypes import dtype as DType
from tane.dtypes import from_numpy_dtype
from tane.surface.conversion import host
from tane.tensor import Tensor

__all__ = ["assert_close", "default_tolerances"]

# (rtol, atol) by dtype, as PyTorch has them; whole numbers and bools must be equal.
TOLERANCES = {
    "float16": (1e-3, 1e-5),
    "bfloat16": (1.6e-2, 1e-5),
    "float32": (1.3e-6, 1e-5),
    "float64": (1e-7, 1e-7),
    "complex64": (1.3e-6, 1e-5),
    "complex128": (1e-7, 1e-7),
}
EXACT = (0.0, 0.0)


def default_tolerances(*dtypes: DType) -> tuple[float, float]:
    """The relative and absolute tolerance for values of these types: those of the least precise one."""
    rtols, atols = zip(*(TOLERANCES.get(d.name, EXACT) for d in dtypes), strict=True)
    return max(rtols), max(atols)


def assert_close(
    actual: Any,
    expected: Any,
    *,
    allow_subclasses: bool = True,
    rtol: float | None = None,
    atol: float | None = None,
    equal_nan: bool = False,
    check_device: bool = True,
    check_dtype: bool = True,
    check_layout: bool = True,
    check_stride: bool = False,
    msg: str | Callable[[str], str] | None = None,
) -> None:
    """Raise ``AssertionError`` unless ``|actual - expected| <= atol + rtol * |expected|`` everywhere, with shapes, dtypes and devices the same.

    Tensors, NumPy arrays, numbers, and sequences and mappings of those. Without ``rtol`` and ``atol`` the tolerances are those of the dtype; an
    expected value that is infinite must be met exactly. ``msg`` replaces the message, or is a function of it. Every tensor here is dense, so
    ``check_layout`` has nothing to find.

    >>> import tane
    >>> assert_close(tane.tensor([0.1]) + tane.tensor([0.2]), tane.tensor([0.3]))
    """
    if (rtol is None) is not (atol is None):
        raise ValueError(f"Both 'rtol' and 'atol' must be either specified or omitted, but got no {'rtol' if rtol is None else 'atol'}.")
    compare = Comparison(allow_subclasses, rtol, atol, equal_nan, check_device, check_dtype, check_stride)
    found = compare.mismatch(actual, expected, ())
    if found is not None:
        text, path = found
        if path:
            text += f"\n\nThe failure occurred for item {''.join(f'[{p!r}]' for p in path)}"
        raise AssertionError(msg(text) if callable(msg) else msg or text)


class Comparison:
    """What counts as close."""

    def __init__(
        self,
        allow_subclasses: bool,
        rtol: float | None,
        atol: float | None,
        equal_nan: bool,
        check_device: bool,
        check_dtype: bool,
        check_stride: bool,
    ) -> None:
        self.allow_subclasses, self.rtol, self.atol, self.equal_nan = allow_subclasses, rtol, atol, equal_nan
        self.check_device, self.check_dtype, self.check_stride = check_device, check_dtype, check_stride

    def mismatch(self, actual: Any, expected: Any, path: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]] | None:
        """What is wrong and where, or None."""
        related = isinstance(actual, type(expected)) or isinstance(expected, type(actual))
        if isinstance(actual, Tensor) and isinstance(expected, Tensor) and (self.allow_subclasses or type(actual) is type(expected)):
            text = self.tensors(actual, expected)
        elif isinstance(actual, np.ndarray) and isinstance(expected, np.ndarray):
            text = self.arrays(actual, expected, from_numpy_dtype(actual.dtype), from_numpy_dtype(expected.dtype))
        elif actual is None and expected is None:
            text = None
        elif isinstance(actual, bool | np.bool_) and isinstance(expected, bool | np.bool_):
            text = None if bool(actual) is bool(expected) else f"Booleans mismatch: {actual} is not {expected}"
        elif isinstance(actual, int | float | complex | np.number) and isinstance(expected, int | float | complex | np.number):
            text = self.numbers(actual, expected)
        elif isinstance(actual, Sequence) and isinstance(expected, Sequence) and not isinstance(actual, str) and related:
            return self.sequences(actual, expected, path)
        elif isinstance(actual, Mapping) and isinstance(expected, Mapping):
            return self.mappings(actual, expected, path)
        else:
            raise TypeError(f"No comparison pair was able to handle inputs of type {type(actual)} and {type(expected)}.")
        return None if text is None else (text, path)

    def sequences(self, actual: Any, expected: Any, path: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]] | None:
        if len(actual) != len(expected):
            return f"The length of the sequences mismatch: {len(actual)} != {len(expected)}", path
        pairs = enumerate(zip(actual, expected, strict=True))
        return next((found for i, (a, e) in pairs if (found := self.mismatch(a, e, (*path, i)))), None)

    def mappings(self, actual: Any, expected: Any, path: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]] | None:
        if actual.keys() != expected.keys():
            text = (
                f"The keys of the mappings do not match:\nMissing keys in the actual mapping: {sorted(expected.keys() - actual.keys())}\n"
                f"Additional keys in the actual mapping: {sorted(actual.keys() - expected.keys())}"
            )
            return text, path
        return next((found for k in actual if (found := self.mismatch(actual[k], expected[k], (*path, k)))), None)

    def tensors(self, actual: Tensor, expected: Tensor) -> str | None:
        if self.check_device and actual.device != expected.device:
            return f"The values for attribute 'device' do not match: {actual.device} != {expected.device}."
        if self.check_stride and actual.shape == expected.shape and actual.array.strides != expected.array.strides:
            strides = [tuple(s // t.itemsize for s in t.array.strides) for t in (actual, expected)]
            return f"The values for attribute 'stride()' do not match: {strides[0]} != {strides[1]}."
        return self.arrays(host(actual), host(expected), actual.dtype, expected.dtype)

    def arrays(self, actual: Any, expected: Any, first: DType, second: DType) -> str | None:
        if actual.shape != expected.shape:
            shapes = [f"torch.Size({list(x.shape)})" for x in (actual, expected)]
            return f"The values for attribute 'shape' do not match: {shapes[0]} != {shapes[1]}."
        if self.check_dtype and first != second:
            return f"The values for attribute 'dtype' do not match: {first} != {second}."
        rtol, atol = default_tolerances(first, second) if self.rtol is None else (self.rtol, self.atol)
        return report(actual, expected, rtol, float(atol or 0.0), self.equal_nan, narrowest(first, second))

    def numbers(self, actual: Any, expected: Any) -> str | None:
        kinds = [type(x.item() if isinstance(x, np.generic) else x) for x in (actual, expected)]
        if self.check_dtype and kinds[0] is not kinds[1]:
            return f"The (d)types do not match: {kinds[0]} != {kinds[1]}."
        wide = [np.dtype(np.int64 if k is int else np.float64 if k is float else np.complex128) for k in kinds]
        rtol, atol = default_tolerances(*map(from_numpy_dtype, wide)) if self.rtol is None else (self.rtol, self.atol)
        return report(
            as_wide(actual), as_wide(expected), rtol, float(atol or 0.0), self.equal_nan, np.dtype(np.float64), (actual, expected)
        )


def narrowest(first: DType, second: DType) -> Any:
    """The type in which PyTorch computes the differences that it tells."""
    wider = max(first.to_real(), second.to_real(), key=lambda d: (d.is_floating_point, d.itemsize))
    return wider.numpy if wider.is_floating_point else np.dtype(np.float32)


def as_wide(x: Any) -> Any:
    """Values in a type in which differences can be taken: the widest of their kind."""
    array = as_array(x) if not isinstance(x, np.ndarray) else x
    if isinstance(x, float | complex) and not isinstance(x, np.generic):
        array = np.asarray(x)
    wide = {"b": np.int64, "i": np.int64, "u": np.int64, "c": np.complex128}.get(array.dtype.kind, np.float64)
    return array.astype(wide)


def report(actual: Any, expected: Any, rtol: float, atol: float, equal_nan: bool, narrow: Any, shown: Any = None) -> str | None:
    """PyTorch's account of how two arrays differ, or None where they are close. The differences told are those of the type ``narrow``."""
    a, e = as_wide(actual), as_wide(expected)
    with np.errstate(all="ignore"):
        difference = np.abs(a - e)
        close = (a == e) | ((difference <= atol + rtol * np.abs(e)) & np.isfinite(e))
        if equal_nan:
            close |= np.isnan(a) & np.isnan(e)
        if close.all():
            return None
        if a.ndim == 0:
            narrow = np.dtype(np.float64)  # scalars are compared as Python's numbers
        elif difference.dtype.kind == "f":
            difference = difference.astype(narrow)
        relative = difference.astype(narrow) / np.abs(e).astype(narrow)
    equal = rtol == atol == 0
    limits = ("", "") if equal else (f" (up to {atol} allowed)", f" (up to {rtol} allowed)")
    kind = "equal" if equal else "close"
    if a.ndim == 0:
        first, second = (x.item() for x in (a, e)) if shown is None else shown
        return (
            f"Scalars are not {kind}!\n\nExpected {second} but got {first}.\nAbsolute difference: {difference.item()}{limits[0]}\n"
            f"Relative difference: {relative.item()}{limits[1]}"
        )
    wrong = int(np.count_nonzero(~close))
    lines = [f"Mismatched elements: {wrong} / {a.size} ({wrong / a.size:.1%})"]
    for name, values, limit in (("absolute", difference, limits[0]), ("relative", relative, limits[1])):
        values = np.where(close, -1.0 if values.dtype.kind == "f" else -1, values)
        at = tuple(int(i) for i in np.unravel_index(int(np.argmax(values)), values.shape))
        lines.append(f"Greatest {name} difference: {values[at].item()} at index {at}{limit}")
    return f"Tensor-likes are not {kind}!\n\n" + "\n".join(lines)
