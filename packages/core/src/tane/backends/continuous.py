"""Continuous distributions of PyTorch's CPU generator, bit for bit.

Normals follow PyTorch 2.13 on an x86 CPU with AVX2. Exponentials, Cauchys and log-normals are computed in float64 and
cast, as there.
"""

import functools
import math
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from tane.backends.boxmuller import GROUP, box_muller_float32, box_muller_float64, box_muller_pairs
from tane.backends.mt19937 import Mt19937
from tane.backends.rounding import exp, fma32, fma64, libm

Array = NDArray[Any]
Shape = tuple[int, ...]

# Of each floating dtype: the bits of its significand, and its largest number.
FLOATS = {
    "float16": (11, 65504.0),
    "bfloat16": (8, 3.3895313892515355e38),
    "float32": (24, 3.4028234663852886e38),
    "float64": (53, 1.7976931348623157e308),
}
CPP_NAMES = {
    "float16": "c10::Half",
    "bfloat16": "c10::BFloat16",
    "float32": "float",
    "float64": "double",
    "bool": "bool",
}
CPP_NAMES |= {"int8": "signed char", "int16": "short", "int32": "int", "int64": "long"}
CPP_NAMES |= {"uint8": "unsigned char", "uint16": "unsigned short", "uint32": "unsigned int", "uint64": "unsigned long"}


@functools.cache
def name_of(dtype: np.dtype[Any]) -> str:
    """`dtype.name`, which NumPy puts together anew each time."""
    return dtype.name


def number_text(value: float) -> str:
    """A number as C++ streams print it in PyTorch's messages."""
    return f"{value:g}"


def cast(x: Array, dtype: np.dtype[Any], shape: Shape) -> Array:
    """Results as C++ casts them: to half precision by way of float32."""
    with np.errstate(over="ignore"):
        if dtype.itemsize == 2 and dtype.kind not in "iu":
            return x.astype(np.float32).astype(dtype).reshape(shape)
        return x.astype(dtype, copy=False).reshape(shape)


def floating(dtype: DTypeLike, kernel: str) -> np.dtype[Any]:
    dtype = np.dtype(dtype)
    if name_of(dtype) not in FLOATS:
        raise NotImplementedError(f'"{kernel}" not implemented for {dtype.name}: a floating point dtype is needed')
    return dtype


def _cut(x: Array, start: int, length: int) -> Array:
    return np.concatenate((x[:start], x[start + length :])) if length else x


