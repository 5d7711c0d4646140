"""What tane-nn offers: its layers, losses and containers, and the ops under them, by name."""

from __future__ import annotations

from collections.abc import Mapping

from tane.nn.homes import HOMES
from tane.plugins.hookspecs import hookimpl

tane_api_version = 1

#: What is in ``tane.nn`` but is no module: tensors, and the base class itself.
OTHERS = {"Buffer", "Module", "Parameter", "UninitializedBuffer", "UninitializedParameter"}

#: Ops by name: the file of ``tane.nn.ops`` and the name there.
OPS = {
    "avg_spread": "pool:avg_spread",
    "batch_norm": "norm:batch_norm",
    "bilinear": "linear:bilinear",
    "binary_cross_entropy": "loss:binary_cross_entropy",
    "binary_cross_entropy_weighted": "loss:binary_cross_entropy_weighted",
    "binary_cross_entropy_with_logits": "loss:binary_cross_entropy_with_logits",
    "channel_affine": "norm:channel_affine",
    "channel_shuffle": "shuffle:channel_shuffle",
    "channels_centred": "norm:channels_centred",
    "col2im": "unfold:fold",
    "constant_pad": "pad:constant",
    "conv_input": "conv:transposed_plain",
    "conv_transpose": "conv:transposed",
    "conv_weight": "conv:conv_weight",
    "convolution": "conv:convolution",
    "convolution_plain": "conv:plain",
    "cross_entropy": "classes:cross_entropy",
    "cross_entropy_error": "classes:cross_entropy_error",
    "deviation": "norm:deviation",
    "embedding": "embedding:embedding",
    "embedding_rows": "embedding:rows",
    "embedding_taken": "embedding:taken",
    "gelu": "activation:gelu",
    "gelu_tanh": "activation:gelu_tanh",
    "glu": "activation:glu",
    "gru_sequence": "recurrent:gru",
    "gru_sequence_backward": "recurrent:gru_backward",
    "hardshrink": "activation:hardshrink",
    "hardsigmoid": "activation:hardsigmoid",
    "hardswish": "activation:hardswish",
    "hardtanh": "activation:hardtanh",
    "huber_loss": "loss:huber_loss",
    "im2col": "unfold:unfold",
    "layer_norm": "norm:layer_norm",
    "layer_norm_unbiased": "norm:layer_norm_unbiased",
    "leaky_relu": "activation:leaky_relu",
    "linear": "linear:linear",
    "linear_product": "linear:product",
    "log_sigmoid": "activation:log_sigmoid",
    "lstm_projected": "recurrent:lstm_projected",
    "lstm_projected_backward": "recurrent:lstm_projected_backward",
    "lstm_sequence": "recurrent:lstm",
    "lstm_sequence_backward": "recurrent:lstm_backward",
    "max_collect": "pool:max_collect",
    "max_spread": "pool:max_spread",
    "mish": "activation:mish",
    "mse_loss": "loss:mse_loss",
    "nll_loss": "classes:nll_loss",
    "nll_spread": "classes:nll_spread",
    "outer_sum": "linear:outer_sum",
    "pad_returned": "pad:returned",
    "pixel_shuffle": "shuffle:pixel_shuffle",
    "pixel_unshuffle": "shuffle:pixel_unshuffle",
    "prelu": "activation:prelu",
    "projected": "norm:projected",
    "rnn_sequence": "recurrent:rnn",
    "rnn_sequence_backward": "recurrent:rnn_backward",
    "rrelu_with_noise": "activation:rrelu",
    "scaled_by": "common:scaled_by",
    "silu": "activation:silu",
    "smooth_l1_loss": "loss:smooth_l1_loss",
    "soft_margin_loss": "loss:soft_margin_loss",
    "softplus": "activation:softplus",
    "softshrink": "activation:softshrink",
    "standardized": "norm:standardized",
    "threshold": "activation:threshold",
    "unpicked": "resample:unpicked",
}


@hookimpl
def tane_modules() -> Mapping[str, object]:
    return {name: f"tane.nn.{home}:{name}" for name, home in HOMES.items() if name not in OTHERS}


@hookimpl
def tane_ops() -> Mapping[str, object]:
    return {name: f"tane.nn.ops.{where}" for name, where in OPS.items()}
