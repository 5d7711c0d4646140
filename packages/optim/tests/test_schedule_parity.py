"""Every schedule against PyTorch's, epoch by epoch: rates, momenta, state dicts, and going on from one."""

from __future__ import annotations

import copy
import math
import warnings

import pytest

import tane

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.parity


def optimizer(library, kind="SGD", lr=0.5, **options):
    groups = [{"params": [library.ones(2, requires_grad=True)]}, {"params": [library.ones(2, requires_grad=True)], "lr": 0.05}]
    if kind == "SGD":
        options.setdefault("momentum", 0.9)
    return getattr(library.optim, kind)(groups, lr=lr, **options)


class Halve:
    """A factor with a state of its own."""

    def __init__(self, base):
        self.base = base

    def __call__(self, epoch):
        return self.base**epoch


CASES = {
    "StepLR": lambda s, o: s.StepLR(o, step_size=3, gamma=0.4),
    "MultiStepLR": lambda s, o: s.MultiStepLR(o, milestones=[2, 5, 5, 9], gamma=0.3),
    "ExponentialLR": lambda s, o: s.ExponentialLR(o, gamma=0.8),
    "LambdaLR": lambda s, o: s.LambdaLR(o, lr_lambda=lambda e: 0.9**e),
    "LambdaLR-each": lambda s, o: s.LambdaLR(o, lr_lambda=[lambda e: 0.9**e, Halve(0.5)]),
    "MultiplicativeLR": lambda s, o: s.MultiplicativeLR(o, lr_lambda=lambda e: 0.95),
    "ConstantLR": lambda s, o: s.ConstantLR(o, factor=0.3, total_iters=4),
    "LinearLR": lambda s, o: s.LinearLR(o, start_factor=0.2, end_factor=0.8, total_iters=6),
    "PolynomialLR": lambda s, o: s.PolynomialLR(o, total_iters=8, power=1.7),
    "CosineAnnealingLR": lambda s, o: s.CosineAnnealingLR(o, T_max=5, eta_min=0.01),
    "CosineAnnealingWarmRestarts": lambda s, o: s.CosineAnnealingWarmRestarts(o, T_0=3, T_mult=2, eta_min=0.001),
    "CyclicLR": lambda s, o: s.CyclicLR(o, base_lr=0.01, max_lr=[0.1, 0.2], step_size_up=3, step_size_down=4),
    "CyclicLR-2": lambda s, o: s.CyclicLR(o, base_lr=0.01, max_lr=0.1, step_size_up=3, mode="triangular2", cycle_momentum=False),
    "CyclicLR-exp": lambda s, o: s.CyclicLR(o, base_lr=0.01, max_lr=0.1, step_size_up=3, mode="exp_range", gamma=0.9),
    "CyclicLR-own": lambda s, o: s.CyclicLR(o, base_lr=0.01, max_lr=0.1, step_size_up=3, scale_fn=Halve(0.7), scale_mode="iterations"),
    "OneCycleLR": lambda s, o: s.OneCycleLR(o, max_lr=[0.1, 0.2], total_steps=16),
    "OneCycleLR-3": lambda s, o: s.OneCycleLR(o, max_lr=0.1, epochs=4, steps_per_epoch=4, three_phase=True, anneal_strategy="linear"),
    "SequentialLR": lambda s, o: s.SequentialLR(
        o, [s.ConstantLR(o, factor=0.1, total_iters=2), s.LinearLR(o, total_iters=3), s.ExponentialLR(o, gamma=0.9)], milestones=[2, 7]
    ),
    "SequentialLR-cosine": lambda s, o: s.SequentialLR(
        o, [s.LinearLR(o, start_factor=0.01, total_iters=4), s.CosineAnnealingLR(o, T_max=8)], milestones=[4]
    ),
    "ChainedScheduler": lambda s, o: s.ChainedScheduler([s.ConstantLR(o, factor=0.1, total_iters=2), s.ExponentialLR(o, gamma=0.9)]),
}


def run(schedule, opt, epochs):
    rates = []
    for _ in range(epochs):
        rates.append([(g["lr"], g.get("momentum"), g.get("betas")) for g in opt.param_groups] + [schedule.get_last_lr()])
        opt.step()
        schedule.step()
    return rates


def flat(rates):
    found = []
    for x in rates:
        found += flat(x) if isinstance(x, (list, tuple)) else [float("nan") if x is None else float(x)]
    return found


@pytest.mark.parametrize("kind", ["SGD", "Adam"])
@pytest.mark.parametrize("name", CASES)
def test_same_rates(name, kind):
    mine, theirs = optimizer(tane, kind), optimizer(torch, kind)
    a = run(CASES[name](tane.optim.lr_scheduler, mine), mine, 16)
    b = run(CASES[name](torch.optim.lr_scheduler, theirs), theirs, 16)
    assert flat(a) == pytest.approx(flat(b), rel=1e-13, nan_ok=True)


