"""The driver of optimizers that see a parameter as a whole: its rows and columns, or its length."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tane.autograd.fitting import namespaces
from tane.autograd.modes import enable_grad
from tane.autograd.versions import touch
from tane.optim.optimizer import Group, Optimizer
from tane.tensor import Tensor

__all__ = ["Separate", "check_not_negative"]


class Separate(Optimizer):
    """An optimizer that updates one parameter after the other, by :meth:`update` on raw arrays."""

    def update(self, F: Any, p: Any, g: Any, state: dict[str, Any], group: Group) -> None:
        """Change the values ``p`` in place, by the gradient ``g``, which is only to be read; ``state`` is the parameter's."""
        raise NotImplementedError

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update the parameters from their gradients. ``closure`` recomputes the loss, which is then returned."""
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        name = type(self).__name__
        for group in self.param_groups:
            for p in group["params"]:
                grad = p._grad
                if grad is None:
                    continue
                if p.dtype.is_complex:
                    raise RuntimeError(f"{name} does not support complex parameters")
                self.update(namespaces[type(p.array)], p.array, grad.array, self.state[p], group)
                touch(p.array, f"{name}.step")
        return loss


def check_not_negative(name: str, value: Any) -> None:
    """Raise PyTorch's error, in the words of its younger optimizers, for a negative option."""
    if isinstance(value, Tensor) and value.array.size != 1:
        raise ValueError("Tensor lr must be 1-element")
    if not value >= 0.0:
        raise ValueError(f"{name} should be >= 0 but is: {value}")
