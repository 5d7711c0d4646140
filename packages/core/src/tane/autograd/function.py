"""``autograd.Function``: an operation whose gradient its author writes by hand.

A subclass has static methods ``forward`` and ``backward``. What happens inside ``forward`` is not recorded; one node stands for all of it, and
backward calls ``backward`` with the gradients of the outputs.
"""

from __future__ import annotations

import functools
import inspect
import warnings
from collections.abc import Callable
from typing import Any

from tane.autograd.context import FunctionCtx
from tane.autograd.custom import DelayedError, FunctionNode, FunctionView
from tane.autograd.modes import no_grad
from tane.autograd.node import Output
from tane.autograd.state import local, state
from tane.ops.recording import notify, track
from tane.ops.views import check_writable, overwrite
from tane.tensor import Tensor, wrap

__all__ = ["Function", "FunctionCtx", "once_differentiable"]


class FunctionMeta(type):
    """Gives every Function class a node class of its own, named after it: ``Exp`` has nodes of type ``ExpBackward``."""

    _backward_cls: type[FunctionNode]

    def __init__(cls, name: str, bases: tuple[type, ...], attributes: dict[str, Any]) -> None:
        cls._backward_cls = type(f"{name}Backward", (FunctionNode,), {"_forward_cls": cls})
        super().__init__(name, bases, attributes)