@pytest.mark.parametrize("name", CASES)
def test_state_dict_has_pytorchs_keys_and_goes_on(name):
    mine, theirs = optimizer(tane), optimizer(torch)
    a, b = CASES[name](tane.optim.lr_scheduler, mine), CASES[name](torch.optim.lr_scheduler, theirs)
    run(a, mine, 5)
    run(b, theirs, 5)
    held = copy.deepcopy(a.state_dict())
    assert set(held) == set(b.state_dict())
    state = copy.deepcopy(mine.state_dict())
    expected = run(a, mine, 6)
    again = optimizer(tane)
    resumed = CASES[name](tane.optim.lr_scheduler, again)
    again.load_state_dict(state)
    resumed.load_state_dict(held)
    assert run(resumed, again, 6) == expected
    assert set(held) == set(a.state_dict())  # loading leaves the dict as it was


@pytest.mark.parametrize(
    "name", ["StepLR", "MultiStepLR", "ExponentialLR", "LinearLR", "PolynomialLR", "ConstantLR", "CosineAnnealingLR", "LambdaLR"]
)
def test_going_to_an_epoch(name):
    rates = []
    for library in (tane, torch):
        opt = optimizer(library)
        schedule = CASES[name](library.optim.lr_scheduler, opt)
        opt.step()
        for epoch in (7, 3, 4):
            with pytest.warns(UserWarning, match="epoch parameter"):
                schedule.step(epoch)
            rates.append([g["lr"] for g in opt.param_groups])
    assert flat(rates[:3]) == pytest.approx(flat(rates[3:]), rel=1e-13)


def test_warm_restarts_within_an_epoch():
    rates = []
    for library in (tane, torch):
        opt = optimizer(library)
        for mult in (1, 2):
            schedule = library.optim.lr_scheduler.CosineAnnealingWarmRestarts(opt, T_0=2, T_mult=mult)
            for epoch in (0.3, 1.9, 2.0, 5.5, 13.25):
                schedule.step(epoch)
                rates.append(schedule.get_last_lr())
    assert flat(rates[:10]) == pytest.approx(flat(rates[10:]), rel=1e-13)


@pytest.mark.parametrize(
    "options",
    [
        {"patience": 1},
        {"patience": 0, "mode": "max"},
        {"patience": 1, "threshold_mode": "abs", "threshold": 0.3, "cooldown": 1},
        {"patience": 0, "min_lr": [0.01, 0.04], "factor": 0.5},
    ],
)
def test_plateau(options):
    measures = [1.0, 0.9, 0.91, 0.92, 0.93, 0.5, 0.51, 0.52, 0.53, 0.54, 0.55, 0.4, 0.4, 0.4]
    rates = []
    for library in (tane, torch):
        opt = optimizer(library)
        schedule = library.optim.lr_scheduler.ReduceLROnPlateau(opt, **options)
        for m in measures:
            schedule.step(library.tensor(m))
            rates.append([schedule.get_last_lr(), schedule.num_bad_epochs, schedule.cooldown_counter, schedule.best])
        keys = set(schedule.state_dict())
        assert keys >= {"best", "num_bad_epochs", "last_epoch", "_last_lr"}
    assert flat(rates[: len(measures)]) == pytest.approx(flat(rates[len(measures) :]))


def test_swa():
    rates = []
    for library in (tane, torch):
        swa = library.optim.swa_utils if library is tane else torch.optim.swa_utils
        for options in ({"anneal_epochs": 4}, {"anneal_epochs": 3, "anneal_strategy": "linear"}, {"anneal_epochs": 0}):
            opt = optimizer(library)
            rates.append(run(swa.SWALR(opt, swa_lr=[0.1, 0.2], **options), opt, 7))
    assert flat(rates[:3]) == pytest.approx(flat(rates[3:]), nan_ok=True)


def test_tensor_rates_change_in_place():
    rates = []
    for library in (tane, torch):
        opt = library.optim.SGD([library.ones(1, requires_grad=True)], lr=library.tensor(0.5))
        held = opt.param_groups[0]["lr"]
        schedule = library.optim.lr_scheduler.ExponentialLR(opt, gamma=0.5)
        opt.step()
        schedule.step()
        assert opt.param_groups[0]["lr"] is held
        rates.append((float(held), float(schedule.get_last_lr()[0]), float(schedule.base_lrs[0])))
    assert rates[0] == rates[1] == (0.25, 0.25, 0.5)


