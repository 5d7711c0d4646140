"""Windows of signal processing beside NumPy's, matrix_exp beside its series, unravel_index beside NumPy's."""

import numpy as np
import pytest

import tane

WINDOWS = {
    "hann": np.hanning,
    "hamming": np.hamming,
    "blackman": np.blackman,
    "bartlett": np.bartlett,
    "kaiser": lambda n: np.kaiser(n, 12.0),
}


@pytest.mark.parametrize("length", [0, 1, 2, 5, 8])
@pytest.mark.parametrize("name", WINDOWS)
def test_windows(name, length):
    window = getattr(tane, f"{name}_window")
    np.testing.assert_allclose(window(length, False, dtype=tane.float64).numpy(), WINDOWS[name](length), atol=1e-12)
    expected = WINDOWS[name](length + 1)[:length] if length > 1 else np.ones(length)
    np.testing.assert_allclose(window(length).numpy(), expected, atol=1e-6)


def test_a_window_is_of_floats():
    assert tane.hann_window(4).dtype is tane.float32
    with pytest.raises(RuntimeError, match="floating point"):
        tane.hann_window(4, dtype=tane.int64)
    with pytest.raises(RuntimeError, match="non-negative"):
        tane.hann_window(-1)


@pytest.mark.parametrize("size", [0.01, 1.0, 30.0])
def test_matrix_exp(size):
    values = np.random.default_rng(0).standard_normal((2, 3, 3)) * size / 3
    eigenvalues, vectors = np.linalg.eig(values)
    expected = (vectors * np.exp(eigenvalues)[:, None, :] @ np.linalg.inv(vectors)).real
    np.testing.assert_allclose(tane.matrix_exp(tane.tensor(values)).numpy(), expected, rtol=1e-9, atol=1e-12 * np.abs(expected).max())


def test_the_gradient_of_matrix_exp():
    x = tane.tensor(np.random.default_rng(1).standard_normal((3, 3)), requires_grad=True)
    assert tane.autograd.gradcheck(tane.linalg.matrix_exp, x)
    assert tane.autograd.gradgradcheck(tane.linalg.matrix_exp, x)


def test_unravel_index():
    indices = tane.tensor([[0, 5], [11, 7]])
    found = tane.unravel_index(indices, (3, 4))
    expected = np.unravel_index(indices.numpy(), (3, 4))
    assert [f.tolist() for f in found] == [e.tolist() for e in expected]
    with pytest.raises(ValueError, match="negative"):
        tane.unravel_index(indices, (-1, 4))
