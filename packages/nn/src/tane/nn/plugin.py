"""What tane-nn offers: its layers, losses and containers, and the ops under them, by name."""

from __future__ import annotations

from collections.abc import Mapping

from tane.nn.homes import HOMES
from tane.nn.primitives import DECLARED
from tane.plugins.hookspecs import hookimpl

tane_api_version = 1

#: What is in ``tane.nn`` but is no module: tensors, and the base class itself.
OTHERS = {"Buffer", "Module", "Parameter", "UninitializedBuffer", "UninitializedParameter"}


@hookimpl
def tane_modules() -> Mapping[str, object]:
    offered = {name: f"tane.nn.{home}:{name}" for name, home in HOMES.items() if name not in OTHERS}
    # PyTorch has it in torch.optim.swa_utils; tane.optim, which knows no modules, finds it by this name.
    return {**offered, "AveragedModel": "tane.nn.averaging:AveragedModel"}


@hookimpl
def tane_ops() -> Mapping[str, object]:
    return {name: f"tane.nn.primitives:{name}" for names in DECLARED.values() for name in names.split()}
