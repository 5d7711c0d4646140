"""Numbers drawn at random: into a tensor's own memory, and from distributions that tensors describe."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tane.autograd.state import local
from tane.backends.backend import backend_of
from tane.convert import put
from tane.creation import shape_of
from tane.dtypes import FLOAT, default_float, to_numpy_dtype
from tane.dtypes import dtype as DType
from tane.ops.accepting import unsupported
from tane.ops.views import check_writable, replace_history, write
from tane.random import Generator, finish, laid, stream_of
from tane.surface.expanding import broadcast_shapes
from tane.surface.expose import method, write_out
from tane.surface.index_parts import kind_name
from tane.tensor import Tensor

__all__ = ["bernoulli", "binomial", "multinomial", "normal", "poisson"]


def _host(t: Tensor) -> Any:
    return backend_of(type(t.array)).to_numpy(t.array)


# ---- in place ------------------------------------------------------------------------------------------------------------------------
def refill(self: Tensor, draw: Callable[[tuple[int, ...], bool], Any], name: str) -> Tensor:
    """Write drawn values into a tensor; what it was computed from no longer matters to it."""
    if local.recording:
        check_writable(self, name)
    write(self, put(laid(self.array, draw), None, self.device), name)
    if local.recording and self.node is not None:
        replace_history(self, None)
    return self


@method()
def uniform_(self: Tensor, from_: float = 0.0, to: float = 1.0, *, generator: Generator | None = None, **named: float) -> Tensor:
    """Fill with numbers drawn uniformly from [from, to)."""
    low = named.pop("from", from_)
    if named:
        raise TypeError(f"uniform_() got an unexpected keyword argument '{next(iter(named))}'")
    return refill(self, lambda shape, _: stream_of(generator).uniform(shape, self.array.dtype, low, to), "uniform_")


@method()
def normal_(self: Tensor, mean: float = 0.0, std: float = 1.0, *, generator: Generator | None = None) -> Tensor:
    """Fill with numbers drawn from the normal distribution."""
    stream, d = stream_of(generator), self.array.dtype
    return refill(
        self, lambda shape, plain: (stream.normal if plain or d.kind == "c" else stream.normal_pairs)(shape, d, mean, std), "normal_"
    )


@method()
def bernoulli_(self: Tensor, p: Any = 0.5, *, generator: Generator | None = None) -> Tensor:
    """Fill with ones drawn with probability ``p``, a number or a tensor of probabilities, and zeros."""
    if isinstance(p, Tensor):
        odds = _host(p.expand(self.array.shape))
        return refill(
            self, lambda shape, _: stream_of(generator).bernoulli(shape, _ordered(odds, self.array), self.array.dtype), "bernoulli_"
        )
    return refill(self, lambda shape, _: stream_of(generator).bernoulli(shape, float(p), self.array.dtype), "bernoulli_")


def _ordered(values: Any, like: Any) -> Any:
    """The axes of ``values`` in the order in which those of ``like`` lie in memory, as :func:`laid` draws."""
    if like.flags.c_contiguous:
        return values
    return values.transpose(sorted(range(like.ndim), key=lambda axis: -like.strides[axis]))


@method()
def exponential_(self: Tensor, lambd: float = 1.0, *, generator: Generator | None = None) -> Tensor:
    """Fill with numbers drawn from the exponential distribution of rate ``lambd``."""
    return refill(self, lambda shape, _: stream_of(generator).exponential(shape, self.array.dtype, lambd), "exponential_")


@method()
def cauchy_(self: Tensor, median: float = 0.0, sigma: float = 1.0, *, generator: Generator | None = None) -> Tensor:
    """Fill with numbers drawn from the Cauchy distribution."""
    return refill(self, lambda shape, _: stream_of(generator).cauchy(shape, self.array.dtype, median, sigma), "cauchy_")


@method()
def log_normal_(self: Tensor, mean: float = 1.0, std: float = 2.0, *, generator: Generator | None = None) -> Tensor:
    """Fill with the exponentials of normal numbers of this ``mean`` and ``std``."""
    return refill(self, lambda shape, _: stream_of(generator).log_normal(shape, self.array.dtype, mean, std), "log_normal_")


@method()
def geometric_(self: Tensor, p: float, *, generator: Generator | None = None) -> Tensor:
    """Fill with the numbers of trials up to and with the first success, of probability ``p``."""
    return refill(self, lambda shape, _: stream_of(generator).geometric(shape, p, self.array.dtype), "geometric_")


@method()
def random_(self: Tensor, from_: Any = None, to: int | None = None, *, generator: Generator | None = None, **named: Any) -> Tensor:
    """Fill with whole numbers drawn uniformly: ``random_(from, to)`` from [from, to), ``random_(to)`` from [0, to), ``random_()`` all the type has."""
    low = named.pop("from", from_)
    if named:
        raise TypeError(f"random_() got an unexpected keyword argument '{next(iter(named))}'")
    stream, d = stream_of(generator), self.array.dtype
    if low is None and to is None:
        return refill(self, lambda shape, _: stream.random(shape, d), "random_")
    if to is None and "from" not in named:
        low, to = 0, low
    return refill(self, lambda shape, _: stream.integers(shape, int(low or 0), int(to), d), "random_")  # type: ignore[arg-type]


# ---- from distributions that tensors describe ---------------------------------------------------------------------------------------
@method()
def bernoulli(input: Tensor, p: float | None = None, *, generator: Generator | None = None, out: Tensor | None = None) -> Tensor:
    """Ones drawn with the probabilities in ``input`` (or with ``p`` everywhere), and zeros, in the type of ``input``."""
    odds = _host(input)
    if p is None and input.dtype.category != FLOAT:
        raise unsupported("bernoulli_tensor_cpu_p_", input.dtype)
    stream = stream_of(generator)
    drawn = stream.bernoulli(odds.shape, odds if p is None else float(p), odds.dtype)[...]  # NumPy's 0-d results are scalars
    result = finish(drawn, input.device, False)
    return result if out is None else write_out(out, result, "bernoulli")


@method()
def multinomial(
    input: Tensor, num_samples: int, replacement: bool = False, *, generator: Generator | None = None, out: Tensor | None = None
) -> Tensor:
    """Indices drawn in proportion to the weights in ``input``, a vector or a row of them for each draw; without ``replacement`` no index comes twice.

    >>> import tane
    >>> tane.multinomial(tane.tensor([0.0, 1.0]), 1)
    tensor([1])
    """
    if input.dtype.category != FLOAT:
        raise RuntimeError(f"multinomial only supports floating-point dtypes for input, got: {kind_name(input)}")
    result = finish(stream_of(generator).multinomial(_host(input), num_samples, replacement), input.device, False)
    return result if out is None else write_out(out, result, "multinomial")


def poisson(input: Tensor, generator: Generator | None = None) -> Tensor:
    """Counts drawn from Poisson distributions with the rates in ``input``."""
    if input.dtype.category != FLOAT:
        raise unsupported("poisson_cpu", input.dtype)
    return finish(stream_of(generator).poisson(_host(input)), input.device, False)


def binomial(count: Tensor, prob: Tensor, generator: Generator | None = None) -> Tensor:
    """Counts of successes drawn from binomial distributions of ``count`` trials with probability ``prob``."""
    if count.dtype.category != FLOAT or prob.dtype is not count.dtype:
        raise ValueError(f"binomial: count and prob must be of one floating type, but are {count.dtype} and {prob.dtype}")
    shape = tuple(broadcast_shapes(count.array.shape, prob.array.shape))
    return finish(stream_of(generator).binomial(_host(count.expand(shape)), _host(prob.expand(shape))), count.device, False)


def normal(
    mean: Any,
    std: Any = 1.0,
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
    """Normal numbers: of one ``mean`` and ``std`` in a given ``size``, or one for every element of tensors of them."""
    tensors = [x for x in (mean, std) if isinstance(x, Tensor)]
    stream = stream_of(generator)
    if not tensors:
        if size is None:
            raise TypeError("normal() received an invalid combination of arguments: without a tensor of means or stds it needs a size")
        shape = shape_of((size,)) if not isinstance(size, int) else (size,)
        drawn = stream.normal(shape, to_numpy_dtype(dtype or default_float()), float(mean), float(std))
        return finish(drawn, device, requires_grad, out)
    for t, name in ((mean, "mean"), (std, "std")):
        if isinstance(t, Tensor) and t.dtype.category < FLOAT:
            raise (
                unsupported("normal_kernel_cpu", t.dtype)
                if name == "mean"
                else RuntimeError(f"normal expects {name} to be of a floating type")
            )
    shape = tuple(broadcast_shapes(*(t.array.shape for t in tensors)))
    raws = [_host(x) if isinstance(x, Tensor) else float(x) for x in (mean, std)]
    drawn = stream.normal(shape, tensors[0].array.dtype, *raws)
    return finish(drawn, tensors[0].device, False, out)
