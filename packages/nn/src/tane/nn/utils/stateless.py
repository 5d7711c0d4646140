"""Calling a module with other tensors in place of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tane.nn.module.registry import REGISTRIES
from tane.tensor import Tensor

__all__ = ["functional_call"]


def functional_call(
    module: Any,
    parameters_and_buffers: Any,
    args: Any = None,
    kwargs: dict[str, Any] | None = None,
    *,
    tie_weights: bool = True,
    strict: bool = False,
) -> Any:
    """``module(*args, **kwargs)`` with the tensors of a dict, by dotted name, as its parameters and buffers; afterwards it has its own
    again.

    Args:
        parameters_and_buffers: A dict, or several.
        tie_weights: Parameters that are one and the same in the module take the tensor given for any of their names.
        strict: All parameters and buffers must be given, and nothing else.

    >>> import tane
    >>> line = tane.nn.Linear(1, 1)
    >>> functional_call(line, {"weight": tane.ones(1, 1), "bias": tane.zeros(1)}, tane.ones(1))
    tensor([1.])
    """
    given: dict[str, Tensor] = {}
    for one in [parameters_and_buffers] if isinstance(parameters_and_buffers, Mapping) else parameters_and_buffers:
        given.update(one)
    own = {**dict(module.named_parameters(remove_duplicate=False)), **dict(module.named_buffers(remove_duplicate=False))}
    if strict:
        missing, unexpected = [k for k in own if k not in given], [k for k in given if k not in own]
        if missing or unexpected:
            raise RuntimeError(f"Error(s) in functional_call: missing keys {missing}, unexpected keys {unexpected}")
    if tie_weights:
        by_identity = {id(own[k]): t for k, t in given.items() if k in own}
        given = {**{k: by_identity[id(t)] for k, t in own.items() if id(t) in by_identity}, **given}
    args = () if args is None else args if isinstance(args, tuple) else (args,)
    with _replaced(module, given):
        return module(*args, **(kwargs or {}))


@contextmanager
def _replaced(module: Any, tensors: Mapping[str, Tensor]) -> Iterator[None]:
    before: list[tuple[dict[str, Any], str, Any]] = []
    try:
        for path, tensor in tensors.items():
            where, _, name = path.rpartition(".")
            owner = module.get_submodule(where)
            table = next((t for t in (getattr(owner, r) for r in REGISTRIES[:2]) if name in t), None)
            if table is None:
                raise KeyError(f"functional_call(): the module has no parameter or buffer {path!r}")
            before.append((table, name, table[name]))
            table[name] = tensor
        yield
    finally:
        for table, name, value in reversed(before):
            table[name] = value
