"""Adamax: Adam with the largest gradient in place of the root mean square."""

from __future__ import annotations

from typing import Any

from tane.optim.bucket import Bucket
from tane.optim.elementwise import Elementwise, check_lr, check_positive, number
from tane.optim.optimizer import Group
from tane.tensor import Tensor

__all__ = ["Adamax"]


class Adamax(Elementwise):
    """D. Kingma and J. Ba (2014), the variant with the infinity norm: ``p -= lr * m / n``, ``n = max(beta2 * n, abs(g) + eps)``.

    Args:
        lr: the learning rate; a number or a tensor of one element.
        betas: how slowly the average gradient and the largest one are forgotten.
        eps: keeps the division finite.
        weight_decay: adds this much of the value to the gradient.
        maximize: go up instead of down.
        foreach: PyTorch's choice of implementation; here there is one.
    """

    def __init__(
        self,
        params: Any,
        lr: float | Tensor = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        check_lr(lr)
        check_positive(eps=eps, betas=betas, weight_decay=weight_decay)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "capturable": capturable,
        }
        super().__init__(params, defaults)

    def slots(self, group: Group) -> tuple[str, ...]:
        return "exp_avg", "exp_inf"

    def coefficients(self, group: Group, bucket: Bucket) -> tuple[Any, ...]:
        step = bucket.numbers["step"] = bucket.numbers["step"] + 1
        beta1, beta2 = group["betas"]
        return 1 - beta1, beta2, group["eps"], number(group["lr"], bucket.p) / (1 - beta1**step)

    @staticmethod
    def rule(F: Any, p: Any, g: Any, slots: tuple[Any, ...], c: tuple[Any, ...], t: Any, u: Any) -> Any:
        new1, beta2, eps, lr = c
        m, n = slots
        F.subtract(g, m, out=t)
        t *= new1
        m += t
        n *= beta2
        F.absolute(g, out=t)
        t += eps
        F.maximum(n, t, out=n)
        F.multiply(m, lr, out=t)
        t /= n
        return t
