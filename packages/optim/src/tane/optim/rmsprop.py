"""RMSprop: steps scaled by a running root mean square of the gradient."""

from __future__ import annotations

from typing import Any

from tane.optim.bucket import Bucket
from tane.optim.elementwise import Elementwise, check_lr, check_positive, number
from tane.optim.optimizer import Group
from tane.tensor import Tensor

__all__ = ["RMSprop"]


class RMSprop(Elementwise):
    """G. Hinton's lecture (2012): ``p -= lr * g / (sqrt(v) + eps)``, where ``v = alpha * v + (1 - alpha) * g * g``.

    Args:
        lr: the learning rate; a number or a tensor of one element.
        alpha: how slowly the average of squares forgets.
        eps: keeps the division finite.
        weight_decay: adds this much of the value to the gradient.
        momentum: how much of the last step goes into the next.
        centered: divide by the standard deviation: the average gradient is subtracted before squaring.
        maximize: go up instead of down.
        foreach: PyTorch's choice of implementation; here there is one.
    """

    later_options = {**Elementwise.later_options, "momentum": 0, "centered": False}  # noqa: RUF012

    def __init__(
        self,
        params: Any,
        lr: float | Tensor = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_lr(lr)
        check_positive(eps=eps, momentum=momentum, weight_decay=weight_decay, alpha=alpha)
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "alpha": alpha,
            "eps": eps,
            "centered": centered,
            "weight_decay": weight_decay,
            "capturable": capturable,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def slots(self, group: Group) -> tuple[str, ...]:
        momentum = ("momentum_buffer",) if group["momentum"] > 0 else ()
        return ("square_avg", *momentum, "grad_avg") if group["centered"] else ("square_avg", *momentum)

    def coefficients(self, group: Group, bucket: Bucket) -> tuple[Any, ...]:
        bucket.numbers["step"] += 1
        alpha = group["alpha"]
        return number(group["lr"], bucket.p), alpha, 1 - alpha, group["eps"], group["momentum"], group["centered"]

    @staticmethod
    def rule(F: Any, p: Any, g: Any, slots: tuple[Any, ...], c: tuple[Any, ...], t: Any, u: Any) -> Any:
        lr, alpha, new, eps, momentum, centered = c
        v = slots[0]
        v *= alpha
        F.multiply(g, new, out=t)
        t *= g
        v += t
        if centered:
            mean = slots[-1]
            F.subtract(g, mean, out=t)
            t *= new
            mean += t
            F.multiply(mean, mean, out=t)
            v = F.subtract(v, t, out=t)
        F.sqrt(v, out=t)
        t += eps
        if momentum > 0:
            buffer = slots[1]
            buffer *= momentum
            buffer += F.divide(g, t, out=u)
            F.multiply(buffer, lr, out=u)
        else:
            F.multiply(g, lr, out=u)
            u /= t
        return u
