"""Functions made of functions: ``grad(f)`` is the gradient of ``f``, ``vjp`` and ``jvp`` its products with vectors.

``f`` takes and returns Tensors, or is plain NumPy code: called with arrays and floats, a transformed function gives arrays and floats; called with
Tensors, Tensors. Arguments may be tuples, lists and dicts of those. Transformations nest: ``grad(grad(f))``.
"""

from __future__ import annotations

import functools
import inspect
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tane.autograd.fill import ones, zeros
from tane.autograd.lifting import Scope, pull
from tane.autograd.modes import enable_grad
from tane.autograd.node import AccumulateGrad
from tane.autograd.trees import flatten, unflatten
from tane.tensor import Tensor, wrap

__all__ = [
    "elementwise_grad",
    "grad",
    "grad_and_aux",
    "grad_and_value",
    "grad_named",
    "holomorphic_grad",
    "jvp",
    "linearize",
    "make_jvp",
    "make_vjp",
    "multigrad_dict",
    "value_and_grad",
    "vjp",
]

Function = Callable[..., Any]
Argnums = int | tuple[int, ...]


def positions(name: str, argnums: Argnums, args: Sequence[Any]) -> tuple[int, ...]:
    """The argument numbers as non-negative ones, checked against what was given."""
    numbers = (argnums,) if isinstance(argnums, int) else tuple(argnums)
    for n in numbers:
        if not -len(args) <= n < len(args):
            raise RuntimeError(f"{name}: Got argnum={n}, but only {len(args)} positional inputs")
    found = tuple(n % len(args) for n in numbers)
    if not found or len(set(found)) != len(found):
        raise RuntimeError(f"{name}: argnums elements must be unique, got {argnums}")
    return found


def evaluated(name: str, function: Function, argnums: Argnums, args: Any, kwargs: Any, has_aux: bool) -> tuple[Scope, Any, Any]:
    """The scope of a call, its output, and what else it returned."""
    numbers = positions(name, argnums, args)
    scope = Scope(name, [args[n] for n in numbers])
    output = scope.call(function, args, kwargs, numbers)
    aux = None
    if has_aux:
        if not (isinstance(output, tuple) and len(output) == 2):
            raise RuntimeError(
                f"{name}: output of function f should be a tuple: (output, aux) if has_aux is True, got {type(output).__name__}"
            )
        output, aux = output
    return scope, output, aux


def _scalar(name: str, scope: Scope, output: Any) -> Tensor | None:
    """The output of a scalar function; None for a constant."""
    if isinstance(output, Tensor):
        if output.array.ndim and not (scope.plain and output.array.size == 1):
            raise RuntimeError(
                f"{name}(f)(*args): Expected f(*args) to return a scalar Tensor, got tensor with {output.array.ndim} dims. Maybe you wanted to use the "
                f"vjp or jacrev APIs instead?"
            )
        if output.dtype.is_complex:
            raise TypeError(f"{name}: the function must be real-valued, but returned {output.dtype!r}; see holomorphic_grad")
        return output
    if not isinstance(output, (int, float, np.number)):
        raise RuntimeError(f"{name}(f)(*args): Expected f(*args) to return a Tensor, got {type(output)}")
    warnings.warn(f"{name}: the function returned a plain number, which does not depend on its arguments: the gradient is 0", stacklevel=4)
    return None


def _grad_and_value(name: str, function: Function, argnums: Argnums, args: Any, kwargs: Any, has_aux: bool) -> tuple[Any, Any, Any]:
    scope, output, aux = evaluated(name, function, argnums, args, kwargs, has_aux)
    scalar = _scalar(name, scope, output)
    if scalar is None or scalar.node is None:
        found: list[Any] = [None] * len(scope.leaves)
    else:
        scope.settle([scalar])
        found = scope.pull([scalar], [ones(scalar)])
    gradients = scope.gradients(found)
    return gradients[0] if isinstance(argnums, int) else gradients, scope.result(output), scope.result(aux)


def _number(argnums: Argnums, argnum: Argnums | None) -> Argnums:
    return argnums if argnum is None else argnum


def grad(func: Function, argnums: Argnums = 0, has_aux: bool = False, *, argnum: Argnums | None = None) -> Function:
    """The gradient of a function with a scalar result, as a function of the same arguments.

    Args:
        func: returns one real number (or, with ``has_aux``, a pair of that and anything else).
        argnums: the argument to differentiate by, or a tuple of several, which gives a tuple of gradients. ``argnum`` is the same.

    >>> import numpy as np
    >>> from tane.func import grad
    >>> grad(np.tanh)(0.0)
    1.0
    >>> grad(lambda x: np.sum(x ** 2))(np.array([1.0, 2.0]))
    array([2., 4.])
    >>> grad(grad(np.sin))(0.0)
    -0.0
    """
    argnums = _number(argnums, argnum)

    @functools.wraps(func)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        # In errors, too, PyTorch's gradient is the first half of grad_and_value.
        found, _, aux = _grad_and_value("grad_and_value", func, argnums, args, kwargs, has_aux)
        return (found, aux) if has_aux else found

    return gradient


