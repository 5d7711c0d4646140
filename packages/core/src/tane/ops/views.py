"""In-place changes: what they do to the history of a tensor, of the views taken of it, and of the tensor it is a view of.

A view leads, by ``base`` and ``view_of``, to the tensor that owns the memory. A recorded change of the view is a change of that root: one
``CopySlices`` node, whose gradient is that of the root with zeros where the view lies, and that of the new values. Every view of the root then gets a
history from there.
"""

from __future__ import annotations

import copy
from typing import Any

from tane.autograd import versions
from tane.autograd.fitting import fit
from tane.autograd.node import AccumulateGrad, HookDict, Node
from tane.autograd.state import local, state
from tane.ops.index import copy_slices, seen_again
from tane.ops.joint import MultiView
from tane.ops.primitive import Primitive
from tane.ops.strided import Layout, as_strided
from tane.tensor import Tensor

__all__ = ["LEAF", "View", "check_writable", "leaf_in_place", "overwrite", "replace_history", "root_of", "write"]

OVERLAP = (
    "unsupported operation: more than one element of the written-to tensor refers to a single memory location. "
    "Please clone() the tensor before performing the operation."
)
SAME_EVERYWHERE = {"fill_", "zero_"}  # writing twice to one place does no harm
CHANGED = "its base or another view of its base has been modified inplace"
AMBIGUOUS = (
    "Given that this use case is ambiguous and error-prone, it is forbidden. You can clarify your code by moving both the view and the inplace either both "
    "inside the no_grad block (if you don't want the inplace to be tracked) or both outside (if you want the inplace to be tracked)."
)


class View:
    """How a view is taken of its root, in one step or several, as a value that gradient formulas can apply again.

    A step is an op, its keywords, and the shape it is applied to. ``index`` is an advanced index into the last one's result, which only
    changes have: ``x[0][mask] = y`` is a change of ``x``.
    """

    index: tuple[Any, ...] | None = None

    def __init__(self, op: Primitive, values: tuple[Any, ...], shape: tuple[int, ...] = (), outer: View | None = None) -> None:
        self.steps: tuple[tuple[Any, tuple[Any, ...], tuple[int, ...]], ...] = (*(outer.steps if outer else ()), (op, values, shape))

    def take(self, F: Any, x: Any) -> Any:
        """The view of ``x``, raw or a Tensor."""
        for op, values, _ in self.steps:
            x = op.call(x, *values) if isinstance(x, Tensor) else op.forwards[type(x)](x, *values)
        return x

    @property
    def held(self) -> tuple[Any, ...]:
        """What the graph keeps for it, and must not be changed before backward."""
        return self.index or ()

    def at(self, index: tuple[Any, ...]) -> View:
        """The places of the view that an advanced index names."""
        part = copy.copy(self)
        part.index = index
        return part

    def read(self, F: Any, g: Any) -> Any:
        """What ``g`` has at the places that were changed."""
        g = self.take(F, g)
        return g if self.index is None else F.take_index(g, self.index)

    def clear(self, F: Any, out: Any) -> None:
        """Put zeros at the places that were changed, in a raw array of the root's shape."""
        self.take(F, out)[... if self.index is None else self.index] = 0

    def put_back(self, F: Any, g: Any) -> Any:
        """The gradient of the root for the gradient ``g`` of the view, raw or a Tensor."""
        for op, values, shape in reversed(self.steps):
            known = {**dict(zip(op.keywords, values, strict=True)), f"{op.inputs[0]}_shape": shape}
            g = op.gradients[0](F, g, *(known[name] for name in op.wants[0]))
            if g.shape != shape:
                g = fit(F, g, shape, isinstance(g, Tensor))
        return g


class RefusedNode(Node):
    """The history of a view whose root was changed in place in a way that leaves it none: whoever needs it gets an error."""

    op = None
    edges = ()
    saved = ()

    def __init__(self, reason: str, array: Any) -> None:
        self.reason, self.shape, self.dtype, self.epoch = reason, array.shape, array.dtype, state.mutations

    def name(self) -> str:
        return "NotImplemented"

    def pull(self, *_: Any) -> Any:
        raise RuntimeError(self.reason)


# ---- where a view comes from -------------------------------------------------------------------------------------------------------
def root_of(t: Tensor) -> Tensor:
    """The tensor that ``t`` is a view of, directly or through other views; ``t`` itself if it is none."""
    while t.base is not None:
        t = t.base
    return t


def path(t: Tensor) -> tuple[Tensor, View | None, str | None]:
    """The root of ``t``, how ``t`` is taken of it, and why it may not be written to (None: it may)."""
    steps = []
    reason = None
    while t.base is not None and t.view_of is not None:
        op, values = t.view_of
        if isinstance(op, MultiView):
            reason = f"Output {op.number} of {op.label.removesuffix('Backward0')} is a view and is being modified inplace. {op.reason}"
        elif t.unrecorded and reason is None:
            reason = f"A view was created in no_grad mode and is being modified inplace with grad mode enabled. {AMBIGUOUS}"
        t = t.base
        steps.append((op, values, t.array.shape))
    view = None
    for op, values, shape in reversed(steps):
        view = taken(t, op, values, shape, view)
    return t, view, reason


