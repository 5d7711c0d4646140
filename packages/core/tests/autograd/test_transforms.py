"""Transformed functions: of plain NumPy code, with arrays and floats; and of Tensors, as torch.func has them."""

from __future__ import annotations

import importlib
import math

import numpy as np
import pytest

import tane
from tane import func as tf

pytestmark = pytest.mark.filterwarnings("ignore:.torch.jit:DeprecationWarning")


@pytest.fixture
def func(lib):
    return importlib.import_module(f"{lib.__name__}.func")


# ---- NumPy code -------------------------------------------------------------------------------------------------------------------
def taylor_sine(x):
    answer = term = x
    i = 0
    while np.abs(term) > 0.001:
        term = -term * x**2 / ((2 * i + 3) * (2 * i + 2))
        answer = answer + term
        i += 1
    return answer


def test_taylor_series_with_a_loop_that_looks_at_values():
    assert type(tf.grad(taylor_sine)(1.0)) is float
    assert tf.grad(taylor_sine)(1.0) == pytest.approx(math.cos(1), abs=1e-3)
    assert tf.grad(tf.grad(taylor_sine))(1.0) == pytest.approx(-math.sin(1), abs=1e-3)


def test_logistic_regression():
    inputs = np.array([[0.52, 1.12, 0.77], [0.88, -1.08, 0.15], [0.52, 0.06, -1.30], [0.74, -2.49, 1.39]])
    targets = np.array([True, True, False, True])

    def loss(weights):
        predictions = 0.5 * (np.tanh(np.dot(inputs, weights) / 2.0) + 1)
        return -np.sum(np.log(predictions * targets + (1 - predictions) * (1 - targets)))

    weights = np.zeros(3)
    gradient = tf.grad(loss)
    assert loss(weights) == pytest.approx(2.77258872224, abs=1e-11)
    for _ in range(100):
        weights -= gradient(weights) * 0.01
    assert type(weights) is np.ndarray
    assert loss(weights) == pytest.approx(1.06727067579, abs=1e-11)


def test_results_are_of_the_kind_of_the_arguments():
    f = lambda x: np.sum(np.sin(x))
    assert type(tf.grad(f)(0.5)) is float
    assert type(tf.grad(f)(np.float64(0.5))) is np.float64
    assert type(tf.grad(f)(np.array([0.5]))) is np.ndarray
    assert tf.grad(f)(np.array([0.5], np.float32)).dtype == np.float32
    assert type(tf.grad(f)(tane.tensor(0.5))) is tane.Tensor
    value, gradient = tf.value_and_grad(f)(0.5)
    assert (type(value), type(gradient)) == (float, float)
    assert tf.grad_and_value(f)(0.5) == (gradient, value)


def test_sixth_derivative_of_tanh():
    f = np.tanh
    for _ in range(6):
        f = tf.elementwise_grad(f)
    x = np.linspace(-1, 1, 5)
    t = np.tanh(x)
    expected = 16 * t * (1 - t**2) * (17 - 60 * t**2 + 45 * t**4)
    np.testing.assert_allclose(f(x), expected * np.sign(f(x)[0]) * np.sign(expected[0]), rtol=1e-9)


def test_closures_and_branches():
    def f(x):
        def inner(y):
            return x * y if y > 0 else -x * y

        return inner(2.0) + inner(-3.0) + tf.grad(inner)(x)

    assert tf.grad(f)(1.5) == 2 + 3 + 1
    assert tf.grad(f)(-1.5) == 2 + 3 - 1


def test_nested_by_a_closed_over_variable():
    # d/dx of (d/dy of x² y³ at y = 2x)... = d/dx (3 x² 4 x²) = 48 x³
    f = lambda x: tf.grad(lambda y: x**2 * y**3)(2 * x)
    assert tf.grad(f)(1.5) == pytest.approx(48 * 1.5**3)
    # perturbation confusion: d/dx (x * d/dy (x + y)) = 1
    assert tf.grad(lambda x: x * tf.grad(lambda y: x + y)(1.0))(1.0) == 1.0


