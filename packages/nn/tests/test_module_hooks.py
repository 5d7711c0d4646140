"""Hooks around calls and backward of modules: order, what they are given, and what they may change."""

from __future__ import annotations

import copy
import gc
import weakref
from typing import Any

import pytest

import tane
from tane import nn
from tane.nn.module import everywhere


class Twice(nn.Module):
    def forward(self, x: Any, *, times: float = 2.0) -> Any:
        return x * times


def x() -> Any:
    return tane.ones(2, requires_grad=True)


def test_order_and_arguments() -> None:
    module, seen = Twice(), []
    module.register_forward_pre_hook(lambda m, args: seen.append(("pre", m is module, len(args))))
    module.register_forward_pre_hook(lambda m, args, kwargs: seen.append(("pre kw", kwargs)), with_kwargs=True)
    module.register_forward_pre_hook(lambda m, args: seen.append("first"), prepend=True)
    module.register_forward_hook(lambda m, args, y: seen.append(("post", y.tolist())))
    module.register_forward_hook(lambda m, args, kwargs, y: seen.append(("post kw", kwargs)), with_kwargs=True)
    module.register_forward_hook(lambda m, args, y: seen.append("first post"), prepend=True)
    module(x(), times=3.0)
    assert seen == ["first", ("pre", True, 1), ("pre kw", {"times": 3.0}), "first post", ("post", [3.0, 3.0]), ("post kw", {"times": 3.0})]


def test_arguments_and_results_can_be_replaced() -> None:
    module = Twice()
    with module.register_forward_pre_hook(lambda m, args: args[0] + 1):
        assert module(x()).tolist() == [4, 4]
    with module.register_forward_pre_hook(lambda m, args, kwargs: (args, {"times": 5.0}), with_kwargs=True):
        assert module(x()).tolist() == [5, 5]
    with module.register_forward_hook(lambda m, args, y: y + 1):
        assert module(x()).tolist() == [3, 3]
    assert module(x()).tolist() == [2, 2]
    module.register_forward_pre_hook(lambda m, args, kwargs: args, with_kwargs=True)
    with pytest.raises(RuntimeError, match="forward pre-hook must return None or a tuple"):
        module(x())


def test_removing() -> None:
    module, seen = Twice(), []
    handle = module.register_forward_hook(lambda *_: seen.append(1), with_kwargs=True, always_call=True)
    handle.remove()
    handle.remove()
    module(x())
    assert seen == []
    assert not module._forward_hooks
    assert not module._forward_hooks_with_kwargs
    module._forward_hooks[99] = lambda *_: seen.append(2)
    module(x())
    assert seen == [2]
    module._forward_hooks.clear()
    module(x())
    assert seen == [2]


def test_always_called() -> None:
    module, seen = Twice(), []
    module.register_forward_hook(lambda m, a, y: seen.append(y), always_call=True)
    module.register_forward_hook(lambda m, a, y: seen.append("never"))
    with pytest.raises(TypeError):
        module("no tensor", times=None)
    assert seen == [None]

    def bad(*_: Any) -> None:
        raise ValueError("in the hook")

    module = Twice()
    module.register_forward_hook(bad, always_call=True)
    with pytest.warns(UserWarning, match="silenced as another error"), pytest.raises(TypeError):
        module("no tensor", times=None)
    with pytest.raises(ValueError, match="in the hook"):
        module(x())


def test_hooks_for_all_modules() -> None:
    seen: list[str] = []
    handles = [
        everywhere.register_module_forward_pre_hook(lambda m, args: seen.append("pre")),
        everywhere.register_module_forward_hook(lambda m, args, y: seen.append("post")),
        everywhere.register_module_forward_hook(lambda m, args, kwargs, y: seen.append(f"kw {kwargs}"), with_kwargs=True, always_call=True),
        everywhere.register_module_full_backward_pre_hook(lambda m, g: seen.append("backward pre")),
        everywhere.register_module_full_backward_hook(lambda m, gi, go: seen.append("backward")),
    ]
    with pytest.raises(RuntimeError, match="Cannot use both"):
        everywhere.register_module_backward_hook(lambda *_: None)
    Twice()(x()).sum().backward()
    for handle in handles:
        handle.remove()
    Twice()(x()).sum().backward()
    assert seen == ["pre", "post", "kw {}", "backward pre", "backward"]
    assert not everywhere.watching


def test_hooks_are_copied_with_the_module() -> None:
    module, seen = Twice(), []
    module.register_forward_hook(lambda *_: seen.append(1))
    copy.deepcopy(module)(x())
    assert len(seen) == 1


# ---- backward --------------------------------------------------------------------------------------------------------------------------
class Two(nn.Module):
    def forward(self, a: Any, b: Any, n: Any = None) -> Any:
        return a * b, a + 1


