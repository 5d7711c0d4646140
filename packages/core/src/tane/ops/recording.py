"""What every op does beside computing: tell observers of a node, remember where a view came from, say what does not go together."""

from __future__ import annotations

from typing import Any
from weakref import ref

from tane.autograd.node import Node
from tane.autograd.state import local, state
from tane.tensor import Tensor

__all__ = ["mismatch", "notify", "track", "undefined"]


def mismatch(op: Any, error: ValueError, *raws: Any) -> Exception:
    """PyTorch's error for operands whose shapes do not go together; ``error`` itself where that is not the trouble."""
    shapes = [x.shape for x in raws if hasattr(x, "shape")]
    if not op.promotes or len(shapes) < 2:
        return error
    so_far: list[int] = []
    for shape in shapes:
        wide = max(len(so_far), len(shape))
        a, b = [1] * (wide - len(so_far)) + so_far, [1] * (wide - len(shape)) + list(shape)
        for i in range(wide - 1, -1, -1):
            if a[i] != b[i] and a[i] != 1 and b[i] != 1:
                return RuntimeError(
                    f"The size of tensor a ({a[i]}) must match the size of tensor b ({b[i]}) at non-singleton dimension {i}: "
                    f"{op.name} of shapes {' and '.join(str(list(s)) for s in shapes)}"
                )
        so_far = [y if x == 1 else x for x, y in zip(a, b, strict=True)]
    return error


def notify(n: Node) -> None:
    for observer in local.observers:
        observer(n)


def track(parent: Any, view: Tensor, op: Any, values: tuple[Any, ...]) -> None:
    """Remember where a view came from, so that an in-place change of either reaches the other's history."""
    view.base, view.view_of = parent, (op, values)
    if parent.untracked:
        view.untracked = True
    if state.special and not local.recording:
        view.unrecorded = True
    views = parent.views
    if views is None:
        parent.views = views = []
    elif len(views) > 8 and len(views) & (len(views) - 1) == 0:  # now and then, drop those that are gone
        views[:] = [v for v in views if v() is not None]
    views.append(ref(view))


def undefined(name: str) -> Any:
    """A gradient formula for an op that has none: it raises as soon as backward comes by."""

    def gradient(F: Any, g: Any) -> Any:
        raise RuntimeError(f"derivative for aten::{name} is not implemented")

    return gradient
