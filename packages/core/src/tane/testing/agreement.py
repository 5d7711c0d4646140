"""Whether a device's faster ways give what the plain ones give."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tane.creation import tensor

__all__ = ["devices_agree"]


def devices_agree(function: Callable[..., Any], *operands: Any, device: str = "cpu", reference: str = "strict") -> None:
    """Assert that ``function`` of NumPy arrays gives the same result, and the same gradient of each operand, on two devices.

    ``strict`` runs the formulas as they are written, so what ``device`` does differently for some sizes is compared with that.

    >>> import numpy
    >>> devices_agree(lambda a, b: a @ b, numpy.ones((600, 3)), numpy.ones((3, 1)))
    """
    for ours, theirs in zip(_run(function, operands, device), _run(function, operands, reference), strict=True):
        assert (ours.dtype, ours.shape) == (theirs.dtype, theirs.shape)
        # Thousands of numbers, added in another order: as much of the largest as their type can tell apart, many times over.
        wide = ours.dtype in (np.float64, np.complex128)
        tolerance = (1e-10 if wide else 1e-4) * max(1.0, float(np.abs(theirs).max(initial=0)))
        np.testing.assert_allclose(ours, theirs, rtol=1e-10 if wide else 1e-3, atol=tolerance)


def _run(function: Callable[..., Any], operands: Any, device: str) -> list[Any]:
    """The result, and the gradients of a weighted sum of it."""
    tensors = [tensor(x, device=device).requires_grad_() for x in operands]
    y = function(*tensors)
    weights = np.random.default_rng(1).normal(size=tuple(y.shape))
    y.backward(tensor(weights, device=device).to(y.dtype))
    return [v.detach().cpu().numpy() for v in (y, *(t.grad for t in tensors))]
