"""Samples of linear algebra: matrices of good condition, one and several, square and not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tane.testing.sample import COMPLEX, Sample, draw, given
from tane.testing.samples.table import add

DOUBLE = ("float64", "float32")
OF_SYMMETRIC = dict.fromkeys(("gradient", "second"), "of symmetric matrices, which steps are not; tests/devices/test_linalg.py")
PHASES = dict.fromkeys(("gradient", "second"), "vectors up to a phase; tests/devices/test_linalg.py")

_rng = np.random.default_rng(0)


def regular(*shape: int) -> Any:
    """Matrices with singular values between 1 and 3."""
    u, _, v = np.linalg.svd(_rng.standard_normal(shape), full_matrices=False)
    return given(u * np.linspace(3, 1, min(shape[-2:])) @ v)


def symmetric(*shape: int) -> Any:
    """Symmetric matrices with eigenvalues between 1 and 3."""
    u = np.linalg.svd(_rng.standard_normal(shape))[0]
    return given(u * np.linspace(3, 1, shape[-1]) @ np.swapaxes(u, -1, -2))


def matrices(name: str, reference: Callable[..., Any], *inputs: Any, complex: bool = True, **changes: Any) -> None:
    for number, matrix in enumerate(inputs):
        dtypes = (*DOUBLE, *COMPLEX) if number == 0 and complex else DOUBLE
        add(name, Sample((matrix,), dtypes=dtypes, reference=reference, tolerance=10, **changes))


SQUARES = (regular(3, 3), regular(2, 3, 3), regular(1, 1))
NONE = draw(0, 3, 3)
matrices("linalg_inv", np.linalg.inv, *SQUARES, NONE)
matrices("linalg_det", np.linalg.det, *SQUARES, NONE)
matrices("linalg_pinv", np.linalg.pinv, regular(3, 3), regular(4, 2), regular(2, 2, 3))
matrices("linalg_cholesky", np.linalg.cholesky, symmetric(3, 3), symmetric(2, 3, 3), skips=OF_SYMMETRIC)
for _right in [(3, 2), (3, 1)]:
    add("linalg_solve", Sample((regular(3, 3), draw(*_right)), dtypes=(*DOUBLE, *COMPLEX), reference=np.linalg.solve, tolerance=10))
add("linalg_solve", Sample((regular(2, 3, 3), draw(2, 3, 2)), reference=np.linalg.solve, tolerance=10))


def slogdet(A: Any) -> Any:
    return tuple(np.linalg.slogdet(A))


matrices("linalg_slogdet", slogdet, *SQUARES)
for _mode, _shape in [("reduced", (3, 3)), ("reduced", (4, 2)), ("reduced", (2, 4, 3)), ("complete", (3, 3))]:
    add("linalg_qr", Sample((regular(*_shape),), {"mode": _mode}, reference=lambda A, mode: np.linalg.qr(A, mode), tolerance=10))
for _uplo in ("L", "U"):
    for _shape in [(3, 3), (2, 3, 3)]:
        _eigh = Sample((symmetric(*_shape),), {"uplo": _uplo}, reference=lambda A, uplo: tuple(np.linalg.eigh(A, uplo)), tolerance=10)
        add("linalg_eigh", _eigh.but(skips=OF_SYMMETRIC))


def eig(A: Any) -> Any:
    return tuple(x.astype(complex) for x in np.linalg.eig(A))


for _shape in [(3, 3), (2, 3, 3)]:
    add("linalg_eig", Sample((symmetric(*_shape),), reference=eig, tolerance=10, skips=PHASES))
add("linalg_eig", Sample((NONE,), reference=eig))


def svd(A: Any, full: bool) -> Any:
    return tuple(np.linalg.svd(A, full_matrices=full))


for _shape in [(3, 3), (4, 2), (2, 2, 3)]:
    add("linalg_svd", Sample((regular(*_shape),), {"full": False}, reference=svd, tolerance=10))
