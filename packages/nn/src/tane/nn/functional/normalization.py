"""Normalisation: of batches, layers, groups, instances; of a vector to length 1."""

from __future__ import annotations

from math import prod
from typing import Any

from tane.autograd.fitting import namespaces
from tane.dtypes import FLOAT, float32
from tane.nn.functional.pooling import avg_pool2d
from tane.nn.ops import norm as op
from tane.nn.ops.pad import constant
from tane.ops import pointwise
from tane.ops.promotion import HALVES
from tane.ops.views import write
from tane.surface.expose import write_out
from tane.tensor import Tensor, wrap

__all__ = [
    "batch_norm",
    "group_norm",
    "instance_norm",
    "layer_norm",
    "local_response_norm",
    "normalize",
    "rms_norm",
]


def _vector(name: str, value: Tensor | None, count: int) -> None:
    if value is not None and value.array.size != count:
        raise RuntimeError(f"{name} should contain {count} elements not {value.array.size}")


def _filled(value: Tensor | None, like: Tensor, count: int, fill: int) -> Tensor:
    """A vector as it is, or one of ``fill`` in its place."""
    if value is not None:
        return value
    F = namespaces[type(like.array)]
    return wrap(F.full((count,), fill, dtype=like.array.dtype))


def _mixed(input: Tensor, *parameters: Tensor | None) -> bool:
    """Whether half precision meets parameters of float32: the layer then computes in float32, and its result is rounded once."""
    return input.array.dtype.itemsize == 2 and any(p is not None and p.dtype is float32 for p in parameters) and input.dtype in HALVES


