"""Muon: momentum whose singular values are made equal, for the matrices of hidden layers."""

from __future__ import annotations

from typing import Any

from tane.dtypes import float32
from tane.optim.optimizer import Group
from tane.optim.separate import Separate, check_not_negative
from tane.tensor import Tensor, wrap

__all__ = ["Muon"]


class Muon(Separate):
    """K. Jordan, Muon (2024): ``p -= lr * orthogonalised(momentum)``, by a few Newton-Schulz iterations in bfloat16, as in PyTorch.

    All parameters must be matrices; others, and embeddings, want another optimizer.

    Args:
        lr: the learning rate; a number or a tensor of one element.
        weight_decay: the value shrinks by ``lr`` times this.
        momentum: how much of the last average goes into the next.
        nesterov: look ahead by one step of momentum.
        ns_coefficients: of the iteration ``x <- a x + b (x x') x + c (x x')² x``.
        eps: what the length of the momentum is at least.
        ns_steps: how many iterations.
        adjust_lr_fn: ``"original"`` (the default) scales a step by ``sqrt(max(1, rows / columns))``, ``"match_rms_adamw"`` by
            ``0.2 * sqrt(max(rows, columns))``.
    """

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        weight_decay: float = 0.1,
        momentum: float = 0.95,
        nesterov: bool = True,
        ns_coefficients: tuple[float, float, float] = (3.4445, -4.775, 2.0315),
        eps: float = 1e-7,
        ns_steps: int = 5,
        adjust_lr_fn: str | None = None,
    ) -> None:
        check_not_negative("Learning rate", lr)
        check_not_negative("momentum", momentum)
        check_not_negative("weight decay", weight_decay)
        if adjust_lr_fn not in (None, "original", "match_rms_adamw"):
            raise ValueError(f"Adjust learning rate function {adjust_lr_fn} is not supported")
        defaults = {
            "lr": lr,
            "weight_decay": weight_decay,
            "momentum": momentum,
            "nesterov": nesterov,
            "ns_coefficients": ns_coefficients,
            "eps": eps,
            "ns_steps": ns_steps,
            "adjust_lr_fn": adjust_lr_fn,
        }
        super().__init__(params, defaults)
        for group in self.param_groups:
            for p in group["params"]:
                if p.ndim != 2:
                    raise ValueError(f"Muon only supports 2D parameters whereas we found a parameter with size: {p.size()}")

    def update(self, F: Any, p: Any, g: Any, state: dict[str, Any], group: Group) -> None:
        if group["ns_steps"] >= 100:
            raise ValueError("Number of steps must be less than 100 for computational efficiency")
        if len(group["ns_coefficients"]) != 3:
            raise ValueError("Coefficients must be a tuple of exactly 3 values")
        if not state:
            state["momentum_buffer"] = wrap(F.zeros(p.shape, dtype=p.dtype))
        average, momentum = state["momentum_buffer"].array, group["momentum"]
        average += (g - average) * (1 - momentum)
        step = g + (average - g) * momentum if group["nesterov"] else average
        lr, (rows, columns) = group["lr"], p.shape
        lr = float(lr.item()) if isinstance(lr, Tensor) else lr
        p *= 1 - lr * group["weight_decay"]
        size = 0.2 * max(rows, columns) ** 0.5 if group["adjust_lr_fn"] == "match_rms_adamw" else max(1.0, rows / columns) ** 0.5
        p -= _orthogonal(F, step, group) * (lr * size)


def _orthogonal(F: Any, x: Any, group: Group) -> Any:
    """Nearly the orthogonal factor of ``x``: its singular values are brought near 1."""
    a, b, c = group["ns_coefficients"]
    tall = x.shape[0] > x.shape[1]
    x = _rounded(F, x.T if tall else x)
    x = _rounded(F, x / max(float(_rounded(F, F.sqrt(F.sum(x * x, axis=None, keepdims=True))).item()), group["eps"]))
    for _ in range(group["ns_steps"]):
        square = _rounded(F, F.matmul(x, x.T))
        polynomial = _rounded(F, square * b + F.matmul(square, square) * c)
        x = _rounded(F, x * a + F.matmul(polynomial, x))
    return x.T if tall else x


def _rounded(F: Any, x: Any) -> Any:
    """``x`` in float32, rounded to the eight bits of a bfloat16: to the nearest, and from the middle to the even one."""
    bits = F.ascontiguousarray(F.cast(x, float32.numpy)).view("uint32")
    bits = (bits + (((bits >> 16) & 1) + 0x7FFF)) & 0xFFFF0000
    return bits.view("float32")
