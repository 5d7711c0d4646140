"""How tensors print: PyTorch's `repr`, character for character.

All elements of a tensor share one notation and one width. Both are decided by the finite non-zero elements, in float64:
whole numbers print as `1.`; if the magnitudes are far apart, very large or very small, all print in scientific
notation. Beyond `threshold` elements only `edgeitems` at both ends of each dimension are looked at and shown.
"""

import contextlib
import dataclasses
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

__all__ = ["format_tensor", "get_printoptions", "printoptions", "set_printoptions"]

Array = NDArray[Any]


@dataclasses.dataclass
class _Options:
    precision: int = 4
    threshold: float = 1000
    edgeitems: int = 3
    linewidth: int = 80
    sci_mode: bool | None = None  # None: decided by the elements


_options = _Options()

_PROFILES: dict[str | None, dict[str, Any]] = {
    "default": {"precision": 4, "threshold": 1000, "edgeitems": 3, "linewidth": 80},
    "short": {"precision": 2, "threshold": 1000, "edgeitems": 2, "linewidth": 80},
    "full": {"precision": 4, "threshold": math.inf, "edgeitems": 3, "linewidth": 80},
}


def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """Set how tensors print from now on; what is None stays, except `sci_mode`, which every call sets.

    Args:
        precision: digits after the point.
        threshold: the number of elements above which a tensor is summarised.
        edgeitems: how many elements a summary shows at both ends of a dimension.
        linewidth: characters after which a line is broken.
        profile: "default", "short" or "full", applied before the other arguments.
        sci_mode: scientific notation always (True), never (False) or where it helps (None).
    """
    changes = dict(_PROFILES.get(profile, {}))
    given = {"precision": precision, "threshold": threshold, "edgeitems": edgeitems, "linewidth": linewidth}
    changes.update({name: value for name, value in given.items() if value is not None})
    for name, value in changes.items():
        setattr(_options, name, value)
    _options.sci_mode = sci_mode


def get_printoptions() -> dict[str, Any]:
    """The current options, as `set_printoptions` takes them."""
    return dataclasses.asdict(_options)


@contextlib.contextmanager
def printoptions(**kwargs: Any) -> Iterator[None]:
    """Print with other options, those of `set_printoptions`, inside a `with` block."""
    before = get_printoptions()
    set_printoptions(**kwargs)
    try:
        yield
    finally:
        set_printoptions(**before)


@dataclasses.dataclass
class _Notation:
    """What the elements of a tensor have in common: how one is written, and in how many characters."""

    write: Callable[[Any], str]
    width: int


def _aligned(write: Callable[[Any], str], width: int) -> _Notation:
    return _Notation(lambda value: write(value).rjust(width), width)


def _whole(value: float) -> str:
    return f"{value:.0f}." if math.isfinite(value) else f"{value:.0f}"


def _notation(values: Array) -> _Notation:
    """The notation for `values`; the widths of zeros, infinities and NaNs do not count."""
    if values.dtype.kind in "biu":
        return _aligned(str, max((len(str(value)) for value in values.ravel().tolist()), default=1))
    decisive = values[np.isfinite(values) & (values != 0)].astype(np.float64)
    if not decisive.size:
        return _aligned(_whole, 1)
    magnitudes = np.abs(decisive)
    smallest, largest = float(magnitudes.min()), float(magnitudes.max())
    scientific = _options.sci_mode
    if scientific is None:
        scientific = largest / smallest > 1000.0 or largest > 1e8 or smallest < 1e-4
    write: Callable[[float], str]
    if scientific:
        write = f"{{:.{_options.precision}e}}".format
    elif (decisive == np.ceil(decisive)).all():
        write = _whole
    else:
        write = f"{{:.{_options.precision}f}}".format
    return _aligned(write, max(map(len, map(write, decisive.tolist()))))


def _complex_notation(values: Array) -> _Notation:
    real, imaginary = _notation(values.real), _notation(values.imag)

    def write(value: complex) -> str:
        tail = imaginary.write(value.imag).lstrip() + "j"
        return real.write(value.real) + (tail if tail[0] in "+-" else "+" + tail)

    return _Notation(write, real.width + imaginary.width + 1)


def _edges(values: Array) -> Array:
    """The elements that a summary shows."""
    count = _options.edgeitems
    if values.ndim == 1 and count == 0:
        return values  # PyTorch takes the slice [-0:] here, which is all of them
    for axis, size in enumerate(values.shape):
        if size > 2 * count:
            values = np.take(values, [*range(count), *range(size - count, size)], axis)
    return values


