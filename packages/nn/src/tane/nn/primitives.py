"""The ops of tane-nn by name: ``tane.nn.primitives.gelu`` is the op, declared by the module that is imported for it."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from tane.ops.primitive import primitives

__all__ = ["DECLARED"]

#: The names of all ops, by the module below ``tane.nn`` that declares them.
DECLARED = {
    "ops.activation": (
        "celu elu gelu gelu_tanh glu hardshrink hardsigmoid hardswish hardtanh leaky_relu log_sigmoid mish prelu rrelu_with_noise "
        "silu softplus softshrink threshold"
    ),
    "ops.classes": "cross_entropy cross_entropy_error cross_entropy_spread nll_loss nll_spread",
    "ops.common": "multi_margin_result multilabel_margin_result scaled_by weighted_logits_result",
    "ops.conv": "conv_input conv_transpose conv_weight convolution convolution_plain",
    "ops.ctc": "ctc_loss ctc_loss_gradient",
    "ops.embedding": "embedding embedding_bags embedding_rows embedding_taken",
    "ops.linear": "bilinear linear linear_product outer_sum tall_product",
    "ops.loss": (
        "binary_cross_entropy binary_cross_entropy_weighted binary_cross_entropy_with_logits huber_loss mse_loss smooth_l1_loss "
        "soft_margin_loss"
    ),
    "ops.norm": (
        "batch_norm batch_norm_plain channel_affine channels_centred deviation group_norm_plain layer_norm layer_norm_plain "
        "layer_norm_unbiased product_total projected standardized total"
    ),
    "ops.pad": (
        "circular_pad1d circular_pad2d circular_pad3d constant_pad pad_returned reflect_pad1d reflect_pad2d reflect_pad3d "
        "replicate_pad1d replicate_pad2d replicate_pad3d"
    ),
    "ops.pool": (
        "adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d avg_pool1d avg_pool2d avg_pool3d avg_spread max_collect "
        "max_pool1d max_pool2d max_pool3d max_spread"
    ),
    "ops.recurrent": (
        "gru_sequence gru_sequence_backward lstm_projected lstm_projected_backward lstm_sequence lstm_sequence_backward "
        "rnn_sequence rnn_sequence_backward"
    ),
    "ops.resample": (
        "nearest1d nearest2d nearest3d nearestExact1d nearestExact2d nearestExact3d resample resample_adaptive1d "
        "resample_adaptive2d resample_adaptive3d resample_bicubic resample_bicubic_aa resample_bilinear resample_bilinear_aa "
        "resample_lanczos_aa resample_linear resample_trilinear unpicked"
    ),
    "ops.shuffle": "channel_shuffle pixel_shuffle pixel_unshuffle",
    "ops.unfold": "col2im im2col",
}

_MODULES = {name: module for module, names in DECLARED.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module 'tane.nn.primitives' has no attribute {name!r}")
    import_module(f"tane.nn.{module}")
    return primitives[name]
