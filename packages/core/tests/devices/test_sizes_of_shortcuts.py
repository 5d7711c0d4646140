"""The CPU takes other ways for long rows, for many rows and for large arrays; results and gradients stay those of the reference, which ``strict`` runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tane
from tane.backends.masks import LARGE
from tane.backends.namespace import NARROW, TALL
from tane.backends.rows import LONG
from tane.testing import devices_agree

rng = np.random.default_rng(8)

SHAPES = [
    (TALL + 88, 3),
    (TALL, NARROW),
    (TALL + 1, NARROW + 1),
    (LONG + 1, 2),
    (3, TALL),
    (2, LONG + 1),
    (2000,),
    (LONG + 1,),
    (2, 300, 4),
]
KINDS = [np.float32, np.float64, np.complex64]

PARTNERS: dict[str, Callable[[tuple[int, ...]], tuple[int, ...]]] = {
    "of the same shape": lambda s: s,
    "a row": lambda s: s[-1:],
    "a column": lambda s: (*s[:-1], 1),
    "the first column": lambda s: (*s[:1], *(1,) * (len(s) - 1)),
    "one number": lambda s: (),
    "one element": lambda s: (1,),
}
BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "rsub": lambda a, b: b - a,
    "mul": lambda a, b: a * b,
    "rmul": lambda a, b: b * a,
    "div": lambda a, b: a / (b + 5),
}
UNARY: dict[str, Callable[[Any], Any]] = {
    "sum": lambda a: a.sum(),
    "sum of columns": lambda a: a.sum(0),
    "sum of rows": lambda a: a.sum(-1, keepdim=True),
    "mean": lambda a: a.mean(),
    "square": lambda a: a.pow(2),
    "cube": lambda a: a**3,
    "cumsum": lambda a: a.cumsum(0),
}
REAL: dict[str, Callable[[Any], Any]] = {
    "relu": lambda a: a.relu(),
    "softmax": lambda a: a.softmax(-1),
    "log_softmax": lambda a: a.log_softmax(-1),
    "logsumexp": lambda a: a.logsumexp(-1),
    "amax": lambda a: a.amax(-1),
    "max": lambda a: a.max(-1)[0],
    "norm": lambda a: a.norm(),
    "std": lambda a: a.std(),
    "sort": lambda a: a.sort(-1)[0],
    "clamp": lambda a: a.clamp(-0.5, 0.5),
    "masked_fill": lambda a: a.masked_fill(a > 0, 0.0),
    "where": lambda a: tane.where(a > 0, a, a * 2),
}


def draw(shape: tuple[int, ...], kind: Any) -> Any:
    found = rng.normal(size=shape)
    return np.array(found + 1j * rng.normal(size=shape) if kind is np.complex64 else found, kind).reshape(shape)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("partner", PARTNERS)
@pytest.mark.parametrize("name", BINARY)
def test_two_operands(name: str, partner: str, kind: Any) -> None:
    for shape in SHAPES:
        devices_agree(BINARY[name], draw(shape, kind), draw(PARTNERS[partner](shape), kind))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", [*UNARY, *REAL])
def test_one_operand(name: str, kind: Any) -> None:
    if name in REAL and kind is np.complex64:
        pytest.skip("complex numbers have no order")
    for shape in [*SHAPES, (LARGE - 1,), (LARGE,)]:
        devices_agree((UNARY | REAL)[name], draw(shape, kind))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("columns", [1, 2, NARROW + 1])
def test_products(columns: int, kind: Any) -> None:
    for shape in SHAPES:
        devices_agree(lambda a, b: a @ b, draw(shape, kind), draw((shape[-1], columns), kind))
