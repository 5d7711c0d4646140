"""Custom autograd Functions: what forward may do, what backward gets and must give back."""

from __future__ import annotations

import gc
import importlib
import weakref

import pytest

import tane


def make(lib, forward, backward=None, **more):
    names = {"forward": staticmethod(forward), **{k: staticmethod(v) for k, v in more.items()}}
    if backward is not None:
        names["backward"] = staticmethod(backward)
    return type("Fn", (lib.autograd.Function,), names)


def ones(lib, *shape):
    return lib.ones(*shape, requires_grad=True)


def test_legendre_polynomial(lib):
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return 0.5 * (5 * x**3 - 3 * x)

    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * 1.5 * (5 * x**2 - 1)

    x = lib.tensor([0.5, -1.0], requires_grad=True)
    y = make(lib, forward, backward).apply(x)
    y.sum().backward()
    assert y.tolist() == [-0.4375, -1.0]
    assert x.grad.tolist() == [0.375, 6.0]


def test_node_shows_what_ctx_holds(lib):
    def forward(ctx, x, factor):
        assert ctx.needs_input_grad == (True, False)
        assert not lib.is_grad_enabled()
        ctx.save_for_backward(x, None)
        ctx.factor, ctx.shape, ctx.dtype = factor, "mine", "mine too"
        return x * factor

    def backward(ctx, g):
        assert not lib.is_grad_enabled()
        assert (ctx.shape, ctx.dtype) == ("mine", "mine too")
        return g * ctx.factor, None

    x = ones(lib, 3)
    y = make(lib, forward, backward).apply(x, 2.0)
    node = y.grad_fn
    assert node.name() == type(node).__name__ == "FnBackward"
    assert node.factor == 2.0
    assert node.saved_tensors[0] is x
    assert node.saved_tensors[1] is None
    assert len(node.next_functions) == 1
    assert node.next_functions[0][0].variable is x
    assert "grad_fn=<FnBackward>" in repr(y)
    y.sum().backward()
    assert x.grad.tolist() == [2, 2, 2]
    with pytest.raises(RuntimeError, match="second time"):
        node.saved_tensors


def test_without_grad_nothing_is_recorded(lib):
    fn = make(lib, lambda ctx, x: x * 2, lambda ctx, g: g * 2)
    with lib.no_grad():
        assert fn.apply(ones(lib, 2)).grad_fn is None
    assert fn.apply(lib.ones(2)).grad_fn is None


def test_keyword_arguments_and_setup_context(lib):
    seen = []

    def forward(x, k=2):
        return x * k

    def setup_context(ctx, inputs, output):
        seen.append((len(inputs), inputs[1]))
        ctx.k = inputs[1]

    fn = make(lib, forward, setup_context=setup_context, vjp=lambda ctx, g: (g * ctx.k, None))
    x = ones(lib, 2)
    (fn.apply(x) + fn.apply(x, k=5)).sum().backward()
    assert seen == [(2, 2), (2, 5)]
    assert x.grad.tolist() == [7, 7]


def test_several_outputs_and_things_that_are_no_tensors(lib):
    arrived = []

    def forward(ctx, x):
        return x * 1, 5, None, x.long(), x * 3

    def backward(ctx, *gradients):
        arrived.extend(gradients)
        return gradients[0] + 3 * gradients[4]

    x = ones(lib, 2)
    a, five, nothing, whole, b = make(lib, forward, backward).apply(x)
    assert (five, nothing) == (5, None)
    assert a.requires_grad
    assert b.requires_grad
    assert not whole.requires_grad
    assert a.grad_fn is b.grad_fn
    assert b.output_nr == 4
    (a * b).sum().backward()
    assert [None if g is None else g.tolist() for g in arrived] == [[3, 3], None, None, [0, 0], [1, 1]]
    assert x.grad.tolist() == [6, 6]


def test_unused_outputs_get_zeros_or_none(lib):
    def run(materialize):
        arrived = []

        def forward(ctx, x):
            ctx.set_materialize_grads(materialize)
            return x * 1, x * 2

        def backward(ctx, g, h):
            arrived.append(g if g is None else g.tolist())
            return h * 2

        make(lib, forward, backward).apply(ones(lib, 2))[1].sum().backward()
        return arrived

    assert run(True) == [[0, 0]]
    assert run(False) == [None]


def test_mark_non_differentiable(lib):
    def forward(ctx, x):
        a, b = x * 1, x * 2
        ctx.mark_non_differentiable(a)
        return a, b

    x = ones(lib, 2)
    a, b = make(lib, forward, lambda ctx, g, h: h * 2).apply(x)
    assert not a.requires_grad
    b.sum().backward()
    assert x.grad.tolist() == [2, 2]


