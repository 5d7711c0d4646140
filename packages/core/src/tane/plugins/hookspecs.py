"""Every hook of tane, and the markers that plug-ins are written with.

A plug-in is a module with functions of these names, each marked ``@hookimpl``. A hook takes no arguments and returns a
mapping from name to object, or from name to a ``"module:attribute"`` string that is imported when the name is first
asked for.
"""

# mypy: disable-error-code="empty-body"
# (a specification has no body)

from __future__ import annotations

from collections.abc import Mapping

from pluggy import HookimplMarker, HookspecMarker

__all__ = ["API_VERSION", "HOOKS", "KINDS", "hookimpl", "hookspec"]

#: The version of the hooks below. A plug-in states the one it was written for: ``tane_api_version = 1``.
API_VERSION = 1

hookspec = HookspecMarker("tane")
hookimpl = HookimplMarker("tane")


@hookspec
def tane_backends() -> Mapping[str, object]:
    """Devices: from a device type, such as ``"cuda"``, to its ``Backend``: an instance or a class."""


@hookspec
def tane_ops() -> Mapping[str, object]:
    """Ops: from a name in ``tane.ops`` to the op, as ``primitive`` made it, or a function composed of ops."""


@hookspec
def tane_modules() -> Mapping[str, object]:
    """Layers and losses: from a class name to a subclass of ``tane.nn.Module``."""


@hookspec
def tane_optimizers() -> Mapping[str, object]:
    """Optimizers: from a class name to a subclass of ``tane.optim.Optimizer``."""


@hookspec
def tane_lr_schedulers() -> Mapping[str, object]:
    """Learning-rate schedules: from a class name to a subclass of ``tane.optim.lr_scheduler.LRScheduler``."""


@hookspec
def tane_datasets() -> Mapping[str, object]:
    """Datasets: from a name to a ``tane.data.Dataset`` class, or a function that makes one."""


@hookspec
def tane_loaders() -> Mapping[str, object]:
    """Loaders: from a name to a class that is called and iterated over like ``tane.data.DataLoader``."""


@hookspec
def tane_visualizers() -> Mapping[str, object]:
    """Pictures: from a name to a function that draws a tensor's graph or a module."""


@hookspec
def tane_loggers() -> Mapping[str, object]:
    """Training logs: from a name to a class that writes them, as ``SummaryWriter`` does."""


@hookspec
def tane_commands() -> Mapping[str, object]:
    """Sub-commands of ``tane``: from a name to a ``tane.commands.Command``, or a class or function that makes one."""


#: The names of all hooks, in the order in which they stand above.
HOOKS = tuple(name for name in globals() if name.startswith("tane_"))

#: What a hook contributes to, its name without the prefix: ``"backends"``, ``"ops"`` …
KINDS = tuple(name.removeprefix("tane_") for name in HOOKS)
