"""Samples of Fourier transforms: even and odd sizes, one axis and several, every normalization."""

from __future__ import annotations

from typing import Any

import numpy as np

from tane.ops.fourier import OPPOSITE
from tane.testing.sample import COMPLEX, Sample, draw
from tane.testing.samples.table import add

DOUBLE = ("float64", "float32")


def transformed(x: Any, axes: Any, norm: Any, inverse: bool) -> Any:
    return (np.fft.ifftn if inverse else np.fft.fftn)(x, axes=axes, norm=norm)


def of_reals(x: Any, axes: Any, norm: Any, onesided: bool) -> Any:
    return (np.fft.rfftn if onesided else np.fft.fftn)(x, axes=axes, norm=norm)


def of_half(x: Any, axes: Any, size: int, norm: Any) -> Any:
    return np.fft.irfftn(x, [*(x.shape[a] for a in axes[:-1]), size], axes=axes, norm=norm)


for _norm in OPPOSITE:
    _kwargs: dict[str, Any]
    for _shape, _axes in [((4,), (0,)), ((2, 3), (1,)), ((2, 3), (0, 1)), ((0, 3), (1,))]:
        for _inverse in (False, True):
            _kwargs = {"axes": _axes, "norm": _norm, "inverse": _inverse}
            add("fft_c2c", Sample((draw(*_shape),), _kwargs, dtypes=COMPLEX, reference=transformed))
    for _shape, _axes in [((4,), (0,)), ((5,), (0,)), ((2, 3), (1,)), ((4, 2), (1, 0)), ((2, 3, 2), (0, 1)), ((0, 3), (1,))]:
        for _onesided in (True, False):
            _kwargs = {"axes": _axes, "norm": _norm, "onesided": _onesided}
            add("fft_r2c", Sample((draw(*_shape),), _kwargs, dtypes=DOUBLE, reference=of_reals))
    for _shape, _axes, _size in [
        ((3,), (0,), 4),
        ((3,), (0,), 5),
        ((2, 2), (0, 1), 3),
        ((3, 2), (1, 0), 4),
        ((1,), (0,), 1),
        ((0, 2), (1,), 2),
    ]:
        _kwargs = {"axes": _axes, "size": _size, "norm": _norm}
        add("fft_c2r", Sample((draw(*_shape),), _kwargs, dtypes=COMPLEX, reference=of_half))
