"""NumPy's functions on Tensors: NumPy's values, right gradients, and a refusal where there is no op."""

from __future__ import annotations

import numpy as np
import pytest

import tane
from tane.autograd import gradcheck

A = np.array([[0.3, -0.7, 1.1], [0.9, 0.2, -1.3]])
P = np.abs(A) + 0.2  # positive
U = np.clip(A, -0.9, 0.9)  # inside (-1, 1)
V = np.array([0.4, -1.2, 0.8])
S = np.array([[2.0, 0.3, -0.4], [0.3, 1.5, 0.2], [-0.4, 0.2, 3.0]])
Z = A + 1j * A[::-1]


ELEMENTWISE = [
    *(
        (name, A)
        for name in [
            "negative",
            "positive",
            "absolute",
            "fabs",
            "sin",
            "cos",
            "tan",
            "arctan",
            "sinh",
            "cosh",
            "tanh",
            "arcsinh",
            "exp",
            "exp2",
            "expm1",
            "square",
            "deg2rad",
            "rad2deg",
            "radians",
            "degrees",
        ]
    ),
    *((name, P) for name in ["sqrt", "log", "log2", "log10", "log1p", "reciprocal", "cbrt"]),
    *((name, U) for name in ["arcsin", "arccos", "arctanh"]),
    ("arccosh", P + 1),
]
STEPS = ["sign", "floor", "ceil", "trunc", "rint", "isnan", "isinf", "isfinite", "signbit", "logical_not"]
BINARY = [
    "add",
    "subtract",
    "multiply",
    "divide",
    "true_divide",
    "maximum",
    "minimum",
    "fmax",
    "fmin",
    "hypot",
    "arctan2",
    "logaddexp",
    "logaddexp2",
    "copysign",
]
COMPARISONS = ["equal", "not_equal", "less", "less_equal", "greater", "greater_equal", "logical_and", "logical_or", "logical_xor"]

