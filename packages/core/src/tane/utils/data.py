"""``tane.data`` under the name that PyTorch has for it. Importing this gives that module itself, and its parts likewise."""

from __future__ import annotations

import sys
from importlib import import_module

try:
    home = import_module("tane.data")
except ModuleNotFoundError as error:
    if error.name != "tane.data":
        raise
    raise ModuleNotFoundError("tane.utils.data is not installed: pip install tane-data", name=__name__) from None

# `from tane.utils.data.sampler import Sampler` must find the very classes, not copies of them.
for part in ("collate", "dataloader", "dataset", "distributed", "sampler"):
    sys.modules[f"{__name__}.{part}"] = import_module(f"tane.data.{part}")
sys.modules[__name__] = home
