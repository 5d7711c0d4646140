"""NumPy's linear algebra and Fourier transforms on Tensors."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import tane
from tane.dtypes import promote_types
from tane.protocols.operands import as_tensor, deliver
from tane.protocols.shaping import _moveaxis
from tane.protocols.table import implements
from tane.tensor import Tensor

__all__: list[str] = []


def _pair(a: Any, b: Any) -> tuple[Tensor, Tensor]:
    """Two operands of one type."""
    a, b = as_tensor(a), as_tensor(b)
    kind = promote_types(a.dtype, b.dtype)
    return a.to(kind), b.to(kind)


@implements(np.dot)
def _dot(a: Any, b: Any, out: Any = None) -> Any:
    a, b = _pair(a, b)
    if a.ndim == 0 or b.ndim == 0:
        result = a * b
    elif b.ndim <= 2:
        result = tane.matmul(a, b)
    else:
        result = _tensordot(a, b, ((-1,), (-2,)))
    return deliver(result, out, "dot")


@implements(np.vdot)
def _vdot(a: Any, b: Any) -> Any:
    a, b = _pair(a, b)
    return tane.matmul(a.conj().reshape(-1), b.reshape(-1))


@implements(np.inner)
def _inner(a: Any, b: Any) -> Any:
    a, b = _pair(a, b)
    return a * b if a.ndim == 0 or b.ndim == 0 else _tensordot(a, b, ((-1,), (-1,)))


@implements(np.outer)
def _outer(a: Any, b: Any, out: Any = None) -> Any:
    a, b = _pair(a, b)
    return deliver(a.reshape(-1, 1) * b.reshape(1, -1), out, "outer")


@implements(np.tensordot)
def _tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    a, b = _pair(a, b)
    if isinstance(axes, int):
        axes = list(range(a.ndim - axes, a.ndim)), list(range(axes))
    left, right = ([d % t.ndim for d in ((s,) if isinstance(s, int) else s)] for t, s in zip((a, b), axes, strict=True))
    if [a.shape[d] for d in left] != [b.shape[d] for d in right]:
        raise ValueError("shape-mismatch for sum")
    rows, columns = [d for d in range(a.ndim) if d not in left], [d for d in range(b.ndim) if d not in right]
    inner = math.prod(a.shape[d] for d in left)
    shape = [*(a.shape[d] for d in rows), *(b.shape[d] for d in columns)]
    product = tane.matmul(
        a.permute(*rows, *left).reshape(math.prod(a.shape[d] for d in rows), inner),
        b.permute(*right, *columns).reshape(inner, math.prod(b.shape[d] for d in columns)),
    )
    return product.reshape(shape)


@implements(np.einsum)
def _einsum(*operands: Any, out: Any = None, optimize: Any = False) -> Any:
    tensors = [
        x if isinstance(x, str) or (isinstance(x, list) and all(isinstance(i, int) or i is Ellipsis for i in x)) else as_tensor(x)
        for x in operands
    ]
    return deliver(tane.einsum(*tensors), out, "einsum")


@implements(np.kron)
def _kron(a: Any, b: Any) -> Any:
    a, b = _pair(a, b)
    ndim = max(a.ndim, b.ndim)
    a, b = a.reshape(*[1] * (ndim - a.ndim), *a.shape), b.reshape(*[1] * (ndim - b.ndim), *b.shape)
    pairs = [d for i in range(ndim) for d in (i, i + ndim)]
    return (a.reshape(*a.shape, *[1] * ndim) * b).permute(*pairs).reshape(*(p * q for p, q in zip(a.shape, b.shape, strict=True)))


@implements(np.cross)
def _cross(a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Any:
    if axis is not None:
        axisa = axisb = axisc = axis
    (x, y, z), (u, v, w) = (_moveaxis(t, d, 0) for t, d in zip(_pair(a, b), (axisa, axisb), strict=True))
    return _moveaxis(tane.stack(tane.broadcast_tensors(y * w - z * v, z * u - x * w, x * v - y * u)), 0, axisc)


@implements(np.convolve)
def _convolve(a: Any, v: Any, mode: str = "full") -> Any:
    a, v = _pair(a, v)
    if len(v) > len(a):
        a, v = v, a
    n, m = len(a), len(v)
    padded = tane.cat([a.new_zeros(m - 1), a, a.new_zeros(m - 1)])
    windows = padded[np.arange(n + m - 1)[:, None] + np.arange(m)]
    full = tane.matmul(windows, tane.flip(v, (0,)))
    start = {"full": 0, "same": (m - 1) // 2, "valid": m - 1}[mode]
    return full[start : start + {"full": n + m - 1, "same": n, "valid": n - m + 1}[mode]]


# ---- numpy.linalg -------------------------------------------------------------------------------------------------------------------
def _same(name: str) -> None:
    """A function of ``numpy.linalg`` whose tensors tane's answers for in the same order."""

    def answer(*args: Any) -> Any:
        tensors = [as_tensor(a) if isinstance(a, (list, np.ndarray)) else a for a in args]
        return getattr(tane.linalg, name)(*tensors)

    implements(getattr(np.linalg, name))(answer)


