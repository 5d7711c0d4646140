"""Hooks of a module: functions called around ``forward`` and around its part of backward.

The dicts of hooks are made when they are first asked for, and ``_hooked`` says that there may be hooks: a module without any is called
straight through.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import ref

from tane.autograd.node import HookDict, RemovableHandle

__all__ = ["HookTable", "Hooks", "add"]

Hook = Callable[..., Any]


class HookTable:
    """A dict of hooks that a module has from its first use on. ``calls`` says that a call of the module has to look into it."""

    def __init__(self, calls: bool = False) -> None:
        self.calls = calls

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, module: Any, owner: Any = None) -> Any:
        if module is None:
            return self
        table = module.__dict__[self.name] = HookDict()
        if self.calls:
            module.__dict__["_hooked"] = True
        return table


class Handle(RemovableHandle):
    """Takes a hook out of its dict, and its number out of the dicts that say how it is to be called."""

    def __init__(self, hooks: HookDict, marks: tuple[dict[int, bool], ...] = ()) -> None:
        super().__init__(hooks)
        self.marks = marks

    def remove(self) -> None:
        super().remove()
        for mark in self.marks:
            mark.pop(self.id, None)

    # A module that keeps its handles is copied and pickled together with its hooks, and the handles with it.
    def __getstate__(self) -> tuple[Any, ...]:
        return self._hooks(), self.id, self.marks

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        hooks, self.id, self.marks = state
        self._hooks = ref(HookDict() if hooks is None else hooks)


def add(hooks: HookDict, hook: Hook, *marks: dict[int, bool], first: bool = False) -> Handle:
    """Register ``hook``, last or ``first``, and its number in each of ``marks``."""
    handle = Handle(hooks, marks)
    rest = list(hooks.items()) if first else []
    if first:
        hooks.clear()
    hooks[handle.id] = hook
    hooks.update(rest)
    for mark in marks:
        mark[handle.id] = True
    return handle


class Hooks:
    """The part of :class:`~tane.nn.Module` that registers hooks."""

    _hooked = False
    _is_full_backward_hook: bool | None = None

    _forward_pre_hooks = HookTable(calls=True)
    _forward_hooks = HookTable(calls=True)
    _backward_pre_hooks = HookTable(calls=True)
    _backward_hooks = HookTable(calls=True)
    _forward_pre_hooks_with_kwargs = HookTable()
    _forward_hooks_with_kwargs = HookTable()
    _forward_hooks_always_called = HookTable()
    _state_dict_hooks = HookTable()
    _state_dict_pre_hooks = HookTable()
    _load_state_dict_pre_hooks = HookTable()
    _load_state_dict_post_hooks = HookTable()

    # ---- around forward --------------------------------------------------------------------------------------------------------------
    def register_forward_pre_hook(self, hook: Hook, *, prepend: bool = False, with_kwargs: bool = False) -> RemovableHandle:
        """Call ``hook(module, args)`` before ``forward``; what it returns, unless None, takes the place of the arguments.

        ``with_kwargs``: ``hook(module, args, kwargs)``, which returns None or ``(args, kwargs)``. ``prepend``: before the hooks there are.
        """
        marks = (self._forward_pre_hooks_with_kwargs,) if with_kwargs else ()
        return add(self._forward_pre_hooks, hook, *marks, first=prepend)

    def register_forward_hook(
        self, hook: Hook, *, prepend: bool = False, with_kwargs: bool = False, always_call: bool = False
    ) -> RemovableHandle:
        """Call ``hook(module, args, output)`` after ``forward``; what it returns, unless None, takes the place of the output.

        ``with_kwargs``: ``hook(module, args, kwargs, output)``. ``always_call``: also where ``forward`` or another hook raised.
        """
        marks = [self._forward_hooks_with_kwargs] if with_kwargs else []
        if always_call:
            marks.append(self._forward_hooks_always_called)
        return add(self._forward_hooks, hook, *marks, first=prepend)

    # ---- around backward -------------------------------------------------------------------------------------------------------------
    def register_full_backward_pre_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Call ``hook(module, grad_output)`` when the gradients of the outputs are known; a tuple it returns takes their place."""
        return add(self._backward_pre_hooks, hook, first=prepend)

    def register_full_backward_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Call ``hook(module, grad_input, grad_output)`` when the gradients of the inputs are known; a tuple it returns takes their
        place.
        """
        self._use_backward_hooks(full=True)
        return add(self._backward_hooks, hook, first=prepend)

    def register_backward_hook(self, hook: Hook) -> RemovableHandle:
        """As :meth:`register_full_backward_hook`, but on the last op alone: deprecated by PyTorch in its favour."""
        self._use_backward_hooks(full=False)
        return add(self._backward_hooks, hook)

    def _use_backward_hooks(self, full: bool) -> None:
        if self._is_full_backward_hook is (not full):
            raise RuntimeError(
                "Cannot use both regular backward hooks and full backward hooks on a single Module. Please use only one of them."
            )
        self._is_full_backward_hook = full

    # ---- around state_dict and load_state_dict -----------------------------------------------------------------------------------------
    def register_state_dict_pre_hook(self, hook: Hook) -> RemovableHandle:
        """Call ``hook(module, prefix, keep_vars)`` before ``state_dict`` is put together."""
        return add(self._state_dict_pre_hooks, hook)

    def register_state_dict_post_hook(self, hook: Hook) -> RemovableHandle:
        """Call ``hook(module, state_dict, prefix, local_metadata)`` when it is; it may change ``state_dict`` and must return None."""
        hook._from_public_api = True  # type: ignore[attr-defined]
        return add(self._state_dict_hooks, hook)

    def _register_state_dict_hook(self, hook: Hook) -> RemovableHandle:
        """As the public one, for hooks that may return another dict."""
        if getattr(hook, "_from_public_api", False):
            raise RuntimeError(
                "Cannot register the same function as the state dict post hook that was previously registered via "
                "register_state_dict_post_hook"
            )
        return add(self._state_dict_hooks, hook)

    def register_load_state_dict_pre_hook(self, hook: Hook) -> RemovableHandle:
        """Call ``hook(module, state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs)`` before loading."""
        return self._register_load_state_dict_pre_hook(hook, with_module=True)

    def _register_load_state_dict_pre_hook(self, hook: Hook, with_module: bool = False) -> RemovableHandle:
        """As the public one; without ``with_module`` the hook does not get the module."""
        return add(self._load_state_dict_pre_hooks, BoundHook(hook, self) if with_module else hook)

    def register_load_state_dict_post_hook(self, hook: Hook) -> RemovableHandle:
        """Call ``hook(module, incompatible_keys)`` after loading; it may change the two lists of keys in place."""
        return add(self._load_state_dict_post_hooks, hook)


class BoundHook:
    """A hook with the module it belongs to, by reference, so that copying the module copies it too."""

    def __init__(self, hook: Hook, module: Any) -> None:
        self.hook, self.module = hook, module

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.hook(self.module, *args, **kwargs)
