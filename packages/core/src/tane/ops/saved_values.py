"""What a node shows of the values it keeps: ``grad_fn._saved_<name>``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tane.autograd.node import Node, show_saved

__all__ = ["saved_value"]

# PyTorch's names of saved values, besides ``self`` and ``other``, and those of the formulas.
PYTORCHS = {"result": "y", "dim": "axis", "keepdim": "keepdims", "tensors": "xs", "results": "ys"}
show_saved(["self", "other", *PYTORCHS])


def saved_value(op: Any, n: Node, name: str, traced: Callable[[Node, str, Any], Any]) -> Any:
    """The value that ``n`` keeps under a formula's name for it, or PyTorch's, as a Tensor where it is one."""
    first, last = (op.inputs[0], op.inputs[-1]) if op.inputs else ("xs", "xs")
    meant = (name, {**PYTORCHS, "self": first, "other": last}.get(name))
    count = 1 if op.joint else len(n.edges)
    places = [(i, k) for i, want in zip(range(count), op.wants) for k, w in enumerate(want) if w in meant]
    if not places:
        raise AttributeError(f"{n.name()} keeps no value called {name!r}; it keeps {', '.join(op.saved_names) or 'none'}")
    if n.saved is None:
        raise RuntimeError(FREED_VALUE)
    for i, k in places:
        if n.saved[i] is not None:
            value = n.saved[i][k]
            return traced(n, op.wants[i][k], value if n.saved_hook is None else n.saved_hook(value))
    return None


FREED_VALUE = (
    "Trying to backward through the graph a second time (or directly access saved tensors after they have already been freed). Specify "
    "retain_graph=True if you need to access saved tensors after calling backward."
)
