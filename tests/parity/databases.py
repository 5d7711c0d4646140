"""What the tests with PyTorch's own databases of samples share: its values as tane's, and the comparison of results.

The databases (``module_db``, ``optim_db``, ``op_db``) belong to PyTorch's test suite. They are imported where they are installed and never
copied; ``database(module, name)`` skips, and says why, where they are not.
"""

import inspect
import warnings

import numpy as np
import pytest

import tane

torch = pytest.importorskip("torch", reason="compares with PyTorch")

# Relative and absolute tolerance by element type. Sums are added up in another order, so that the last bits differ.
TOLERANCE = {
    "float64": (1e-9, 1e-10),
    "complex128": (1e-9, 1e-10),
    "float32": (2e-5, 2e-5),
    "complex64": (2e-5, 2e-5),
    "float16": (5e-3, 5e-3),
    "bfloat16": (3e-2, 3e-2),
}


def database(module, name):
    """A database of PyTorch's test suite, or a skip of the whole file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        home = f"torch.testing._internal.{module}"
        found = pytest.importorskip(home, reason=f"PyTorch's own samples, {home}, cannot be imported", exc_type=ImportError)
    return getattr(found, name)


def dtype_name(dtype):
    return str(dtype).removeprefix("torch.")


# ---- PyTorch's values as tane's -------------------------------------------------------------------------------------------------------------
def translated(value, memo=None):
    """``value`` with tane's tensors, types, functions and modules in the place of PyTorch's; a tensor that stands in two places is one tensor."""
    memo = {} if memo is None else memo
    if id(value) in memo:
        return memo[id(value)][0]
    ours = _translated(value, memo)
    if isinstance(value, (torch.Tensor, torch.nn.Module)):
        memo[id(value)] = ours, value  # the value as well, so that its id stays its own
    return ours


def _translated(value, memo):
    if isinstance(value, torch.Tensor):
        return tensor(value)
    if isinstance(value, torch.Size):
        return tane.Size(value)
    if isinstance(value, (torch.dtype, torch.memory_format)):
        return getattr(tane, str(value).removeprefix("torch."))
    if isinstance(value, torch.device):
        return tane.device(str(value))
    if isinstance(value, torch.nn.Module):
        return module(value, memo)
    if type(value) in (list, tuple):
        return type(value)(translated(v, memo) for v in value)
    if isinstance(value, dict):
        return {k: translated(v, memo) for k, v in value.items()}
    if callable(value) and str(getattr(value, "__module__", "")).startswith("torch"):
        return getattr(tane.nn.functional, value.__name__, None) or getattr(tane, value.__name__)
    return value


def tensor(value):
    array = value.detach().resolve_conj().resolve_neg()
    if value.dtype is torch.bfloat16:
        ours = tane.from_numpy(array.float().numpy().copy("K")).to(tane.bfloat16)
    else:
        ours = tane.from_numpy(array.numpy().copy("K") if value.ndim else np.array(array.numpy()))
    ours.requires_grad_(value.requires_grad)
    if isinstance(value, torch.nn.Parameter):
        ours = tane.nn.Parameter(ours, value.requires_grad)
    if value.is_leaf and value.grad is not None:
        ours.grad = tensor(value.grad)
    return ours


def module(value, memo):
    """tane's module of the same name, settings and parameters."""
    kind = getattr(tane.nn, type(value).__name__)
    if isinstance(value, torch.nn.TransformerEncoderLayer):
        attention = value.self_attn
        ours = kind(
            attention.embed_dim,
            attention.num_heads,
            value.linear1.out_features,
            value.dropout.p,
            translated(value.activation, memo),
            value.norm1.eps,
            attention.batch_first,
            value.norm_first,
            value.linear1.bias is not None,
            dtype=translated(value.linear1.weight.dtype, memo),
        )
    else:
        names = inspect.signature(type(value).__init__).parameters
        ours = kind(**{k: translated(v, memo) for k, v in vars(value).items() if k in names})
    ours.load_state_dict({k: translated(v, memo) for k, v in value.state_dict().items()})
    return ours.train(value.training)


def tensors(value):
    """All tensors in nested containers, each once."""
    found = []
    for v in value if isinstance(value, (list, tuple)) else value.values() if isinstance(value, dict) else ():
        found += [t for t in tensors(v) if not any(t is known for known in found)]
    return [value] if isinstance(value, (torch.Tensor, tane.Tensor)) else found


