"""Module: what every layer and every model is."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar
from weakref import ref

from tane.nn.module import everywhere
from tane.nn.module.calling import call
from tane.nn.module.conversion import Conversion
from tane.nn.module.hooks import Hooks
from tane.nn.module.members import Members
from tane.nn.module.printing import Printing
from tane.nn.module.registry import REGISTRIES, Registry, put
from tane.nn.module.state import State
from tane.nn.parameter import Buffer, Parameter
from tane.tensor import Tensor

__all__ = ["Module", "typename"]

M = TypeVar("M", bound="Module")


def _unimplemented(self: Any, *input: Any) -> Any:
    """Compute the result from the inputs: subclasses define it, and callers call the module."""
    raise NotImplementedError(f'Module [{type(self).__name__}] is missing the required "forward" function')


class Module(Hooks, Members, Conversion, State, Printing):
    """A layer or a model: parameters, buffers and other modules, and a ``forward`` that computes with them.

    What is assigned as an attribute is registered: a :class:`Parameter`, a :class:`Buffer`, another module. Calling the module calls
    ``forward``.

    >>> import tane
    >>> class Line(tane.nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.slope = tane.nn.Parameter(tane.tensor(2.0))
    ...     def forward(self, x):
    ...         return self.slope * x
    >>> Line()(tane.tensor(3.0)).item()
    6.0
    """

    training: bool
    call_super_init = False
    dump_patches = False
    forward: Callable[..., Any] = _unimplemented

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if not self.call_super_init:
            if kwargs:
                raise TypeError(f"{type(self).__name__}.__init__() got an unexpected keyword argument '{next(iter(kwargs))}'")
            if args:
                raise TypeError(f"{type(self).__name__}.__init__() takes 1 positional argument but {len(args) + 1} were given")
        own = self.__dict__
        owner = ref(self)
        own["training"] = True
        own["_parameters"], own["_buffers"], own["_modules"] = Registry(owner), Registry(owner), Registry(owner)
        own["_non_persistent_buffers_set"] = set()
        if self.call_super_init:
            super().__init__(*args, **kwargs)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self._hooked or everywhere.watching:
            return call(self, args, kwargs)
        return self.forward(*args, **kwargs)

    # ---- registering ---------------------------------------------------------------------------------------------------------------
    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Register a parameter under ``name``; None says that there could be one."""
        own = self.__dict__
        if "_parameters" not in own:
            raise AttributeError("cannot assign parameter before Module.__init__() call")
        self._check_name("parameter", name, "_parameters")
        if param is not None:
            if not isinstance(param, Parameter):
                raise TypeError(f"cannot assign '{typename(param)}' object to parameter '{name}' (torch.nn.Parameter or None required)")
            if param.grad_fn is not None:
                raise ValueError(
                    f"Cannot assign non-leaf Tensor to parameter '{name}'. Model parameters must be created explicitly. To express "
                    f"'{name}' "
                    f"as a function of another Tensor, compute the value in the forward() method."
                )
            if everywhere.parameters:
                param = everywhere.registered(everywhere.parameters, self, name, param)
        put(self, "_parameters", name, param)

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Register a tensor that is no parameter but belongs to the module: it moves with it, and is in ``state_dict`` if
        ``persistent``.
        """
        if "_buffers" not in self.__dict__:
            raise AttributeError("cannot assign buffer before Module.__init__() call")
        self._check_name("buffer", name, "_buffers")
        if tensor is not None and not isinstance(tensor, Tensor):
            raise TypeError(f"cannot assign '{typename(tensor)}' object to buffer '{name}' (torch Tensor or None required)")
        if everywhere.buffers:
            tensor = everywhere.registered(everywhere.buffers, self, name, tensor)
        put(self, "_buffers", name, tensor)
        if persistent:
            self._non_persistent_buffers_set.discard(name)
        else:
            self._non_persistent_buffers_set.add(name)

    def add_module(self, name: str, module: Module | None) -> None:
        """Register a module under ``name``; None says that there could be one."""
        if module is not None and not isinstance(module, Module):
            raise TypeError(f"{typename(module)} is not a Module subclass")
        self._check_name("module", name, "_modules")
        if everywhere.modules:
            module = everywhere.registered(everywhere.modules, self, name, module)
        put(self, "_modules", name, module)

    def register_module(self, name: str, module: Module | None) -> None:
        """The same as :meth:`add_module`."""
        self.add_module(name, module)

    def _check_name(self, kind: str, name: Any, registry: str) -> None:
        if not isinstance(name, str):
            raise TypeError(f"{kind} name should be a string. Got {typename(name)}")
        if kind == "module" and hasattr(self, name) and name not in self._modules:
            raise KeyError(f"attribute '{name}' already exists")
        if "." in name:
            raise KeyError(f'{kind} name can\'t contain "."' + (f", got: {name}" if kind == "module" else ""))
        if name == "":
            raise KeyError(f'{kind} name can\'t be empty string ""')
        if hasattr(self, name) and name not in self.__dict__[registry]:
            raise KeyError(f"attribute '{name}' already exists")

    # ---- attributes ----------------------------------------------------------------------------------------------------------------
    def __setattr__(self, name: str, value: Any) -> None:
        own = self.__dict__
        parameters, buffers, modules = own.get("_parameters"), own.get("_buffers"), own.get("_modules")
        if isinstance(value, Parameter):
            if parameters is None:
                raise AttributeError("cannot assign parameters before Module.__init__() call")
            self._forget(name, "_parameters")
            self.register_parameter(name, value)
        elif parameters is not None and name in parameters:
            if value is not None:
                raise TypeError(f"cannot assign '{typename(value)}' as parameter '{name}' (torch.nn.Parameter or None expected)")
            self.register_parameter(name, value)
        elif isinstance(value, Module):
            if modules is None:
                raise AttributeError("cannot assign module before Module.__init__() call")
            self._forget(name, "_modules")
            put(self, "_modules", name, everywhere.registered(everywhere.modules, self, name, value))
        elif modules is not None and name in modules:
            if value is not None:
                raise TypeError(f"cannot assign '{typename(value)}' as child module '{name}' (torch.nn.Module or None expected)")
            put(self, "_modules", name, everywhere.registered(everywhere.modules, self, name, value))
        elif (buffers is not None and name in buffers) or (isinstance(value, Tensor) and isinstance(value, Buffer)):
            self._set_buffer(name, value)
        elif name in REGISTRIES and type(value) is not Registry:
            for old in own.get(name, ()):
                own.pop(old, None)
            own[name] = Registry(ref(self), value)
        else:
            object.__setattr__(self, name, value)

    def _forget(self, name: str, staying: str) -> None:
        """Let nothing but the registry ``staying`` know ``name``."""
        own = self.__dict__
        for registry in REGISTRIES:
            if registry != staying:
                own[registry].pop(name, None)
        if name not in own[staying]:
            own.pop(name, None)
        self._non_persistent_buffers_set.discard(name)

    def _set_buffer(self, name: str, value: Any) -> None:
        if value is not None and not isinstance(value, Tensor):
            raise TypeError(f"cannot assign '{typename(value)}' as buffer '{name}' (torch.nn.Buffer, torch.Tensor or None expected)")
        if "_buffers" not in self.__dict__:
            raise AttributeError("cannot assign buffer before Module.__init__() call")
        persistent = value.persistent if isinstance(value, Buffer) else name not in self._non_persistent_buffers_set
        if name not in self._buffers:
            self.__dict__.pop(name, None)
        if type(self).register_buffer is Module.register_buffer or accepts_persistent(self.register_buffer):
            self.register_buffer(name, value, persistent)
        elif persistent:
            self.register_buffer(name, value)
        else:
            raise RuntimeError(
                "Registering a non-persistent buffer on a Module subclass that implements register_buffer() without the persistent "
                "argument "
                "is not allowed."
            )

    # Asked for only where Python's own look-up found nothing, so never for what is registered, unless a class hides it.
    def __getattr__(self, name: str) -> Any:
        own = self.__dict__
        for registry in REGISTRIES:
            found = own.get(registry)
            if found is not None and name in found:
                return found[name]
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def __delattr__(self, name: str) -> None:
        for registry in REGISTRIES:
            found = self.__dict__.get(registry)
            if found is not None and name in found:
                del found[name]
                self._non_persistent_buffers_set.discard(name)
                self.__dict__.pop(name, None)
                return
        object.__delattr__(self, name)

    # ---- modes ---------------------------------------------------------------------------------------------------------------------
    def train(self: M, mode: bool = True) -> M:
        """Set ``training`` of this module and all below it, which dropout and batch normalisation go by; returns the module."""
        if not isinstance(mode, bool):
            raise ValueError("training mode is expected to be boolean")
        self.training = mode
        for child in self.children():
            child.train(mode)
        return self

    def eval(self: M) -> M:
        """``train(False)``."""
        return self.train(False)

    def requires_grad_(self: M, requires_grad: bool = True) -> M:
        """Ask for gradients of all parameters, or no longer; returns the module."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters, or make them zeros."""
        for parameter in self.parameters():
            gradient = parameter.grad
            if gradient is None:
                continue
            if set_to_none:
                parameter.grad = None
                continue
            if gradient.grad_fn is not None:
                gradient.detach_()
            else:
                gradient.requires_grad_(False)
            gradient.zero_()

    def compile(self, *args: Any, **kwargs: Any) -> None:
        """Not offered: modules run as they are."""
        raise NotImplementedError("Module.compile(): tane has no compiler for modules yet; call the module as it is")

    # ---- copying -------------------------------------------------------------------------------------------------------------------
    def __getstate__(self) -> dict[str, Any]:
        own = self.__dict__
        if "_parameters" not in own:
            return dict(own)
        mirrored = {name for registry in REGISTRIES for name, value in own[registry].items() if own.get(name, own) is value}
        state = {name: value for name, value in own.items() if name not in mirrored}
        for registry in REGISTRIES:
            state[registry] = dict(own[registry])
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        own = self.__dict__
        own.update(state)
        owner = ref(self)
        for registry in REGISTRIES:
            found = state.get(registry)
            if found is not None:
                own[registry] = Registry(owner, found)


def accepts_persistent(register_buffer: Any) -> bool:
    """Whether a subclass's own ``register_buffer`` knows PyTorch's later argument."""
    return "persistent" in inspect.signature(register_buffer).parameters


def typename(value: Any) -> str:
    """How PyTorch's errors name the type of ``value``: ``torch.FloatTensor``, ``list``, ``package.module.Class``."""
    if isinstance(value, Tensor):
        tensor: Any = value
        return str(tensor.type())
    kind = value if isinstance(value, type) else type(value)
    return kind.__qualname__ if kind.__module__ in ("", "builtins") else f"{kind.__module__}.{kind.__qualname__}"
