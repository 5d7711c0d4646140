"""Linear maps along the spatial axes: a matrix (out, in) for each. Interpolation and adaptive means are such, and so are their gradients."""

from __future__ import annotations

from math import prod
from typing import Any

from tane.ops.accepting import only_float
from tane.ops.primitive import primitive

__all__ = ["nearest", "resample"]


def _along(F: Any, x: Any, axis: int, matrix: Any) -> Any:
    before, after = x.shape[:axis], x.shape[axis + 1 :]
    if not after:
        return F.matmul(x, matrix.T)
    rows = F.matmul(matrix, x.reshape((prod(before), x.shape[axis], prod(after))))
    return rows.reshape((*before, matrix.shape[0], *after))


def _resampled(F: Any, x: Any, matrices: tuple[Any, ...], transposed: bool) -> Any:
    for axis, matrix in enumerate(matrices, 2):
        if matrix is not None:
            x = _along(F, x, axis, matrix.T if transposed else matrix)
    return x


def _op(name: str, backward: str) -> Any:
    return primitive(
        name,
        lambda F, x, matrices=(), transposed=False: _resampled(F, x, matrices, transposed),
        lambda F, g, matrices, transposed: F.resample(g, matrices, not transposed),
        wide=True,
        backward=backward,
    )


resample = _op("resample", "ResampleBackward0")
NODES = {
    "linear": "UpsampleLinear1DBackward0",
    "bilinear": "UpsampleBilinear2DBackward0",
    "trilinear": "UpsampleTrilinear3DBackward0",
    "bicubic": "UpsampleBicubic2DBackward0",
    "bilinear_aa": "UpsampleBilinear2DAaBackward0",
    "bicubic_aa": "UpsampleBicubic2DAaBackward0",
    "lanczos_aa": "UpsampleLanczos2DAaBackward0",
    "adaptive1d": "AdaptiveAvgPool2DBackward0",
    "adaptive2d": "AdaptiveAvgPool2DBackward0",
    "adaptive3d": "AdaptiveAvgPool3DBackward0",
}
by_mode = {mode: _op(f"resample_{mode}", node) for mode, node in NODES.items()}
for _mode, _one in by_mode.items():  # PyTorch's names for its kernels, which its errors for whole numbers show
    _one.accepts = only_float("adaptive_avg_pool2d" if _mode.startswith("adaptive") else f"compute_indices_weights_{_mode}")


# ---- one source element each ----------------------------------------------------------------------------------------------------------
def _picked(F: Any, x: Any, index: tuple[Any, ...]) -> Any:
    for axis, i in enumerate(index, 2):
        x = F.take(x, i, axis=axis)
    return x


def _unpicked(F: Any, g: Any, index: tuple[Any, ...], size: tuple[int, ...]) -> Any:
    """Every element's gradients summed, by a product with the matrix that the picking is."""
    for axis, (i, n) in enumerate(zip(index, size, strict=True), 2):
        g = _along(F, g, axis, F.cast(F.arange(n).reshape((n, 1)) == i, g.dtype))
    return g


def _nearest_op(name: str, backward: str) -> Any:
    return primitive(
        name,
        lambda F, x, index=(): _picked(F, x, index),
        lambda F, g, x_shape, index: F.unpicked(g, index, x_shape[2:]),
        backward=backward,
    )


nearest = {
    (n, exact): _nearest_op(f"nearest{exact}{n}d", f"UpsampleNearest{exact}{n}DBackward0") for n in (1, 2, 3) for exact in ("", "Exact")
}
unpicked = primitive(
    "unpicked",
    lambda F, x, index=(), size=(): _unpicked(F, x, index, size),
    lambda F, g, index: F.nearest1d(g, index),
)
