"""Layers are found under the names of PyTorch's files, too, and are the very same classes."""

import importlib

import pytest

from tane import nn
from tane.nn.modules import FILES
from tane.nn.modules.utils import _pair, _reverse_repeat_tuple, _single, _triple, consume_prefix_in_state_dict_if_present


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("activation", "ReLU"),
        ("activation", "MultiheadAttention"),
        ("batchnorm", "BatchNorm2d"),
        ("container", "ParameterList"),
        ("container", "Sequential"),
        ("conv", "LazyConv2d"),
        ("instancenorm", "InstanceNorm2d"),
        ("linear", "Linear"),
        ("loss", "CrossEntropyLoss"),
        ("module", "Module"),
        ("sparse", "Embedding"),
        ("upsampling", "Upsample"),
    ],
)
def test_the_same_class(file, name):
    assert getattr(importlib.import_module(f"tane.nn.modules.{file}"), name) is getattr(nn, name)
    assert getattr(nn.modules, name) is getattr(nn, name)


def test_base_classes():
    from tane.nn.modules.batchnorm import _BatchNorm, _NormBase
    from tane.nn.modules.conv import _ConvNd
    from tane.nn.modules.dropout import _DropoutNd
    from tane.nn.modules.loss import _Loss, _WeightedLoss

    assert issubclass(nn.BatchNorm2d, _BatchNorm)
    assert issubclass(_BatchNorm, _NormBase)
    assert issubclass(nn.Conv2d, _ConvNd)
    assert issubclass(nn.Dropout, _DropoutNd)
    assert issubclass(nn.CrossEntropyLoss, _WeightedLoss)
    assert issubclass(nn.MSELoss, _Loss)


@pytest.mark.parametrize("file", FILES)
def test_what_is_not_there_is_said(file):
    module = getattr(nn.modules, file)
    with pytest.raises(AttributeError, match=f"module 'tane.nn.modules.{file}' has no attribute 'Nothing'"):
        module.Nothing


def test_numbers_for_each_dimension():
    assert (_single(3), _pair(3), _triple((1, 2, 3)), _pair([4, 5])) == ((3,), (3, 3), (1, 2, 3), (4, 5))
    assert _reverse_repeat_tuple((1, 2), 2) == (2, 2, 1, 1)
    from tane.nn.common_types import _size_2_t

    assert _size_2_t == int | tuple[int, int]


def test_a_prefix_is_taken_off():
    model = nn.DataParallel(nn.Linear(2, 1))
    state = model.state_dict()
    consume_prefix_in_state_dict_if_present(state, "module.")
    assert sorted(state) == ["bias", "weight"]
    assert set(state._metadata) == {""}
    assert nn.Linear(2, 1).load_state_dict(state) == ([], [])
