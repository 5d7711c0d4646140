"""``gradcheck`` and ``gradgradcheck``: gradients compared with finite differences."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tane.autograd import differences as numeric
from tane.autograd.fill import one_hots, ones, zeros
from tane.autograd.functional import _push
from tane.autograd.gradients import grad
from tane.autograd.modes import enable_grad
from tane.backends.backend import backend_of
from tane.tensor import Tensor, wrap

__all__ = ["GradcheckError", "gradcheck", "gradgradcheck"]


class GradcheckError(RuntimeError):
    """What :func:`gradcheck` raises where a gradient is wrong."""


@dataclass
class _Settings:
    eps: float
    atol: float
    rtol: float
    nondet_tol: float
    undefined: bool
    dtypes: bool
    batched: bool
    batched_forward: bool
    forward: bool
    backward: bool
    fast: bool


def gradcheck(
    func: Callable[..., Any],
    inputs: Any,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_batched_forward_grad: bool = False,
    check_forward_ad: bool = False,
    check_backward_ad: bool = True,
    fast_mode: bool = False,
    masked: bool | None = None,
) -> bool:
    """Whether the gradients of ``func`` with respect to those ``inputs`` that require them agree with central differences.

    Args:
        func: takes ``inputs`` and returns a Tensor or several.
        inputs: a Tensor or a tuple, in double precision.
        eps, atol, rtol: the step, and how far the two may be apart.
        raise_exception: with False, a failure is ``False`` instead of a :class:`GradcheckError`.
        nondet_tol: how far two runs of backward may be apart.
        check_undefined_grad: also check each output's gradient while the others have none.
        check_grad_dtypes: also check that gradients have the type of their inputs.
        check_batched_grad: also check ``is_grads_batched``.
        check_forward_ad: also check the derivatives along directions; ``check_batched_forward_grad`` those of a batch of directions.
        fast_mode: compare products with random vectors, not whole Jacobians.
        masked: for sparse tensors, which tane does not have; only None and False.

    >>> import tane
    >>> x = tane.tensor([0.5, 1.5], dtype=tane.float64, requires_grad=True)
    >>> tane.autograd.gradcheck(tane.sin, x)
    True
    """
    assert check_forward_ad or check_backward_ad, "Expected at least one of check_forward_ad or check_backward_ad to be True"
    assert not (check_batched_grad and not check_backward_ad), "Setting check_batched_grad=True requires check_backward_ad to be True"
    assert not (check_batched_forward_grad and not check_forward_ad), (
        "Setting check_batched_forward_grad=True requires check_forward_ad to be True"
    )
    if masked:
        raise ValueError("gradcheck: masked=True is for sparse tensors, which tane does not have")
    settings = _Settings(
        eps, atol, rtol, nondet_tol, check_undefined_grad, check_grad_dtypes, check_batched_grad, check_batched_forward_grad,
        check_forward_ad, check_backward_ad, fast_mode,
    )  # fmt: skip
    given = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
    try:
        with enable_grad():
            _check(func, given, settings)
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def _check(func: Callable[..., Any], inputs: tuple[Any, ...], s: _Settings) -> None:
    _check_inputs(inputs)
    variables = list(enumerate(x for x in inputs if isinstance(x, Tensor) and x.requires_grad))
    outputs = _differentiable(func(*inputs))
    if not outputs:
        for _, x in variables:
            for number in range(len(_floating(func(*inputs)))):
                if np.abs(numeric.jacobian(lambda n=number: _floating(func(*inputs))[n], x, s.eps)).max(initial=0) > s.eps:  # type: ignore[misc]
                    raise GradcheckError("Numerical gradient for function expected to be zero")
        return
    for number, o in enumerate(outputs):
        for part in numeric.PARTS if o.dtype.is_complex else numeric.WHOLE:
            for i, x in variables:
                if s.backward:
                    _compare(func, inputs, number, o, i, x, part, s)
                if s.forward:
                    _compare_forward(func, inputs, number, i, x, part, s)
    if not s.backward:
        return
    _check_scaling(outputs, variables)
    if s.undefined and len(outputs) > 1:
        _check_undefined(outputs, variables)
    if s.batched:
        _check_batched(outputs, variables, s)


def _check_inputs(inputs: tuple[Any, ...]) -> None:
    found = False
    for i, x in enumerate(inputs):
        if not isinstance(x, Tensor) or not x.requires_grad:
            continue
        found = True
        if x.array.dtype.name not in ("float64", "complex128"):
            warnings.warn(
                f"Input #{i} requires gradient and is not a double precision floating point or complex. This check will likely fail if all the "
                f"inputs are not of double precision floating point or complex. ",
                stacklevel=5,
            )
        if any(stride == 0 and size > 1 for stride, size in zip(getattr(x.array, "strides", ()), x.array.shape, strict=False)):
            raise RuntimeError(
                f"The {i}th input has a dimension with stride 0. gradcheck only supports inputs that are non-overlapping to be able to compute the "
                f"numerical gradients correctly. You should call .contiguous on the input before passing it to gradcheck."
            )
    if not found:
        raise ValueError("gradcheck expects at least one input tensor to require gradient, but none of them have requires_grad=True.")


def _floating(result: Any) -> list[Tensor]:
    outputs = [result] if isinstance(result, Tensor) else list(result)
    for o in outputs:
        if not isinstance(o, Tensor):
            raise ValueError(f"gradcheck: the function must return Tensors, not {type(o).__name__}")
    return [o for o in outputs if o.dtype.is_floating_point or o.dtype.is_complex]


def _differentiable(result: Any) -> list[Tensor]:
    return [o for o in _floating(result) if o.requires_grad]


def _pull(outputs: Sequence[Tensor], xs: Sequence[Tensor], seeds: Sequence[Any]) -> list[Tensor]:
    found = grad(list(outputs), list(xs), list(seeds), retain_graph=True, allow_unused=True)
    return [zeros(x) if g is None else g for g, x in zip(found, xs, strict=True)]


def _host(t: Tensor) -> Any:
    return backend_of(type(t.array)).to_numpy(t.array)


# ---- the comparisons ------------------------------------------------------------------------------------------------------------------
def _compare(func: Any, inputs: Any, number: int, o: Tensor, i: int, x: Tensor, part: numeric.Part, s: _Settings) -> None:
    """One output by one input, backward against differences."""

    def evaluate() -> Tensor:
        return _differentiable(func(*inputs))[number]

    if s.fast:
        _compare_fast(evaluate, number, o, i, x, part, s)
        return
    expected = numeric.jacobian(lambda: part.take(_host(evaluate())), x, s.eps)
    rows, again = ([_pull([o], [x], [seed])[0] for seed in one_hots(o, part.seed)] for _ in range(2))
    found = _matrix(rows, x)
    _agree(part, number, i, expected, found, s)
    if rows and float(np.abs(found - _matrix(again, x)).max(initial=0)) > s.nondet_tol:
        raise GradcheckError(
            "Backward is not reentrant, i.e., running backward with same input and grad_output multiple times gives different values, although "
            f"analytical gradient matches numerical gradient.The tolerance for nondeterminism was {s.nondet_tol}."
        )
    if s.dtypes and any(r.dtype is not x.dtype for r in rows):
        raise GradcheckError(f"Gradient has dtype mismatch: input {i} is {x.dtype!r}, its gradient {next(r.dtype for r in rows)!r}")


def _matrix(rows: list[Tensor], x: Tensor) -> Any:
    """Gradients of one input by each element of an output, as a matrix: input elements down, output elements across."""
    if not rows:
        return np.zeros((x.array.size, 0))
    return np.stack([_host(r).reshape(-1) for r in rows], axis=1)


def _agree(part: numeric.Part, number: int, i: int, expected: Any, found: Any, s: _Settings, note: str = "") -> None:
    if not np.allclose(found, expected, rtol=s.rtol, atol=s.atol, equal_nan=False):
        raise GradcheckError(
            f"{part.prefix}Jacobian {note}mismatch for output {number} with respect to input {i},\nnumerical:{wrap(expected)}\nanalytical:{wrap(found)}\n"
        )


def _compare_fast(evaluate: Any, number: int, o: Tensor, i: int, x: Tensor, part: numeric.Part, s: _Settings) -> None:
    """Random weights of the elements on both sides: one difference and one backward pass in place of a Jacobian."""
    rng = np.random.default_rng(number * 1009 + i)
    u, v = rng.uniform(0.1, 1, x.array.shape), rng.uniform(0.1, 1, o.array.shape)
    if x.dtype.is_complex:
        u = u * np.exp(1j * rng.uniform(0, 2 * np.pi, u.shape))
    derivative = numeric.along(lambda: part.take(_host(evaluate())), x, u, s.eps)
    expected = float((derivative * v).sum())
    home = backend_of(type(o.array))
    seed = wrap(home.from_numpy((v * part.seed).astype(o.array.dtype)))
    found = float((_host(_pull([o], [x], [seed])[0]).conj() * u).real.sum())
    if abs(expected - found) > s.atol * float(np.abs(u).sum() * v.sum()) + s.rtol * abs(expected):
        whole = numeric.jacobian(lambda: part.take(_host(evaluate())), x, s.eps)
        mine = _matrix([_pull([o], [x], [one])[0] for one in one_hots(o, part.seed)], x)
        raise GradcheckError(
            f"{part.prefix}Jacobian mismatch for output {number} with respect to input {i},\nnumerical:{expected}\nanalytical:{found}\n\nThe above "
            f"quantities relating the numerical and analytical jacobians are computed in fast mode: as products with random vectors. The whole "
            f"jacobians are:\n\nNumerical:\n{wrap(whole)}\nAnalytical:\n{wrap(mine)}\n\n"
            f"The max per-element difference (slow mode) is: {float(np.abs(whole - mine).max(initial=0))}."
        )


def _compare_forward(func: Any, inputs: Any, number: int, i: int, x: Tensor, part: numeric.Part, s: _Settings) -> None:
    """One output by one input, derivatives along every direction against differences; as one batch too, where asked."""
    expected = numeric.jacobian(lambda: part.take(_host(_differentiable(func(*inputs))[number])), x, s.eps)

    def columns() -> list[Any]:
        o = _differentiable(func(*inputs))[number]
        found = []
        for direction in numeric.directions(x):
            pushed = _push([o], (x,), [direction], False)[0]
            found.append(np.zeros(o.array.size) if pushed is None else part.take(_host(pushed)).reshape(-1))
        return found

    lines = columns()
    matrix = np.array(lines).reshape(len(lines), -1)
    if x.dtype.is_complex:  # directions 1 and i of each element, as one complex number
        matrix = matrix[0::2] + 1j * matrix[1::2]
    _agree(part, number, i, expected, matrix, s, "computed with forward mode ")
    if s.batched_forward and not np.allclose(np.array(columns()).reshape(len(lines), -1), np.array(lines).reshape(len(lines), -1)):
        raise GradcheckError("While computing batched gradients, got different values for the same directions")


def _check_scaling(outputs: list[Tensor], variables: list[tuple[int, Tensor]]) -> None:
    """A gradient of zero must give gradients of zero."""
    for g in _pull(outputs, [x for _, x in variables], [zeros(o) for o in outputs]):
        if (g.array != 0).any().item():
            raise GradcheckError("backward not multiplied by grad_output")


def _check_undefined(outputs: list[Tensor], variables: list[tuple[int, Tensor]]) -> None:
    """An output that gets no gradient must count as one that gets zeros."""
    xs = [x for _, x in variables]
    for number, o in enumerate(outputs):
        alone = _pull([o], xs, [ones(o)])
        beside = _pull(outputs, xs, [ones(p) if k == number else zeros(p) for k, p in enumerate(outputs)])
        if any(not np.allclose(_host(a), _host(b)) for a, b in zip(alone, beside, strict=True)):
            raise GradcheckError(
                'Expected backward function to handle undefined output grads. Please look at "Notes about undefined output gradients" in '
                '"tools/autograd/derivatives.yaml"'
            )


def _check_batched(outputs: list[Tensor], variables: list[tuple[int, Tensor]], s: _Settings) -> None:
    """A batch of gradients must give the batch of what each gives."""
    rng = np.random.default_rng(0)
    xs = [x for _, x in variables]
    for o in outputs:
        batch = np.asarray(rng.standard_normal((2, *o.array.shape)), dtype=o.array.dtype)
        seeds = [wrap(backend_of(type(o.array)).from_numpy(np.array(b))) for b in batch]
        together = grad(
            o, xs, wrap(backend_of(type(o.array)).from_numpy(batch)), retain_graph=True, allow_unused=True, is_grads_batched=True
        )
        for k, seed in enumerate(seeds):
            for one, many in zip(_pull([o], xs, [seed]), together, strict=True):
                if many is not None and not np.allclose(_host(one), _host(many)[k], rtol=s.rtol, atol=s.atol):
                    raise GradcheckError("For output with is_grads_batched: a batch of gradients gives other values than its members")


def gradgradcheck(
    func: Callable[..., Any],
    inputs: Any,
    grad_outputs: Any = None,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    gen_non_contig_grad_outputs: bool = False,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_fwd_over_rev: bool = False,
    check_rev_over_rev: bool = True,
    fast_mode: bool = False,
    masked: bool | None = False,
) -> bool:
    """:func:`gradcheck` of the gradient of ``func``, with respect to ``inputs`` and to the gradients of its outputs.

    ``grad_outputs`` are those gradients; random where None, with ``gen_non_contig_grad_outputs`` in a layout with gaps. ``check_fwd_over_rev`` also checks
    the gradient's derivatives along directions.
    """
    assert check_fwd_over_rev or check_rev_over_rev, "Expected at least one of check_fwd_over_rev or check_rev_over_rev to be True"
    given = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
    with enable_grad():
        outputs = _differentiable(func(*given))
    if grad_outputs is None:
        seeds = tuple(_random_like(o, gen_non_contig_grad_outputs) for o in outputs)
    else:
        seeds = (grad_outputs,) if isinstance(grad_outputs, Tensor) else tuple(grad_outputs)
    count = len(given)

    def gradient(*args: Any) -> tuple[Tensor, ...]:
        xs = [x for x in args[:count] if isinstance(x, Tensor) and x.requires_grad]
        found = grad(_differentiable(func(*args[:count])), xs, args[count:], create_graph=True, allow_unused=True)
        return tuple(g for g in found if isinstance(g, Tensor) and g.requires_grad)

    return gradcheck(
        gradient,
        given + seeds,
        eps=eps,
        atol=atol,
        rtol=rtol,
        raise_exception=raise_exception,
        nondet_tol=nondet_tol,
        check_undefined_grad=check_undefined_grad,
        check_grad_dtypes=check_grad_dtypes,
        check_batched_grad=check_batched_grad,
        check_forward_ad=check_fwd_over_rev,
        check_backward_ad=check_rev_over_rev,
        fast_mode=fast_mode,
        masked=masked,
    )


def _random_like(o: Tensor, gaps: bool) -> Tensor:
    rng = np.random.default_rng(0)
    values = rng.standard_normal((*o.array.shape, 2))
    if o.dtype.is_complex:
        values = values + 1j * rng.standard_normal(values.shape)
    array = values.astype(o.array.dtype)[..., 0]
    t = wrap(backend_of(type(o.array)).from_numpy(array if gaps else array.copy()))
    t.requires_grad = True
    return t
