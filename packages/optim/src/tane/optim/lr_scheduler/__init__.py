"""Schedules of the learning rate, in PyTorch's spelling.

A schedule that an installed plug-in offers is found here too: ``tane.optim.lr_scheduler.<Name>``.
"""

from __future__ import annotations

from typing import Any as _Any

from tane.optim.lr_scheduler.base import LRScheduler
from tane.optim.lr_scheduler.base import _LRScheduler as _LRScheduler
from tane.optim.lr_scheduler.composite import ChainedScheduler, SequentialLR
from tane.optim.lr_scheduler.cosine import CosineAnnealingLR
from tane.optim.lr_scheduler.cyclic import CyclicLR
from tane.optim.lr_scheduler.factors import ConstantLR, LinearLR, PolynomialLR
from tane.optim.lr_scheduler.functions import LambdaLR, MultiplicativeLR
from tane.optim.lr_scheduler.one_cycle import OneCycleLR
from tane.optim.lr_scheduler.plateau import ReduceLROnPlateau
from tane.optim.lr_scheduler.restarts import CosineAnnealingWarmRestarts
from tane.optim.lr_scheduler.steps import ExponentialLR, MultiStepLR, StepLR

__all__ = [
    "ChainedScheduler",
    "ConstantLR",
    "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts",
    "CyclicLR",
    "ExponentialLR",
    "LRScheduler",
    "LambdaLR",
    "LinearLR",
    "MultiStepLR",
    "MultiplicativeLR",
    "OneCycleLR",
    "PolynomialLR",
    "ReduceLROnPlateau",
    "SequentialLR",
    "StepLR",
]


def __getattr__(name: str) -> _Any:
    if not name.startswith("_"):
        from tane.plugins import UnknownPluginNameError, lookup

        try:
            return lookup("lr_schedulers", name)
        except UnknownPluginNameError as error:
            raise AttributeError(f"module 'tane.optim.lr_scheduler' has no attribute {name!r}: {error}") from None
    raise AttributeError(f"module 'tane.optim.lr_scheduler' has no attribute {name!r}")
