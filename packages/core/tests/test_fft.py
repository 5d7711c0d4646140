"""tane.fft beside torch.fft: values, types, shapes, gradients of both orders, graphs, errors; and that every device has it."""

import itertools

import numpy as np
import pytest

import tane

torch = pytest.importorskip("torch", reason="compares with PyTorch")

ONE = ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft")
TWO = tuple(f"{name}2" for name in ONE)
SEVERAL = tuple(f"{name}n" for name in ONE)
OF_REALS = ("rfft", "ihfft", "rfft2", "ihfft2", "rfftn", "ihfftn")
NORMS = (None, "backward", "forward", "ortho")

rng = np.random.default_rng(0)
REAL = rng.standard_normal((3, 5, 4))
COMPLEX = REAL + 1j * rng.standard_normal(REAL.shape)


def inputs(name):
    return (REAL,) if name in OF_REALS else (REAL, COMPLEX)


def both(name):
    return getattr(tane.fft, name), getattr(torch.fft, name)


def agree(ours, theirs, tolerance=1e-12):
    theirs = theirs.detach().resolve_conj()
    assert str(ours.dtype) == str(theirs.dtype) and tuple(ours.shape) == tuple(theirs.shape)
    np.testing.assert_allclose(ours.detach().numpy(), theirs.numpy(), rtol=tolerance, atol=tolerance)


def outcome(function, *args, **kwargs):
    try:
        return function(*args, **kwargs)
    except Exception as error:
        return type(error), str(error).split("\n", maxsplit=1)[0]


def compare(name, x, *args, **kwargs):
    mine, yours = both(name)
    ours, theirs = outcome(mine, tane.tensor(x), *args, **kwargs), outcome(yours, torch.tensor(x), *args, **kwargs)
    if isinstance(theirs, tuple):
        assert ours == theirs
    else:
        agree(ours, theirs, 1e-12 if x.dtype.name in ("float64", "complex128") else 1e-5)


# ---- values, types, shapes ------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("name", ONE)
def test_one_dimension(name, norm):
    for x, n, dim in itertools.product(inputs(name), (None, 1, 3, 8), (0, 1, -1)):
        compare(name, x, n, dim, norm)


SIZES = [
    {},
    {"s": (4, 6)},
    {"s": (-1, 6)},
    {"s": (4, -1), "dim": (0, 2)},
    {"dim": (2, 0)},
    {"dim": (1,)},
    {"dim": -1},
    {"s": 3, "dim": 1},
    {"s": [2, 3], "dim": [-1, -2]},
]


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("name", TWO + SEVERAL)
def test_several_dimensions(name, norm):
    for x, sizes in itertools.product(inputs(name), [*SIZES, *([{"s": (2, 3, 7)}, {"dim": None}] if name.endswith("n") else [])]):
        compare(name, x, norm=norm, **sizes)


def test_no_dimension_at_all():
    for name in SEVERAL:
        compare(name, COMPLEX if name not in OF_REALS else REAL, dim=())
        compare(name, np.array(1.5))


@pytest.mark.parametrize("kind", ["float32", "float64", "complex64", "complex128", "int64", "uint8", "bool"])
def test_types(kind):
    for name in ONE + SEVERAL:
        compare(name, rng.integers(0, 2, (2, 3)).astype(kind))


@pytest.mark.parametrize("kind", ["float16", "bfloat16"])
def test_16_bits_are_refused_as_pytorch_refuses_them(kind):
    for name in ONE + TWO + SEVERAL:
        mine, yours = both(name)
        expected = outcome(yours, torch.ones(2, 2, dtype=getattr(torch, kind)))
        assert expected[0] is RuntimeError and outcome(mine, tane.ones(2, 2, dtype=getattr(tane, kind))) == expected


