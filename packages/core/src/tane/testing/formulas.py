"""Which functions of ``F`` formulas use: what a device's namespace must have."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Sequence
from typing import Any

from tane.backends.namespace import composed
from tane.ops.primitive import primitives

__all__ = ["functions_used", "resolve"]


def functions_used(packages: Sequence[str] = ("tane.ops",)) -> dict[str, str]:
    """The names that follow ``F.`` in the sources of these packages, such as ``multiply`` and ``linalg.solve``, each with a module that uses it;
    and the forwards of primitives that are the name of a function.
    """
    found: dict[str, str] = {}
    for package in packages:
        root = importlib.import_module(package)
        for module in pkgutil.walk_packages(root.__path__, f"{package}."):
            source = inspect.getsource(importlib.import_module(module.name))
            code = "\n".join(line.partition("#")[0] for line in re.sub(r'"""[\s\S]*?"""', "", source).splitlines())
            for name in re.findall(r"\bF\.([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)(?=\()", code):
                found.setdefault(name, module.name)
    for op in primitives.values():
        if isinstance(op.forward, str):
            found.setdefault(op.forward, f"op {op.name}")
    return dict(sorted(found.items()))


def resolve(F: Any, name: str) -> Any:
    """The function of that name; ``AttributeError`` where the namespace lacks it.

    Names such as ``add.at`` and ``linalg.solve`` are looked up part by part.
    """
    for part in name.split("."):
        F = getattr(F, part)
    return F


def is_composed(name: str) -> bool:
    """Whether a formula of tane's own stands behind the name."""
    return name in composed
