"""The ``_foreach_*`` family against PyTorch."""

from __future__ import annotations

import numpy as np
import pytest

import tane

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.parity

words = str.split
rng = np.random.default_rng(3)
SHAPES = [(3, 4), (5,), ()]
CALLS = {
    "add": [(2.0,), ("list",), ([1.0, 2.0, 3.0],), ("tensor",)],
    "sub": [(2.0,), ("list",), ([1.0, 2.0, 3.0],)],
    "mul": [(0.5,), ("list",), ([1.0, 2.0, 3.0],), ("tensor",)],
    "div": [(0.5,), ("list",), ([1.0, 2.0, 3.0],), ("tensor",)],
    "pow": [(2.0,), ("list",), ([1.0, 2.0, 3.0],)],
    "clamp_min": [(0.5,), ("list",)],
    "clamp_max": [(0.5,), ("list",)],
    "maximum": [(0.5,), ("list",)],
    "minimum": [(0.5,), ("list",)],
    "lerp": [("list", 0.3), ("list", "list"), ("list", [0.1, 0.2, 0.9])],
    "addcmul": [("list", "list"), ("list", "list", 0.5), ("list", "list", [1.0, 2.0, 3.0])],
    "addcdiv": [("list", "list", 0.5), ("list", "list", [1.0, 2.0, 3.0])],
}
UNARY = words(
    "abs acos asin atan ceil cos cosh erf erfc exp expm1 floor frac lgamma log log10 log1p log2 neg reciprocal round rsqrt sigmoid sign sin sinh sqrt tan "
    "tanh trunc"
)
CASES = [(name, args) for name, calls in CALLS.items() for args in calls] + [(name, ()) for name in UNARY]


def tensors(module, seed):
    values = np.random.default_rng(seed)
    return [module.from_numpy(np.asarray(values.uniform(0.1, 0.9, s))) for s in SHAPES]


def arguments(module, args):
    kinds = {"list": lambda i: tensors(module, i), "tensor": lambda i: module.tensor(0.7, dtype=module.float64)}
    return [kinds[a](i + 1) if isinstance(a, str) else a for i, a in enumerate(args)]


@pytest.mark.parametrize(("name", "args"), CASES, ids=[f"{n}-{i}" for i, (n, _) in enumerate(CASES)])
def test_out_of_place_and_in_place(name, args):
    results = []
    for module in (torch, tane):
        made = getattr(module, f"_foreach_{name}")(tensors(module, 0), *arguments(module, args))
        changed = tensors(module, 0)
        returned = getattr(module, f"_foreach_{name}_")(changed, *arguments(module, args))
        assert all(a is b for a, b in zip(returned, changed, strict=True))
        results.append((made, changed))
    for theirs, ours in zip(*results, strict=True):
        for t, n in zip(theirs, ours, strict=True):
            np.testing.assert_allclose(n.numpy(), t.numpy(), rtol=1e-12, atol=1e-14)


def test_the_rest():
    for module in (torch, tane):
        xs = tensors(module, 0)
        copies = module._foreach_clone(xs) if module is tane else [x.clone() for x in xs]
        module._foreach_copy_(copies, tensors(module, 5))
        assert all(bool((a == b).all()) for a, b in zip(copies, tensors(module, 5), strict=True))
        module._foreach_zero_(xs)
        assert all(not bool(x.any()) for x in xs)
    for theirs, ours in zip(torch._foreach_norm(tensors(torch, 0), 3), tane._foreach_norm(tensors(tane, 0), 3), strict=True):
        assert ours.item() == pytest.approx(theirs.item())
    assert [x.item() for x in tane._foreach_max(tensors(tane, 0))] == [x.item() for x in torch._foreach_max(tensors(torch, 0))]
    a = tane._foreach_add(tensors(tane, 0), tensors(tane, 1), alpha=0.5)
    b = torch._foreach_add(tensors(torch, 0), tensors(torch, 1), alpha=0.5)
    assert all(np.allclose(x.numpy(), y.numpy()) for x, y in zip(a, b, strict=True))
    for x, y in zip(tane._foreach_pow(2.0, tensors(tane, 1)), torch._foreach_pow(2.0, tensors(torch, 1)), strict=True):
        np.testing.assert_allclose(x.numpy(), y.numpy())


def test_unscaling_notices_infinities():
    grads = [tane.tensor([2.0, 4.0]), tane.tensor([6.0])]
    found = tane.zeros(1)
    tane._amp_foreach_non_finite_check_and_unscale_(grads, found, tane.tensor(0.5))
    assert [g.tolist() for g in grads] == [[1.0, 2.0], [3.0]]
    assert found.item() == 0
    tane._amp_foreach_non_finite_check_and_unscale_([tane.tensor([float("inf")])], found, tane.tensor(0.5))
    assert found.item() == 1


def test_wrong_lengths():
    with pytest.raises(RuntimeError, match="same number"):
        tane._foreach_add([tane.ones(1)], [tane.ones(1), tane.ones(1)])
    with pytest.raises(TypeError, match="must be tuple of Tensors"):
        tane._foreach_mul_(tane.ones(3), 2.0)
