"""Layers, losses and everything around them, in PyTorch's spelling.

Nothing is imported before it is asked for: ``tane.nn.Linear`` brings the linear layers alone. A layer that an installed plug-in offers is
found here too: ``tane.nn.<Name>``.
"""

from __future__ import annotations

from importlib import import_module as _import_module
from typing import TYPE_CHECKING
from typing import Any as _Any

if TYPE_CHECKING:
    from tane.nn import functional as functional
    from tane.nn import init as init
    from tane.nn import utils as utils
    from tane.nn.containers import ModuleDict as ModuleDict
    from tane.nn.containers import ModuleList as ModuleList
    from tane.nn.containers import Sequential as Sequential
    from tane.nn.layers.activation import (
        CELU as CELU,
    )
    from tane.nn.layers.activation import (
        ELU as ELU,
    )
    from tane.nn.layers.activation import (
        GELU as GELU,
    )
    from tane.nn.layers.activation import (
        GLU as GLU,
    )
    from tane.nn.layers.activation import (
        SELU as SELU,
    )
    from tane.nn.layers.activation import (
        Hardshrink as Hardshrink,
    )
    from tane.nn.layers.activation import (
        Hardsigmoid as Hardsigmoid,
    )
    from tane.nn.layers.activation import (
        Hardswish as Hardswish,
    )
    from tane.nn.layers.activation import (
        Hardtanh as Hardtanh,
    )
    from tane.nn.layers.activation import (
        LeakyReLU as LeakyReLU,
    )
    from tane.nn.layers.activation import (
        LogSigmoid as LogSigmoid,
    )
    from tane.nn.layers.activation import (
        LogSoftmax as LogSoftmax,
    )
    from tane.nn.layers.activation import (
        Mish as Mish,
    )
    from tane.nn.layers.activation import (
        PReLU as PReLU,
    )
    from tane.nn.layers.activation import (
        ReLU as ReLU,
    )
    from tane.nn.layers.activation import (
        ReLU6 as ReLU6,
    )
    from tane.nn.layers.activation import (
        RReLU as RReLU,
    )
    from tane.nn.layers.activation import (
        Sigmoid as Sigmoid,
    )
    from tane.nn.layers.activation import (
        SiLU as SiLU,
    )
    from tane.nn.layers.activation import (
        Softmax as Softmax,
    )
    from tane.nn.layers.activation import (
        Softmax2d as Softmax2d,
    )
    from tane.nn.layers.activation import (
        Softmin as Softmin,
    )
    from tane.nn.layers.activation import (
        Softplus as Softplus,
    )
    from tane.nn.layers.activation import (
        Softshrink as Softshrink,
    )
    from tane.nn.layers.activation import (
        Softsign as Softsign,
    )
    from tane.nn.layers.activation import (
        Tanh as Tanh,
    )
    from tane.nn.layers.activation import (
        Tanhshrink as Tanhshrink,
    )
    from tane.nn.layers.activation import (
        Threshold as Threshold,
    )
    from tane.nn.layers.batchnorm import (
        BatchNorm1d as BatchNorm1d,
    )
    from tane.nn.layers.batchnorm import (
        BatchNorm2d as BatchNorm2d,
    )
    from tane.nn.layers.batchnorm import (
        BatchNorm3d as BatchNorm3d,
    )
    from tane.nn.layers.batchnorm import (
        InstanceNorm1d as InstanceNorm1d,
    )
    from tane.nn.layers.batchnorm import (
        InstanceNorm2d as InstanceNorm2d,
    )
    from tane.nn.layers.batchnorm import (
        InstanceNorm3d as InstanceNorm3d,
    )
    from tane.nn.layers.batchnorm import (
        SyncBatchNorm as SyncBatchNorm,
    )
    from tane.nn.layers.conv import (
        Conv1d as Conv1d,
    )
    from tane.nn.layers.conv import (
        Conv2d as Conv2d,
    )
    from tane.nn.layers.conv import (
        Conv3d as Conv3d,
    )
    from tane.nn.layers.conv import (
        ConvTranspose1d as ConvTranspose1d,
    )
    from tane.nn.layers.conv import (
        ConvTranspose2d as ConvTranspose2d,
    )
    from tane.nn.layers.conv import (
        ConvTranspose3d as ConvTranspose3d,
    )
    from tane.nn.layers.distance import CosineSimilarity as CosineSimilarity
    from tane.nn.layers.distance import PairwiseDistance as PairwiseDistance
    from tane.nn.layers.dropout import (
        AlphaDropout as AlphaDropout,
    )
    from tane.nn.layers.dropout import (
        Dropout as Dropout,
    )
    from tane.nn.layers.dropout import (
        Dropout1d as Dropout1d,
    )
    from tane.nn.layers.dropout import (
        Dropout2d as Dropout2d,
    )
    from tane.nn.layers.dropout import (
        Dropout3d as Dropout3d,
    )
    from tane.nn.layers.dropout import (
        FeatureAlphaDropout as FeatureAlphaDropout,
    )
    from tane.nn.layers.embedding import Embedding as Embedding
    from tane.nn.layers.embedding import EmbeddingBag as EmbeddingBag
    from tane.nn.layers.flatten import Flatten as Flatten
    from tane.nn.layers.flatten import Unflatten as Unflatten
    from tane.nn.layers.linear import Bilinear as Bilinear
    from tane.nn.layers.linear import Identity as Identity
    from tane.nn.layers.linear import LazyLinear as LazyLinear
    from tane.nn.layers.linear import Linear as Linear
    from tane.nn.layers.loss import (
        BCELoss as BCELoss,
    )
    from tane.nn.layers.loss import (
        BCEWithLogitsLoss as BCEWithLogitsLoss,
    )
    from tane.nn.layers.loss import (
        CosineEmbeddingLoss as CosineEmbeddingLoss,
    )
    from tane.nn.layers.loss import (
        CrossEntropyLoss as CrossEntropyLoss,
    )
    from tane.nn.layers.loss import (
        CTCLoss as CTCLoss,
    )
    from tane.nn.layers.loss import (
        GaussianNLLLoss as GaussianNLLLoss,
    )
    from tane.nn.layers.loss import (
        HingeEmbeddingLoss as HingeEmbeddingLoss,
    )
    from tane.nn.layers.loss import (
        HuberLoss as HuberLoss,
    )
    from tane.nn.layers.loss import (
        KLDivLoss as KLDivLoss,
    )
    from tane.nn.layers.loss import (
        L1Loss as L1Loss,
    )
    from tane.nn.layers.loss import (
        MarginRankingLoss as MarginRankingLoss,
    )
    from tane.nn.layers.loss import (
        MSELoss as MSELoss,
    )
    from tane.nn.layers.loss import (
        MultiLabelMarginLoss as MultiLabelMarginLoss,
    )
    from tane.nn.layers.loss import (
        MultiLabelSoftMarginLoss as MultiLabelSoftMarginLoss,
    )
    from tane.nn.layers.loss import (
        MultiMarginLoss as MultiMarginLoss,
    )
    from tane.nn.layers.loss import (
        NLLLoss as NLLLoss,
    )
    from tane.nn.layers.loss import (
        NLLLoss2d as NLLLoss2d,
    )
    from tane.nn.layers.loss import (
        PoissonNLLLoss as PoissonNLLLoss,
    )
    from tane.nn.layers.loss import (
        SmoothL1Loss as SmoothL1Loss,
    )
    from tane.nn.layers.loss import (
        SoftMarginLoss as SoftMarginLoss,
    )
    from tane.nn.layers.loss import (
        TripletMarginLoss as TripletMarginLoss,
    )
    from tane.nn.layers.loss import (
        TripletMarginWithDistanceLoss as TripletMarginWithDistanceLoss,
    )
    from tane.nn.layers.normalization import (
        CrossMapLRN2d as CrossMapLRN2d,
    )
    from tane.nn.layers.normalization import (
        GroupNorm as GroupNorm,
    )
    from tane.nn.layers.normalization import (
        LayerNorm as LayerNorm,
    )
    from tane.nn.layers.normalization import (
        LocalResponseNorm as LocalResponseNorm,
    )
    from tane.nn.layers.normalization import (
        RMSNorm as RMSNorm,
    )
    from tane.nn.layers.padding import (
        CircularPad1d as CircularPad1d,
    )
    from tane.nn.layers.padding import (
        CircularPad2d as CircularPad2d,
    )
    from tane.nn.layers.padding import (
        CircularPad3d as CircularPad3d,
    )
    from tane.nn.layers.padding import (
        ConstantPad1d as ConstantPad1d,
    )
    from tane.nn.layers.padding import (
        ConstantPad2d as ConstantPad2d,
    )
    from tane.nn.layers.padding import (
        ConstantPad3d as ConstantPad3d,
    )
    from tane.nn.layers.padding import (
        ReflectionPad1d as ReflectionPad1d,
    )
    from tane.nn.layers.padding import (
        ReflectionPad2d as ReflectionPad2d,
    )
    from tane.nn.layers.padding import (
        ReflectionPad3d as ReflectionPad3d,
    )
    from tane.nn.layers.padding import (
        ReplicationPad1d as ReplicationPad1d,
    )
    from tane.nn.layers.padding import (
        ReplicationPad2d as ReplicationPad2d,
    )
    from tane.nn.layers.padding import (
        ReplicationPad3d as ReplicationPad3d,
    )
    from tane.nn.layers.padding import (
        ZeroPad1d as ZeroPad1d,
    )
    from tane.nn.layers.padding import (
        ZeroPad2d as ZeroPad2d,
    )
    from tane.nn.layers.padding import (
        ZeroPad3d as ZeroPad3d,
    )
    from tane.nn.layers.pooling import (
        AdaptiveAvgPool1d as AdaptiveAvgPool1d,
    )
    from tane.nn.layers.pooling import (
        AdaptiveAvgPool2d as AdaptiveAvgPool2d,
    )
    from tane.nn.layers.pooling import (
        AdaptiveAvgPool3d as AdaptiveAvgPool3d,
    )
    from tane.nn.layers.pooling import (
        AdaptiveMaxPool1d as AdaptiveMaxPool1d,
    )
    from tane.nn.layers.pooling import (
        AdaptiveMaxPool2d as AdaptiveMaxPool2d,
    )
    from tane.nn.layers.pooling import (
        AdaptiveMaxPool3d as AdaptiveMaxPool3d,
    )
    from tane.nn.layers.pooling import (
        AvgPool1d as AvgPool1d,
    )
    from tane.nn.layers.pooling import (
        AvgPool2d as AvgPool2d,
    )
    from tane.nn.layers.pooling import (
        AvgPool3d as AvgPool3d,
    )
    from tane.nn.layers.pooling import (
        LPPool1d as LPPool1d,
    )
    from tane.nn.layers.pooling import (
        LPPool2d as LPPool2d,
    )
    from tane.nn.layers.pooling import (
        LPPool3d as LPPool3d,
    )
    from tane.nn.layers.pooling import (
        MaxPool1d as MaxPool1d,
    )
    from tane.nn.layers.pooling import (
        MaxPool2d as MaxPool2d,
    )
    from tane.nn.layers.pooling import (
        MaxPool3d as MaxPool3d,
    )
    from tane.nn.layers.pooling import (
        MaxUnpool1d as MaxUnpool1d,
    )
    from tane.nn.layers.pooling import (
        MaxUnpool2d as MaxUnpool2d,
    )
    from tane.nn.layers.pooling import (
        MaxUnpool3d as MaxUnpool3d,
    )
    from tane.nn.layers.rnn import (
        GRU as GRU,
    )
    from tane.nn.layers.rnn import (
        LSTM as LSTM,
    )
    from tane.nn.layers.rnn import (
        RNN as RNN,
    )
    from tane.nn.layers.rnn import (
        GRUCell as GRUCell,
    )
    from tane.nn.layers.rnn import (
        LSTMCell as LSTMCell,
    )
    from tane.nn.layers.rnn import (
        RNNBase as RNNBase,
    )
    from tane.nn.layers.rnn import (
        RNNCell as RNNCell,
    )
    from tane.nn.layers.rnn import (
        RNNCellBase as RNNCellBase,
    )
    from tane.nn.layers.vision import (
        ChannelShuffle as ChannelShuffle,
    )
    from tane.nn.layers.vision import (
        Fold as Fold,
    )
    from tane.nn.layers.vision import (
        PixelShuffle as PixelShuffle,
    )
    from tane.nn.layers.vision import (
        PixelUnshuffle as PixelUnshuffle,
    )
    from tane.nn.layers.vision import (
        Unfold as Unfold,
    )
    from tane.nn.layers.vision import (
        Upsample as Upsample,
    )
    from tane.nn.layers.vision import (
        UpsamplingBilinear2d as UpsamplingBilinear2d,
    )
    from tane.nn.layers.vision import (
        UpsamplingNearest2d as UpsamplingNearest2d,
    )
    from tane.nn.module.module import Module as Module
    from tane.nn.parameter import (
        Buffer as Buffer,
    )
    from tane.nn.parameter import (
        Parameter as Parameter,
    )
    from tane.nn.parameter import (
        UninitializedBuffer as UninitializedBuffer,
    )
    from tane.nn.parameter import (
        UninitializedParameter as UninitializedParameter,
    )
    from tane.nn.parameter_containers import ParameterDict as ParameterDict
    from tane.nn.parameter_containers import ParameterList as ParameterList

