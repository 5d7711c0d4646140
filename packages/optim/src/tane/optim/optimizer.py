"""What every optimizer is: groups of parameters with options, state per parameter, and hooks around its step."""

from __future__ import annotations

import functools
import warnings
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from copy import deepcopy
from itertools import chain
from typing import Any

from tane.autograd.node import HookDict, RemovableHandle
from tane.autograd.versions import touch
from tane.tensor import Tensor

__all__ = ["Optimizer", "register_optimizer_step_post_hook", "register_optimizer_step_pre_hook", "required"]

Group = dict[str, Any]
StateDict = dict[str, Any]
Hook = Callable[..., Any]

everywhere_before, everywhere_after = HookDict(), HookDict()


class Required:
    """The default of an option that every group must name."""

    def __repr__(self) -> str:
        return "<required parameter>"


required = Required()


def register_optimizer_step_pre_hook(hook: Hook) -> RemovableHandle:
    """Have ``hook(optimizer, args, kwargs)`` called before each step of every optimizer."""
    return everywhere_before.add(hook)


def register_optimizer_step_post_hook(hook: Hook) -> RemovableHandle:
    """Have ``hook(optimizer, args, kwargs)`` called after each step of every optimizer."""
    return everywhere_after.add(hook)


HOOKS = (
    "_optimizer_step_pre_hooks",
    "_optimizer_step_post_hooks",
    "_optimizer_state_dict_pre_hooks",
    "_optimizer_state_dict_post_hooks",
    "_optimizer_load_state_dict_pre_hooks",
    "_optimizer_load_state_dict_post_hooks",
)


