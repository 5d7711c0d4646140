"""Calling a module with other parameters than its own."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tane.ops.shape import stack
from tane.tensor import Tensor, wrap

__all__ = ["functional_call", "stack_module_state"]


def functional_call(
    module: Any,
    parameter_and_buffer_dicts: Mapping[str, Tensor] | Sequence[Mapping[str, Tensor]],
    args: Any = None,
    kwargs: Mapping[str, Any] | None = None,
    *,
    tie_weights: bool = True,
    strict: bool = False,
) -> Any:
    """``module(*args, **kwargs)`` with the tensors of a dict in place of its parameters and buffers of those names, for this call alone.

    Args:
        args: a tuple of arguments, or the one argument.
        tie_weights: a tensor given for one name of a shared parameter counts for all its names.
        strict: the dict must name every parameter and buffer, and nothing else; without it, other names are passed over.
    """
    given = _joined(parameter_and_buffer_dicts)
    arguments = () if args is None else args if isinstance(args, tuple) else (args,)
    with _swapped(module, given, tie_weights, strict):
        return module(*arguments, **(kwargs or {}))


def _joined(dicts: Any) -> dict[str, Tensor]:
    if isinstance(dicts, Mapping):
        return dict(dicts)
    if not isinstance(dicts, Sequence) or not all(isinstance(d, Mapping) for d in dicts):
        raise ValueError(f"Expected all elements of parameter_and_buffer_dicts to be dictionaries, got {type(dicts).__name__}")
    found: dict[str, Tensor] = {}
    for d in dicts:
        repeated = sorted(found.keys() & d.keys())
        if repeated:
            raise ValueError(f"{repeated} appear in multiple dictionaries; behavior of functional call is ambiguous")
        found.update(d)
    return found


@contextlib.contextmanager
def _swapped(module: Any, given: Mapping[str, Tensor], tie_weights: bool, strict: bool) -> Iterator[None]:
    places = dict(_places(module))
    values = {name: value for name, value in given.items() if name in places}
    if tie_weights:
        for names in _tied(places):
            chosen = {id(given[n]): given[n] for n in names if n in given}
            if len(chosen) > 1:
                raise ValueError(f"functional_call got multiple values for keys {names}, which are tied. Consider using tie_weights=False")
            for value in chosen.values():
                values.update(dict.fromkeys(names, value))
    if strict:
        unexpected, missing = sorted(given.keys() - places.keys()), sorted(places.keys() - values.keys())
        lines = [
            f"\n\t{what} key(s): {', '.join(map(repr, keys))}." for what, keys in (("Unexpected", unexpected), ("Missing", missing)) if keys
        ]
        if lines:
            raise RuntimeError(f"Error(s) in reparametrizing for {type(module).__name__}:{''.join(lines)}")
    before = {name: places[name][0][places[name][1]] for name in values}
    try:
        for name, value in values.items():
            holder, key = places[name]
            holder[key] = value
        yield
    finally:
        for name, value in before.items():
            holder, key = places[name]
            holder[key] = value


def _tied(places: Mapping[str, tuple[dict[str, Any], str]]) -> list[list[str]]:
    """The names of each tensor that has several."""
    groups: dict[int, list[str]] = {}
    for name, (holder, key) in places.items():
        if holder[key] is not None:
            groups.setdefault(id(holder[key]), []).append(name)
    return [sorted(names) for names in groups.values() if len(names) > 1]


def _places(module: Any, prefix: str = "") -> Iterator[tuple[str, tuple[dict[str, Any], str]]]:
    """Where each parameter and buffer is kept: its full name, and the dict and key that hold it."""
    for holder in (module._parameters, module._buffers):
        for key in holder:
            yield prefix + key, (holder, key)
    for name, child in module._modules.items():
        if child is not None:
            yield from _places(child, f"{prefix}{name}.")


def stack_module_state(models: Sequence[Any]) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """The parameters of several modules of one kind, stacked along a new first dimension, and their buffers: for :func:`vmap` over an ensemble."""
    if not models:
        raise RuntimeError("stack_module_state: Expected at least one model, got 0.")
    if len({type(m) for m in models}) > 1:
        raise RuntimeError("stack_module_state: Expected all models to be of the same class.")

    def stacked(kind: str, variable: bool) -> dict[str, Tensor]:
        columns = [dict(getattr(m, f"named_{kind}")()) for m in models]
        found = {}
        for name in columns[0]:
            t = wrap(stack.call([wrap(c[name].array) for c in columns], 0).array)
            t.requires_grad = variable and columns[0][name].requires_grad
            found[name] = t
        return found

    return stacked("parameters", True), stacked("buffers", False)
