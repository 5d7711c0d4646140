"""Layers under the names of PyTorch's files: ``from tane.nn.modules.batchnorm import _BatchNorm`` finds the very class that ``tane.nn`` has."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

__all__ = ["FILES"]

#: PyTorch's files, and those here that define what is in each.
FILES = {
    "activation": ("layers.activation", "layers.attention"),
    "adaptive": ("layers.adaptive_softmax",),
    "batchnorm": ("layers.batchnorm", "layers.lazy"),
    "channelshuffle": ("layers.vision",),
    "container": ("containers", "parameter_containers"),
    "conv": ("layers.conv", "layers.lazy"),
    "distance": ("layers.distance",),
    "dropout": ("layers.dropout",),
    "flatten": ("layers.flatten",),
    "fold": ("layers.vision",),
    "instancenorm": ("layers.batchnorm", "layers.lazy"),
    "lazy": ("module.lazy",),
    "linear": ("layers.linear",),
    "loss": ("layers.loss",),
    "module": ("module.module", "module.everywhere"),
    "normalization": ("layers.normalization",),
    "padding": ("layers.padding",),
    "pixelshuffle": ("layers.vision",),
    "pooling": ("layers.pooling",),
    "rnn": ("layers.rnn",),
    "sparse": ("layers.embedding",),
    "transformer": ("layers.transformer",),
    "upsampling": ("layers.vision",),
}


class File(ModuleType):
    """One of :data:`FILES`; what it holds is imported when it is asked for."""

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("__"):
            for home in FILES[self.__name__.rpartition(".")[2]]:
                module = import_module(f"tane.nn.{home}")
                if hasattr(module, name):
                    return getattr(module, name)
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")


for _file in FILES:
    globals()[_file] = sys.modules[f"{__name__}.{_file}"] = File(f"{__name__}.{_file}")


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name == "utils":
        return import_module(f"{__name__}.utils")
    return getattr(import_module("tane.nn"), name)
