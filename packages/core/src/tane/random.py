"""Random tensors, and the generator whose stream is PyTorch's CPU stream bit for bit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tane.autograd.state import local
from tane.backends.stream import Stream
from tane.convert import put
from tane.creation import shape_of
from tane.device import device as Device
from tane.dtypes import default_float, dtype as DType, int64, to_numpy_dtype
from tane.surface.expose import method
from tane.ops.views import check_writable, write
from tane.tensor import Tensor, wrap

__all__ = [
    "Generator",
    "default_generator",
    "get_rng_state",
    "initial_seed",
    "manual_seed",
    "rand",
    "rand_like",
    "randint",
    "randint_like",
    "randn",
    "randn_like",
    "randperm",
    "seed",
    "set_rng_state",
]


class Generator:
    """A source of random numbers with a state of its own. Every device draws from the same stream: PyTorch's CPU generator's.

    >>> import tane
    >>> g = tane.Generator().manual_seed(0)
    >>> tane.randn(1, generator=g)
    tensor([1.5410])
    """

    def __init__(self, device: Any = "cpu") -> None:
        self.device = Device(device)
        self.stream = Stream()

    def manual_seed(self, seed: int) -> Generator:
        """Start the stream over from ``seed``; returns the generator."""
        self.stream.manual_seed(int(seed))
        return self

    def initial_seed(self) -> int:
        """The seed the stream was last started from."""
        return self.stream.initial_seed()

    def seed(self) -> int:
        """Start over from a seed nobody knows beforehand; returns it."""
        return self.stream.seed()

    def get_state(self) -> Tensor:
        """The state as bytes, in PyTorch's layout."""
        return wrap(self.stream.get_state())

    def set_state(self, new_state: Tensor) -> Generator:
        """Go back to a state that :meth:`get_state` gave."""
        self.stream.set_state(new_state.array)
        return self


default_generator = Generator()


def stream_of(generator: Generator | None) -> Stream:
    """The stream behind a ``generator=`` argument."""
    return (default_generator if generator is None else generator).stream


def manual_seed(seed: int) -> Generator:
    """Start the default generator over from ``seed``."""
    return default_generator.manual_seed(seed)


def seed() -> int:
    """Start the default generator over from a seed nobody knows beforehand; returns it."""
    return default_generator.seed()


def initial_seed() -> int:
    """The seed of the default generator."""
    return default_generator.initial_seed()


def get_rng_state() -> Tensor:
    """The default generator's state as a byte tensor."""
    return default_generator.get_state()


def set_rng_state(new_state: Tensor) -> None:
    """Set the default generator's state."""
    default_generator.set_state(new_state)


def finish(array: Any, device: Any, requires_grad: bool, out: Tensor | None = None) -> Tensor:
    t = wrap(put(array, None, device))
    if requires_grad:
        t.requires_grad = True
    if out is None:
        return t
    return write(out, t.array, "random") if out.array.shape == t.array.shape else _resized(out, t)


def _resized(out: Tensor, t: Tensor) -> Tensor:
    out.array = t.array
    return out


def _drawn(name: str, draw: str, doc: str) -> tuple[Callable[..., Tensor], Callable[..., Tensor]]:
    def filled(
        *args: Any,
        size: Any = None,
        generator: Generator | None = None,
        out: Tensor | None = None,
        dtype: DType | None = None,
        layout: Any = None,
        device: Any = None,
        requires_grad: bool = False,
        pin_memory: bool = False,
    ) -> Tensor:
        array = getattr(stream_of(generator), draw)(shape_of(args, size), to_numpy_dtype(dtype or default_float()))
        return finish(array, device, requires_grad, out)

    def like(
        input: Tensor,
        *,
        generator: Generator | None = None,
        dtype: DType | None = None,
        layout: Any = None,
        device: Any = None,
        requires_grad: bool = False,
        memory_format: Any = None,
    ) -> Tensor:
        array = getattr(stream_of(generator), draw)(input.array.shape, to_numpy_dtype(dtype or input.dtype))
        return finish(array, device or input.device, requires_grad)

    filled.__name__, like.__name__ = name, f"{name}_like"
    filled.__doc__ = f"A tensor of numbers drawn {doc}, of the sizes given one by one or as a sequence."
    like.__doc__ = f"A tensor of numbers drawn {doc}, of the shape, type and device of ``input``."
    return filled, like


rand, rand_like = _drawn("rand", "uniform", "uniformly from [0, 1)")
randn, randn_like = _drawn("randn", "normal", "from the standard normal distribution")


def randint(
    low: int,
    high: Any = None,
    size: Any = None,
    *,
    generator: Generator | None = None,
    out: Tensor | None = None,
    dtype: DType | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Whole numbers drawn uniformly from [low, high), or from [0, high) as ``randint(high, size)``."""
    if not isinstance(high, int):
        low, high, size = 0, low, high if size is None else size
    if high is None or size is None:
        raise TypeError("randint() takes (high, size) or (low, high, size)")
    if low >= high:
        raise RuntimeError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
    return finish(stream_of(generator).integers(shape_of((size,)), low, high, to_numpy_dtype(dtype or int64)), device, requires_grad, out)


def randint_like(
    input: Tensor,
    low: int,
    high: int | None = None,
    *,
    dtype: DType | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """Whole numbers drawn uniformly, of the shape, type and device of ``input``."""
    low, high = (0, low) if high is None else (low, high)
    return randint(low, high, input.array.shape, dtype=dtype or input.dtype, device=device or input.device, requires_grad=requires_grad)


def randperm(
    n: int,
    *,
    generator: Generator | None = None,
    out: Tensor | None = None,
    dtype: DType | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """The numbers 0 to n - 1 in random order."""
    return finish(stream_of(generator).permutation(n).astype(to_numpy_dtype(dtype or int64)), device, requires_grad, out)


def refill(self: Tensor, values: Any, name: str) -> Tensor:
    """Write drawn values into a tensor in place."""
    if local.recording:
        check_writable(self)
    return write(self, put(values, None, self.device), name)


@method()
def uniform_(self: Tensor, from_: float = 0.0, to: float = 1.0, *, generator: Generator | None = None, **named: float) -> Tensor:
    """Fill with numbers drawn uniformly from [from, to)."""
    low = named.pop("from", from_)
    return refill(self, stream_of(generator).uniform(self.array.shape, self.array.dtype, low, to), "uniform_")


@method()
def normal_(self: Tensor, mean: float = 0.0, std: float = 1.0, *, generator: Generator | None = None) -> Tensor:
    """Fill with numbers drawn from the normal distribution."""
    return refill(self, stream_of(generator).normal(self.array.shape, self.array.dtype, mean, std), "normal_")
