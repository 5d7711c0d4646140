"""A copy of a model whose parameters are averages of the model's: what ``tane.optim.swa_utils.AveragedModel`` is."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from itertools import chain
from typing import Any

from tane.autograd.modes import no_grad
from tane.creation import tensor
from tane.dtypes import int64
from tane.nn.module.module import Module
from tane.tensor import Tensor

__all__ = ["AveragedModel"]


class AveragedModel(Module):
    """Keeps averages of a model's parameters: equally weighted ones (P. Izmailov et al., 2018), or whatever a function makes of them.

    Args:
        model: is copied, to ``device`` where one is given; the copy is ``module``, and computes what this module computes.
        avg_fn: takes an average, the model's present value and the number of models averaged, and gives the new average.
        multi_avg_fn: changes a list of averages in place; it takes them, a list of present values, and the number.
        use_buffers: average buffers, too; otherwise they are copied at each update.
    """

    module: Module
    n_averaged: Tensor

    def __init__(
        self,
        model: Module,
        device: Any = None,
        avg_fn: Callable[[Tensor, Tensor, Tensor | int], Tensor] | None = None,
        multi_avg_fn: Callable[[list[Tensor], list[Tensor], Tensor | int], None] | None = None,
        use_buffers: bool = False,
    ) -> None:
        super().__init__()
        if avg_fn is not None and multi_avg_fn is not None:
            raise AssertionError("Only one of avg_fn and multi_avg_fn should be provided")
        self.module = deepcopy(model)
        if device is not None:
            self.module = self.module.to(device)
        self.register_buffer("n_averaged", tensor(0, dtype=int64, device=device))
        self.avg_fn, self.multi_avg_fn, self.use_buffers = avg_fn, multi_avg_fn, use_buffers

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        return self.module(*args, **kwargs)

    def update_parameters(self, model: Module) -> None:
        """Take the model's present parameters into the averages; the first time they are copied."""
        mine: Any = self.module.parameters()
        present: Any = model.parameters()
        if self.use_buffers:
            mine, present = chain(mine, self.module.buffers()), chain(present, model.buffers())
        with no_grad():
            averages = [p.detach() for p in mine]
            values = [p.detach().to(a.device) for p, a in zip(present, averages)]
            count = int(self.n_averaged.item())
            if count == 0:
                for average, value in zip(averages, values):
                    average.copy_(value)
            elif self.multi_avg_fn is not None:
                self._by_kind(averages, values)
            else:
                for average, value in zip(averages, values):
                    average.copy_(self._average(average, value, count))
            if not self.use_buffers:
                for held, buffer in zip(self.module.buffers(), model.buffers()):
                    held.detach().copy_(buffer.detach())
            self.n_averaged += 1

    def _average(self, average: Tensor, value: Tensor, count: int) -> Tensor:
        if self.avg_fn is not None:
            return self.avg_fn(average, value, self.n_averaged.to(average.device))
        new: Tensor = average + (value - average) / (count + 1)
        return new

    def _by_kind(self, averages: list[Tensor], values: list[Tensor]) -> None:
        """``multi_avg_fn`` of the tensors of each type and device."""
        assert self.multi_avg_fn is not None
        kinds: dict[Any, tuple[list[Tensor], list[Tensor]]] = {}
        for average, value in zip(averages, values):
            mine, present = kinds.setdefault((str(average.device), average.dtype), ([], []))
            mine.append(average)
            present.append(value)
        for mine, present in kinds.values():
            self.multi_avg_fn(mine, present, self.n_averaged.to(mine[0].device))
