"""Under autocast matrix products compute in half precision, what needs float32 in float32, and everything else as it is told."""

import inspect
import threading

import pytest

import tane
from tane.amp import custom_bwd, custom_fwd

a, b = tane.linspace(-1, 1, 6).reshape(2, 3), tane.linspace(0, 1, 12).reshape(3, 4)


@pytest.mark.parametrize("dtype", [tane.bfloat16, tane.float16])
def test_products_are_of_half_precision(dtype):
    with tane.autocast("cpu", dtype=dtype):
        results = [
            a @ b,
            a.matmul(b),
            tane.mm(a, b),
            tane.bmm(a[None], b[None]),
            tane.addmm(tane.zeros(4), a, b),
            tane.baddbmm(tane.zeros(1, 2, 4), a[None], b[None]),
            tane.einsum("ij,jk->ik", a, b),
            tane.linalg.multi_dot([a, b]),
            tane.tensordot(a, b, 1),
        ]
    for result in results:
        assert result.dtype is dtype
        assert tane.allclose(result.reshape(2, 4), a.to(dtype) @ b.to(dtype))


def test_other_operations_keep_the_types_of_their_operands():
    with tane.autocast("cpu"):
        assert (a + 1).dtype is a.exp().dtype is a.sum().dtype is tane.float32
        assert (a.double() @ b.double()).dtype is tane.float64
        assert tane.cat([a, a @ b], 1).dtype is tane.float32
        assert (a @ b).prod().dtype is tane.fft.rfft(a @ b).real.dtype is tane.linalg.svdvals(a @ b).dtype is tane.float32
        assert tane.mm(a, b, out=tane.empty(2, 4)).dtype is tane.float32


def test_blocks_nest_and_end():
    signature = inspect.signature(tane.matmul)
    assert not tane.is_autocast_enabled("cpu")
    assert tane.get_autocast_dtype("cpu") is tane.bfloat16
    with tane.autocast("cpu", dtype=tane.float16):
        assert tane.is_autocast_enabled("cpu")
        with tane.autocast("cpu", enabled=False):
            assert (a @ b).dtype is tane.float32
        with tane.autocast("cpu", dtype=tane.bfloat16):
            assert (a @ b).dtype is tane.bfloat16
        assert tane.get_autocast_dtype("cpu") is (a @ b).dtype is tane.float16
    assert (a @ b).dtype is tane.float32
    assert inspect.signature(tane.matmul) == signature
    with pytest.raises(RuntimeError, match="cannot be multiplied"), tane.autocast("cpu"):
        a @ a
    assert (a @ b).dtype is tane.float32


def test_a_block_is_of_its_thread():
    found = []
    with tane.autocast("cpu"):
        thread = threading.Thread(target=lambda: found.append((a @ b).dtype))
        thread.start()
        thread.join()
    assert found == [tane.float32]


def test_gradients_have_the_types_of_the_leaves():
    w = b.clone().requires_grad_()
    with tane.autocast("cpu"):
        y = a @ w
    y.float().sum().backward()
    assert y.grad_fn.name() == "MmBackward0"
    assert w.grad.dtype is tane.float32
    assert tane.allclose(w.grad, a.bfloat16().float().sum(0)[:, None].expand(3, 4), atol=1e-2)


def test_other_types_disable_themselves():
    with pytest.warns(UserWarning, match="not supported. Disabling autocast"), tane.autocast("cpu", dtype=tane.float64):
        assert (a @ b).dtype is tane.float32


@pytest.mark.parametrize(("cast_inputs", "inner"), [(None, tane.bfloat16), (tane.float32, tane.float32)])
def test_custom_functions_say_what_they_are_given(cast_inputs, inner):
    kinds = []

    class Product(tane.autograd.Function):
        @staticmethod
        @custom_fwd(device_type="cpu", cast_inputs=cast_inputs)
        def forward(ctx, x, w):
            ctx.save_for_backward(x, w)
            kinds.append((x @ w).dtype)
            return x @ w

        @staticmethod
        @custom_bwd(device_type="cpu")
        def backward(ctx, g):
            x, w = ctx.saved_tensors
            kinds.append((x @ w).dtype)
            return (g.float() @ w.float().mT).to(x.dtype), (x.float().mT @ g.float()).to(w.dtype)

    x = a.clone().requires_grad_()
    with tane.autocast("cpu"):
        y = Product.apply(x, b)
    y.float().sum().backward()
    assert kinds == [inner, inner]
    assert x.grad.dtype is tane.float32
