"""What an in-place overwriting means to gradients: nothing flows to the values that are gone."""

from __future__ import annotations

from tane.ops.primitive import primitive

__all__: list[str] = []

fill = primitive(
    "fill",
    lambda F, self, value=0: F.zeros(self.shape, dtype=self.dtype) + self.dtype.type(value),
    lambda F, g: g * 0,
    backward="FillBackward2",
)
fill_with = primitive(
    "fill_with",
    lambda F, self, value: F.broadcast_to(F.cast(value, self.dtype), self.shape),
    lambda F, g: g * 0,
    lambda F, g: g,
    backward="FillBackward3",
)
zero = primitive("zero", lambda F, self: F.zeros(self.shape, dtype=self.dtype), lambda F, g: g * 0)
copy_into = primitive(
    "copy_into",
    lambda F, self, src: F.broadcast_to(src, self.shape),
    lambda F, g: g * 0,
    lambda F, g: g,
    backward="torch::autograd::CopyBackwards",
)