FUNCTIONS = {
    "sum": lambda x: np.sum(x),
    "sum axis": lambda x: np.sum(x**2, axis=0, keepdims=True),
    "sum axes": lambda x: np.sum(x, axis=(0, -1)),
    "prod": lambda x: np.prod(x),
    "prod axes": lambda x: np.prod(x, axis=(0, 1), keepdims=True),
    "mean": lambda x: np.mean(x, axis=1),
    "average": lambda x: np.average(x, axis=1, weights=[1.0, 2.0, 3.0]),
    "var": lambda x: np.var(x, axis=0, ddof=1),
    "std": lambda x: np.std(x),
    "max": lambda x: np.max(x, axis=1),
    "amin": lambda x: np.amin(x),
    "ptp": lambda x: np.ptp(x, axis=0),
    "nansum": lambda x: np.nansum(x, axis=0),
    "nanmean": lambda x: np.nanmean(x, axis=0),
    "cumsum": lambda x: np.cumsum(x),
    "cumsum axis": lambda x: np.cumsum(x, axis=1),
    "cumprod": lambda x: np.cumprod(x, axis=1),
    "diff": lambda x: np.diff(x, n=2),
    "median": lambda x: np.median(x, axis=0),
    "quantile": lambda x: np.quantile(x, [0.1, 0.5, 0.75], axis=1),
    "percentile": lambda x: np.percentile(x, 30, keepdims=True),
    "dot": lambda x: np.dot(x, V),
    "dot left": lambda x: np.dot(V, x.T),
    "dot 3d": lambda x: np.dot(x, np.ones((2, 3, 4))),
    "vdot": lambda x: np.vdot(x, A),
    "inner": lambda x: np.inner(x, A),
    "outer": lambda x: np.outer(x, V),
    "matmul": lambda x: np.matmul(x, S),
    "operator @": lambda x: A @ x.T,
    "tensordot": lambda x: np.tensordot(x, A, axes=([0, 1], [0, 1])),
    "tensordot 1": lambda x: np.tensordot(A, x.T, 1),
    "einsum": lambda x: np.einsum("ij,kj->ik", x, A),
    "kron": lambda x: np.kron(x, np.array([[1.0, 2.0]])),
    "cross": lambda x: np.cross(x, V),
    "convolve": lambda x: np.convolve(x[0], V, mode="same"),
    "trace": lambda x: np.trace(x, offset=1),
    "reshape": lambda x: np.reshape(x, (3, -1)),
    "reshape F": lambda x: np.reshape(x, (3, 2), order="F"),
    "ravel": lambda x: np.ravel(x),
    "transpose": lambda x: np.transpose(x),
    "transpose axes": lambda x: np.transpose(x[None], (2, 0, 1)),
    "swapaxes": lambda x: np.swapaxes(x, 0, 1),
    "moveaxis": lambda x: np.moveaxis(x[None], [0, 1], [-1, 0]),
    "rollaxis": lambda x: np.rollaxis(x[None], 2),
    "squeeze": lambda x: np.squeeze(x[None], axis=0),
    "expand_dims": lambda x: np.expand_dims(x, (0, -1)),
    "broadcast_to": lambda x: np.broadcast_to(x, (4, 2, 3)),
    "broadcast_arrays": lambda x: np.broadcast_arrays(x[:, :1], A)[0],
    "atleast_1d": lambda x: np.atleast_1d(x[0, 0]),
    "atleast_2d": lambda x: np.atleast_2d(x[0]),
    "atleast_3d": lambda x: np.atleast_3d(x[0]) + np.atleast_3d(x[0, 0]),
    "flip": lambda x: np.flip(x),
    "fliplr": lambda x: np.fliplr(x),
    "flipud": lambda x: np.flipud(x),
    "rot90": lambda x: np.rot90(x, 3),
    "roll": lambda x: np.roll(x, 2),
    "roll axes": lambda x: np.roll(x, (1, 2), axis=(0, 1)),
    "repeat": lambda x: np.repeat(x, [1, 0, 2], axis=1),
    "tile": lambda x: np.tile(x, (2, 1, 3)),
    "take": lambda x: np.take(x, [2, 0, 0], axis=1),
    "take_along_axis": lambda x: np.take_along_axis(x, np.array([[0], [2]]), 1),
    "diag": lambda x: np.diag(x),
    "diagonal": lambda x: np.diagonal(x, offset=1),
    "tril": lambda x: np.tril(x, 1),
    "triu": lambda x: np.triu(x),
    "pad": lambda x: np.pad(x, 1),
    "pad values": lambda x: np.pad(x, ((1, 2), (0, 1)), constant_values=2.0),
    "pad edge": lambda x: np.pad(x, (2, 1), mode="edge"),
    "pad reflect": lambda x: np.pad(x, ((0, 0), (2, 2)), mode="reflect"),
    "pad wrap": lambda x: np.pad(x, ((1, 1), (2, 2)), mode="wrap"),
    "split": lambda x: np.split(x, 3, axis=1)[1],
    "array_split": lambda x: np.array_split(x, 2, axis=1)[0],
    "split at": lambda x: np.split(x, [1, 1], axis=1)[2],
    "hsplit": lambda x: np.hsplit(x, [2])[1],
    "vsplit": lambda x: np.vsplit(x, 2)[1],
    "concatenate": lambda x: np.concatenate([x, A, x[:1]]),
    "concatenate flat": lambda x: np.concatenate((x, V[:, None]), axis=None),
    "stack": lambda x: np.stack([x, A], axis=-1),
    "hstack": lambda x: np.hstack([x, A]),
    "hstack 1d": lambda x: np.hstack([x[0], V]),
    "vstack": lambda x: np.vstack([x[0], A]),
    "dstack": lambda x: np.dstack([x, A]),
    "column_stack": lambda x: np.column_stack([x[0], V]),
    "append": lambda x: np.append(x, [[1.0, 2.0, 3.0]], axis=0),
    "block": lambda x: np.block([[x, np.zeros((2, 1))], [np.ones((1, 4))]]),
    "where": lambda x: np.where(A > 0, x, 2.0),
    "where of x": lambda x: np.where(x > 0, x, A),
    "select": lambda x: np.select([A > 0.5, A < 0], [x, x * x], 7.0),
    "clip": lambda x: np.clip(x, -0.5, 1.0),
    "clip arrays": lambda x: np.clip(x, -P / 4, None),
    "nan_to_num": lambda x: np.nan_to_num(x),
    "sinc": lambda x: np.sinc(x),
    "sort": lambda x: np.sort(x, axis=None),
    "partition": lambda x: np.sort(np.partition(x, 1, axis=1), axis=1),
    "full_like": lambda x: np.full_like(x, x[0, 1]),
    "copy": lambda x: np.copy(x) * 2,
    "add.reduce": lambda x: np.add.reduce(x, axis=1),
    "multiply.reduce": lambda x: np.multiply.reduce(x),
    "maximum.reduce": lambda x: np.maximum.reduce(x, axis=None),
    "logaddexp.reduce": lambda x: np.logaddexp.reduce(x, axis=1, keepdims=True),
    "add.accumulate": lambda x: np.add.accumulate(x, axis=1),
    "multiply.outer": lambda x: np.multiply.outer(x, V),
    "linalg.norm": lambda x: np.linalg.norm(x),
    "linalg.norm axis": lambda x: np.linalg.norm(x, 1, axis=1),
    "linalg.inv": lambda x: np.linalg.inv(S + x.T @ x),
    "linalg.det": lambda x: np.linalg.det(S + x.T @ x),
    "linalg.slogdet": lambda x: np.linalg.slogdet(S + x.T @ x)[1],
    "linalg.solve": lambda x: np.linalg.solve(S + x.T @ x, V),
    "linalg.cholesky": lambda x: np.linalg.cholesky(S + x.T @ x),
    "linalg.eigh": lambda x: np.linalg.eigh(S + x.T @ x)[0],
    "linalg.eigvalsh": lambda x: np.linalg.eigvalsh(S + x.T @ x),
    "linalg.svd": lambda x: np.linalg.svd(x, compute_uv=False),
    "linalg.pinv": lambda x: np.linalg.pinv(x),
    "linalg.matrix_power": lambda x: np.linalg.matrix_power(S + x.T @ x, 3),
    "linalg.multi_dot": lambda x: np.linalg.multi_dot([x, S, x.T]),
    "fft": lambda x: np.real(np.fft.fft(x)) + np.imag(np.fft.ifft(x, 5, norm="ortho")[:, :3]),
    "rfft": lambda x: np.abs(np.fft.rfft(x)),
    "irfft": lambda x: np.fft.irfft(np.fft.rfft(x), 3),
    "fft2": lambda x: np.abs(np.fft.fft2(x)),
    "fftn": lambda x: np.real(np.fft.ifftn(np.fft.fftn(x) * Z)),
    "fftn of some axes": lambda x: np.abs(np.fft.fftn(x, np.array([2, 5]), range(2))),
    "fftshift": lambda x: np.fft.fftshift(x),
    "angle": lambda x: np.angle(x + 0.3j),
}


