"""The schedule that follows half a wave of the cosine."""

from __future__ import annotations

import math
from typing import Any

from tane.optim.lr_scheduler.base import LRScheduler
from tane.optim.optimizer import Optimizer

__all__ = ["CosineAnnealingLR"]


class CosineAnnealingLR(LRScheduler):
    """Along a cosine from the initial learning rate to ``eta_min`` in ``T_max`` epochs, and back in as many (Loshchilov, Hutter, 2017)."""

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1) -> None:
        self.T_max = T_max
        self.eta_min = eta_min
        super().__init__(optimizer, last_epoch)

    def _raised(self, epoch: int) -> float:
        """One plus the cosine: 2 at the top, 0 at the bottom."""
        return 1 + math.cos(math.pi * epoch / self.T_max)

    def get_lr(self) -> list[Any]:
        # Relative to the present rate, which another schedule may have changed too; from scratch only where that would divide by zero.
        self._warn_outside_step()
        groups, epoch, low = self.optimizer.param_groups, self.last_epoch, self.eta_min
        if self._is_initial:
            return self._present()
        if self._step_count == 1 and epoch > 0:
            return self._get_closed_form_lr()
        if (epoch - 1 - self.T_max) % (2 * self.T_max) == 0:
            rise = 1 - math.cos(math.pi / self.T_max)
            return [group["lr"] + (base - low) * rise / 2 for base, group in zip(self.base_lrs, groups)]
        ratio = self._raised(epoch) / self._raised(epoch - 1)
        return [ratio * (group["lr"] - low) + low for group in groups]

    def _get_closed_form_lr(self) -> list[Any]:
        low = self.eta_min
        return [low + (base - low) * self._raised(self.last_epoch) / 2 for base in self.base_lrs]
