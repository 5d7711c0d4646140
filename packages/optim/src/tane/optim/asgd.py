"""ASGD: gradient descent whose average position is kept as well."""

from __future__ import annotations

from typing import Any

from tane.optim.bucket import Bucket, Layout
from tane.optim.elementwise import Elementwise, check_lr, check_positive, number
from tane.optim.optimizer import Group
from tane.tensor import Tensor

__all__ = ["ASGD"]


class ASGD(Elementwise):
    """B. Polyak and A. Juditsky (1992): plain steps that grow shorter, and from step ``t0`` on their running average ``state[p]["ax"]``.

    Args:
        lr: the first learning rate; a number or a tensor of one element.
        lambd: how much the value shrinks at each step, in units of the learning rate.
        alpha: the learning rate falls with time to this power.
        t0: the step at which averaging begins.
        weight_decay: adds this much of the value to the gradient.
        maximize: go up instead of down.
        foreach: PyTorch's choice of implementation; here there is one.
    """

    def __init__(
        self,
        params: Any,
        lr: float | Tensor = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        check_lr(lr)
        check_positive(weight_decay=weight_decay)
        defaults = {
            "lr": lr,
            "lambd": lambd,
            "alpha": alpha,
            "t0": t0,
            "weight_decay": weight_decay,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "capturable": capturable,
        }
        super().__init__(params, defaults)

    def slots(self, group: Group) -> tuple[str, ...]:
        return ("ax",)

    def layout(self, group: Group) -> Layout:
        return Layout(("ax",), ("step", "eta", "mu"), {"eta": float(group["lr"]), "mu": 1.0})

    def reads_values(self, group: Group) -> bool:
        return True

    def coefficients(self, group: Group, bucket: Bucket) -> tuple[Any, ...]:
        numbers, lr = bucket.numbers, number(group["lr"], bucket.p)
        step = numbers["step"] = numbers["step"] + 1
        eta, mu = numbers["eta"], numbers["mu"]
        numbers["eta"] = lr / (1 + group["lambd"] * lr * step) ** group["alpha"]
        numbers["mu"] = 1 / max(1, step - group["t0"])
        return 1 - group["lambd"] * eta, eta, mu

    @staticmethod
    def rule(F: Any, p: Any, g: Any, slots: tuple[Any, ...], c: tuple[Any, ...], t: Any, u: Any) -> Any:
        shrink, eta, mu = c
        (average,) = slots
        p *= shrink
        F.multiply(g, eta, out=t)
        p -= t
        if mu == 1:
            average[...] = p
        else:
            F.subtract(p, average, out=t)
            t *= mu
            average += t
        return None
