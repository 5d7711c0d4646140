"""The affine map ``x @ weight.T + bias`` as one node.

One node where PyTorch records three (and a view for inputs of other than two dimensions): a step of a small network is mostly bookkeeping, and this
halves it.
"""

from __future__ import annotations

from typing import Any

from tane.ops.primitive import primitive

__all__ = ["bilinear", "linear", "product"]


# Thousands of rows of a handful of products: which digits a float32 dot product loses there depends on the kernel that BLAS picks for the processor
# at hand. One output of a few inputs is as quickly added up in order, with the same bits everywhere; a longer sum in float64 keeps PyTorch's digits.
TALL, FEW, FEWEST = 512, 64, 8


def _product(F: Any, input: Any, weight: Any) -> Any:
    outputs, inputs = weight.shape
    rows = input if input.ndim == 2 else input.reshape((-1, input.shape[-1]))
    if outputs == 1 and 0 < inputs <= FEWEST and rows.shape[0] >= TALL:
        y = F.multiply(rows[:, :1], weight[:, 0])
        for k in range(1, inputs):
            y += F.multiply(rows[:, k : k + 1], weight[:, k])
    else:
        y = F.mm(rows, weight.T)
    return y if input.ndim == 2 else y.reshape((*input.shape[:-1], outputs))


def _affine(F: Any, bias: Any, input: Any, weight: Any) -> Any:
    y = _product(F, input, weight)
    y += bias
    return y


def _to_input(F: Any, g: Any, weight: Any) -> Any:
    if g.ndim == 2:
        return F.mm(g, weight)
    rows = F.mm(g.reshape((-1, g.shape[-1])), weight)
    return rows.reshape((*g.shape[:-1], weight.shape[1]))


def _tall(F: Any, a: Any, b: Any) -> Any:
    if a.dtype.kind != "f":
        return F.matmul(a.T, b)
    return F.matmul(a.astype("float64").T, b.astype("float64")).astype(a.dtype)


tall_product = primitive(
    "tall_product",
    _tall,
    lambda F, g, b: F.matmul(b, F.swapaxes(g, -1, -2)),
    lambda F, g, a: F.matmul(a, g),
    wide=True,
    backward="MmBackward0",
)


def _to_weight(F: Any, g: Any, input: Any) -> Any:
    x = input
    if len(g.shape) != 2:
        g, x = g.reshape((-1, g.shape[-1])), x.reshape((-1, x.shape[-1]))
    if g.shape[0] >= TALL and g.shape[1] * x.shape[1] <= FEW:
        return F.tall_product(g, x)
    return F.mm(g.T, x)


linear = primitive(
    "linear",
    _affine,
    lambda F, g: g,  # a bias may have any shape that broadcasts: backward sums it up
    _to_input,
    _to_weight,
    wide=True,
    backward="AddmmBackward0",
    numpy="affine",
)

product = primitive(
    "linear_product",
    _product,
    _to_input,
    _to_weight,
    wide=True,
    backward="MmBackward0",
)

# y[..., o] = sum_ij a[..., i] weight[o, i, j] b[..., j]
bilinear = primitive(
    "bilinear",
    lambda F, a, b, weight: F.einsum("...i,oij,...j->...o", a, weight, b, optimize=True),
    lambda F, g, b, weight: F.bilinear(g, b, F.transpose(weight, (1, 0, 2))),
    lambda F, g, a, weight: F.bilinear(a, g, F.transpose(weight, (2, 1, 0))),
    lambda F, g, a, b: F.outer_sum(g, a, b),
    wide=True,
)
outer_sum = primitive(
    "outer_sum",
    lambda F, x, a, b: F.einsum("ko,ki,kj->oij", *(v.reshape((-1, v.shape[-1])) for v in (x, a, b)), optimize=True),
    lambda F, g, a, b: F.bilinear(a, b, g),
    lambda F, g, x, b: F.bilinear(x, b, F.transpose(g, (1, 0, 2))),
    lambda F, g, x, a: F.bilinear(a, x, F.transpose(g, (2, 1, 0))),
    wide=True,
)
