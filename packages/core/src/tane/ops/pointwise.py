"""The table of pointwise ops: one line each, forward and gradients.

``g`` is the gradient of the output ``y``. Formulas are plain operators and functions of ``F``; see :mod:`tane.ops.primitive`.
"""

from __future__ import annotations

import math
from typing import Any

from tane.ops.primitive import primitive

__all__: list[str] = []

# ---- arithmetic -----------------------------------------------------------------------------------------------------------------
add = primitive("add", "add", lambda F, g: g, lambda F, g: g, inputs=("input", "other"), promotes="same")
sub = primitive("sub", "subtract", lambda F, g: g, lambda F, g: -g, inputs=("input", "other"), promotes="same")
mul = primitive("mul", "multiply", lambda F, g, other: g * F.conj(other) if _complex(other) else g * other,
                lambda F, g, input: g * F.conj(input) if _complex(input) else g * input, inputs=("input", "other"), promotes="same")
div = primitive("div", "true_divide", lambda F, g, other: g / F.conj(other) if _complex(other) else g / other,
                lambda F, g, y, other: -g * F.conj(y / other) if _complex(y) else -g * y / other, inputs=("input", "other"), promotes="float")
neg = primitive("neg", "negative", lambda F, g: -g, inputs=("input",), promotes="same")


def _complex(x: Any) -> bool:
    return isinstance(x, complex) or (not isinstance(x, (int, float)) and getattr(x, "is_complex", _kind)(x))


def _kind(x: Any) -> bool:
    return bool(x.dtype.kind == "c")
