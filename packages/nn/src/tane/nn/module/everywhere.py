"""Hooks that hold for every module there is: for profilers and debuggers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tane.autograd.node import HookDict, RemovableHandle
from tane.nn.module.hooks import Handle, add

__all__ = [
    "register_module_backward_hook",
    "register_module_buffer_registration_hook",
    "register_module_forward_hook",
    "register_module_forward_pre_hook",
    "register_module_full_backward_hook",
    "register_module_full_backward_pre_hook",
    "register_module_module_registration_hook",
    "register_module_parameter_registration_hook",
]

Hook = Callable[..., Any]

forward_pre_hooks, forward_hooks = HookDict(), HookDict()
backward_pre_hooks, backward_hooks = HookDict(), HookDict()
with_kwargs_marks: dict[int, bool] = {}
always_called: dict[int, bool] = {}
buffers, modules, parameters = HookDict(), HookDict(), HookDict()  # called when one is registered

watching: dict[int, bool] = {}  # the numbers of all hooks that a call has to look for: empty is the normal case
full_backward: list[bool] = []  # whether the backward hooks are full ones, once one of either kind was registered


def register_module_forward_pre_hook(hook: Hook) -> RemovableHandle:
    """Call ``hook(module, args)`` before the ``forward`` of every module, before the module's own hooks."""
    return add(forward_pre_hooks, hook, watching)


def register_module_forward_hook(hook: Hook, *, with_kwargs: bool = False, always_call: bool = False) -> RemovableHandle:
    """Call ``hook(module, args, output)`` after the ``forward`` of every module, before the module's own hooks."""
    marks = [with_kwargs_marks] if with_kwargs else []
    if always_call:
        marks.append(always_called)
    return add(forward_hooks, hook, watching, *marks)


def register_module_full_backward_pre_hook(hook: Hook) -> RemovableHandle:
    """Call ``hook(module, grad_output)`` when the gradients of any module's outputs are known."""
    return add(backward_pre_hooks, hook, watching)


def register_module_full_backward_hook(hook: Hook) -> RemovableHandle:
    """Call ``hook(module, grad_input, grad_output)`` when the gradients of any module's inputs are known."""
    return _backward(hook, True)


def register_module_backward_hook(hook: Hook) -> RemovableHandle:
    """As :func:`register_module_full_backward_hook`, but on the last op of each module alone: deprecated by PyTorch in its favour."""
    return _backward(hook, False)


def _backward(hook: Hook, full: bool) -> Handle:
    if full_backward and full_backward[0] is not full and backward_hooks:
        raise RuntimeError(
            "Cannot use both regular backward hooks and full backward hooks as a global Module hook. Please use only one of them."
        )
    full_backward[:] = [full]
    return add(backward_hooks, hook, watching)


def register_module_buffer_registration_hook(hook: Hook) -> RemovableHandle:
    """Call ``hook(module, name, buffer)`` when a buffer is registered; what it returns, unless None, is registered instead."""
    return buffers.add(hook)


def register_module_module_registration_hook(hook: Hook) -> RemovableHandle:
    """Call ``hook(module, name, submodule)`` when a child is registered; what it returns, unless None, is registered instead."""
    return modules.add(hook)


def register_module_parameter_registration_hook(hook: Hook) -> RemovableHandle:
    """Call ``hook(module, name, parameter)`` when a parameter is registered; what it returns, unless None, is registered instead."""
    return parameters.add(hook)


def registered(hooks: HookDict, module: Any, name: str, value: Any) -> Any:
    """What registration hooks make of ``value``."""
    for hook in list(hooks.values()):
        result = hook(module, name, value)
        if result is not None:
            value = result
    return value
