"""Every optimizer on the configurations of PyTorch's optimizer database: paths, state, groups, closures, ``repr``, errors, schedules."""

import importlib.util
import pathlib
import re
import types
import warnings

import numpy as np
import pytest

import tane

torch = pytest.importorskip("torch", reason="compares with PyTorch")
pytestmark = pytest.mark.parity

_spec = importlib.util.spec_from_file_location("databases", pathlib.Path(__file__).parent / "databases.py")
db = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(db)

OPTIMIZERS = {info.name: info for info in db.database("common_optimizers", "optim_db")}
configurations = db.database("common_optimizers", "_get_optim_inputs_including_global_cliquey_kwargs")
STEPS = 7

MISSING = {"SparseAdam": "for sparse gradients, which do not exist here"}

# Steps in place, outside the graph, cannot be differentiated: refused in so many words.
REFUSED = {"differentiable": NotImplementedError}

# Relative and absolute tolerance, where it is not that of float64 and float32 below, and why.
LOOSE = {
    "ASGD": (2e-6, 1e-6),  # PyTorch keeps eta and mu in float32 whatever the parameter's type
    "NAdam": (2e-6, 1e-6),  # and so with mu_product
    "Muon": (1e-4, 2e-4),  # iterates in bfloat16, whose last bit is 1 / 256
}

HERE = {name: info for name, info in OPTIMIZERS.items() if name not in MISSING}
CASES = [
    (name, dtype, grouping)
    for name, info in HERE.items()
    for dtype in (torch.float64, torch.float32, *([torch.complex128] if info.supports_complex else []))
    for grouping in ("list", "named", *(["groups"] if info.supports_param_groups else []))
]


def start(name, dtype):
    """Parameters of several shapes; Muon's are matrices."""
    rng = np.random.default_rng(0)
    return [
        torch.tensor(rng.standard_normal(s), dtype=dtype, requires_grad=True) for s in ((3, 4), (2, 3) if name == "Muon" else (4,), (2, 2))
    ]


def grouped(params, grouping, options):
    if grouping == "named":
        return [(f"weight{i}", p) for i, p in enumerate(params)]
    if grouping == "groups":
        lr = options.get("lr", 0.02)
        return [{"params": params[:1]}, {"params": params[1:], "lr": lr if hasattr(lr, "numel") else lr / 2, "weight_decay": 0.1}]
    return params


def closure(params, optimizer):
    """Clears the gradients, and computes a loss and its gradients."""

    def evaluate():
        optimizer.zero_grad()
        errors = [p * (i + 1.5) - 0.3 for i, p in enumerate(params)]
        loss = sum(
            (e * e.conj()).real.sum() if e.is_complex() else (e**2).sum() + p.sin().sum() for e, p in zip(errors, params, strict=True)
        )
        loss.backward()
        return loss

    return evaluate


def advance(params, optimizer, number, always_closure):
    """A step: with a closure, with gradients that are there, or with one of them missing."""
    evaluate = closure(params, optimizer)
    if always_closure or number % 2:
        return optimizer.step(evaluate)
    evaluate()
    if number == 4:
        params[1].grad = None
    return optimizer.step()


def test_what_is_not_there():
    assert {name for name in OPTIMIZERS if not hasattr(tane.optim, name)} == set(MISSING)


@pytest.mark.parametrize(("name", "dtype", "grouping"), CASES, ids=[f"{n}-{db.dtype_name(d)}-{g}" for n, d, g in CASES])
def test_path(name, dtype, grouping):
    info = HERE[name]
    rtol, atol = (1e-5, 1e-6) if dtype is torch.float32 else (1e-9, 1e-10)
    if name in LOOSE:
        rtol, atol = max(rtol, LOOSE[name][0]), max(atol, LOOSE[name][1])
    for given in configurations("cpu", dtype, info):
        where, options = f"{given.desc} {given.kwargs}", given.kwargs
        theirs = start(name, dtype)
        ours = db.translated(theirs)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            reference = info.optim_cls(grouped(theirs, grouping, options), **options)
            make = getattr(tane.optim, name)
            refusals = [REFUSED[k] for k in REFUSED if options.get(k)]
            if refusals:
                with pytest.raises(refusals[0], match="differentiable=True"):
                    make(grouped(ours, grouping, options), **db.translated(options))
                continue
            optimizer = make(grouped(ours, grouping, db.translated(options)), **db.translated(options))
        assert repr(optimizer) == repr(reference), where
        for number in range(STEPS):
            arguments = (number, info.step_requires_closure)
            loss, error = db.attempt(advance, ours, optimizer, *arguments)
            expected, failure = db.attempt(advance, theirs, reference, *arguments)
            assert type(error) is type(failure), f"{where}: {error!r} and {failure!r}"
            if failure is not None:
                break
            # In float32 the last bit decides when L-BFGS is done, and its line search amplifies that bit.
            hasty = name == "LBFGS" and dtype is torch.float32
            tolerance = (1e-3, 1e-4) if hasty else (rtol, atol)
            db.compare(loss, expected, f"{where}, step {number}, loss", tolerance)
            db.compare(ours, theirs, f"{where}, step {number}, parameters", tolerance)
            held, wanted = optimizer.state_dict(), reference.state_dict()
            if hasty:
                assert held["state"][0].keys() == wanted["state"][0].keys(), where
                held["state"] = wanted["state"] = {}
            # L-BFGS's state is one dict for all, whose entries appear as they are first needed.
            ordered = name != "LBFGS"
            db.compare(held, wanted, f"{where}, step {number}, state", (max(rtol, 0 if ordered else 1e-5), 10 * atol), ordered=ordered)
        if name != "LBFGS" or dtype is not torch.float32:
            going_on(name, info, options, grouping, theirs, reference, where, 10 * rtol, 10 * atol)


