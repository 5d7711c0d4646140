"""Automatic differentiation: the graph, backward, and what is built on them.

The names are looked up on first use, because the engine below them is what ops and Tensor are built on.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tane.autograd.gradients import backward as backward
    from tane.autograd.gradients import grad as grad
    from tane.autograd.modes import enable_grad as enable_grad
    from tane.autograd.modes import inference_mode as inference_mode
    from tane.autograd.modes import no_grad as no_grad
    from tane.autograd.modes import set_grad_enabled as set_grad_enabled

_HOME = {
    "backward": "gradients",
    "grad": "gradients",
    "enable_grad": "modes",
    "inference_mode": "modes",
    "no_grad": "modes",
    "set_grad_enabled": "modes",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    module = _HOME.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{module}"), name)


def __dir__() -> list[str]:
    return __all__
