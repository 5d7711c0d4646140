"""In-place changes: what they do to the history of a tensor, of the views taken of it, and of the tensor it is a view of."""

from __future__ import annotations

from typing import Any

from tane.autograd import versions
from tane.autograd.node import AccumulateGrad
from tane.autograd.state import local
from tane.ops.index import copy_slices
from tane.ops.primitive import MultiView, Primitive
from tane.tensor import Tensor, wrap

__all__ = ["check_writable", "overwrite", "write"]


class View:
    """How a view is taken of its base, as a value that gradient formulas can apply again."""

    def __init__(self, op: Primitive, values: tuple[Any, ...]) -> None:
        self.op, self.values = op, values

    def take(self, F: Any, x: Any) -> Any:
        """The view of ``x``, raw or a Tensor."""
        if isinstance(x, Tensor):
            return self.op.call(x, *self.values)
        return self.op.forwards[type(x)](x, *self.values)


def check_writable(t: Tensor) -> None:
    """Raise PyTorch's error if an in-place change of ``t`` would lose a gradient."""
    if type(t.node) is AccumulateGrad:
        raise RuntimeError("a leaf Variable that requires grad is being used in an in-place operation.")
    base = t
    while base.base is not None:
        if isinstance(base.view_of and base.view_of[0], MultiView):
            view = base.view_of[0]  # type: ignore[index]
            raise RuntimeError(
                f"Output {view.number} of {view.op.backward_name} is a view and is being modified inplace. This view is the output of a function "
                f"that returns multiple views. Such functions do not allow the output views to be modified inplace. You should replace the inplace "
                f"operation by an out-of-place one."
            )
        base = base.base
    if base is not t and type(base.node) is AccumulateGrad:
        raise RuntimeError("a view of a leaf Variable that requires grad is being used in an in-place operation.")


def write(t: Tensor, array: Any, name: str) -> Tensor:
    """Write raw values into ``t`` without history; the change is counted."""
    t.array[...] = array
    if not t.untracked:
        versions.touch(t.array, name)
    return t


def overwrite(t: Tensor, result: Tensor, name: str) -> Tensor:
    """Give ``t`` the values and the history of ``result``."""
    write(t, result.array, name)
    if not local.recording:
        return t
    node = result.node
    while t.base is not None and t.view_of is not None:
        parent, (op, values) = t.base, t.view_of
        if node is None and parent.node is None:
            break
        view = View(op, values)
        node = copy_slices.node(parent.array, [parent.array, t.array], [parent.node, node], [view])
        t = parent
    else:
        t.node = node
        refresh_views(t)
        return result if t is None else t
    t.node = node
    refresh_views(t)
    return t


def refresh_views(t: Tensor) -> None:
    """Let every view of ``t``, and every view of those, lead to the present history of ``t``."""
    stack = [t]
    while stack:
        base = stack.pop()
        for ref in base.views or ():
            view = ref()
            if view is None or view.view_of is None or isinstance(view.view_of[0], MultiView):
                continue
            op, values = view.view_of
            view.node = None if base.node is None else op.node(view.array, [base.array], [base.node], values)
            stack.append(view)


def detached(t: Tensor) -> Tensor:
    """A tensor on the same memory, without history; changes of either are seen in both and counted."""
    return wrap(t.array)
