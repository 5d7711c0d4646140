"""``tane.viz``'s ``SummaryWriter`` under the name that PyTorch has for it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tane.viz import SummaryWriter as SummaryWriter

__all__ = ["SummaryWriter"]


def __getattr__(name: str) -> Any:
    if name != "SummaryWriter":
        raise AttributeError(f"module 'tane.utils.tensorboard' has no attribute {name!r}")
    try:
        return import_module("tane.viz").SummaryWriter
    except ModuleNotFoundError as error:
        if error.name != "tane.viz":
            raise
        raise ModuleNotFoundError("tane.utils.tensorboard is not installed: pip install tane-viz", name=__name__) from None
