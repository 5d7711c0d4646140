"""A convolution or linear layer and the batch normalisation behind it as one layer, for evaluation."""

from __future__ import annotations

import copy
from typing import Any, TypeVar

from tane.nn.module.module import Module
from tane.nn.parameter import Parameter

__all__ = ["fuse_conv_bn_eval", "fuse_conv_bn_weights", "fuse_linear_bn_eval", "fuse_linear_bn_weights"]

M = TypeVar("M", bound=Module)


def _fused(weight: Any, bias: Any, mean: Any, var: Any, eps: float, scale: Any, shift: Any, outputs: int) -> tuple[Parameter, Parameter]:
    """The weight, whose dimension ``outputs`` is that of the channels, and the bias of both layers together."""
    factor = (var + eps).rsqrt()
    factor = factor if scale is None else scale * factor
    shape = [1] * weight.ndim
    shape[outputs] = -1
    moved = (0 - mean if bias is None else bias - mean) * factor
    moved = moved if shift is None else moved + shift
    new_weight = (weight * factor.reshape(shape)).to(weight.dtype)
    return Parameter(new_weight.detach(), weight.requires_grad), Parameter(
        moved.detach().to(weight.dtype if bias is None else bias.dtype), bias is not None and bias.requires_grad
    )


def fuse_conv_bn_weights(
    conv_w: Any, conv_b: Any, bn_rm: Any, bn_rv: Any, bn_eps: float, bn_w: Any, bn_b: Any, transpose: bool = False
) -> tuple[Parameter, Parameter]:
    """The weight and the bias of a convolution that does what one with ``conv_w`` and ``conv_b`` and the normalisation behind it do."""
    return _fused(conv_w, conv_b, bn_rm, bn_rv, bn_eps, bn_w, bn_b, 1 if transpose else 0)


def fuse_linear_bn_weights(
    linear_w: Any, linear_b: Any, bn_rm: Any, bn_rv: Any, bn_eps: float, bn_w: Any, bn_b: Any
) -> tuple[Parameter, Parameter]:
    """As :func:`fuse_conv_bn_weights`, of a linear layer."""
    return _fused(linear_w, linear_b, bn_rm, bn_rv, bn_eps, bn_w, bn_b, 0)


def _both(layer: M, bn: Any, outputs: int) -> M:
    if layer.training or bn.training:
        raise AssertionError(
            f"Fusion only for eval!: {type(layer).__name__} is in {'training' if layer.training else 'evaluation'} mode, "
            f"{type(bn).__name__} in {'training' if bn.training else 'evaluation'} mode; call eval() on both"
        )
    if bn.running_mean is None or bn.running_var is None:
        raise AssertionError(f"{type(bn).__name__} needs running statistics to be fused: make it with track_running_stats=True")
    fused: Any = copy.deepcopy(layer)
    fused.weight, fused.bias = _fused(fused.weight, fused.bias, bn.running_mean, bn.running_var, bn.eps, bn.weight, bn.bias, outputs)
    return fused


def fuse_conv_bn_eval(conv: M, bn: Any, transpose: bool = False) -> M:
    """A new convolution that gives what ``bn(conv(x))`` does, both in evaluation mode."""
    return _both(conv, bn, 1 if transpose else 0)


def fuse_linear_bn_eval(linear: M, bn: Any) -> M:
    """A new linear layer that gives what ``bn(linear(x))`` does, both in evaluation mode."""
    return _both(linear, bn, 0)