def test_whole_numbers_become_the_default_float():
    tane.set_default_dtype(tane.float64)
    try:
        assert tane.fft.fft(tane.arange(3)).dtype is tane.complex128
        assert tane.fft.irfft(tane.arange(3)).dtype is tane.float64
        assert tane.fft.fftfreq(3).dtype is tane.float64
    finally:
        tane.set_default_dtype(tane.float32)


def test_a_batch_may_be_empty():
    assert tane.fft.fft(tane.ones(0, 3)).shape == (0, 3)
    assert tane.fft.rfft2(tane.ones(0, 3, 4)).shape == (0, 3, 3)
    assert tane.fft.irfft(tane.ones(0, 3)).shape == (0, 4)


@pytest.mark.parametrize("name", ONE + TWO + SEVERAL)
def test_out(name):
    mine, _ = both(name)
    x = tane.tensor(REAL)
    expected = mine(x)
    out = tane.empty(0, dtype=expected.dtype)
    assert mine(x, out=out) is out
    assert out.tolist() == expected.tolist()
    wrong = tane.float64 if expected.dtype is tane.complex128 else tane.complex128
    with pytest.raises(RuntimeError, match=r"expects a (complex|floating point) output tensor, but got (Double|ComplexDouble)"):
        mine(x, out=tane.empty(0, dtype=wrong))


# ---- gradients ------------------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("norm", NORMS[1:])
@pytest.mark.parametrize("name", ONE + TWO + SEVERAL)
def test_gradients(name, norm):
    """Of first and second order, for a random gradient of the result, beside PyTorch's."""
    sizes = [{"n": 3}, {"n": 6, "dim": 0}] if name in ONE else [{"s": (3, 2)}, {"s": (2, 7)}, {"dim": (0, -1)}]
    for x, kwargs in itertools.product([x[:2, :3] for x in inputs(name)], [{}, *sizes]):
        found = []
        for library, function in zip((tane, torch), both(name), strict=True):
            t = library.tensor(x, requires_grad=True)
            y = function(t * t, norm=norm, **kwargs)
            w = np.random.default_rng(1).standard_normal(tuple(y.shape))
            w = library.tensor(w + 1j * w[::-1].copy() if y.is_complex() else w)
            (g,) = library.autograd.grad(y * y, t, w, create_graph=True)
            (gg,) = library.autograd.grad((g * g.conj()).sum().real if g.is_complex() else (g * g).sum(), t)
            found.append((g, gg))
        for a, b in zip(*found, strict=True):
            agree(a, b, 1e-9)


@pytest.mark.parametrize("name", ONE + TWO + SEVERAL)
def test_gradients_are_those_of_finite_differences(name):
    mine, _ = both(name)
    for x in inputs(name):
        t = tane.tensor(x[:2, :3, :2], requires_grad=True)
        kwargs = {"n": 5, "dim": 1} if name in ONE else {"s": (2, 5)}
        assert tane.autograd.gradcheck(lambda x, mine=mine, kwargs=kwargs: mine(x, **kwargs), t)
        assert tane.autograd.gradgradcheck(lambda x, mine=mine, kwargs=kwargs: mine(x, **kwargs), t)


def names_of(y):
    node, names = y.grad_fn, []
    while node is not None:
        names.append(node.name())
        node = node.next_functions[0][0] if node.next_functions else None
    return names


@pytest.mark.parametrize("name", ONE + TWO + SEVERAL)
def test_graphs(name):
    mine, yours = both(name)
    for x in inputs(name):
        ours, theirs = mine(tane.tensor(x, requires_grad=True)), yours(torch.tensor(x, requires_grad=True))
        assert names_of(ours) == [n.replace("ConjPhysical", "Conj") for n in names_of(theirs)]


# ---- errors ---------------------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ONE)
def test_errors_of_one_dimension(name):
    for shape in [(), (0,), (4,), (2, 3)]:
        x = np.ones(shape)
        for args in [(0,), (-1,), (-2,), (None, 5), (None, -3), (2.5,), ("a",), (True,), ((3,),), (None, -1, "bad")]:
            compare(name, x, *args)
        compare(name, x + 0j, None, 0, "bad")
        compare(name, x, norm=3)
        compare(name, x, dim=None)
        compare(name, x, dim=1.5)