def going_on(name, info, options, grouping, theirs, reference, where, rtol, atol):
    """A new optimizer of tane's takes PyTorch's state over, and goes on as PyTorch's does."""
    ours = db.translated([p.detach().clone().requires_grad_() for p in theirs])
    make = getattr(tane.optim, name)
    optimizer = make(grouped(ours, grouping, db.translated(options)), **db.translated(options))
    optimizer.load_state_dict(db.translated(reference.state_dict()))
    (_, error), (_, failure) = (
        db.attempt(advance, params, o, 1, info.step_requires_closure) for params, o in ((ours, optimizer), (theirs, reference))
    )
    assert type(error) is type(failure), f"{where}: {error!r} and {failure!r}"
    db.compare(ours, theirs, f"{where}, after loading", (rtol, atol))


FAULTS = [(name, i) for name, info in HERE.items() for i, _ in enumerate(info.optim_error_inputs_func("cpu", torch.float32))]


@pytest.mark.parametrize(("name", "number"), FAULTS, ids=[f"{name}-{i}" for name, i in FAULTS])
def test_errors(name, number):
    info = HERE[name]
    fault = info.optim_error_inputs_func("cpu", torch.float32)[number]
    given = fault.optimizer_error_input

    def run(library, kind, params, options):
        params = [library.ones(2, 3, requires_grad=True)] if params is None else params
        with warnings.catch_warnings():
            warnings.simplefilter("error" if fault.error_type is UserWarning else "ignore")
            optimizer = kind(params, **options)
        if fault.error_on.name == "STEP_ERROR":
            optimizer.step()

    errors = []
    for library, kind, arguments in (
        (torch, info.optim_cls, (given.params, given.kwargs)),
        (tane, getattr(tane.optim, name), db.translated((given.params, given.kwargs))),
    ):
        with pytest.raises(fault.error_type) as caught:
            run(library, kind, *arguments)
        errors.append(caught.value)
    assert type(errors[0]) is type(errors[1]), errors
    assert re.search(fault.error_regex, str(errors[1])), errors


# ---- schedules ------------------------------------------------------------------------------------------------------------------------------
SCHEDULES = [(name, i) for name, info in HERE.items() for i, _ in enumerate(info.scheduler_inputs)]


def of_tane(make):
    """The database's ``lambda optimizer: Schedule(optimizer, …)`` with tane's schedules for PyTorch's."""
    names = {n: getattr(tane.optim.lr_scheduler, n) for n in make.__code__.co_names if hasattr(torch.optim.lr_scheduler, n)}
    return types.FunctionType(make.__code__, names)


@pytest.mark.parametrize(("name", "number"), SCHEDULES, ids=[f"{name}-{i}" for name, i in SCHEDULES])
def test_schedules(name, number):
    info = HERE[name]
    theirs = start(name, torch.float64)
    ours = db.translated(theirs)
    optimizer, reference = getattr(tane.optim, name)(ours, lr=0.01), info.optim_cls(theirs, lr=0.01)
    makers = info.scheduler_inputs[number]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mine, yours = [of_tane(make)(optimizer) for make in makers], [make(reference) for make in makers]
        for step in range(25):
            where = f"step {step}"
            evaluate, expected = closure(ours, optimizer), closure(theirs, reference)
            loss, value = optimizer.step(evaluate), reference.step(expected)
            for a, b in zip(mine, yours, strict=True):
                plateau = isinstance(b, torch.optim.lr_scheduler.ReduceLROnPlateau)
                a.step(*[loss.detach()] * plateau)
                b.step(*[value.detach()] * plateau)
                assert a.get_last_lr() == pytest.approx(b.get_last_lr(), rel=1e-12), where
                held, wanted = a.state_dict(), b.state_dict()
                assert set(held) == set(wanted), where
                for key, entry in wanted.items():
                    if isinstance(entry, (int, float, list)):
                        assert held[key] == pytest.approx(entry, rel=1e-6), f"{where}: {key}"
            assert optimizer.param_groups[0]["lr"] == pytest.approx(reference.param_groups[0]["lr"], rel=1e-12), where
        tolerance = LOOSE.get(name, (1e-8, 1e-9))
        db.compare(ours, theirs, "parameters", tolerance)
