"""Other packages of tane under the names that PyTorch has for them: ``tane.utils.data``, ``tane.utils.tensorboard``."""

from __future__ import annotations

from importlib import import_module as _import_module
from typing import Any as _Any


def __getattr__(name: str) -> _Any:
    if name in ("data", "tensorboard"):
        return _import_module(f"tane.utils.{name}")
    raise AttributeError(f"module 'tane.utils' has no attribute {name!r}")


def __dir__() -> list[str]:
    return ["data", "tensorboard"]
