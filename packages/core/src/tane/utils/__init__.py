"""What PyTorch has under ``torch.utils``: checkpointing, DLPack, and other packages of tane as ``utils.data`` and ``utils.tensorboard``."""

from __future__ import annotations

from importlib import import_module as _import_module
from typing import Any as _Any

_PARTS = ("checkpoint", "data", "dlpack", "tensorboard")


def __getattr__(name: str) -> _Any:
    if name in _PARTS:
        return _import_module(f"tane.utils.{name}")
    raise AttributeError(f"module 'tane.utils' has no attribute {name!r}")


def __dir__() -> list[str]:
    return list(_PARTS)
