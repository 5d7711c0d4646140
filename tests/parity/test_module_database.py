"""Every layer and loss on the samples of PyTorch's module database: construction, state, ``repr``, values, gradients, errors."""

import importlib.util
import inspect
import pathlib
import re
import warnings

import pytest

import tane

torch = pytest.importorskip("torch", reason="compares with PyTorch")
pytestmark = pytest.mark.parity

_spec = importlib.util.spec_from_file_location("databases", pathlib.Path(__file__).parent / "databases.py")
db = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(db)

MODULES = {info.name.removeprefix("nn."): info for info in db.database("common_modules", "module_db")}
DTYPES = (torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.complex64, torch.complex128)

MISSING = {
    "LinearCrossEntropyLoss": "a linear layer and its loss in one, for models whose scores do not fit in memory; new in PyTorch 2.13",
}

# Where a result may be further from PyTorch's than its element type allows elsewhere: name, type, tolerance, reason.
LOOSE = {
    ("CrossEntropyLoss", "float16"): (2e-2, "PyTorch adds the weighted losses up in 16 bits, tane in 32"),
}

HERE = {name: info for name, info in MODULES.items() if name not in MISSING}
CASES = [(name, dtype) for name, info in HERE.items() for dtype in info.supported_dtypes("cpu") if dtype in DTYPES]


def samples(info, dtype, training):
    torch.manual_seed(1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exact = dtype in (torch.float64, torch.complex128)
        return list(info.module_inputs_func(info, device="cpu", dtype=dtype, requires_grad=exact, training=training))


def made(library, kind, args, kwargs, dtype):
    """A module, constructed with the arguments of the sample and with ``device`` and ``dtype`` where it takes them."""
    names = inspect.signature(kind.__init__).parameters
    extra = {k: v for k, v in (("device", "cpu"), ("dtype", dtype)) if k in names}
    library.manual_seed(0)
    return kind(*args, **{**kwargs, **extra}).to(dtype)


def lazy(module):
    return any(isinstance(p, torch.nn.parameter.UninitializedTensorMixin) for p in module.parameters())


def test_what_is_not_there():
    assert {name for name in MODULES if not hasattr(tane.nn, name)} == set(MISSING)


@pytest.mark.parametrize(("name", "dtype"), CASES, ids=[f"{name}-{db.dtype_name(dtype)}" for name, dtype in CASES])
def test_module(name, dtype):
    info, kind = HERE[name], db.dtype_name(dtype)
    loose, _ = LOOSE.get((name, kind), (None, None))
    tolerance = (loose, loose) if loose else None
    for training in (True, False) if info.train_and_eval_differ else (True,):
        for number, sample in enumerate(samples(info, dtype, training)):
            where = f"sample {number} {sample.desc} {'training' if training else 'evaluation'}"
            memo = {}
            args, kwargs = sample.constructor_input.args, sample.constructor_input.kwargs
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                theirs = made(torch, info.module_cls, args, kwargs, dtype).train(training)
                ours = made(tane, getattr(tane.nn, name), *db.translated((args, kwargs), memo), db.translated(dtype)).train(training)
            assert repr(ours) == repr(theirs), where
            assert list(ours.state_dict()) == list(theirs.state_dict()), where
            if not lazy(theirs):
                db.compare(dict(ours.state_dict()), dict(theirs.state_dict()), f"{where}, state", (1e-6, 1e-7))
            if sample.forward_input is not None:
                forward(ours, theirs, sample.forward_input, memo, where, tolerance)


def forward(ours, theirs, inputs, memo, where, tolerance):
    args, kwargs = db.translated((inputs.args, inputs.kwargs), memo)
    tane.manual_seed(5)
    torch.manual_seed(5)
    (y, error), (expected, failure) = db.attempt(ours, *args, **kwargs), db.attempt(theirs, *inputs.args, **inputs.kwargs)
    assert type(error) is type(failure), f"{where}: {error!r} and {failure!r}"
    if failure is not None:
        return
    db.compare(y, expected, f"{where}, result", tolerance)
    assert repr(ours) == repr(theirs), where
    db.compare(dict(ours.state_dict()), dict(theirs.state_dict()), f"{where}, state afterwards", tolerance)
    given = db.tensors((inputs.args, inputs.kwargs))
    if any(t.dtype in (torch.float64, torch.complex128) for t in given):
        pairs = [*zip(ours.parameters(), theirs.parameters(), strict=True), *((memo[id(t)][0], t) for t in given)]
        db.compare_gradients(db.tensors([y]), db.tensors([expected]), pairs, where=f"{where}, gradient")


FAULTY = [name for name, info in HERE.items() if info.module_error_inputs_func is not None]


@pytest.mark.parametrize("name", FAULTY)
def test_errors(name):
    info = HERE[name]
    for training in (True, False):
        for number, fault in enumerate(
            info.module_error_inputs_func(info, device="cpu", dtype=torch.float32, requires_grad=False, training=training)
        ):
            sample = fault.module_error_input

            def run(kind, constructor, inputs):
                module = kind(*constructor[0], **constructor[1]).train(training)
                if fault.error_on.name != "CONSTRUCTION_ERROR":
                    module(*inputs[0], **inputs[1])

            constructor = sample.constructor_input.args, sample.constructor_input.kwargs
            inputs = (sample.forward_input.args, sample.forward_input.kwargs) if sample.forward_input else ((), {})
            _, expected = db.attempt(run, info.module_cls, constructor, inputs)
            _, error = db.attempt(run, getattr(tane.nn, name), *db.translated((constructor, inputs)))
            assert type(error) is type(expected), f"fault {number}: {error!r} and {expected!r}"
            if expected is not None and re.search(fault.error_regex, str(expected)):
                assert re.search(fault.error_regex, str(error)), f"fault {number}: {error}"