def grad_and_value(func: Function, argnums: Argnums = 0, has_aux: bool = False) -> Function:
    """As :func:`grad`, returning ``(gradient, value)``, or ``(gradient, (value, aux))``."""

    @functools.wraps(func)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        found, value, aux = _grad_and_value("grad_and_value", func, argnums, args, kwargs, has_aux)
        return (found, (value, aux)) if has_aux else (found, value)

    return gradient


def value_and_grad(func: Function, argnums: Argnums = 0, has_aux: bool = False, *, argnum: Argnums | None = None) -> Function:
    """As :func:`grad`, returning ``(value, gradient)``, or ``((value, aux), gradient)``."""
    argnums = _number(argnums, argnum)

    @functools.wraps(func)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        found, value, aux = _grad_and_value("value_and_grad", func, argnums, args, kwargs, has_aux)
        return ((value, aux), found) if has_aux else (value, found)

    return gradient


def grad_and_aux(fun: Function, argnum: Argnums = 0) -> Function:
    """``(gradient, aux)`` of a function that returns ``(value, aux)``."""
    return grad(fun, argnum, has_aux=True)


def grad_named(fun: Function, argname: str) -> Function:
    """:func:`grad` by the argument of that name."""
    names = list(inspect.signature(fun).parameters)
    if argname not in names:
        raise ValueError(f"grad_named: the function has no argument {argname!r}; it has {', '.join(names)}")
    return grad(fun, names.index(argname))


