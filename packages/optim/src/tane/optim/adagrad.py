"""Adagrad: steps scaled by the root of all squared gradients so far."""

from __future__ import annotations

from typing import Any

from tane.creation import full_like, zeros
from tane.optim.bucket import Bucket, Layout, scalar_type
from tane.optim.elementwise import Elementwise, check_lr, check_positive, number
from tane.optim.optimizer import Group
from tane.tensor import Tensor

__all__ = ["Adagrad"]


class Adagrad(Elementwise):
    """J. Duchi, E. Hazan and Y. Singer (2011): ``p -= lr * g / (sqrt(sum) + eps)``, where ``sum`` collects ``g * g``.

    Args:
        lr: the learning rate; a number or a tensor of one element.
        lr_decay: after ``n`` steps the learning rate is divided by ``1 + n * lr_decay``.
        weight_decay: adds this much of the value to the gradient.
        initial_accumulator_value: what ``sum`` starts from.
        eps: keeps the division finite.
        maximize: go up instead of down.
        foreach, fused: PyTorch's choice of implementation; here there is one, and it gives the same numbers.
    """

    later_options = {"foreach": None, "maximize": False, "differentiable": False, "fused": None}  # noqa: RUF012

    def __init__(
        self,
        params: Any,
        lr: float | Tensor = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        check_lr(lr)
        check_positive(lr_decay=lr_decay, weight_decay=weight_decay, initial_accumulator_value=initial_accumulator_value, eps=eps)
        defaults = {
            "lr": lr,
            "lr_decay": lr_decay,
            "eps": eps,
            "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "fused": fused,
        }
        super().__init__(params, defaults)
        start = initial_accumulator_value
        for group in self.param_groups:
            for p in group["params"]:
                state = self.state[p]
                state["step"] = zeros((), dtype=scalar_type(), device="cpu")
                state["sum"] = full_like(p, complex(start, start) if p.dtype.is_complex else start)

    def share_memory(self) -> None:
        """For PyTorch's sake: here, processes do not share tensors."""
        raise NotImplementedError("tensors are not shared between processes: give each its own optimizer")

    def slots(self, group: Group) -> tuple[str, ...]:
        return ("sum",)

    def layout(self, group: Group) -> Layout:
        return Layout(("sum",), ("step",), {"sum": self.defaults["initial_accumulator_value"]})

    def coefficients(self, group: Group, bucket: Bucket) -> tuple[Any, ...]:
        before = bucket.numbers["step"]
        bucket.numbers["step"] = before + 1
        return number(group["lr"], bucket.p) / (1 + before * group["lr_decay"]), group["eps"]

    @staticmethod
    def rule(F: Any, p: Any, g: Any, slots: tuple[Any, ...], c: tuple[Any, ...], t: Any, u: Any) -> Any:
        lr, eps = c
        (total,) = slots
        total += F.multiply(g, g, out=t)
        F.sqrt(total, out=t)
        t += eps
        F.multiply(g, lr, out=u)
        u /= t
        return u