def test_full_backward_hooks() -> None:
    module, seen = Two(), []
    module.register_full_backward_pre_hook(lambda m, go: seen.append(("pre", [g.tolist() for g in go])))
    module.register_full_backward_hook(
        lambda m, gi, go: seen.append(([g if g is None else g.tolist() for g in gi], [g.tolist() for g in go]))
    )
    a, b = x(), tane.full((2,), 3.0)
    y, z = module(a, b, 5)
    assert y.grad_fn.name() == "BackwardHookFunctionBackward"
    (y.sum() + 2 * z.sum()).backward()
    assert seen[0] == ("pre", [[1, 1], [2, 2]])
    assert seen[1] == ([[5, 5], None, None], [[1, 1], [2, 2]])
    assert a.grad.tolist() == [5, 5]


def test_gradients_can_be_replaced() -> None:
    module = Twice()
    handle = module.register_full_backward_hook(lambda m, gi, go: (gi[0] * 10,))
    a = x()
    module(a).sum().backward()
    assert a.grad.tolist() == [20, 20]
    handle.remove()
    module.register_full_backward_pre_hook(lambda m, go: (go[0] * 100,))
    a = x()
    module(a).sum().backward()
    assert a.grad.tolist() == [200, 200]


def test_wrong_numbers_of_gradients() -> None:
    module = Twice()
    handle = module.register_full_backward_hook(lambda m, gi, go: (gi[0], gi[0]))
    with pytest.raises(RuntimeError, match="invalid number of grad_input, got 2, but expected 1"):
        module(x()).sum().backward()
    handle.remove()
    module.register_full_backward_pre_hook(lambda m, go: ())
    with pytest.raises(RuntimeError, match="invalid number of grad_output, got 0, but expected 1"):
        module(x()).sum().backward()


def test_no_input_wants_a_gradient() -> None:
    module, seen = nn.Linear(2, 1), []
    module.register_full_backward_hook(lambda m, gi, go: seen.append((gi, go[0].tolist())))
    with pytest.warns(UserWarning, match="no inputs require gradients"):
        module(tane.ones(1, 2)).sum().backward()
    assert seen == [((None,), [[1.0]])]
    assert module.weight.grad.tolist() == [[1, 1]]
    with tane.no_grad():
        module(tane.ones(1, 2))
    assert len(seen) == 1


def test_the_older_kind() -> None:
    class Product(nn.Module):
        def forward(self, a: Any, b: Any) -> Any:
            return a * b

    module, seen = Product(), []
    module.register_backward_hook(lambda m, gi, go: seen.append(([g.tolist() for g in gi], go[0].tolist())))
    with pytest.raises(RuntimeError, match="Cannot use both"):
        module.register_full_backward_hook(lambda *_: None)
    module(x() * 2, x() * 3).sum().backward()
    assert seen == [([[3, 3], [2, 2]], [1, 1])]
    module = Twice()
    module.register_backward_hook(lambda *_: None)
    with pytest.warns(FutureWarning, match="multiple autograd Nodes"):
        module(x() * 1)


def test_a_result_that_is_no_tensor() -> None:
    class Named(nn.Module):
        def forward(self, a: Any) -> Any:
            return {"y": a * 2}

    module = Named()
    module.register_full_backward_hook(lambda *_: None)
    with pytest.warns(UserWarning, match="module output should be a Tensor or a tuple"):
        module(x())


def test_hooks_hold_no_module_alive() -> None:
    module = Twice()
    module.register_forward_hook(lambda *_: None)
    gone = weakref.ref(module)
    module(x())
    del module
    gc.collect()
    assert gone() is None


@pytest.mark.parity
def test_hooks_see_what_pytorchs_see() -> None:
    torch = pytest.importorskip("torch")

    def run(nn: Any, lib: Any) -> list[Any]:
        class Net(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.inner = nn.Sequential(nn.Identity(), nn.Identity())

            def forward(self, a: Any, b: Any) -> Any:
                return self.inner(a * b) ** 2

        seen: list[Any] = []

        def note(what: str) -> Any:
            return lambda m, *rest: seen.append(
                (what, type(m).__name__, [[None if t is None else t.tolist() for t in r] for r in rest if isinstance(r, tuple)])
            )

        net = Net()
        for name, m in net.named_modules():
            m.register_forward_pre_hook(note(f"forward pre {name}"))
            m.register_forward_hook(note(f"forward {name}"))
            m.register_full_backward_pre_hook(note(f"backward pre {name}"))
            m.register_full_backward_hook(note(f"backward {name}"))
        a, b = lib.tensor([1.0, 2.0], requires_grad=True), lib.tensor([3.0, 4.0], requires_grad=True)
        net(a, b).sum().backward()
        return [*seen, a.grad.tolist(), b.grad.tolist()]

    assert run(nn, tane) == run(torch.nn, torch)
