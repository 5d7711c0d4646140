"""Weight normalisation: a weight as its length times its direction."""

from __future__ import annotations

import warnings
from typing import Any, TypeVar

from tane.nn.module.module import Module
from tane.nn.parameter import Parameter, is_lazy
from tane.tensor import Tensor

__all__ = ["WeightNorm", "norm_except_dim", "remove_weight_norm", "weight_norm"]

M = TypeVar("M", bound=Module)


def norm_except_dim(v: Any, dim: int) -> Any:
    """The 2-norm over all dimensions but ``dim``, which are kept as 1s; over all of them for -1."""
    if dim == -1:
        return v.norm(2)
    return v.norm(2, dim=[d for d in range(v.ndim) if d != dim % v.ndim], keepdim=True)


class WeightNorm:
    """Before every ``forward``: ``weight = v * (g / |v|)``, from the parameters ``weight_g`` and ``weight_v``."""

    def __init__(self, name: str, dim: int | None) -> None:
        self.name, self.dim = name, -1 if dim is None else dim

    def compute_weight(self, module: Any) -> Tensor:
        g, v = getattr(module, self.name + "_g"), getattr(module, self.name + "_v")
        return v * (g / norm_except_dim(v, self.dim))

    def __call__(self, module: Any, inputs: Any) -> None:
        setattr(module, self.name, self.compute_weight(module))

    def remove(self, module: Any) -> None:
        """Make the weight one parameter again."""
        weight = self.compute_weight(module)
        delattr(module, self.name)
        del module._parameters[self.name + "_g"], module._parameters[self.name + "_v"]
        setattr(module, self.name, Parameter(weight.data))


def _find(module: Module, name: str) -> int | None:
    """The number of the hook that normalises ``name``."""
    hooks = module._forward_pre_hooks.items()
    return next((number for number, hook in hooks if isinstance(hook, WeightNorm) and hook.name == name), None)


def weight_norm(module: M, name: str = "weight", dim: int | None = 0) -> M:
    """Replace the parameter ``name`` by two: ``name_g``, the norms over all dimensions but ``dim``, and ``name_v``, the direction.

    The weight itself is computed from them before every ``forward``. Returns the module.
    """
    warnings.warn(
        "`torch.nn.utils.weight_norm` is deprecated in favor of `torch.nn.utils.parametrizations.weight_norm`.", FutureWarning, stacklevel=2
    )
    if _find(module, name) is not None:
        raise RuntimeError(f"Cannot register two weight_norm hooks on the same parameter {name}")
    normalise = WeightNorm(name, dim)
    weight = getattr(module, name)
    if is_lazy(weight):
        raise ValueError(
            "The module passed to `WeightNorm` can't have uninitialized parameters. "
            "Make sure to run the dummy forward before applying weight normalization"
        )
    del module._parameters[name]
    module.register_parameter(name + "_g", Parameter(norm_except_dim(weight, normalise.dim).data))
    module.register_parameter(name + "_v", Parameter(weight.data))
    setattr(module, name, normalise.compute_weight(module))
    module.register_forward_pre_hook(normalise)
    return module


def remove_weight_norm(module: M, name: str = "weight") -> M:
    """Undo :func:`weight_norm`; returns the module."""
    number = _find(module, name)
    if number is None:
        raise ValueError(f"weight_norm of '{name}' not found in {module}")
    module._forward_pre_hooks.pop(number).remove(module)
    return module
