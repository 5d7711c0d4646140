"""Adam: steps scaled by running averages of the gradient and of its square."""

from __future__ import annotations

from typing import Any

from tane.optim.bucket import Bucket
from tane.optim.elementwise import Elementwise, check_lr, check_positive, number
from tane.optim.optimizer import Group
from tane.tensor import Tensor

__all__ = ["Adam"]


class Adam(Elementwise):
    """D. Kingma and J. Ba, Adam (2014): ``p -= lr * m / (sqrt(v) + eps)``, ``m`` and ``v`` corrected for having started from zero.

    Args:
        lr: the learning rate; a number or a tensor of one element.
        betas: how slowly the averages of the gradient and of its square forget.
        eps: keeps the division finite.
        weight_decay: adds this much of the value to the gradient; with ``decoupled_weight_decay`` the value shrinks by ``lr`` times this.
        amsgrad: divide by the largest ``v`` so far (Reddi, Kale and Kumar, 2018).
        maximize: go up instead of down.
        foreach, fused: PyTorch's choice of implementation; here there is one, and it gives the same numbers.
    """

    later_options = {  # noqa: RUF012
        **Elementwise.later_options,
        "amsgrad": False,
        "decoupled_weight_decay": False,
        "fused": None,
    }

    def __init__(
        self,
        params: Any,
        lr: float | Tensor = 1e-3,
        betas: tuple[float | Tensor, float | Tensor] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
        decoupled_weight_decay: bool = False,
    ) -> None:
        if isinstance(lr, Tensor) and foreach and not capturable:
            raise ValueError("lr as a Tensor is not supported for capturable=False and foreach=True")
        check_lr(lr)
        check_positive(eps=eps, betas=betas, weight_decay=weight_decay)
        if not (all(isinstance(b, float) for b in betas) or all(isinstance(b, Tensor) for b in betas)):
            raise ValueError("betas must be either both floats or both Tensors")
        for i, beta in enumerate(betas):
            if isinstance(beta, Tensor):
                if foreach and not capturable:
                    raise ValueError(f"betas[{i}] as a Tensor is not supported for capturable=False and foreach=True")
                if beta.array.size != 1:
                    raise ValueError(f"Tensor betas[{i}] must be 1-element")
        defaults = {
            "lr": lr,
            "betas": tuple(b.squeeze() if isinstance(b, Tensor) else b for b in betas),
            "eps": eps,
            "weight_decay": weight_decay,
            "amsgrad": amsgrad,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "differentiable": differentiable,
            "fused": fused,
            "decoupled_weight_decay": decoupled_weight_decay,
        }
        super().__init__(params, defaults)

    def slots(self, group: Group) -> tuple[str, ...]:
        return ("exp_avg", "exp_avg_sq", "max_exp_avg_sq") if group["amsgrad"] else ("exp_avg", "exp_avg_sq")

    def decay(self, group: Group) -> Any:
        return 0 if group["decoupled_weight_decay"] else group["weight_decay"]

    def reads_values(self, group: Group) -> bool:
        return bool(group["decoupled_weight_decay"] and group["weight_decay"] != 0)

    def coefficients(self, group: Group, bucket: Bucket) -> tuple[Any, ...]:
        step = bucket.numbers["step"] = bucket.numbers["step"] + 1
        p = bucket.p
        lr, beta1, beta2 = number(group["lr"], p), number(group["betas"][0], p), number(group["betas"][1], p)
        correction = (1 - beta2**step) ** 0.5
        # m / (sqrt(v) / correction + eps), multiplied out so that one operation on arrays is saved.
        size = lr / (1 - beta1**step) * correction
        shrink = 1 - lr * group["weight_decay"] if group["decoupled_weight_decay"] and group["weight_decay"] != 0 else None
        return 1 - beta1, beta2, 1 - beta2, group["eps"] * correction, size, shrink

    @staticmethod
    def rule(F: Any, p: Any, g: Any, slots: tuple[Any, ...], c: tuple[Any, ...], t: Any, u: Any) -> Any:
        new1, beta2, new2, eps, size, shrink = c
        m, v, *largest = slots
        if shrink is not None:
            p *= shrink
        F.subtract(g, m, out=t)
        t *= new1
        m += t
        v *= beta2
        F.multiply(g, new2, out=t)
        t *= g
        v += t
        for x in largest:
            v = F.maximum(x, v, out=x)
        F.sqrt(v, out=t)
        t += eps
        F.multiply(m, size, out=u)
        u /= t
        return u
