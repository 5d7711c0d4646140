"""Rprop: steps whose size follows the sign of the gradient, not its size."""

from __future__ import annotations

from typing import Any

from tane.optim.bucket import Bucket, Layout
from tane.optim.elementwise import Elementwise, check_lr
from tane.optim.optimizer import Group
from tane.tensor import Tensor

__all__ = ["Rprop"]


class Rprop(Elementwise):
    """M. Riedmiller and H. Braun (1993): each element has a step of its own, longer while the sign stays and shorter where it turns.

    Args:
        lr: the first step; a number or a tensor of one element.
        etas: by what a step shrinks and grows.
        step_sizes: the shortest and the longest step.
        maximize: go up instead of down.
        foreach: PyTorch's choice of implementation; here there is one.
    """

    def __init__(
        self,
        params: Any,
        lr: float | Tensor = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
        *,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_lr(lr)
        if not 0.0 < etas[0] < 1.0 < etas[1]:
            raise ValueError(f"Invalid eta values: {etas[0]}, {etas[1]}")
        defaults = {
            "lr": lr,
            "etas": etas,
            "step_sizes": step_sizes,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "capturable": capturable,
        }
        super().__init__(params, defaults)

    def slots(self, group: Group) -> tuple[str, ...]:
        return "prev", "step_size"

    def layout(self, group: Group) -> Layout:
        return Layout(self.slots(group), ("step",), {"step_size": float(group["lr"])})

    def decay(self, group: Group) -> Any:
        return 0

    def coefficients(self, group: Group, bucket: Bucket) -> tuple[Any, ...]:
        bucket.numbers["step"] += 1
        return *group["etas"], *group["step_sizes"]

    @staticmethod
    def rule(F: Any, p: Any, g: Any, slots: tuple[Any, ...], c: tuple[Any, ...], t: Any, u: Any) -> Any:
        shrink, grow, shortest, longest = c
        before, size = slots
        F.multiply(g, before, out=t)
        turned = t < 0
        # One of the three is 1 and the others are 0, so that the sum is exact.
        up, down = (t > 0).astype(g.dtype), turned.astype(g.dtype)
        size *= up * grow + down * shrink + (1 - up - down)
        F.maximum(size, shortest, out=size)
        F.minimum(size, longest, out=size)
        before[...] = F.where(turned, 0, g)  # where the sign turned, wait a step
        F.sign(before, out=t)
        t *= size
        return t
