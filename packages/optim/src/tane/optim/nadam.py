"""NAdam: Adam with Nesterov's momentum."""

from __future__ import annotations

from typing import Any

from tane.optim.bucket import Bucket, Layout
from tane.optim.elementwise import Elementwise, check_lr, check_positive, number
from tane.optim.optimizer import Group
from tane.tensor import Tensor

__all__ = ["NAdam"]


class NAdam(Elementwise):
    """T. Dozat (2016): :class:`Adam` whose step already contains the momentum of the next one.

    Args:
        lr: the learning rate; a number or a tensor of one element.
        betas: how slowly the averages of the gradient and of its square forget.
        eps: keeps the division finite.
        weight_decay: adds this much of the value to the gradient; with ``decoupled_weight_decay`` the value shrinks by ``lr`` times this.
        momentum_decay: how the momentum approaches ``betas[0]`` with time.
        maximize: go up instead of down.
        foreach: PyTorch's choice of implementation; here there is one.
    """

    later_options = {**Elementwise.later_options, "decoupled_weight_decay": False}  # noqa: RUF012

    def __init__(
        self,
        params: Any,
        lr: float | Tensor = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_lr(lr)
        check_positive(eps=eps, betas=betas, weight_decay=weight_decay, momentum_decay=momentum_decay)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "momentum_decay": momentum_decay,
            "decoupled_weight_decay": decoupled_weight_decay,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def slots(self, group: Group) -> tuple[str, ...]:
        return "exp_avg", "exp_avg_sq"

    def layout(self, group: Group) -> Layout:
        return Layout(self.slots(group), ("step", "mu_product"), {"mu_product": 1.0})

    def decay(self, group: Group) -> Any:
        return 0 if group["decoupled_weight_decay"] else group["weight_decay"]

    def reads_values(self, group: Group) -> bool:
        return True  # the update subtracts twice

    def coefficients(self, group: Group, bucket: Bucket) -> tuple[Any, ...]:
        numbers, lr, (beta1, beta2) = bucket.numbers, number(group["lr"], bucket.p), group["betas"]
        step = numbers["step"] = numbers["step"] + 1
        momentum = beta1 * (1.0 - 0.5 * 0.96 ** (step * group["momentum_decay"]))
        following = beta1 * (1.0 - 0.5 * 0.96 ** ((step + 1) * group["momentum_decay"]))
        product = numbers["mu_product"] = numbers["mu_product"] * momentum
        of_g = lr * (1.0 - momentum) / (1.0 - product)
        of_m = lr * following / (1.0 - product * following)
        shrink = 1 - lr * group["weight_decay"] if group["decoupled_weight_decay"] and group["weight_decay"] != 0 else None
        return 1 - beta1, beta2, 1 - beta2, 1 - beta2**step, group["eps"], of_g, of_m, shrink

    @staticmethod
    def rule(F: Any, p: Any, g: Any, slots: tuple[Any, ...], c: tuple[Any, ...], t: Any, u: Any) -> Any:
        new1, beta2, new2, correction, eps, of_g, of_m, shrink = c
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
        F.divide(v, correction, out=t)
        F.sqrt(t, out=t)
        t += eps
        F.multiply(g, of_g, out=u)
        u /= t
        p -= u
        F.multiply(m, of_m, out=u)
        u /= t
        return u