# ---- comparison -----------------------------------------------------------------------------------------------------------------------------
def compare(ours, theirs, where, tolerance=None, slack=0, ordered=True):
    """Assert that two results agree: structure, types, shapes and values. ``slack`` is how far whole numbers may be apart."""
    if isinstance(theirs, torch.Tensor):
        assert isinstance(ours, tane.Tensor), f"{where} is a {type(ours).__name__}"
        assert repr(ours.dtype) == repr(theirs.dtype), where
        assert tuple(ours.shape) == tuple(theirs.shape), where
        a, b = array(ours), array(theirs)
        if a.dtype.kind in "biu":
            assert np.abs(a.astype(float) - b.astype(float)).max(initial=0) <= slack, f"{where}: {a} and {b}"
        else:
            rtol, atol = tolerance or TOLERANCE[dtype_name(theirs.dtype)]
            np.testing.assert_allclose(a, b, rtol=rtol, atol=atol, err_msg=where)
    elif isinstance(theirs, dict):
        assert list(ours) == list(theirs) if ordered else set(ours) == set(theirs), f"{where}: {list(ours)} and {list(theirs)}"
        for key in theirs:
            compare(ours[key], theirs[key], f"{where}[{key!r}]", tolerance, slack, ordered)
    elif isinstance(theirs, (list, tuple)):
        assert type(ours).__name__ == type(theirs).__name__, where
        assert len(ours) == len(theirs), where
        for i, (a, b) in enumerate(zip(ours, theirs, strict=True)):
            compare(a, b, f"{where}[{i}]", tolerance, slack, ordered)
    elif isinstance(theirs, float):
        rtol, atol = tolerance or TOLERANCE["float64"]
        assert ours == pytest.approx(theirs, rel=rtol, abs=atol, nan_ok=True), where
    else:
        assert ours == theirs, where
        assert type(ours).__name__ == type(theirs).__name__, where


def array(t):
    t = t.detach()
    if isinstance(t, torch.Tensor):
        t = t.resolve_conj().resolve_neg()
    return np.asarray((t.float() if dtype_name(t.dtype) == "bfloat16" else t).numpy(force=True))


def attempt(function, *args, **kwargs):
    """What a call gives, or the exception that it raises."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return function(*args, **kwargs), None
    except Exception as error:
        return None, error


def first_gradients(outputs, inputs, seed, library, weights=None, create_graph=False):
    """Gradients of the outputs, each weighted by the same random numbers for both libraries; None where there is nothing to differentiate."""
    outputs = [y for y in outputs if y.requires_grad]
    if not outputs or not inputs:
        return None
    if library is torch:
        torch.manual_seed(seed)
        weights = [torch.randn_like(y) for y in outputs]
    else:
        weights = [tensor(w) for w in weights]
    return weights, library.autograd.grad(outputs, inputs, weights, allow_unused=True, create_graph=create_graph)


def compare_gradients(ours, theirs, inputs, seed=9, second=False, where="gradient", tolerance=(1e-7, 1e-8)):
    """Assert that outputs have the same gradients with respect to ``inputs``, pairs of tensors; with ``second`` also those of the gradients.

    PyTorch lets the gradient of a linear op depend on its input, with a derivative of zero; tane lets it depend on what it depends on.
    """
    inputs = [(a, b) for a, b in inputs if b.requires_grad]
    assert [a.requires_grad for a in ours] == [b.requires_grad for b in theirs], f"{where}: requires_grad"
    expected = first_gradients(theirs, [b for _, b in inputs], seed, torch, create_graph=second)
    if expected is None:
        return
    weights, expected = expected
    _, found = first_gradients(ours, [a for a, _ in inputs], seed, tane, weights, create_graph=second)
    for i, (a, b) in enumerate(zip(found, expected, strict=True)):
        if second or b is None:
            zero = a is None or not array(a).any()
            assert zero if b is None else (a is not None or not array(b).any()), f"{where} {i}: {a} and {b}"
        if a is not None and b is not None:
            compare(a, b, f"{where} {i}", tolerance)
        elif not second:
            assert a is b, f"{where} {i}: {a} and {b}"
    if second:
        pairs = [(a, b) for a, b in zip(found, expected, strict=True) if a is not None and b is not None and b.requires_grad]
        if pairs:
            compare_seconds(pairs, inputs, seed + 1, f"second {where}")


def compare_seconds(pairs, inputs, seed, where):
    torch.manual_seed(seed)
    weights = [torch.randn_like(b) for _, b in pairs]
    try:
        theirs = torch.autograd.grad([b for _, b in pairs], [b for _, b in inputs], weights, allow_unused=True)
    except RuntimeError as error:
        if "is not implemented" not in str(error):
            raise
        return  # of some fused kernels PyTorch has no second derivative
    live = [(a, tensor(w)) for (a, _), w in zip(pairs, weights, strict=True) if a.requires_grad]
    ours = [None] * len(inputs)
    if live:
        ours = tane.autograd.grad([a for a, _ in live], [a for a, _ in inputs], [w for _, w in live], allow_unused=True)
    for i, (a, b) in enumerate(zip(ours, theirs, strict=True)):
        if a is None or b is None:
            assert all(x is None or not array(x).any() for x in (a, b)), f"{where} {i}: {a} and {b}"
        else:
            compare(a, b, f"{where} {i}", (1e-6, 1e-7))
