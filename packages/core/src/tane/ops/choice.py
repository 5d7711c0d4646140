"""Ops that choose between operands: maximum and minimum, clamp, where, masked_fill; and those that mix them: lerp, addcmul, addcdiv."""

from __future__ import annotations

import math
from typing import Any

from tane.ops.accepting import not_bool, not_complex
from tane.ops.primitive import F, primitive

__all__: list[str] = []

AB = ("input", "other")


# ---- of two -------------------------------------------------------------------------------------------------------------------------
def _share(wins: Any, ties: Any) -> Any:
    """On a tie the gradient is shared equally, as in PyTorch; where either is NaN, both have all of it, for neither is less."""
    return wins + ties * 0.5


maximum = primitive(
    "maximum",
    "maximum",
    lambda F, g, input, other: g * _share(F.logical_not(input <= other), input == other),
    lambda F, g, input, other: g * _share(F.logical_not(other <= input), input == other),
    inputs=AB,
    promotes="same",
)
minimum = primitive(
    "minimum",
    "minimum",
    lambda F, g, input, other: g * _share(F.logical_not(input >= other), input == other),
    lambda F, g, input, other: g * _share(F.logical_not(other >= input), input == other),
    inputs=AB,
    promotes="same",
)
fmax = primitive(
    "fmax",
    "fmax",
    lambda F, g, input, other: g * ((input >= other) | (other != other)),
    lambda F, g, input, other: g * ((input < other) | ((input != input) & (other == other))),
    inputs=AB,
    promotes="same",
)
fmin = primitive(
    "fmin",
    "fmin",
    lambda F, g, input, other: g * ((input <= other) | (other != other)),
    lambda F, g, input, other: g * ((input > other) | ((input != input) & (other == other))),
    inputs=AB,
    promotes="same",
)
for _op in (maximum, minimum, fmax, fmin):
    _op.accepts = not_complex(_op.name, f"{_op.name} not implemented for complex tensors.", RuntimeError)


# ---- within limits ------------------------------------------------------------------------------------------------------------------
def _clamp(F: Any, x: Any, low: Any, high: Any) -> Any:
    if x.dtype.kind == "f":  # one pass
        return F.clip(x, -math.inf if low is None else low, math.inf if high is None else high)
    if low is not None:
        x = F.maximum(x, low)
    return x if high is None else F.minimum(x, high)


def _within(F: Any, g: Any, x: Any, low: Any, high: Any) -> Any:
    inside = x <= high if low is None else x >= low if high is None else (x >= low) & (x <= high)
    return F.where(inside, g, 0)


clamp = primitive(
    "clamp",
    lambda F, self, low=None, high=None: _clamp(F, self, low, high),
    lambda F, g, self, low, high: _within(F, g, self, low, high),
    backward="ClampBackward1",
)
clamp_min = primitive(
    "clamp_min",
    lambda F, self, low=None: _clamp(F, self, low, None),
    lambda F, g, self, low: F.where(self >= low, g, 0),
)
clamp_max = primitive(
    "clamp_max",
    lambda F, self, high=None: _clamp(F, self, None, high),
    lambda F, g, self, high: F.where(self <= high, g, 0),
)
clamp_tensors = primitive(
    "clamp_tensors",
    lambda F, self, min, max: F.minimum(F.maximum(self, min), max),
    lambda F, g, self, min, max: F.where((self >= min) & (self <= max), g, 0),
    lambda F, g, self, min, max: F.where((self < min) & (min < max), g, 0),
    lambda F, g, self, min, max: F.where((self > max) | (max < min), g, 0),
    promotes="same",
    backward="ClampBackward0",
)


def _below(name: str, backward: str) -> Any:
    return primitive(
        name,
        lambda F, self, min: F.maximum(self, min),
        lambda F, g, self, min: F.where(self >= min, g, 0),
        lambda F, g, self, min: F.where(self < min, g, 0),
        promotes="same",
        backward=backward,
    )


