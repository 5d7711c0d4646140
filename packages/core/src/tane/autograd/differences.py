"""Derivatives by central differences, for :mod:`tane.autograd.check`: values of a function with one of its inputs moved a little."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from tane.autograd.fill import one_hots
from tane.backends.backend import backend_of
from tane.tensor import Tensor

__all__ = ["PARTS", "WHOLE", "Part", "along", "directions", "jacobian"]


class Part(NamedTuple):
    """The real or the imaginary part of an output: how to take it, and the gradient of an element that stands for it."""

    prefix: str
    take: Callable[[Any], Any]
    seed: complex


WHOLE = (Part("", lambda a: a, 1),)
PARTS = (
    Part("While considering the imaginary part of complex outputs only, ", np.imag, 1j),
    Part("While considering the real part of complex outputs only, ", np.real, 1),
)


def _values(evaluate: Callable[[], Any]) -> Any:
    found = evaluate()
    array = found.array if isinstance(found, Tensor) else found
    return np.array(backend_of(type(array)).to_numpy(array) if not isinstance(array, np.generic) else array)


def jacobian(evaluate: Callable[[], Any], x: Tensor, eps: float) -> Any:
    """``d evaluate() / d x``, input elements down, output elements across; for a complex ``x`` the derivatives by its real and its imaginary part
    as one complex number, which is what PyTorch calls the gradient.
    """
    rows = []
    for index in np.ndindex(*x.array.shape):
        row = _difference(evaluate, x, index, eps)
        if x.dtype.is_complex:
            row = row + 1j * _difference(evaluate, x, index, eps * 1j)
        rows.append(row.reshape(-1))
    return np.array(rows) if rows else np.zeros((0, _values(evaluate).size))


def _difference(evaluate: Callable[[], Any], x: Tensor, index: tuple[int, ...], step: complex) -> Any:
    before = x.array[index].item()
    try:
        x.array[index] = before + step
        above = _values(evaluate)
        x.array[index] = before - step
        below = _values(evaluate)
    finally:
        x.array[index] = before
    return (above - below) / (2 * abs(step))


def along(evaluate: Callable[[], Any], x: Tensor, direction: Any, eps: float) -> Any:
    """The derivative of ``evaluate()`` as ``x`` moves along ``direction``."""
    before = x.array.copy()
    home = backend_of(type(x.array))
    step = home.from_numpy(np.asarray(direction * eps, dtype=x.array.dtype))
    try:
        x.array[...] = before + step
        above = _values(evaluate)
        x.array[...] = before - step
        below = _values(evaluate)
    finally:
        x.array[...] = before
    return (above - below) / (2 * eps)


def directions(x: Tensor) -> Iterator[Tensor]:
    """A step of each element of ``x``; of a complex one two, along 1 and along i."""
    if not x.dtype.is_complex:
        yield from one_hots(x)
        return
    for real, imaginary in zip(one_hots(x), one_hots(x, 1j), strict=True):
        yield real
        yield imaginary