class Optimizer:
    """Base of all optimizers: subclass it, call ``super().__init__(params, defaults)``, and write ``step``.

    Args:
        params: tensors, ``(name, tensor)`` pairs, or dicts with ``"params"`` and options of their own.
        defaults: the options of groups that do not name them.

    ``param_groups`` is a list of dicts, each with ``"params"`` and its options; ``state`` maps a parameter to a dict of what is remembered
    about it. Both may be read and changed between steps.
    """

    _optimizer_step_pre_hooks: HookDict
    _optimizer_step_post_hooks: HookDict
    _optimizer_state_dict_pre_hooks: HookDict
    _optimizer_state_dict_post_hooks: HookDict
    _optimizer_load_state_dict_pre_hooks: HookDict
    _optimizer_load_state_dict_post_hooks: HookDict
    _opt_called = False  # whether step() ran; schedules ask, to warn about the wrong order

    def __init__(self, params: Any, defaults: dict[str, Any]) -> None:
        self.defaults = defaults
        self._make_hooks()
        if isinstance(params, Tensor):
            raise TypeError(
                f"params argument given to the optimizer should be an iterable of Tensors or dicts, but got {_typename(params)}"
            )
        self.state: defaultdict[Any, Any] = defaultdict(dict)
        self.param_groups: list[Group] = []
        groups = list(params)
        if not groups:
            raise ValueError("optimizer got an empty parameter list")
        if not isinstance(groups[0], dict):
            groups = [{"params": groups}]
        for group in groups:
            self.add_param_group(group)

    # ---- the step ---------------------------------------------------------------------------------------------------------------
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update the parameters from their gradients. ``closure`` recomputes the loss, which is then returned."""
        raise NotImplementedError

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters, or with ``set_to_none=False`` fill them with zeros."""
        for group in self.param_groups:
            for p in group["params"]:
                grad = p._grad
                if grad is None:
                    continue
                if set_to_none:
                    p._grad = None
                    continue
                grad.node = None
                grad.array[...] = 0
                touch(grad.array, "zero_")

    def _make_hooks(self) -> None:
        for name in HOOKS:
            if name not in self.__dict__:
                setattr(self, name, HookDict())
        cls = type(self)
        if not getattr(cls.step, "hooked", False):
            cls.step = _with_hooks(cls.step)  # type: ignore[method-assign]

    def register_step_pre_hook(self, hook: Hook) -> RemovableHandle:
        """Have ``hook(optimizer, args, kwargs)`` called before each step; it may return new ``(args, kwargs)``.

        ``args`` begins with the optimizer, as the arguments of ``step`` do.
        """
        return self._optimizer_step_pre_hooks.add(hook)

    def register_step_post_hook(self, hook: Hook) -> RemovableHandle:
        """Have ``hook(optimizer, args, kwargs)`` called after each step."""
        return self._optimizer_step_post_hooks.add(hook)

    # ---- the groups -------------------------------------------------------------------------------------------------------------
    def add_param_group(self, param_group: Group) -> None:
        """Add parameters, with options of their own, to those that are optimized.

        Raises:
            TypeError: it is no dict, its parameters are a set, or one of them is no tensor.
            ValueError: a parameter is no leaf or stands in another group, an option without default is missing, or only some are named.
        """
        if not isinstance(param_group, dict):
            raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
        given = param_group["params"]
        if isinstance(given, Tensor):
            given = [given]
        elif isinstance(given, set):
            raise TypeError(
                "optimizer parameters need to be organized in ordered collections, but the ordering of tensors in sets will change between "
                "runs. Please use a list instead."
            )
        given = list(given)
        names = [p[0] for p in given if isinstance(p, tuple)]
        params = param_group["params"] = [p[1] if isinstance(p, tuple) else p for p in given]
        if names:
            if len(names) != len(params):
                raise ValueError("all optimizer params should be with/without names. Some param names are missing")
            param_group["param_names"] = names
        for p in params:
            if not isinstance(p, Tensor):
                raise TypeError(f"optimizer can only optimize Tensors, but one of the params is {_typename(p)}")
            if not self.defaults.get("differentiable") and not (p.is_leaf or getattr(p, "retains_grad", False)):
                raise ValueError("can't optimize a non-leaf Tensor")
        for name, default in self.defaults.items():
            if default is required and name not in param_group:
                raise ValueError(f"parameter group didn't specify a value of required optimization parameter {name}")
            param_group.setdefault(name, default)
        ids = {id(p) for p in params}
        if len(ids) != len(params):
            warnings.warn(
                "optimizer contains a parameter group with duplicate parameters; in future, this will cause an error; "
                "see github.com/pytorch/pytorch/issues/40967 for more information",
                stacklevel=3,
            )
        for group in self.param_groups:
            if ("param_names" in param_group) != ("param_names" in group):
                which = "with names" if "param_names" in param_group else "without names"
                raise ValueError(
                    f"all optimizer param groups should be with/without names. cannot add param group {which} to the optimizer"
                )
            if not ids.isdisjoint(map(id, group["params"])):
                raise ValueError("some parameters appear in more than one parameter group")
        self.param_groups.append(param_group)

    # ---- saving and loading -------------------------------------------------------------------------------------------------------
    def state_dict(self) -> StateDict:
        """State and options as plain containers, parameters by their position: ``{"state": {0: {...}}, "param_groups": [...]}``."""
        for hook in self._optimizer_state_dict_pre_hooks.values():
            hook(self)
        positions: dict[int, int] = {}
        groups, start = [], 0
        for group in self.param_groups:
            params = group["params"]
            for i, p in enumerate(params, start):
                positions.setdefault(id(p), i)
            packed = {k: v for k, v in group.items() if k != "params"}
            packed["params"] = [positions[id(p)] for p in params]
            start += len(params)
            groups.append(packed)
        found: StateDict = {
            "state": {positions[id(k)] if isinstance(k, Tensor) else k: v for k, v in self.state.items()},
            "param_groups": groups,
        }
        for hook in self._optimizer_state_dict_post_hooks.values():
            result = hook(self, found)
            if result is not None:
                found = result
        return found

    def load_state_dict(self, state_dict: StateDict) -> None:
        """Take over what :meth:`state_dict` gave, of this optimizer or of one with the same groups.

        Values are brought to the type and device of their parameter, ``"step"`` excepted.
        """
        state_dict = state_dict.copy()
        for hook in self._optimizer_load_state_dict_pre_hooks.values():
            result = hook(self, state_dict)
            if result is not None:
                state_dict = result
        groups, saved = self.param_groups, deepcopy(state_dict["param_groups"])
        if len(groups) != len(saved):
            raise ValueError("loaded state dict has a different number of parameter groups")
        if any(len(g["params"]) != len(s["params"]) for g, s in zip(groups, saved)):
            raise ValueError("loaded state dict contains a parameter group that doesn't match the size of optimizer's group")
        by_id = dict(zip(chain.from_iterable(s["params"] for s in saved), chain.from_iterable(g["params"] for g in groups)))
        state: defaultdict[Any, Any] = defaultdict(dict)
        for key, value in state_dict["state"].items():
            if key in by_id:
                state[by_id[key]] = _fitted(value, by_id[key])
            else:
                state[key] = value
        for group, new in zip(groups, saved):
            new["params"] = group["params"]
            if "param_names" in group:
                new.setdefault("param_names", group["param_names"])
        self.__setstate__({"state": state, "param_groups": saved})
        for hook in self._optimizer_load_state_dict_post_hooks.values():
            hook(self)

    def register_state_dict_pre_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Have ``hook(optimizer)`` called before :meth:`state_dict` collects anything."""
        return _add(self._optimizer_state_dict_pre_hooks, hook, prepend)

    def register_state_dict_post_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Have ``hook(optimizer, state_dict)`` change, or replace by returning another, what :meth:`state_dict` gives."""
        return _add(self._optimizer_state_dict_post_hooks, hook, prepend)

    def register_load_state_dict_pre_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Have ``hook(optimizer, state_dict)`` change, or replace by returning another, what is about to be loaded."""
        return _add(self._optimizer_load_state_dict_pre_hooks, hook, prepend)

    def register_load_state_dict_post_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Have ``hook(optimizer)`` called when everything is loaded."""
        return _add(self._optimizer_load_state_dict_post_hooks, hook, prepend)

    def __getstate__(self) -> dict[str, Any]:
        return {"defaults": self.defaults, "state": self.state, "param_groups": self.param_groups}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._make_hooks()
        self.defaults.setdefault("differentiable", False)

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for i, group in enumerate(self.param_groups):
            lines += [""] * (i > 0) + [f"Parameter Group {i}"]
            lines += [f"    {key}: {group[key]}" for key in sorted(group) if key != "params"]
        return "\n".join(lines) + "\n)"


