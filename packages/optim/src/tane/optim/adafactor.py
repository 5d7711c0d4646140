"""Adafactor: steps scaled by averages of the squared gradient, of which only the rows' and columns' sums are kept."""

from __future__ import annotations

from math import sqrt
from typing import Any

from tane.creation import zeros
from tane.optim.bucket import scalar_type
from tane.optim.optimizer import Group
from tane.optim.separate import Separate, check_not_negative
from tane.tensor import Tensor, wrap

__all__ = ["Adafactor"]


class Adafactor(Separate):
    """N. Shazeer and M. Stern, Adafactor (2018): a matrix's ``v`` is ``rows @ columns / mean(rows)``, and steps grow with the parameter.

    Args:
        lr: the largest relative step, and the factor of the weight decay; a number or a tensor of one element.
        beta2_decay: at step ``t`` the averages keep ``1 - t ** beta2_decay`` of what they were.
        eps: what the root of ``v`` is at least (None: the type's own epsilon), and what the size of a parameter counts as at least.
        d: an update whose root mean square is larger is scaled down to it.
        weight_decay: the value shrinks by ``lr`` times this.
        foreach: PyTorch's choice of implementation; here there is one, and it gives the same numbers.
        maximize: go up instead of down.
    """

    def __init__(
        self,
        params: Any,
        lr: float | Tensor = 1e-2,
        beta2_decay: float = -0.8,
        eps: tuple[float | None, float] = (None, 1e-3),
        d: float = 1.0,
        weight_decay: float = 0.0,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
    ) -> None:
        check_not_negative("Learning rate", lr)
        if beta2_decay > 0.0:
            raise ValueError(f"beta2_decay should be <= 0 but is: {beta2_decay}")
        if eps[0] is not None:
            check_not_negative("epsilon1", eps[0])
        check_not_negative("epsilon2", eps[1])
        if d < 1.0:
            raise ValueError(f"Clipping threshold d should be >= 1 but is: {d}")
        check_not_negative("weight_decay", weight_decay)
        defaults = {
            "lr": lr,
            "beta2_decay": beta2_decay,
            "eps": eps,
            "d": d,
            "weight_decay": weight_decay,
            "foreach": foreach,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        for group in self.param_groups:
            group.setdefault("foreach", None)

    def update(self, F: Any, p: Any, g: Any, state: dict[str, Any], group: Group) -> None:
        if not p.size:
            return
        if not state:
            state["step"] = zeros((), dtype=scalar_type(), device="cpu")
            if p.ndim > 1:
                state["row_var"] = wrap(F.zeros((*p.shape[:-1], 1), dtype=p.dtype))
                state["col_var"] = wrap(F.zeros((*p.shape[:-2], 1, p.shape[-1]), dtype=p.dtype))
            else:
                state["variance"] = wrap(F.zeros(p.shape, dtype=p.dtype))
        step = float(state["step"]) + 1
        state["step"].array[...] = step
        tiny, small = group["eps"]
        tiny = float(F.finfo(p.dtype).eps) if tiny is None else tiny
        lr, new = float(group["lr"]), step ** group["beta2_decay"]
        size = max(small, _length(F, p) / sqrt(p.size)) * min(lr, 1 / sqrt(step))
        if group["weight_decay"] != 0:
            p *= 1 - lr * group["weight_decay"]
        squares = g * g
        if p.ndim > 1:
            rows, columns = state["row_var"].array, state["col_var"].array
            rows += (F.mean(squares, axis=-1, keepdims=True) - rows) * new
            columns += (F.mean(squares, axis=-2, keepdims=True) - columns) * new
            v = F.matmul(rows, columns) / F.maximum(F.mean(rows, axis=-2, keepdims=True), tiny)
        else:
            v = state["variance"].array
            v += (squares - v) * new
        update = g / F.sqrt(F.maximum(v, tiny * tiny))
        clip = max(1.0, _length(F, update) / (sqrt(p.size) * group["d"]))
        p -= update * ((-size if group["maximize"] else size) / clip)


def _length(F: Any, x: Any) -> float:
    return float(F.sqrt(F.sum(x * x, axis=None)).item())
