"""Rows of a table by their numbers. ``index`` is a raw array of whole numbers, whatever its shape."""

from __future__ import annotations

from typing import Any

from tane.ops.primitive import primitive

__all__ = ["embedding"]

# ``weights`` (raw, one for each row taken, or None) scale what a row's gradient gets: 0 for padding, 1 / frequency on request. The forward is not scaled,
# so ``rows`` is not quite the adjoint of ``embedding``; ``weighted_rows`` is.
embedding = primitive(
    "embedding",
    lambda F, weight, index=None, weights=None: F.take(weight, index, axis=0),
    lambda F, g, weight_shape, index, weights: F.embedding_rows(g, weight_shape[0], index, weights),
)
rows = primitive(
    "embedding_rows",
    lambda F, x, count=0, index=None, weights=None: _rows(F, x, count, index, weights),
    lambda F, g, index, weights: F.embedding_taken(g, index, weights),
    backward="EmbeddingDenseBackwardBackward0",
)
# Bags are composed of the above; this gives what comes out of them the one name that PyTorch's has.
bags = primitive("embedding_bags", lambda F, x: x.copy(), lambda F, g: g, backward="EmbeddingBagBackward0")
taken = primitive(
    "embedding_taken",
    lambda F, x, index=None, weights=None: (
        F.take(x, index, axis=0) if weights is None else F.take(x, index, axis=0) * F.expand_dims(weights, -1)
    ),
    lambda F, g, x_shape, index, weights: F.embedding_rows(g, x_shape[0], index, weights),
)


def _rows(F: Any, g: Any, count: int, index: Any, weights: Any) -> Any:
    """The gradients of rows, added up at the rows' numbers."""
    width = g.shape[index.ndim :]
    if weights is not None:
        g = g * F.expand_dims(weights, -1)
    return F.scatter_rows(count, index.reshape((-1,)), g.reshape((index.size, *width)))
