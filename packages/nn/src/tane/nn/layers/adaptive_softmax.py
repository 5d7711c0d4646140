"""A softmax over very many classes, of which the frequent ones are looked at first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from tane.nn import functional as F
from tane.nn.containers import ModuleList, Sequential
from tane.nn.layers.linear import Linear
from tane.nn.module.module import Module
from tane.ops.shape import cat
from tane.tensor import Tensor

__all__ = ["AdaptiveLogSoftmaxWithLoss"]


class _ASMoutput(NamedTuple):
    output: Tensor
    loss: Tensor


class AdaptiveLogSoftmaxWithLoss(Module):
    """E. Grave et al., Efficient softmax approximation for GPUs (2017): the logarithm of each target's probability, and the mean loss.

    Classes are numbered by falling frequency. The first ``cutoffs[0]`` stand in the head, beside an entry for each cluster of rarer classes; the
    cluster between two cutoffs is computed for those targets alone that fall into it, from ``in_features / div_value ** number`` features.

    >>> import tane
    >>> softmax = tane.nn.AdaptiveLogSoftmaxWithLoss(16, 100, cutoffs=[10, 50])
    >>> output, loss = softmax(tane.zeros(3, 16), tane.tensor([1, 20, 99]))
    >>> output.shape, softmax.log_prob(tane.zeros(3, 16)).shape
    (torch.Size([3]), torch.Size([3, 100]))
    """

    in_features: int
    n_classes: int
    head: Linear
    tail: ModuleList

    def __init__(
        self,
        in_features: int,
        n_classes: int,
        cutoffs: Sequence[int],
        div_value: float = 4.0,
        head_bias: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        ends = list(cutoffs)
        if not ends:
            raise ValueError("cutoffs should be a sequence of length larger than 0")
        if any(int(c) != c for c in ends) or ends != sorted(set(ends)) or ends[0] < 1 or ends[-1] > n_classes - 1:
            raise ValueError(
                "cutoffs should be a sequence of unique, positive integers sorted in an increasing order, where each value is between 1 and n_classes-1"
            )
        self.in_features, self.n_classes, self.div_value, self.head_bias = in_features, n_classes, div_value, head_bias
        self.cutoffs = [*ends, n_classes]
        self.shortlist_size, self.n_clusters = ends[0], len(ends)
        self.head_size = self.shortlist_size + self.n_clusters
        self.head = Linear(in_features, self.head_size, bias=head_bias, device=device, dtype=dtype)
        self.tail = ModuleList()
        for i, (low, high) in enumerate(zip(self.cutoffs, self.cutoffs[1:]), 1):
            width = int(in_features // div_value**i)
            self.tail.append(
                Sequential(
                    Linear(in_features, width, bias=False, device=device, dtype=dtype),
                    Linear(width, high - low, bias=False, device=device, dtype=dtype),
                )
            )

    def reset_parameters(self) -> None:
        """Draw new initial values."""
        self.head.reset_parameters()
        for cluster in self.tail:
            for layer in cluster.children():
                layer.reset_parameters()

    def forward(self, input_: Tensor, target_: Tensor) -> _ASMoutput:
        self._check(input_, target_)
        alone = target_.ndim == 0
        input, target = (input_.unsqueeze(0), target_.unsqueeze(0)) if alone else (input_, target_)
        if target.array.size and not 0 <= int(target.min()) <= int(target.max()) < self.n_classes:
            raise RuntimeError(
                f"Target values should be in [0, {self.n_classes - 1}], but values in range [{target.min().item()}, {target.max().item()}] were found. "
            )
        place = target
        found = []
        for i, (low, high) in enumerate(zip(self.cutoffs, self.cutoffs[1:])):
            within = (target >= low) & (target < high)
            place = place.masked_fill(within, self.shortlist_size + i)
            rows = within.nonzero().squeeze(1)
            if rows.array.size:
                scores = F.log_softmax(self.tail[i](input[rows]), 1)
                found.append((rows, scores.gather(1, (target[rows] - low).unsqueeze(1)).squeeze(1)))
        output = F.log_softmax(self.head(input), 1).gather(1, place.unsqueeze(1)).squeeze(1)
        for rows, own in found:
            output = output.index_add(0, rows, own)
        loss = (-output).mean()
        return _ASMoutput(output.squeeze(0) if alone else output, loss)

    def _check(self, input: Tensor, target: Tensor) -> None:
        if target.ndim > 1:
            raise RuntimeError("0D or 1D target tensor expected, multi-target not supported")
        if target.ndim == 1 and input.ndim and input.array.shape[0] != target.array.shape[0]:
            raise RuntimeError("Input and target should have the same size in the batch dimension.")
        if input.ndim != target.ndim + 1:
            raise RuntimeError(
                f"{target.ndim}D target tensor expects {target.ndim + 1}D input tensors, but found inputs with size {input.size()}"
            )

    def log_prob(self, input: Tensor) -> Tensor:
        """The logarithms of the probabilities of all classes, (N, n_classes), for ``input`` (N, in_features)."""
        head = F.log_softmax(self.head(input), 1)
        parts = [head[:, : self.shortlist_size]]
        for i, cluster in enumerate(self.tail, self.shortlist_size):
            parts.append(F.log_softmax(cluster(input), 1) + head[:, i].unsqueeze(1))
        every: Tensor = cat.call(parts, 1)
        return every

    def predict(self, input: Tensor) -> Tensor:
        """The most probable class of each row: that of the head, unless the head points to a cluster."""
        best: Tensor = self.head(input).argmax(1)
        far = (best >= self.shortlist_size).nonzero().squeeze(1)
        if far.array.size:
            best[far] = self.log_prob(input[far]).argmax(1)
        return best
