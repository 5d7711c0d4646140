"""Jacobians and Hessians of functions, and Hessians times vectors."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from tane.autograd.fill import one_hots, zeros
from tane.autograd.lifting import Scope
from tane.autograd.transforms import Argnums, evaluated, grad, make_vjp, pushed, tensors
from tane.autograd.trees import flatten, map_tree, unflatten
from tane.ops.shape import stack
from tane.tensor import Tensor

__all__ = ["hessian", "hessian_tensor_product", "hessian_vector_product", "jacfwd", "jacobian", "jacrev", "make_hvp"]

Function = Callable[..., Any]


def jacrev(func: Function, argnums: Argnums = 0, has_aux: bool = False, *, chunk_size: int | None = None) -> Function:
    """The Jacobian of a function, one backward pass for each element of the output: of shape ``output.shape + argument.shape``; for nested outputs and
    arguments, the arguments' form within the output's. ``chunk_size`` bounds the memory of a vectorised evaluation; here rows are computed one by one.
    """
    if chunk_size is not None and chunk_size < 1:
        raise ValueError("jacrev: `chunk_size` should be greater than 0.")

    @functools.wraps(func)
    def jacobian_of(*args: Any, **kwargs: Any) -> Any:
        scope, output, aux = evaluated("jacrev", func, argnums, args, kwargs, has_aux)
        outputs = tensors("jacrev", output)
        scope.settle(outputs)
        blocks = [_rows(scope, o) for o in outputs]
        return _answer(scope, argnums, output, blocks, aux, has_aux)

    return jacobian_of


def _rows(scope: Scope, o: Tensor) -> list[Tensor]:
    """The Jacobian of one output by each leaf, row by row."""
    rows = [scope.pull([o], [seed], keep=True) for seed in one_hots(o)] if o.node is not None else []
    shapes = [(*o.array.shape, *leaf.array.shape) for leaf in scope.leaves]
    return [
        zeros(leaf, shape) if not rows or rows[0][i] is None else stack.call([r[i] for r in rows], 0).reshape(shape)
        for i, (leaf, shape) in enumerate(zip(scope.leaves, shapes, strict=True))
    ]


def jacfwd(func: Function, argnums: Argnums = 0, has_aux: bool = False, *, randomness: str = "error") -> Function:
    """As :func:`jacrev`, one pass for each element of the arguments: cheaper where outputs are many and arguments few.

    ``func`` is evaluated once, so ``randomness`` decides nothing: its random numbers are the same for every element.
    """
    if randomness not in ("error", "different", "same"):
        raise RuntimeError(f"jacfwd: `randomness` must be 'error', 'different', or 'same'. Got {randomness!r}")

    @functools.wraps(func)
    def jacobian_of(*args: Any, **kwargs: Any) -> Any:
        scope, output, aux = evaluated("jacfwd", func, argnums, args, kwargs, has_aux)
        outputs = tensors("jacfwd", output)
        scope.settle(outputs)
        by_leaf = [_columns(scope, outputs, i) for i in range(len(scope.leaves))]
        blocks = [[columns[j] for columns in by_leaf] for j in range(len(outputs))]
        return _answer(scope, argnums, output, blocks, aux, has_aux)

    return jacobian_of


def _columns(scope: Scope, outputs: list[Tensor], i: int) -> list[Tensor]:
    """The Jacobian of each output by leaf ``i``, column by column."""
    leaf = scope.leaves[i]
    columns = []
    for direction in one_hots(leaf):
        tangents = [direction if k == i else zeros(t) for k, t in enumerate(scope.leaves)]
        columns.append(pushed(scope, outputs, tangents, keep=True))
    return [
        stack.call([c[j] for c in columns], o.array.ndim).reshape((*o.array.shape, *leaf.array.shape))
        if columns
        else zeros(o, (*o.array.shape, *leaf.array.shape))
        for j, o in enumerate(outputs)
    ]


def _answer(scope: Scope, argnums: Argnums, output: Any, blocks: list[list[Tensor]], aux: Any, has_aux: bool) -> Any:
    """Blocks, a list for each output, put into the form of the output with that of the arguments within."""

    def of_output(block: list[Tensor]) -> Any:
        trees = scope.unflat([scope.result(b) for b in block])
        return trees[0] if isinstance(argnums, int) else trees

    found = unflatten(output, [of_output(b) for b in blocks])
    return (found, scope.result(aux)) if has_aux else found


def jacobian(fun: Function, argnums: Argnums = 0, *, argnum: Argnums | None = None) -> Function:
    """The Jacobian of a function: :func:`jacrev`, for NumPy code.

    >>> import numpy as np
    >>> from tane.func import jacobian
    >>> jacobian(lambda x: x ** 2)(np.array([1.0, 3.0]))
    array([[2., 0.],
           [0., 6.]])
    """
    return jacrev(fun, argnums if argnum is None else argnum)


def hessian(func: Function, argnums: Argnums = 0, *, argnum: Argnums | None = None) -> Function:
    """The matrix of second derivatives of a function with a scalar result (of any other, those of every element).

    >>> import numpy as np
    >>> from tane.func import hessian
    >>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 3.0]))
    array([[6., 2.],
           [2., 0.]])
    """
    argnums = argnums if argnum is None else argnum
    return jacrev(jacrev(func, argnums), argnums)


def hessian_vector_product(fun: Function, argnum: int = 0) -> Function:
    """``hessian_vector_product(f)(x, v)``: the Hessian of ``f`` at ``x`` times ``v``, which has the shape of ``x``, without computing the Hessian."""
    gradient = grad(fun, argnum)

    def inner(*args: Any, **kwargs: Any) -> Any:
        *args_, vector = args
        products = map_tree(lambda g, v: (g * v).sum(), gradient(*args_, **kwargs), vector)
        return functools.reduce(lambda a, b: a + b, flatten(products))

    return grad(inner, argnum)


hessian_tensor_product = hessian_vector_product


def make_hvp(fun: Function, argnum: int = 0) -> Function:
    """``make_hvp(f)(x)`` is ``(product, gradient)``: ``product(v)`` the Hessian at ``x`` times ``v``."""
    return make_vjp(grad(fun, argnum), argnum)
