"""``autograd.functional``: Jacobians, Hessians and their products with vectors, of a function at given inputs.

Inputs and outputs are a Tensor or a tuple of Tensors. With ``create_graph`` the results can be differentiated again; with ``strict`` an output that
does not depend on an input is an error, otherwise its derivative is zero.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tane.autograd.fill import one_hots, ones, zeros
from tane.autograd.gradients import grad
from tane.autograd.modes import enable_grad
from tane.autograd.node import AccumulateGrad
from tane.ops.pointwise import alias
from tane.ops.shape import stack
from tane.tensor import Tensor, wrap

__all__ = ["hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"]

Tensors = tuple[Tensor, ...]
LINEAR = (
    "While computing the hessian, found that the jacobian of the user-provided function with respect to input {} is independent of the input. This is "
    "not allowed in strict mode. You should ensure that your function is twice differentiable and that the jacobian depends on the inputs (this "
    "would be violated by a linear function for example)."
)
STRATEGIES = ("forward-mode", "reverse-mode")


# ---- arguments ------------------------------------------------------------------------------------------------------------------------
def _tuple(given: Any, what: str, where: str) -> tuple[bool, Tensors]:
    """Whether several were given, and all of them as a tuple."""
    several = isinstance(given, tuple)
    items = given if several else (given,)
    for i, item in enumerate(items):
        if not isinstance(item, Tensor):
            if several:
                raise TypeError(
                    f"The {what} given to {where} must be either a Tensor or a tuple of Tensors but the value at index {i} has type {type(item)}."
                )
            raise TypeError(
                f"The {what} given to {where} must be either a Tensor or a tuple of Tensors but the given {what} has type {type(item)}."
            )
    return several, items


def _variables(inputs: Tensors, connected: bool) -> Tensors:
    """The inputs as variables of their own: connected to their history under ``create_graph``, cut off otherwise."""
    found = []
    for t in inputs:
        if connected and t.node is not None:
            found.append(alias.call(t))
        else:
            leaf = wrap(t.array)
            leaf.requires_grad = True
            found.append(leaf)
    return tuple(found)


def _vector(v: Any, beside: Tensors, several: bool) -> Tensors:
    """The vector ``v``, checked to have the form of the tensors beside it."""
    vs = v if isinstance(v, tuple) else (v,)
    if len(vs) != len(beside):
        raise RuntimeError(
            f"v is a tuple of invalid length: should be {len(beside)} but got {len(vs)}."
            if several
            else "The given v should contain a single Tensor."
        )
    _tuple(v, "v", "the function")
    for i, (x, t) in enumerate(zip(vs, beside, strict=True)):
        if x.shape != t.shape:
            prefix = f"Entry {i} in " if several else ""
            raise RuntimeError(f"{prefix}v has invalid size: should be {t.shape!r} but got {x.shape!r}.")
    return tuple(vs)


def _default_vector(ts: Tensors, what: str) -> Tensors:
    if len(ts) != 1 or ts[0].array.size != 1:
        raise RuntimeError(f"The vector v can only be None if {what} a single Tensor with a single element.")
    return (ones(ts[0]),)


def _outputs(func: Callable[..., Any], inputs: Tensors, where: str, strict: bool) -> tuple[bool, Tensors]:
    several, outputs = _tuple(func(*inputs), "outputs of the user-provided function", where)
    if strict:
        for i, o in enumerate(outputs):
            if o.node is None:
                raise RuntimeError(
                    f"Output {i} of the user-provided function does not require gradients. The outputs must be computed in a differentiable manner "
                    f"from the input when running in strict mode."
                )
    return several, outputs


def _single(outputs: Tensors, several: bool, where: str) -> Tensor:
    if several:
        raise RuntimeError(f"The function given to {where} should return a single Tensor")
    if outputs[0].array.size != 1:
        raise RuntimeError(f"The Tensor returned by the function given to {where} should contain a single element")
    return outputs[0]


# ---- the pieces -----------------------------------------------------------------------------------------------------------------------
def _pull(outputs: Sequence[Tensor], inputs: Tensors, vs: Sequence[Tensor], create: bool, keep: bool = True) -> list[Tensor | None]:
    """Gradients of ``inputs``; None where nothing leads there."""
    pairs = [(o, v) for o, v in zip(outputs, vs, strict=True) if o.node is not None]
    if not pairs:
        return [None] * len(inputs)
    return list(
        grad([o for o, _ in pairs], inputs, [v for _, v in pairs], retain_graph=keep or create, create_graph=create, allow_unused=True)
    )


def _filled(found: Sequence[Tensor | None], like: Tensors, strict: bool, create: bool, independent: str, constant: str) -> Tensors:
    """Derivatives with zeros for None; in strict mode the errors for what does not depend on its input."""
    result = []
    for i, (g, t) in enumerate(zip(found, like, strict=True)):
        if strict and g is None:
            raise RuntimeError(independent.format(i))
        if strict and create and g is not None and g.node is None:
            raise RuntimeError(constant.format(i))
        result.append(zeros(t) if g is None else g)
    return tuple(result)


def _finished(values: Tensors, create: bool, several: bool) -> Any:
    found = values if create else tuple(wrap(v.array) for v in values)
    return found if several else found[0]


INDEPENDENT = "The output of the user-provided function is independent of input {}. This is not allowed in strict mode."
CONSTANT = (
    "The jacobian of the user-provided function is independent of input {}. This is not allowed in strict mode when create_graph=True."
)


# ---- Jacobians ------------------------------------------------------------------------------------------------------------------------
def jacobian(
    func: Callable[..., Any],
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    strategy: str = "reverse-mode",
) -> Any:
    """The Jacobian of ``func`` at ``inputs``: ``J[i][j]`` of shape ``output_i.shape + input_j.shape``, without the level of a single one.

    ``vectorize`` changes no result. ``strategy="forward-mode"`` goes column by column.

    >>> import tane
    >>> tane.autograd.functional.jacobian(lambda x: x * x, tane.tensor([1.0, 2.0]))
    tensor([[2., 0.],
            [0., 4.]])
    """
    if strategy not in STRATEGIES:
        raise AssertionError(
            'Expected strategy to be either "forward-mode" or "reverse-mode". Hint: If your function has more outputs than inputs, "forward-mode" tends '
            'to be more performant. Otherwise, prefer to use "reverse-mode".'
        )
    if strategy == "forward-mode":
        if create_graph:
            raise NotImplementedError(
                'torch.autograd.functional.jacobian: `create_graph=True` and `strategy="forward-mode"` are not supported together (yet).'
            )
        if strict:
            raise RuntimeError(
                'torch.autograd.functional.jacobian: `strict=True` and `strategy="forward-mode"` are not supported together (yet).'
            )
        if not vectorize:
            raise NotImplementedError(
                "Computing Jacobian using forward-AD or forward-over-reverse Hessian is only implemented for `vectorize=True`."
            )
    if strict and vectorize:
        raise RuntimeError(
            "torch.autograd.functional.jacobian: `strict=True` and `vectorized=True` are not supported together. Please either set `strict=False` or "
            "`vectorize=False`."
        )
    with enable_grad():
        several_in, given = _tuple(inputs, "inputs", "jacobian")
        variables = _variables(given, create_graph)
        several_out, outputs = _outputs(func, variables, "jacobian", strict)
        compute = _columns if strategy == "forward-mode" else _rows
        blocks = [compute(o, variables, create_graph, strict, i) for i, o in enumerate(outputs)]
    found = tuple(_finished(block, create_graph, several_in) for block in blocks)
    return found if several_out else found[0]


def _rows(o: Tensor, variables: Tensors, create: bool, strict: bool, number: int) -> Tensors:
    """The Jacobian of one output, a backward pass for each of its elements."""
    rows = [_pull([o], variables, [seed], create) for seed in one_hots(o)]
    blocks = []
    for j, t in enumerate(variables):
        column = [r[j] for r in rows]
        if strict and any(g is None for g in column):
            raise RuntimeError(
                f"Output {number} of the user-provided function is independent of input {j}. This is not allowed in strict mode."
            )
        if strict and create and any(g.node is None for g in column if g is not None):
            raise RuntimeError(CONSTANT.format(j))
        shape = (*o.array.shape, *t.array.shape)
        blocks.append(stack.call([zeros(t) if g is None else g for g in column], 0).reshape(shape) if column else zeros(t, shape))
    return tuple(blocks)


def _columns(o: Tensor, variables: Tensors, create: bool, strict: bool, number: int) -> Tensors:
    """The Jacobian of one output, a forward derivative for each element of the inputs."""
    blocks = []
    for j, t in enumerate(variables):
        columns = [_push([o], variables, [v if k == j else zeros(u) for k, u in enumerate(variables)], create)[0] for v in one_hots(t)]
        shape = (*o.array.shape, *t.array.shape)
        filled = [zeros(o) if c is None else c for c in columns]
        blocks.append(stack.call(filled, o.array.ndim).reshape(shape) if filled else zeros(o, shape))
    return tuple(blocks)


def _push(outputs: Sequence[Tensor], variables: Tensors, vs: Sequence[Tensor], create: bool) -> list[Tensor | None]:
    """Derivatives of the outputs along ``vs``: backward is linear in what it starts from, and the gradient of that map is the derivative."""
    starts = []
    for o in outputs:
        start = zeros(o)
        start.node = AccumulateGrad(start)
        starts.append(start)
    gradients = _pull(outputs, variables, starts, True)
    pairs = [(g, v) for g, v in zip(gradients, vs, strict=True) if g is not None and g.node is not None]
    return _pull([g for g, _ in pairs], tuple(starts), [v for _, v in pairs], create) if pairs else [None] * len(starts)


def hessian(
    func: Callable[..., Any],
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    outer_jacobian_strategy: str = "reverse-mode",
) -> Any:
    """The second derivatives of ``func``, which returns one element, at ``inputs``."""
    if outer_jacobian_strategy not in STRATEGIES:
        raise AssertionError('Expected strategy to be either "forward-mode" or "reverse-mode".')
    several, _ = _tuple(inputs, "inputs", "hessian")

    def first(*variables: Tensor) -> Any:
        if outer_jacobian_strategy == "forward-mode":
            variables = _variables(variables, True)
        several_out, outputs = _tuple(func(*variables), "outputs of the user-provided function", "hessian")
        out = _single(outputs, several_out, "hessian")
        found = _pull([out], variables, [ones(out)], True)
        for i, g in enumerate(found):
            if strict and (g is None or g.node is None):
                raise RuntimeError(LINEAR.format(i))
        return tuple(zeros(t) if g is None else g for g, t in zip(found, variables, strict=True))

    found = jacobian(first, inputs, create_graph, False, vectorize, outer_jacobian_strategy)
    return found if several else found[0]


# ---- products with vectors ------------------------------------------------------------------------------------------------------------
def vjp(func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> tuple[Any, Any]:
    """``(outputs, v @ J)``: the value of ``func`` at ``inputs``, and ``v``, of the form of the outputs, times the Jacobian."""
    with enable_grad():
        several_in, given = _tuple(inputs, "inputs", "vjp")
        variables = _variables(given, create_graph)
        several_out, outputs = _outputs(func, variables, "vjp", strict)
        vs = _default_vector(outputs, "the user-provided function returns") if v is None else _vector(v, outputs, several_out)
        found = _filled(_pull(outputs, variables, vs, create_graph, False), variables, strict, create_graph, INDEPENDENT, CONSTANT)
    return _finished(outputs, create_graph, several_out), _finished(found, create_graph, several_in)


def jvp(func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> tuple[Any, Any]:
    """``(outputs, J @ v)``: the value of ``func`` at ``inputs``, and the Jacobian times ``v``, which has the form of the inputs."""
    with enable_grad():
        several_in, given = _tuple(inputs, "inputs", "jvp")
        vs = _default_vector(given, "the input to the user-provided function is") if v is None else _vector(v, given, several_in)
        variables = _variables(given, create_graph)
        several_out, outputs = _outputs(func, variables, "jvp", strict)
        found = _filled(_push(outputs, variables, vs, create_graph), outputs, strict, create_graph, INDEPENDENT, CONSTANT)
    return _finished(outputs, create_graph, several_out), _finished(found, create_graph, several_out)


def hvp(func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> tuple[Any, Any]:
    """``(output, H @ v)``: the value of ``func``, which returns one element, and its Hessian times ``v``, which has the form of the inputs."""
    return _second(func, inputs, v, create_graph, strict, "hvp")


def vhp(func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> tuple[Any, Any]:
    """As :func:`hvp`, ``v @ H``: the same, the Hessian being symmetric, at the same cost here."""
    return _second(func, inputs, v, create_graph, strict, "vhp")


def _second(func: Callable[..., Any], inputs: Any, v: Any, create: bool, strict: bool, where: str) -> tuple[Any, Any]:
    with enable_grad():
        several_in, given = _tuple(inputs, "inputs", where)
        vs = _default_vector(given, "the input to the user-provided function is") if v is None else _vector(v, given, several_in)
        variables = _variables(given, create)
        several_out, outputs = _outputs(func, variables, where, strict)
        out = _single(outputs, several_out, where)
        first = _pull([out], variables, [ones(out)], True)
        if strict:
            for i, g in enumerate(first):
                if g is None or g.node is None:
                    raise RuntimeError(LINEAR.format(i))
        pairs = [(g, x) for g, x in zip(first, vs, strict=True) if g is not None]
        second = _pull([g for g, _ in pairs], variables, [x for _, x in pairs], create, False)
        found = _filled(second, variables, strict, create, LINEAR, CONSTANT)
    return _finished((out,), create, False), _finished(found, create, several_in)
