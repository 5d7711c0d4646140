"""The dicts in which a module keeps its parameters, buffers and children, mirrored into its attributes.

``module.weight`` is asked for in every forward pass. Were it found only in ``module._parameters``, each access would fail in Python's own
look-up first and then call ``__getattr__``, a quarter of a microsecond; so what is registered stands in ``module.__dict__`` too, and this
class keeps the two in step whoever changes it: ``module.weight = p``, ``module._parameters["weight"] = p`` or ``del module.weight``.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from typing import Any
from weakref import ref

__all__ = ["REGISTRIES", "Registry", "put"]

REGISTRIES = ("_parameters", "_buffers", "_modules")


class Registry(dict[str, Any]):
    """A dict that also sets and deletes the attributes of its owner."""

    __slots__ = ("owner",)

    def __init__(self, owner: ref[Any], items: Any = ()) -> None:
        self.owner = owner
        self.update(items)

    def __setitem__(self, name: str, value: Any) -> None:
        dict.__setitem__(self, name, value)
        owner = self.owner()
        # Where the class has an attribute of that name, that one is found, as in PyTorch.
        if owner is not None and not hasattr(type(owner), name):
            owner.__dict__[name] = value

    def __delitem__(self, name: str) -> None:
        value = self[name]
        dict.__delitem__(self, name)
        owner = self.owner()
        if owner is not None and owner.__dict__.get(name, self) is value:
            del owner.__dict__[name]

    def pop(self, name: str, *default: Any) -> Any:
        if name not in self:
            return dict.pop(self, name, *default)
        value = self[name]
        del self[name]
        return value

    def popitem(self) -> tuple[str, Any]:
        name = next(reversed(self)) if self else dict.popitem(self)[0]
        return name, self.pop(name)

    def clear(self) -> None:
        for name in list(self):
            del self[name]

    def setdefault(self, name: str, default: Any = None) -> Any:
        if name not in self:
            self[name] = default
        return self[name]

    def update(self, items: Any = (), /, **named: Any) -> None:
        for name, value in _pairs(items):
            self[name] = value
        for name, value in named.items():
            self[name] = value

    def __ior__(self, items: Any) -> Registry:  # type: ignore[override, misc]
        self.update(items)
        return self

    # A copy belongs to nobody: modules make their registries anew when they are copied or unpickled.
    def copy(self) -> dict[str, Any]:
        return dict(self)

    def __reduce_ex__(self, protocol: Any) -> Any:
        return dict, (list(self.items()),)

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, Any]:
        return {name: deepcopy(value, memo) for name, value in self.items()}


def _pairs(items: Any) -> Iterable[tuple[str, Any]]:
    return [(name, items[name]) for name in items.keys()] if hasattr(items, "keys") else list(items)  # noqa: SIM118 - as dict.update does


def put(module: Any, registry: str, name: str, value: Any) -> None:
    """Register ``value``, with or without a mirror: a class with a ``__setstate__`` of its own may have left a plain dict."""
    found = module.__dict__[registry]
    if type(found) is not Registry:
        module.__dict__.pop(name, None)
    found[name] = value