def leaf(array):
    return tane.tensor(array, requires_grad=True)


def plain(result):
    assert isinstance(result, tane.Tensor), type(result)
    return result.detach().numpy()


@pytest.mark.parametrize(("name", "x"), ELEMENTWISE, ids=[n for n, _ in ELEMENTWISE])
def test_elementwise(name, x):
    f = getattr(np, name)
    np.testing.assert_allclose(plain(f(leaf(x))), f(x), rtol=1e-12)
    assert gradcheck(f, leaf(x))


@pytest.mark.parametrize("name", STEPS)
def test_steps(name):
    f = getattr(np, name)
    np.testing.assert_array_equal(plain(f(leaf(A))), f(A))


@pytest.mark.parametrize("name", BINARY)
def test_binary(name):
    f = getattr(np, name)
    for a, b in ((leaf(A), leaf(P)), (A, leaf(P)), (leaf(A), V), (leaf(A), 0.7), (0.7, leaf(A)), (np.float64(0.7), leaf(A))):
        raw = [x.detach().numpy() if isinstance(x, tane.Tensor) else x for x in (a, b)]
        np.testing.assert_allclose(plain(f(a, b)), f(*raw), rtol=1e-12)
        assert gradcheck(f, (a, b))


@pytest.mark.parametrize("name", COMPARISONS)
def test_comparisons(name):
    f = getattr(np, name)
    np.testing.assert_array_equal(plain(f(leaf(A), P)), f(A, P))
    np.testing.assert_array_equal(plain(f(V, leaf(A))), f(V, A))