def batch_norm(
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Each channel (dimension 1) less its mean and over its deviation: those of the batch in ``training``, which also move the running ones by
    ``momentum``, and the running ones otherwise.
    """
    if _mixed(input, running_mean, running_var, weight, bias):
        return batch_norm(input.to(float32), running_mean, running_var, weight, bias, training, momentum, eps).to(input.dtype)
    shape = input.array.shape
    count = shape[1] if len(shape) > 1 else input.array.size
    if training and input.array.size and input.array.size == count:
        raise ValueError(f"Expected more than 1 value per channel when training, got input size {input.shape}")
    if eps <= 0 and (training or eps < 0):
        raise ValueError(f"batch_norm eps must be {'positive during training' if training else 'non-negative'}, but got {eps}")
    for name, value in (("running_mean", running_mean), ("running_var", running_var), ("weight", weight), ("bias", bias)):
        _vector(name, value, count)
    if not input.array.size:  # nothing to normalise, and no statistics
        y: Tensor = input.clone()
        return _affine(y, weight, bias) if len(shape) > 1 else y
    if not training:
        if running_mean is None or running_var is None:
            raise RuntimeError(f"running_{'mean' if running_mean is None else 'var'} must be defined in evaluation mode")
        F = namespaces[type(input.array)]
        rstd = 1 / F.sqrt(running_var.array + eps)
        weight, bias = _filled(weight, input, count, 1), _filled(bias, input, count, 0)
        return op.channel_affine.call(input, weight, bias, running_mean.array, rstd)
    if weight is None and bias is None:
        y, mean, rstd = op.batch_norm_plain.call(input, (0, *range(2, len(shape))), eps)
    else:
        y, mean, rstd = op.batch_norm.call(input, _filled(weight, input, count, 1), _filled(bias, input, count, 0), eps)
    if running_mean is not None:
        _move(running_mean, mean.array.reshape((count,)), momentum)
    if running_var is not None:
        n = input.array.size // count
        r = rstd.array.reshape((count,))
        _move(running_var, (1 / (r * r) - eps) * (n / (n - 1)), momentum)
    return y


def _move(running: Tensor, found: Any, momentum: float) -> None:
    """The running statistic, moved towards the batch's, in place."""
    write(running, running.array * (1 - momentum) + found * momentum, "batch_norm")


def instance_norm(
    input: Tensor,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """:func:`batch_norm` of each element of the batch by itself."""
    if _mixed(input, running_mean, running_var, weight, bias):
        wide = input.to(float32)
        return instance_norm(wide, running_mean, running_var, weight, bias, use_input_stats, momentum, eps).to(input.dtype)
    if not use_input_stats:
        if running_mean is None or running_var is None:
            raise RuntimeError("Expected running_mean and running_var to be defined when use_input_stats is false")
        return batch_norm(input, running_mean, running_var, weight, bias, False, momentum, eps)
    shape = input.array.shape
    if prod(shape[2:]) == 1:
        raise ValueError(f"Expected more than 1 spatial element when training, got input size {input.shape}")
    n, count = shape[:2]
    for name, value in (("running_mean", running_mean), ("running_var", running_var), ("weight", weight), ("bias", bias)):
        _vector(name, value, count)
    y: Tensor
    y, mean, rstd = op.batch_norm_plain.call(input, tuple(range(2, len(shape))), eps)
    if running_mean is not None and n:
        F = namespaces[type(input.array)]
        _move(running_mean, F.sum(mean.array.reshape((n, count)), axis=0) / n, momentum)
        if running_var is not None:
            r, size = rstd.array.reshape((n, count)), prod(shape[2:])
            _move(running_var, F.sum(1 / (r * r) - eps, axis=0) * (size / (size - 1) / n), momentum)
    return _affine(y, weight, bias)


def _affine(y: Tensor, weight: Tensor | None, bias: Tensor | None) -> Tensor:
    """Times a weight and plus a bias for each channel."""
    each = (1, -1) + (1,) * (y.ndim - 2)
    if weight is not None:
        y = y * weight.reshape(each)
    return y if bias is None else y + bias.reshape(each)


def layer_norm(input: Tensor, normalized_shape: Any, weight: Tensor | None = None, bias: Tensor | None = None, eps: float = 1e-5) -> Tensor:
    """The last dimensions, those of ``normalized_shape``, less their mean and over their deviation, times ``weight`` plus ``bias``."""
    if _mixed(input, weight, bias):
        return layer_norm(input.to(float32), normalized_shape, weight, bias, eps).to(input.dtype)
    wanted = tuple(normalized_shape)
    shape = input.array.shape
    if not wanted or shape[-len(wanted) :] != wanted:
        raise _unfit(input, wanted, ", ")
    for name, value in (("weight", weight), ("bias", bias)):
        if value is not None and value.array.shape != wanted:
            raise RuntimeError(
                f"Expected {name} to be of same shape as normalized_shape, but got {name} of shape {list(value.shape)} and normalized_shape = {list(wanted)}"
            )
    if weight is None:
        y: Tensor = op.layer_norm_plain.call(input, tuple(range(len(shape) - len(wanted), len(shape))), eps)[0]
        return y if bias is None else y + bias
    if bias is None:
        return op.layer_norm_unbiased.call(input, weight, eps)[0]
    return op.layer_norm.call(input, weight, bias, eps)[0]


def _unfit(input: Tensor, wanted: tuple[int, ...], separator: str) -> RuntimeError:
    if not wanted:
        return RuntimeError(
            "Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one element, but got normalized_shape = []"
        )
    return RuntimeError(
        f"Given normalized_shape={list(wanted)}, expected input with shape [*{separator}{', '.join(map(str, wanted))}], "
        f"but got input of size{list(input.shape)}"
    )


def rms_norm(input: Tensor, normalized_shape: Any, weight: Tensor | None = None, eps: float | None = None) -> Tensor:
    """The last dimensions over the root of their mean square, times ``weight``; ``eps`` is by default the type's own."""
    wanted = tuple(normalized_shape)
    if not wanted or input.array.shape[-len(wanted) :] != wanted:
        raise _unfit(input, wanted, "")
    if weight is not None and weight.array.shape != wanted:
        raise RuntimeError(
            f"Expected weight to be of same shape as normalized_shape, but got weight of shape {list(weight.shape)} and normalized_shape = {list(wanted)}"
        )
    kind = input.dtype
    if kind.category < FLOAT:
        raise NotImplementedError(f"\"rms_norm\" not implemented for '{kind.tensor_name.removesuffix('Tensor')}'")
    if kind in HALVES:  # squares leave the range of 16 bits
        input = input.to(float32)
        weight = None if weight is None else weight.to(float32)
    if eps is None:
        eps = float(namespaces[type(input.array)].finfo(input.array.dtype).eps)
    axes = tuple(range(input.ndim - len(wanted), input.ndim))
    y = input * pointwise.rsqrt.call((input**2).mean(axes, keepdim=True) + eps)
    y = y if weight is None else y * weight
    return y.to(kind) if kind in HALVES else y


def group_norm(input: Tensor, num_groups: int, weight: Tensor | None = None, bias: Tensor | None = None, eps: float = 1e-5) -> Tensor:
    """The channels (dimension 1) in ``num_groups`` groups, each less its mean and over its deviation."""
    if _mixed(input, weight, bias):
        return group_norm(input.to(float32), num_groups, weight, bias, eps).to(input.dtype)
    shape = input.array.shape
    if len(shape) < 2:
        raise RuntimeError(f"Expected at least 2 dimensions for input tensor but received {len(shape)}")
    n, count = shape[:2]
    if num_groups <= 0:
        raise RuntimeError("Expected num groups to be greater than 0")
    if count % num_groups:
        raise RuntimeError(
            f"Expected number of channels in input to be divisible by num_groups, but got input of shape {list(shape)} and num_groups={num_groups}"
        )
    for name, value in (("weight", weight), ("bias", bias)):
        if value is not None and value.array.shape != (count,):
            raise RuntimeError(
                f"Expected {name} to be a vector of size equal to the number of channels in input, but got {name} of shape {list(value.shape)} "
                f"and input of shape {list(shape)}"
            )
    y = op.group_norm_plain.call(input.reshape(n, num_groups, prod(shape[1:]) // num_groups), (2,), eps)[0].reshape(*shape)
    return _affine(y, weight, bias)


def local_response_norm(input: Tensor, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> Tensor:
    """Each element over ``(k + alpha * mean of squares of `size` neighbouring channels) ** beta``."""
    if input.ndim < 3:
        raise ValueError(f"Expected 3D or higher dimensionality                          input (got {input.ndim} dimensions)")
    if input.array.size == 0:
        return input
    shape = input.array.shape
    squares = (input * input).reshape(shape[0], 1, shape[1], -1)
    around = constant.call(squares, ((size // 2, (size - 1) // 2), (0, 0)))
    mean = avg_pool2d(around, (size, 1), stride=1).reshape(*shape)
    return input / (mean * alpha + k) ** beta


def normalize(input: Tensor, p: float = 2.0, dim: Any = 1, eps: float = 1e-12, out: Tensor | None = None) -> Tensor:
    """The vectors along ``dim`` over their ``p``-norm, or over ``eps`` where that is larger."""
    length = input.norm(p, dim, keepdim=True).clamp_min(eps)
    y: Tensor = input / length.expand_as(input)
    return y if out is None else write_out(out, y, "normalize")
