"""The callable of an op, compiled at its first call from a template that leaves out whatever the op does not need."""

from __future__ import annotations

import functools
import linecache
from collections.abc import Callable
from types import FunctionType
from typing import Any

from tane.autograd.node import Node
from tane.autograd.state import local, state
from tane.dtypes import float32, float64
from tane.ops.recording import mismatch, notify, track
from tane.tensor import Tensor, new, wrap

__all__ = ["compiled"]


def _source(op: Any) -> str:
    inputs, kw = op.inputs, tuple(op.keywords)
    call = ", ".join([*(f"x{i}" for i in range(len(inputs))), *kw])
    slow = f"slow(({', '.join(inputs)},), ({''.join(k + ', ' for k in kw)}))"
    lines = [
        f"def {op.name}({', '.join([*inputs, *(f'{k}=_{k}' for k in kw)])}):",
        f"    if not isinstance({inputs[0]}, Tensor):",
        f"        return {slow}",
        f"    x0 = {inputs[0]}.array; e0 = {inputs[0]}.node; t = type(x0)",
    ]
    if op.promotes or op.wide or len(inputs) > 1:
        lines += ["    d = x0.dtype", "    if d is not F32 and d is not F64:", f"        return {slow}"]
    for i, name in enumerate(inputs[1:], 1):
        scalar = [f"    elif type({name}) is float or type({name}) is int:", f"        x{i} = {name}; e{i} = None"] if op.promotes else []
        lines += [
            f"    if isinstance({name}, Tensor):",
            f"        x{i} = {name}.array; e{i} = {name}.node",
            f"        if x{i}.dtype is not d or type(x{i}) is not t:",
            f"            return {slow}",
            *scalar,
            "    else:",
            f"        return {slow}",
        ]
    compute = f"out{''.join(', ' + e for e in op.extra)} = forwards[t]({call})"
    if op.promotes and len(inputs) > 1:
        arrays = ", ".join(f"x{i}" for i in range(len(inputs)))
        lines += [
            "    try:",
            f"        {compute}",
            "    except ValueError as error:",
            f"        raise mismatch(op, error, {arrays}) from None",
        ]
    else:
        lines += [f"    {compute}"]
    lines += [
        "    if type(out) is not t:",
        "        out = out[...]",
        "    r = new(Tensor)",
        "    r.array = out",
    ]
    if op.view:
        lines += [f"    track({inputs[0]}, r, op, ({''.join(k + ', ' for k in kw)}))"]
    live = [i for i, g in enumerate(op.gradients) if g is not None]
    if live:
        expression = {
            "y": "out",
            **{n: f"x{i}" for i, n in enumerate(inputs)},
            **{f"{n}_shape": f"x{i}.shape" for i, n in enumerate(inputs)},
        }
        saved = [f"({''.join(expression.get(w, w) + ', ' for w in want)})" for want in op.wants]
        if len(inputs) > 1:
            saved = [s if s == "()" else f"{s} if e{i} is not None else None" for i, s in enumerate(saved)]
        lines += [
            f"    if ({' or '.join(f'e{i} is not None' for i in live)}) and (not state.special or local.recording):",
            "        n = Node()",
            "        n.op = op",
            f"        n.edges = ({''.join(f'e{i}, ' if i in live else 'None, ' for i in range(len(inputs)))})",
            f"        n.saved = ({''.join(s + ', ' for s in saved)})",
            "        n.epoch = state.mutations; n.shape = out.shape; n.dtype = out.dtype",
            "        r.node = n",
            "        if state.special:",
            "            notify(n)",
        ]
    lines.append(f"    return r{''.join(f', wrap({e})' for e in op.extra if op.shows_extra)}")
    return "\n".join(lines) + "\n"


@functools.cache
def _bytecode(source: str, name: str) -> Any:
    filename = f"<op {name}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    return compile(source, filename, "exec")


def compiled(op: Any, slow: Callable[..., Any] | None = None) -> Callable[..., Any]:
    scope: dict[str, Any] = {
        "__name__": __name__,  # the module that warnings of overflow are attributed to, and silenced for
        "op": op,
        "slow": slow or op.slow,
        "mismatch": mismatch,
        "forwards": op.forwards,
        "Tensor": Tensor,
        "Node": Node,
        "new": new,
        "state": state,
        "local": local,
        "track": track,
        "notify": notify,
        "wrap": wrap,
        "F32": float32.numpy,
        "F64": float64.numpy,
        **{f"_{k}": v for k, v in op.keywords.items()},
    }
    # Compiling takes longer than importing: it waits for the first call, which then gives the function that everybody holds its code.
    call = FunctionType(_unmade.__code__, scope, op.name)

    def make() -> Callable[..., Any]:
        exec(_bytecode(_source(op), op.name), scope)
        made = scope[op.name]
        call.__defaults__, call.__code__ = made.__defaults__, made.__code__
        return call

    scope["make"] = make
    call.__doc__ = op.doc
    return call


def _unmade(*args: Any, **kwargs: Any) -> Any:
    return make()(*args, **kwargs)  # type: ignore[name-defined]  # noqa: F821 - in the scope of the op