def test_mark_dirty(lib):
    def forward(ctx, x):
        x.mul_(3)
        ctx.mark_dirty(x)
        return x

    fn = make(lib, forward, lambda ctx, g: g * 3)
    leaf = ones(lib, 2)
    z = leaf * 1
    assert fn.apply(z) is z
    assert z.grad_fn.name() == "FnBackward"
    z.sum().backward()
    assert leaf.grad.tolist() == [3, 3]
    with pytest.raises(RuntimeError, match="a leaf Variable that requires grad has been used in an in-place operation"):
        fn.apply(leaf)


def test_mark_dirty_on_a_view_reaches_the_base(lib):
    def forward(ctx, x):
        x.mul_(3)
        ctx.mark_dirty(x)
        return x

    leaf = ones(lib, 3)
    z = leaf * 1
    make(lib, forward, lambda ctx, g: g * 3).apply(z[:2])
    z.sum().backward()
    assert leaf.grad.tolist() == [3, 3, 1]


def test_dirty_but_not_returned(lib):
    def forward(ctx, x):
        ctx.mark_dirty(x)
        return x * 1

    with pytest.raises(RuntimeError, match="Some elements marked as dirty during the forward method were not returned as output"):
        make(lib, forward, lambda ctx, g: g).apply(ones(lib, 2) * 1)


def test_input_handed_out_is_a_view_that_cannot_be_changed_in_place(lib):
    fn = make(lib, lambda ctx, x: x, lambda ctx, g: g * 7)
    x = ones(lib, 2)
    y = fn.apply(x)
    assert y is not x
    y.sum().backward()
    assert x.grad.tolist() == [7, 7]
    with pytest.raises(
        RuntimeError, match=r"Output 0 of Fn is a view and is being modified inplace. This view was created inside a custom"
    ):
        fn.apply(x * 1).add_(1)


def test_saving_the_wrong_thing(lib):
    def forward(ctx, x):
        ctx.save_for_backward(3)

    with pytest.raises(TypeError, match="save_for_backward can only save variables, but argument 0 is of type int"):
        make(lib, forward).apply(ones(lib, 2))


def test_saved_tensor_changed_in_place(lib):
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    def backward(ctx, g):
        return g * 2 * ctx.saved_tensors[0]

    z = ones(lib, 2) * 1
    y = make(lib, forward, backward).apply(z)
    z.add_(1)
    with pytest.raises(RuntimeError, match="has been modified by an inplace operation"):
        y.sum().backward()


def test_saved_output_changed_in_place(lib):
    def forward(ctx, x):
        y = x.exp()
        ctx.save_for_backward(y)
        return y

    y = make(lib, forward, lambda ctx, g: g * ctx.saved_tensors[0]).apply(ones(lib, 2))
    y.add_(1)
    with pytest.raises(RuntimeError, match="has been modified by an inplace operation"):
        y.sum().backward()


def test_second_backward_fails_only_where_saved_tensors_are_asked_for(lib):
    x = ones(lib, 2)
    plain = make(lib, lambda ctx, x: x * 1, lambda ctx, g: g).apply(x).sum()
    plain.backward()
    plain.backward()
    assert x.grad.tolist() == [2, 2]

    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * 1

    saving = make(lib, forward, lambda ctx, g: g * ctx.saved_tensors[0]).apply(x).sum()
    saving.backward()
    with pytest.raises(RuntimeError, match="second time"):
        saving.backward()


@pytest.mark.parametrize("order", [1, 2, 3])
def test_higher_derivatives_through_a_saved_input(lib, order):
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**4

    x = lib.tensor(2.0, requires_grad=True)
    y = make(lib, forward, lambda ctx, g: g * 4 * ctx.saved_tensors[0] ** 3).apply(x)
    for _ in range(order):
        (y,) = lib.autograd.grad(y, x, create_graph=True)
    assert y.item() == {1: 32, 2: 48, 3: 48}[order]


def test_higher_derivatives_through_a_saved_output_of_several(lib):
    def forward(ctx, x):
        y, z = x.exp(), x * 2
        ctx.save_for_backward(y)
        return z, y

    x = lib.tensor(0.0, requires_grad=True)
    z, y = make(lib, forward, lambda ctx, gz, gy: 2 * gz + gy * ctx.saved_tensors[0]).apply(x)
    (first,) = lib.autograd.grad(y * z + y, x, create_graph=True)  # (2x + 1) e^x
    (second,) = lib.autograd.grad(first, x)
    assert first.item() == 3
    assert second.item() == 5


