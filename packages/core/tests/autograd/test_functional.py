"""``autograd.functional``: values, forms, graphs and errors."""

from __future__ import annotations

import importlib

import pytest

pytestmark = pytest.mark.filterwarnings("ignore:.torch.jit:DeprecationWarning")


@pytest.fixture
def F(lib):
    return importlib.import_module(f"{lib.__name__}.autograd.functional")


@pytest.fixture
def x(lib):
    return lib.tensor([1.0, 2.0])


@pytest.fixture
def w(lib):
    return lib.tensor([3.0, 4.0], requires_grad=True)


def cubes(x):
    return (x**3).sum()


def plain(found):
    return tuple(plain(f) for f in found) if isinstance(found, tuple) else found.tolist()


def test_jacobian(lib, F, x, w):
    assert plain(F.jacobian(lambda x: x * x, x)) == [[2, 0], [0, 4]]
    assert plain(F.jacobian(lambda a, b: (a * b, a.sum()), (x, x + 1))) == (([[2, 0], [0, 3]], [[1, 0], [0, 2]]), ([1, 1], [0, 0]))
    assert plain(F.jacobian(lambda x: lib.ones(2), x)) == [[0, 0], [0, 0]]
    assert not F.jacobian(lambda x: x * w, x).requires_grad
    j = F.jacobian(lambda x: x * x * w, w, create_graph=True)
    assert plain(j) == [[18, 0], [0, 32]]
    j.sum().backward()
    assert w.grad.tolist() == [12, 16]
    for more in ({"vectorize": True}, {"strategy": "forward-mode", "vectorize": True}):
        assert plain(F.jacobian(lambda x: (x * x)[None], x, **more)) == [[[2, 0], [0, 4]]]


def test_hessian(F, x, w):
    assert plain(F.hessian(cubes, x)) == [[6, 0], [0, 12]]
    assert plain(F.hessian(lambda a, b: (a * a * b).sum(), (x, x))) == (
        ([[2, 0], [0, 4]], [[2, 0], [0, 4]]),
        ([[2, 0], [0, 4]], [[0, 0], [0, 0]]),
    )
    assert plain(F.hessian(cubes, x, vectorize=True, outer_jacobian_strategy="forward-mode")) == [[6, 0], [0, 12]]
    h = F.hessian(cubes, w, create_graph=True)
    h.sum().backward()
    assert w.grad.tolist() == [6, 6]


@pytest.mark.parametrize("name", ["hvp", "vhp"])
def test_hessian_products(lib, F, x, w, name):
    product = getattr(F, name)
    assert plain(product(cubes, x, x)) == (9, [6, 24])
    assert plain(product(lambda a, b: (a * b).sum(), (x, x), (x, lib.zeros(2)))) == (5, ([0, 0], [1, 2]))
    assert plain(product(cubes, x[0])) == (1, 6)
    _value, found = product(cubes, w, x, create_graph=True)
    found.sum().backward()
    assert w.grad.tolist() == [6, 12]


def test_vjp_and_jvp(lib, F, x, w):
    assert plain(F.vjp(lambda x: x * x, x, x)) == ([1, 4], [2, 8])
    assert plain(F.vjp(cubes, x)) == (9, [3, 12])
    assert plain(F.vjp(lambda a, b: (a * b, a), (x, x), (x, x))) == (([1, 4], [1, 2]), ([2, 6], [1, 4]))
    assert plain(F.jvp(lambda x: x * x, x, x)) == ([1, 4], [2, 8])
    assert plain(F.jvp(lambda a, b: (a * b, a), (x, x), (x, x))) == (([1, 4], [1, 2]), ([2, 8], [1, 2]))
    assert plain(F.jvp(lambda x: x * x, x[1])) == (4, 4)
    assert plain(F.jvp(lambda x: w * 1, x, x)) == ([3, 4], [0, 0])
    for name in ("vjp", "jvp"):
        w.grad = None
        value, found = getattr(F, name)(lambda x: x**3, w, x, create_graph=True)
        assert value.requires_grad
        assert found.requires_grad
        found.sum().backward()
        assert w.grad.tolist() == [18, 48]
        value, found = getattr(F, name)(lambda x: x**3, w, x)
        assert not value.requires_grad
        assert not found.requires_grad


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (
            lambda lib, F, x, w: F.jacobian(cubes, [x]),
            TypeError,
            "The inputs given to jacobian must be either a Tensor or a tuple of Tensors but the given inputs has type <class 'list'>",
        ),
        (
            lambda lib, F, x, w: F.jacobian(lambda x: (x, 3), x),
            TypeError,
            "outputs of the user-provided function given to jacobian .* but the value at index 1 has type <class 'int'>",
        ),
        (
            lambda lib, F, x, w: F.jacobian(lambda x: w * 1, x, strict=True),
            RuntimeError,
            "Output 0 of the user-provided function is independent of input 0",
        ),
        (
            lambda lib, F, x, w: F.jacobian(lambda x: lib.ones(2), x, strict=True),
            RuntimeError,
            "Output 0 of the user-provided function does not require gradients",
        ),
        (
            lambda lib, F, x, w: F.jacobian(lambda x: x * 2, x, create_graph=True, strict=True),
            RuntimeError,
            "The jacobian of the user-provided function is independent of input 0",
        ),
        (lambda lib, F, x, w: F.jacobian(cubes, x, strategy="sideways"), AssertionError, "Expected strategy to be either"),
        (lambda lib, F, x, w: F.jacobian(cubes, x, strict=True, vectorize=True), RuntimeError, "are not supported together"),
        (
            lambda lib, F, x, w: F.hessian(lambda x: x * x, x),
            RuntimeError,
            "The Tensor returned by the function given to hessian should contain a single element",
        ),
        (
            lambda lib, F, x, w: F.hessian(lambda x: (x[0], x[1]), x),
            RuntimeError,
            "The function given to hessian should return a single Tensor",
        ),
        (
            lambda lib, F, x, w: F.hessian(lambda x: x.sum(), x, strict=True),
            RuntimeError,
            "While computing the hessian, found that the jacobian .* with respect to input 0 is independent",
        ),
        (
            lambda lib, F, x, w: F.vjp(lambda x: x * x, x),
            RuntimeError,
            "The vector v can only be None if the user-provided function returns a single Tensor with a single element",
        ),
        (
            lambda lib, F, x, w: F.vjp(lambda x: x * x, x, lib.ones(3)),
            RuntimeError,
            r"v has invalid size: should be torch.Size\(\[2\]\) but got torch.Size\(\[3\]\)",
        ),
        (lambda lib, F, x, w: F.vjp(lambda x: x * x, x, (x, x)), RuntimeError, "The given v should contain a single Tensor"),
        (lambda lib, F, x, w: F.vjp(lambda x: (x, x), x, x), RuntimeError, "v is a tuple of invalid length: should be 2 but got 1"),
        (
            lambda lib, F, x, w: F.jvp(lambda x: x * x, x),
            RuntimeError,
            "The vector v can only be None if the input to the user-provided function is a single Tensor",
        ),
        (
            lambda lib, F, x, w: F.jvp(lambda x: w * 1, x, x, strict=True),
            RuntimeError,
            "The output of the user-provided function is independent of input 0",
        ),
        (lambda lib, F, x, w: F.hvp(lambda x: x.sum(), x, x, strict=True), RuntimeError, "While computing the hessian"),
    ],
)
def test_errors(lib, F, x, w, call, error, text):
    with pytest.raises(error, match=text):
        call(lib, F, x, w)