def test_trees_of_arguments():
    def f(params, scale):
        return np.sum(params["w"] * params["b"][0]) * scale[0] + params["b"][1] ** 2

    params = {"w": np.array([1.0, 2.0]), "b": (3.0, np.float64(4.0))}
    g = tf.grad(f)(params, [2.0])
    np.testing.assert_array_equal(g["w"], [6.0, 6.0])
    assert g["b"] == (6.0, 8.0)
    g, s = tf.grad(f, (0, 1))(params, [2.0])
    assert s == [9.0]


def test_argnums_and_names():
    f = lambda x, y, z=1.0: x * y**2 * z
    assert tf.grad(f, 1)(2.0, 3.0) == 12.0
    assert tf.grad(f, argnum=1)(2.0, 3.0) == 12.0
    assert tf.grad(f, (1, 0))(2.0, 3.0, z=2.0) == (24.0, 18.0)
    assert tf.grad(f, -1)(2.0, 3.0) == 12.0
    assert tf.grad_named(f, "y")(2.0, 3.0) == 12.0
    assert tf.multigrad_dict(f)(2.0, 3.0) == {"x": 9.0, "y": 12.0, "z": 18.0}
    with pytest.raises(RuntimeError, match="Got argnum=2, but only 2 positional inputs"):
        tf.grad(f, 2)(2.0, 3.0)
    with pytest.raises(ValueError, match="has no argument 'q'; it has x, y, z"):
        tf.grad_named(f, "q")


def test_aux():
    f = lambda x: (np.sum(x**2), {"double": 2 * x, "note": "kept"})
    g, aux = tf.grad(f, has_aux=True)(np.array([1.0, 2.0]))
    np.testing.assert_array_equal(g, [2.0, 4.0])
    np.testing.assert_array_equal(aux["double"], [2.0, 4.0])
    assert type(aux["double"]) is np.ndarray
    assert aux["note"] == "kept"
    assert tf.grad_and_aux(f)(3.0)[0] == 6.0
    assert tf.grad_and_value(f, has_aux=True)(3.0)[1][0] == 9.0
    assert tf.value_and_grad(f, has_aux=True)(3.0)[0][0] == 9.0
    with pytest.raises(RuntimeError, match="should be a tuple"):
        tf.grad(lambda x: x, has_aux=True)(1.0)


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: tf.grad(np.sin)(1), TypeError, "cannot differentiate with respect to the int 1; pass 1.0"),
        (lambda: tf.grad(np.sin)(np.array([1, 2])), TypeError, "cannot differentiate with respect to torch.int64"),
        (lambda: tf.grad(np.sin)("x"), TypeError, "cannot differentiate with respect to str"),
        (lambda: tf.grad(np.sin)(np.ones(2)), RuntimeError, "Expected f.* to return a scalar Tensor, got tensor with 1 dims"),
        (lambda: tf.grad(lambda x: "x")(1.0), RuntimeError, "to return a Tensor, got <class 'str'>"),
        (lambda: tf.grad(lambda x: x * 1j)(1.0), TypeError, "must be real-valued"),
        (lambda: tf.grad(np.sin, (0, 0))(1.0), RuntimeError, "argnums elements must be unique"),
    ],
)
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call()


def test_a_result_that_is_no_tensor_is_a_warned_about_zero():
    with pytest.warns(UserWarning, match="returned a plain number"):
        assert tf.grad(lambda x: 3.0)(1.0) == 0.0


def test_in_place_change_of_an_argument_is_refused():
    def f(x):
        x += 1
        return np.sum(x)

    x = np.zeros(2)
    with pytest.raises(RuntimeError, match="leaf Variable that requires grad is being used in an in-place operation"):
        tf.grad(f)(x)
    assert x.tolist() == [0, 0]


def test_jacobian_and_hessian():
    f = lambda x: np.array([1.0, 2.0]) * x[0] * x
    j = tf.jacobian(f)(np.array([3.0, 4.0]))
    np.testing.assert_array_equal(j, [[6.0, 0.0], [8.0, 6.0]])
    assert tf.jacobian(lambda x: x**2)(3.0) == 6.0
    rosen = lambda x: np.sum(100.0 * (x[1:] - x[:-1] ** 2.0) ** 2.0 + (1 - x[:-1]) ** 2.0)
    x = np.array([1.3, 0.7, 0.8])
    h = tf.hessian(rosen)(x)
    v = np.array([1.0, -2.0, 0.5])
    np.testing.assert_allclose(h, h.T)
    np.testing.assert_allclose(h[0], [1200 * x[0] ** 2 - 400 * x[1] + 2, -400 * x[0], 0])
    np.testing.assert_allclose(tf.hessian_vector_product(rosen)(x, v), h @ v)
    product, gradient = tf.make_hvp(rosen)(x)
    np.testing.assert_allclose(product(v), h @ v)
    np.testing.assert_allclose(gradient, tf.grad(rosen)(x))
    np.testing.assert_allclose(tf.jacobian(tf.jacobian(rosen))(x), h)