class Function(metaclass=FunctionMeta):
    """Base of custom operations.

    >>> import tane
    >>> class Cube(tane.autograd.Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         ctx.save_for_backward(x)
    ...         return x ** 3
    ...     @staticmethod
    ...     def backward(ctx, grad_output):
    ...         x, = ctx.saved_tensors
    ...         return grad_output * 3 * x ** 2
    >>> x = tane.tensor(2.0, requires_grad=True)
    >>> Cube.apply(x).backward()
    >>> x.grad
    tensor(12.)
    """

    generate_vmap_rule = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        warnings.warn(
            f"{type(self)} should not be instantiated. Methods on autograd functions are all static, so you should invoke them on the class "
            f"itself. Instantiating an autograd function will raise an error in a future version of PyTorch.",
            DeprecationWarning,
            stacklevel=2,
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise RuntimeError(
            "Legacy autograd function with non-static forward method is deprecated. Please use new-style autograd function with static "
            "forward method. (Example: https://pytorch.org/docs/stable/autograd.html#torch.autograd.Function)"
        )

    @staticmethod
    def forward(*args: Any, **kwargs: Any) -> Any:
        """Compute the outputs: ``forward(ctx, *inputs)``, or ``forward(*inputs)`` where the class has a ``setup_context``."""
        raise NotImplementedError("You must implement the forward function for custom autograd.Function.")

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        """Put into ``ctx`` what backward will need, for a ``forward`` that takes no ``ctx``."""
        raise NotImplementedError("setup_context is not implemented.")

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """The gradient of every argument of ``forward`` (``None`` where there is none), from the gradient of every output."""
        raise NotImplementedError(
            "You must implement either the backward or vjp method for your custom autograd.Function to use it with backward mode AD."
        )

    vjp = backward

    @staticmethod
    def jvp(ctx: Any, *grad_inputs: Any) -> Any:
        """Forward-mode differentiation, which tane does by differentiating backward: this method is never called."""
        raise NotImplementedError("You must implement the jvp function for custom autograd.Function to use it with forward mode AD.")

    @classmethod
    def _written_backward(cls) -> Callable[..., Any]:
        if cls.backward is not Function.backward and cls.vjp is not Function.vjp:
            raise RuntimeError(
                "Implementing both 'backward' and 'vjp' for a custom Function is not allowed. You should only implement one of them."
            )
        return cls.vjp if cls.vjp is not Function.vjp else cls.backward

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        """Call the operation; its outputs lead back to its inputs through one node."""
        separate = cls.setup_context is not Function.setup_context
        if separate or kwargs:
            args = _bound(cls, args, kwargs, separate)
        ctx = FunctionCtx()
        ctx.needs_input_grad = tuple(isinstance(a, Tensor) and a.node is not None for a in args)
        ctx.tensor_inputs = tuple(isinstance(a, Tensor) for a in args)
        tensors = [a for a in args if isinstance(a, Tensor)]
        edges = tuple(t.node for t in tensors)
        recording = local.recording and any(e is not None for e in edges)
        with no_grad():
            if separate:
                output = cls.forward(*args)
                cls.setup_context(ctx, args, output)
            else:
                output = cls.forward(ctx, *args)
        outputs = output if type(output) is tuple else (output,)
        results = _record(cls, ctx, tensors, edges, outputs, recording)
        return results if type(output) is tuple else results[0]


def _bound(cls: type[Function], args: tuple[Any, ...], kwargs: dict[str, Any], separate: bool) -> tuple[Any, ...]:
    """All arguments by position, defaults filled in."""
    given = args if separate else (None, *args)
    bound = inspect.signature(cls.forward).bind(*given, **kwargs)
    bound.apply_defaults()
    if bound.kwargs:
        raise TypeError(f"{cls.__name__}.apply() takes arguments of forward that can be given by position, not {sorted(bound.kwargs)}")
    return bound.args if separate else bound.args[1:]


def _record(
    cls: type[Function], ctx: FunctionCtx, tensors: list[Tensor], edges: tuple[Any, ...], outputs: tuple[Any, ...], recording: bool
) -> tuple[Any, ...]:
    """Attach the node to the outputs: new tensors, inputs changed in place, and inputs or views of them handed out."""
    dirty = _identities(ctx.dirty_tensors)
    if not dirty <= _identities(outputs):
        raise RuntimeError(
            "Some elements marked as dirty during the forward method were not returned as output. The inputs that are modified inplace must "
            "all be outputs of the Function."
        )
    if not recording:
        given = _identities(tensors)
        return tuple(wrap(o.array) if isinstance(o, Tensor) and id(o) in given - dirty else o for o in outputs)
    node = cls._backward_cls()
    node.ctx, node.edges, node.count = ctx, edges, len(outputs)
    node.inputs = tuple((t.array.shape, t.array.dtype, type(t.array)) for t in tensors)
    fixed = _identities(ctx.non_differentiable)
    node.outputs = [(o.array.shape, o.array.dtype, type(o.array)) if isinstance(o, Tensor) else None for o in outputs]
    if len(outputs) == 1 and node.outputs[0] is not None:
        node.shape, node.dtype = node.outputs[0][:2]
    results: list[Any] = []
    numbers: dict[int, int] = {}
    for number, o in enumerate(outputs):
        differentiable = isinstance(o, Tensor) and id(o) not in fixed and (o.dtype.is_floating_point or o.dtype.is_complex)
        if differentiable:
            numbers.setdefault(id(o), number)
            edge = node if len(outputs) == 1 else Output.of(node, number, o.array)
            results.append(_attach(cls, o, edge, number, tensors, id(o) in dirty, len(outputs)))
        elif isinstance(o, Tensor) and id(o) not in dirty and o.node is not None:
            results.append(wrap(o.array))  # a constant, even if it is an input handed out
        else:
            results.append(o)
    node.epoch = state.mutations
    node.keep(tuple(ctx.to_save), numbers)
    ctx.bind(node)
    if state.special:
        notify(node)
    return tuple(results)


def _attach(cls: type[Function], o: Tensor, edge: Any, number: int, tensors: list[Tensor], dirty: bool, count: int) -> Tensor:
    given = any(o is t for t in tensors)
    if dirty and given:
        if o.is_leaf and o.node is not None:
            raise RuntimeError("a leaf Variable that requires grad has been used in an in-place operation.")
        check_writable(o, cls.__name__)
        overwrite(o, wrap(o.array, edge), cls.__name__)
        return o
    if not given and o.base is None and o.node is None:
        o.node = edge
        return o
    # An input as it is, or a view: in-place changes of it would go around the custom backward.
    result = wrap(o.array, edge)
    track(o if given or o.base is None else o.base, result, FunctionView(cls.__name__, number, count), ())
    return result


def _identities(tensors: Any) -> set[int]:
    return {id(t) for t in tensors if isinstance(t, Tensor)}


def once_differentiable(function: Callable[..., Any]) -> Callable[..., Any]:
    """For a ``backward`` that is not itself differentiable: what it computes is not recorded, and a second derivative through it raises."""

    @functools.wraps(function)
    def wrapper(ctx: Any, *gradients: Any) -> Any:
        with no_grad():
            results = function(ctx, *gradients)
        sources = (*(g.node for g in gradients if isinstance(g, Tensor)), *ctx.next_nodes())
        if not local.recording or all(s is None for s in sources):
            return results
        refusal = DelayedError("trying to differentiate twice a function that was marked with @once_differentiable", sources)
        several = isinstance(results, tuple)
        marked = tuple(refusal.mark(r) if isinstance(r, Tensor) else r for r in (results if several else (results,)))
        return marked if several else marked[0]

    return wrapper