class _Layout:
    """Brackets, commas and line breaks around the elements."""

    def __init__(self, notation: _Notation, summarize: bool) -> None:
        self.notation = notation
        self.edge = _options.edgeitems if summarize else None

    def text(self, values: Array, indent: int) -> str:
        if values.ndim == 0:
            return self.notation.write(values.item())
        ends = self._ends(values)
        if values.ndim == 1:
            items = [[self.notation.write(value) for value in end.tolist()] for end in ends]
            return self._line(self._joined(items, " ..." if self.edge else "..."), indent)
        rows = [[self.text(row, indent + 1) for row in end] for end in ends]
        return self._bracketed(self._joined(rows, "..."), values.ndim - 1, indent)

    def _ends(self, values: Array) -> list[Array]:
        """All of `values`, or, where it is cut, what is before the dots and what is after."""
        edge, size = self.edge, len(values)
        return [values] if edge is None or size <= 2 * edge else [values[:edge], values[size - edge :]]

    def _joined(self, ends: list[list[str]], dots: str) -> list[str]:
        return ends[0] if len(ends) == 1 else [*ends[0], dots, *ends[1]]

    def _line(self, items: list[str], indent: int) -> str:
        per_line = max(1, math.floor((_options.linewidth - indent) / (self.notation.width + 2)))
        lines = [", ".join(items[i : i + per_line]) for i in range(0, len(items), per_line)]
        return self._bracketed(lines, 1, indent)

    def _bracketed(self, parts: list[str], line_breaks: int, indent: int) -> str:
        return "[" + ("," + "\n" * line_breaks + " " * (indent + 1)).join(parts) + "]"


def _contents(array: Array, indent: int) -> str:
    if not array.size:
        return "[]"
    if array.dtype.kind == "V" or array.dtype == np.float16:
        array = array.astype(np.float32)  # NumPy sees bfloat16 as raw memory, and cannot ask it whether it is finite
    summarize = array.size > _options.threshold
    decisive = _edges(array) if summarize else array
    notation = _complex_notation(decisive) if array.dtype.kind == "c" else _notation(decisive)
    return _Layout(notation, summarize).text(array, indent)


def _is_default(dtype: np.dtype[Any], default: np.dtype[Any], empty: bool) -> bool:
    """Whether the elements alone say what `dtype` is; without elements only the default floating dtype goes unsaid."""
    if empty:
        return dtype == default
    complex_default = np.complex128 if default == np.float64 else np.complex64
    return dtype in (default, np.dtype(complex_default), np.dtype(np.int64), np.dtype(np.bool_))


def format_tensor(
    array: Array,
    *,
    default_dtype: DTypeLike = np.float32,
    dtype_text: str | None = None,
    device_text: str | None = None,
    requires_grad: bool = False,
    grad_fn_name: str | None = None,
    prefix: str = "tensor(",
) -> str:
    """The `repr` of the tensor that holds `array`.

    Args:
        array: the elements, on the CPU.
        default_dtype: the floating dtype that goes unsaid.
        dtype_text: how to call the dtype where it is said, by default as in `torch.float64`.
        device_text: the device, for any but the default one.
        requires_grad: whether to say `requires_grad=True`, if there is no `grad_fn_name`.
        grad_fn_name: the name of the node that made the tensor, as in `grad_fn=<TanhBackward0>`.
        prefix: what a subclass prints in place of `tensor(`.
    """
    suffixes = []
    if device_text is not None:
        suffixes.append(f"device='{device_text}'")
    if (not array.size and array.ndim != 1) or (array.size and not _options.edgeitems):
        suffixes.append(f"size={array.shape}")
    if not _is_default(array.dtype, np.dtype(default_dtype), not array.size):
        suffixes.append(f"dtype={dtype_text or 'torch.' + array.dtype.name}")
    if grad_fn_name is not None:
        suffixes.append(f"grad_fn=<{grad_fn_name}>")
    elif requires_grad:
        suffixes.append("requires_grad=True")
    indent = len(prefix)
    text = prefix + _contents(array, indent)
    used = len(text) - text.rfind("\n") + 1
    for suffix in suffixes:
        if used + len(suffix) + 2 > _options.linewidth:
            text += ",\n" + " " * indent + suffix
            used = indent + len(suffix)
        else:
            text += ", " + suffix
            used += len(suffix) + 2
    return text + ")"
