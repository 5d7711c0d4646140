"""tane.stft and tane.istft beside PyTorch's: values, types, gradients of both orders, errors, devices."""

import itertools
import warnings

import numpy as np
import pytest

import tane

torch = pytest.importorskip("torch", reason="compares with PyTorch")

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*window was not provided:UserWarning"),
    pytest.mark.filterwarnings("ignore:stft with return_complex=False:UserWarning"),
    pytest.mark.filterwarnings("ignore:The length of signal is shorter:UserWarning"),
    pytest.mark.filterwarnings("ignore:ComplexHalf support:UserWarning"),
]

rng = np.random.default_rng(0)
REAL = rng.standard_normal((2, 24))
COMPLEX = REAL + 1j * rng.standard_normal(REAL.shape)
WINDOW = {n: 0.3 + rng.random(n) for n in (1, 5, 6, 8, 9)}


def outcome(function, *args, **kwargs):
    try:
        return function(*args, **kwargs)
    except Exception as error:
        return type(error), str(error).split("\n", maxsplit=1)[0]


def compare(name, x, *args, window=None, tolerance=1e-11, **kwargs):
    """The result of a call, or its error, in both libraries; torch's result."""
    ours, theirs = (
        outcome(getattr(library, name), library.tensor(x), *args, window=None if window is None else library.tensor(window), **kwargs)
        for library in (tane, torch)
    )
    if isinstance(theirs, tuple):
        assert ours == theirs
        return None
    theirs = theirs.resolve_conj()
    assert str(ours.dtype) == str(theirs.dtype) and tuple(ours.shape) == tuple(theirs.shape)
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=tolerance, atol=tolerance)
    return theirs.numpy()


@pytest.mark.parametrize("center", [True, False])
@pytest.mark.parametrize(
    ("n_fft", "hop", "win_length"), [(8, None, None), (8, 3, 5), (9, 2, 6), (8, 8, 8), (9, 4, 9), (1, 1, None), (24, 1, 1)]
)
def test_there_and_back(n_fft, hop, win_length, center):
    for x, own, normalized, onesided in itertools.product((REAL, COMPLEX[0]), (False, True), (False, True), (None, False, True)):
        window = WINDOW.get(win_length or n_fft) if own else None
        given = {"window": window, "center": center, "normalized": normalized, "onesided": onesided}
        y = compare("stft", x, n_fft, hop, win_length, return_complex=True, **given)
        if y is None:
            continue
        whole = y.shape[-2] == n_fft
        if n_fft == 1 and center:  # PyTorch cuts off all of the signal, and fails
            continue
        for length, return_complex in itertools.product((None, 10, 40), (False, True) if whole else (False,)):
            compare("istft", y, n_fft, hop, win_length, **given, length=length, return_complex=return_complex)


@pytest.mark.parametrize("mode", ["reflect", "constant", "replicate", "circular", "zero"])
def test_padding(mode):
    for x in (REAL, COMPLEX[0], REAL[0, :5], REAL[0, :4], REAL[0, :3], REAL[0, :0]):
        compare("stft", x, 8, pad_mode=mode, return_complex=True)


def test_pairs_of_reals():
    compare("stft", REAL, 8, window=WINDOW[8], return_complex=False)
    compare("stft", COMPLEX, 8, window=WINDOW[8], return_complex=False)


def test_stretches_counted_by_their_windows():
    for align in (True, False):
        compare("stft", REAL, 8, 2, 6, window=WINDOW[6], center=False, align_to_window=align, return_complex=True)
        compare("stft", REAL, 8, center=True, align_to_window=align, return_complex=True)
    # Where n_fft - win_length is odd, PyTorch reads past the end of its memory.
    y = tane.stft(tane.tensor(REAL), 8, 2, 5, tane.tensor(WINDOW[5]), center=False, align_to_window=True, return_complex=True)
    assert y.shape == (2, 5, 10)


def test_types():
    for kind, other in itertools.product(("float32", "float64", "complex64"), ("float16", "float32", "float64", "complex128", "int64")):
        x, window = COMPLEX.real.astype(kind), np.ones(8).astype(other)
        y = compare("stft", x, 8, window=window, return_complex=True, tolerance=1e-5)
        compare("istft", y, 8, window=window, tolerance=1e-4)
    for kind in ("float16", "int64", "bool"):
        compare("stft", REAL.astype(kind), 8, center=kind != "bool", return_complex=True)
    compare("stft", REAL.astype("float16"), 8, window=WINDOW[8], return_complex=True, tolerance=1e-5)


def test_methods():
    x, window = tane.tensor(REAL), tane.hann_window(8, dtype=tane.float64)
    y = x.stft(8, window=window, return_complex=True)
    assert y.tolist() == tane.stft(x, 8, window=window, return_complex=True).tolist()
    np.testing.assert_allclose(y.istft(8, window=window).numpy(), REAL, atol=1e-12)