def _with_hooks(step: Callable[..., Any]) -> Callable[..., Any]:
    """``step`` with the hooks of its optimizer, and those of all, around it."""

    @functools.wraps(step)
    def hooked(self: Optimizer, *args: Any, **kwargs: Any) -> Any:
        self._opt_called = True
        before, after = self._optimizer_step_pre_hooks, self._optimizer_step_post_hooks
        if not (before or after or everywhere_before or everywhere_after):
            return step(self, *args, **kwargs)
        every = (self, *args)
        for hook in (*everywhere_before.values(), *before.values()):
            result = hook(self, every, kwargs)
            if result is not None:
                if not (isinstance(result, tuple) and len(result) == 2):
                    raise RuntimeError(f"{step} must return None or a tuple of (new_args, new_kwargs), but got {result}.")
                every, kwargs = result
        out = step(*every, **kwargs)
        for hook in (*after.values(), *everywhere_after.values()):
            hook(self, every, kwargs)
        return out

    hooked.hooked = True  # type: ignore[attr-defined]
    return hooked


def _add(hooks: HookDict, hook: Hook, prepend: bool) -> RemovableHandle:
    before = dict(hooks) if prepend else {}
    if prepend:
        hooks.clear()
    handle = hooks.add(hook)
    hooks.update(before)
    return handle


def _fitted(value: Any, param: Tensor, key: Hashable = None) -> Any:
    """A loaded value in the type and on the device of its parameter; containers element by element."""
    if isinstance(value, Tensor):
        if key == "step":
            return value.clone()
        dtype = param.dtype if param.dtype.is_floating_point else value.dtype
        return value.to(dtype=dtype, device=param.device, copy=True)  # or two optimizers would change each other's state
    if isinstance(value, dict):
        return {k: _fitted(v, param, k) for k, v in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, (str, bytes)):
        return type(value)(_fitted(v, param) for v in value)  # type: ignore[call-arg]
    return value


def _typename(value: Any) -> str:
    if isinstance(value, Tensor):
        return str(value.type())
    kind = type(value)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
