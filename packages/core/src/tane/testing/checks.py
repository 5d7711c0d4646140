"""The checks that :func:`tane.testing.opcheck` makes, each a function of a :class:`~tane.testing.trial.Trial` that fails it or returns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tane.autograd.gradients import backward
from tane.backends.backend import backend_of
from tane.dtypes import INTEGER, from_numpy_dtype
from tane.ops.primitive import Primitive
from tane.surface.conversion import host
from tane.tensor import wrap
from tane.testing.gradients import STEP, agree, finite_difference, inner
from tane.testing.sample import with_leaves
from tane.testing.trial import Trial, pull, random_like, wide

__all__ = ["CHECKS"]

Check = Callable[[Trial], None]
CHECKS: dict[str, Check] = {}
DOUBLE = ("float64", "complex128")


def check(function: Check) -> Check:
    CHECKS[function.__name__] = function
    return function


@check
def forward(t: Trial) -> None:
    """The values are those of the reference, or of the CPU in double precision; the result is on the device of its inputs."""
    outs = t.outputs
    if not outs:
        t.fail("the op returns no Tensor")
    for y in outs:
        if y.device.type != t.device:
            t.fail(f"the result is on device {y.device}")
        if type(y.array) is not t.backend.array_type:
            t.fail(f"the result holds a {type(y.array).__name__}, not an array of the device")
    if t.reference is None and t.device == "cpu" and t.dtype in DOUBLE:
        return
    if t.reference is not None:
        args = with_leaves(t.args, wide)
        found = t.reference(*args, **with_leaves(t.kwargs, wide))
        expected = [np.asarray(e) for e in (found if isinstance(found, (tuple, list)) else (found,))]
        what = "the reference"
    else:
        expected = [host(y) for y in on_cpu(t).outputs]
        what = "the CPU in double precision"
    if len(expected) > len(outs):
        t.fail(f"the op has {len(outs)} results, {what} {len(expected)}")
    for number, (y, e) in enumerate(zip(outs, expected, strict=False)):
        t.compare(f"result {number} (beside it {what})" if len(outs) > 1 else f"the result (beside it {what})", host(y), e)


def on_cpu(t: Trial) -> Trial:
    """The same inputs on the CPU, floating ones in double precision."""
    twin = Trial(t.op, t.name, t.sample, "cpu", t.dtype, t.reference)
    twin.args, twin.kwargs, twin.arrays = t.args, t.kwargs, t.arrays
    if from_numpy_dtype(np.dtype(t.arrays[0].dtype) if t.arrays else np.dtype("f8")).category > INTEGER:
        twin.args = with_leaves(t.args, as_double)
        twin.kwargs = with_leaves(t.kwargs, as_double) if not t.primitive else t.kwargs
        twin.arrays = [as_double(a) for a in t.arrays]
    return twin


def as_double(array: Any) -> Any:
    return wide(array) if from_numpy_dtype(array.dtype).category > INTEGER else array


@check
def types(t: Trial) -> None:
    """Results have the types that they have on the CPU; gradients have the type, shape and device of their input."""
    if t.device != "cpu":
        twin = Trial(t.op, t.name, t.sample, "cpu", t.dtype, t.reference)
        here, there = [y.dtype for y in t.outputs], [y.dtype for y in twin.outputs]
        if here != there:
            t.fail(f"the results are {here}, on the CPU {there}")
    if not t.smooth:
        return
    inputs = t.tensors()
    for i, g in zip(t.differentiable, t.pulled(inputs, t.cotangents()), strict=True):
        for what in ("dtype", "shape", "device"):
            have, want = getattr(g, what), getattr(inputs[i], what)
            if have != want:
                t.fail(f"the gradient of {t.input_name(i)} has {what} {have}, the input {want}")
        if type(g.array) is not t.backend.array_type:
            t.fail(f"the gradient of {t.input_name(i)} holds a {type(g.array).__name__}, not an array of the device")


@check
def mutation(t: Trial) -> None:
    """Neither forward nor backward changes inputs, keywords, the results or the gradient that comes in."""
    inputs = t.tensors()
    raws: list[Any] = []
    outs = t.call(inputs, raws)
    before = [host(y).copy() for y in outs]

    def unchanged(when: str) -> None:
        for i, (x, a) in enumerate(zip(inputs, t.arrays, strict=True)):
            if not same(host(x), a):
                t.fail(f"{when} changed {t.input_name(i)}", now=host(x))
        for raw, a in raws:
            if not same(t.backend.to_numpy(raw), a):
                t.fail(f"{when} changed an array among the keywords", before=a, now=t.backend.to_numpy(raw))

    unchanged("forward")
    if not t.smooth:
        return
    for create in (False, True):
        seeds = [wrap(t.raw(c)) for c in t.cotangents()]
        fresh = outs if not create else t.call(inputs, raws)
        t.pulled(inputs, seeds, create, fresh)
        unchanged("backward")
        for y, b in zip(fresh, before, strict=True):
            if not same(host(y), b):
                t.fail("backward changed the result", before=b, now=host(y))
        for s, c in zip(seeds, t.cotangents(), strict=True):
            if not same(host(s), c):
                t.fail("backward changed the gradient that came in", before=c, now=host(s))


def same(a: Any, b: Any) -> bool:
    return bool(((a == b) | ((a != a) & (b != b))).all())


@check
def aliasing(t: Trial) -> None:
    """A result shares memory with an input only if that is declared (``view``), and then it does; no two results share."""
    inputs = t.tensors()
    raws: list[Any] = []
    outs = t.call(inputs, raws)
    view = t.sample.view or bool(getattr(t.op, "view", False))
    sources = [*((t.input_name(i), x.array) for i, x in enumerate(inputs)), *(("a keyword", r) for r, _ in raws)]
    for number, y in enumerate(outs):
        shared = [name for name, raw in sources if alias(t, y.array, raw)]
        if shared and not view:
            t.fail(f"result {number} shares the memory of {shared[0]}, and the op is not declared a view")
        if view and not shared and y.array.size and not t.sample.skips.get("view"):
            t.fail(f"result {number} is declared a view and has memory of its own")
        if not view and any(alias(t, y.array, z.array) for z in outs[:number]):
            t.fail(f"result {number} shares memory with another result")


def alias(t: Trial, a: Any, b: Any) -> bool:
    return bool(a.size and b.size) and t.backend.owner(a) is t.backend.owner(b)


@check
def layout(t: Trial) -> None:
    """Inputs with gaps in their memory, transposed ones, and transposed or repeated incoming gradients give the same results."""
    forms = [form for form in (gaps, transposed) if any(form(t, a) is not None for a in t.arrays)]
    for form in forms:
        made = [form(t, a) for a in t.arrays]
        inputs = [wrap(t.raw(a) if m is None else m) for a, m in zip(t.arrays, made, strict=True)]
        for i in t.differentiable:
            inputs[i].requires_grad = True
        outs = t.call(inputs)
        for y, e in zip(outs, t.outputs, strict=True):
            t.compare(f"the result of non-contiguous inputs ({form.__name__})", host(y), host(e), tolerance=4)
        if not t.smooth:
            continue
        seeds = [wrap(t.raw(c) if (m := form(t, c)) is None else m) for c in t.cotangents()]
        expected = t.pulled(t.tensors(), t.cotangents())
        for i, g, e in zip(t.differentiable, t.pulled(inputs, seeds, outputs=outs), expected, strict=True):
            t.compare(f"the gradient of {t.input_name(i)} with non-contiguous memory ({form.__name__})", host(g), host(e), tolerance=4)
    if t.smooth:
        ones = [np.ones_like(c) for c in t.cotangents()]
        repeated = [wrap(t.backend.F.broadcast_to(t.raw(np.ones((), o.dtype)), o.shape)) for o in ones]
        expected = t.pulled(t.tensors(), ones)
        for i, g, e in zip(t.differentiable, t.pulled(t.tensors(), repeated), expected, strict=True):
            t.compare(f"the gradient of {t.input_name(i)} from an incoming gradient with strides of zero", host(g), host(e), tolerance=4)


def gaps(t: Trial, array: Any) -> Any:
    """The array on the device as every second element of a longer one, or None where it cannot be told from a contiguous one."""
    if array.ndim == 0 or not array.size:
        return None
    longer = np.repeat(array, 2, axis=-1)
    longer[..., ::2] = np.ones((), array.dtype)
    return t.raw(longer)[..., 1::2]


def transposed(t: Trial, array: Any) -> Any:
    """The array on the device in column-major order."""
    return t.raw(np.ascontiguousarray(array.T)).T if array.ndim > 1 and array.size else None


@check
def gradient(t: Trial) -> None:
    """The gradient of each input agrees with finite differences along two random directions."""
    if not t.smooth or t.dtype not in DOUBLE:
        return
    for number in range(2):
        cotangents = t.cotangents(number)

        def value(arrays: list[Any], cotangents: list[Any] = cotangents) -> float:
            outs = t.call(t.tensors(arrays, ()))
            return inner([(c, host(outs[i])) for i, c in zip(t.sources, cotangents, strict=True)])[0]

        found = [host(g) for g in t.pulled(t.tensors(), cotangents)]
        for i, g in zip(t.differentiable, found, strict=True):
            direction = random_like(t.rng, t.arrays[i])
            numeric = finite_difference(lambda x, i=i: value(swapped(t.arrays, i, x)), t.arrays[i], direction)  # type: ignore[misc]
            compare_slopes(t, f"the gradient of {t.input_name(i)}", g, direction, numeric, value(t.arrays))


def swapped(arrays: list[Any], i: int, x: Any) -> list[Any]:
    return [*arrays[:i], x, *arrays[i + 1 :]]


def compare_slopes(t: Trial, what: str, g: Any, direction: Any, numeric: float, value: float) -> None:
    analytic, size = inner([(g, direction)])
    if not agree(analytic, numeric, size, value, t.sample.tolerance):
        off = abs(analytic - numeric) / max(abs(numeric), 1e-300)
        t.fail(
            f"{what} along a random direction is {analytic:.9g}, finite differences give {numeric:.9g} (off by {off:.2%})",
            gradient=g,
            direction=direction,
        )


@check
def graph(t: Trial) -> None:
    """Formulas give the same on raw arrays and on Tensors, under ``create_graph``."""
    if not t.smooth:
        return
    plain = t.pulled(t.tensors(), t.cotangents())
    recorded = t.pulled(t.tensors(), t.cotangents(), create=True)
    for i, a, b in zip(t.differentiable, plain, recorded, strict=True):
        if a.dtype != b.dtype:
            t.fail(f"the gradient of {t.input_name(i)} is {a.dtype}, and {b.dtype} under create_graph")
        t.compare(
            f"the gradient of {t.input_name(i)} under create_graph (beside it that of a plain backward)", host(b), host(a), tolerance=4
        )


@check
def second(t: Trial) -> None:
    """The gradient of the gradient, with respect to the inputs and to the incoming gradient, agrees with finite differences."""
    if not t.smooth or t.dtype not in DOUBLE:
        return
    cotangents = t.cotangents()
    rng = np.random.default_rng(11)
    weights = [random_like(rng, t.arrays[i]) for i in t.differentiable]
    variables = [t.arrays[i] for i in t.differentiable] + cotangents

    def value(values: list[Any]) -> float:
        arrays = list(t.arrays)
        for i, x in zip(t.differentiable, values, strict=False):
            arrays[i] = x
        found = t.pulled(t.tensors(arrays), values[len(t.differentiable) :])
        return inner([(w, host(g)) for w, g in zip(weights, found, strict=True)])[0]

    inputs = t.tensors()
    seeds = [wrap(t.raw(c)) for c in cotangents]
    for s in seeds:
        s.requires_grad = True
    first = t.pulled(inputs, seeds, create=True)
    flowing = [(g, w) for g, w in zip(first, weights, strict=True) if g.requires_grad]
    wanted = [*(inputs[i] for i in t.differentiable), *seeds]
    found: list[Any] = [np.zeros_like(v) for v in variables]
    if flowing:
        found = [host(g) for g in pull([g for g, _ in flowing], wanted, [wrap(t.raw(w)) for _, w in flowing])]
    names = [*(t.input_name(i) for i in t.differentiable), *(f"the incoming gradient of result {i}" for i in t.sources)]
    base = value(variables)
    for k, (g, v) in enumerate(zip(found, variables, strict=True)):
        direction = random_like(rng, v)
        numeric = finite_difference(lambda x, k=k: value(swapped(variables, k, x)), v, direction, STEP)  # type: ignore[misc]
        compare_slopes(t, f"the second derivative with respect to {names[k]}", g, direction, numeric, base)


@check
def partial(t: Trial) -> None:
    """Each input alone that wants a gradient gets the same one; so does each result alone from which one starts."""
    if not t.smooth:
        return
    full = dict(zip(t.differentiable, t.pulled(t.tensors(), t.cotangents()), strict=True))
    if len(full) > 1:
        for i, expected in full.items():
            inputs = t.tensors(requires=[i])
            outs = t.call(inputs)
            if not all(outs[k].requires_grad for k in t.sources):
                continue  # that result does not depend on it
            [g] = t.pulled(inputs, t.cotangents(), outputs=outs)
            t.compare(f"the gradient of {t.input_name(i)}, the only one asked for,", host(g), host(expected), tolerance=2)
    if len(t.sources) > 1:
        parts = [[] for _ in full]  # type: ignore[var-annotated]
        for k, c in zip(t.sources, t.cotangents(), strict=True):
            inputs = t.tensors()
            wanted = [inputs[i] for i in full]
            for part, g in zip(parts, pull([t.call(inputs)[k]], wanted, [wrap(t.raw(c))]), strict=True):
                part.append(wide(host(g)))
        for (i, expected), part in zip(full.items(), parts, strict=True):
            t.compare(f"the gradient of {t.input_name(i)} as a sum over the results", sum(part), wide(host(expected)), tolerance=8)


@check
def sharing(t: Trial) -> None:
    """The gradient in ``grad`` shares memory with nothing: no input, no result, no other gradient, not the one that came in."""
    if not t.smooth:
        return
    inputs = t.tensors()
    outs = t.call(inputs)
    seeds = [wrap(t.raw(c)) for c in t.cotangents()]
    backward([outs[i] for i in t.sources], seeds)
    grads = [(t.input_name(i), inputs[i].grad) for i in t.differentiable if inputs[i].grad is not None]
    others = [(t.input_name(i), x) for i, x in enumerate(inputs)] + [(f"result {i}", y) for i, y in enumerate(outs)]
    others += [("the incoming gradient", s) for s in seeds]
    for k, (name, g) in enumerate(grads):
        for other, x in [*others, *((f"the gradient of {n}", h) for n, h in grads[:k])]:
            if g is not None and x is not None and alias(t, g.array, x.array):
                t.fail(f"the gradient of {name} shares the memory of {other}")


@check
def saved(t: Trial) -> None:
    """The graph keeps what the gradient formulas name and nothing else, and lets go of it in backward."""
    if not t.smooth or not isinstance(t.op, Primitive) or t.op.variadic:
        return
    for wanting in [t.differentiable, *([i] for i in t.differentiable)]:
        inputs = t.tensors(requires=wanting)
        outs = t.call(inputs)
        node = outs[0].grad_fn
        if node is None or node.op.name != t.op.name:
            continue
        kept = [a for args in node.saved for a in args or ()]
        for i, args in enumerate(node.saved):
            if i not in wanting and args and any(hasattr(a, "dtype") for a in args):
                t.fail(f"the graph keeps {len(args)} values for {t.input_name(i)}, which wants no gradient")
        named = {n for i in wanting for n in t.op.wants[i]}
        for what, array in [("y", outs[0].array), *((n, x.array) for n, x in zip(t.op.inputs, inputs, strict=False))]:
            if what not in named and any(a is array for a in kept):
                t.fail(f"the graph keeps {what!r}, which no formula names")
        backward([outs[i] for i in t.sources], [wrap(t.raw(c)) for c in t.cotangents()])
        if t.op.keeps_values and node.saved is not None:
            t.fail("backward does not let go of what the graph kept")


@check
def precision(t: Trial) -> None:
    """Gradients in every dtype and on every device are, up to rounding, the CPU's in double precision."""
    if not t.smooth or (t.device == "cpu" and t.dtype in DOUBLE):
        return
    twin = on_cpu(t)
    cotangents = t.cotangents()
    if len(twin.sources) != len(t.sources):
        t.fail(f"gradients start from results {t.sources} here, and from {twin.sources} on the CPU in double precision")
    expected = twin.pulled(twin.tensors(requires=t.differentiable), [wide(c) for c in cotangents])
    for i, g, e in zip(t.differentiable, t.pulled(t.tensors(), cotangents), expected, strict=True):
        t.compare(f"the gradient of {t.input_name(i)} (beside it the CPU's in double precision)", host(g), host(e), tolerance=4)


@check
def errors(t: Trial) -> None:
    """What is no tensor is refused by an error that names the op; tensors of two devices by one that names both."""
    if not isinstance(t.op, Primitive) or t.op.variadic:
        return
    inputs = t.tensors(requires=())
    for i in range(len(inputs)):
        given: list[Any] = list(inputs)
        given[i] = "no tensor"
        try:
            t.call(given)
        except TypeError as error:
            if t.op.name not in str(error) or "str" not in str(error):
                t.fail(f"the error for a str as {t.input_name(i)} names neither the op nor what it got: {error}", error)
        else:
            t.fail(f"a str as {t.input_name(i)} is accepted")
    if t.device == "cpu" or len(inputs) < 2 or not all(a.ndim for a in t.arrays):
        return
    foreign = [wrap(backend_of(np.ndarray).from_numpy(t.arrays[0])), *inputs[1:]]
    try:
        t.call(foreign)
    except RuntimeError as error:
        if "cpu" not in str(error) or t.device not in str(error):
            t.fail(f"the error for tensors of two devices does not name both: {error}", error)
    else:
        t.fail("tensors of two devices are accepted")
