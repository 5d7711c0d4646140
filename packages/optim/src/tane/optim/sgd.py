"""Stochastic gradient descent, with momentum."""

from __future__ import annotations

from typing import Any

from tane.optim.bucket import Bucket, Layout
from tane.optim.elementwise import Elementwise, check_lr, number
from tane.optim.optimizer import Group
from tane.tensor import Tensor

__all__ = ["SGD"]


class SGD(Elementwise):
    """``p -= lr * g``; with momentum ``p -= lr * buffer``, where ``buffer = momentum * buffer + (1 - dampening) * g``.

    Args:
        lr: the learning rate; a number or a tensor of one element.
        momentum: how much of the last step goes into the next.
        dampening: how much of the gradient does not.
        weight_decay: adds this much of the value to the gradient.
        nesterov: look ahead by one step of momentum.
        maximize: go up instead of down.
        foreach, fused: PyTorch's choice of implementation; here there is one, and it gives the same numbers.

    >>> import tane
    >>> w = tane.tensor([1.0, 2.0], requires_grad=True)
    >>> (w * w).sum().backward()
    >>> tane.optim.SGD([w], lr=0.25).step()
    >>> w
    tensor([0.5000, 1.0000], requires_grad=True)
    """

    later_options = {"nesterov": False, "maximize": False, "foreach": None, "differentiable": False, "fused": False}  # noqa: RUF012

    def __init__(
        self,
        params: Any,
        lr: float | Tensor = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float | Tensor = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        check_lr(lr)
        if momentum < 0.0:
            raise ValueError(f"Invalid momentum value: {momentum}")
        if weight_decay < 0.0:
            raise ValueError(f"Invalid weight_decay value: {weight_decay}")
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
            "maximize": maximize,
            "foreach": foreach,
            "differentiable": differentiable,
            "fused": fused,
        }
        super().__init__(params, defaults)

    def slots(self, group: Group) -> tuple[str, ...]:
        return ("momentum_buffer",) if group["momentum"] != 0 else ()

    def layout(self, group: Group) -> Layout:
        return Layout(self.slots(group), (), {}, late=True)  # the buffer starts as the first gradient

    def coefficients(self, group: Group, bucket: Bucket) -> tuple[Any, ...]:
        return number(group["lr"], bucket.p), group["momentum"], group["dampening"], group["nesterov"], bucket.fresh

    @staticmethod
    def rule(F: Any, p: Any, g: Any, slots: tuple[Any, ...], c: tuple[Any, ...], t: Any, u: Any) -> Any:
        lr, momentum, dampening, nesterov, fresh = c
        for m in slots:
            if fresh:
                m[...] = g
            else:
                m *= momentum
                m += F.multiply(g, 1 - dampening, out=t) if dampening else g
            if nesterov:
                F.multiply(m, momentum, out=t)
                t += g
                g = t
            else:
                g = m
        F.multiply(g, lr, out=t)
        return t
