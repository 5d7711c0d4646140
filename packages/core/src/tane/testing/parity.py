"""A function of tane's beside PyTorch's function of the same meaning: values, types, gradients of first and second order, every device.

The functions need PyTorch when they are called; tests skip without it.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import tane
from tane.surface.conversion import host

__all__ = ["same", "same_error"]


class _Torch:
    """PyTorch, imported when it is first used."""

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib.import_module("torch"), name)


torch: Any = _Torch()


def same(
    ours: Callable[..., Any],
    theirs: Callable[..., Any],
    *inputs: Any,
    order: int = 2,
    rtol: float = 1e-9,
    atol: float = 1e-10,
    single: float = 2e-5,
    devices: Sequence[str] = ("strict",),
    fixed: Sequence[int] = (),
) -> None:
    """Assert that two functions agree on NumPy ``inputs`` (anything else is passed as it is), up to gradients of ``order``.

    Floating inputs are computed with in float64, with gradients for all but the numbers ``fixed``, and once more in float32, where values must agree
    to ``single``. On each of ``devices`` the values and first gradients must be those of the CPU. Where one side has no gradient, the other's must be
    zero.
    """
    mine, yours = _sides(inputs, np.float64, fixed)
    found, expected = _run(ours, mine, tane, order), _run(theirs, yours, torch, order)
    for what in {**found, **expected}:
        assert not what.startswith("output") or (what in found and what in expected), f"only one of the two has {what}"
        _close(what, found.get(what), expected.get(what), rtol, atol)
    mine, yours = _sides(inputs, np.float32, fixed)
    narrow, expected = _run(ours, mine, tane, 0), _run(theirs, yours, torch, 0)
    for what, b in expected.items():
        _close(f"float32 {what}", narrow.get(what), b, single, single)
    for device in devices:
        mine, _ = _sides(inputs, np.float64, fixed, device)
        for what, a in _run(ours, mine, tane, min(order, 1)).items():
            _close(f"{what} on {device}", a, found[what], 1e-12, 1e-12)


def _sides(inputs: Sequence[Any], kind: Any, fixed: Sequence[int], device: str = "cpu") -> tuple[list[Any], list[Any]]:
    mine: list[Any] = []
    yours: list[Any] = []
    for i, x in enumerate(inputs):
        if not isinstance(x, (np.ndarray, np.generic)):
            mine.append(x)
            yours.append(x)
            continue
        floating = x.dtype.kind == "f"
        a = np.asarray(x.astype(kind) if floating else x)
        t, u = tane.tensor(a, device=device), torch.tensor(a)
        if floating and i not in fixed:
            t, u = t.requires_grad_(), u.requires_grad_()
        mine.append(t)
        yours.append(u)
    return mine, yours


def _run(function: Callable[..., Any], inputs: list[Any], framework: Any, order: int) -> dict[str, Any]:
    """Everything there is to compare, by name."""
    results = function(*inputs)
    results = list(results) if isinstance(results, (tuple, list)) else [results]
    found = {f"output {i}": r for i, r in enumerate(results)}
    leaves = [x for x in inputs if getattr(x, "requires_grad", False)]
    level = [r for r in results if getattr(r, "requires_grad", False)]
    for n in range(1, order + 1):
        if not level or not leaves:
            break
        total = sum((r * _weights(r, framework, i + n)).sum() for i, r in enumerate(level))
        gradients = framework.autograd.grad(total, leaves, create_graph=n < order, allow_unused=True)
        found.update({f"gradient of order {n} for input {i}": g for i, g in enumerate(gradients)})
        level = [g for g in gradients if g is not None and g.requires_grad]
    return found


def _weights(r: Any, framework: Any, seed: int) -> Any:
    w = np.random.default_rng(seed).uniform(0.5, 1.5, tuple(r.shape))
    return framework.tensor(w, device=r.device).to(r.dtype)


def _array(x: Any) -> Any:
    return host(x.detach()) if isinstance(x, tane.Tensor) else x.numpy(force=True) if isinstance(x, torch.Tensor) else np.asarray(x)


def _close(what: str, a: Any, b: Any, rtol: float, atol: float) -> None:
    if a is None or b is None:
        assert all(x is None or not _array(x).any() for x in (a, b)), f"{what}: {a} and {b}"
        return
    a, b = _array(a), _array(b)
    assert a.dtype == b.dtype, f"{what}: {a.dtype}, PyTorch {b.dtype}"
    assert a.shape == b.shape, f"{what}: {a.shape}, PyTorch {b.shape}"
    np.testing.assert_allclose(a, b, rtol=rtol, atol=atol, err_msg=what)


def same_error(ours: Callable[[], Any], theirs: Callable[[], Any], text: str | None = None) -> None:
    """Assert that both raise, and the same class of exception; with ``text``, that both messages contain it."""
    errors = []
    for function in (theirs, ours):
        try:
            function()
        except Exception as error:
            errors.append(error)
        else:
            raise AssertionError(f"{'PyTorch' if function is theirs else 'tane'} raised nothing")
    assert type(errors[0]) is type(errors[1]), f"PyTorch: {errors[0]!r}, tane: {errors[1]!r}"
    if text is not None:
        for raised in errors:
            assert text in str(raised), f"{text!r} is not in {raised}"
