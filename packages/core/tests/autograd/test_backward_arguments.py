"""The arguments of ``backward`` and ``grad``, and their errors."""

from __future__ import annotations

import pytest

import tane


@pytest.fixture
def x(lib):
    return lib.tensor([1.0, 2.0], requires_grad=True)


@pytest.fixture
def u(lib):
    return lib.tensor([1.0, 2.0], requires_grad=True)


def lists(found):
    return [g if g is None else g.tolist() for g in found]


# ---- backward ---------------------------------------------------------------------------------------------------------------------
def test_gradient_argument(lib, x):
    (x * x).backward(lib.tensor([1.0, 10.0]))
    (x * x).backward(gradient=lib.ones(2, dtype=lib.float64))
    assert x.grad.tolist() == [4, 44]
    assert x.grad.dtype == lib.float32


def test_several_roots(lib, x, u):
    lib.autograd.backward([(x * u).sum(), x * 3], [None, lib.tensor([1.0, 2.0])])
    assert (x.grad.tolist(), u.grad.tolist()) == ([4, 8], [1, 2])
    y = (x * 2).sum()
    x.grad = None
    lib.autograd.backward([y, y * 2])
    assert x.grad.tolist() == [6, 6]


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda lib, x: (x * x).backward(), RuntimeError, "grad can be implicitly created only for scalar outputs"),
        (lambda lib, x: (x * x).backward(3), TypeError, None),
        (
            lambda lib, x: (x * x).backward(lib.ones(3)),
            RuntimeError,
            r"Mismatch in shape: grad_output\[0\] has a shape of torch.Size\(\[3\]\) and output\[0\] has a shape of torch.Size\(\[2\]\)",
        ),
        (
            lambda lib, x: lib.ones(2).sum().backward(),
            RuntimeError,
            "element 0 of tensors does not require grad and does not have a grad_fn",
        ),
        (lambda lib, x: lib.autograd.backward([x * x, x], [lib.ones(2)]), RuntimeError, "got 2 tensors and 1 gradients"),
        (lambda lib, x: x.sum().backward(inputs=[]), RuntimeError, r"`inputs` argument to `backward\(\)` cannot be empty"),
        (
            lambda lib, x: (x * (1 + 1j)).sum().backward(),
            RuntimeError,
            "grad can be implicitly created only for real scalar outputs but got torch.complex64",
        ),
        (lambda lib, x: lib.autograd.grad(x.sum(), []), RuntimeError, r"`inputs` argument to `grad\(\)` cannot be empty"),
        (lambda lib, x: lib.autograd.grad(x.sum(), lib.ones(2)), RuntimeError, "One of the differentiated Tensors does not require grad"),
        (
            lambda lib, x: lib.autograd.grad(x.sum(), [x, lib.ones(2, requires_grad=True)]),
            RuntimeError,
            "The differentiated Tensor at index 1 appears to not have been used in the graph. Set allow_unused=True",
        ),
        (
            lambda lib, x: lib.autograd.grad(x.sum(), x, materialize_grads=True, allow_unused=False),
            ValueError,
            "Expected allow_unused to be True or not passed when materialize_grads=True",
        ),
        (
            lambda lib, x: lib.autograd.grad(x * x, x, lib.ones(3), is_grads_batched=True),
            RuntimeError,
            "If `is_grads_batched=True`, we interpret the first dimension",
        ),
        (lambda lib, x: lib.autograd.grad(x.sum(), x, is_grads_batched=True), ValueError, None),
    ],
)
def test_errors(lib, x, call, error, text):
    with pytest.raises(error, match=text):
        call(lib, x)


def test_deprecated_arguments(lib, x):
    with pytest.warns(FutureWarning, match="`grad_variables` is deprecated"):
        lib.autograd.backward(x * x, grad_variables=lib.ones(2))
    assert x.grad.tolist() == [2, 4]
    with pytest.warns(FutureWarning, match="only_inputs argument is deprecated"):
        assert lists(lib.autograd.grad(x.sum(), x, only_inputs=False)) == [[1, 1]]


def test_backward_to_some_inputs(lib, x, u):
    y = x * u
    (y * y).sum().backward(inputs=[x, y])
    assert x.grad.tolist() == [2, 16]
    assert u.grad is None
    y2 = x * u
    (y2 * x).sum().backward(inputs=y2)
    assert x.grad.tolist() == [2, 16]


def test_accumulation_is_in_place(lib, x):
    x.sum().backward()
    g = x.grad
    x.sum().backward()
    assert x.grad is g
    assert g.tolist() == [2, 2]


def test_backward_twice(lib, x):
    y = (x * x).sum()
    y.backward()
    with pytest.raises(RuntimeError, match="Trying to backward through the graph a second time"):
        y.backward()
    y = (x * x).sum()
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad.tolist() == [6, 12]


def test_ops_that_save_nothing_run_twice(lib, x):
    y = (x + 1).sum()
    y.backward()
    y.backward()
    assert x.grad.tolist() == [2, 2]


