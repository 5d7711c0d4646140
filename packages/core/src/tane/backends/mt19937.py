"""The engine behind PyTorch's CPU generator: MT19937, and the bytes of its state.

M. Matsumoto and T. Nishimura, "Mersenne Twister: a 623-dimensionally equidistributed uniform pseudo-random number
generator", ACM TOMACS 8 (1998), seeded by D. Knuth's linear recurrence. NumPy has both, so its bit generator does the
work; what is PyTorch's own is that only the low 32 bits of the seed count, that a 64-bit draw is two 32-bit ones, the
first one high, and the layout of the saved state.
"""

import os
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

S = TypeVar("S", bound="Mt19937")

DEFAULT_SEED = 67280421310721  # PyTorch's

_WORDS = 624
_BLOCK = 1 << 15  # draws converted at a time, so that NumPy's 64-bit intermediate stays in cache

# PyTorch's generator as its C++ compiler lays it out in memory. Fields that nobody reads any more stay zero.
_STATE = np.dtype(
    {
        "names": ["seed", "left", "seeded", "next", "key", "normal", "has_normal"],
        "formats": ["<u8", "<i4", "<i4", "<u8", ("<u8", _WORDS), "<f8", "<i4"],
        "offsets": [0, 8, 12, 16, 24, 5024, 5040],
        "itemsize": 5056,
    }
)


def _restore(cls: type["Mt19937"], state: NDArray[np.uint8]) -> "Mt19937":
    stream = cls()
    stream.set_state(state)
    return stream


class Mt19937:
    """A stream of 32-bit words that can be seeded, saved and restored like PyTorch's."""

    _raw: Callable[[int], NDArray[np.uint64]]
    _seed: int
    _cached_normal: float | None  # the second normal of a Box-Muller pair, not handed out yet

    def __init__(self, seed: int = DEFAULT_SEED) -> None:
        self._bits = np.random.MT19937(0)
        self._raw = self._bits.random_raw
        self.manual_seed(seed)

    def manual_seed(self: S, seed: int) -> S:
        """Start again from `seed`, which may be negative: PyTorch takes it modulo 2**64."""
        if isinstance(seed, bool) or not hasattr(seed, "__index__"):
            raise RuntimeError(f"manual_seed expected a long, but got {type(seed).__name__}")
        seed = seed.__index__()
        if not -(2**63) <= seed < 2**64:
            raise ValueError("Overflow when unpacking long long")
        self._seed = seed % 2**64
        self._cached_normal = None
        np.random.RandomState(self._bits).seed(self._seed & 0xFFFFFFFF)
        return self

    def initial_seed(self) -> int:
        """The seed this stream last started from."""
        return self._seed

    def seed(self) -> int:
        """Start again from a seed of the operating system's, and return it."""
        seed = int.from_bytes(os.urandom(8), "little") & (2**53 - 1)
        self.manual_seed(seed)
        return seed

    def get_state(self) -> NDArray[np.uint8]:
        """All of the stream in the 5056 bytes of `torch.Generator.get_state`."""
        twister: dict[str, Any] = self._bits.state["state"]  # type: ignore[assignment]
        key = twister["key"]
        position = int(twister["pos"])
        state = np.zeros((), _STATE)
        state["seed"] = self._seed
        state["left"] = _WORDS + 1 - position
        state["seeded"] = 1
        # NumPy calls the words of a fresh seed used up; PyTorch says the same with `left`, but counts from the start.
        first, second = int(key[0]), int(key[1])
        fresh = second == (1812433253 * (first ^ first >> 30) + 1) & 0xFFFFFFFF
        state["next"] = 0 if fresh and position == _WORDS else position
        state["key"] = key
        if self._cached_normal is not None:
            state["normal"] = self._cached_normal
            state["has_normal"] = 1
        return np.frombuffer(state.tobytes(), np.uint8).copy()

    def set_state(self, state: NDArray[np.uint8]) -> None:
        """Continue where `state` was taken, from this stream or from PyTorch's."""
        if state.dtype != np.uint8:
            raise TypeError("RNG state must be a torch.ByteTensor")
        if state.size != _STATE.itemsize:
            raise RuntimeError(
                f"Expected a CPUGeneratorImplState of size {_STATE.itemsize} but found the input RNG state size to be {state.size}"
            )
        fields = np.frombuffer(np.ascontiguousarray(state).tobytes(), _STATE)[0]
        left, position = int(fields["left"]), int(fields["next"])
        if fields["seeded"] != 1 or not 0 < left <= _WORDS or position > _WORDS:
            raise RuntimeError("Invalid mt19937 state")
        key = fields["key"].astype(np.uint32)
        twister: Any = {"key": key, "pos": _WORDS if left == 1 else position}
        self._bits.state = {"bit_generator": "MT19937", "state": twister}
        self._seed = int(fields["seed"])
        self._cached_normal = float(fields["normal"]) if fields["has_normal"] else None

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), self.get_state())

    def words(self, count: int) -> NDArray[np.uint32]:
        """The next `count` 32-bit draws."""
        if count <= _BLOCK:
            return self._raw(count).astype(np.uint32)
        out = np.empty(count, np.uint32)
        for start in range(0, count, _BLOCK):
            block = out[start : start + _BLOCK]
            block[...] = self._raw(block.size)
        return out

    def long_words(self, count: int) -> NDArray[np.uint64]:
        """The next `count` 64-bit draws, which are two 32-bit ones each."""
        out = np.empty(count, np.uint64)
        for start in range(0, count, _BLOCK):
            block = out[start : start + _BLOCK]
            pairs = self._raw(2 * block.size)
            np.left_shift(pairs[0::2], np.uint64(32), out=block)
            block |= pairs[1::2]
        return out

    def floats(self, count: int) -> NDArray[np.float32]:
        """Uniform in [0, 1): the low 24 bits of a draw each."""
        words = self.words(count)
        words &= np.uint32(0xFFFFFF)
        out = words.view(np.int32).astype(np.float32)  # signed, for which there is an instruction
        out *= np.float32(2.0**-24)
        return out

    def doubles(self, count: int) -> NDArray[np.float64]:
        """Uniform in [0, 1): the low 53 bits of a 64-bit draw each."""
        words = self.long_words(count)
        words &= np.uint64(2**53 - 1)
        out = words.view(np.int64).astype(np.float64)
        out *= 2.0**-53
        return out
