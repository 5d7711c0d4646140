"""Samples of every primitive of core, by family: ``samples_of("mul")``. A backend's test runs them all on its device."""

from __future__ import annotations

import importlib
import pkgutil

from tane.testing.samples import families
from tane.testing.samples.table import ELSEWHERE, TABLE, declared_in, samples_of

__all__ = ["ELSEWHERE", "TABLE", "declared_in", "samples_of"]

for _module in pkgutil.iter_modules(families.__path__):
    importlib.import_module(f"{families.__name__}.{_module.name}")
