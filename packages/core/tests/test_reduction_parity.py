"""Reductions, cumulative ops, statistics, norms and softmax against PyTorch: values, types, gradients of first and second order."""

from __future__ import annotations

import numpy as np
import pytest

from tane.testing.oracle import agree

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.parity

rng = np.random.default_rng(1)
CUBE = rng.uniform(-2, 2, (2, 3, 4))
VECTOR = rng.uniform(-2, 2, 5)
SCALAR = np.array(1.7)
WITH_ZEROS = np.array([[1.5, 0.0, -2.0, 3.0], [0.0, 2.0, 0.0, 1.0], [1.0, 2.0, 3.0, -0.5]])
WITH_NAN = np.where(np.abs(CUBE) < 0.4, np.nan, CUBE)
TIES = np.round(CUBE)
EMPTY = np.zeros((0, 3))
INTEGERS = rng.integers(-4, 5, (3, 4))
BOOLS = rng.uniform(size=(3, 4)) > 0.5

FORMS = {
    "sum": lambda T, x: x.sum(),
    "sum-0": lambda T, x: x.sum(0),
    "sum-keepdim": lambda T, x: T.sum(x, dim=-1, keepdim=True),
    "sum-axis": lambda T, x: x.sum(axis=-1, keepdims=True),
    "sum-dtype": lambda T, x: x.float().sum(-1, dtype=T.float64),
    "mean": lambda T, x: x.mean(),
    "mean-dim": lambda T, x: T.mean(x, -1, True),
    "nansum": lambda T, x: x.nansum(-1),
    "nanmean": lambda T, x: T.nanmean(x, 0),
    "prod": lambda T, x: x.prod(),
    "prod-dim": lambda T, x: x.prod(-1, keepdim=True),
    "max": lambda T, x: x.max(),
    "min": lambda T, x: x.min(),
    "max-dim": lambda T, x: x.max(-1),
    "min-dim": lambda T, x: T.min(x, dim=0, keepdim=True),
    "max-other": lambda T, x: T.max(x, x * 0.5),
    "min-other": lambda T, x: x.min(x * x),
    "amax": lambda T, x: x.amax(-1),
    "amin": lambda T, x: x.amin(),
    "aminmax": lambda T, x: x.aminmax(dim=-1),
    "argmax": lambda T, x: x.argmax(),
    "argmax-dim": lambda T, x: T.argmax(x, dim=-1, keepdim=True),
    "argmin": lambda T, x: x.argmin(0),
    "argmax-keepdim": lambda T, x: x.argmax(keepdim=True),
    "all": lambda T, x: (x > -1).all(-1),
    "any": lambda T, x: T.any(x > 1, dim=0, keepdim=True),
    "count_nonzero": lambda T, x: x.long().count_nonzero(-1),
    "var": lambda T, x: x.var(),
    "var-biased": lambda T, x: x.var(-1, unbiased=False),
    "var-correction": lambda T, x: T.var(x, dim=0, correction=0, keepdim=True),
    "std": lambda T, x: x.std(-1),
    "std-keepdim": lambda T, x: T.std(x, -1, True, True),
    "var_mean": lambda T, x: T.var_mean(x, -1),
    "std_mean": lambda T, x: T.std_mean(x),
    "norm": lambda T, x: x.norm(),
    "norm-1": lambda T, x: x.norm(1, -1),
    "norm-3": lambda T, x: x.norm(3, 0, True),
    "norm-1.5": lambda T, x: x.norm(1.5),
    "norm-half": lambda T, x: T.norm(x, 0.5, -1),
    "norm-inf": lambda T, x: T.norm(x, float("inf"), dim=-1),
    "norm-minus-inf": lambda T, x: T.norm(x, -float("inf")),
    "norm-0": lambda T, x: T.norm(x, 0) + x.sum(),
    "norm-fro": lambda T, x: x.norm(p="fro", dim=(-1,)),
    "logsumexp": lambda T, x: x.logsumexp(-1),
    "logsumexp-all": lambda T, x: T.logsumexp(x, tuple(range(x.dim())), keepdim=True),
    "softmax": lambda T, x: x.softmax(-1),
    "softmax-0": lambda T, x: T.softmax(x, dim=0),
    "log_softmax": lambda T, x: x.log_softmax(dim=-1),
    "log_softmax-0": lambda T, x: T.log_softmax(x, 0),
    "cumsum": lambda T, x: x.cumsum(-1),
    "cumprod": lambda T, x: T.cumprod(x, dim=0),
    "cummax": lambda T, x: x.cummax(-1),
    "cummin": lambda T, x: T.cummin(x, 0),
    "logcumsumexp": lambda T, x: x.logcumsumexp(-1),
    "median": lambda T, x: x.median(),
    "median-dim": lambda T, x: x.median(-1).values,
    "nanmedian": lambda T, x: x.nanmedian(0).values,
    "mode": lambda T, x: x.round().mode(-1),
    "quantile": lambda T, x: x.quantile(0.3),
    "quantile-dim": lambda T, x: T.quantile(x, T.tensor([0.1, 0.5, 0.9], dtype=T.float64), dim=-1, keepdim=True),
    "quantile-all-keepdim": lambda T, x: T.quantile(x, 0.4, keepdim=True),
    "quantile-higher": lambda T, x: x.quantile(0.3, 0, interpolation="higher"),
    "quantile-midpoint": lambda T, x: x.quantile(0.3, interpolation="midpoint"),
    "nanquantile": lambda T, x: x.nanquantile(0.6, -1),
}
VECTORS_ONLY = {
    "diff": lambda T, x: x.diff(),
    "diff-2": lambda T, x: T.diff(x, n=2, dim=0),
    "diff-prepend": lambda T, x: T.diff(x, prepend=x, append=x),
    "trapezoid": lambda T, x: T.trapezoid(x, dx=0.5),
    "trapezoid-x": lambda T, x: T.trapezoid(x, x * 2),
    "cumulative_trapezoid": lambda T, x: T.cumulative_trapezoid(x),
}
SEVERAL = {
    "sum": lambda T, x: x.sum((0, 2)),
    "mean": lambda T, x: x.mean(dim=(0, -1), keepdim=True),
    "amax": lambda T, x: T.amax(x, (0, 1)),
    "all": lambda T, x: (x > -1).all(dim=(0, 2)),
    "var": lambda T, x: x.var((0, 2)),
    "std": lambda T, x: x.std(dim=[1, 2], keepdim=True),
    "norm": lambda T, x: x.norm(dim=(1, 2)),
    "logsumexp": lambda T, x: x.logsumexp((0, 2), keepdim=True),
    "count_nonzero": lambda T, x: x.long().count_nonzero((0, 1)),
    "nansum": lambda T, x: x.nansum((0, 1), True),
}


