"""A model as a table: its modules, what they put out, and how many parameters each holds."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from math import prod
from typing import Any

from tane.autograd.modes import no_grad
from tane.tensor import Tensor
from tane.viz.modules import evaluating, tensors

__all__ = ["Row", "Summary", "summary"]


@dataclass
class Row:
    """One module: its path and class, the shapes it put out last, its own parameters, and how often it ran."""

    path: str
    kind: str
    own: int
    shapes: list[tuple[int, ...]]
    calls: int = 0
    failed: bool = False


@dataclass
class Summary:
    """What :func:`summary` found out; printing it shows the table."""

    rows: list[Row]
    parameters: int
    trainable: int
    nbytes: int
    ran: bool
    depth: int | None = None

    def __str__(self) -> str:
        shown = [r for r in self.rows if self.depth is None or not r.path or r.path.count(".") < self.depth]
        cells = [(label(r), self.outcome(r), f"{self.count(r):,}" if self.count(r) else "-") for r in shown]
        head = ("module", "output shape" if self.ran else "", "parameters")
        widths = [max(len(row[i]) for row in [head, *cells]) for i in range(3)]
        line = "-" * (sum(widths) + 4)
        text = [f"{a:<{widths[0]}}  {b:<{widths[1]}}  {c:>{widths[2]}}" for a, b, c in [head, *cells]]
        frozen = self.parameters - self.trainable
        total = f"{self.parameters:,} parameters, {self.nbytes:,} bytes" + (f"; {frozen:,} of them frozen" if frozen else "")
        return "\n".join([text[0], line, *text[1:], line, total])

    __repr__ = __str__

    def count(self, row: Row) -> int:
        """The parameters of a row: its own, and those of modules too deep to be shown."""
        if self.depth is None or not row.path or row.path.count(".") + 1 < self.depth:
            return row.own
        return sum(r.own for r in self.rows if r.path == row.path or r.path.startswith(row.path + "."))

    def outcome(self, row: Row) -> str:
        if row.failed:
            return "failed here"
        if not row.calls:
            return "did not run" if self.ran else ""
        shapes = " ".join(f"({', '.join(map(str, s))})" for s in row.shapes) or "no tensor"
        return shapes if row.calls == 1 else f"{shapes}, {row.calls} times"


def label(row: Row) -> str:
    """A module's name and class, indented by how deep it lies."""
    if not row.path:
        return row.kind
    return f"{'  ' * (row.path.count('.') + 1)}{row.path.rpartition('.')[2]}: {row.kind}"


def summary(model: Any, *inputs: Any, depth: int | None = None) -> Summary:
    """Look at a model, and run it once on ``inputs`` if there are any: in evaluation mode, without gradients.

    Parameters are counted where they are, not where they are used: those that a module holds besides its submodules stand in its own
    line, and one that several modules share is counted once. If the forward fails, the table is printed as far as it ran, the module that
    failed marked, and the error is raised.

    Args:
        model: Whatever has ``named_modules``, ``named_parameters`` and PyTorch's forward hooks.
        inputs: What ``model`` is called with.
        depth: How many levels of nested modules are shown; what lies deeper is counted with the module around it.

    >>> print(tane.viz.summary(tane.nn.Linear(2, 1), tane.ones(5, 2)))             # doctest: +SKIP
    module  output shape  parameters
    --------------------------------
    Linear  (5, 1)                 3
    --------------------------------
    3 parameters, 12 bytes
    """
    named = dict(model.named_parameters())
    own: dict[str, int] = {}
    for name, p in named.items():
        path = name.rpartition(".")[0]
        own[path] = own.get(path, 0) + prod(p.shape)
    rows = [Row(path, type(m).__name__, own.get(path, 0), []) for path, m in model.named_modules()]
    result = Summary(
        rows,
        sum(own.values()),
        sum(prod(p.shape) for p in named.values() if p.requires_grad),
        sum(p.nbytes for p in named.values()),
        bool(inputs),
        depth,
    )
    if inputs:
        try:
            run(model, inputs, rows)
        except Exception:
            print(result)
            raise
    return result


def run(model: Any, inputs: tuple[Any, ...], rows: list[Row]) -> None:
    """Call the model and fill in what its modules put out."""
    inside: list[Row] = []

    def entering(row: Row) -> Callable[..., None]:
        return lambda module, args: inside.append(row)

    def leaving(module: Any, args: Any, output: Any) -> None:
        row = inside.pop()
        row.calls += 1
        row.shapes = [tuple(t.shape) for t in tensors(output) if isinstance(t, Tensor)]

    with ExitStack() as stack:
        for row, (_, module) in zip(rows, model.named_modules(), strict=True):
            stack.enter_context(module.register_forward_pre_hook(entering(row)))
            stack.enter_context(module.register_forward_hook(leaving))
        with evaluating(model), no_grad():
            try:
                model(*inputs)
            except Exception:
                if inside:
                    inside[-1].failed = True
                raise
