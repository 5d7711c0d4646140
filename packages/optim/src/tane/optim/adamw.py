"""Adam with weight decay apart from the gradient."""

from __future__ import annotations

from typing import Any

from tane.optim.adam import Adam
from tane.tensor import Tensor

__all__ = ["AdamW"]


class AdamW(Adam):
    """I. Loshchilov and F. Hutter (2017): :class:`Adam`, and each value shrinks by ``lr * weight_decay`` a step. The options are Adam's."""

    def __init__(
        self,
        params: Any,
        lr: float | Tensor = 1e-3,
        betas: tuple[float | Tensor, float | Tensor] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        super().__init__(
            params,
            lr,
            betas,
            eps,
            weight_decay,
            amsgrad,
            foreach=foreach,
            maximize=maximize,
            capturable=capturable,
            differentiable=differentiable,
            fused=fused,
            decoupled_weight_decay=True,
        )

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        for group in self.param_groups:  # whatever was loaded
            group["decoupled_weight_decay"] = True