for _name in ("cond", "det", "eig", "eigvals", "inv", "matrix_power", "slogdet"):
    _same(_name)


@implements(np.linalg.solve)
def _solve(a: Any, b: Any) -> Any:
    a, b = _pair(a, b)
    return tane.linalg.solve(a, b)


@implements(np.linalg.norm)
def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    return tane.linalg.norm(as_tensor(x), ord, axis, keepdims)


@implements(np.linalg.cholesky)
def _cholesky(a: Any, /, *, upper: bool = False) -> Any:
    return tane.linalg.cholesky(as_tensor(a), upper=upper)


@implements(np.linalg.eigh)
def _eigh(a: Any, UPLO: str = "L") -> Any:
    return tane.linalg.eigh(as_tensor(a), UPLO)


@implements(np.linalg.eigvalsh)
def _eigvalsh(a: Any, UPLO: str = "L") -> Any:
    return tane.linalg.eigvalsh(as_tensor(a), UPLO)


@implements(np.linalg.svd)
def _svd(a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> Any:
    if hermitian:
        raise TypeError("numpy.linalg.svd on Tensors: hermitian=True is not supported; use numpy.linalg.eigh")
    return tane.linalg.svd(as_tensor(a), full_matrices) if compute_uv else tane.linalg.svdvals(as_tensor(a))


@implements(np.linalg.svdvals)
def _svdvals(x: Any, /) -> Any:
    return tane.linalg.svdvals(as_tensor(x))


@implements(np.linalg.qr)
def _qr(a: Any, mode: str = "reduced") -> Any:
    return tane.linalg.qr(as_tensor(a), mode)


@implements(np.linalg.pinv)
def _pinv(a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = None) -> Any:
    tolerance = rcond if rtol is None else rtol
    return tane.linalg.pinv(as_tensor(a), rtol=1e-15 if tolerance is None else tolerance, hermitian=hermitian)


@implements(np.linalg.multi_dot)
def _multi_dot(arrays: Any, *, out: Any = None) -> Any:
    return deliver(tane.linalg.multi_dot([as_tensor(a) for a in arrays]), out, "linalg.multi_dot")


# ---- numpy.fft ------------------------------------------------------------------------------------------------------------------------
def _transform(name: str) -> Any:
    """tane's function of that name; refused where this tane has none."""
    function = getattr(getattr(tane, "fft", None), name, None)
    if function is None:
        raise TypeError(f"numpy.fft.{name} is not differentiable here: tane has no op for it")
    return function


def _fourier(name: str) -> None:
    """Transforms along one axis take ``n`` and ``axis``, those along several ``s`` and ``axes``."""
    plane = (-2, -1) if name.endswith("2") else None

    def along_axis(a: Any, n: Any = None, axis: int = -1, norm: str | None = None) -> Any:
        return _transform(name)(as_tensor(a), n, axis, norm)

    def along_axes(a: Any, s: Any = None, axes: Any = plane, norm: str | None = None) -> Any:
        return _transform(name)(as_tensor(a), *[v if v is None else tuple(np.atleast_1d(v)) for v in (s, axes)], norm)

    implements(getattr(np.fft, name))(along_axes if name[-1] in "2n" else along_axis)


for _name in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft", "fft2", "ifft2", "fftn", "ifftn", "rfft2", "irfft2", "rfftn", "irfftn"):
    _fourier(_name)


@implements(np.fft.fftshift)
def _fftshift(x: Any, axes: Any = None) -> Any:
    x = as_tensor(x)
    axes = range(x.ndim) if axes is None else (axes,) if isinstance(axes, int) else axes
    return np.roll(x, [x.shape[d] // 2 for d in axes], axes)


@implements(np.fft.ifftshift)
def _ifftshift(x: Any, axes: Any = None) -> Any:
    x = as_tensor(x)
    axes = range(x.ndim) if axes is None else (axes,) if isinstance(axes, int) else axes
    return np.roll(x, [-(x.shape[d] // 2) for d in axes], axes)
