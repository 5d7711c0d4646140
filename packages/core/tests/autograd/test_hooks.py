"""Hooks on tensors and on nodes: when they run, in what order, what they may change."""

from __future__ import annotations

import pytest

import tane


def leaf(lib, *values):
    return lib.tensor(list(values), requires_grad=True)


def test_tensor_hooks_run_in_order_and_replace(lib):
    x = leaf(lib, 1.0, 2.0)
    y = x * 2
    seen = []
    y.register_hook(lambda g: seen.append(("first", g.tolist())))
    y.register_hook(lambda g: g * 3)
    handle = y.register_hook(lambda g: g * 1000)
    y.register_hook(lambda g: seen.append(("last", g.tolist())))
    handle.remove()
    y.sum().backward()
    assert seen == [("first", [1, 1]), ("last", [3, 3])]
    assert x.grad.tolist() == [6, 6]


def test_handle_as_a_context(lib):
    x = leaf(lib, 1.0)
    with x.register_hook(lambda g: g * 5):
        (x * 1).sum().backward()
    (x * 1).sum().backward()
    assert x.grad.tolist() == [6]


def test_hook_on_a_leaf_sees_the_sum_before_it_is_accumulated(lib):
    x = leaf(lib, 1.0)
    seen = []
    x.register_hook(lambda g: seen.append((g.tolist(), None if x.grad is None else x.grad.tolist())))
    (x * 2 + x * 3).sum().backward()
    (x * 2).sum().backward()
    assert seen == [([5], None), ([2], [5])]


def test_a_kept_gradient_stays_as_it_was(lib):
    x = leaf(lib, 1.0)
    kept = []
    x.register_hook(kept.append)
    (x * 2).sum().backward()
    (x * 2).sum().backward()
    assert [g.tolist() for g in kept] == [[2], [2]]
    assert x.grad.tolist() == [4]


def test_hook_on_one_of_several_outputs(lib):
    x = leaf(lib, 1.0, 2.0)
    a, b = x.unbind(0)
    b.register_hook(lambda g: g * 10)
    (a + b).backward()
    assert x.grad.tolist() == [1, 10]


def test_hook_under_create_graph_is_differentiated(lib):
    x = leaf(lib, 3.0)
    y = x * x
    y.register_hook(lambda g: g * x)
    (g,) = lib.autograd.grad(y.sum(), x, create_graph=True)
    assert g.item() == 18.0  # 2x · x
    (gg,) = lib.autograd.grad(g.sum(), x)
    assert gg.item() == 12.0


def test_hooks_run_without_recording_in_a_plain_backward(lib):
    x = leaf(lib, 3.0)
    seen = []
    (x * 1).register_hook(seen.append)
    y = x * 1
    y.register_hook(lambda g: seen.append((lib.is_grad_enabled(), (g * x).requires_grad)))
    y.sum().backward()
    y = x * 1
    y.register_hook(lambda g: seen.append(lib.is_grad_enabled()))
    lib.autograd.grad(y.sum(), x, create_graph=True)
    assert seen == [(False, False), True]


@pytest.mark.parametrize(
    ("hook", "error", "text"),
    [
        (lambda g: 3, TypeError, "expected Variable, but hook returned 'int'"),
        (lambda g: g[:1], RuntimeError, "hook '<lambda>' has changed the size of value"),
        (lambda g: g.double(), RuntimeError, r"has changed the type of value \(was torch.FloatTensor got torch.DoubleTensor\)"),
    ],
)
def test_what_a_tensor_hook_must_not_return(lib, hook, error, text):
    y = leaf(lib, 1.0, 2.0) * 2
    y.register_hook(hook)
    with pytest.raises(error, match=text):
        y.sum().backward()


def test_hooks_need_a_gradient(lib):
    with pytest.raises(RuntimeError, match="cannot register a hook on a tensor that doesn't require gradient"):
        lib.ones(2).register_hook(print)
    with pytest.raises(RuntimeError, match="can't retain_grad on Tensor that has requires_grad=False"):
        lib.ones(2).retain_grad()
    with pytest.raises(RuntimeError, match="post accumulate grad hooks cannot be registered on non-leaf tensors"):
        (leaf(lib, 1.0) * 1).register_post_accumulate_grad_hook(print)
    with pytest.raises(RuntimeError, match="cannot register a hook on a tensor that doesn't require gradient"):
        lib.ones(2).register_post_accumulate_grad_hook(print)


# ---- retain_grad ------------------------------------------------------------------------------------------------------------------
def test_retain_grad_sees_what_all_hooks_leave(lib):
    x = leaf(lib, 1.0)
    y = x * 2
    y.retain_grad()
    y.retain_grad()
    y.register_hook(lambda g: g * 5)
    assert y.retains_grad
    y.sum().backward()
    (y * 0).sum()
    assert y.grad.tolist() == [5]
    y2 = x * 2
    y2.retain_grad()
    (y2 * y2).sum().backward()
    assert y2.grad.tolist() == [4]


def test_retain_grad_adds_up_and_follows_in_place_changes(lib):
    x = leaf(lib, 1.0)
    y = x * 2
    y.retain_grad()
    y.sum().backward(retain_graph=True)
    y.sum().backward()
    assert y.grad.tolist() == [2]
    z = x * 2
    z.retain_grad()
    z.mul_(3)
    z.sum().backward()
    assert z.grad.tolist() == [1]
    assert x.grad.tolist() == [2 + 2 + 6]


