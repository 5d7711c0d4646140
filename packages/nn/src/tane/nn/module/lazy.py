"""Lazy modules: layers whose sizes the first input decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tane.autograd.modes import no_grad
from tane.nn.parameter import is_lazy

__all__ = ["LazyModuleMixin"]


class LazyModuleMixin:
    """Goes before a layer's class: ``class LazyLinear(LazyModuleMixin, Linear)``.

    The layer's parameters are :class:`~tane.nn.UninitializedParameter`. Before the first ``forward``, ``initialize_parameters(*args,
    **kwargs)``,
    which the subclass defines, gives them their shape; then the module becomes a ``cls_to_become``.
    """

    cls_to_become: type | None = None

    if TYPE_CHECKING:
        _parameters: dict[str, Any]
        _buffers: dict[str, Any]
        _non_persistent_buffers_set: set[str]
        _get_name: Any
        register_forward_pre_hook: Any
        _register_load_state_dict_pre_hook: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._load_hook = self._register_load_state_dict_pre_hook(_take_shapes, with_module=True)
        self._initialize_hook = self.register_forward_pre_hook(_initialize, with_kwargs=True)

    def initialize_parameters(self, *args: Any, **kwargs: Any) -> None:
        """Give the parameters the shape that these arguments of ``forward`` ask for."""
        raise NotImplementedError(f"initialize_parameters is not implemented for {type(self).__name__}")

    def has_uninitialized_params(self) -> bool:
        """Whether a parameter or buffer still waits for its shape."""
        return any(is_lazy(t) for t in (*self._parameters.values(), *self._buffers.values()))

    def _infer_parameters(self, module: Any, args: tuple[Any, ...], kwargs: dict[str, Any] | None = None) -> None:
        _initialize(module, args, kwargs or {})


def _initialize(module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Before the first ``forward``."""
    module.initialize_parameters(*args, **kwargs)
    if module.has_uninitialized_params():
        raise RuntimeError(f"module {module._get_name()} has not been fully initialized")
    module._initialize_hook.remove()
    module._load_hook.remove()
    del module._initialize_hook, module._load_hook
    if not (module._forward_pre_hooks or module._forward_hooks or module._backward_hooks or module._backward_pre_hooks):
        for table in ("_forward_pre_hooks", "_forward_hooks", "_backward_hooks", "_backward_pre_hooks", "_hooked"):
            del module.__dict__[table]  # nobody else knows them: the module is as fast as one that never was lazy
    if module.cls_to_become is not None:
        module.__class__ = module.cls_to_become


def _take_shapes(module: Any, state_dict: Any, prefix: str, *_: Any) -> None:
    """Before loading: parameters without a shape get that of what is loaded."""
    for name, t in (*module._parameters.items(), *module._buffers.items()):
        given = state_dict.get(prefix + name)
        if t is not None and given is not None and is_lazy(t) and not is_lazy(given):
            with no_grad():
                t.materialize(given.shape)
