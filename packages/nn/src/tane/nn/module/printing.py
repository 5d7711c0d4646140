"""How a module prints: its class, what it says of itself, and its children, indented."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__all__ = ["Printing", "indented"]


def indented(text: str, spaces: int = 2) -> str:
    """``text`` with all lines but the first moved to the right; blank lines stay empty."""
    first, *rest = text.split("\n")
    return "\n".join([first, *(" " * spaces + line if line.strip() else "" for line in rest)])


class Printing:
    """The part of :class:`~tane.nn.Module` that is seen."""

    if TYPE_CHECKING:
        _parameters: dict[str, Any]
        _buffers: dict[str, Any]
        _modules: dict[str, Any]

    def _get_name(self) -> str:
        return type(self).__name__

    def extra_repr(self) -> str:
        """What ``repr`` shows of the module besides its children: subclasses override it."""
        return ""

    def __repr__(self) -> str:
        extra = self.extra_repr()
        own = extra.split("\n") if extra else []
        children = [f"({name}): {indented(repr(module))}" for name, module in self._modules.items()]
        if len(own) == 1 and not children:
            inside = own[0]
        elif own or children:
            inside = "\n  " + "\n  ".join(own + children) + "\n"
        else:
            inside = ""
        return f"{self._get_name()}({inside})"

    def __dir__(self) -> list[str]:
        found = {*dir(type(self)), *self.__dict__, *self._parameters, *self._buffers, *self._modules}
        return sorted(name for name in found if not name[:1].isdigit())
