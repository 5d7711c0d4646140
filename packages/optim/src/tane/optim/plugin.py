"""What tane-optim offers: its optimizers and learning-rate schedules, by name."""

from __future__ import annotations

from collections.abc import Mapping

from tane.plugins import hookimpl

tane_api_version = 1

OPTIMIZERS = {
    "ASGD": "asgd",
    "Adadelta": "adadelta",
    "Adafactor": "adafactor",
    "Adagrad": "adagrad",
    "Adam": "adam",
    "AdamW": "adamw",
    "Adamax": "adamax",
    "LBFGS": "lbfgs",
    "Muon": "muon",
    "NAdam": "nadam",
    "RAdam": "radam",
    "RMSprop": "rmsprop",
    "Rprop": "rprop",
    "SGD": "sgd",
}

SCHEDULES = {
    "ChainedScheduler": "composite",
    "ConstantLR": "factors",
    "CosineAnnealingLR": "cosine",
    "CosineAnnealingWarmRestarts": "restarts",
    "CyclicLR": "cyclic",
    "ExponentialLR": "steps",
    "LambdaLR": "functions",
    "LinearLR": "factors",
    "MultiStepLR": "steps",
    "MultiplicativeLR": "functions",
    "OneCycleLR": "one_cycle",
    "PolynomialLR": "factors",
    "ReduceLROnPlateau": "plateau",
    "SequentialLR": "composite",
    "StepLR": "steps",
}


@hookimpl
def tane_optimizers() -> Mapping[str, object]:
    return {name: f"tane.optim.{module}:{name}" for name, module in OPTIMIZERS.items()}


@hookimpl
def tane_lr_schedulers() -> Mapping[str, object]:
    return {name: f"tane.optim.lr_scheduler.{module}:{name}" for name, module in SCHEDULES.items()}
