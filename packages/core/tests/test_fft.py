"""tane.fft beside numpy.fft: sizes, normalizations, types, frequencies, errors. Gradients are tried by the samples of its ops."""

import numpy as np
import pytest

import tane

REAL = np.random.default_rng(0).standard_normal((3, 5, 4))
COMPLEX = REAL + 1j * REAL[::-1]


@pytest.mark.parametrize("norm", [None, "backward", "forward", "ortho"])
@pytest.mark.parametrize("name", ["fft", "ifft", "rfft", "irfft", "hfft", "ihfft"])
@pytest.mark.parametrize("n", [None, 3, 7])
def test_one_dimension(name, n, norm):
    x = REAL if name in ("rfft", "ihfft") else COMPLEX
    found = getattr(tane.fft, name)(tane.tensor(x), n, 1, norm)
    np.testing.assert_allclose(found.numpy(), getattr(np.fft, name)(x, n, 1, norm), atol=1e-12)


@pytest.mark.parametrize("name", ["fft2", "ifft2", "fftn", "ifftn", "rfft2", "rfftn", "irfft2", "irfftn"])
@pytest.mark.parametrize("s", [None, (4, 6)])
def test_several_dimensions(name, s):
    x = REAL if name.startswith("r") else COMPLEX
    found = getattr(tane.fft, name)(tane.tensor(x), s, (1, 2))
    np.testing.assert_allclose(found.numpy(), getattr(np.fft, name)(x, s, (1, 2)), atol=1e-12)


def test_types():
    assert tane.fft.fft(tane.ones(4)).dtype is tane.complex64
    assert tane.fft.rfft(tane.arange(4)).dtype is tane.complex64
    assert tane.fft.irfft(tane.ones(3, dtype=tane.complex128)).dtype is tane.float64


@pytest.mark.parametrize("n", [1, 4, 5])
def test_frequencies(n):
    for name in ("fftfreq", "rfftfreq"):
        np.testing.assert_allclose(getattr(tane.fft, name)(n, 0.5).numpy(), getattr(np.fft, name)(n, 0.5), rtol=1e-6)
    for name in ("fftshift", "ifftshift"):
        assert getattr(tane.fft, name)(tane.arange(n)).tolist() == getattr(np.fft, name)(np.arange(n)).tolist()


def test_errors():
    with pytest.raises(RuntimeError, match="rfft expects a real input tensor, but got ComplexDouble"):
        tane.fft.rfft(tane.tensor(COMPLEX))
    with pytest.raises(RuntimeError, match="Invalid normalization mode"):
        tane.fft.fft(tane.ones(4), norm="none")
    with pytest.raises(RuntimeError, match="Invalid number of data points"):
        tane.fft.fft(tane.ones(4), n=0)
    with pytest.raises(RuntimeError, match="Unsupported dtype Half"):
        tane.fft.fft(tane.ones(4, dtype=tane.float16))