BAD = {
    "optimizer": lambda s, o: s.StepLR("adam", 3),
    "cyclic-optimizer": lambda s, o: s.CyclicLR(None, 0.1, 0.2),
    "resume": lambda s, o: s.StepLR(o, 3, last_epoch=4),
    "lambdas": lambda s, o: s.LambdaLR(o, [lambda e: 1.0]),
    "not-a-function": lambda s, o: s.MultiplicativeLR(o, 0.9),
    "constant": lambda s, o: s.ConstantLR(o, factor=2.0),
    "linear-start": lambda s, o: s.LinearLR(o, start_factor=0.0),
    "linear-end": lambda s, o: s.LinearLR(o, end_factor=1.5),
    "restarts-T_0": lambda s, o: s.CosineAnnealingWarmRestarts(o, T_0=0),
    "restarts-T_mult": lambda s, o: s.CosineAnnealingWarmRestarts(o, T_0=1, T_mult=0),
    "restarts-eta": lambda s, o: s.CosineAnnealingWarmRestarts(o, T_0=1, eta_min="0"),
    "plateau-factor": lambda s, o: s.ReduceLROnPlateau(o, factor=1.0),
    "plateau-mode": lambda s, o: s.ReduceLROnPlateau(o, mode="best"),
    "plateau-threshold": lambda s, o: s.ReduceLROnPlateau(o, threshold_mode="none"),
    "plateau-min": lambda s, o: s.ReduceLROnPlateau(o, min_lr=[0.1]),
    "cycle-mode": lambda s, o: s.CyclicLR(o, 0.1, 0.2, mode="square"),
    "cycle-length": lambda s, o: s.CyclicLR(o, 0.1, [0.2]),
    "one-none": lambda s, o: s.OneCycleLR(o, 0.1),
    "one-steps": lambda s, o: s.OneCycleLR(o, 0.1, total_steps=0),
    "one-epochs": lambda s, o: s.OneCycleLR(o, 0.1, epochs=0, steps_per_epoch=3),
    "one-pct": lambda s, o: s.OneCycleLR(o, 0.1, total_steps=5, pct_start=1.5),
    "one-anneal": lambda s, o: s.OneCycleLR(o, 0.1, total_steps=5, anneal_strategy="up"),
    "one-momentum": lambda s, o: s.OneCycleLR(optimizer(tane if "tane" in s.__name__ else torch, "Adagrad"), 0.1, total_steps=5),
    "sequence-empty": lambda s, o: s.SequentialLR(o, [], []),
    "sequence-count": lambda s, o: s.SequentialLR(o, [s.StepLR(o, 1)], [1]),
    "sequence-plateau": lambda s, o: s.SequentialLR(o, [s.ReduceLROnPlateau(o)], []),
    "chain-empty": lambda s, o: s.ChainedScheduler([]),
    "swa": lambda s, o: (tane if "tane" in s.__name__ else torch).optim.swa_utils.SWALR(o, 0.1, anneal_strategy="up"),
}


@pytest.mark.parametrize("name", BAD)
def test_same_error(name):
    def attempt(library):
        with pytest.raises(Exception) as caught:
            BAD[name](library.optim.lr_scheduler, optimizer(library))
        return caught.value

    mine, theirs = attempt(tane), attempt(torch)
    assert type(mine) is type(theirs)
    assert str(mine) == str(theirs)


def test_one_cycle_ends():
    for library in (tane, torch):
        opt = optimizer(library)
        schedule = library.optim.lr_scheduler.OneCycleLR(opt, 0.1, total_steps=2)
        run(schedule, opt, 2)
        with pytest.raises(ValueError, match=r"Tried to step 3 times\. The specified number of total steps is 2"):
            schedule.step()


def order(library, before):
    """The warnings of two steps of a schedule, after what ``before`` does."""
    opt = optimizer(library)
    schedule = library.optim.lr_scheduler.StepLR(opt, 1)
    before(library, opt)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        schedule.step()
        schedule.step()
    return [(w.category, str(w.message).partition(". ")[0], w.filename == __file__) for w in caught]


ORDERS = {
    "forgotten": lambda library, opt: None,
    "done": lambda library, opt: opt.step(),
    "replaced": lambda library, opt: setattr(opt, "step", lambda: None),
    "two schedules": lambda library, opt: library.optim.lr_scheduler.StepLR(opt, 1),
}


@pytest.mark.parametrize("name", ORDERS)
def test_order_warning(name):
    assert order(tane, ORDERS[name]) == order(torch, ORDERS[name])


def test_steps_before_the_schedule_do_not_count():
    for library in (tane, torch):
        opt = optimizer(library)
        opt.step()
        schedule = library.optim.lr_scheduler.StepLR(opt, 1)
        with pytest.warns(UserWarning, match="Detected call of"):
            schedule.step()


def test_get_lr_outside_step_warns():
    for library in (tane, torch):
        schedule = library.optim.lr_scheduler.StepLR(optimizer(library), 1)
        with pytest.warns(UserWarning, match="please use `get_last_lr"):
            schedule.get_lr()
    assert math.isclose(schedule.get_last_lr()[0], 0.5)