def test_create_graph_retains(lib, x):
    y = (x**3).sum()
    (g,) = lib.autograd.grad(y, x, create_graph=True)
    y.backward()
    assert x.grad.tolist() == [3, 12]
    g.sum().backward()
    assert x.grad.tolist() == [9, 24]


# ---- grad -------------------------------------------------------------------------------------------------------------------------
def test_grad_adds_to_no_leaf(lib, x, u):
    assert lists(lib.autograd.grad((x * u).sum(), [u, x])) == [[1, 2], [1, 2]]
    assert x.grad is None
    assert lists(lib.autograd.grad(x * x, x, lib.tensor([1.0, 10.0]))) == [[2, 40]]
    assert lists(lib.autograd.grad([x * x, x.sum()], (x,), [lib.ones(2), None])) == [[3, 5]]


def test_unused(lib, x, u):
    assert lists(lib.autograd.grad(x.sum(), [x, u], allow_unused=True)) == [[1, 1], None]
    assert lists(lib.autograd.grad(x.sum(), [x, u], materialize_grads=True)) == [[1, 1], [0, 0]]


def test_grad_by_intermediates_and_by_the_output_itself(lib, x):
    y = x * 3
    z = (y * y).sum()
    assert lists(lib.autograd.grad(z, [y, x, z])) == [[6, 12], [18, 36], 1]
    assert lists(lib.autograd.grad((y * y).sum(), y)) == [[6, 12]]
    assert lists(lib.autograd.grad((y * y).sum(), y)) == [[6, 12]]  # what lies behind y was not needed, so not freed


def test_batches_of_gradients(lib, x, u):
    assert lists(lib.autograd.grad(x * x, x, lib.eye(2), is_grads_batched=True)) == [[[2, 0], [0, 4]]]
    assert lists(lib.autograd.grad(x.sum(), [x, u], lib.ones(3), is_grads_batched=True, allow_unused=True)) == [[[1, 1]] * 3, None]


def test_gradient_edges(lib, x):
    graph = lib.autograd.graph
    edge = graph.get_gradient_edge(x)
    assert isinstance(edge, graph.GradientEdge)
    assert lists(lib.autograd.grad((x * x).sum(), edge)) == [[2, 4]]
    y = x * x
    assert lists(lib.autograd.grad(graph.get_gradient_edge(y), x, lib.ones(2))) == [[2, 4]]
    assert lists(lib.autograd.grad((y * y).sum(), graph.get_gradient_edge(y))) == [[2, 8]]
    assert lists(lib.autograd.grad(graph.get_gradient_edge((x * x).sum()), x)) == [[2, 4]]
    _a, b = (x * 2).unbind(0)
    edge = graph.get_gradient_edge(b)
    assert edge.output_nr == 1
    del b
    assert lists(lib.autograd.grad(edge, x)) == [[0, 2]]
    with pytest.raises(RuntimeError, match="not possible to get the gradient edge for a Tensor that does not require gradients"):
        graph.get_gradient_edge(lib.ones(2))


def test_setting_grad(lib, x):
    with pytest.raises(TypeError, match="assigned grad expected to be a Tensor or None"):
        x.grad = 3
    with pytest.raises(RuntimeError, match=r"attempting to assign a gradient of size '\[3\]' to a tensor of size '\[2\]'"):
        x.grad = lib.ones(3)
    with pytest.raises(RuntimeError, match="attempting to assign a gradient with dtype"):
        x.grad = lib.ones(2).double()
    with pytest.raises(RuntimeError, match="can't assign Variable as its own grad"):
        x.grad = x
    x.grad = lib.ones(2)
    x.sum().backward()
    assert x.grad.tolist() == [2, 2]
    del x.grad
    assert x.grad is None


def test_graph_from_outside(lib, x, u):
    y = x * u
    assert y.grad_fn.name() == "MulBackward0"
    (a, i), (b, j) = y.grad_fn.next_functions
    assert (i, j) == (0, 0)
    assert a.variable is x
    assert b.variable is u
    assert y.sum().grad_fn.next_functions == ((y.grad_fn, 0),)
    y.grad_fn.metadata["mine"] = 1
    assert y.grad_fn.metadata == {"mine": 1}
    p, q = y.unbind(0)
    assert (p * q).grad_fn.next_functions == ((p.grad_fn, 0), (p.grad_fn, 1))
    assert isinstance(y.grad_fn, lib.autograd.graph.Node)
    assert isinstance(a, lib.autograd.graph.Node)


def test_errors_say_what_would_be_right():
    x = tane.ones(3, requires_grad=True)
    with pytest.raises(RuntimeError, match=r"of MulBackward0, has the shape \[3\]: give its gradient"):
        (x * 2).backward()
    for change, name in ((lambda: x.add_(1), "add_"), (lambda: x.__setitem__(0, 1), r"x\[index\] = value"), (lambda: x.zero_(), "zero_")):
        with pytest.raises(
            RuntimeError, match=rf"in an in-place operation\. {name} would be .* under torch\.no_grad\(\), or on a \.clone\(\)"
        ):
            change()
    assert x.tolist() == [1, 1, 1]
