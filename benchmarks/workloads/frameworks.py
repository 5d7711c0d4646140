"""The libraries that share PyTorch's API, imported when they are asked for."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any


def with_torch_api(program: Callable[[Any], Any]) -> dict[str, Callable[[], Any]]:
    """The same source on tane and on PyTorch."""
    return {name: (lambda name=name: program(importlib.import_module(name))) for name in ("tane", "torch")}