@pytest.mark.filterwarnings("ignore:.*degrees of freedom:UserWarning")
@pytest.mark.parametrize("x", [CUBE, VECTOR, SCALAR], ids=["cube", "vector", "scalar"])
@pytest.mark.parametrize("name", FORMS)
def test_forms(name, x):
    # One number has no variance: NaN, whose second gradient is NaN or absent.
    agree(torch, FORMS[name], x, rtol=1e-9, atol=1e-11, order=1 if x.ndim == 0 and name.startswith(("var", "std")) else 2)


@pytest.mark.parametrize("x", [CUBE, VECTOR], ids=["cube", "vector"])
@pytest.mark.parametrize("name", VECTORS_ONLY)
def test_forms_that_need_a_dimension(name, x):
    agree(torch, VECTORS_ONLY[name], x)


@pytest.mark.parametrize("name", SEVERAL)
def test_several_dimensions(name):
    agree(torch, SEVERAL[name], CUBE)


@pytest.mark.parametrize("name", ["prod", "prod-dim", "cumprod"])
def test_products_with_zeros(name):
    agree(torch, FORMS[name], WITH_ZEROS)


@pytest.mark.parametrize(
    "name",
    [
        "max",
        "min",
        "amax",
        "amin",
        "aminmax",
        "max-dim",
        "min-dim",
        "cummax",
        "cummin",
        "norm-inf",
        "argmax",
        "argmin",
        "mode",
        "max-other",
    ],
)
def test_ties(name):
    agree(torch, FORMS[name], TIES, order=1)