def taken(root: Tensor, op: Any, values: tuple[Any, ...], shape: tuple[int, ...], outer: View | None) -> View:
    """One step more of a view; ``as_strided`` speaks of the root's memory, whatever views were taken before."""
    if op is as_strided and outer is not None:
        return View(op, (Layout.of(root.array), values[1]), root.array.shape)
    return View(op, values, shape, outer)


def leaf_in_place(what: str, op: str) -> RuntimeError:
    """PyTorch's error for an in-place change of a leaf, and what would be right."""
    return RuntimeError(
        f"{what} that requires grad is being used in an in-place operation. {op} would be part of its history, and a leaf has none: use it under "
        f"torch.no_grad(), or on a .clone()"
    )


LEAF = "a leaf Variable"
VIEW_OF_LEAF = "a view of a leaf Variable"


def check_writable(t: Tensor, op: str, part: bool = False) -> None:
    """Raise PyTorch's error if ``op``, an in-place change of ``t`` or of a ``part`` of it, would lose a gradient."""
    if t.base is None:
        if type(t.node) is AccumulateGrad:
            raise leaf_in_place(VIEW_OF_LEAF if part else LEAF, op)
        return
    root, _, reason = path(t)
    if root.node is None and t.node is None:
        return
    if reason is not None:
        raise RuntimeError(reason)
    if type(root.node) is AccumulateGrad or type(t.node) is AccumulateGrad:
        raise leaf_in_place(VIEW_OF_LEAF, op)


# ---- writing -----------------------------------------------------------------------------------------------------------------------
def write(t: Tensor, array: Any, name: str) -> Tensor:
    """Write raw values into ``t`` without history; the change is counted."""
    target = t.array
    if 0 in target.strides and name not in SAME_EVERYWHERE:
        refuse_overlap(target)
    target[...] = array
    if not t.untracked:
        versions.touch(target, name)
    return t


def refuse_overlap(array: Any) -> None:
    """Raise if several elements of an array that is to be written to lie in one place, as after ``expand``."""
    if any(s == 0 and d > 1 for s, d in zip(array.strides, array.shape, strict=True)) and array.size:
        raise RuntimeError(OVERLAP)


def overwrite(t: Tensor, result: Tensor, name: str) -> Tensor:
    """Give ``t`` the values and the history of ``result``."""
    if local.recording and result.node is not None and t.base is not None:
        refuse(t)
    write(t, result.array, name)
    if local.recording:
        replace_history(t, result.node)
    return t


def refuse(t: Tensor) -> None:
    """Raise if values with a history may not be written to the view ``t``, whatever its own history."""
    root, _, reason = path(t)
    if reason is not None:
        raise RuntimeError(reason)
    if type(root.node) is AccumulateGrad:
        raise leaf_in_place(VIEW_OF_LEAF, "x[index] = value")


def replace_history(t: Tensor, node: Node | None) -> None:
    """Let ``t``, whose memory was just written to, lead to ``node``, and so what it is a view of and what are views of it."""
    if t.base is None:
        root = t
    else:
        root, view, _ = path(t)
        if node is None and root.node is None:
            return
        node = copy_slices.node(root.array, [root.array, t.array], [root.node, node], [view])
    old = root.node
    root.node = node
    if "retained" in root.__dict__ and old is not None and node is not None:
        _move_retained(old, node)
    if root.views is not None and (node is not None or old is not None):
        refresh_views(root)


def _move_retained(old: Node, node: Node) -> None:
    """``retain_grad`` follows the tensor, not the values it had."""
    keep = None if old.hooks is None else old.hooks.pop(HookDict.LAST, None)
    if keep is not None:
        node._hooks("hooks")[HookDict.LAST] = keep


def refresh_views(root: Tensor) -> None:
    """Let every view of ``root``, and every view of those, lead to the present history of ``root``."""
    stack: list[tuple[Tensor, View | None, str | None]] = [(root, None, None)]
    while stack:
        base, outer, refusal = stack.pop()
        for ref in base.views or ():
            view = ref()
            if view is None or view.view_of is None or view.base is not base:
                continue
            op, values = view.view_of
            reason = refusal
            if isinstance(op, MultiView):
                reason = f"Output {op.number} of {op.label.removesuffix('Backward0')} is a view and {CHANGED}. {op.reason}"
            elif view.unrecorded and reason is None:
                reason = f"A view was created in no_grad mode and {CHANGED} with grad mode enabled. {AMBIGUOUS}"
            how = None if reason else taken(root, op, values, base.array.shape, outer)
            old = view.node
            if root.node is None:
                if type(old) is not AccumulateGrad:
                    view.node = None
            elif reason:
                view.node = RefusedNode(reason, view.array)
            else:
                view.node = seen_again.node(view.array, [root.array], [root.node], [how])
                if "retained" in view.__dict__ and old is not None:
                    _move_retained(old, view.node)
            stack.append((view, how, reason))
