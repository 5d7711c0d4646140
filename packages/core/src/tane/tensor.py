"""Tensor: a raw array, the graph node that produced it, and the attributes that need no arithmetic.

Its arithmetic and shape methods are bound from the op tables by :mod:`tane.methods`; this class is what those ops make.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tane.autograd.node import AccumulateGrad, Node, Output
from tane.autograd.versions import version
from tane.backends.backend import backend_of
from tane.device import device
from tane.dtypes import dtype, from_numpy_dtype
from tane.size import Size

__all__ = ["Tensor", "wrap"]


class Tensor:
    """A multi-dimensional array that remembers how it was computed.

    Made by :func:`tane.tensor` and its siblings. ``array`` is the raw array (NumPy's, CuPy's), ``node`` what produced it: ``None`` where no
    gradient is wanted.
    """

    array: Any
    node: Node | None = None
    base: Tensor | None = None  # of a view: the tensor it was taken from
    view_of: tuple[Any, tuple[Any, ...]] | None = None  # of a view: the op and keywords that take it from its base
    views: list[Any] | None = None  # weak references to the views taken of this tensor
    untracked: bool = False  # changes through .data are not counted, as in PyTorch
    retained: bool  # set where retain_grad was asked for
    unrecorded: bool = False  # of a view: taken while nothing was recorded, so that changes of it cannot be either
    _grad: Tensor | None = None
    __array_priority__ = 1000

    if TYPE_CHECKING:  # the methods that tane.methods binds

        def __getattr__(self, name: str) -> Any: ...
        def __add__(self, other: Any) -> Tensor: ...
        def __radd__(self, other: Any) -> Tensor: ...
        def __iadd__(self, other: Any) -> Tensor: ...
        def __sub__(self, other: Any) -> Tensor: ...
        def __rsub__(self, other: Any) -> Tensor: ...
        def __isub__(self, other: Any) -> Tensor: ...
        def __mul__(self, other: Any) -> Tensor: ...
        def __rmul__(self, other: Any) -> Tensor: ...
        def __imul__(self, other: Any) -> Tensor: ...
        def __truediv__(self, other: Any) -> Tensor: ...
        def __rtruediv__(self, other: Any) -> Tensor: ...
        def __itruediv__(self, other: Any) -> Tensor: ...
        def __floordiv__(self, other: Any) -> Tensor: ...
        def __rfloordiv__(self, other: Any) -> Tensor: ...
        def __ifloordiv__(self, other: Any) -> Tensor: ...
        def __mod__(self, other: Any) -> Tensor: ...
        def __rmod__(self, other: Any) -> Tensor: ...
        def __imod__(self, other: Any) -> Tensor: ...
        def __pow__(self, other: Any) -> Tensor: ...
        def __rpow__(self, other: Any) -> Tensor: ...
        def __ipow__(self, other: Any) -> Tensor: ...
        def __matmul__(self, other: Any) -> Tensor: ...
        def __rmatmul__(self, other: Any) -> Tensor: ...
        def __and__(self, other: Any) -> Tensor: ...
        def __rand__(self, other: Any) -> Tensor: ...
        def __iand__(self, other: Any) -> Tensor: ...
        def __or__(self, other: Any) -> Tensor: ...
        def __ror__(self, other: Any) -> Tensor: ...
        def __ior__(self, other: Any) -> Tensor: ...
        def __xor__(self, other: Any) -> Tensor: ...
        def __rxor__(self, other: Any) -> Tensor: ...
        def __ixor__(self, other: Any) -> Tensor: ...
        def __lshift__(self, other: Any) -> Tensor: ...
        def __rlshift__(self, other: Any) -> Tensor: ...
        def __ilshift__(self, other: Any) -> Tensor: ...
        def __rshift__(self, other: Any) -> Tensor: ...
        def __rrshift__(self, other: Any) -> Tensor: ...
        def __irshift__(self, other: Any) -> Tensor: ...
        def __lt__(self, other: Any) -> Tensor: ...
        def __le__(self, other: Any) -> Tensor: ...
        def __gt__(self, other: Any) -> Tensor: ...
        def __ge__(self, other: Any) -> Tensor: ...
        def __eq__(self, other: Any) -> Tensor: ...  # type: ignore[override]
        def __ne__(self, other: Any) -> Tensor: ...  # type: ignore[override]
        def __neg__(self) -> Tensor: ...
        def __pos__(self) -> Tensor: ...
        def __abs__(self) -> Tensor: ...
        def __invert__(self) -> Tensor: ...
        def __getitem__(self, index: Any) -> Tensor: ...
        def __setitem__(self, index: Any, value: Any) -> None: ...
        def __iter__(self) -> Iterator[Tensor]: ...
        def __bool__(self) -> bool: ...
        def __float__(self) -> float: ...
        def __int__(self) -> int: ...
        def __index__(self) -> int: ...
        def __complex__(self) -> complex: ...
        def __contains__(self, element: Any) -> bool: ...

    # ---- what it is ---------------------------------------------------------------------------------------------------------
    @property
    def shape(self) -> Size:
        return Size(self.array.shape)

    @property
    def dtype(self) -> dtype:
        return from_numpy_dtype(self.array.dtype)

    @property
    def device(self) -> device:
        array = self.array
        return backend_of(type(array)).device_of(array)

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return int(self.array.ndim)

    @property
    def itemsize(self) -> int:
        return int(self.array.dtype.itemsize)

    @property
    def nbytes(self) -> int:
        return int(self.array.nbytes)

    # ---- its place in the graph --------------------------------------------------------------------------------------------
    @property
    def requires_grad(self) -> bool:
        """Whether gradients are computed for it: a leaf that asked for one, or the result of an op on such. Also what a view says that was taken
        while nothing was recorded, though no gradient reaches its base.
        """
        if self.node is not None:
            return True
        base = self.base
        if base is None or self.array.dtype.kind in "biu":
            return False
        while base.node is None:
            if base.base is None:
                return False
            base = base.base
        return True

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        if value is self.requires_grad:
            return
        if not value:
            if not self.is_leaf:
                raise RuntimeError(
                    "you can only change requires_grad flags of leaf variables. If you want to use a computed variable in a subgraph "
                    "that doesn't require differentiation use var_no_grad = var.detach()."
                )
            self.node = None
            return
        if self.array.dtype.kind not in "fc" and not self.dtype.is_floating_point:
            raise RuntimeError("only Tensors of floating point dtype can require gradients")
        self.node = AccumulateGrad(self)

    @property
    def is_leaf(self) -> bool:
        """Whether no recorded op produced it."""
        node = self.node
        return node is None or type(node) is AccumulateGrad

    @property
    def grad_fn(self) -> Node | None:
        """The graph node of the op that produced it; ``None`` for a leaf."""
        node = self.node
        if node is None or type(node) is AccumulateGrad:
            return None
        return node.parent if type(node) is Output else node

    @property
    def output_nr(self) -> int:
        """Which output of ``grad_fn`` it is."""
        return self.node.number if type(self.node) is Output else 0

    @property
    def grad(self) -> Tensor | None:
        """The gradient that backward has summed up so far."""
        if self._grad is None and self.node is not None and not self.is_leaf and "retained" not in self.__dict__:
            warnings.warn(
                "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its .grad attribute won't be populated during "
                "autograd.backward(). If you indeed want the .grad field to be populated for a non-leaf Tensor, use .retain_grad() on the "
                "non-leaf Tensor. If you access the non-leaf Tensor by mistake, make sure you access the leaf Tensor instead.",
                UserWarning,
                stacklevel=2,
            )
        return self._grad

    @grad.setter
    def grad(self, value: Tensor | None) -> None:
        if value is not None:
            if not isinstance(value, Tensor):
                raise TypeError(f"assigned grad expected to be a Tensor or None but got grad of type {type(value).__name__}")
            if value is self:
                raise RuntimeError("can't assign Variable as its own grad")
            if value.array.shape != self.array.shape:
                raise RuntimeError(
                    f"attempting to assign a gradient of size '{list(value.shape)}' to a tensor of size '{list(self.shape)}'. Please ensure that the "
                    f"gradient and the tensor are the same size"
                )
            if value.array.dtype != self.array.dtype:
                raise RuntimeError(f"attempting to assign a gradient with dtype '{value.dtype}' to a tensor with dtype '{self.dtype}'")
            if type(value.array) is not type(self.array):
                raise RuntimeError(
                    f"attempting to assign a gradient with device type '{value.device.type}' to a tensor with device type '{self.device.type}'. Please "
                    f"ensure that the gradient and the tensor are on the same device"
                )
        self._grad = value

    @grad.deleter
    def grad(self) -> None:
        self._grad = None

    @property
    def data(self) -> Tensor:
        """The same memory without the graph; changes made through it are not noticed by backward."""
        t = wrap(self.array)
        t.untracked = True
        return t

    @data.setter
    def data(self, value: Tensor) -> None:
        if not isinstance(value, Tensor):
            raise TypeError(f"Variable data has to be a tensor, but got {type(value).__name__}")
        self.array = value.array
        if type(self.node) is AccumulateGrad:
            self.node.shape, self.node.dtype = value.array.shape, value.array.dtype

    @property
    def _version(self) -> int:
        """How often its memory was changed in place."""
        return version(self.array)

    @property
    def _base(self) -> Tensor | None:
        """Of a view: the tensor whose memory it shares."""
        t = self.base
        while t is not None and t.base is not None:
            t = t.base
        return t

    # ---- Python's protocols ---------------------------------------------------------------------------------------------------
    def __hash__(self) -> int:
        return id(self)

    def __len__(self) -> int:
        if self.array.ndim == 0:
            raise TypeError("len() of a 0-d tensor")
        return int(self.array.shape[0])


Tensor.__hash__ = object.__hash__  # type: ignore[method-assign]  # the C function: dicts of tensors need no Python call

new = object.__new__


def wrap(array: Any, node: Node | None = None) -> Tensor:
    """A Tensor of a raw array, without copying."""
    t = new(Tensor)
    t.array = array
    if node is not None:
        t.node = node
    return t