def test_power():
    assert gradcheck(lambda x, y: np.power(x, y), (leaf(P), leaf(V)))
    assert gradcheck(lambda x: np.power(x, 3), leaf(A))
    assert gradcheck(lambda x: np.power(2.0, x), leaf(A))
    assert gradcheck(lambda x: P**x, leaf(A))
    assert gradcheck(lambda x: np.float_power(x, 2), leaf(A))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_function(name):
    f = FUNCTIONS[name]
    if name.lstrip("ir").startswith("fft") and name != "fftshift" and not hasattr(tane, "fft"):
        with pytest.raises(TypeError, match=r"numpy.fft.\w+ is not differentiable here"):
            f(leaf(A))
        return
    np.testing.assert_allclose(plain(f(leaf(A))), f(A), rtol=1e-9, atol=1e-12)
    assert gradcheck(f, leaf(A))


def test_operators_between_arrays_and_tensors():
    t = leaf(A)
    for f in (lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a * b, lambda a, b: a / b, lambda a, b: np.float64(2) * b + a):
        for result, expected in ((f(P, t), f(P, A)), (f(t, P), f(A, P))):
            np.testing.assert_allclose(plain(result), expected)
            assert result.requires_grad
    assert plain(t < P).dtype == bool
    np.testing.assert_array_equal(plain(t < P), P > A)


def test_questions_answer_in_pythons_types():
    t = leaf(A)
    assert np.shape(t) == (2, 3)
    assert (np.ndim(t), np.size(t), np.size(t, 1)) == (2, 6, 3)
    assert np.allclose(t, A) is True
    assert np.array_equal(A, t) is True
    assert not np.iscomplexobj(t)
    assert np.isrealobj(t)
    assert np.result_type(t, np.float32) == np.float64
    assert np.argmax(t).item() == np.argmax(A)
    np.testing.assert_array_equal(np.argmin(t, axis=0).numpy(), np.argmin(A, axis=0))
    np.testing.assert_array_equal(np.argsort(t, axis=1).numpy(), np.argsort(A, axis=1))
    assert [i.tolist() for i in np.nonzero(t > 0)] == [i.tolist() for i in np.nonzero(A > 0)]
    assert np.all(t < 2).item() is True
    assert np.any(t > 2).item() is False
    assert np.count_nonzero(t > 0).item() == 4
    assert not np.zeros_like(t).requires_grad
    assert np.ones_like(t, dtype=np.float32).dtype is tane.float32


def test_unique_and_searchsorted():
    x = leaf(np.array([2.0, 1.0, 2.0]))
    values, counts = np.unique(x, return_counts=True)
    assert (values.tolist(), counts.tolist()) == ([1.0, 2.0], [1, 2])
    values.sum().backward()
    assert x.grad.tolist() == [1.0, 1.0, 0.0]
    assert np.searchsorted(tane.tensor([1.0, 2.0, 3.0]), tane.tensor([2.0]), side="right").tolist() == [2]