def multigrad_dict(fun: Function) -> Function:
    """The gradients by all arguments, as a dict from their names."""
    signature = inspect.signature(fun)

    def gradients(*args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()

        def of_dict(given: dict[str, Any]) -> Any:
            again = inspect.BoundArguments(signature, type(bound.arguments)(given))
            return fun(*again.args, **again.kwargs)

        return grad(of_dict)(dict(bound.arguments))

    return gradients


def holomorphic_grad(fun: Function, argnum: int = 0) -> Function:
    """The complex derivative of a holomorphic function with a scalar result."""

    @functools.wraps(fun)
    def derivative(*args: Any, **kwargs: Any) -> Any:
        scope, output, _ = evaluated("holomorphic_grad", fun, argnum, args, kwargs, False)
        if not isinstance(output, Tensor) or output.array.size != 1:
            raise TypeError("holomorphic_grad: the function must return one complex number")
        scope.settle([output])
        # PyTorch's gradient of the real part is the conjugate of the derivative.
        found = [None if g is None else g.conj() for g in scope.pull([output], [ones(output)])]
        return scope.gradients(found)[0]

    return derivative


def elementwise_grad(fun: Function, argnums: Argnums = 0, *, argnum: Argnums | None = None) -> Function:
    """The gradient of the sum of the results: for a function that works on each element alone, its derivative at each element.

    >>> import numpy as np
    >>> from tane.func import elementwise_grad
    >>> elementwise_grad(np.square)(np.array([1.0, 2.0]))
    array([2., 4.])
    """
    argnums = _number(argnums, argnum)

    @functools.wraps(fun)
    def derivative(*args: Any, **kwargs: Any) -> Any:
        scope, output, _ = evaluated("elementwise_grad", fun, argnums, args, kwargs, False)
        outputs = tensors("elementwise_grad", output)
        if any(o.dtype.is_complex for o in outputs):
            raise TypeError("elementwise_grad: the function must be real-valued")
        scope.settle(outputs)
        gradients = scope.gradients(scope.pull(outputs, [ones(o) for o in outputs]))
        return gradients[0] if isinstance(argnums, int) else gradients

    return derivative


def tensors(name: str, output: Any) -> list[Tensor]:
    """The tensors a function returned; anything else is an error."""
    leaves = flatten(output)
    for leaf in leaves:
        if not isinstance(leaf, Tensor):
            raise RuntimeError(f"{name}: expected f(*primals) to return only tensors, got unsupported type {type(leaf)}")
    return leaves


# ---- products with vectors ------------------------------------------------------------------------------------------------------------
def vjp(func: Function, *primals: Any, has_aux: bool = False) -> tuple[Any, ...]:
    """``(output, vjp_fn)`` (and ``aux``): the value of ``func`` and the function from a gradient of the output to the tuple of those of the primals.

    >>> import numpy as np
    >>> from tane.func import vjp
    >>> y, back = vjp(np.sin, np.array([0.0, 0.0]))
    >>> back(np.array([1.0, 2.0]))
    (array([1., 2.]),)
    """
    scope, output, aux = evaluated("vjp", func, tuple(range(len(primals))), primals, {}, has_aux)
    outputs = tensors("vjp", output)
    scope.settle(outputs)
    result = scope.result(output)

    def vjp_fn(cotangents: Any, retain_graph: bool = True, create_graph: bool | None = None) -> tuple[Any, ...]:
        flat = flatten(cotangents)
        if len(flat) != len(outputs):
            raise RuntimeError(f"vjp: expected the cotangents to have the structure of the output: {len(outputs)} tensors, got {len(flat)}")
        seeds = [scope.beside(c, o) for c, o in zip(flat, outputs, strict=True)]
        create = scope.create or any(s.node is not None for s in seeds) if create_graph is None else create_graph
        before, scope.create = scope.create, create
        try:
            return scope.gradients(scope.pull(outputs, seeds, keep=retain_graph))
        finally:
            scope.create = before

    return (result, vjp_fn, scope.result(aux)) if has_aux else (result, vjp_fn)


def make_vjp(fun: Function, argnum: int = 0) -> Function:
    """``make_vjp(f)(x)`` is ``(back, f(x))``: ``back(v)`` is the gradient of ``x`` from the gradient ``v`` of ``f(x)``."""

    def call(*args: Any, **kwargs: Any) -> tuple[Function, Any]:
        def of_one(x: Any) -> Any:
            given = list(args)
            given[argnum] = x
            return fun(*given, **kwargs)

        value, back = vjp(of_one, args[argnum])
        return (lambda v: back(v)[0]), value

    return call


def pushed(scope: Scope, outputs: Sequence[Tensor], tangents: Sequence[Tensor], keep: bool = False) -> list[Tensor]:
    """The directional derivative of each output: backward is linear in the gradient it starts from, and the gradient of *that* map is forward."""
    create = scope.create or any(t.node is not None for t in tangents)
    with enable_grad():
        starts = []
        for o in outputs:
            start = wrap(zeros(o).array)
            start.node = AccumulateGrad(start)
            starts.append(start)
        gradients = scope.pull(outputs, starts, keep=True, create=True)
        both = [(g, v) for g, v in zip(gradients, tangents, strict=True) if g is not None and g.node is not None]
        pushed_on = pull(starts, [g for g, _ in both], [v for _, v in both], keep, create) if both else [None] * len(starts)
        return [zeros(o) if t is None else t for o, t in zip(outputs, pushed_on, strict=True)]


def jvp(
    func: Function, primals: tuple[Any, ...], tangents: tuple[Any, ...], *, strict: bool = False, has_aux: bool = False
) -> tuple[Any, ...]:
    """``(output, derivative of the output along tangents)`` (and ``aux``). With ``strict``, an output that depends on no primal is an error.

    >>> import numpy as np
    >>> from tane.func import jvp
    >>> jvp(np.sin, (0.0,), (2.0,))
    (0.0, 2.0)
    """
    if not isinstance(primals, tuple) or not isinstance(tangents, tuple) or len(primals) != len(tangents) or not primals:
        raise RuntimeError(
            f"jvp(f, primals, tangents): Expected primals and tangents to have the same python structure: tuples of one length, not "
            f"{type(primals).__name__} and {type(tangents).__name__}"
        )
    scope, output, aux = evaluated("jvp", func, tuple(range(len(primals))), primals, {}, has_aux)
    outputs = tensors("jvp", output)
    if strict and any(o.node is None for o in outputs):
        raise RuntimeError(
            "jvp(f, primals, tangents, strict=True): The output of f is independent of the inputs. This is not allowed with strict=True."
        )
    scope.settle(outputs)
    directions = scope.like(tangents)
    scope.create = scope.create or (scope.recording and any(v.node is not None for v in directions))
    derivative = unflatten(output, pushed(scope, outputs, directions))
    results = scope.result(output), scope.result(derivative)
    return (*results, scope.result(aux)) if has_aux else results


def make_jvp(fun: Function, argnum: int = 0) -> Function:
    """``make_jvp(f)(x)`` is the function from a direction ``v`` to ``(f(x), derivative along v)``."""

    def call(*args: Any, **kwargs: Any) -> Function:
        def of_one(x: Any) -> Any:
            given = list(args)
            given[argnum] = x
            return fun(*given, **kwargs)

        return lambda v: jvp(of_one, (args[argnum],), (v,))

    return call


def linearize(func: Function, *primals: Any) -> tuple[Any, Function]:
    """``(output, push)``: the value of ``func``, and the function from tangents of the primals to the derivative along them."""
    scope, output, _ = evaluated("linearize", func, tuple(range(len(primals))), primals, {}, False)
    outputs = tensors("linearize", output)
    scope.settle(outputs)

    def push(*tangents: Any) -> Any:
        return scope.result(unflatten(output, pushed(scope, outputs, scope.like(tangents), keep=True)))

    return scope.result(output), push
