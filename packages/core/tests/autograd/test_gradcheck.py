"""gradcheck finds what is wrong with a gradient, and says where."""

from __future__ import annotations

import pytest

import tane


def double(lib, *values):
    return lib.tensor(list(values), dtype=lib.float64, requires_grad=True)


def function(lib, forward, backward):
    return type("Fn", (lib.autograd.Function,), {"forward": staticmethod(forward), "backward": staticmethod(backward)})


def squared(lib, factor):
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    return function(lib, forward, lambda ctx, g: g * factor * ctx.saved_tensors[0])


@pytest.mark.parametrize("fast", [False, True])
def test_right_and_wrong_gradients(lib, fast):
    check = lib.autograd.gradcheck
    x = double(lib, 1.0, -2.0)
    assert check(squared(lib, 2).apply, x, fast_mode=fast)
    with pytest.raises(RuntimeError, match="Jacobian mismatch for output 0 with respect to input 0,\nnumerical:") as error:
        check(squared(lib, 2.02).apply, (x,), fast_mode=fast)
    assert type(error.value).__name__ == "GradcheckError"
    assert check(squared(lib, 2.02).apply, (x,), fast_mode=fast, raise_exception=False) is False
    assert check(squared(lib, 2.02).apply, (x,), fast_mode=fast, rtol=0.1)


def test_the_message_names_output_and_input(lib):
    x, y = double(lib, 1.0), double(lib, 3.0)
    with pytest.raises(RuntimeError, match="Jacobian mismatch for output 1 with respect to input 1,"):
        lib.autograd.gradcheck(lambda x, k, y: (x * y, squared(lib, 3).apply(y)), (x, 5, y))


def test_numbers_of_the_message():
    with pytest.raises(
        RuntimeError, match=r"numerical:tensor\(\[\[2.0000\]\], dtype=torch.float64\)\nanalytical:tensor\(\[\[3.\]\], dtype=torch.float64\)"
    ):
        tane.autograd.gradcheck(squared(tane, 3).apply, double(tane, 1.0))


def test_complex_inputs_and_outputs(lib):
    z = lib.tensor([1 + 2j, -0.5j], dtype=lib.complex128, requires_grad=True)
    check = lib.autograd.gradcheck
    assert check(lambda z: z * z, z)
    assert check(lambda z: z.conj() * z, z)
    assert check(lambda z: z.abs(), z)
    assert check(lambda z: z * z, z, fast_mode=True)
    with pytest.raises(RuntimeError, match="While considering the imaginary part of complex outputs only, Jacobian mismatch for output 0"):
        check(squared(lib, 2).apply, z)  # without conj


def test_backward_must_use_its_gradient(lib):
    fn = function(lib, lambda ctx, x: x * 1, lambda ctx, g: lib.ones_like(g))
    with pytest.raises(RuntimeError, match="backward not multiplied by grad_output"):
        lib.autograd.gradcheck(fn.apply, double(lib, 1.0))


def test_backward_must_give_the_same_twice(lib):
    runs = []

    def backward(ctx, g):
        runs.append(None)
        return g * (1 + 1e-9 * len(runs))

    fn = function(lib, lambda ctx, x: x * 1, backward)
    with pytest.raises(RuntimeError, match="Backward is not reentrant"):
        lib.autograd.gradcheck(fn.apply, double(lib, 1.0))
    assert lib.autograd.gradcheck(fn.apply, double(lib, 1.0), nondet_tol=1e-6)


def test_a_cut_graph_is_noticed(lib):
    with pytest.raises(RuntimeError, match="Numerical gradient for function expected to be zero"):
        lib.autograd.gradcheck(lambda x: x.detach() * 2, double(lib, 1.0))
    assert lib.autograd.gradcheck(lambda x: (x * 1).long(), double(lib, 1.0))


def test_inputs(lib):
    with pytest.raises(ValueError, match="gradcheck expects at least one input tensor to require gradient"):
        lib.autograd.gradcheck(lambda x: x * 2, lib.ones(2))
    with pytest.warns(UserWarning, match="Input #0 requires gradient and is not a double precision"):
        lib.autograd.gradcheck(lambda x: x * 2, lib.ones(2, requires_grad=True), eps=1e-2)
    with pytest.raises(RuntimeError, match="The 0th input has a dimension with stride 0"):
        lib.autograd.gradcheck(lambda x: x * 2, double(lib, 1.0).detach().expand(3).requires_grad_())
    x = double(lib, 1.0, 2.0)
    lib.autograd.gradcheck(lambda x: x * x, x)
    assert x.tolist() == [1, 2]  # moved back


@pytest.mark.filterwarnings("ignore:.torch.jit:DeprecationWarning")
def test_forward_and_batched_checks(lib):
    x, y = double(lib, 1.0, -2.0), double(lib, 0.5, 3.0)
    check = lib.autograd.gradcheck
    f = lambda x, y: (x * y, (x * x).sum())
    assert check(f, (x, y), check_forward_ad=True, check_batched_grad=True)
    assert check(f, (x, y), check_forward_ad=True, check_backward_ad=False)
    assert check(f, (x, y), check_grad_dtypes=True, check_undefined_grad=True)
    with pytest.raises(AssertionError, match="Expected at least one of check_forward_ad or check_backward_ad"):
        check(f, (x, y), check_backward_ad=False)
    with pytest.raises(AssertionError, match="Setting check_batched_forward_grad=True requires check_forward_ad"):
        check(f, (x, y), check_batched_forward_grad=True)


def test_gradgradcheck(lib):
    x = double(lib, 1.0, -2.0)
    check = lib.autograd.gradgradcheck
    assert check(lambda x: x**3, x)
    assert check(lambda x: x * 2, x)
    assert check(lambda x: x**3, x, double(lib, 1.0, 2.0))
    assert check(lambda x: (x**3, x.sum()), x, gen_non_contig_grad_outputs=True)

    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**3

    cut = function(lib, forward, lambda ctx, g: g * 3 * (ctx.saved_tensors[0] ** 2).detach())
    assert lib.autograd.gradcheck(cut.apply, x)
    with pytest.raises(RuntimeError, match="Jacobian mismatch for output 0 with respect to input 0"):
        check(cut.apply, x)


def test_masked_is_for_sparse_tensors():
    with pytest.raises(ValueError, match="masked=True is for sparse tensors"):
        tane.autograd.gradcheck(lambda x: x, double(tane, 1.0), masked=True)
