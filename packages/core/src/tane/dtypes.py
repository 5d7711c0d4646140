"""Element types and PyTorch's promotion rules.

A :class:`dtype` is a named wrapper around a NumPy dtype. Inside tane, raw arrays carry NumPy dtypes and hot paths compare those
by identity; the wrapper is what a user sees (``tensor.dtype``, ``repr``, ``dtype=`` arguments).
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any

import numpy as np

__all__ = [
    "ALL_DTYPES",
    "can_cast",
    "default_float",
    "dtype",
    "finfo",
    "from_numpy_dtype",
    "get_default_dtype",
    "iinfo",
    "promote_types",
    "result_category",
    "set_default_dtype",
    "to_numpy_dtype",
]

# The categories of PyTorch's promotion: a higher one wins whatever the sizes are.
BOOL, INTEGER, FLOAT, COMPLEX = range(4)


@functools.cache
def _ml_dtype(name: str) -> np.dtype[Any]:
    import ml_dtypes  # heavy, and most programs never make a bfloat16 tensor

    return np.dtype(getattr(ml_dtypes, name))


class dtype:
    """The type of a tensor's elements, such as ``tane.float32``.

    Attributes say what kind it is: ``is_floating_point``, ``is_complex``, ``is_signed``, ``itemsize`` (bytes).

    >>> import tane
    >>> tane.float32.itemsize, tane.int64.is_floating_point
    (4, False)
    """

    __slots__ = ("_numpy", "aliases", "category", "itemsize", "name", "tensor_name")

    def __init__(self, name: str, category: int, itemsize: int, tensor_name: str, *aliases: str, numpy: str | None = "") -> None:
        self.name, self.category, self.itemsize, self.tensor_name, self.aliases = name, category, itemsize, tensor_name, aliases
        self._numpy: np.dtype[Any] | None = None if numpy is None else np.dtype(numpy or name)

    @property
    def numpy(self) -> np.dtype[Any]:
        """The NumPy dtype that arrays of this type have (bfloat16's comes from ml_dtypes, loaded at first use)."""
        if self._numpy is None:
            self._numpy = _ml_dtype(self.name)
            _BY_NUMPY[self._numpy] = self
        return self._numpy

    @property
    def is_floating_point(self) -> bool:
        return self.category == FLOAT

    @property
    def is_complex(self) -> bool:
        return self.category == COMPLEX

    @property
    def is_signed(self) -> bool:
        return self.name not in ("bool", "uint8", "uint16", "uint32", "uint64")

    def to_real(self) -> dtype:
        """The real type of the same precision: ``complex64`` gives ``float32``."""
        return {"complex64": float32, "complex128": float64}.get(self.name, self)

    def to_complex(self) -> dtype:
        """The complex type of the same precision: ``float32`` gives ``complex64``."""
        return {"float32": complex64, "float64": complex128, "float16": complex64, "bfloat16": complex64}.get(self.name, self)

    def __repr__(self) -> str:
        return f"torch.{self.name}"

    def __reduce__(self) -> str | tuple[Any, ...]:
        return _by_name, (self.name,)


def _by_name(name: str) -> dtype:
    return _BY_NAME[name]


bool_ = dtype("bool", BOOL, 1, "BoolTensor")
uint8 = dtype("uint8", INTEGER, 1, "ByteTensor")
int8 = dtype("int8", INTEGER, 1, "CharTensor")
int16 = dtype("int16", INTEGER, 2, "ShortTensor", "short")
int32 = dtype("int32", INTEGER, 4, "IntTensor", "int")
int64 = dtype("int64", INTEGER, 8, "LongTensor", "long")
uint16 = dtype("uint16", INTEGER, 2, "UInt16Tensor")
uint32 = dtype("uint32", INTEGER, 4, "UInt32Tensor")
uint64 = dtype("uint64", INTEGER, 8, "UInt64Tensor")
float16 = dtype("float16", FLOAT, 2, "HalfTensor", "half")
bfloat16 = dtype("bfloat16", FLOAT, 2, "BFloat16Tensor", numpy=None)
float32 = dtype("float32", FLOAT, 4, "FloatTensor", "float")
float64 = dtype("float64", FLOAT, 8, "DoubleTensor", "double")
complex64 = dtype("complex64", COMPLEX, 8, "ComplexFloatTensor", "cfloat")
complex128 = dtype("complex128", COMPLEX, 16, "ComplexDoubleTensor", "cdouble")

ALL_DTYPES = (bool_, uint8, int8, int16, int32, int64, uint16, uint32, uint64, float16, bfloat16, float32, float64, complex64, complex128)
_BY_NAME = {t.name: t for t in ALL_DTYPES}
_BY_NUMPY: dict[np.dtype[Any], dtype] = {t._numpy: t for t in ALL_DTYPES if t._numpy is not None}
_PYTHON_TYPES: dict[type, dtype] = {bool: bool_, int: int64, float: float32, complex: complex64}


def from_numpy_dtype(numpy_dtype: np.dtype[Any]) -> dtype:
    """The tane dtype of a NumPy dtype; ``TypeError`` names the supported ones where there is none."""
    try:
        return _BY_NUMPY[numpy_dtype]
    except KeyError:
        if numpy_dtype.name == "bfloat16":
            return _BY_NUMPY[bfloat16.numpy]
        if numpy_dtype.newbyteorder("=") in _BY_NUMPY:
            raise ValueError(
                "given numpy array has byte order different from the native byte order. "
                "Conversion between byte orders is currently not supported."
            ) from None
        raise TypeError(
            f"can't convert np.ndarray of type numpy.{numpy_dtype.type.__name__}. The only supported types are: float64, float32, "
            "float16, bfloat16, complex64, complex128, int64, int32, int16, int8, uint64, uint32, uint16, uint8, and bool."
        ) from None


def to_numpy_dtype(given: Any) -> np.dtype[Any]:
    """The NumPy dtype meant by a tane dtype, a Python type (``float`` is float64, as in PyTorch) or a NumPy dtype."""
    if type(given) is dtype:
        return given.numpy
    if given in _PYTHON_TYPES:
        return (float64 if given is float else complex128 if given is complex else _PYTHON_TYPES[given]).numpy
    if isinstance(given, np.dtype) or (isinstance(given, type) and issubclass(given, np.generic)):
        return from_numpy_dtype(np.dtype(given)).numpy
    raise TypeError(f"argument 'dtype' must be torch.dtype, not {type(given).__name__}; give one such as tane.float32")


# ---- the default floating type ----------------------------------------------------------------------------------------
_default = [float32]


def get_default_dtype() -> dtype:
    """The type of tensors made from Python floats, and of an integer tensor divided by another."""
    return _default[0]


def set_default_dtype(d: dtype) -> None:
    """Set the type that Python floats become; a floating-point dtype, else ``TypeError``."""
    if not isinstance(d, dtype) or d.category != FLOAT:
        raise TypeError("only floating-point types are supported as the default type")
    _default[0] = d


default_float = get_default_dtype


# ---- promotion ---------------------------------------------------------------------------------------------------------
def _lattice(a: dtype, b: dtype) -> dtype:
    if a is b:
        return a
    if a.category != b.category:
        high, low = (a, b) if a.category > b.category else (b, a)
        if high.category == COMPLEX and low.category == FLOAT and low is float64:
            return complex128
        return high
    if a.category == FLOAT and a.itemsize == b.itemsize:  # float16 with bfloat16
        return float32
    if a.category == INTEGER:
        if a.is_signed == b.is_signed:
            return a if a.itemsize >= b.itemsize else b
        unsigned, signed = (b, a) if a.is_signed else (a, b)
        if unsigned is not uint8:
            raise RuntimeError(f"Promotion for uint16, uint32, uint64 types is not supported, attempted to promote {a.name} and {b.name}")
        return signed if signed.itemsize > 1 else int16
    return a if a.itemsize >= b.itemsize else b


_PROMOTED: dict[tuple[dtype, dtype], dtype] = {}


def promote_types(type1: dtype, type2: dtype) -> dtype:
    """The smallest type that holds both, by PyTorch's lattice.

    >>> import tane
    >>> tane.promote_types(tane.int64, tane.float16)
    torch.float16
    """
    try:
        return _PROMOTED[type1, type2]
    except KeyError:
        return _PROMOTED.setdefault((type1, type2), _lattice(type1, type2))


def can_cast(from_: dtype, to: dtype) -> bool:
    """Whether PyTorch's rules let a value of ``from_`` be written into a tensor of type ``to`` in place."""
    return from_.category <= to.category


def result_category(dims: Iterable[dtype], zero_dims: Iterable[dtype], scalars: Iterable[type]) -> dtype:
    """PyTorch's rule for operands of different weight: dimensioned tensors decide, unless a 0-d tensor, or then a Python
    scalar, is of a higher category.

    Source: https://pytorch.org/docs/stable/tensor_attributes.html#type-promotion-doc
    """
    result: dtype | None = None
    for group in (dims, zero_dims, (_scalar_dtype(s) for s in scalars)):
        best: dtype | None = None
        for t in group:
            best = t if best is None else promote_types(best, t)
        if best is None:
            continue
        if result is None:
            result = best
        elif best.category > result.category:
            result = result.to_complex() if best.category == COMPLEX and result.category == FLOAT else promote_types(result, best)
    assert result is not None
    return result


def _scalar_dtype(kind: type) -> dtype:
    if kind is float:
        return _default[0]
    if kind is complex:
        return _default[0].to_complex()
    return _PYTHON_TYPES[kind]


# ---- limits --------------------------------------------------------------------------------------------------------------
class finfo:
    """Limits of a floating-point type: ``bits``, ``eps``, ``max``, ``min``, ``tiny``, ``smallest_normal``, ``resolution``."""

    def __init__(self, type: dtype | None = None) -> None:
        d = type or _default[0]
        if d.category < FLOAT:
            raise TypeError(f"torch.finfo() requires a floating point input type. Use torch.iinfo to handle '{d!r}'")
        d = d.to_real()
        if d is bfloat16:
            import ml_dtypes

            of: Any = ml_dtypes.finfo
            info: Any = of(d.numpy)
        else:
            info = np.finfo(d.numpy)
        self.dtype, self.bits = d.name, d.itemsize * 8
        self.eps, self.max, self.min = float(info.eps), float(info.max), float(info.min)
        self.tiny = self.smallest_normal = float(info.smallest_normal)
        self.resolution = 0.01 if d is bfloat16 else float(info.resolution)

    def __repr__(self) -> str:
        return (
            f"finfo(resolution={self.resolution:g}, min={self.min:g}, max={self.max:g}, eps={self.eps:g}, "
            f"smallest_normal={self.smallest_normal:g}, tiny={self.tiny:g}, dtype={self.dtype})"
        )


class iinfo:
    """Limits of an integer type: ``bits``, ``max``, ``min``."""

    def __init__(self, type: dtype) -> None:
        if type.category != INTEGER:
            raise TypeError(f"torch.iinfo() requires an integer input type. Use torch.finfo to handle '{type!r}'")
        info = np.iinfo(type.numpy)
        self.dtype, self.bits, self.max, self.min = type.name, type.itemsize * 8, int(info.max), int(info.min)

    def __repr__(self) -> str:
        return f"iinfo(min={self.min}, max={self.max}, dtype={self.dtype})"