class Continuous(Mt19937):
    """The engine with `uniform_`, `normal_` and what is computed from them."""

    def uniform(self, shape: Shape, dtype: DTypeLike, low: float = 0.0, high: float = 1.0) -> Array:
        """`rand` and `uniform_`: uniform in [low, high)."""
        dtype = np.dtype(dtype)
        if dtype.kind == "c":
            part = np.dtype(f"f{dtype.itemsize // 2}")
            return self.uniform((*shape, 2), part, low, high).view(dtype).reshape(shape)
        largest = FLOATS[name_of(floating(dtype, "check_uniform_bounds"))][1]
        for name, bound in (("from", low), ("to", high)):
            if not -largest <= bound <= largest:
                raise RuntimeError(f"{name} is out of bounds for {CPP_NAMES[dtype.name]}")
        if low > high:
            found = f"from={number_text(low)} > to={number_text(high)}"
            raise RuntimeError(f"uniform_ expects to return a [from, to) range, but found {found}")
        if high - low > largest:
            found = f"to={number_text(high)} and from={number_text(low)}"
            raise RuntimeError(
                f"uniform_ expects to-from <= std::numeric_limits<{CPP_NAMES[dtype.name]}>::max(), "
                f"but found {found} which result in to-from to exceed the limit"
            )
        count = math.prod(shape)
        if dtype == np.float64:
            out: Array = fma64(self.doubles(count), high - low, low)
        elif dtype == np.float32 and low == 0.0 and high == 1.0:
            return self.floats(count).reshape(shape)
        else:
            low32, high32 = np.float32(low), np.float32(high)
            out = fma32(self.floats(count), float(high32 - low32), float(low32)).astype(dtype, copy=False)
        # The last rounding may reach the bound that is excluded.
        first, last = np.array([low, high]).astype(dtype)
        out[out == last] = first
        return out.reshape(shape)

    def normal(self, shape: Shape, dtype: DTypeLike, mean: float | Array = 0.0, std: float | Array = 1.0) -> Array:
        """`randn`, `normal_` and `normal`; `mean` and `std` may be arrays that broadcast to `shape`.

        Contiguous tensors of 16 elements and more are filled in groups of 16, smaller ones pair by pair.
        A strided tensor of any size gets what `normal_pairs` returns.
        """
        dtype = np.dtype(dtype)
        if isinstance(mean, np.ndarray) or isinstance(std, np.ndarray):
            if isinstance(std, np.ndarray) and std.size and not (std >= 0).all():
                raise RuntimeError("normal expects all elements of std >= 0.0")
            if isinstance(std, np.ndarray):
                out = self.normal(shape, dtype)
                out *= std
            else:
                out = self.normal(shape, dtype, 0.0, std)
            out += np.asarray(mean).astype(dtype, copy=False)
            return out
        if not std >= 0.0:
            raise RuntimeError(f"normal expects std >= 0.0, but found std {number_text(std)}")
        if dtype.kind == "c":
            part = np.dtype(f"f{dtype.itemsize // 2}")
            return self.normal((*shape, 2), part, mean, std / math.sqrt(2.0)).view(dtype).reshape(shape)
        floating(dtype, "normal_kernel_cpu")
        size = math.prod(shape)
        if size < GROUP:
            return self.normal_pairs(shape, dtype, mean, std)
        rest = size % GROUP
        whole = size - rest
        # For a tail short of 16 the last 16 are drawn anew. The uniforms drawn for the tail before that are lost; half
        # precision, which goes group by group, never draws them.
        lost = rest if dtype.itemsize >= 4 else 0
        count = whole + lost + GROUP if rest else size
        normals: Array
        if dtype == np.float64:
            normals = box_muller_float64(_cut(self.doubles(count), whole, lost), mean, std)
        else:
            normals = box_muller_float32(_cut(self.floats(count), whole, lost), mean, std)
        if not rest:
            return normals.astype(dtype, copy=False).reshape(shape)
        out = np.empty(size, dtype)
        out[:whole] = normals[:whole]
        out[-GROUP:] = normals[whole:]
        return out.reshape(shape)

    def normal_pairs(self, shape: Shape, dtype: DTypeLike, mean: float = 0.0, std: float = 1.0) -> Array:
        """`normal_` on a tensor that is small or strided: float64 pairs, of which a second one left over is cached."""
        dtype = floating(dtype, "normal_kernel_cpu")
        return cast(fma64(self._standard_normals(math.prod(shape)), std, mean), dtype, shape)

    def _standard_normals(self, count: int) -> NDArray[np.float64]:
        out = np.empty(count)
        if not count:
            return out
        start = 0
        if self._cached_normal is not None:
            out[0] = self._cached_normal
            self._cached_normal = None
            start = 1
        missing = count - start
        pairs = box_muller_pairs(self.doubles(missing + missing % 2))
        out[start:] = pairs[:missing]
        if missing % 2:
            self._cached_normal = float(pairs[-1])
        return out

    def exponential(self, shape: Shape, dtype: DTypeLike, lambd: float = 1.0) -> Array:
        """`exponential_`, by inversion."""
        if not lambd > 0.0:
            raise RuntimeError(f"exponential_ expects lambda > 0.0, but found lambda={number_text(lambd)}")
        dtype = np.dtype(dtype)
        if dtype.name not in FLOATS:
            raise RuntimeError(
                "Exponential distribution is a continuous probability distribution. "
                f"dtype must be a floating point but you specified {dtype.name}"
            )
        u = np.negative(self.doubles(math.prod(shape)))
        # Below float64 the last bit of the logarithm is lost in the cast, and NumPy's own is several times as fast.
        log = libm(math.log1p, u) if dtype == np.float64 else np.log1p(u)
        log *= -1.0 / lambd
        return cast(log, dtype, shape)

    def cauchy(self, shape: Shape, dtype: DTypeLike, median: float = 0.0, sigma: float = 1.0) -> Array:
        """`cauchy_`, by inversion."""
        if not sigma > 0.0:
            raise RuntimeError(f"cauchy_ expects sigma > 0.0, but found sigma={number_text(sigma)}")
        dtype = floating(dtype, "cauchy_cpu")
        tangent = libm(math.tan, math.pi * (self.doubles(math.prod(shape)) - 0.5))
        return cast(fma64(tangent, sigma, median), dtype, shape)

    def log_normal(self, shape: Shape, dtype: DTypeLike, mean: float = 1.0, std: float = 2.0) -> Array:
        """`log_normal_`: the exponential of normals that are, whatever their number, drawn pair by pair."""
        if not std > 0.0:
            raise RuntimeError(f"log_normal_ expects std > 0.0, but found std={number_text(std)}")
        dtype = floating(dtype, "log_normal_cpu")
        return cast(exp(self.normal_pairs(shape, np.float64, mean, std)), dtype, shape)
