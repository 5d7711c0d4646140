"""Functions of ``tane.nn.functional`` that PyTorch has under ``torch``, too. They are found there when they are first used, as nn stands on core."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from tane.tensor import Tensor


def functional(name: str) -> Any:
    """The function of that name in ``tane.nn.functional``."""
    try:
        home = import_module("tane.nn.functional")
    except ModuleNotFoundError as error:
        if error.name != "tane.nn":
            raise
        raise ModuleNotFoundError(
            f"tane.{name} is tane.nn.functional.{name}, and tane.nn is not installed: pip install tane-nn", name="tane.nn"
        ) from None
    return getattr(home, name)


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    return functional(name)


def dropout(input: Tensor, p: float, train: bool) -> Tensor:
    """Zeros with probability ``p``, and the rest made larger in turn, where ``train``; the input itself otherwise."""
    result: Tensor = functional("dropout")(input, p, train)
    return result
