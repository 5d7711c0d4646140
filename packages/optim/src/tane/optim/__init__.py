"""Optimizers and learning-rate schedules, in PyTorch's spelling.

An optimizer that an installed plug-in offers is found here too: ``tane.optim.<Name>``.
"""

from __future__ import annotations

from importlib import import_module as _import_module
from typing import Any as _Any

from tane.optim import lr_scheduler as lr_scheduler
from tane.optim.adadelta import Adadelta
from tane.optim.adafactor import Adafactor
from tane.optim.adagrad import Adagrad
from tane.optim.adam import Adam
from tane.optim.adamax import Adamax
from tane.optim.adamw import AdamW
from tane.optim.asgd import ASGD
from tane.optim.lbfgs import LBFGS
from tane.optim.muon import Muon
from tane.optim.nadam import NAdam
from tane.optim.optimizer import Optimizer
from tane.optim.radam import RAdam
from tane.optim.rmsprop import RMSprop
from tane.optim.rprop import Rprop
from tane.optim.sgd import SGD

__all__ = [
    "ASGD",
    "LBFGS",
    "SGD",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Muon",
    "NAdam",
    "Optimizer",
    "RAdam",
    "RMSprop",
    "Rprop",
    "lr_scheduler",
]


def __getattr__(name: str) -> _Any:
    if name == "swa_utils":
        return _import_module("tane.optim.swa_utils")
    if not name.startswith("_"):  # dunder look-ups come from the import system, not from somebody who wants an optimizer
        from tane.plugins import UnknownPluginNameError, lookup

        try:
            return lookup("optimizers", name)
        except UnknownPluginNameError as error:
            raise AttributeError(f"module 'tane.optim' has no attribute {name!r}: {error}") from None
    raise AttributeError(f"module 'tane.optim' has no attribute {name!r}")
