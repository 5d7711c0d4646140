"""What is done to modules and their gradients from outside."""

from __future__ import annotations

from importlib import import_module as _import_module
from typing import TYPE_CHECKING
from typing import Any as _Any

from tane.nn.utils.clip_grad import clip_grad_norm, clip_grad_norm_, clip_grad_value_, clip_grads_with_norm_, get_total_norm
from tane.nn.utils.convert_parameters import parameters_to_vector, vector_to_parameters
from tane.nn.utils.fusion import fuse_conv_bn_eval, fuse_conv_bn_weights, fuse_linear_bn_eval, fuse_linear_bn_weights
from tane.nn.utils.spectral_norm import remove_spectral_norm, spectral_norm
from tane.nn.utils.weight_norm import remove_weight_norm, weight_norm

if TYPE_CHECKING:
    from tane.nn.utils import parametrizations as parametrizations
    from tane.nn.utils import parametrize as parametrize
    from tane.nn.utils import prune as prune
    from tane.nn.utils import rnn as rnn
    from tane.nn.utils import stateless as stateless

__all__ = [
    "clip_grad_norm",
    "clip_grad_norm_",
    "clip_grad_value_",
    "clip_grads_with_norm_",
    "fuse_conv_bn_eval",
    "fuse_conv_bn_weights",
    "fuse_linear_bn_eval",
    "fuse_linear_bn_weights",
    "get_total_norm",
    "parameters_to_vector",
    "remove_spectral_norm",
    "remove_weight_norm",
    "spectral_norm",
    "vector_to_parameters",
    "weight_norm",
]


def __getattr__(name: str) -> _Any:
    if name in ("parametrizations", "parametrize", "prune", "rnn", "stateless"):
        return _import_module(f"tane.nn.utils.{name}")
    raise AttributeError(f"module 'tane.nn.utils' has no attribute {name!r}")
