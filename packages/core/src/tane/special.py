"""``tane.special``: special functions, under PyTorch's and SciPy's names."""

from __future__ import annotations

from typing import Any as _Any

from tane.surface.special import NAMES as _NAMES


def __getattr__(name: str) -> _Any:
    try:
        return _NAMES[name]
    except KeyError:
        raise AttributeError(f"module 'tane.special' has no function {name!r}; it has {', '.join(sorted(_NAMES))}") from None


def __dir__() -> list[str]:
    return sorted(_NAMES)
