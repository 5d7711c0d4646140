"""``agree``: one function run in tane and in PyTorch, results and gradients compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import tane

__all__ = ["agree"]


def agree(
    reference: Any,
    function: Callable[..., Any],
    *arrays: Any,
    order: int = 2,
    rtol: float = 1e-10,
    atol: float = 1e-12,
) -> None:
    """Assert that ``function(module, *tensors)`` gives in tane what it gives in ``reference``, the imported torch.

    Arrays become tensors; those of floats and complex numbers are differentiated ``order`` times. Values, element types, shapes and gradients are
    compared, and exceptions: both raise the same class or none.
    """
    theirs: Any
    ours: Any
    theirs, ours = (_run(module, function, arrays, order) for module in (reference, tane))
    if isinstance(theirs, Exception) or isinstance(ours, Exception):
        if not (isinstance(ours, Exception) and isinstance(theirs, Exception)):
            raise AssertionError(f"PyTorch: {theirs!r}, tane: {ours!r}") from (ours if isinstance(ours, Exception) else None)
        assert isinstance(ours, type(theirs)), f"PyTorch raises {theirs!r}, tane {ours!r}"
        return
    # A gradient that is the same everywhere may or may not count as requiring one; both mean 0.
    for number in range(max(len(theirs), len(ours))):
        name, expected = theirs[number] if number < len(theirs) else (ours[number][0], None)
        _, actual = ours[number] if number < len(ours) else (name, None)
        if "gradient" in name and (actual is None) != (expected is None):
            pair: Any = expected if actual is None else actual
            _, array = pair
            assert not array.any(), f"{name}: one is 0 and the other {array}"
            continue
        _compare(name, actual, expected, rtol, atol)


def _compare(name: str, actual: Any, expected: Any, rtol: float, atol: float) -> None:
    if actual is None or expected is None or isinstance(expected, (bool, int, float, str)):
        assert actual == expected, f"{name}: {actual!r} instead of {expected!r}"
        return
    (kind, a), (wanted, e) = actual, expected
    assert kind == wanted, f"{name}: {kind} instead of {wanted}"
    assert a.shape == e.shape, f"{name}: shape {a.shape} instead of {e.shape}"
    np.testing.assert_allclose(a, e, rtol=rtol, atol=atol, err_msg=name)


def _run(module: Any, function: Callable[..., Any], arrays: Any, order: int) -> Any:
    tensors = [_tensor(module, a) if isinstance(a, np.ndarray) else a for a in arrays]
    leaves = [t for t in tensors if isinstance(t, module.Tensor) and (t.is_floating_point() or t.is_complex())]
    if order:
        for t in leaves:
            t.requires_grad_()
    try:
        results = list(_tensors(function(module, *tensors), module))
        found = [(f"result {i}", _plain(r)) for i, r in enumerate(results)]
        for number in range(1, order + 1):
            results = [r for r in results if isinstance(r, module.Tensor) and r.requires_grad]
            if not results:
                break
            total = sum(_weighted(module, r, i) for i, r in enumerate(results))
            results = module.autograd.grad(total, leaves, create_graph=number < order, allow_unused=True)
            found += [(f"gradient {i} of order {number}", None if r is None else _plain(r)) for i, r in enumerate(results)]
    except Exception as error:
        return error
    return found


def _tensor(module: Any, array: Any) -> Any:
    return module.from_numpy(array.copy()) if array.flags.c_contiguous else module.from_numpy(array.base.copy()).transpose(0, 1)


def _tensors(result: Any, module: Any) -> Iterator[Any]:
    if isinstance(result, (tuple, list)):
        for r in result:
            yield from _tensors(r, module)
    else:
        yield result


def _weighted(module: Any, result: Any, number: int) -> Any:
    """A real number made of all elements, each with a weight of its own."""
    count = int(np.prod(tuple(result.shape)))
    weights = np.cos(np.arange(count) + number).reshape(tuple(result.shape))
    if result.is_complex():
        return _weighted(module, module.view_as_real(result), number)
    return (result * module.from_numpy(weights).to(result.dtype)).sum()


def _plain(result: Any) -> Any:
    if not hasattr(result, "detach"):
        return result
    kind = str(result.dtype)
    plain = result.detach()
    if kind == "torch.bfloat16":
        plain = plain.float()
    return kind, np.asarray(plain.resolve_conj().resolve_neg().numpy(force=True))