def test_without_a_window_it_warns():
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        y = tane.stft(tane.ones(16), 8, return_complex=True)
        tane.istft(y, 8)
    assert ["window was not provided" in str(w.message) and w.filename == __file__ for w in seen] == [True, True]


# ---- gradients ----------------------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("center", [True, False])
@pytest.mark.parametrize("source", ["real", "complex"])
def test_gradients(source, center):
    """Of the signal and of the window, of first and second order, beside PyTorch's."""
    found = []
    for library in (tane, torch):
        x = library.tensor(REAL if source == "real" else COMPLEX, requires_grad=True)
        window = library.tensor(WINDOW[6], requires_grad=True)
        y = library.stft(x, 8, 2, 6, window, center=center, normalized=True, return_complex=True)
        back = library.istft(y * y, 8, 2, 6, window, normalized=True)
        first = library.autograd.grad((back * back).sum() + y.abs().sum(), [x, window], create_graph=True)
        second = library.autograd.grad(sum((g * g.conj()).real.sum() for g in first), [x, window])
        found.append([*first, *second])
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(a.detach().numpy(), b.detach().resolve_conj().numpy(), rtol=1e-8, atol=1e-8)


def test_gradients_are_those_of_finite_differences():
    x, window = tane.tensor(REAL[0, :9], requires_grad=True), tane.tensor(WINDOW[5], requires_grad=True)
    there = lambda x, window: tane.stft(x, 6, 2, 5, window, return_complex=True)
    assert tane.autograd.gradcheck(there, (x, window)) and tane.autograd.gradgradcheck(there, (x, window))
    y = there(x, window).detach().requires_grad_()
    back = lambda y, window: tane.istft(y, 6, 2, 5, window, length=8)
    assert tane.autograd.gradcheck(back, (y, window)) and tane.autograd.gradgradcheck(back, (y, window))


# ---- errors -------------------------------------------------------------------------------------------------------------------------------------
def test_errors_there():
    for kwargs in [
        {"n_fft": 0},
        {"n_fft": 25},
        {"n_fft": 50},
        {"hop_length": 0},
        {"hop_length": -1},
        {"n_fft": 3},
        {"win_length": 0},
        {"win_length": 9},
        {"window": WINDOW[6]},
        {"window": WINDOW[8][None]},
        {"win_length": 6, "window": WINDOW[8]},
        {"window": WINDOW[8] + 0j, "onesided": True},
    ]:
        for x, center in itertools.product((REAL, COMPLEX[0], REAL.astype("float32")), (True, False)):
            compare("stft", x, **{"n_fft": 8, "center": center, "return_complex": True, "tolerance": 1e-5, **kwargs})
    compare("stft", REAL, 8)
    compare("stft", REAL[None], 8, center=False, return_complex=True)
    compare("stft", REAL[0, 0], 8, center=False, return_complex=True)
    for wrong in ({"n_fft": 8.0}, {"n_fft": None}, {"hop_length": "a"}, {"normalized": 1}, {"onesided": 1}, {"window": [1.0]}):
        with pytest.raises(TypeError, match=rf"stft\(\): argument '{next(iter(wrong))}' must be (int|bool|Tensor)"):
            tane.stft(tane.ones(16), **{"n_fft": 8, "return_complex": True, **wrong})


def test_errors_on_the_way_back():
    y = np.ones((2, 5, 7)) + 0j
    for kwargs in [
        {"hop_length": 0},
        {"hop_length": 9},
        {"win_length": 0},
        {"win_length": 9},
        {"win_length": 7, "window": WINDOW[8]},
        {"window": WINDOW[8][None]},
        {"n_fft": 6},
        {"n_fft": 0},
        {"onesided": False},
        {"length": 0},
        {"length": -1},
        {"return_complex": True},
        {"window": WINDOW[8] + 0j},
        {"window": np.hanning(8), "center": False},
        {"window": WINDOW[8], "hop_length": 8, "length": 100},
    ]:
        compare("istft", y, **{"n_fft": 8, **kwargs})
    compare("istft", y[:, :, :0], 8)
    compare("istft", y[None], 8)
    compare("istft", y[0, 0], 8)
    compare("istft", y[0, :, :1], 8)
    compare("istft", y.real, 8)
    compare("istft", np.ones((8, 7)) + 0j, 8, onesided=True)


@pytest.mark.parametrize("device", ["strict"])
def test_another_device(device):
    results = []
    for place in ("cpu", device):
        x = tane.tensor(REAL, device=place, requires_grad=True)
        y = tane.stft(x, 8, 2, 6, window=tane.tensor(WINDOW[6], device=place), return_complex=True)
        z = tane.istft(y, 8, 2, 6, window=tane.tensor(WINDOW[6], device=place), length=20)
        (z * z).sum().backward()
        results.append([t.detach().cpu().numpy() for t in (y, z, x.grad)])
    for a, b in zip(*results, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-12)
