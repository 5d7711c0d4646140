"""The named tuples that functions with several results give: ``tane.max(x, 0)`` is a ``return_types.max`` with ``values`` and ``indices``."""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter
from typing import Any

__all__ = ["ReturnType", "return_type"]


class ReturnType(tuple[Any, ...]):
    """A tuple of results that have names; made from one sequence of them.

    >>> pair = return_type("max", "values", "indices")((3, 1))
    >>> pair.values, pair[1]
    (3, 1)
    """

    __slots__ = ()
    fields: tuple[str, ...] = ()

    def __new__(cls, results: Iterable[Any]) -> ReturnType:
        self = super().__new__(cls, results)
        if len(self) != len(cls.fields):
            raise TypeError(f"torch.return_types.{cls.__name__}() takes a {len(cls.fields)}-sequence ({len(self)}-sequence given)")
        return self

    def __repr__(self) -> str:
        lines = ",\n".join(f"{name}={value!r}" for name, value in zip(self.fields, self, strict=True))
        return f"torch.return_types.{type(self).__name__}(\n{lines})"

    def __reduce__(self) -> tuple[Any, ...]:
        return rebuilt, (type(self).__name__, self.fields, tuple(self))


def rebuilt(name: str, fields: tuple[str, ...], results: tuple[Any, ...]) -> ReturnType:
    """Unpickle a result."""
    return return_type(name, *fields)(results)


def return_type(name: str, *fields: str) -> type[ReturnType]:
    """The named tuple called ``name``, made at the first call."""
    found = globals().get(name)
    if found is None:
        entries: dict[str, Any] = {f: property(itemgetter(i)) for i, f in enumerate(fields)}
        found = globals()[name] = type(name, (ReturnType,), {"__slots__": (), "fields": fields, "__module__": __name__, **entries})
    return found
