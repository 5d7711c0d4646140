"""Clipping gradients, by their norm or value by value."""

from __future__ import annotations

import functools
import math
import types
import warnings
from collections.abc import Iterable
from typing import Any

from tane.autograd.fitting import namespaces
from tane.autograd.versions import touch
from tane.creation import zeros
from tane.dtypes import promote_types
from tane.ops.views import refuse_overlap
from tane.tensor import Tensor, wrap

__all__ = ["clip_grad_norm", "clip_grad_norm_", "clip_grad_value_", "clip_grads_with_norm_", "get_total_norm"]

Tensors = Tensor | Iterable[Tensor]


def clip_grad_norm_(
    parameters: Tensors, max_norm: float, norm_type: float = 2.0, error_if_nonfinite: bool = False, foreach: bool | None = None
) -> Tensor:
    """Scale all gradients, in place, by one factor, so that together, as one long vector, their norm is at most ``max_norm``.

    ``foreach`` chooses between implementations in PyTorch; here there is one.

    Returns:
        The norm before clipping.

    Raises:
        RuntimeError: The norm is NaN or infinite, and ``error_if_nonfinite``.

    >>> import tane
    >>> w = tane.nn.Parameter(tane.zeros(2))
    >>> w.grad = tane.tensor([3.0, 4.0])
    >>> clip_grad_norm_(w, 1.0), w.grad
    (tensor(5.), tensor([0.6000, 0.8000]))
    """
    if isinstance(parameters, types.GeneratorType):
        parameters = list(parameters)
        if not parameters:
            warnings.warn("`parameters` is an empty generator, no gradient clipping will occur.", stacklevel=2)
    gradients = _gradients(parameters)
    total = get_total_norm(gradients, norm_type, error_if_nonfinite, foreach)
    _scale(gradients, float(max_norm), total)
    return total


def get_total_norm(tensors: Tensors, norm_type: float = 2.0, error_if_nonfinite: bool = False, foreach: bool | None = None) -> Tensor:
    """The norm of all tensors together, as one long vector: a 0-d tensor on the device of the first."""
    p = float(norm_type)
    arrays = [t.array for t in _listed(tensors)]
    if not arrays:
        return zeros(())
    first = arrays[0]
    kind, dtype = type(first), first.dtype
    if all(type(a) is kind and a.dtype is dtype for a in arrays):
        F = namespaces[kind]
        if p == 2.0 and dtype.itemsize > 2:  # the norm of norms without taking roots in between
            squares = [F.vdot(a, a) for a in arrays]
            found = F.sqrt(sum(squares[1:], squares[0]).real)
        else:
            found = _norm(F.stack([_norm(a, p) for a in arrays]), p)
        total = wrap(found if type(found) is kind else found[...])
    else:
        total = _mixed(arrays, p)
    if error_if_nonfinite and not math.isfinite(total.array.item()):
        raise RuntimeError(
            f"The total norm of order {p} for gradients from `parameters` is non-finite, so it cannot be clipped. To disable this "
            f"error and scale the gradients by the non-finite norm anyway, set `error_if_nonfinite=False`"
        )
    return total


def clip_grads_with_norm_(parameters: Tensors, max_norm: float, total_norm: Tensor, foreach: bool | None = None) -> None:
    """As :func:`clip_grad_norm_`, for a norm that is known already."""
    _scale(_gradients(parameters), float(max_norm), total_norm)


def clip_grad_value_(parameters: Tensors, clip_value: float, foreach: bool | None = None) -> None:
    """Bring every element of every gradient, in place, into ``[-clip_value, clip_value]``."""
    bound = float(clip_value)
    for gradient in _gradients(parameters):
        array = _writable(gradient)
        namespaces[type(array)].clip(array, -bound, bound, out=array)
        touch(array, "clamp_")


def clip_grad_norm(
    parameters: Tensors, max_norm: float, norm_type: float = 2.0, error_if_nonfinite: bool = False, foreach: bool | None = None
) -> Tensor:
    """The older name of :func:`clip_grad_norm_`."""
    warnings.warn(
        "`torch.nn.utils.clip_grad_norm` is now deprecated in favor of `torch.nn.utils.clip_grad_norm_`.", FutureWarning, stacklevel=2
    )
    return clip_grad_norm_(parameters, max_norm, norm_type, error_if_nonfinite, foreach)


# ---- on raw arrays ---------------------------------------------------------------------------------------------------------------------
def _listed(tensors: Tensors) -> list[Tensor]:
    return [tensors] if isinstance(tensors, Tensor) else list(tensors)


def _gradients(parameters: Tensors) -> list[Tensor]:
    return [g for g in (p.grad for p in _listed(parameters)) if g is not None]


def _norm(x: Any, p: float) -> Any:
    """The p-norm of all elements."""
    F = namespaces[type(x)]
    if x.dtype.itemsize == 2:  # 16-bit floats are summed in 32 bits
        return F.cast(_norm(x.astype("float32"), p), x.dtype)
    x = x.reshape(-1)
    if p == 2.0:
        return F.sqrt(F.vdot(x, x).real)
    size = F.absolute(x)
    if p in (math.inf, -math.inf):
        return F.amax(size) if p > 0 else F.amin(size)
    if p == 0.0:
        return F.cast(F.sum(size != 0), size.dtype)
    return F.sum(size) if p == 1.0 else F.sum(size**p) ** (1.0 / p)


def _mixed(arrays: list[Any], p: float) -> Tensor:
    """The norm of tensors of several types or devices: of the widest type, on the device of the first."""
    norms: list[Any] = [wrap(n if type(n) is type(a) else n[...]) for a, n in ((a, _norm(a, p)) for a in arrays)]
    norms = [n.to(norms[0].device) for n in norms]
    widest = functools.reduce(promote_types, (n.dtype for n in norms))
    stacked = namespaces[type(norms[0].array)].stack([n.to(widest).array for n in norms])
    found = _norm(stacked, p)
    return wrap(found if type(found) is type(stacked) else found[...])


def _scale(gradients: list[Tensor], max_norm: float, total: Tensor) -> None:
    """Multiply by ``max_norm / total``, or by 1: without asking which, since on a device the answer would have to be waited for."""
    array = total.array
    factor = namespaces[type(array)].minimum(max_norm / (array + 1e-6), 1.0)
    factor = factor if type(factor) is type(array) else factor[...]
    factors = {(type(array), array.dtype): factor}
    for gradient in gradients:
        array = _writable(gradient)
        key = type(array), array.dtype
        if key not in factors:
            factors[key] = wrap(factor).to(device=gradient.device, dtype=gradient.dtype).array
        array *= factors[key]
        touch(array, "mul_")


def _writable(gradient: Tensor) -> Any:
    array = gradient.array
    if 0 in array.strides:
        refuse_overlap(array)
    return array
