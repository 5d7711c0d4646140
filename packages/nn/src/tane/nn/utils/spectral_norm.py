"""Spectral normalisation: a weight divided by its largest singular value."""

from __future__ import annotations

from typing import Any, TypeVar

from tane.autograd.modes import no_grad
from tane.creation import empty
from tane.nn.module.module import Module
from tane.nn.parameter import Parameter, is_lazy
from tane.tensor import Tensor

__all__ = ["SpectralNorm", "remove_spectral_norm", "spectral_norm"]

M = TypeVar("M", bound=Module)


def normalize(x: Any, eps: float) -> Any:
    """``x`` with norm 1."""
    return x / x.norm(2).clamp(min=eps)


class SpectralNorm:
    """Before every ``forward``: ``weight = weight_orig / sigma``.

    ``sigma`` is found by power iteration, whose vectors are the buffers ``weight_u`` and ``weight_v``; in training mode each call takes
    ``n_power_iterations`` steps of it.
    """

    version = 1

    def __init__(self, name: str = "weight", n_power_iterations: int = 1, dim: int = 0, eps: float = 1e-12) -> None:
        if n_power_iterations <= 0:
            raise ValueError(f"Expected n_power_iterations to be positive, but got n_power_iterations={n_power_iterations}")
        self.name, self.n_power_iterations, self.dim, self.eps = name, n_power_iterations, dim, eps

    def matrix(self, weight: Any) -> Any:
        """The weight as a matrix with ``dim`` as its rows."""
        if self.dim != 0:
            weight = weight.permute(self.dim, *[d for d in range(weight.ndim) if d != self.dim])
        return weight.reshape(weight.shape[0], -1)

    def compute_weight(self, module: Any, do_power_iteration: bool) -> Tensor:
        weight, u, v = (getattr(module, self.name + part) for part in ("_orig", "_u", "_v"))
        matrix = self.matrix(weight)
        if do_power_iteration:
            with no_grad():
                for _ in range(self.n_power_iterations):
                    v.copy_(normalize(matrix.t() @ u, self.eps))
                    u.copy_(normalize(matrix @ v, self.eps))
                # Copies, because the next call changes the buffers, and backward of this one may come after it.
                u, v = u.clone(), v.clone()
        return weight / (u @ (matrix @ v))

    def __call__(self, module: Any, inputs: Any) -> None:
        setattr(module, self.name, self.compute_weight(module, do_power_iteration=module.training))

    def remove(self, module: Any) -> None:
        """Make the weight one parameter again."""
        with no_grad():
            weight = self.compute_weight(module, do_power_iteration=False)
        for part in ("", "_u", "_v", "_orig"):
            delattr(module, self.name + part)
        module.register_parameter(self.name, Parameter(weight.detach()))

    def note_version(self, module: Any, state_dict: Any, prefix: str, local_metadata: dict[str, Any]) -> None:
        """Into ``state_dict``'s metadata, where PyTorch looks for it."""
        local_metadata.setdefault("spectral_norm", {})[self.name + ".version"] = self.version


def _find(table: Any, name: str) -> int | None:
    """The number of the hook that normalises ``name``."""
    for number, hook in table.items():
        owner = getattr(hook, "__self__", hook)
        if isinstance(owner, SpectralNorm) and owner.name == name:
            return int(number)
    return None


def spectral_norm(module: M, name: str = "weight", n_power_iterations: int = 1, eps: float = 1e-12, dim: int | None = None) -> M:
    """Divide the parameter ``name`` by its largest singular value before every ``forward``; returns the module.

    ``dim`` is the dimension of the outputs: 0, or 1 for transposed convolutions.
    """
    if dim is None:
        dim = 1 if any(c.__name__.startswith("ConvTranspose") for c in type(module).__mro__) else 0
    if _find(module._forward_pre_hooks, name) is not None:
        raise RuntimeError(f"Cannot register two spectral_norm hooks on the same parameter {name}")
    divide = SpectralNorm(name, n_power_iterations, dim, eps)
    weight: Any = module._parameters[name]
    if weight is None:
        raise ValueError(f"`SpectralNorm` cannot be applied as parameter `{name}` is None")
    if is_lazy(weight):
        raise ValueError(
            "The module passed to `SpectralNorm` can't have uninitialized parameters. "
            "Make sure to run the dummy forward before applying spectral normalization"
        )
    with no_grad():
        rows, columns = divide.matrix(weight).shape
        u, v = (normalize(empty(n, dtype=weight.dtype, device=weight.device).normal_(0, 1), eps) for n in (rows, columns))
    delattr(module, name)
    module.register_parameter(name + "_orig", weight)
    setattr(module, name, weight.data)
    module.register_buffer(name + "_u", u)
    module.register_buffer(name + "_v", v)
    module.register_forward_pre_hook(divide)
    module._register_state_dict_hook(divide.note_version)
    return module


def remove_spectral_norm(module: M, name: str = "weight") -> M:
    """Undo :func:`spectral_norm`; returns the module."""
    number = _find(module._forward_pre_hooks, name)
    if number is None:
        raise ValueError(f"spectral_norm of '{name}' not found in {module}")
    module._forward_pre_hooks.pop(number).remove(module)
    table = module._state_dict_hooks
    number = _find(table, name)
    if number is not None:
        del table[number]
    return module
