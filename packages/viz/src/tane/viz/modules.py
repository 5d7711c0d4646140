"""Models as this package sees them. Which module an op belongs to is recorded while the model runs, or else concluded from parameters'
names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from tane.autograd.node import Node
from tane.autograd.state import add_observer, remove_observer
from tane.tensor import Tensor
from tane.viz.walk import is_leaf_node, producers

__all__ = ["KEY", "evaluating", "owners", "recorded", "shorten", "tensors", "track_modules"]

KEY = "module"  # in ``node.metadata``: the dotted path of the module whose forward recorded the node


@contextmanager
def track_modules(model: Any) -> Iterator[None]:
    """Have every op that ``model`` records inside the ``with`` block remember its module.

    The module's dotted path, as ``model.named_modules()`` has it, stands in the node's ``metadata["module"]`` from then on, and
    :func:`~tane.viz.make_dot` groups by it. A model is whatever has ``named_modules`` and PyTorch's forward hooks.

    >>> with tane.viz.track_modules(model):                                          # doctest: +SKIP
    ...     y = model(x)
    >>> tane.viz.make_dot(y, params=dict(model.named_parameters()), depth=1)         # doctest: +SKIP
    """
    inside: list[str] = []

    def note(fn: Node) -> None:
        if inside:
            fn.metadata[KEY] = inside[-1]

    def entering(path: str) -> Callable[..., None]:
        return lambda module, args: inside.append(path)

    def leaving(module: Any, args: Any, output: Any) -> None:
        inside.pop()

    with ExitStack() as stack:
        for path, module in model.named_modules():
            stack.enter_context(module.register_forward_pre_hook(entering(path)))
            stack.enter_context(module.register_forward_hook(leaving))
        add_observer(note)
        stack.callback(remove_observer, note)
        yield


def common(paths: Iterable[str | None]) -> str | None:
    """The innermost module that all of them lie in; ``None`` among them says nothing."""
    known = {p for p in paths if p is not None}
    if not known:
        return None
    parts = [p.split(".") if p else [] for p in known]
    shared = []
    for level in zip(*parts):
        if len(set(level)) > 1:
            break
        shared.append(level[0])
    return ".".join(shared)


def shorten(path: str, depth: int) -> str:
    """The path of the module that stands around it at ``depth``."""
    return ".".join(path.split(".")[:depth])


def owners(order: list[Node], names: Mapping[int, str]) -> dict[Node, str]:
    """The dotted path of the module that each node belongs to; ``""`` is the model itself.

    ``order`` has inputs first, ``names`` the dotted names of parameters by ``id``. What :func:`track_modules` has recorded is taken as it
    is. An op that takes a parameter belongs to the module of that parameter; any other to the innermost module that holds both what it
    takes and what takes it.
    """
    own: dict[Node, str | None] = {}
    constant: set[Node] = set()  # that depend on parameters alone, such as a transposed weight
    for fn in order:
        before = producers(fn)
        if is_leaf_node(fn):
            name = names.get(id(fn.variable))
            own[fn] = None if name is None else name.rpartition(".")[0]
            if name is not None:
                constant.add(fn)
            continue
        parameters = [n for n in before if n in constant]
        own[fn] = recorded(fn) if recorded(fn) is not None else common(own[n] for n in parameters)
        if len(parameters) == len(fn.next_functions):  # an input without a node is data
            constant.add(fn)
    above: dict[Node, str | None] = {}  # what an op's inputs have in common
    for fn in order:
        above[fn] = own[fn] if own[fn] is not None else common(above[n] for n in producers(fn))
    below: dict[Node, str | None] = {}  # what its users have in common
    for fn in reversed(order):
        mine = own[fn] if own[fn] is not None else below.get(fn)
        for n in producers(fn):
            below[n] = common([below.get(n), mine])
    result = {}
    for fn in order:
        path = own[fn]
        if path is None:
            # Nothing above it is an input of the model, nothing below it an output: both belong to the model itself.
            path = "" if above[fn] is None or below.get(fn) is None else common([above[fn], below[fn]])
        result[fn] = path or ""
    return result


def recorded(fn: Node) -> str | None:
    kept = fn._metadata  # the property would make a dict for every node
    return None if kept is None else kept.get(KEY)


@contextmanager
def evaluating(model: Any) -> Iterator[None]:
    """Every module in evaluation mode, and afterwards as each of them was."""
    modules = [m for _, m in model.named_modules()] if hasattr(model, "named_modules") else []
    before = [m.training for m in modules]
    try:
        for m in modules:
            m.training = False
        yield
    finally:
        for m, mode in zip(modules, before):
            m.training = mode


def tensors(value: Any) -> list[Tensor]:
    """The tensors in nested lists, tuples and dicts."""
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return [t for v in value for t in tensors(v)]
    return []
