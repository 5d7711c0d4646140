"""Changes of what a tensor says about its memory, not of the memory: other shapes in place, other types by ``view(dtype)``, ``resize_``, ``set_``."""

from __future__ import annotations

from typing import Any
from weakref import ref

from tane.autograd import versions
from tane.autograd.node import AccumulateGrad
from tane.autograd.state import local
from tane.backends.backend import backend_of
from tane.dtypes import to_numpy_dtype
from tane.ops.primitive import primitive
from tane.ops.views import LEAF, check_writable, leaf_in_place
from tane.surface.expose import method
from tane.tensor import Tensor, new

__all__ = ["retyped", "set_view"]


def set_view(t: Tensor, view: Tensor) -> Tensor:
    """Make ``t`` itself what ``view`` is, a fresh view of ``t``.

    Where other tensors are views of ``t``, a hidden tensor takes its place as what they are views of.
    """
    if local.recording:
        check_writable(t, "an in-place view")
    t.views.pop()  # type: ignore[union-attr]  # the view that was just taken, which nobody sees
    children = [child for known in t.views or () if (child := known()) is not None and child.base is t]
    if children or t.base is not None:
        hidden = new(Tensor)
        for name in ("array", "node", "base", "view_of", "untracked", "unrecorded"):
            if name in t.__dict__:
                setattr(hidden, name, t.__dict__[name])
        if hidden.base is not None:
            hidden.base.views = [r for r in hidden.base.views or () if r() is not t] + [ref(hidden)]
        for child in children:
            child.base = hidden
        hidden.views = [ref(child) for child in (*children, t)]
        t.views, t.base, t.view_of = None, hidden, view.view_of
    t.array = view.array
    if type(t.node) is AccumulateGrad:
        t.node.shape = view.array.shape
    elif local.recording:
        t.node = view.node
    if not t.untracked:
        versions.touch(t.array, "set_view")
    return t


# ---- the bytes read as another type -----------------------------------------------------------------------------------------------
view_dtype = primitive(
    "view_dtype",
    lambda F, x, kind=None: x.view(kind),
    None,
    view=True,
)


def retyped(t: Tensor, dtype: Any) -> Tensor:
    """The memory of ``t`` read as another type."""
    kind = to_numpy_dtype(dtype)
    array = t.array
    have, want = array.dtype.itemsize, kind.itemsize
    if have != want:
        if array.ndim == 0:
            raise RuntimeError(f"self.dim() cannot be 0 to view {t.dtype} as {dtype} (different element sizes)")
        if array.strides[-1] != have and array.shape[-1] > 1:
            raise RuntimeError(
                f"self.stride(-1) must be 1 to view {t.dtype} as {dtype} (different element sizes), but got {array.strides[-1] // have}"
            )
        if array.shape[-1] * have % want:
            raise RuntimeError(
                f"self.size(-1) must be divisible by {want // have} to view {t.dtype} as {dtype} (different element sizes), but got {array.shape[-1]}"
            )
    result: Tensor = view_dtype.call(t, kind)
    return result


# ---- other memory ------------------------------------------------------------------------------------------------------------------
@method()
def resize_(self: Tensor, *sizes: Any, memory_format: Any = None) -> Tensor:
    """Give the tensor other sizes: the elements it has keep their order in memory, what is new is whatever the memory held."""
    if self.node is not None:
        raise RuntimeError("cannot resize variables that require grad")
    shape = tuple(sizes[0]) if len(sizes) == 1 and not isinstance(sizes[0], int) else sizes
    if any(d < 0 for d in shape):
        raise RuntimeError(f"Trying to create tensor with negative dimension {min(shape)}: {list(shape)}")
    array = self.array
    if shape != array.shape:
        F = backend_of(type(array)).F
        fresh = F.empty(shape, dtype=array.dtype)
        count = min(fresh.size, array.size)
        fresh.reshape((-1,))[:count] = array.reshape((-1,))[:count]
        self.array = fresh
    return self


@method()
def resize_as_(self: Tensor, other: Tensor, *, memory_format: Any = None) -> Tensor:
    """Give the tensor the sizes of another."""
    return resize_(self, other.array.shape)


@method()
def set_(self: Tensor, source: Tensor | None = None) -> Tensor:
    """Let the tensor share the memory and the layout of ``source`` from now on (none: be empty)."""
    if self.node is not None and local.recording:
        raise leaf_in_place(LEAF, "set_")
    if source is None:
        self.array = backend_of(type(self.array)).F.empty((0,), dtype=self.array.dtype)
        return self
    if source.array.dtype != self.array.dtype:
        raise RuntimeError(f"Could not set tensor of type {source.dtype} to a tensor of type {self.dtype}")
    self.array = source.array
    return self
