"""Random tensors, and the generator whose stream is PyTorch's CPU stream bit for bit."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any

from tane.convert import put
from tane.creation import shape_of
from tane.device import device as Device
from tane.dtypes import default_float, int64, to_numpy_dtype
from tane.dtypes import dtype as DType
from tane.ops.views import write
from tane.tensor import Tensor, wrap

if TYPE_CHECKING:
    from tane.backends.stream import Stream

__all__ = [
    "Generator",
    "default_generator",
    "fork_rng",
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

    stream: Stream

    def __init__(self, device: Any = "cpu") -> None:
        self.device = Device(device)

    def __getattr__(self, name: str) -> Any:
        if name != "stream":
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        # Made at the first draw, which imports numpy.random. Of two threads that both come first, one makes the stream of both.
        return self.__dict__.setdefault("stream", import_module("tane.backends.stream").Stream())

    def manual_seed(self, seed: int) -> Generator:
        """Start the stream over from ``seed``; returns the generator."""
        self.stream.manual_seed(int(seed))
        return self

    def clone_state(self) -> Generator:
        """Another generator in the same state."""
        return Generator(self.device).set_state(self.get_state())

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


@contextlib.contextmanager
def fork_rng(devices: Any = None, enabled: bool = True, device_type: str = "cpu", **names: str) -> Iterator[None]:
    """Within the ``with`` block, draws go on from the present state; after it, the state is what it was before.

    ``devices`` makes no difference: every device draws from the one default generator.
    """
    if not enabled:
        yield
        return
    before = get_rng_state()
    try:
        yield
    finally:
        set_rng_state(before)


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


def laid(array: Any, draw: Callable[[tuple[int, ...], bool], Any]) -> Any:
    """Numbers for a tensor that lies in memory like ``array``: they are drawn in the order of memory, as by PyTorch.

    ``draw`` gets a shape and whether the memory is contiguous.
    """
    if array.flags.c_contiguous:
        return draw(array.shape, True)
    order = sorted(range(array.ndim), key=lambda axis: -array.strides[axis])
    values = draw(tuple(array.shape[axis] for axis in order), False)
    return values.transpose([order.index(axis) for axis in range(array.ndim)])


def _drawn(name: str, draw: str, doc: str) -> tuple[Callable[..., Tensor], Callable[..., Tensor]]:
    strided = "normal_pairs" if draw == "normal" else draw

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
        d = to_numpy_dtype(dtype or input.dtype)
        array = laid(input.array, lambda shape, plain: getattr(stream_of(generator), draw if plain or d.kind == "c" else strided)(shape, d))
        return finish(array, device or input.device, requires_grad)

    filled.__name__, like.__name__ = name, f"{name}_like"
    filled.__doc__ = f"A tensor of numbers drawn {doc}, of the sizes given one by one or as a sequence."
    like.__doc__ = f"A tensor of numbers drawn {doc}, of the shape, type and device of ``input``."
    return filled, like


rand, rand_like = _drawn("rand", "uniform", "uniformly from [0, 1)")
randn, randn_like = _drawn("randn", "normal", "from the standard normal distribution")


_MISSING: Any = object()


def randint(
    low: Any = _MISSING,
    high: Any = _MISSING,
    size: Any = None,
    *,
    generator: Generator | None = None,
    out: Tensor | None = None,
    dtype: DType | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """Whole numbers drawn uniformly from [low, high), or from [0, high) as ``randint(high, size)``."""
    if size is None and high is not _MISSING:
        high, size = _MISSING, high
    if high is _MISSING:
        low, high = 0, low
    if high is _MISSING or size is None:
        raise TypeError("randint() takes (high, size) or (low, high, size)")
    if isinstance(size, int):
        raise TypeError("randint(): argument 'size' must be tuple of ints, not int")
    low, high = (0 if v is _MISSING else int(v) for v in (low, high))
    if low >= high:
        raise RuntimeError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
    d = out.array.dtype if out is not None else to_numpy_dtype(dtype or int64)
    return finish(stream_of(generator).integers(shape_of((size,)), low, high, d), device, requires_grad, out)


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
