"""Lion: steps of one size, in the direction of the sign of a moving average. Chen et al. 2023, https://arxiv.org/abs/2302.06675"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tane
from tane.optim import Optimizer

__all__ = ["Lion"]


class Lion(Optimizer):
    """Args: ``lr``, ``betas`` (the averages for the direction and for the memory), ``weight_decay`` (decoupled)."""

    def __init__(self, params: Any, lr: float = 1e-4, betas: tuple[float, float] = (0.9, 0.99), weight_decay: float = 0.0) -> None:
        if lr <= 0.0:
            raise ValueError(f"Invalid learning rate: {lr}")
        super().__init__(params, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

    @tane.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        loss = None
        if closure is not None:
            with tane.enable_grad():
                loss = closure()
        for group in self.param_groups:
            (fast, slow), lr = group["betas"], group["lr"]
            for p in group["params"]:
                if p.grad is None:
                    continue
                memory = self.state[p].setdefault("exp_avg", tane.zeros_like(p))
                direction = (memory * fast + p.grad * (1 - fast)).sign()
                p.mul_(1 - lr * group["weight_decay"]).sub_(direction * lr)
                memory.mul_(slow).add_(p.grad * (1 - slow))
        return loss