@pytest.mark.parametrize(
    "name",
    [
        "max",
        "min-dim",
        "amax",
        "nansum",
        "nanmean",
        "median-dim",
        "nanmedian",
        "quantile-dim",
        "nanquantile",
        "cummax",
        "sum",
        "argmax",
        "logsumexp",
    ],
)
def test_nan(name):
    agree(torch, FORMS[name], WITH_NAN, order=0 if name == "amax" else 1)  # where PyTorch divides 0 by 0 and spreads NaN over all


@pytest.mark.filterwarnings("ignore:.*degrees of freedom:UserWarning")
@pytest.mark.parametrize(
    "name",
    [
        "sum",
        "mean",
        "prod",
        "max",
        "amax",
        "argmax",
        "var",
        "norm",
        "norm-1",
        "logsumexp",
        "all",
        "any",
        "softmax",
        "cumsum",
        "median",
        "sum-0",
        "mean-dim",
        "max-dim",
    ],
)
def test_empty(name):
    agree(torch, FORMS[name], EMPTY, order=1)


@pytest.mark.parametrize("x", [INTEGERS, INTEGERS.astype(np.uint8), BOOLS], ids=["int64", "uint8", "bool"])
@pytest.mark.parametrize("name", FORMS)
def test_whole_numbers(name, x):
    if x.dtype == bool and name in ("norm-0", "prod-dim", "median", "median-dim", "nanmedian", "mode"):
        pytest.skip("PyTorch's own answers differ between its kernels")
    agree(torch, FORMS[name], x, rtol=1e-6)


@pytest.mark.parametrize("kind", ["float16", "bfloat16", "float32"])
@pytest.mark.parametrize("name", FORMS)
def test_narrow_types(name, kind):
    def run(T, x):
        return FORMS[name](T, x.to(getattr(T, kind)))

    # One unit in the last place of the type: sums are made in another order.
    rtol = {"float16": 1e-3, "bfloat16": 8e-3, "float32": 2e-6}[kind]
    agree(torch, run, CUBE, order=0, rtol=rtol, atol=rtol)


def test_softmax_of_large_and_infinite():
    x = np.array([[1e4, 1e4 - 1, -1e4], [-np.inf, 0.0, 1.0], [np.inf, 0.0, 1.0], [-np.inf, -np.inf, -np.inf]])
    for name in ("softmax", "log_softmax", "logsumexp", "logcumsumexp"):
        agree(torch, FORMS[name], x, order=0)


def test_errors():
    cases = [
        lambda T, x: x.sum(3),
        lambda T, x: x.sum((0, 0)),
        lambda T, x: x.max(5),
        lambda T, x: T.max(x, 1.5),
        lambda T, x: x.softmax(3),
        lambda T, x: x.long().mean(),
        lambda T, x: x.long().softmax(0),
        lambda T, x: x.long().var(),
        lambda T, x: x.long().norm(),
        lambda T, x: x.quantile(1.5),
        lambda T, x: x.half().quantile(0.5),
        lambda T, x: x.cumsum(4),
        lambda T, x: (x > 0).argmax(),
        lambda T, x: x.diff(n=-1),
        lambda T, x: x.clamp(),
        lambda T, x: x.norm("strange"),
    ]
    for case in cases:
        agree(torch, case, CUBE, order=0)


def test_named_results_print_as_in_pytorch():
    import tane

    for function in (lambda T, x: x.max(1), lambda T, x: T.cummin(x, 0), lambda T, x: x.aminmax(), lambda T, x: x.median(0, keepdim=True)):
        agree(torch, lambda T, x, f=function: repr(f(T, x)), np.round(CUBE[0]), order=0)
    assert tane.return_types.max is type(tane.ones(2).max(0))
