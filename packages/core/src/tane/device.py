"""Devices: a type such as ``"cpu"`` or ``"cuda"`` and, where there are several, an index."""

from __future__ import annotations

from typing import Any

__all__ = ["device"]


class device:
    """Where a tensor lives. Made from a string (``"cpu"``, ``"cuda:1"``), a type and an index, or another device.

    Whether a device of that type exists is answered when something is put there, not here, as in PyTorch.

    >>> device("cuda:1")
    device(type='cuda', index=1)
    >>> device("cuda:1") == device("cuda", 1)
    True
    """

    __slots__ = ("index", "type")

    type: str
    index: int | None

    def __init__(self, type: str | int | device, index: int | None = None) -> None:
        if isinstance(type, device):
            given: device = type
            type, index = given.type, given.index if index is None else index
        elif isinstance(type, int) and not isinstance(type, bool):  # PyTorch: a bare number is the accelerator's index
            index, type = type, "cuda"
        elif not isinstance(type, str):
            raise TypeError(f"device(): argument 'type' (position 1) must be str, not {type.__class__.__name__}")
        elif ":" in type:
            if index is not None:
                raise RuntimeError(f"type (string) must not include an index because index was passed explicitly: {type}")
            type, _, number = type.partition(":")
            if not number.isdecimal() or (len(number) > 1 and number[0] == "0"):
                raise RuntimeError(f"Invalid device string: '{type}:{number}'")
            index = int(number)
        if not type.isidentifier():
            raise RuntimeError(f"Invalid device string: '{type}'")
        if index is not None and index < 0:
            raise RuntimeError(f"Device index must be non-negative, got {index}")
        object.__setattr__(self, "type", type)
        object.__setattr__(self, "index", index)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"attribute '{name}' of 'device' objects is not writable")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, device) and self.type == other.type and self.index == other.index

    def __hash__(self) -> int:
        return hash((self.type, self.index))

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __repr__(self) -> str:
        return f"device(type='{self.type}'" + (")" if self.index is None else f", index={self.index})")

    def __reduce__(self) -> tuple[Any, ...]:
        return device, (self.type, self.index)