@pytest.mark.parametrize("name", TWO + SEVERAL)
def test_errors_of_several_dimensions(name):
    for shape in [(), (0,), (4,), (2, 3)]:
        x = np.ones(shape)
        for s in [(0, 2), (-2, 2), (2, 3, 4), "a", (2.5, 2), {1}]:
            compare(name, x, s)
        for dim in [(0, 0), (0, -1), (0, 7), (), "a", 1.5]:
            compare(name, x, dim=dim)
        compare(name, x, (2,), (0, 1))
        compare(name, x + 0j, norm="bad")
        compare(name, x, norm="bad")


def test_what_is_no_tensor_is_refused():
    for name in ONE + TWO + SEVERAL + ("fftshift", "ifftshift"):
        mine, yours = both(name)
        assert outcome(mine, [1.0]) == outcome(yours, [1.0])


# ---- frequencies ----------------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["fftfreq", "rfftfreq"])
def test_frequencies(name):
    mine, yours = both(name)
    for n, d in itertools.product((0, 1, 2, 5, 8, 101, -1, -3, 2.5, True), (1.0, 0.5, 0.3, 0, -2, 3, "a", 1j)):
        ours, theirs = outcome(mine, n, d), outcome(yours, n, d)
        if isinstance(theirs, tuple):
            assert ours == theirs
        else:
            agree(ours, theirs, 0)
    for kind in ("float16", "float32", "float64", "int64", "bool", "complex64"):
        ours, theirs = outcome(mine, 7, 0.3, dtype=getattr(tane, kind)), outcome(yours, 7, 0.3, dtype=getattr(torch, kind))
        if isinstance(theirs, tuple):
            assert ours == theirs
        else:
            agree(ours, theirs, 0)


@pytest.mark.parametrize("name", ["fftfreq", "rfftfreq"])
def test_the_other_arguments_of_frequencies(name):
    mine, _ = both(name)
    assert mine(4, requires_grad=True).requires_grad and mine(4, requires_grad=True).is_leaf
    assert mine(4, device="strict").device.type == "strict"
    out = tane.empty(0, dtype=tane.float64)
    assert mine(5, 0.5, out=out, layout=tane.strided) is out
    assert out.tolist() == mine(5, 0.5, dtype=tane.float64).tolist()
    with pytest.raises(RuntimeError, match=r"dtype Float does not match dtype of out parameter \(Double\)"):
        mine(5, out=out, dtype=tane.float32)


@pytest.mark.parametrize("name", ["fftshift", "ifftshift"])
def test_shifts(name):
    for shape, dim in itertools.product([(), (0,), (1,), (4,), (5,), (3, 4, 5)], [None, 0, -1, (0, 1), (0, 0), (), 7, "a", 1.5]):
        compare(name, np.arange(np.prod(shape, dtype=int)).reshape(shape), dim)
    mine, _ = both(name)
    assert tane.autograd.gradcheck(mine, tane.tensor(REAL[0], requires_grad=True))


# ---- devices --------------------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ONE + TWO + SEVERAL)
def test_another_device(name):
    mine, _ = both(name)
    for x in inputs(name):
        results = []
        for device in ("cpu", "strict"):
            t = tane.tensor(x, device=device, requires_grad=True)
            y = mine(t, norm="ortho")
            (y * y).abs().sum().backward()
            results.append([y.detach().cpu().numpy(), t.grad.cpu().numpy()])
        for a, b in zip(*results, strict=True):
            np.testing.assert_allclose(a, b, atol=1e-12)


def test_the_ops_are_there_before_anything_is_transformed():
    assert {"fft_c2c", "fft_r2c", "fft_c2r"} <= set(dir(tane.ops))