def test_vjp_and_jvp_makers():
    f = lambda x, y: np.sin(x) * y
    back, value = tf.make_vjp(f, 1)(np.array([1.0, 2.0]), 3.0)
    np.testing.assert_allclose(value, np.sin([1.0, 2.0]) * 3)
    assert back(np.array([1.0, 1.0])) == pytest.approx(np.sin([1.0, 2.0]).sum())
    value, tangent = tf.make_jvp(f)(np.array([1.0, 2.0]), 3.0)(np.array([1.0, 10.0]))
    np.testing.assert_allclose(tangent, np.cos([1.0, 2.0]) * 3 * [1, 10])
    value, push = tf.linearize(np.sin, np.array([1.0, 2.0]))
    np.testing.assert_allclose(push(np.array([1.0, 0.0])), [np.cos(1.0), 0])
    np.testing.assert_allclose(push(np.array([0.0, 1.0])), [0, np.cos(2.0)])


def test_holomorphic_grad():
    assert tf.holomorphic_grad(lambda z: z**3)(1 + 2j) == pytest.approx(3 * (1 + 2j) ** 2)
    assert tf.holomorphic_grad(np.exp)(1j) == pytest.approx(np.exp(1j))


def test_real_function_of_a_complex_number_has_pytorchs_gradient():
    assert tf.grad(lambda z: np.sum(np.abs(z) ** 2))(np.array([1 + 2j])).tolist() == [2 + 4j]


def test_parameters_outside_keep_their_graph():
    w = tane.tensor(3.0, dtype=tane.float64, requires_grad=True)
    g = tf.grad(lambda x: w * x**2)(2.0)
    assert isinstance(g, tane.Tensor)
    g.backward()
    assert w.grad.item() == 4.0
    with tane.no_grad():
        assert type(tf.grad(lambda x: w * x**2)(2.0)) is float


# ---- Tensors ----------------------------------------------------------------------------------------------------------------------
def test_grad_of_tensors(lib, func):
    x = lib.tensor([1.0, 2.0])
    g = func.grad(lambda x: (x**3).sum())(x)
    assert g.tolist() == [3.0, 12.0]
    assert not g.requires_grad
    assert x.grad is None
    assert func.grad(func.grad(lambda x: x**3))(lib.tensor(2.0)).item() == 12.0
    g, (v, aux) = func.grad_and_value(lambda x: ((x * x).sum(), x * 2), has_aux=True)(x)
    assert (g.tolist(), v.item(), aux.tolist()) == ([2.0, 4.0], 5.0, [2.0, 4.0])
    with pytest.raises(RuntimeError, match="to return a scalar Tensor, got tensor with 1 dims"):
        func.grad(lambda x: x * 2)(x)


def test_grad_keeps_a_graph_from_outside(lib, func):
    x = lib.tensor(2.0, requires_grad=True)
    g = func.grad(lambda x: x**3)(x)
    assert g.requires_grad
    g.backward()
    assert x.grad.item() == 12.0


def test_trees_of_tensors(lib, func):
    params = {"w": lib.tensor([1.0, 2.0]), "b": lib.tensor(3.0)}
    g = func.grad(lambda p, x: (p["w"] * x).sum() * p["b"])(params, lib.tensor([1.0, 1.0]))
    assert g["w"].tolist() == [3.0, 3.0]
    assert g["b"].item() == 3.0


