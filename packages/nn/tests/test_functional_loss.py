"""Losses beside PyTorch's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tane
import tane.nn.functional as F
from tane.testing.parity import same, same_error

torch = pytest.importorskip("torch")

TF = torch.nn.functional
R = np.random.default_rng(2)
X, Y = R.normal(size=(3, 4)), R.normal(size=(3, 4))
P, Q = R.uniform(0.1, 0.9, (3, 4)), R.uniform(0.1, 0.9, (3, 4))
W = R.uniform(0.5, 2, (3, 4))
SIGNS = np.array([[1.0, -1, 1, -1], [-1, -1, 1, 1], [1, 1, 1, -1]])
REDUCTIONS = ["mean", "sum", "none"]


def both(name: str, *args: Any, fixed: tuple[int, ...] = (), order: int = 2, **kwargs: Any) -> None:
    same(lambda *a: getattr(F, name)(*a, **kwargs), lambda *a: getattr(TF, name)(*a, **kwargs), *args, fixed=fixed, order=order)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides")
@pytest.mark.parametrize(
    ("name", "args", "kwargs", "fixed"),
    [
        ("mse_loss", (X, Y), {}, ()),
        ("l1_loss", (X, Y), {}, ()),
        ("smooth_l1_loss", (X, Y), {}, ()),
        ("smooth_l1_loss", (X, Y), {"beta": 0.3}, ()),
        ("smooth_l1_loss", (X, Y), {"beta": 0.0}, ()),
        ("huber_loss", (X, Y), {}, ()),
        ("huber_loss", (X, Y), {"delta": 0.4}, ()),
        ("soft_margin_loss", (X, SIGNS), {}, (1,)),
        ("binary_cross_entropy", (P, Q), {}, (1,)),
        ("binary_cross_entropy", (P, Q, W), {}, (1, 2)),
        ("binary_cross_entropy_with_logits", (X, Q), {}, ()),
        ("binary_cross_entropy_with_logits", (X * 30, Q), {}, ()),
        ("binary_cross_entropy_with_logits", (X, Q, W), {}, (2,)),
        ("kl_div", (X, Q), {}, ()),
        ("kl_div", (X, Y), {"log_target": True}, ()),
        ("poisson_nll_loss", (X, Q * 4), {}, (1,)),
        ("poisson_nll_loss", (X, Q * 4), {"full": True}, (1,)),
        ("poisson_nll_loss", (P, Q), {"log_input": False}, (1,)),
        ("gaussian_nll_loss", (X, Y, W), {}, ()),
        ("gaussian_nll_loss", (X, Y, W[:, :1]), {"full": True}, ()),
        ("gaussian_nll_loss", (X, Y, W[:, 0]), {}, ()),
        ("hinge_embedding_loss", (X, SIGNS), {"margin": 0.7}, (1,)),
        ("margin_ranking_loss", (X, Y, SIGNS), {"margin": 0.2}, (2,)),
        ("cosine_embedding_loss", (X, Y, SIGNS[:, 0]), {"margin": 0.1}, (2,)),
        ("cosine_embedding_loss", (X[0], Y[0], SIGNS[0, 0]), {"margin": 0.1}, (2,)),
        ("triplet_margin_loss", (X, Y, P), {}, ()),
        ("triplet_margin_loss", (X, Y, P), {"p": 1.0, "swap": True, "margin": 2.0}, ()),
        ("triplet_margin_with_distance_loss", (X, Y, P), {"swap": True}, ()),
        ("multilabel_soft_margin_loss", (X, Q), {}, (1,)),
        ("multilabel_soft_margin_loss", (X, Q), {"weight": None}, (1,)),
    ],
)
def test_of_two_tensors(name: str, args: Any, kwargs: Any, fixed: Any, reduction: str) -> None:
    both(name, *args, reduction=reduction, fixed=fixed, **kwargs)


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_weights_of_positive_targets(reduction: str) -> None:
    same(
        lambda x, t, w: F.binary_cross_entropy_with_logits(x, t, pos_weight=w, reduction=reduction),
        lambda x, t, w: TF.binary_cross_entropy_with_logits(x, t, pos_weight=w, reduction=reduction),
        X,
        Q,
        W[0],
        fixed=(2,),
    )


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("name", ["mse_loss", "l1_loss", "huber_loss"])
def test_weights_of_elements(name: str, reduction: str) -> None:
    same(
        lambda x, t, w: getattr(F, name)(x, t, weight=w, reduction=reduction),
        lambda x, t, w: getattr(TF, name)(x, t, weight=w, reduction=reduction),
        X,
        Y,
        W,
        fixed=(2,),
    )


def test_batchmean() -> None:
    both("kl_div", X, Q, reduction="batchmean")


# ---- classes ------------------------------------------------------------------------------------------------------------------------
SHAPES = [((5, 4), (5,)), ((4,), ()), ((2, 4, 3), (2, 3)), ((2, 4, 3, 2), (2, 3, 2))]


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize(("shape", "targets"), SHAPES)
@pytest.mark.parametrize("name", ["cross_entropy", "nll_loss"])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("ignore", [-100, 1])
def test_classes(name: str, shape: Any, targets: Any, weighted: bool, ignore: int, reduction: str) -> None:
    x, t = R.normal(size=shape), np.array(R.integers(0, 4, targets))
    weight = [W[0]] if weighted else []
    if not targets and ignore == 1:
        t = np.array(2)
    both(name, x, t, *weight, ignore_index=ignore, reduction=reduction, fixed=(2,))


def test_an_ignored_element_may_have_any_target() -> None:
    both("cross_entropy", R.normal(size=(3, 4)), np.array([1, -100, 2]))
    both("nll_loss", R.normal(size=(3, 4)), np.array([1, 77, 2]), ignore_index=77)


def test_an_ignored_element_may_have_an_infinite_score() -> None:
    x = np.array([[0.0, 1, 2], [-np.inf, 0, 1]])
    both("nll_loss", x, np.array([1, 0]), ignore_index=0, order=1)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("shape", "targets"), SHAPES)
def test_label_smoothing(shape: Any, targets: Any, weighted: bool, reduction: str) -> None:
    weight = [W[0]] if weighted else []
    t = np.array(R.integers(0, 4, targets))
    both("cross_entropy", R.normal(size=shape), t, *weight, label_smoothing=0.2, reduction=reduction, fixed=(2,))
    if targets:
        both("cross_entropy", R.normal(size=shape), t, *weight, label_smoothing=0.2, reduction=reduction, ignore_index=2, fixed=(2,))


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("shape", [(4,), (5, 4), (2, 4, 3)])
def test_probabilities(shape: Any, smoothing: float, reduction: str) -> None:
    both("cross_entropy", R.normal(size=shape), R.uniform(size=shape), label_smoothing=smoothing, reduction=reduction)
    both("cross_entropy", R.normal(size=shape), R.uniform(size=shape), W[0], reduction=reduction, fixed=(2,))


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_margins_of_classes(reduction: str) -> None:
    t = np.array([1, 3, 0])
    # PyTorch has no second derivatives of these; ours are 0.
    both("multi_margin_loss", X, t, reduction=reduction, order=1)
    both("multi_margin_loss", X[0], t[0], reduction=reduction, order=1)
    same(
        lambda x, t, w: F.multi_margin_loss(x, t, p=2, margin=0.5, weight=w, reduction=reduction),
        lambda x, t, w: TF.multi_margin_loss(x, t, p=2, margin=0.5, weight=w, reduction=reduction),
        X,
        t,
        W[0],
        fixed=(2,),
        order=1,
    )
    labels = np.array([[3, 0, -1, 1], [2, -1, -1, -1], [0, 1, 2, 3]])
    both("multilabel_margin_loss", X, labels, reduction=reduction, order=1)
    both("multilabel_margin_loss", X[0], labels[0], reduction=reduction, order=1)


def test_cross_entropy_is_one_node() -> None:
    x = tane.zeros(2, 3, requires_grad=True)
    loss = F.cross_entropy(x, tane.tensor([0, 1]))
    assert loss.grad_fn.name() == "NllLossBackward0"
    assert loss.grad_fn.next_functions[0][0].variable is x


def test_one_hot() -> None:
    t = np.array([[0, 2], [1, 0]])
    for n in (-1, 5):
        ours, theirs = F.one_hot(tane.tensor(t), n), TF.one_hot(torch.tensor(t), n)
        np.testing.assert_array_equal(ours.numpy(), theirs.numpy())
        assert ours.dtype is tane.int64


# ---- what is refused or warned of -----------------------------------------------------------------------------------------------------
def raised(expression: str, text: str | None = None) -> None:
    scope = {"long": [0, 1, 2]}
    same_error(lambda: eval(expression, {"t": tane, "F": F, **scope}), lambda: eval(expression, {"t": torch, "F": TF, **scope}), text)


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("F.cross_entropy(t.ones(3, 4), t.tensor([1, 2]))", "Expected input batch_size (3) to match target batch_size (2)."),
        ("F.cross_entropy(t.ones(3, 4), t.tensor([1, 2, 7]))", "Target 7 is out of bounds."),
        ("F.cross_entropy(t.ones(3, 4), t.tensor([1, 2, -1]))", "Target -1 is out of bounds."),
        ("F.cross_entropy(t.ones(3, 4), t.tensor([1.0, 2.0, 1.0]))", "but got Float"),
        ("F.cross_entropy(t.ones(3, 4), t.tensor([1, 2, 1]).int())", "but got Int"),
        ("F.cross_entropy(t.ones(3, 4), t.tensor([[1], [2], [1]]))", "multi-target not supported"),
        ("F.cross_entropy(t.ones(3, 4, 2), t.tensor([[1], [2], [1]]))", "Expected target size [3, 2], got [3, 1]"),
        (
            "F.cross_entropy(t.ones(3, 4), t.tensor([1, 2, 1]), weight=t.ones(3))",
            "weight tensor should be defined either for all 4 classes",
        ),
        ("F.cross_entropy(t.ones(3, 4), t.tensor([1, 2, 1]), label_smoothing=2.0)", "label_smoothing must be between 0.0 and 1.0"),
        ("F.cross_entropy(t.ones(3, 4), t.tensor([1, 2, 1]), t.ones(4, dtype=t.float64))", "expected scalar type Float but found Double"),
        ("F.cross_entropy(t.ones(3, 4), t.ones(3, 4), ignore_index=1)", "ignore_index is not supported for floating point target"),
        ("F.nll_loss(t.tensor(1.0), t.tensor(1))", None),
        ("F.mse_loss(t.ones(3), t.ones(3), reduction='foo')", "foo is not a valid value for reduction"),
        ("F.binary_cross_entropy(t.ones(3) * 5, t.ones(3))", "all elements of input should be between 0 and 1"),
        ("F.binary_cross_entropy(t.ones(3), t.ones(2))", "that is different to the input size"),
        ("F.binary_cross_entropy(t.ones(3), t.ones(3, dtype=t.float64))", "Found dtype Double but expected Float"),
        ("F.binary_cross_entropy_with_logits(t.ones(3), t.ones(2))", "must be the same as input size"),
        ("F.huber_loss(t.ones(3), t.ones(3), delta=0)", "non-positive values for delta"),
        ("F.smooth_l1_loss(t.ones(3), t.ones(3), beta=-1)", "negative values for beta"),
        ("F.gaussian_nll_loss(t.ones(3), t.ones(3), -t.ones(3))", "var has negative entry/entries"),
        ("F.multi_margin_loss(t.ones(3, 4), t.tensor([1, 2, 7]))", "target out of range"),
        ("F.multilabel_margin_loss(t.ones(3, 4), t.tensor([1, 2]))", "inconsistent target size"),
        ("F.triplet_margin_loss(t.ones(3, 4), t.ones(3, 4), t.ones(3, 4), margin=-1)", "margin must be greater than 0"),
        ("F.one_hot(t.tensor([1.0]))", "only applicable to index tensor"),
        ("F.one_hot(t.tensor([-1]))", "Class values must be non-negative"),
        ("F.one_hot(t.tensor([3]), 2)", "Class values must be smaller than num_classes"),
    ],
)
def test_errors(expression: str, text: str | None) -> None:
    raised(expression, text)


def test_targets_of_another_size_warn() -> None:
    for function, framework in ((F.mse_loss, tane), (TF.mse_loss, torch)):
        with pytest.warns(UserWarning, match="Using a target size"):
            assert function(framework.zeros(3, 1), framework.ones(3)).item() == 1


def test_legacy_arguments() -> None:
    x, y = tane.tensor(X), tane.tensor(Y)
    with pytest.warns(UserWarning, match="please use reduction='sum' instead"):
        assert F.mse_loss(x, y, size_average=False).item() == pytest.approx(((X - Y) ** 2).sum())
    with pytest.warns(UserWarning, match="please use reduction='none' instead"):
        assert F.l1_loss(x, y, reduce=False).shape == (3, 4)


def test_the_mean_of_nothing_is_nan() -> None:
    assert F.cross_entropy(tane.zeros(0, 4), tane.zeros(0).long()).isnan().item()
    assert F.cross_entropy(tane.zeros(2, 4), tane.tensor([-100, -100])).isnan().item()


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan")])
def test_what_does_not_count_may_be_infinite(value: float) -> None:
    """A product with 0 would be NaN."""
    one, other = tane.tensor([1, 1]), tane.tensor([-1, -1])
    x = tane.tensor([2.0, value])
    assert F.hinge_embedding_loss(x, one, margin=value, reduction="none").tolist()[0] == 2.0
    rows = tane.tensor([[1.0, 0.0], [1.0, 0.0]])
    assert F.cosine_embedding_loss(rows, rows, one, margin=value, reduction="none").tolist() == pytest.approx([0.0, 0.0])
    assert F.cosine_embedding_loss(rows, rows, other, reduction="none").tolist() == pytest.approx([1.0, 1.0])
    scores = tane.tensor([[value, 1.0, 1.0]])
    if value > 0:  # infinitely far ahead of the others
        assert F.multi_margin_loss(scores, tane.tensor([0])).item() == 0.0


@pytest.mark.parametrize("name", ["mse_loss", "smooth_l1_loss", "huber_loss", "binary_cross_entropy", "binary_cross_entropy_with_logits"])
def test_whole_numbers_are_refused(name):
    same_error(
        lambda: getattr(F, name)(tane.arange(2), tane.arange(2)),
        lambda: getattr(TF, name)(torch.arange(2), torch.arange(2)),
        "not implemented",
    )