def _above(name: str, backward: str) -> Any:
    return primitive(
        name,
        lambda F, self, max: F.minimum(self, max),
        lambda F, g, self, max: F.where(self <= max, g, 0),
        lambda F, g, self, max: F.where(self > max, g, 0),
        promotes="same",
        backward=backward,
    )


clamp_below, clamp_min_tensor = _below("clamp_below", "ClampBackward0"), _below("clamp_min_tensor", "ClampMinBackward1")
clamp_above, clamp_max_tensor = _above("clamp_above", "ClampBackward0"), _above("clamp_max_tensor", "ClampMaxBackward1")
for _op in (clamp_tensors, clamp_below, clamp_above, clamp_min_tensor, clamp_max_tensor):
    _op.accepts = not_complex("clamp", "clamp is not supported for complex types")

# ---- by a mask, which is a raw array of bools ------------------------------------------------------------------------------------
where = primitive(
    "where",
    lambda F, input, other, condition=None: F.where(condition, input, other),
    lambda F, g, condition: F.where(condition, g, 0),
    lambda F, g, condition: F.where(condition, 0, g),
    promotes="same",
    numpy="select_where",
)
masked_fill = primitive(
    "masked_fill",
    lambda F, self, mask=None, value=0.0: F.where(mask, value, self),
    lambda F, g, mask: F.where(mask, 0, g),
)
masked_fill_tensor = primitive(
    "masked_fill_tensor",
    lambda F, self, value, mask=None: F.where(mask, value, self),
    lambda F, g, mask: F.where(mask, 0, g),
    lambda F, g, mask: F.where(mask, g, 0),
    backward="MaskedFillBackward1",
)


def _where(condition: Any, a: Any, b: Any) -> Any:
    return where.call(a, b, getattr(condition, "array", condition))


F.where = _where  # type: ignore[attr-defined]


# ---- mixtures -----------------------------------------------------------------------------------------------------------------------
def _lerp(F: Any, start: Any, end: Any, weight: Any) -> Any:
    """From the nearer end, so that both ends are met exactly."""
    return start + weight * (end - start) if abs(weight) < 0.5 else end - (end - start) * (1 - weight)


def _lerp_tensor(F: Any, start: Any, end: Any, weight: Any) -> Any:
    apart = end - start
    return F.where(abs(weight) < 0.5, start + weight * apart, end - apart * (1 - weight))


lerp = primitive(
    "lerp",
    lambda F, self, end, weight=0.0: _lerp(F, self, end, weight),
    lambda F, g, weight: g * (1 - weight),
    lambda F, g, weight: g * weight,
    wide=True,
)
lerp_tensor = primitive(
    "lerp_tensor",
    _lerp_tensor,
    lambda F, g, weight: g * (1 - weight),
    lambda F, g, weight: g * weight,
    lambda F, g, start, end: g * (end - start),
    backward="LerpBackward1",
    wide=True,
)
addcmul = primitive(
    "addcmul",
    lambda F, self, tensor1, tensor2, value=1: self + (tensor1 * tensor2 if value == 1 else (tensor1 * value) * tensor2),
    lambda F, g: g,
    lambda F, g, tensor2, value: g * (tensor2 * value),
    lambda F, g, tensor1, value: g * (tensor1 * value),
    promotes="same",
    wide=True,
)
addcmul.accepts = not_bool("addcmul_cpu_out")
addcdiv = primitive(
    "addcdiv",
    lambda F, self, tensor1, tensor2, value=1: self + (tensor1 if value == 1 else tensor1 * value) / tensor2,
    lambda F, g: g,
    lambda F, g, tensor2, value: g * (value / tensor2),
    lambda F, g, tensor1, tensor2, value: -g * (tensor1 * value) / (tensor2 * tensor2),
    promotes="same",
    wide=True,
)
