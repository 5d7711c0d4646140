"""Activations as functions."""

from __future__ import annotations

import math
import warnings
from typing import Any

from tane.autograd.fitting import namespaces
from tane.dtypes import FLOAT, bool_, uint8
from tane.dtypes import dtype as DType
from tane.nn.functional.drawn import drawn, drawn_like
from tane.nn.functional.inplace import inplace_form
from tane.nn.ops import activation as op
from tane.ops import pointwise
from tane.tensor import Tensor, wrap

__all__ = [
    "celu",
    "celu_",
    "elu",
    "elu_",
    "gelu",
    "glu",
    "gumbel_softmax",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "hardtanh_",
    "leaky_relu",
    "leaky_relu_",
    "log_softmax",
    "logsigmoid",
    "mish",
    "prelu",
    "relu",
    "relu6",
    "relu_",
    "rrelu",
    "rrelu_",
    "selu",
    "selu_",
    "sigmoid",
    "silu",
    "softmax",
    "softmin",
    "softplus",
    "softshrink",
    "softsign",
    "tanh",
    "tanhshrink",
    "threshold",
    "threshold_",
]

_relu = pointwise.relu.call
SELU_ALPHA, SELU_SCALE = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946


def relu_(input: Tensor) -> Tensor:
    """In-place :func:`relu`."""
    result: Tensor = input.relu_()
    return result


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """``max(x, 0)`` of each element.

    >>> import tane
    >>> relu(tane.tensor([-1.0, 2.0]))
    tensor([0., 2.])
    """
    return relu_(input) if inplace else _relu(input)


def relu6(input: Tensor, inplace: bool = False) -> Tensor:
    """Each element limited to [0, 6]."""
    return hardtanh(input, 0.0, 6.0, inplace)


def gelu(input: Tensor, approximate: str = "none") -> Tensor:
    """``x * Phi(x)`` with the normal distribution's Phi, exact or with ``approximate="tanh"``."""
    if approximate == "none":
        return op.gelu.call(input)
    if approximate == "tanh":
        return op.gelu_tanh.call(input)
    raise RuntimeError("approximate argument must be either none or tanh.")


def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """``x`` where positive, else ``negative_slope * x``."""
    return leaky_relu_(input, negative_slope) if inplace else op.leaky_relu.call(input, negative_slope)


leaky_relu_ = inplace_form(leaky_relu, "leaky_relu_")


def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """``x`` where positive, else ``alpha * (exp(x) - 1)``."""
    return elu_(input, alpha) if inplace else op.elu.call(input, alpha)


elu_ = inplace_form(elu, "elu_")


def selu(input: Tensor, inplace: bool = False) -> Tensor:
    """The self-normalising :func:`elu`: with the scale and alpha that keep mean 0 and variance 1."""
    return selu_(input) if inplace else op.elu.call(input, SELU_ALPHA, SELU_SCALE)


selu_ = inplace_form(selu, "selu_")


def celu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """``max(x, 0) + min(0, alpha * (exp(x / alpha) - 1))``."""
    if alpha == 0:
        raise RuntimeError("ZeroDivisionError: alpha cannot be 0 for CELU")
    return celu_(input, alpha) if inplace else op.celu.call(input, alpha, 1.0, 1.0 / alpha)


celu_ = inplace_form(celu, "celu_")


def silu(input: Tensor, inplace: bool = False) -> Tensor:
    """``x * sigmoid(x)``, also called swish."""
    return _silu_(input) if inplace else op.silu.call(input)


_silu_ = inplace_form(silu, "silu_")


def mish(input: Tensor, inplace: bool = False) -> Tensor:
    """``x * tanh(softplus(x))``."""
    return _mish_(input) if inplace else op.mish.call(input)


_mish_ = inplace_form(mish, "mish_")


def softplus(input: Tensor, beta: float = 1, threshold: float = 20) -> Tensor:
    """``log(1 + exp(beta * x)) / beta``; ``x`` itself where ``beta * x`` is above ``threshold``."""
    return op.softplus.call(input, beta, threshold)