def test_grad_of_a_non_leaf_warns(lib):
    y = leaf(lib, 1.0) * 2
    with pytest.warns(UserWarning, match="The .grad attribute of a Tensor that is not a leaf Tensor is being accessed"):
        assert y.grad is None


def test_retain_grad_on_a_leaf_does_nothing(lib):
    x = leaf(lib, 1.0)
    x.retain_grad()
    assert not x.retains_grad


# ---- leaves -----------------------------------------------------------------------------------------------------------------------
def test_hooks_around_accumulation(lib):
    x = leaf(lib, 1.0)
    order = []
    x.register_hook(lambda g: order.append(("tensor", g.tolist())))
    x.register_post_accumulate_grad_hook(lambda t: order.append(("post accumulate", t.grad.tolist())))
    y = x * 2
    node = y.grad_fn.next_functions[0][0]
    node.register_prehook(lambda gs: (order.append(("pre", gs[0].tolist())), (gs[0] * 2,))[1])
    node.register_hook(lambda inputs, outputs: order.append(("post", inputs, outputs[0].tolist())))
    y.sum().backward()
    assert order == [("tensor", [2]), ("pre", [2]), ("post accumulate", [4]), ("post", (), [4])]
    order.clear()
    assert lib.autograd.grad((x * 2).sum(), x)[0].tolist() == [2]
    assert order == [("tensor", [2])]


def test_optimizer_in_backward(lib):
    x = leaf(lib, 1.0)

    def step(t):
        with lib.no_grad():
            t -= 0.5 * t.grad
        t.grad = None

    x.register_post_accumulate_grad_hook(step)
    (x * 2).sum().backward()
    assert x.tolist() == [0]
    assert x.grad is None


# ---- nodes ------------------------------------------------------------------------------------------------------------------------
def test_node_hooks(lib):
    x, w = leaf(lib, 1.0, 2.0), leaf(lib, 3.0, 4.0)
    y = x * w
    seen = []
    y.grad_fn.register_hook(lambda inputs, outputs: seen.append(([g.tolist() for g in inputs], [g.tolist() for g in outputs])))
    y.grad_fn.register_hook(lambda inputs, outputs: (inputs[0] * 2, inputs[1]))
    y.grad_fn.register_prehook(lambda outputs: (outputs[0] * 10,))
    y.sum().backward()
    assert seen == [([[30, 40], [10, 20]], [[10, 10]])]
    assert (x.grad.tolist(), w.grad.tolist()) == ([60, 80], [10, 20])


def test_node_hook_sees_only_gradients_that_are_wanted(lib):
    x, w = leaf(lib, 1.0), leaf(lib, 3.0)
    y = x * w
    seen = []
    y.grad_fn.register_hook(lambda inputs, outputs: seen.append([g if g is None else g.tolist() for g in inputs]))
    lib.autograd.grad(y.sum(), w)
    assert seen == [[None, [1]]]


def test_prehook_on_a_node_with_several_outputs():
    x = leaf(tane, 1.0, 2.0)
    a, b = x.unbind(0)
    a.grad_fn.register_prehook(lambda gs: (gs[0], gs[1] * 7))
    (a + b).backward()
    assert x.grad.tolist() == [1, 7]


@pytest.mark.parametrize(
    ("result", "error", "text"),
    [
        (3, TypeError, "expected tuple, but hook returned 'int'"),
        ((None, None), RuntimeError, r"has returned an incorrect number of values \(got 2, but expected 1\)"),
    ],
)
def test_what_a_node_hook_must_not_return(lib, result, error, text):
    y = leaf(lib, 1.0).exp()
    y.grad_fn.register_prehook(lambda outputs: result)
    with pytest.raises(error, match=text):
        y.sum().backward()
    y = leaf(lib, 1.0).exp()
    y.grad_fn.register_hook(lambda inputs, outputs: result)
    with pytest.raises(error, match=text):
        y.sum().backward()


# ---- several tensors --------------------------------------------------------------------------------------------------------------
def test_multi_grad_hook_waits_for_all(lib):
    a, b, c, d = (leaf(lib, v) for v in (1.0, 2.0, 3.0, 4.0))
    seen = []
    handle = lib.autograd.graph.register_multi_grad_hook((a, b, c), lambda gs: seen.append([g if g is None else g.tolist() for g in gs]))
    (a * b * d).sum().backward()
    (a + b + c).sum().backward()
    handle.remove()
    (a + b + c).sum().backward()
    assert seen == [[[8], [4], None], [[1], [1], [1]]]


def test_multi_grad_hook_any(lib):
    a, b = leaf(lib, 1.0), leaf(lib, 2.0)
    seen = []
    lib.autograd.graph.register_multi_grad_hook((a, b), lambda g: seen.append(g.tolist()), mode="any")
    (a * b).sum().backward()
    (a * 7).sum().backward()
    assert len(seen) == 2
    assert seen[1] == [7]
    with pytest.raises(ValueError, match="Expects mode to be one of"):
        lib.autograd.graph.register_multi_grad_hook((a, b), print, mode="some")
