"""Automatic differentiation: the graph, backward, and what is built on them.

The names are looked up on first use, because the engine below them is what ops and Tensor are built on.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tane.autograd import functional as functional
    from tane.autograd import graph as graph
    from tane.autograd.anomaly import detect_anomaly as detect_anomaly
    from tane.autograd.anomaly import set_detect_anomaly as set_detect_anomaly
    from tane.autograd.check import gradcheck as gradcheck
    from tane.autograd.check import gradgradcheck as gradgradcheck
    from tane.autograd.function import Function as Function
    from tane.autograd.gradients import backward as backward
    from tane.autograd.gradients import grad as grad
    from tane.autograd.modes import enable_grad as enable_grad
    from tane.autograd.modes import inference_mode as inference_mode
    from tane.autograd.modes import no_grad as no_grad
    from tane.autograd.modes import set_grad_enabled as set_grad_enabled
    from tane.autograd.tape import GradientTape as GradientTape
    from tane.autograd.variable import Variable as Variable

# Each module and the names it is asked for.
_NAMES = {
    "anomaly": "detect_anomaly set_detect_anomaly",
    "check": "gradcheck gradgradcheck",
    "function": "Function",
    "gradients": "backward grad",
    "modes": "enable_grad inference_mode no_grad set_grad_enabled",
    "tape": "GradientTape",
    "variable": "Variable",
}
_HOME = {name: module for module, names in _NAMES.items() for name in names.split()}
_MODULES = {name: name for name in ("functional", "function", "graph", "variable")} | {"anomaly_mode": "anomaly", "grad_mode": "modes"}

__all__ = list(_HOME) + list(_MODULES)


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{_MODULES[name]}")
    module = _HOME.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(importlib.import_module(f"{__name__}.{module}"), name)
    return found


def __dir__() -> list[str]:
    return __all__
