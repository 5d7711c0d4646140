"""The table of activations: pointwise, a forward and a gradient each.

Where PyTorch computes 16-bit floats in float32 and rounds once, so do these (``wide``). Gradients at a kink follow PyTorch.
"""

from __future__ import annotations

import math
from typing import Any

from tane.ops.accepting import only_float
from tane.ops.primitive import primitive

__all__: list[str] = []

SQRT_HALF, INV_SQRT_TAU = math.sqrt(0.5), 1 / math.sqrt(2 * math.pi)
TANH_SCALE, TANH_CUBE = math.sqrt(2 / math.pi), 0.044715


# ---- gelu -------------------------------------------------------------------------------------------------------------------------
def _gelu_slope(F: Any, x: Any) -> Any:
    return (F.erf(x * SQRT_HALF) + 1) * 0.5 + x * F.exp(x * x * -0.5) * INV_SQRT_TAU


def _gelu_tanh(F: Any, x: Any) -> Any:
    return F.tanh((x * x * x * TANH_CUBE + x) * TANH_SCALE)


def _gelu_tanh_slope(F: Any, x: Any) -> Any:
    t = _gelu_tanh(F, x)
    return (t + 1) * 0.5 + x * (1 - t * t) * (x * x * (3 * TANH_CUBE) + 1) * (0.5 * TANH_SCALE)


gelu = primitive(
    "gelu",
    lambda F, input: (F.erf(input * SQRT_HALF) + 1) * (input * 0.5),
    lambda F, g, input: g * _gelu_slope(F, input),
    promotes="same",
    wide=True,
)
gelu_tanh = primitive(
    "gelu_tanh",
    lambda F, input: (_gelu_tanh(F, input) + 1) * (input * 0.5),
    lambda F, g, input: g * _gelu_tanh_slope(F, input),
    promotes="same",
    wide=True,
    backward="GeluBackward0",
)

# ---- rectifiers -------------------------------------------------------------------------------------------------------------------
leaky_relu = primitive(
    "leaky_relu",
    # The two-pass form is wrong where slope * inf is NaN, and where the slope is above 1.
    lambda F, input, slope=0.01: (
        F.maximum(input, input * slope) if 0 < slope <= 1 else F.where((input > 0) | (input != input), input, input * slope)
    ),
    lambda F, g, input, slope: F.where(input > 0, g, g * slope),
    promotes="same",
    wide=True,
)
prelu = primitive(
    "prelu",
    lambda F, input, weight: F.where(input > 0, input, input * weight),
    lambda F, g, input, weight: F.where(input > 0, g, g * weight),
    lambda F, g, input: F.where(input > 0, 0, g * input),
    wide=True,
    backward="PreluKernelBackward0",
)
rrelu = primitive(
    "rrelu_with_noise", lambda F, input, noise=None: input * noise, lambda F, g, noise: F.rrelu_with_noise(g, noise), promotes="same"
)
threshold = primitive(
    "threshold",
    lambda F, input, threshold=0.0, value=0.0: F.where(input <= threshold, value, input),
    lambda F, g, input, threshold: F.where(input <= threshold, 0, g),
    promotes="same",
    wide=True,
)


# ---- exponential ------------------------------------------------------------------------------------------------------------------
def _elu(F: Any, x: Any, alpha: float, scale: float, input_scale: float) -> Any:
    below = F.expm1(F.minimum(x, 0) * input_scale) * (alpha * scale)
    return below + (F.maximum(x, 0) if scale == 1 else F.maximum(x, 0) * scale)


def _elu_gradient(F: Any, g: Any, x: Any, alpha: float, scale: float, input_scale: float) -> Any:
    below = F.exp(F.where(x > 0, 0, x) * input_scale) * (alpha * scale * input_scale)
    return g * F.where(x > 0, scale, below)


def _elu_op(name: str) -> Any:
    return primitive(
        name,
        lambda F, input, alpha=1.0, scale=1.0, input_scale=1.0: _elu(F, input, alpha, scale, input_scale),
        lambda F, g, input, alpha, scale, input_scale: _elu_gradient(F, g, input, alpha, scale, input_scale),
        promotes="same",
        wide=True,
    )


elu, celu = _elu_op("elu"), _elu_op("celu")


def _silu_slope(F: Any, x: Any) -> Any:
    s = F.sigmoid(x)
    return s * (x * (1 - s) + 1)


def _log1p_exp(F: Any, x: Any) -> Any:
    """``log(1 + exp(x))`` without overflow."""
    return F.log1p(F.exp(-F.absolute(x))) + F.maximum(x, 0)


