"""PyTorch's CPU random numbers, bit for bit: the state behind `torch.Generator("cpu")` and what is drawn from it.

From the same seed, any sequence of calls gives the numbers of PyTorch 2.13 on an x86 CPU with AVX2, and consumes the
same draws. Results are C-contiguous NumPy arrays.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from tane.backends.continuous import CPP_NAMES, FLOATS, Array, Continuous, Shape, cast, floating, name_of, number_text
from tane.backends.mt19937 import DEFAULT_SEED
from tane.backends.rounding import libm

__all__ = ["DEFAULT_SEED", "Stream"]

_LONG_MIN, _LONG_MAX = -(2**63), 2**63 - 1


def _log(x: float) -> float:
    return math.log(x) if x else -math.inf


def _representable(low: int, high: int, dtype: np.dtype[Any]) -> tuple[int, int]:
    """`low` raised and `high` lowered until the cast to `dtype` rounds no number between them out of [low, high)."""
    digits = FLOATS[dtype.name][0]
    above, below = (float(np.float64(bound).astype(dtype)) for bound in (low + 1, high - 1))
    if math.isfinite(above) and int(above) < low:
        low = int(above) + 2 ** max(abs(low + 1).bit_length() - digits, 0)
    if math.isfinite(below) and int(below) >= high:
        high = int(below) - 2 ** max(abs(high - 1).bit_length() - digits, 0)
    return low, high


def _integer_bounds(dtype: np.dtype[Any]) -> tuple[int, int]:
    if dtype == np.bool_:
        return 0, 1
    return int(np.iinfo(dtype).min), min(int(np.iinfo(dtype).max), _LONG_MAX)  # PyTorch's bounds are int64 themselves


class Stream(Continuous):
    """A seeded stream of PyTorch's random numbers."""

    def integers(self, shape: Shape, low: int, high: int | None, dtype: DTypeLike = np.int64) -> Array:
        """`randint` and `random_(low, high)`: integers in [low, high), or, with `high` None, up to the largest."""
        dtype = np.dtype(dtype)
        name = name_of(dtype)
        count = math.prod(shape)
        if name not in CPP_NAMES:
            raise RuntimeError("check_random_bounds handles only integral, floating-point and boolean types")
        if high is None and low == _LONG_MIN:
            return self.long_words(count).view(np.int64).astype(dtype, copy=False).reshape(shape)
        if high is None:
            high = (2 ** FLOATS[name][0] if name in FLOATS else _integer_bounds(dtype)[1]) + 1
        elif low >= high:
            raise RuntimeError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
        if name in FLOATS:
            low, high = _representable(low, high, dtype)
            if low >= high:
                raise RuntimeError(
                    f"random_ expects 'from' casted to dtype to be less than 'to' casted to dtype, but got from={low} >= to={high}"
                )
            largest = int(FLOATS[name][1])
            bounds = (-largest, largest)
        else:
            bounds = _integer_bounds(dtype)
        for label, bound in (("from", low), ("to - 1", high - 1)):
            if not bounds[0] <= bound <= bounds[1]:
                raise RuntimeError(f"{label} is out of bounds for {CPP_NAMES[name]}")
        # Beyond 28 bits a remainder of 32 random ones would be visibly skewed, so PyTorch draws 64.
        span = high - low
        values: Array
        if span < 1 << 28:
            words = self.words(count)
            words -= words // np.uint32(span) * np.uint32(span)  # a remainder; NumPy has a fast division only
            values = words.astype(np.int64)
        else:
            values = (self.long_words(count) % np.uint64(span)).view(np.int64)
        values += low
        return cast(values, dtype, shape)

    def random(self, shape: Shape, dtype: DTypeLike) -> Array:
        """`random_()` without bounds: all non-negative integers of `dtype`, for floats as far as they are exact."""
        dtype = np.dtype(dtype)
        count = math.prod(shape)
        name = name_of(dtype)
        if name not in CPP_NAMES:
            raise NotImplementedError(f'"random_kernel_cpu" not implemented for {name}')
        span = (2 ** FLOATS[name][0] if name in FLOATS else _integer_bounds(dtype)[1]) + 1
        draws = self.long_words(count) if name in ("float64", "int64") else self.words(count).astype(np.uint64)
        return cast(draws % np.uint64(span), dtype, shape)

    def permutation(self, n: int) -> NDArray[np.int64]:
        """`randperm`: the forward shuffle of R. Fisher and F. Yates, one draw for each element but the last."""
        if n < 0:
            raise RuntimeError(f"Trying to create tensor with negative dimension {n}: [{n}]")
        steps = np.arange(n, 1, -1, dtype=np.int64)
        if n < 0xFFFFFFFF // 20:  # beyond it, a remainder of 32 bits is too coarse
            partners = self.words(steps.size).astype(np.int64) % steps
        else:
            partners = (self.long_words(steps.size) % steps.view(np.uint64)).view(np.int64)
        partners += np.arange(steps.size)
        out = np.arange(n, dtype=np.int64)
        order = out.data  # a memoryview: Python swaps its elements faster than an array's or a long list's
        for i, j in enumerate(partners.tolist()):
            order[i], order[j] = order[j], order[i]
        return out

    def bernoulli(self, shape: Shape, p: float | Array, dtype: DTypeLike = np.float32) -> Array:
        """`bernoulli_`: ones with probability `p`.

        A scalar or a float64 array is compared with 53 random bits, any other array with 24. Dropout keeps the elements
        of `bernoulli(shape, 1 - p)`.
        """
        count = math.prod(shape)
        if not isinstance(p, np.ndarray):
            if not 0.0 <= p <= 1.0:
                raise RuntimeError(f"bernoulli_ expects p to be in [0, 1], but got p={number_text(p)}")
            words = self.long_words(count)
            words &= np.uint64(2**53 - 1)
            return (words < np.uint64(math.ceil(p * 2.0**53))).astype(dtype).reshape(shape)
        if not ((p >= 0) & (p <= 1)).all():
            raise RuntimeError("Expected p_in >= 0 && p_in <= 1 to be true, but got false.")
        draws: Array = self.doubles(count) if p.dtype == np.float64 else self.floats(count)
        return (draws.reshape(shape) < p).astype(dtype)

    def geometric(self, shape: Shape, p: float, dtype: DTypeLike = np.float32) -> Array:
        """`geometric_`, by inversion: the number of trials up to and with the first success."""
        if not 0.0 < p < 1.0:
            raise RuntimeError(f"geometric_ expects p to be in (0, 1), but got p={number_text(p)}")
        with np.errstate(divide="ignore", invalid="ignore"):
            trials = np.ceil(libm(_log, self.doubles(math.prod(shape))) / math.log1p(-p))
            return trials.astype(dtype).reshape(shape)

    def multinomial(self, probs: Array, num_samples: int, replacement: bool = False) -> NDArray[np.int64]:
        """`multinomial` over the last axis of one or two: the indices of `num_samples` draws in proportion to `probs`.

        With replacement each draw is searched in the cumulative sums. Without it, or for a single draw, the categories
        run an exponential race, each at the rate of its probability, and the first to arrive win.
        """
        if probs.dtype.name not in FLOATS:
            raise RuntimeError(f"multinomial only supports floating-point dtypes for input, got: {probs.dtype.name}")
        if probs.ndim not in (1, 2):
            raise RuntimeError("prob_dist must be 1 or 2 dim")
        if num_samples <= 0:
            raise RuntimeError("cannot sample n_sample <= 0 samples")
        categories = probs.shape[-1]
        if not replacement and num_samples > categories:
            raise RuntimeError("cannot sample n_sample > prob_dist.size(-1) samples without replacement")
        if not probs.size:
            return np.empty((*probs.shape[:-1], num_samples), np.int64)
        if replacement and num_samples > 1:
            return self._with_replacement(probs, num_samples)
        if not (np.isfinite(probs) & (probs >= 0)).all():
            raise RuntimeError("probability tensor contains either `inf`, `nan` or element < 0")
        if (probs.sum(-1) == 0).any():
            raise RuntimeError("invalid multinomial distribution (sum of probabilities <= 0)")
        with np.errstate(divide="ignore", invalid="ignore"):
            speed = probs / self.exponential(probs.shape, probs.dtype)
        if num_samples == 1:
            winner: NDArray[np.int64] = np.argmax(speed, -1, keepdims=True)
            return winner
        return np.ascontiguousarray(np.argsort(-speed, -1, kind="stable")[..., :num_samples])

    def _with_replacement(self, probs: Array, num_samples: int) -> NDArray[np.int64]:
        out = np.empty((*probs.shape[:-1], num_samples), np.int64)
        wide = probs.astype(np.float32) if probs.dtype.itemsize < 4 else probs
        for row, result in zip(wide.reshape(-1, probs.shape[-1]), out.reshape(-1, num_samples)):
            if not (row >= 0).all():
                raise RuntimeError("invalid multinomial distribution (encountering probability entry < 0)")
            if not np.isfinite(row).all():
                raise RuntimeError("invalid multinomial distribution (encountering probability entry = infinity or NaN)")
            cumulative = np.cumsum(row)
            if not cumulative[-1] > 0:
                raise RuntimeError("invalid multinomial distribution (sum of probabilities <= 0)")
            cumulative /= cumulative[-1]
            cumulative[-1] = 1
            result[...] = np.searchsorted(cumulative.astype(np.float64), self.doubles(num_samples))
        return out

    def poisson(self, rate: Array) -> Array:
        """`poisson`: one count for each rate, in the dtype of the rates.

        Rates from 10 up go through the transformed rejection of W. Hörmann (1993), smaller ones through a product of
        uniforms; each count consumes as many draws as it needs, so this is a loop. A comparison decided by the last bit
        of `lgamma` could in principle differ from PyTorch's.
        """
        floating(rate.dtype, "poisson_cpu")
        if not (rate >= 0).all():
            raise RuntimeError("invalid Poisson rate, expected rate to be non-negative")
        counts = [self._poisson(value) for value in rate.astype(np.float64).ravel().tolist()]
        return np.array(counts, np.float64).astype(rate.dtype).reshape(rate.shape)

    def _poisson(self, rate: float) -> int:
        if rate == 0.0:
            return 0
        if rate < 10.0:
            limit = math.exp(-rate)
            product, count = float(self.doubles(1)[0]), 0
            while product > limit:
                product *= float(self.doubles(1)[0])
                count += 1
            return count
        b = 0.931 + 2.53 * math.sqrt(rate)
        a = -0.059 + 0.02483 * b
        while True:
            u, v = map(float, self.doubles(2))
            u -= 0.5
            edge = 0.5 - abs(u)
            if edge == 0.0:
                continue
            count = math.floor((2.0 * a / edge + b) * u + rate + 0.43)
            if edge >= 0.07 and v <= 0.9277 - 3.6224 / (b - 2):
                return count
            if count < 0 or (edge < 0.013 and v > edge):
                continue
            accepted = _log(v) + math.log(1.1239 + 1.1328 / (b - 3.4)) - math.log(a / (edge * edge) + b)
            if accepted <= -rate + count * math.log(rate) - math.lgamma(count + 1):
                return count

    def binomial(self, count: Array, prob: Array) -> Array:
        """`binomial`: the successes among each `count` of trials of probability `prob`, by inversion or, of many, by rejection."""
        pairs = zip(count.astype(np.float64).ravel().tolist(), prob.astype(np.float64).ravel().tolist(), strict=True)
        return np.array([self._binomial(n, p) for n, p in pairs], np.float64).astype(count.dtype).reshape(count.shape)

    def _binomial(self, n: float, p: float) -> float:
        if not (n > 0 and p > 0):
            return math.nan if math.isnan(n) or math.isnan(p) else 0
        if p >= 1:
            return n
        rare = min(p, 1 - p)
        found = self._transformed_rejection(n, rare) if n * rare >= 10 else self._sum_of_gaps(n, rare)
        return found if p <= 0.5 else n - found

    def _sum_of_gaps(self, n: float, p: float) -> float:
        """As many geometric gaps between successes as fit into `n` trials."""
        scale, reached, count = math.log1p(-p), 0.0, 0
        while True:
            reached += math.ceil(_log(float(self.doubles(1)[0])) / scale)
            if reached > n:
                return count
            count += 1

    def _transformed_rejection(self, n: float, p: float) -> float:
        """W. Hörmann's algorithm BTRS (1993)."""
        spread = math.sqrt(n * p * (1 - p))
        b = 1.15 + 2.53 * spread
        a = -0.0873 + 0.0248 * b + 0.01 * p
        centre, narrow, odds = n * p + 0.5, 0.92 - 4.2 / b, p / (1 - p)
        alpha, mode = (2.83 + 5.1 / b) * spread, math.floor((n + 1) * p)
        while True:
            u, v = float(self.doubles(1)[0]) - 0.5, float(self.doubles(1)[0])
            edge = 0.5 - abs(u)
            if edge == 0.0:
                continue
            k = math.floor((2 * a / edge + b) * u + centre)
            if edge >= 0.07 and v <= narrow:
                return k
            if k < 0 or k > n:
                continue
            weight = math.lgamma(mode + 1) + math.lgamma(n - mode + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
            if _log(v * alpha / (a / (edge * edge) + b)) <= weight + (k - mode) * math.log(odds):
                return k

    def standard_gamma(self, alpha: Array) -> Array:
        """Gamma draws of scale 1 for each shape `alpha`, by G. Marsaglia and W. W. Tsang's rejection (2000), in float64."""
        drawn = [self._gamma(a) for a in alpha.astype(np.float64).ravel().tolist()]
        return np.array(drawn, np.float64).astype(alpha.dtype).reshape(alpha.shape)

    def _gamma(self, alpha: float) -> float:
        scale = 1.0
        if alpha < 1.0:
            if alpha == 0.0:
                return 0.0
            scale *= (1.0 - float(self.doubles(1)[0])) ** (1.0 / alpha)
            alpha += 1.0
        d = alpha - 1.0 / 3.0
        c = 1.0 / math.sqrt(9.0 * d)
        while True:
            x = float(self._standard_normals(1)[0])
            y = 1.0 + c * x
            if y <= 0:
                continue
            v = y * y * y
            u = 1.0 - float(self.doubles(1)[0])
            square = x * x
            if u < 1.0 - 0.0331 * square * square or math.log(u) < 0.5 * square + d * (1.0 - v + math.log(v)):
                return scale * d * v