__all__ = [
    "CELU",
    "ELU",
    "GELU",
    "GLU",
    "GRU",
    "LSTM",
    "RNN",
    "SELU",
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AdaptiveAvgPool3d",
    "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d",
    "AdaptiveMaxPool3d",
    "AlphaDropout",
    "AvgPool1d",
    "AvgPool2d",
    "AvgPool3d",
    "BCELoss",
    "BCEWithLogitsLoss",
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNorm3d",
    "Bilinear",
    "Buffer",
    "CTCLoss",
    "ChannelShuffle",
    "CircularPad1d",
    "CircularPad2d",
    "CircularPad3d",
    "ConstantPad1d",
    "ConstantPad2d",
    "ConstantPad3d",
    "Conv1d",
    "Conv2d",
    "Conv3d",
    "ConvTranspose1d",
    "ConvTranspose2d",
    "ConvTranspose3d",
    "CosineEmbeddingLoss",
    "CosineSimilarity",
    "CrossEntropyLoss",
    "CrossMapLRN2d",
    "Dropout",
    "Dropout1d",
    "Dropout2d",
    "Dropout3d",
    "Embedding",
    "EmbeddingBag",
    "FeatureAlphaDropout",
    "Flatten",
    "Fold",
    "GRUCell",
    "GaussianNLLLoss",
    "GroupNorm",
    "Hardshrink",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "HingeEmbeddingLoss",
    "HuberLoss",
    "Identity",
    "InstanceNorm1d",
    "InstanceNorm2d",
    "InstanceNorm3d",
    "KLDivLoss",
    "L1Loss",
    "LPPool1d",
    "LPPool2d",
    "LPPool3d",
    "LSTMCell",
    "LayerNorm",
    "LazyLinear",
    "LeakyReLU",
    "Linear",
    "LocalResponseNorm",
    "LogSigmoid",
    "LogSoftmax",
    "MSELoss",
    "MarginRankingLoss",
    "MaxPool1d",
    "MaxPool2d",
    "MaxPool3d",
    "MaxUnpool1d",
    "MaxUnpool2d",
    "MaxUnpool3d",
    "Mish",
    "Module",
    "ModuleDict",
    "ModuleList",
    "MultiLabelMarginLoss",
    "MultiLabelSoftMarginLoss",
    "MultiMarginLoss",
    "NLLLoss",
    "NLLLoss2d",
    "PReLU",
    "PairwiseDistance",
    "Parameter",
    "ParameterDict",
    "ParameterList",
    "PixelShuffle",
    "PixelUnshuffle",
    "PoissonNLLLoss",
    "RMSNorm",
    "RNNBase",
    "RNNCell",
    "RNNCellBase",
    "RReLU",
    "ReLU",
    "ReLU6",
    "ReflectionPad1d",
    "ReflectionPad2d",
    "ReflectionPad3d",
    "ReplicationPad1d",
    "ReplicationPad2d",
    "ReplicationPad3d",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "SmoothL1Loss",
    "SoftMarginLoss",
    "Softmax",
    "Softmax2d",
    "Softmin",
    "Softplus",
    "Softshrink",
    "Softsign",
    "SyncBatchNorm",
    "Tanh",
    "Tanhshrink",
    "Threshold",
    "TripletMarginLoss",
    "TripletMarginWithDistanceLoss",
    "Unflatten",
    "Unfold",
    "UninitializedBuffer",
    "UninitializedParameter",
    "Upsample",
    "UpsamplingBilinear2d",
    "UpsamplingNearest2d",
    "ZeroPad1d",
    "ZeroPad2d",
    "ZeroPad3d",
    "functional",
    "init",
    "utils",
]

_SUBMODULES = {"attention", "functional", "init", "modules", "parallel", "parameter", "utils"}


def __getattr__(name: str) -> _Any:
    if name.startswith("__"):  # asked for by the import system, not by somebody who wants a layer
        raise AttributeError(f"module 'tane.nn' has no attribute {name!r}")
    if name in _SUBMODULES:
        return _import_module(f"tane.nn.{name}")
    from tane.nn.homes import HOMES

    home = HOMES.get(name)
    if home is not None:
        value = getattr(_import_module(f"tane.nn.{home}"), name)
        globals()[name] = value
        return value
    from tane.plugins import UnknownPluginNameError, lookup

    try:
        return lookup("modules", name)
    except UnknownPluginNameError as error:
        raise AttributeError(f"module 'tane.nn' has no attribute {name!r}: {error}") from None


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_SUBMODULES})