def softsign(input: Tensor) -> Tensor:
    """``x / (1 + |x|)``."""
    return input / (input.abs() + 1)


def hardtanh(input: Tensor, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Tensor:
    """Each element limited to [``min_val``, ``max_val``]."""
    if min_val > max_val:
        raise ValueError("min_val cannot be greater than max_val")
    if input.dtype.category < FLOAT:
        min_val, max_val = _whole_limits(input, min_val, max_val)
    return hardtanh_(input, min_val, max_val) if inplace else op.hardtanh.call(input, min_val, max_val)


def _whole_limits(input: Tensor, low: float, high: float) -> tuple[float, float]:
    """The limits as whole numbers of the input's kind."""
    if input.dtype is bool_:
        raise RuntimeError("Bool inputs not supported for hardtanh")
    low, high = int(low), int(high)
    if input.dtype is uint8 and (low < 0 or high < 0):
        raise RuntimeError("cannot do hardtanh on an unsigned type with negative limits")
    return low, high


hardtanh_ = inplace_form(hardtanh, "hardtanh_")


def hardsigmoid(input: Tensor, inplace: bool = False) -> Tensor:
    """The straight line ``x / 6 + 1 / 2``, limited to [0, 1]."""
    return _hardsigmoid_(input) if inplace else op.hardsigmoid.call(input)


_hardsigmoid_ = inplace_form(hardsigmoid, "hardsigmoid_")


def hardswish(input: Tensor, inplace: bool = False) -> Tensor:
    """``x * hardsigmoid(x)``."""
    return _hardswish_(input) if inplace else op.hardswish.call(input)


_hardswish_ = inplace_form(hardswish, "hardswish_")


def logsigmoid(input: Tensor) -> Tensor:
    """``log(sigmoid(x))`` without overflow."""
    return op.log_sigmoid.call(input)


def prelu(input: Tensor, weight: Tensor) -> Tensor:
    """``x`` where positive, else ``weight * x``; ``weight`` holds one number, or one for each channel (dimension 1)."""
    if weight.ndim > 1:
        raise RuntimeError(f"prelu: Expected `weight` to be a scalar or 1D tensor, but got: ndim = {weight.ndim}")
    if weight.ndim == 1:
        if input.ndim == 0 and weight.array.size != 1:
            raise RuntimeError(f"prelu: Not allow zero-dim input tensor. The weight holds {weight.array.size} numbers")
        count = weight.array.shape[0]
        channels = 1 if input.ndim < 2 else input.array.shape[1]
        if count != 1 and count != channels:
            raise RuntimeError(
                f"Mismatch of parameter numbers and input channel size. Found parameter numbers = {count} and channel size = {channels}."
            )
        weight = weight.reshape((1, count) + (1,) * (input.ndim - 2) if input.ndim > 1 else (1,) * input.ndim)
    return op.prelu.call(input, weight)


def rrelu(input: Tensor, lower: float = 1.0 / 8, upper: float = 1.0 / 3, training: bool = False, inplace: bool = False) -> Tensor:
    """:func:`leaky_relu` with a slope drawn from [``lower``, ``upper``] for each element in training, and their mean otherwise."""
    if lower > upper:
        raise RuntimeError(f"Lower bound should be less than or equal to the upper bound, but found lower={lower} and upper={upper}")
    if inplace:
        return rrelu_(input, lower, upper, training)
    if not training:
        return op.leaky_relu.call(input, (lower + upper) / 2)

    def slopes(stream: Any) -> Any:
        below = (input.detach() <= 0).cpu().numpy()
        noise = (below * 0 + 1)[...].astype(input.array.dtype)
        noise[below] = stream.doubles(int(below.sum())) * (upper - lower) + lower
        return noise

    return op.rrelu.call(input, drawn(slopes, input))


rrelu_ = inplace_form(rrelu, "rrelu_")


def glu(input: Tensor, dim: int = -1) -> Tensor:
    """``a * sigmoid(b)`` of the two halves along ``dim``."""
    if input.ndim == 0:
        raise RuntimeError("glu does not support 0-dimensional tensors")
    if not -input.ndim <= dim < input.ndim:
        raise IndexError(f"Dimension out of range (expected to be in range of [{-input.ndim}, {input.ndim - 1}], but got {dim})")
    if input.array.shape[dim] % 2:
        raise RuntimeError(f"Halving dimension must be even, but dimension {dim % input.ndim} is size {input.array.shape[dim]}")
    return op.glu.call(input, dim)


def threshold(input: Tensor, threshold: float, value: float, inplace: bool = False) -> Tensor:
    """``x`` where above ``threshold``, else ``value``."""
    if input.dtype.category < FLOAT:
        threshold, value = int(threshold), int(value)
    return threshold_(input, threshold, value) if inplace else op.threshold.call(input, threshold, value)


threshold_ = inplace_form(threshold, "threshold_")


def tanhshrink(input: Tensor) -> Tensor:
    """``x - tanh(x)``."""
    return input - input.tanh()


def softshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """``x`` moved towards 0 by ``lambd``, and 0 within [-lambd, lambd]."""
    if lambd < 0:
        largest = namespaces[type(input.array)].finfo(input.array.dtype).max if input.dtype.is_floating_point else math.inf
        raise RuntimeError(
            f"lambda must be in range [0, {largest:g}] for input dtype {input.dtype.tensor_name.removesuffix('Tensor')}, but found {lambd:g}"
        )
    return op.softshrink.call(input, lambd)


def hardshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """``x``, and 0 within [-lambd, lambd]."""
    return op.hardshrink.call(input, lambd)


def tanh(input: Tensor) -> Tensor:
    """The hyperbolic tangent; :func:`tane.tanh`."""
    return input.tanh()


def sigmoid(input: Tensor) -> Tensor:
    """``1 / (1 + exp(-x))``; :func:`tane.sigmoid`."""
    return input.sigmoid()


# ---- over a dimension -------------------------------------------------------------------------------------------------------------
def _dimension(name: str, input: Tensor, stacklevel: int) -> int:
    """The dimension that is meant where none is given."""
    warnings.warn(
        f"Implicit dimension choice for {name} has been deprecated. Change the call to include dim=X as an argument.",
        stacklevel=stacklevel + 1,
    )
    return 0 if input.ndim in (0, 1, 3) else 1


def softmax(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: DType | None = None) -> Tensor:
    """``exp(x)`` divided by its sum along ``dim``; computed in ``dtype`` where one is given."""
    if dim is None:
        dim = _dimension("softmax", input, _stacklevel)
    return input.softmax(dim, dtype=dtype)


def softmin(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: DType | None = None) -> Tensor:
    """:func:`softmax` of ``-x``."""
    if dim is None:
        dim = _dimension("softmin", input, _stacklevel)
    return (-input).softmax(dim, dtype=dtype)


def log_softmax(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: DType | None = None) -> Tensor:
    """The logarithm of :func:`softmax`, without its loss of precision."""
    if dim is None:
        dim = _dimension("log_softmax", input, _stacklevel)
    return input.log_softmax(dim, dtype=dtype)


def gumbel_softmax(logits: Tensor, tau: float = 1, hard: bool = False, eps: float = 1e-10, dim: int = -1) -> Tensor:
    """A sample of the relaxed categorical distribution of ``logits``; with ``hard`` a one-hot one, whose gradient is that of the relaxed."""
    if eps != 1e-10:
        warnings.warn("`eps` parameter is deprecated and has no effect.", stacklevel=2)
    exponential = drawn_like(lambda stream, size: stream.exponential(size, logits.array.dtype), logits)
    soft: Tensor = ((logits - wrap(exponential).log()) / tau).softmax(dim)
    if not hard:
        return soft
    index = soft.argmax(dim, keepdim=True)
    one = soft.detach() * 0
    one.scatter_(dim, index, 1.0)
    return one - soft.detach() + soft