def test_once_differentiable(lib):
    once = importlib.import_module(f"{lib.__name__}.autograd.function").once_differentiable
    fn = make(lib, lambda ctx, x: x * x.detach(), once(lambda ctx, g: g * 3))
    x = ones(lib, 2)
    (g,) = lib.autograd.grad(fn.apply(x).sum(), x)
    assert g.tolist() == [3, 3]
    (g,) = lib.autograd.grad((fn.apply(x) ** 2).sum(), x, create_graph=True)
    with pytest.raises(RuntimeError, match="trying to differentiate twice a function that was marked with @once_differentiable"):
        g.sum().backward()


@pytest.mark.parametrize(
    ("forward", "backward", "arguments", "error", "text"),
    [
        (lambda ctx, a, b: a * b, lambda ctx, g: g, 2, RuntimeError, r"returned an incorrect number of gradients \(expected 2, got 1\)"),
        (lambda ctx, a, b: a * b, lambda ctx, g: (g, g, g), 2, RuntimeError, r"\(expected 2, got 3\)"),
        (
            lambda ctx, a: a * 1,
            lambda ctx, g: g[:2],
            1,
            RuntimeError,
            r"invalid gradient at index 0 - got \[2\] but expected shape compatible with \[3\]",
        ),
        (lambda ctx, a: a * 1, lambda ctx, g: 3, 1, RuntimeError, r"expected Variable or None \(got int\)"),
        (
            lambda ctx, a: a * 1,
            None,
            1,
            NotImplementedError,
            "You must implement either the backward or vjp method for your custom autograd.Function",
        ),
    ],
)
def test_what_backward_must_not_return(lib, forward, backward, arguments, error, text):
    y = make(lib, forward, backward).apply(*[ones(lib, 3)] * arguments)
    with pytest.raises(error, match=text):
        y.sum().backward()


def test_gradient_for_what_is_no_tensor(lib):
    y = make(lib, lambda ctx, a, k: a * k, lambda ctx, g: (g, g)).apply(ones(lib, 3), 2)
    with pytest.raises(RuntimeError, match="returned a gradient different than None at position 2"):
        y.sum().backward()


def test_trailing_nones_broadcast_and_type_of_a_returned_gradient(lib):
    x = ones(lib, 3)
    make(lib, lambda ctx, a: a * 1, lambda ctx, g: (g.double() + lib.zeros(4, 3), None, None)).apply(x).sum().backward()
    assert x.grad.tolist() == [4, 4, 4]
    assert x.grad.dtype == lib.float32


def test_both_backward_and_vjp(lib):
    fn = make(lib, lambda ctx, x: x * 1, lambda ctx, g: g, vjp=lambda ctx, g: g)
    with pytest.raises(RuntimeError, match="Implementing both 'backward' and 'vjp'"):
        fn.apply(ones(lib, 1)).sum().backward()


def test_no_forward(lib):
    with pytest.raises(NotImplementedError, match="You must implement the forward function"):
        type("Empty", (lib.autograd.Function,), {}).apply(ones(lib, 1))


def test_instances_are_of_the_past(lib):
    fn = make(lib, lambda ctx, x: x, lambda ctx, g: g)
    with pytest.warns(DeprecationWarning, match="should not be instantiated"):
        instance = fn()
    with pytest.raises(RuntimeError, match="Legacy autograd function with non-static forward method is deprecated"):
        instance(ones(lib, 1))


def test_a_gradient_handed_through_does_not_become_the_leafs_own():
    seed = tane.ones(3)
    x, y = ones(tane, 3), ones(tane, 3)
    kept = []

    def backward(ctx, g):
        kept.append(g)
        return g, g

    make(tane, lambda ctx, a, b: a + b, backward).apply(x, y).backward(seed)
    x.grad.add_(1)
    assert y.grad.tolist() == seed.tolist() == kept[0].tolist() == [1, 1, 1]


def test_saved_tensors_are_freed_as_backward_passes():
    def forward(ctx, x):
        y = x.exp()
        ctx.save_for_backward(y)
        return y

    x = ones(tane, 3)
    fn = make(tane, forward, lambda ctx, g: g * ctx.saved_tensors[0])
    gc.disable()
    try:
        y = fn.apply(x)
        saved = weakref.ref(y.grad_fn.saved_tensors[0].array)
        loss = y.sum()
        del y
        assert saved() is not None
        loss.backward()
        assert saved() is None
        node = weakref.ref(loss.grad_fn)
        del loss
        assert node() is None  # no cycle
    finally:
        gc.enable()
