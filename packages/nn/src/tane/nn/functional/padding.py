"""Padding of a tensor's last dimensions."""

from __future__ import annotations

from typing import Any

from tane.autocasting import to_float
from tane.autograd.fitting import namespaces
from tane.nn.ops import pad as op
from tane.tensor import Tensor

__all__ = ["pad"]


def pad(input: Tensor, pad: Any, mode: str = "constant", value: float | None = None) -> Tensor:
    """``input`` with its last dimensions made longer: ``pad`` is (before, after) of the last one, then of the one before it, and so on.

    ``mode`` says what is put there: ``"constant"`` (``value``, by default 0), ``"reflect"``, ``"replicate"`` or ``"circular"``. A negative amount cuts off.

    >>> import tane
    >>> from tane.nn.functional import pad
    >>> pad(tane.tensor([[1.0, 2.0]]), (1, 0))
    tensor([[0., 1., 2.]])
    """
    amounts = [int(a) for a in pad]
    if len(amounts) % 2:
        raise RuntimeError("Padding length must be divisible by 2")
    shape = input.array.shape
    if len(amounts) > 2 * len(shape):
        raise RuntimeError(
            f"Padding length should be less than or equal to two times the input dimension but got padding length {len(amounts)} "
            f"and input of dimension {len(shape)}"
        )
    pairs = tuple((amounts[i], amounts[i + 1]) for i in range(len(amounts) - 2, -1, -2))
    sizes = shape[len(shape) - len(pairs) :]
    if mode == "constant":
        for n, (lo, hi) in zip(sizes, pairs, strict=True):
            if n + lo + hi < 0 or n + min(lo, 0) + min(hi, 0) < 0:
                raise RuntimeError("narrow(): length must be non-negative.")
        return op.constant.call(input, pairs, 0 if value is None else value)
    if value is not None and value != 0:
        raise RuntimeError(f'Padding mode "{mode}" doesn\'t take in value argument')
    if mode not in ("reflect", "replicate", "circular"):
        raise NotImplementedError(f"Unrecognised padding mode {mode}")
    n = len(pairs)
    if n not in (1, 2, 3) or len(shape) not in (n + 1, n + 2):
        raise NotImplementedError(
            f"Padding size {len(amounts)} is not supported for {len(shape)}D input tensor.\nSupported combinations for non-constant padding:\n"
            "  - 2D or 3D input: padding size = 2 (pads last dimension)\n  - 3D or 4D input: padding size = 4 (pads last 2 dimensions)\n"
            "  - 4D or 5D input: padding size = 6 (pads last 3 dimensions)"
        )
    F = namespaces[type(input.array)]
    index = tuple(_source(F, mode, size, lo, hi, input, pairs) for size, (lo, hi) in zip(sizes, pairs, strict=True))
    return op.indexed[mode, n].call(input, index) if mode == "circular" else _repeated(input, mode, index)


@to_float
def _repeated(input: Tensor, mode: str, index: tuple[Any, ...]) -> Tensor:
    return op.indexed[mode, len(index)].call(input, index)


def _source(F: Any, mode: str, size: int, lo: int, hi: int, input: Tensor, pairs: Any) -> Any:
    """The raw positions inside that stand at each position of the padded axis; None where there is nothing to do."""
    if not lo and not hi:
        return None
    dim = input.ndim - len(pairs) + pairs.index((lo, hi))
    if mode == "reflect" and (lo >= size or hi >= size):
        raise RuntimeError(
            f"Argument #4: Padding size should be less than the corresponding input dimension, but got: padding ({lo}, {hi}) at dimension {dim} "
            f"of input {list(input.shape)}"
        )
    if mode == "circular" and (lo > size or hi > size):
        raise RuntimeError("Padding value causes wrapping around more than once.")
    if size + lo + hi < 1:
        raise RuntimeError(
            f"input (W: {size}) is too small. Calculated output W: {size + lo + hi}"
            if mode != "circular"
            else "Negative padding value is resulting in an empty dimension"
        )
    at = F.arange(-lo, size + hi)
    if mode == "replicate":
        return F.minimum(F.maximum(at, 0), size - 1)
    if mode == "circular":  # round what is left of the axis where an amount cuts off
        first = max(-lo, 0)
        return (at - first) % (size - first + min(hi, 0)) + first
    at = F.absolute(at)
    return F.where(at < size, at, 2 * (size - 1) - at)
