"""Stochastic weight averaging: its schedule, and averages of weights.

``AveragedModel`` is a module, and this package knows no modules: it is found where a plug-in offers one, as tane-nn does.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any, Literal

from tane.autograd.modes import no_grad
from tane.optim.lr_scheduler.base import LRScheduler, per_group
from tane.optim.optimizer import Optimizer
from tane.tensor import Tensor

__all__ = ["SWALR", "get_ema_avg_fn", "get_ema_multi_avg_fn", "get_swa_avg_fn", "get_swa_multi_avg_fn", "update_bn"]

Each = Callable[[Tensor, Tensor, Any], Tensor]
All = Callable[[list[Tensor], list[Tensor], Any], None]


def __getattr__(name: str) -> Any:
    if name == "AveragedModel":
        from tane.plugins import UnknownPluginNameError, lookup

        try:
            return lookup("modules", name)
        except UnknownPluginNameError:
            raise AttributeError('tane.optim.swa_utils.AveragedModel is a module, and comes with tane-nn: pip install "tane-nn"') from None
    raise AttributeError(f"module 'tane.optim.swa_utils' has no attribute {name!r}")


# ---- averages, for AveragedModel ----------------------------------------------------------------------------------------------------
def _checked(decay: float) -> float:
    if decay < 0.0 or decay > 1.0:
        raise ValueError(f"Invalid decay value {decay} provided. Please provide a value in [0,1] range.")
    return decay


def get_ema_avg_fn(decay: float = 0.999) -> Each:
    """An exponential moving average, which keeps ``decay`` of what it was: an ``avg_fn``."""
    _checked(decay)

    def ema_update(ema_param: Tensor, current_param: Tensor, num_averaged: Any) -> Tensor:
        with no_grad():
            new: Tensor = ema_param * decay + current_param * (1 - decay)
        return new

    return ema_update


def get_ema_multi_avg_fn(decay: float = 0.999) -> All:
    """An exponential moving average, which keeps ``decay`` of what it was: a ``multi_avg_fn``."""
    return _in_place(get_ema_avg_fn(decay))


def get_swa_avg_fn() -> Each:
    """The average of all, each with the same weight: an ``avg_fn``."""

    def swa_update(averaged_param: Tensor, current_param: Tensor, num_averaged: Any) -> Tensor:
        with no_grad():
            new: Tensor = averaged_param + (current_param - averaged_param) / (num_averaged + 1)
        return new

    return swa_update


def get_swa_multi_avg_fn() -> All:
    """The average of all, each with the same weight: a ``multi_avg_fn``."""
    return _in_place(get_swa_avg_fn())


def _in_place(update: Each) -> All:
    def update_all(averaged_param_list: list[Tensor], current_param_list: list[Tensor], num_averaged: Any) -> None:
        with no_grad():
            for average, value in zip(averaged_param_list, current_param_list):
                average.copy_(update(average, value, num_averaged))

    return update_all


def update_bn(loader: Iterable[Any], model: Any, device: Any = None) -> None:
    """Compute the running statistics of a model's batch normalisation anew, from all inputs that ``loader`` gives.

    Of an input that is a list or tuple, the first element goes through the model.
    """
    momenta = {}
    for module in model.modules():
        if any(kind.__name__ == "_BatchNorm" for kind in type(module).__mro__):  # this package knows no modules, but their names
            module.reset_running_stats()
            momenta[module] = module.momentum
    if not momenta:
        return
    was_training = model.training
    model.train()
    for module in momenta:
        module.momentum = None  # so that every batch counts the same
    with no_grad():
        for input in loader:
            x = input[0] if isinstance(input, (list, tuple)) else input
            model(x if device is None else x.to(device))
    for module, momentum in momenta.items():
        module.momentum = momentum
    model.train(was_training)


class SWALR(LRScheduler):
    """Anneal each learning rate to ``swa_lr`` in ``anneal_epochs`` epochs, and stay there.

    Args:
        swa_lr: where to end; a list has one for each group.
        anneal_strategy: ``"cos"`` or ``"linear"``.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        swa_lr: float | list[float],
        anneal_epochs: int = 10,
        anneal_strategy: Literal["cos", "linear"] = "cos",
        last_epoch: int = -1,
    ) -> None:
        for lr, group in zip(per_group("swa_lr", optimizer, swa_lr), optimizer.param_groups):
            group["swa_lr"] = lr
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"anneal_strategy must be one of 'cos' or 'linear', instead got {anneal_strategy}")
        if not isinstance(anneal_epochs, int) or anneal_epochs < 0:
            raise ValueError(f"anneal_epochs must be equal or greater than 0, got {anneal_epochs}")
        self._anneal_strategy = anneal_strategy
        self.anneal_epochs = anneal_epochs
        super().__init__(optimizer, last_epoch)

    def _part(self, step: int) -> float:
        """How much of ``swa_lr`` there is in the learning rate after so many steps."""
        way = max(0, min(1, step / max(1, self.anneal_epochs)))
        return (1 - math.cos(math.pi * way)) / 2 if self._anneal_strategy == "cos" else way

    def get_lr(self) -> list[Any]:
        self._warn_outside_step()
        step = self._step_count - 1
        if self.anneal_epochs == 0:
            step = max(1, step)
        before, now = self._part(step - 1), self._part(step)
        rates = []
        for group in self.optimizer.param_groups:
            own = group["swa_lr"] if before == 1 else (group["lr"] - before * group["swa_lr"]) / (1 - before)
            rates.append(group["swa_lr"] * now + own * (1 - now))
        return rates