def test_vjp(lib, func):
    x, y = lib.tensor([1.0, 2.0]), lib.tensor([3.0, 4.0])
    output, back = func.vjp(lambda x, y: x * y, x, y)
    assert output.tolist() == [3.0, 8.0]
    a, b = back(lib.tensor([1.0, 10.0]))
    assert (a.tolist(), b.tolist()) == ([3.0, 40.0], [1.0, 20.0])
    assert back(lib.tensor([0.0, 1.0]))[0].tolist() == [0.0, 4.0]
    output, back, _aux = func.vjp(lambda x: ({"s": x.sum(), "p": x[0] * x[1]}, x), x, has_aux=True)
    assert back({"s": lib.tensor(1.0), "p": lib.tensor(2.0)})[0].tolist() == [5.0, 3.0]


def test_jvp(lib, func):
    x, y = lib.tensor([1.0, 2.0]), lib.tensor([3.0, 4.0])
    output, tangent = func.jvp(lambda x, y: (x * y, x.sum()), (x, y), (lib.ones(2), lib.zeros(2)))
    assert [t.tolist() for t in output] == [[3.0, 8.0], 3.0]
    assert [t.tolist() for t in tangent] == [[3.0, 4.0], 2.0]
    f = lambda x: func.jvp(lambda x: x**3, (x,), (lib.ones_like(x),))[1]
    assert func.jvp(f, (lib.tensor(2.0),), (lib.tensor(1.0),))[1].item() == 12.0


@pytest.mark.parametrize("name", ["jacrev", "jacfwd"])
def test_jacobians(lib, func, name):
    jac = getattr(func, name)
    x, y = lib.tensor([1.0, 2.0]), lib.tensor([3.0, 4.0, 5.0])
    f = lambda x, y: {"outer": x[:, None] * y, "sum": x.sum()}
    j = jac(f, (0, 1))(x, y)
    assert tuple(j["outer"][0].shape) == (2, 3, 2)
    assert tuple(j["outer"][1].shape) == (2, 3, 3)
    assert j["outer"][0][1, 2].tolist() == [0.0, 5.0]
    assert j["sum"][0].tolist() == [1.0, 1.0]
    assert j["sum"][1].tolist() == [0.0, 0.0, 0.0]
    j, _aux = jac(lambda x: (x**2, x), has_aux=True)(x)
    assert j.tolist() == [[2.0, 0.0], [0.0, 4.0]]
    assert jac(jac(lambda x: x**3))(x)[1, 1].tolist() == [0.0, 12.0]


def test_hessian(lib, func):
    x = lib.tensor([1.0, 2.0])
    assert func.hessian(lambda x: (x[0] ** 2 * x[1]).sum())(x).tolist() == [[4.0, 2.0], [2.0, 0.0]]


def test_vmap(lib, func):
    x, y = lib.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), lib.tensor([1.0, 10.0])
    assert func.vmap(lambda a, b: (a * b).sum(), (0, None))(x, y).tolist() == [21.0, 43.0, 65.0]
    assert func.vmap(lambda a, b: (a * b).sum(), (1, 1))(x, x).tolist() == [35.0, 56.0]
    assert func.vmap(lambda x: x * 2, out_dims=1)(x).tolist() == [[2.0, 6.0, 10.0], [4.0, 8.0, 12.0]]
    _a, b = func.vmap(lambda d: (d["x"] * 2, d["x"].sum()))({"x": x})
    assert b.tolist() == [3.0, 7.0, 11.0]
    per_sample = func.vmap(func.grad(lambda w, x: (w * x).sum() ** 2), (None, 0))(y, x)
    assert per_sample.tolist() == [[42.0, 84.0], [258.0, 344.0], [650.0, 780.0]]
    with pytest.raises(ValueError, match="Expected all tensors to have the same size in the mapped dimension"):
        func.vmap(lambda a, b: a * b)(x, y)
    with pytest.raises(RuntimeError, match="called random operation while in randomness error mode"):
        func.vmap(lambda x: lib.rand(2) + x)(x)
    same = func.vmap(lambda x: lib.rand(2), randomness="same")(x)
    assert (same[0] == same[1]).all()
    different = func.vmap(lambda x: lib.rand(2), randomness="different")(x)
    assert not (different[0] == different[1]).all()


def test_vmap_lets_gradients_through():
    x = tane.ones(3, 2, requires_grad=True)
    tf.vmap(lambda r: (r * r).sum())(x).sum().backward()
    assert x.grad.tolist() == [[2.0, 2.0]] * 3
