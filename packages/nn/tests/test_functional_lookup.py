"""Embeddings, padding, resizing, rearranging and sampling beside PyTorch's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tane
import tane.nn.functional as F
from tane.testing.parity import same, same_error

torch = pytest.importorskip("torch")

TF = torch.nn.functional
R = np.random.default_rng(6)


def both(name: str, *args: Any, order: int = 2, fixed: Any = (), **kwargs: Any) -> None:
    same(lambda *a: getattr(F, name)(*a, **kwargs), lambda *a: getattr(TF, name)(*a, **kwargs), *args, order=order, fixed=fixed)


# ---- embeddings ---------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("shape", [(5,), (2, 3), (), (0,)])
@pytest.mark.parametrize("kwargs", [{}, {"padding_idx": 2}, {"padding_idx": -1}, {"scale_grad_by_freq": True}])
def test_embedding(shape: Any, kwargs: Any) -> None:
    # Frequencies make PyTorch's gradient differentiable no further.
    both("embedding", np.array(R.integers(0, 4, shape)), R.normal(size=(4, 3)), order=1 if "scale_grad_by_freq" in kwargs else 2, **kwargs)


@pytest.mark.parametrize("norm_type", [2.0, 1.0, float("inf")])
def test_rows_are_shortened(norm_type: float) -> None:
    table, index = R.normal(size=(5, 3)) * 3, np.array([[0, 3], [3, 1]])
    ours, theirs = tane.tensor(table), torch.tensor(table)
    a = F.embedding(tane.tensor(index), ours, max_norm=1.0, norm_type=norm_type)
    b = TF.embedding(torch.tensor(index), theirs, max_norm=1.0, norm_type=norm_type)
    np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-6)
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-6)


@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
@pytest.mark.parametrize("padding", [None, 1])
def test_embedding_bag(mode: str, padding: int | None) -> None:
    w = R.normal(size=(5, 3))
    both("embedding_bag", np.array([[0, 1, 4], [2, 2, 1]]), w, mode=mode, padding_idx=padding, order=1)
    both("embedding_bag", np.array([0, 1, 4, 2, 2]), w, np.array([0, 2, 2]), mode=mode, padding_idx=padding, order=1)
    both("embedding_bag", np.array([0, 1, 4, 2]), w, np.array([0, 2, 4]), mode=mode, include_last_offset=True, order=1)


def test_bags_with_weights() -> None:
    same(
        lambda i, w, p: F.embedding_bag(i, w, per_sample_weights=p, mode="sum"),
        lambda i, w, p: TF.embedding_bag(i, w, per_sample_weights=p, mode="sum"),
        np.array([[0, 1, 4], [2, 2, 1]]),
        R.normal(size=(5, 3)),
        R.normal(size=(2, 3)),
        order=1,
    )


# ---- padding ------------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("shape", "pad"),
    [
        ((5,), (1, 2)),
        ((3, 4), (1, 2, 3, 0)),
        ((3, 4), (-1, 2)),
        ((3, 4), (0, -2, -1, 1)),
        ((2, 2, 3), (0, 0, 0, 0, 1, 1)),
        ((3, 4), (0, 0)),
    ],
)
def test_constant_padding(shape: Any, pad: Any) -> None:
    both("pad", R.normal(size=shape), pad=pad)
    both("pad", R.normal(size=shape), pad=pad, value=3.5)


@pytest.mark.parametrize("mode", ["reflect", "replicate", "circular"])
@pytest.mark.parametrize(
    ("shape", "pad"),
    [
        ((2, 3, 5), (1, 2)),
        ((3, 5), (2, 0)),
        ((2, 3, 4, 5), (1, 2, 3, 0)),
        ((3, 4, 5), (0, 0, 1, 1)),
        ((1, 2, 3, 4, 5), (1, 2, 0, 3, 2, 1)),
        ((2, 3, 4, 5), (-1, 2, 1, -1)),
    ],
)
def test_other_padding(mode: str, shape: Any, pad: Any) -> None:
    both("pad", R.normal(size=shape), pad=pad, mode=mode)


# ---- resizing -----------------------------------------------------------------------------------------------------------------------
SIZES = {1: (2, 3, 7), 2: (2, 3, 5, 7), 3: (1, 2, 3, 4, 5)}


@pytest.mark.parametrize(
    "kwargs",
    [
        {"scale_factor": 2},
        {"scale_factor": 1.7},
        {"scale_factor": 0.6},
        {"scale_factor": 1.7, "recompute_scale_factor": True},
        {"size": 4},
        {"size": 11},
        {"size": 1},
    ],
)
@pytest.mark.parametrize(
    ("n", "mode"),
    [(n, m) for n in (1, 2, 3) for m in ("nearest", "nearest-exact", "area")]
    + [(1, "linear"), (2, "bilinear"), (2, "bicubic"), (3, "trilinear")],
)
def test_interpolate(n: int, mode: str, kwargs: Any) -> None:
    both("interpolate", R.normal(size=SIZES[n]), mode=mode, **kwargs)
    if mode.endswith(("linear", "cubic")):
        both("interpolate", R.normal(size=SIZES[n]), mode=mode, align_corners=True, **kwargs)


@pytest.mark.parametrize("mode", ["bilinear", "bicubic"])
@pytest.mark.parametrize("size", [(3, 2), (9, 11), (2, 12)])
def test_antialias(mode: str, size: Any) -> None:
    both("interpolate", R.normal(size=(2, 3, 6, 8)), mode=mode, size=size, antialias=True)


def test_sizes_for_each_dimension() -> None:
    both("interpolate", R.normal(size=(2, 3, 5, 7)), size=(4, 9))
    both("interpolate", R.normal(size=(2, 3, 5, 7)), scale_factor=(2, 0.5), mode="bilinear")


@pytest.mark.parametrize("name", ["upsample", "upsample_nearest", "upsample_bilinear"])
def test_old_names_warn(name: str) -> None:
    x = R.normal(size=(1, 2, 3, 3))
    with pytest.warns(UserWarning, match="is deprecated. Use `nn.functional.interpolate` instead"):
        y = getattr(F, name)(tane.tensor(x), scale_factor=2)
    with pytest.warns(UserWarning, match="is deprecated"):
        z = getattr(TF, name)(torch.tensor(x), scale_factor=2)
    np.testing.assert_allclose(y.numpy(), z.numpy(), rtol=1e-12)


# ---- rearranging and sampling ---------------------------------------------------------------------------------------------------------
def test_shuffles() -> None:
    both("pixel_shuffle", R.normal(size=(2, 8, 2, 3)), upscale_factor=2)
    both("pixel_shuffle", R.normal(size=(9, 2, 3)), upscale_factor=3)
    both("pixel_unshuffle", R.normal(size=(2, 2, 4, 6)), downscale_factor=2)
    both("channel_shuffle", R.normal(size=(2, 6, 2, 3)), groups=2, order=1)


@pytest.mark.parametrize("align", [True, False])
def test_affine_grid(align: bool) -> None:
    both("affine_grid", R.normal(size=(2, 2, 3)), size=(2, 1, 3, 4), align_corners=align)
    both("affine_grid", R.normal(size=(1, 3, 4)), size=(1, 1, 2, 3, 4), align_corners=align)


@pytest.mark.parametrize("align", [True, False])
@pytest.mark.parametrize("padding", ["zeros", "border", "reflection"])
@pytest.mark.parametrize("mode", ["bilinear", "nearest", "bicubic"])
def test_grid_sample(mode: str, padding: str, align: bool) -> None:
    # PyTorch has second derivatives of none.
    kwargs: Any = {"mode": mode, "padding_mode": padding, "align_corners": align}
    both("grid_sample", R.normal(size=(2, 3, 4, 5)), R.uniform(-1.6, 1.6, (2, 3, 3, 2)), order=1, **kwargs)
    if mode != "bicubic":
        both("grid_sample", R.normal(size=(1, 2, 3, 4, 5)), R.uniform(-1.6, 1.6, (1, 2, 3, 3, 3)), order=1, **kwargs)


@pytest.mark.parametrize("p", [0.5, 1.0, 2.0, 3.0, float("inf")])
def test_distances(p: float) -> None:
    x, y = R.normal(size=(3, 4)), R.normal(size=(3, 4))
    both("pairwise_distance", x, y, p=p, order=1 if p == float("inf") else 2)
    both("normalize", x, p=p, order=1 if p == float("inf") else 2)


def test_pdist() -> None:
    both("pdist", R.normal(size=(4, 3)), order=1)
    both("pdist", R.normal(size=(4, 3)), p=1.0, order=1)


def test_cosine_similarity() -> None:
    both("cosine_similarity", R.normal(size=(3, 4)), R.normal(size=(3, 4)))
    both("cosine_similarity", R.normal(size=(3, 1, 4)), R.normal(size=(1, 5, 4)), dim=-1)
    both("cosine_similarity", R.normal(size=(1, 2, 3)), R.normal(size=(2, 1, 3)), dim=-2)


# ---- attention ----------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kwargs", [{}, {"is_causal": True}, {"scale": 0.3}])
def test_attention(kwargs: Any) -> None:
    q, k, v = R.normal(size=(2, 2, 4, 3)), R.normal(size=(2, 2, 5, 3)), R.normal(size=(2, 2, 5, 6))
    both("scaled_dot_product_attention", q, k, v, order=1, **kwargs)
    both("scaled_dot_product_attention", q[0, 0], k[0, 0], v[0, 0], order=1, **kwargs)


def test_attention_masks() -> None:
    q, k, v = R.normal(size=(2, 2, 4, 3)), R.normal(size=(2, 2, 5, 3)), R.normal(size=(2, 2, 5, 3))
    both("scaled_dot_product_attention", q, k, v, R.normal(size=(4, 5)), order=1, fixed=(3,))
    mask = R.uniform(size=(4, 5)) > 0.5
    mask[1] = False  # a row that may look nowhere
    both("scaled_dot_product_attention", q, k, v, mask, order=1)


def test_grouped_heads() -> None:
    q, k = R.normal(size=(1, 4, 3, 2)), R.normal(size=(1, 2, 3, 2))
    both("scaled_dot_product_attention", q, k, k * 2, enable_gqa=True, order=1)


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("F.embedding(t.tensor([5]), t.ones(3, 2))", "index out of range in self"),
        ("F.embedding(t.tensor([-1]), t.ones(3, 2))", "index out of range in self"),
        ("F.embedding(t.tensor([1.0]), t.ones(3, 2))", "Expected tensor for argument #1 'indices'"),
        ("F.embedding(t.tensor([1]), t.ones(3, 2), padding_idx=5)", "Padding_idx must be within num_embeddings"),
        ("F.embedding(t.tensor([1]), t.ones(3))", "'weight' must be 2-D"),
        ("F.embedding_bag(t.tensor([1, 2]), t.ones(3, 4))", "offsets has to be a 1D Tensor but got None"),
        ("F.pad(t.ones(2, 3), (1, 1, 1, 1, 1, 1))", "Padding length should be less than or equal to two times the input dimension"),
        ("F.pad(t.ones(2, 3), (1,))", "Padding length must be divisible by 2"),
        ("F.pad(t.ones(2, 3), (4, 4), mode='reflect')", "Padding size should be less than the corresponding input dimension"),
        ("F.pad(t.ones(1, 2, 3), (4, 4), mode='circular')", "Padding value causes wrapping around more than once."),
        ("F.pad(t.ones(2, 3), (1, 1), mode='foo')", "Unrecognised padding mode foo"),
        ("F.pad(t.ones(1, 2, 3), (1, 1), mode='reflect', value=1)", "doesn't take in value argument"),
        ("F.pad(t.ones(3), (1, 1), mode='reflect')", "Padding size 2 is not supported for 1D input tensor."),
        ("F.pad(t.ones(2, 3), (-4, 0))", "narrow(): length must be non-negative."),
        ("F.interpolate(t.ones(1, 2, 4, 4))", "either size or scale_factor should be defined"),
        ("F.interpolate(t.ones(1, 2, 4, 4), size=2, scale_factor=2)", "only one of size or scale_factor should be defined"),
        ("F.interpolate(t.ones(1, 2, 4, 4), size=(2, 2, 2))", "must have the same number of spatial dimensions"),
        ("F.interpolate(t.ones(1, 2, 4, 4), size=2, mode='linear')", "Got 4D input, but linear mode needs 3D input"),
        ("F.interpolate(t.ones(1, 2, 4, 4), size=2, mode='nearest', align_corners=True)", "align_corners option can only be set"),
        ("F.interpolate(t.ones(1, 2, 4, 4), size=2, mode='foo')", "Input Error: Only 3D, 4D and 5D input Tensors supported"),
        ("F.interpolate(t.ones(2, 4), size=2)", "Input Error"),
        ("F.pixel_shuffle(t.ones(1, 3, 2, 2), 2)", "divisible by the square of upscale_factor"),
        ("F.pixel_unshuffle(t.ones(1, 3, 3, 3), 2)", "expects height to be divisible by downscale_factor"),
        ("F.normalize(t.ones(3, 4), dim=5)", "Dimension out of range"),
    ],
)
def test_errors(expression: str, text: str) -> None:
    same_error(lambda: eval(expression, {"t": tane, "F": F}), lambda: eval(expression, {"t": torch, "F": TF}), text)


@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
def test_bags_have_a_node_of_pytorchs_name(mode):
    weight = tane.randn(4, 2, requires_grad=True)
    bags = F.embedding_bag(tane.tensor([0, 1, 3]), weight, tane.tensor([0, 1]), mode=mode)
    assert bags.grad_fn.name() == "EmbeddingBagBackward0"


def test_losses_print_with_the_names_of_pytorchs():
    x, y = np.float32(R.normal(size=(3, 4))), np.array([0, 2, 1])
    found = []
    for m in (tane, torch):
        a = m.tensor(x, requires_grad=True)
        f = m.nn.functional
        losses = [
            f.multi_margin_loss(a, m.tensor(y)),
            f.multilabel_margin_loss(a, m.tensor([[0, -1, 2, 1]] * 3), reduction="sum"),
            f.binary_cross_entropy_with_logits(a, m.ones(3, 4), weight=m.arange(4.0)),
            f.binary_cross_entropy_with_logits(a, m.ones(3, 4), weight=m.arange(4.0), pos_weight=m.ones(4), reduction="none")[0, 0],
        ]
        sum(losses).backward()
        found.append(([repr(loss) for loss in losses], a.grad))
    assert found[0][0] == found[1][0]
    assert found[0][1].numpy() == pytest.approx(found[1][1].numpy(), rel=1e-5, abs=1e-7)


def test_functions_of_layers_are_functions_of_torch_too():
    from tane.surface.late import LAYERED

    for name in LAYERED.split():
        assert hasattr(torch, name), name
        assert getattr(tane, name) is getattr(F, name) or name == "dropout"
    x = tane.ones(2, 3)
    assert tane.equal(tane.dropout(x, 0.5, False), x)
    assert set(tane.dropout(x, 0.5, True).unique().tolist()) <= {0, 2}
    assert tane.cosine_similarity(x, x).tolist() == pytest.approx([1, 1])


def test_types_that_do_not_go_together_are_named_as_in_pytorch():
    for call in (
        lambda m: m.ones(2) @ m.ones(2, dtype=m.int64),
        lambda m: m.nn.Linear(2, 3)(m.ones(2, dtype=m.double)),
        lambda m: m.nn.Linear(2, 3, bias=False)(m.ones(2, dtype=m.double)),
    ):
        said = []
        for m in (tane, torch):
            with pytest.raises(RuntimeError) as error:
                call(m)
            said.append(str(error.value))
        assert said[0] == said[1]