def test_out():
    out = np.zeros((2, 3))
    assert np.multiply(tane.tensor(A), 2, out=out) is out
    np.testing.assert_array_equal(out, A * 2)
    out += tane.tensor(A)
    np.testing.assert_allclose(out, A * 3)
    with pytest.raises(TypeError, match=r"numpy.add: an array cannot take a result that requires grad"):
        out += leaf(A)
    t = tane.zeros(2, 3, dtype=tane.float64)
    assert np.add(tane.tensor(A), 1, out=t) is t
    np.testing.assert_array_equal(t.numpy(), A + 1)
    assert np.sum(tane.tensor(A), axis=0, out=np.zeros(3)).shape == (3,)


def test_at():
    x = leaf(np.ones(3))
    t = x * 1
    np.add.at(t, [0, 0, 2], tane.tensor([1.0, 2.0, 3.0]))
    assert t.tolist() == [4, 1, 4]
    np.subtract.at(t, np.array([1]), 5.0)
    assert t.tolist() == [4, -4, 4]
    t.sum().backward()
    assert x.grad.tolist() == [1, 1, 1]
    with pytest.raises(TypeError, match=r"there are add.at and subtract.at"):
        np.multiply.at(t, [0], 2.0)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda t: np.interp(t, [0, 1], [0, 1]), "numpy.interp is not differentiable here"),
        (lambda t: np.gcd(t.long(), 2, where=[True]), "where= is not supported"),
        (lambda t: np.spacing(t), "numpy ufunc 'spacing' is not differentiable here"),
        (lambda t: np.sum(t, where=t > 0), "numpy.sum on Tensors: where= is not supported"),
        (lambda t: np.add(t, 1, where=[True]), "where= is not supported"),
        (lambda t: np.divide.reduce(t), "numpy.divide.reduce is not differentiable here"),
        (lambda t: np.pad(t, 1, mode="linear_ramp"), "mode='linear_ramp' is not supported"),
        (lambda t: np.sum(t, initial=3.0), "initial= is not supported"),
        (lambda t: np.add.reduceat(t, [0]), "numpy.add.reduceat"),
    ],
)
def test_what_has_no_op_is_refused_by_name(call, text):
    with pytest.raises(TypeError, match=text):
        call(leaf(A))


def test_nothing_is_converted_behind_the_back():
    t = leaf(A)
    with pytest.raises(RuntimeError, match="Can't call numpy"):
        np.asarray(t)
    with pytest.raises(RuntimeError, match="Can't call numpy"):
        np.array([t[0, 0], t[0, 1]])
    with pytest.raises((RuntimeError, TypeError)):
        np.zeros(2)[:] = t[0, :2]
    shared = np.asarray(t.detach())
    shared[0, 0] = 7
    assert t[0, 0].item() == 7


def test_scipy_special():
    special = pytest.importorskip("scipy.special")
    for name in ("expit", "erf", "gammaln", "digamma", "log1p", "xlogy"):
        f = getattr(special, name)
        if name == "xlogy":
            assert gradcheck(lambda x, y: special.xlogy(x, y), (leaf(P), leaf(P + 1)))
            continue
        np.testing.assert_allclose(plain(f(leaf(P))), f(P), rtol=1e-10)
        assert gradcheck(f, leaf(P))


def test_dtype_argument():
    assert np.sum(tane.tensor([1.0, 2.0]), dtype=np.float64).dtype is tane.float64
    assert np.add(tane.tensor([1.0]), 1, dtype=np.float64).dtype is tane.float64


def test_copyto_keeps_to_its_casting_rule():
    d = tane.zeros(3, dtype=tane.int64)
    with pytest.raises(TypeError, match="according to the rule 'same_kind'"):
        np.copyto(d, tane.tensor([1.5, 2.0, 3.0]))
    assert d.tolist() == [0, 0, 0]
    np.copyto(d, tane.tensor([1.5, 2.0, 3.0]), casting="unsafe")
    assert d.tolist() == [1, 2, 3]


def test_nan_to_num_without_a_copy():
    x = tane.tensor([float("nan"), 1.0])
    assert np.nan_to_num(x, copy=False) is x
    assert x.tolist() == [0.0, 1.0]
