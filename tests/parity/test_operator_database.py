"""Every op that tane has of PyTorch's operator database, on the database's samples: values, types, views, gradients, variants, errors."""

import importlib.util
import pathlib
import warnings

import pytest

torch = pytest.importorskip("torch", reason="compares with PyTorch")
pytestmark = pytest.mark.parity


def _load(name):
    spec = importlib.util.spec_from_file_location(name, pathlib.Path(__file__).parent / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


odb = _load("operator_database")
DIFFERENCES = _load("operator_differences").DIFFERENCES
OPS = {odb.full_name(op): op for op in odb.operators() if odb.function(op) is not None}
SAMPLES = 12  # of each element type, from first to last


def samples(op, kind):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = list(op.sample_inputs("cpu", kind, requires_grad=kind in odb.EXACT and op.supports_autograd))
    step = max(len(found) / SAMPLES, 1)
    return [found[int(i * step)] for i in range(min(SAMPLES, len(found)))]


def judge(name, trial, checks):
    """Fail for every difference that is not in the table, and for every one in the table that is none."""
    known = {(check, kind): reason for check, kind, reason in DIFFERENCES.get(name, ()) if checks(check)}
    wild = {check for check, kind in known if kind == "*"}
    new = [text for check, kind, text in trial.found if check not in wild and (check, kind) not in known]
    assert not new, "\n".join([f"{len(new)} differences", *new[:20]])
    met = {(check, kind) for check, kind, _ in trial.found} | {(check, "*") for check, _, _ in trial.found}
    assert not known.keys() - met, f"no difference any more: {known.keys() - met}"


@pytest.mark.parametrize("name", OPS)
def test_samples(name):
    op, trial = OPS[name], odb.Trial(OPS[name])
    torch.manual_seed(0)
    for kind in odb.DTYPES:
        if kind in op.supported_dtypes("cpu"):
            for sample in samples(op, kind):
                trial.run(sample, kind)
    judge(name, trial, lambda check: check != "errors")


@pytest.mark.parametrize("name", [name for name, op in OPS.items() if op.error_inputs_func is not None])
def test_errors(name):
    trial = odb.Trial(OPS[name])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trial.errors()
    judge(name, trial, lambda check: check == "errors")


def test_the_table_speaks_of_ops_that_are_there():
    assert not DIFFERENCES.keys() - OPS.keys()