def _mish_slope(F: Any, x: Any) -> Any:
    t = F.tanh(F.softplus(x, 1, 20))
    return t + x * F.sigmoid(x) * (1 - t * t)


silu = primitive(
    "silu", lambda F, input: input / (F.exp(-input) + 1), lambda F, g, input: g * _silu_slope(F, input), promotes="same", wide=True
)
softplus = primitive(
    "softplus",
    lambda F, input, beta=1, threshold=20: F.where(input * beta > threshold, input, _log1p_exp(F, input * beta) / beta),
    lambda F, g, input, beta, threshold: F.where(input * beta > threshold, g, g * F.sigmoid(input * beta)),
    promotes="same",
    wide=True,
)
mish = primitive(
    "mish",
    lambda F, input: input * F.tanh(_log1p_exp(F, input)),
    lambda F, g, input: g * _mish_slope(F, input),
    promotes="same",
    wide=True,
)
log_sigmoid = primitive(
    "log_sigmoid",
    lambda F, input: F.minimum(input, 0) - F.log1p(F.exp(-F.absolute(input))),
    lambda F, g, input: g * F.sigmoid(-input),
    promotes="same",
    wide=True,
)


# ---- piecewise linear -------------------------------------------------------------------------------------------------------------
hardtanh = primitive(
    "hardtanh",
    lambda F, input, low=-1.0, high=1.0: F.minimum(F.maximum(input, low), high),
    lambda F, g, input, low, high: F.where((input > low) & (input < high), g, 0),
    promotes="same",
    wide=True,
)
hardsigmoid = primitive(
    "hardsigmoid",
    lambda F, input: F.minimum(F.maximum(input + 3, 0), 6) / 6,
    lambda F, g, input: F.where((input > -3) & (input < 3), g / 6, 0),
    promotes="same",
    wide=True,
)
hardswish = primitive(
    "hardswish",
    lambda F, input: input * F.minimum(F.maximum(input + 3, 0), 6) / 6,
    lambda F, g, input: F.where(input <= -3, 0, F.where(input < 3, g * (input / 3 + 0.5), g)),
    promotes="same",
    wide=True,
)
softshrink = primitive(
    "softshrink",
    lambda F, input, bound=0.5: input - F.minimum(F.maximum(input, -bound), bound),
    lambda F, g, input, bound: F.where((input > bound) | (input < -bound), g, 0),
    promotes="same",
    wide=True,
)
hardshrink = primitive(
    "hardshrink",
    lambda F, input, bound=0.5: F.where((input >= -bound) & (input <= bound), 0, input),
    lambda F, g, input, bound: F.where((input > bound) | (input < -bound), g, 0),
    promotes="same",
)


# ---- gated ------------------------------------------------------------------------------------------------------------------------
def _halves(x: Any, axis: int) -> tuple[Any, Any]:
    axis %= x.ndim
    half = x.shape[axis] // 2
    front = (slice(None),) * axis
    return x[(*front, slice(0, half))], x[(*front, slice(half, None))]


def _glu(F: Any, x: Any, axis: int) -> Any:
    a, b = _halves(x, axis)
    return a / (F.exp(-b) + 1)


def _glu_gradient(F: Any, g: Any, x: Any, axis: int) -> Any:
    a, b = _halves(x, axis)
    s = F.sigmoid(b)
    return F.cat([g * s, g * a * (s * (1 - s))], axis)


glu = primitive(
    "glu",
    lambda F, input, axis=-1: _glu(F, input, axis),
    lambda F, g, input, axis: _glu_gradient(F, g, input, axis),
    promotes="same",
    wide=True,
)

# PyTorch's names for its kernels, which its errors for whole numbers show.
for _op, _kernel in (
    (gelu, "GeluKernelImpl"),
    (gelu_tanh, "GeluKernelImpl"),
    (leaky_relu, "leaky_relu_cpu"),
    (rrelu, "rrelu_with_noise_out_cpu"),
    (elu, "elu_cpu"),
    (celu, "elu_cpu"),
    (silu, "silu_cpu"),
    (softplus, "softplus_cpu"),
    (mish, "mish_cpu"),
    (log_sigmoid, "log_sigmoid_cpu"),
    (hardsigmoid, "hardsigmoid_cpu"),
    (hardswish, "hardswish_cpu"),
    (softshrink, "softshrink_cpu"),
    (hardshrink, "hardshrink_cpu"),
    (glu, "glu_cpu"),
):
    _op.accepts = only_float(_kernel)
