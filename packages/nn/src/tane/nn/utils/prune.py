"""Pruning: a parameter as a weight times a mask of ones and zeros, which says what of it is left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from tane.nn.module.module import Module
from tane.nn.utils.convert_parameters import parameters_to_vector
from tane.surface.joining import cat
from tane.surface.sorting import topk
from tane.tensor import Tensor

__all__ = [
    "BasePruningMethod",
    "CustomFromMask",
    "Identity",
    "L1Unstructured",
    "LnStructured",
    "PruningContainer",
    "RandomStructured",
    "RandomUnstructured",
    "custom_from_mask",
    "global_unstructured",
    "identity",
    "is_pruned",
    "l1_unstructured",
    "ln_structured",
    "random_structured",
    "random_unstructured",
    "remove",
]

M = TypeVar("M", bound=Module)


# ---- how much -----------------------------------------------------------------------------------------------------------------------
def _checked(amount: Any) -> Any:
    """``amount``, if it is a number of units, or a share of them as a float within 0 and 1."""
    if not isinstance(amount, (int, float)):
        raise TypeError(f"Invalid type for amount: {amount}. Must be int or float.")
    if amount < 0 or (isinstance(amount, float) and amount > 1):
        raise ValueError(f"amount={amount} should either be a float in the range [0, 1] or a non-negative integer")
    return amount


def _count(amount: Any, size: int) -> int:
    """The number of units of ``size`` that ``amount`` means."""
    if isinstance(amount, int):
        if amount > size:
            raise ValueError(f"amount={amount} should be smaller than the number of parameters to prune={size}")
        return amount
    return round(amount * size)


def _axis(t: Any, dim: int) -> int:
    if t.ndim <= 1:
        raise ValueError(
            f"Structured pruning can only be applied to multidimensional tensors. Found tensor of shape {t.shape} with {t.ndim} dims"
        )
    if not -t.ndim <= dim < t.ndim:
        raise IndexError(f"Invalid index {dim} for tensor of size {t.shape}")
    return dim % t.ndim


def _only(mask: Any, dim: int, kept: Any) -> Any:
    """A mask like ``mask`` that is 1 for the channels ``kept`` of ``dim`` and 0 elsewhere."""
    made = mask.new_zeros(mask.shape)
    made[(slice(None),) * dim + (kept,)] = 1
    return made


# ---- methods --------------------------------------------------------------------------------------------------------------------------
class BasePruningMethod:
    """A way to prune: ``compute_mask(t, default_mask)`` says what of ``t`` is left, of what ``default_mask`` leaves.

    Its object is a hook of the module that computes the parameter before every ``forward``: ``name = name_mask * name_orig``.
    ``PRUNING_TYPE`` is ``"unstructured"``, ``"structured"`` (whole channels) or ``"global"``: what is left of ``t`` to prune again.
    """

    PRUNING_TYPE = "unstructured"
    _tensor_name: str

    def __call__(self, module: Any, inputs: Any) -> None:
        setattr(module, self._tensor_name, self.apply_mask(module))

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} must define compute_mask(t, default_mask)")

    def apply_mask(self, module: Any) -> Any:
        """The parameter that is left."""
        mask, original = getattr(module, self._tensor_name + "_mask"), getattr(module, self._tensor_name + "_orig")
        return mask.to(dtype=original.dtype) * original

    @classmethod
    def apply(cls, module: Any, name: str, *args: Any, importance_scores: Any = None, **kwargs: Any) -> Any:
        """Prune the parameter ``name``, which may have been pruned before; returns the hook. What has the lowest of ``importance_scores``, by default
        the parameter's own values, is pruned first.
        """
        old = _hook(module, name)
        method = cls(*args, **kwargs)
        method._tensor_name = name
        original = getattr(module, name)
        if importance_scores is not None and importance_scores.shape != original.shape:
            raise AssertionError(
                f"importance_scores should have the same shape as parameter {name} of {type(module).__name__}: {tuple(original.shape)}, "
                f"but got {tuple(importance_scores.shape)}"
            )
        scores = original if importance_scores is None else importance_scores
        if old is None:
            # The parameter moves to another name; under its own there will be a product.
            before = original.detach().new_ones(original.shape)
            mask = method.compute_mask(scores.detach(), before)
            del module._parameters[name]
            module.register_parameter(name + "_orig", original)
        else:
            _, hook = old
            if not isinstance(hook, PruningContainer):
                first, hook = hook, PruningContainer(hook)
                hook._tensor_name = first._tensor_name
            hook.add_pruning_method(method)
            del module._forward_pre_hooks[old[0]]
            before = getattr(module, name + "_mask")
            mask = hook.compute_mask(scores.detach(), before)
            method = hook
        module.register_buffer(name + "_mask", mask)
        setattr(module, name, method.apply_mask(module))
        module.register_forward_pre_hook(method)
        return method

    def prune(self, t: Any, default_mask: Any = None, importance_scores: Any = None) -> Any:
        """A pruned version of ``t``."""
        scores = t if importance_scores is None else importance_scores
        return t * self.compute_mask(scores, t.new_ones(t.shape) if default_mask is None else default_mask)

    def remove(self, module: Any) -> None:
        """Make the parameter a plain one again, with zeros where it was pruned."""
        name = self._tensor_name
        weight = self.apply_mask(module)
        original = module._parameters[name + "_orig"]
        delattr(module, name)
        original.data = weight.data
        del module._parameters[name + "_orig"], module._buffers[name + "_mask"]
        setattr(module, name, original)


class PruningContainer(BasePruningMethod):
    """Several methods, one after the other."""

    def __init__(self, *args: Any) -> None:
        self._pruning_methods: tuple[BasePruningMethod, ...] = ()
        if len(args) == 1 and isinstance(args[0], BasePruningMethod):
            self._tensor_name = args[0]._tensor_name
        for method in args[0] if len(args) == 1 and isinstance(args[0], Iterable) else args:
            self.add_pruning_method(method)

    def add_pruning_method(self, method: Any) -> None:
        """Add one more, of the same parameter."""
        if not isinstance(method, BasePruningMethod):
            raise TypeError(f"{type(method)} is not a BasePruningMethod subclass")
        name = getattr(self, "_tensor_name", None)
        if name is not None and method._tensor_name != name:
            raise ValueError(
                f"Can only add pruning methods acting on the parameter named '{name}' to PruningContainer {self}. Found '{method._tensor_name}'"
            )
        self._pruning_methods = (*self._pruning_methods, method)

    def __len__(self) -> int:
        return len(self._pruning_methods)

    def __iter__(self) -> Iterator[BasePruningMethod]:
        return iter(self._pruning_methods)

    def __getitem__(self, index: int) -> BasePruningMethod:
        return self._pruning_methods[index]

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        """The mask of the last method, of what the earlier ones left."""
        method, mask = self._pruning_methods[-1], default_mask.to(dtype=t.dtype)
        if method.PRUNING_TYPE == "unstructured":
            left: Any = mask == 1
        elif method.PRUNING_TYPE == "structured":
            dim = method.dim % t.ndim  # type: ignore[attr-defined]
            channels = mask.sum(dim=[d for d in range(t.ndim) if d != dim]) != 0
            left = (slice(None),) * dim + (channels,)
        elif method.PRUNING_TYPE == "global":
            left = (slice(None),) * t.ndim
        else:
            raise ValueError(f"Unrecognized PRUNING_TYPE {method.PRUNING_TYPE}")
        made = mask.clone()
        made[left] = method.compute_mask(t[left], mask[left]).to(mask.dtype)
        return made


class Identity(BasePruningMethod):
    """Prunes nothing."""

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        return default_mask


class RandomUnstructured(BasePruningMethod):
    """Prunes elements drawn at random."""

    def __init__(self, amount: Any) -> None:
        self.amount = _checked(amount)

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        count, mask = _count(self.amount, t.numel()), default_mask.clone()
        if count:
            mask.view(-1)[topk(t.new_empty(t.shape).uniform_().view(-1), count).indices] = 0
        return mask


class L1Unstructured(BasePruningMethod):
    """Prunes the elements that are least in magnitude."""

    def __init__(self, amount: Any) -> None:
        self.amount = _checked(amount)

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        count, mask = _count(self.amount, t.numel()), default_mask.clone()
        if count:
            mask.view(-1)[topk(t.abs().reshape(-1), count, largest=False).indices] = 0
        return mask


class RandomStructured(BasePruningMethod):
    """Prunes channels of ``dim`` drawn at random."""

    PRUNING_TYPE = "structured"

    def __init__(self, amount: Any, dim: int = -1) -> None:
        self.amount, self.dim = _checked(amount), dim

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        dim = _axis(t, self.dim)
        size = t.shape[dim]
        count = _count(self.amount, size)
        if not count:
            return default_mask
        draws = t.new_empty(size).uniform_()
        return _only(default_mask, dim, draws > topk(draws, count, largest=False).values[-1]) * default_mask


class LnStructured(BasePruningMethod):
    """Prunes the channels of ``dim`` whose ``n``-norms are least."""

    PRUNING_TYPE = "structured"

    def __init__(self, amount: Any, n: Any, dim: int = -1) -> None:
        self.amount, self.n, self.dim = _checked(amount), n, dim

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        dim = _axis(t, self.dim)
        size = t.shape[dim]
        count = _count(self.amount, size)
        if not count:
            return default_mask
        norms = t.norm(p=self.n, dim=[d for d in range(t.ndim) if d != dim])
        return _only(default_mask, dim, topk(norms, size - count).indices) * default_mask


class CustomFromMask(BasePruningMethod):
    """Prunes what a mask says."""

    PRUNING_TYPE = "global"

    def __init__(self, mask: Any) -> None:
        self.mask = mask

    def compute_mask(self, t: Any, default_mask: Any) -> Any:
        return default_mask * self.mask.to(dtype=default_mask.dtype)


# ---- functions ------------------------------------------------------------------------------------------------------------------------
def _hook(module: Module, name: str) -> tuple[int, Any] | None:
    """The hook that prunes ``name``, and its number."""
    hooks = module._forward_pre_hooks.items()
    return next(((k, h) for k, h in hooks if isinstance(h, BasePruningMethod) and h._tensor_name == name), None)


def identity(module: M, name: str) -> M:
    """Give the parameter ``name`` a mask of ones; returns the module, as all functions here do."""
    Identity.apply(module, name)
    return module


def random_unstructured(module: M, name: str, amount: Any) -> M:
    """Prune ``amount`` elements, or that share of them, drawn at random."""
    RandomUnstructured.apply(module, name, amount)
    return module


def l1_unstructured(module: M, name: str, amount: Any, importance_scores: Tensor | None = None) -> M:
    """Prune the ``amount`` elements, or that share of them, that are least in magnitude.

    >>> import tane
    >>> layer = l1_unstructured(tane.nn.Linear(2, 3), "weight", amount=0.5)
    >>> int(layer.weight_mask.sum()), sorted(layer.state_dict())
    (3, ['bias', 'weight_mask', 'weight_orig'])
    """
    L1Unstructured.apply(module, name, amount=amount, importance_scores=importance_scores)
    return module


def random_structured(module: M, name: str, amount: Any, dim: int) -> M:
    """Prune ``amount`` channels of ``dim``, or that share of them, drawn at random."""
    RandomStructured.apply(module, name, amount, dim)
    return module


def ln_structured(module: M, name: str, amount: Any, n: Any, dim: int, importance_scores: Tensor | None = None) -> M:
    """Prune the ``amount`` channels of ``dim``, or that share of them, whose ``n``-norms are least."""
    LnStructured.apply(module, name, amount, n, dim, importance_scores=importance_scores)
    return module


def custom_from_mask(module: M, name: str, mask: Tensor) -> M:
    """Prune what ``mask`` says."""
    CustomFromMask.apply(module, name, mask)
    return module


def global_unstructured(
    parameters: Sequence[tuple[Module, str]], pruning_method: Any, importance_scores: Any = None, **kwargs: Any
) -> None:
    """Prune all ``parameters``, pairs of a module and a name, as if they were one; ``kwargs`` are the method's."""
    if not isinstance(parameters, Iterable):
        raise TypeError("global_unstructured(): parameters is not an Iterable")
    scores = {} if importance_scores is None else importance_scores
    if not isinstance(scores, dict):
        raise TypeError("global_unstructured(): importance_scores is not of type dict")
    every: list[Any] = [(module, name, getattr(module, name)) for module, name in parameters]
    values = parameters_to_vector([scores.get((module, name), value).detach() for module, name, value in every])
    masks = cat([getattr(module, name + "_mask", value.detach().new_ones(value.shape)).reshape(-1) for module, name, value in every])
    container = PruningContainer()
    container._tensor_name = "temp"
    method = pruning_method(**kwargs)
    method._tensor_name = "temp"
    if method.PRUNING_TYPE != "unstructured":
        raise TypeError(
            f'Only "unstructured" PRUNING_TYPE supported for the `pruning_method`. Found method {pruning_method} of type {method.PRUNING_TYPE}'
        )
    container.add_pruning_method(method)
    final, start = container.compute_mask(values, masks), 0
    for module, name, value in every:
        custom_from_mask(module, name, final[start : start + value.numel()].view_as(value))
        start += value.numel()


def remove(module: M, name: str) -> M:
    """Make the pruned parameter ``name`` a plain one again, with zeros where it was pruned."""
    found = _hook(module, name)
    if found is None:
        raise ValueError(f"Parameter '{name}' of module {module} has to be pruned before pruning can be removed")
    del module._forward_pre_hooks[found[0]]
    found[1].remove(module)
    return module


def is_pruned(module: Module) -> bool:
    """Whether any parameter of the module, or of one inside it, is pruned."""
    return any(isinstance(hook, BasePruningMethod) for m in module.modules() for hook in m._forward_pre_hooks.values())
