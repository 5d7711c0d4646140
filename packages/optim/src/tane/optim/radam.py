"""RAdam: Adam that begins as plain momentum until its averages are worth dividing by."""

from __future__ import annotations

from typing import Any

from tane.optim.bucket import Bucket
from tane.optim.elementwise import Elementwise, check_lr, check_positive, number
from tane.optim.optimizer import Group
from tane.tensor import Tensor

__all__ = ["RAdam"]


class RAdam(Elementwise):
    """L. Liu and others (2019): :class:`Adam` with a factor for the variance of its first steps.

    Args:
        lr: the learning rate; a number or a tensor of one element.
        betas: how slowly the averages of the gradient and of its square forget.
        eps: keeps the division finite.
        weight_decay: adds this much of the value to the gradient; with ``decoupled_weight_decay`` the value shrinks by ``lr`` times this.
        maximize: go up instead of down.
        foreach: PyTorch's choice of implementation; here there is one.
    """

    later_options = {**Elementwise.later_options, "decoupled_weight_decay": False}  # noqa: RUF012

    def __init__(
        self,
        params: Any,
        lr: float | Tensor = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_lr(lr)
        check_positive(eps=eps, betas=betas, weight_decay=weight_decay)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "decoupled_weight_decay": decoupled_weight_decay,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def slots(self, group: Group) -> tuple[str, ...]:
        return "exp_avg", "exp_avg_sq"

    def decay(self, group: Group) -> Any:
        return 0 if group["decoupled_weight_decay"] else group["weight_decay"]

    def reads_values(self, group: Group) -> bool:
        return bool(group["decoupled_weight_decay"] and group["weight_decay"] != 0)

    def coefficients(self, group: Group, bucket: Bucket) -> tuple[Any, ...]:
        lr, (beta1, beta2) = number(group["lr"], bucket.p), group["betas"]
        step = bucket.numbers["step"] = bucket.numbers["step"] + 1
        correction = 1 - beta2**step
        longest = 2 / (1 - beta2) - 1  # of a simple average that forgets like v
        length = longest - 2 * step * beta2**step / correction
        size, rectified = lr / (1 - beta1**step), length > 5.0
        if rectified:
            variance = (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)
            size = size * (correction * variance) ** 0.5
        shrink = 1 - lr * group["weight_decay"] if group["decoupled_weight_decay"] and group["weight_decay"] != 0 else None
        return 1 - beta1, beta2, 1 - beta2, group["eps"], size, rectified, shrink

    @staticmethod
    def rule(F: Any, p: Any, g: Any, slots: tuple[Any, ...], c: tuple[Any, ...], t: Any, u: Any) -> Any:
        new1, beta2, new2, eps, size, rectified, shrink = c
        m, v = slots
        if shrink is not None:
            p *= shrink
        F.subtract(g, m, out=t)
        t *= new1
        m += t
        v *= beta2
        F.multiply(g, new2, out=t)
        t *= g
        v += t
        F.multiply(m, size, out=u)
        if rectified:
            F.sqrt(v, out=t)
            t += eps
            u /= t
        return u
