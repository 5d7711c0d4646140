"""Pruning: which elements go, what is registered, pruning again, and making it permanent."""

import pytest

import tane
from tane import nn
from tane.nn.utils import prune


def layer():
    made = nn.Linear(4, 2)
    with tane.no_grad():
        made.weight.copy_(tane.tensor([[1.0, -2.0, 3.0, -4.0], [0.5, -0.25, 8.0, 0.125]]))
    return made


def test_the_least_elements_go():
    made = layer()
    assert prune.l1_unstructured(made, "weight", amount=3) is made
    assert made.weight_mask.tolist() == [[1, 1, 1, 1], [0, 0, 1, 0]]
    assert tane.equal(made.weight, made.weight_orig * made.weight_mask)
    assert list(made.state_dict()) == ["bias", "weight_orig", "weight_mask"]
    made(tane.ones(1, 4)).sum().backward()
    assert made.weight_orig.grad.tolist() == [[1, 1, 1, 1], [0, 0, 1, 0]]
    prune.l1_unstructured(made, "weight", amount=0.4)  # of the five that are left
    assert made.weight_mask.tolist() == [[0, 0, 1, 1], [0, 0, 1, 0]]
    assert len(next(iter(made._forward_pre_hooks.values()))) == 2
    assert prune.is_pruned(made)
    prune.remove(made, "weight")
    assert made.weight.tolist() == [[0, 0, 3, -4], [0, 0, 8, 0]]
    assert sorted(made.state_dict()) == ["bias", "weight"]
    assert not prune.is_pruned(made)


def test_scores_say_what_goes_first():
    made = layer()
    prune.l1_unstructured(made, "weight", 4, importance_scores=tane.arange(8.0).reshape(2, 4))
    assert made.weight_mask.tolist() == [[0, 0, 0, 0], [1, 1, 1, 1]]
    with pytest.raises(AssertionError, match="same shape as parameter weight of Linear"):
        prune.l1_unstructured(layer(), "weight", 1, importance_scores=tane.ones(3))


def test_whole_channels_go():
    made = layer()
    prune.ln_structured(made, "weight", amount=1, n=2, dim=1)
    assert made.weight_mask[:, 0].tolist() == [0, 0]
    prune.ln_structured(made, "weight", amount=0.5, n=1, dim=0)
    assert made.weight_mask.tolist() == [[0, 0, 0, 0], [0, 1, 1, 1]] or made.weight_mask.tolist() == [[0, 1, 1, 1], [0, 0, 0, 0]]


@pytest.mark.parametrize(
    ("function", "left"),
    [
        (lambda m: prune.random_unstructured(m, "weight", 3), 5),
        (lambda m: prune.random_structured(m, "weight", 0.5, dim=1), 4),
        (lambda m: prune.identity(m, "weight"), 8),
        (lambda m: prune.custom_from_mask(m, "weight", tane.tensor([[1, 0, 0, 0], [0, 0, 0, 1]])), 2),
        (lambda m: prune.random_structured(m, "weight", 0, dim=0), 8),
    ],
)
def test_how_many_are_left(function, left):
    tane.manual_seed(0)
    assert function(layer()).weight_mask.sum().item() == left


def test_all_layers_as_one():
    first, second = layer(), layer()
    with tane.no_grad():
        second.weight.mul_(100)
    prune.global_unstructured([(first, "weight"), (second, "weight")], pruning_method=prune.L1Unstructured, amount=0.5)
    assert first.weight_mask.sum().item() == 0
    assert second.weight_mask.sum().item() == 8
    with pytest.raises(TypeError, match='Only "unstructured"'):
        prune.global_unstructured([(first, "weight")], pruning_method=prune.LnStructured, amount=0.5, n=2)


def test_a_method_of_ones_own():
    class Every(prune.BasePruningMethod):
        def compute_mask(self, t, default_mask):
            mask = default_mask.clone()
            mask.view(-1)[::2] = 0
            return mask

    made = layer()
    Every.apply(made, "bias")
    assert made.bias_mask.tolist() == [0, 1]
    assert Every().prune(tane.ones(4)).tolist() == [0, 1, 0, 1]


@pytest.mark.parametrize(
    ("function", "error", "says"),
    [
        (lambda m: prune.l1_unstructured(m, "weight", "half"), TypeError, "Must be int or float"),
        (lambda m: prune.l1_unstructured(m, "weight", 1.5), ValueError, "non-negative integer"),
        (lambda m: prune.l1_unstructured(m, "weight", 9), ValueError, "smaller than the number of parameters to prune=8"),
        (lambda m: prune.ln_structured(m, "bias", 1, 2, 0), ValueError, "multidimensional"),
        (lambda m: prune.ln_structured(m, "weight", 1, 2, 5), IndexError, "Invalid index 5"),
        (lambda m: prune.remove(m, "weight"), ValueError, "has to be pruned before"),
    ],
)
def test_errors_leave_the_module_as_it_was(function, error, says):
    made = layer()
    with pytest.raises(error, match=says):
        function(made)
    assert sorted(made.state_dict()) == ["bias", "weight"]
    assert made(tane.ones(1, 4)).shape == (1, 2)
