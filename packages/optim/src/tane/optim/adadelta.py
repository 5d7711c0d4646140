"""Adadelta: steps that need no learning rate in the unit of the parameter."""

from __future__ import annotations

from typing import Any

from tane.optim.bucket import Bucket
from tane.optim.elementwise import Elementwise, check_lr, check_positive, number
from tane.optim.optimizer import Group
from tane.tensor import Tensor

__all__ = ["Adadelta"]


class Adadelta(Elementwise):
    """M. Zeiler (2012): the gradient times the root mean square of past steps over that of past gradients.

    Args:
        lr: scales the step; a number or a tensor of one element.
        rho: how slowly the averages of squares forget.
        eps: added to both averages before their roots are taken.
        weight_decay: adds this much of the value to the gradient.
        maximize: go up instead of down.
        foreach: PyTorch's choice of implementation; here there is one.
    """

    def __init__(
        self,
        params: Any,
        lr: float | Tensor = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        capturable: bool = False,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_lr(lr)
        if not 0.0 <= rho <= 1.0:
            raise ValueError(f"Invalid rho value: {rho}")
        check_positive(eps=eps, weight_decay=weight_decay)
        defaults = {
            "lr": lr,
            "rho": rho,
            "eps": eps,
            "weight_decay": weight_decay,
            "maximize": maximize,
            "capturable": capturable,
            "foreach": foreach,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def slots(self, group: Group) -> tuple[str, ...]:
        return "square_avg", "acc_delta"

    def coefficients(self, group: Group, bucket: Bucket) -> tuple[Any, ...]:
        bucket.numbers["step"] += 1
        rho = group["rho"]
        return number(group["lr"], bucket.p), rho, 1 - rho, group["eps"]

    @staticmethod
    def rule(F: Any, p: Any, g: Any, slots: tuple[Any, ...], c: tuple[Any, ...], t: Any, u: Any) -> Any:
        lr, rho, new, eps = c
        v, d = slots
        v *= rho
        F.multiply(g, new, out=t)
        t *= g
        v += t
        F.sqrt(F.add(v, eps, out=t), out=t)
        F.sqrt(F.add(d, eps, out=u), out=u)
        u /= t
        u *= g
        d *= rho
        F.multiply(u, new, out=t)
        t *= u
        d += t
        u *= lr
        return u
