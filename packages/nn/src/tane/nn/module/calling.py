"""A call of a module that has hooks, or while hooks for all modules are registered."""

from __future__ import annotations

import warnings
from typing import Any

from tane.nn.module import everywhere
from tane.nn.module.backward import BackwardHooks, on_last_node
from tane.tensor import Tensor

__all__ = ["call"]

NOTHING: dict[int, Any] = {}


def call(module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """``module(*args, **kwargs)`` with everything that is registered around it."""
    run = Call(module, args, kwargs)
    try:
        return run.whole()
    except Exception:
        run.always()
        raise


class Call:
    """One call: the arguments and the result as hooks leave them."""

    def __init__(self, module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.module, self.args, self.kwargs = module, args, kwargs
        self.result: Any = None
        self.called: set[int] = set()
        self.has = module.__dict__.get

    def whole(self) -> Any:
        module, has = self.module, self.has
        self.before()
        full, last = self.backward_hooks()
        pre = [*everywhere.backward_pre_hooks.values(), *has("_backward_pre_hooks", NOTHING).values()]
        watch = BackwardHooks(module, full, pre) if full or pre else None
        if watch is not None:
            self.args = watch.inputs(self.args)
        self.result = module.forward(*self.args, **self.kwargs)
        for number, hook in (*everywhere.forward_hooks.items(), *has("_forward_hooks", NOTHING).items()):
            self.called.add(number)
            self.after(number, hook)
        if watch is not None:
            if not isinstance(self.result, (Tensor, tuple)):
                warnings.warn(
                    f"For backward hooks to be called, module output should be a Tensor or a tuple of Tensors but received "
                    f"{type(self.result)}",
                    stacklevel=4,
                )
            self.result = watch.outputs(self.result)
        if last:
            on_last_node(module, last, self.args, self.result)
        return self.result

    def before(self) -> None:
        """The hooks before ``forward``."""
        takes_kwargs = self.has("_forward_pre_hooks_with_kwargs", NOTHING)
        for number, hook in (*everywhere.forward_pre_hooks.items(), *self.has("_forward_pre_hooks", NOTHING).items()):
            if number in takes_kwargs:
                found = hook(self.module, self.args, self.kwargs)
                if found is None:
                    continue
                if not isinstance(found, tuple) or len(found) != 2:
                    raise RuntimeError(f"forward pre-hook must return None or a tuple of (new_args, new_kwargs), but got {found}.")
                self.args, self.kwargs = found
            else:
                found = hook(self.module, self.args)
                if found is not None:
                    self.args = found if isinstance(found, tuple) else (found,)

    def after(self, number: int, hook: Any) -> None:
        """One hook after ``forward``."""
        if number in everywhere.with_kwargs_marks or number in self.has("_forward_hooks_with_kwargs", NOTHING):
            found = hook(self.module, self.args, self.kwargs, self.result)
        else:
            found = hook(self.module, self.args, self.result)
        if found is not None:
            self.result = found

    def always(self) -> None:
        """After an error: those hooks that are called always and were not called yet. An error of theirs is a warning."""
        own = self.has("_forward_hooks_always_called", NOTHING)
        for kind, hooks, marks in (
            ("global module", everywhere.forward_hooks, everywhere.always_called),
            ("module", self.has("_forward_hooks", NOTHING), own),
        ):
            for number, hook in list(hooks.items()):
                if number in marks and number not in self.called:
                    try:
                        self.after(number, hook)
                    except Exception as error:
                        warnings.warn(
                            f"{kind} forward hook with ``always_call=True`` raised an exception that was silenced as another error was "
                            f"raised "
                            f"in forward: {error}",
                            stacklevel=4,
                        )

    def backward_hooks(self) -> tuple[list[Any], list[Any]]:
        """The backward hooks that hold here: full ones, and those on the last op alone."""
        kinds: dict[bool, list[Any]] = {True: [], False: []}
        if everywhere.backward_hooks:
            kinds[everywhere.full_backward[0]] += everywhere.backward_hooks.values()
        own = self.has("_backward_hooks", NOTHING)
        if own:
            kinds[bool(self.module._is_full_backward_hook)] += own.values()
        return kinds[True], kinds[False]
