"""What every schedule is: a count of epochs, and a learning rate for each group and count."""

from __future__ import annotations

import functools
import types
import warnings
from collections.abc import Sequence
from typing import Any

from tane.autograd.versions import touch
from tane.optim.optimizer import Group, Optimizer
from tane.tensor import Tensor

__all__ = ["EPOCH_DEPRECATION_WARNING", "LRScheduler", "check_optimizer", "fill", "per_group", "pickled", "values"]

EPOCH_DEPRECATION_WARNING = (
    "The epoch parameter in `scheduler.step()` was not necessary and is being deprecated where possible. Please use `scheduler.step()` to "
    "step the scheduler. During the deprecation, if epoch is different from None, the closed form is used instead of the new chainable "
    "form, where available."
)
ORDER = "See more details at https://pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate"


class LRScheduler:
    """Base of all schedules: subclass it and write ``get_lr``, which gives the learning rate of each group at ``self.last_epoch``.

    Args:
        optimizer: whose learning rates are changed.
        last_epoch: the last epoch of an interrupted run; -1 begins anew.

    Making a schedule sets the learning rates of the first epoch. ``_get_closed_form_lr``, where there is one, gives the rates of an epoch
    from scratch, for ``step(epoch)``.
    """

    _get_lr_called_within_step = False
    _is_initial = False
    _last_lr: list[Any]

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        self.optimizer = check_optimizer(optimizer)
        for i, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                lr = group["lr"]
                group.setdefault("initial_lr", lr.clone() if isinstance(lr, Tensor) else lr)
            elif "initial_lr" not in group:
                raise KeyError(
                    f"param 'initial_lr' is not specified in param_groups[{i}] when resuming scheduler with last_epoch >= 0.\n"
                    "This typically happens when:\n"
                    "1. You're trying to resume training from a checkpoint but haven't properly loaded the optimizer state\n"
                    "2. You're using last_epoch >= 0 for a fresh training run (not recommended)"
                )
        self.base_lrs = values(optimizer, "initial_lr")
        self.last_epoch = last_epoch
        watch(optimizer)
        self._initial_step()

    def _initial_step(self) -> None:
        """Set the learning rates of the first epoch."""
        self._step_count = 0
        self._is_initial = True
        try:
            self.step()
        finally:
            self._is_initial = False

    def state_dict(self) -> dict[str, Any]:
        """All that the schedule holds but the optimizer."""
        return {key: value for key, value in self.__dict__.items() if key != "optimizer"}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over what :meth:`state_dict` gave."""
        self.__dict__.update(state_dict)

    def get_last_lr(self) -> list[Any]:
        """The learning rates that were set last, one for each group."""
        return self._last_lr

    def get_lr(self) -> list[Any]:
        """The learning rates of ``self.last_epoch``, one for each group; called by :meth:`step`."""
        raise NotImplementedError

    def step(self, epoch: int | None = None) -> None:
        """Go on by an epoch, or to ``epoch``, and set the learning rates."""
        if self._step_count == 1:
            self._check_order()
        self._step_count += 1
        if epoch is not None:
            warnings.warn(EPOCH_DEPRECATION_WARNING, UserWarning, stacklevel=2)
        self._update_lr(epoch)

    def _check_order(self) -> None:
        if getattr(self.optimizer, "_watched_step", None) is not self.optimizer.__dict__.get("step"):
            text = (
                "Seems like `optimizer.step()` has been overridden after learning rate scheduler initialization. Please, make sure to call "
                "`optimizer.step()` before `lr_scheduler.step()`. "
            )
        elif not self.optimizer._opt_called:
            text = (
                "Detected call of `lr_scheduler.step()` before `optimizer.step()`. In PyTorch 1.1.0 and later, you should call them in the "
                "opposite order: `optimizer.step()` before `lr_scheduler.step()`.  Failure to do this will result in PyTorch skipping the "
                "first value of the learning rate schedule. "
            )
        else:
            return
        warnings.warn(text + ORDER, UserWarning, stacklevel=3)

    def _update_lr(self, epoch: int | None = None) -> None:
        """Compute and set the learning rates of the next epoch, or of ``epoch``."""
        closed_form = None
        if epoch is None:
            self.last_epoch += 1
        else:
            self.last_epoch = epoch
            closed_form = getattr(self, "_get_closed_form_lr", None)
        self._set(self._within_step(closed_form or self.get_lr))

    def _within_step(self, compute: Any) -> list[Any]:
        self._get_lr_called_within_step = True
        try:
            return compute()
        finally:
            self._get_lr_called_within_step = False

    def _set(self, rates: Sequence[Any]) -> None:
        groups = self.optimizer.param_groups
        if len(rates) != len(groups):
            raise ValueError(f"the schedule has {len(rates)} learning rates and the optimizer {len(groups)} groups")
        for group, lr in zip(groups, rates):
            fill(group, "lr", lr)
        self._last_lr = values(self.optimizer, "lr")

    def _warn_outside_step(self) -> None:
        if not self._get_lr_called_within_step:
            warnings.warn("To get the last learning rate computed by the scheduler, please use `get_last_lr()`.", UserWarning, stacklevel=3)

    def _scaled(self, factor: Any) -> list[Any]:
        """The present learning rates, times a number."""
        return [group["lr"] * factor for group in self.optimizer.param_groups]

    def _present(self) -> list[Any]:
        return values(self.optimizer, "lr")


class _LRScheduler(LRScheduler):
    """The base class under its old name."""


def check_optimizer(optimizer: Any) -> Optimizer:
    """Raise if a schedule is given something else."""
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"{type(optimizer).__name__} is not an Optimizer")
    return optimizer


def watch(optimizer: Any) -> None:
    """From now on, note whether ``optimizer.step()`` runs."""
    if "_watched_step" in optimizer.__dict__:
        return
    optimizer._opt_called = False
    step = optimizer.__dict__.get("step")
    if step is not None:  # somebody put a step of his own onto this one optimizer

        @functools.wraps(step)
        def watched(*args: Any, **kwargs: Any) -> Any:
            optimizer._opt_called = True
            return step(*args, **kwargs)

        step = optimizer.step = watched
    optimizer._watched_step = step


def per_group(name: str, optimizer: Optimizer, param: Any) -> list[Any]:
    """An option given once, or as a sequence with one value for each group, as a list."""
    count = len(optimizer.param_groups)
    if isinstance(param, (list, tuple)):
        if len(param) != count:
            raise ValueError(
                f"{name} must have the same length as optimizer.param_groups. {name} has {len(param)} values, param_groups has {count}."
            )
    else:
        param = [param] * count
    return [p.clone() if isinstance(p, Tensor) else p for p in param]


def values(optimizer: Optimizer, key: str) -> list[Any]:
    """An option of each group; tensors are copied, for groups change theirs in place."""
    return [g[key].clone() if isinstance(g[key], Tensor) else g[key] for g in optimizer.param_groups]


def fill(group: Group, key: str, value: Any) -> None:
    """Set an option; where it is a tensor, in place."""
    held = group[key]
    if isinstance(held, Tensor):
        held.array[...] = value.array.reshape(()) if isinstance(value, Tensor) else value
        touch(held.array, "fill_")
    else:
        group[key] = value


def pickled(functions: Sequence[Any]) -> list[Any]:
    """What a state dict holds of functions: nothing, but the attributes of callable objects."""
    return [None if isinstance(f, types.FunctionType) else f.__dict__.copy() for f in functions]
