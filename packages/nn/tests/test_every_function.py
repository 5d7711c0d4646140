"""Every differentiable function of ``tane.nn.functional`` through ``opcheck``, on every installed device; and with that every primitive of nn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tane.nn.functional as F
from tane import nn
from tane.autograd.state import add_observer, remove_observer
from tane.backends.backend import backend_for, backend_of
from tane.ops.primitive import primitives
from tane.testing import Sample, draw, opcheck, testable_devices
from tane.testing.samples import declared_in

HALVES = ("float16", "bfloat16")
DOUBLE = ("float64", "float32")
AWAY = {"nonzero": True}
CHECKED: dict[str, list[tuple[Callable[..., Any], Sample]]] = {}


def add(name: str, *args: Any, function: Callable[..., Any] | None = None, dtypes: Any = DOUBLE, label: str = "", **kwargs: Any) -> None:
    """One sample of a function. ``skips``, ``view`` and ``tolerance`` go to the sample, other keywords to the function."""
    own = {k: kwargs.pop(k) for k in ("skips", "tolerance", "view", "domain", "reference") if k in kwargs}
    sample = Sample(args, kwargs, name=label or name, dtypes=dtypes, **own)
    CHECKED.setdefault(name, []).append((function or getattr(F, name), sample))


# ---- activations --------------------------------------------------------------------------------------------------------------------
SMOOTH = ["gelu", "mish", "silu", "logsigmoid", "softplus", "tanhshrink", "softsign", "sigmoid", "tanh"]
KINKED = ["relu", "relu6", "elu", "selu", "celu", "leaky_relu", "hardtanh", "hardsigmoid", "hardswish", "hardshrink", "softshrink"]
for _name in [*SMOOTH, *KINKED]:
    for _shape in [(2, 3), (), (0,)]:
        add(_name, draw(*_shape, low=-3.5, high=3.5, **AWAY), dtypes=(*DOUBLE, *HALVES) if _shape else DOUBLE)
add("gelu", draw(2, 3), approximate="tanh")
add("softplus", draw(2, 3), beta=2.0, threshold=1.0)
add("elu", draw(2, 3, **AWAY), alpha=0.7)
add("celu", draw(2, 3, **AWAY), alpha=0.7)
add("leaky_relu", draw(2, 3, **AWAY), negative_slope=0.2)
add("hardtanh", draw(2, 3, **AWAY), min_val=-0.4, max_val=0.7)
add("threshold", draw(2, 3), threshold=0.3, value=-1.0)
add("rrelu", draw(2, 3, **AWAY))
add("prelu", draw(2, 3, 4, **AWAY), draw(3))
add("prelu", draw(2, 3, **AWAY), draw(1))
add("glu", draw(2, 4))
add("glu", draw(4, 3), dim=0)
for _name in ("softmax", "softmin", "log_softmax"):
    add(_name, draw(2, 3), dim=1)
    add(_name, draw(2, 3, 2), dim=1)


def noisy(x: Any) -> Any:
    """rrelu in training; its noise is drawn outside the op, and here always the same."""
    noise = np.where(x.detach().cpu().double().numpy() > 0, 1.0, 0.2).astype(x.array.dtype)
    return primitives["rrelu_with_noise"].call(x, backend_of(type(x.array)).from_numpy(noise))


add("rrelu", draw(2, 3, **AWAY), function=noisy, label="training")

# ---- products -----------------------------------------------------------------------------------------------------------------------
for _shape in [(2, 3), (3,), (2, 4, 3), (0, 3)]:
    add("linear", draw(*_shape), draw(5, 3), draw(5))
    add("linear", draw(*_shape), draw(5, 3))
add("linear", draw(600, 3), draw(5, 3), draw(5), tolerance=4)
add("bilinear", draw(2, 3), draw(2, 4), draw(5, 3, 4), draw(5))
add("bilinear", draw(2, 3), draw(2, 4), draw(5, 3, 4))
add("scaled_dot_product_attention", draw(2, 3, 4), draw(2, 5, 4), draw(2, 5, 4))
add("scaled_dot_product_attention", draw(2, 3, 4), draw(2, 3, 4), draw(2, 3, 4), is_causal=True)

# ---- convolution ----------------------------------------------------------------------------------------------------------------------
for _dims, _size in [(1, (6,)), (2, (5, 4)), (3, (3, 3, 3))]:
    _kernel = (2,) * _dims
    add(f"conv{_dims}d", draw(2, 2, *_size), draw(3, 2, *_kernel), draw(3))
    add(f"conv{_dims}d", draw(2, 2, *_size), draw(3, 2, *_kernel), stride=2, padding=1)
    add(f"conv{_dims}d", draw(2, 4, *_size), draw(4, 2, *_kernel), draw(4), groups=2, dilation=2, label="groups")
    add(f"conv_transpose{_dims}d", draw(2, 2, *_size), draw(2, 3, *_kernel), draw(3))
    add(f"conv_transpose{_dims}d", draw(2, 2, *_size), draw(2, 3, *_kernel), stride=2, padding=1, output_padding=1)
add(
    "conv2d",
    draw(2, 5, 4),
    draw(3, 2, 2, 2),
    label="no batch",
    function=lambda x, w: F.conv2d(x[:, None].reshape(2, 1, 5, 4).squeeze(1), w),
)
add("conv2d", draw(2, 2, 5, 4), draw(3, 2, 3, 3), padding="same")
add("unfold", draw(2, 2, 4, 5), kernel_size=2)
add("unfold", draw(2, 2, 4, 5), kernel_size=(2, 3), padding=1, stride=2, dilation=(2, 1))
add("fold", draw(2, 8, 12), output_size=(4, 5), kernel_size=2)

# ---- pooling --------------------------------------------------------------------------------------------------------------------------
for _dims, _size in [(1, (6,)), (2, (4, 6)), (3, (3, 4, 4))]:
    _x = draw(2, 2, *_size, distinct=True)
    add(f"max_pool{_dims}d", _x, kernel_size=2)
    add(f"max_pool{_dims}d", _x, kernel_size=3, stride=2, padding=1)
    add(f"max_pool{_dims}d", _x, kernel_size=2, stride=1, return_indices=True, label="indices")
    add(f"avg_pool{_dims}d", _x, kernel_size=2)
    add(f"avg_pool{_dims}d", _x, kernel_size=3, stride=2, padding=1, count_include_pad=False)
    add(f"adaptive_avg_pool{_dims}d", _x, output_size=2)
    add(f"adaptive_max_pool{_dims}d", _x, output_size=2)
    add(f"lp_pool{_dims}d", draw(2, 2, *_size, low=0.2, high=2.0), norm_type=2, kernel_size=2)
add("max_pool2d", draw(2, 2, 7, 7, distinct=True), kernel_size=2, dilation=2, ceil_mode=True)
add("adaptive_avg_pool3d", draw(1, 2, 2, 4, 4), output_size=2)
for _dims, _shape in ((2, (2, 2, 5, 6)), (3, (1, 2, 4, 5, 3))):

    def fractional(x: Any, n: int = _dims) -> Any:
        """The windows' places are drawn outside of what is differentiated, and here always the same."""
        own = (x.detach() * 0 + 0.3).flatten(2)[:, :, :n]
        return getattr(F, f"fractional_max_pool{n}d")(x, 2, output_size=2, _random_samples=own)

    add(f"fractional_max_pool{_dims}d", draw(*_shape), function=fractional)
add("max_unpool1d", draw(1, 2, 3), np.array([[[0, 3, 4], [1, 2, 5]]]), kernel_size=2)

# ---- padding, resampling, shuffling -----------------------------------------------------------------------------------------------------
for _mode in ("reflect", "replicate", "circular"):
    add("pad", draw(2, 2, 5), pad=(1, 2), mode=_mode)
    add("pad", draw(1, 2, 4, 5), pad=(1, 2, 2, 1), mode=_mode)
    add("pad", draw(1, 1, 3, 3, 4), pad=(1, 1, 2, 0, 1, 2), mode=_mode)
add("pad", draw(2, 3), pad=(1, 2, 0, 1), value=1.5)
for _mode in ("nearest", "nearest-exact"):
    add("interpolate", draw(1, 2, 4), scale_factor=2, mode=_mode)
    add("interpolate", draw(1, 2, 4, 3), size=(3, 5), mode=_mode)
    add("interpolate", draw(1, 1, 2, 3, 2), scale_factor=2, mode=_mode)
for _mode, _shape in [("linear", (1, 2, 4)), ("bilinear", (1, 2, 4, 3)), ("bicubic", (1, 2, 4, 5)), ("trilinear", (1, 1, 2, 3, 2))]:
    for _corners in (False, True):
        add("interpolate", draw(*_shape), scale_factor=2, mode=_mode, align_corners=_corners)
for _mode in ("bilinear", "bicubic", "lanczos"):
    add("interpolate", draw(1, 1, 6, 8), size=(3, 4), mode=_mode, antialias=True)
add("interpolate", draw(1, 2, 6), size=4, mode="area")
add("interpolate", draw(1, 2, 6, 4), size=(4, 3), mode="area")
add("interpolate", draw(1, 1, 4, 4, 4), size=3, mode="area")
add("pixel_shuffle", draw(2, 8, 2, 3), upscale_factor=2)
add("pixel_unshuffle", draw(2, 2, 4, 6), downscale_factor=2)
add("channel_shuffle", draw(2, 6, 3), groups=3)
add("grid_sample", draw(1, 2, 4, 5), draw(1, 3, 2, 2, low=-0.85, high=0.85), align_corners=False)
add("affine_grid", draw(2, 2, 3), size=(2, 1, 3, 4), align_corners=False)


def with_running(x: Any, weight: Any, bias: Any) -> Any:
    return F.batch_norm(x, x.new_tensor([0.1, -0.2, 0.3]), x.new_tensor([0.7, 1.0, 1.5]), weight, bias)


def weighted(x: Any, target: Any, **options: Any) -> Any:
    return F.cross_entropy(x, target, x.new_tensor([0.5, 1.0, 1.5, 2.0]), **options)


# ---- normalisation ----------------------------------------------------------------------------------------------------------------------
for _shape in [(4, 3), (3, 3, 5), (2, 3, 2, 2)]:
    add("batch_norm", draw(*_shape), None, None, draw(3), draw(3), training=True, tolerance=4)
    add("batch_norm", draw(*_shape), None, None, training=True, tolerance=4)
    add("batch_norm", draw(*_shape), draw(3), draw(3), label="running", function=with_running)
    if len(_shape) > 2:
        add("instance_norm", draw(*_shape), weight=draw(3), bias=draw(3), tolerance=4)
add("layer_norm", draw(2, 4), (4,), draw(4), draw(4), tolerance=4)
add("layer_norm", draw(2, 3, 4), (3, 4), tolerance=4)
add("layer_norm", draw(2, 4), (4,), draw(4), tolerance=4)
add("group_norm", draw(2, 4, 3), 2, draw(4), draw(4), tolerance=4)
add("group_norm", draw(2, 4, 3), 2, tolerance=4)
add("rms_norm", draw(2, 4), (4,), draw(4), tolerance=4)
add("local_response_norm", draw(1, 5, 3), size=3)
add("normalize", draw(2, 3))


def aligned(x: Any, targets: Any, **options: Any) -> Any:
    return F.ctc_loss(x.log_softmax(-1), targets, (6, 5), (3, 2), **options)


def of_signs(name: str) -> Callable[..., Any]:
    """A loss whose target is a sign for each element."""

    def function(x: Any, **options: Any) -> Any:
        return getattr(F, name)(x, x.new_tensor([[1.0, -1.0, 1.0], [-1.0, 1.0, -1.0]]), **options)

    return function


def ranked(a: Any, b: Any, **options: Any) -> Any:
    return F.margin_ranking_loss(a, b, a.new_tensor([1.0, -1.0, 1.0]), margin=5.0, **options)


def more_of_some(x: Any, target: Any) -> Any:
    return F.binary_cross_entropy_with_logits(x, target, pos_weight=x.new_tensor([0.5, 1.0, 2.0]))


def elements_weighed(x: Any, target: Any) -> Any:
    return F.binary_cross_entropy_with_logits(x, target, weight=x.new_tensor([0.5, 1.0, 2.0]))


# ---- losses -----------------------------------------------------------------------------------------------------------------------------
UNIT = {"low": 0.1, "high": 0.9}
for _reduction in ("mean", "sum", "none"):
    _option = {"reduction": _reduction}
    for _name in ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"):
        add(
            _name,
            draw(2, 3, distinct=True),
            draw(2, 3, low=-5.0, high=-3.0, distinct=True) if _name == "l1_loss" else draw(2, 3),
            **_option,
        )
    add("binary_cross_entropy", draw(2, 3, **UNIT), draw(2, 3, **UNIT), **_option)
    add("binary_cross_entropy_with_logits", draw(2, 3), draw(2, 3, **UNIT), **_option)
    add("kl_div", draw(2, 3), draw(2, 3, **UNIT), reduction="batchmean" if _reduction == "mean" else _reduction)
    add("poisson_nll_loss", draw(2, 3), draw(2, 3, **UNIT), **_option)
    add("gaussian_nll_loss", draw(2, 3), draw(2, 3), draw(2, 3, low=0.5, high=2.0), **_option)
    add("cross_entropy", draw(3, 4), np.array([0, 3, 1]), **_option)
    add("cross_entropy", draw(3, 4), np.array([0, 3, 1]), label="weighted", function=weighted, **_option)
    add("cross_entropy", draw(2, 4, 2), np.array([[0, 3], [1, -100]]), label_smoothing=0.1, **_option)
    add("cross_entropy", draw(3, 4), draw(3, 4, **UNIT), label="probabilities", **_option)
    add("nll_loss", draw(3, 4), np.array([0, 3, -100]), **_option)
    for _name in ("soft_margin_loss", "hinge_embedding_loss"):
        add(_name, draw(2, 3, low=0.1, high=0.8), function=of_signs(_name), **_option)
    add("margin_ranking_loss", draw(3), draw(3), function=ranked, **_option)
    add("cosine_embedding_loss", draw(2, 3), draw(2, 3), np.array([1, -1]), margin=-0.9, **_option)
    add("triplet_margin_loss", draw(2, 3), draw(2, 3), draw(2, 3), margin=5.0, **_option)
    add("multi_margin_loss", draw(3, 4, distinct=True), np.array([0, 3, 1]), margin=9.0, **_option)
    add("multilabel_margin_loss", draw(2, 3, distinct=True), np.array([[0, 2, -1], [1, -1, -1]]), **_option)
    add("multilabel_soft_margin_loss", draw(2, 3), draw(2, 3, **UNIT), **_option)
add("binary_cross_entropy_with_logits", draw(2, 3), draw(2, 3, **UNIT), label="weighted", function=more_of_some)
add("binary_cross_entropy_with_logits", draw(2, 3), draw(2, 3, **UNIT), label="elements weighed", function=elements_weighed)
add("smooth_l1_loss", draw(2, 3), draw(2, 3), beta=0.5)
for _reduction in ("mean", "sum", "none"):
    add(
        "ctc_loss",
        draw(6, 2, 4),
        np.array([[1, 2, 2], [3, 1, 1]]),
        function=aligned,
        skips={"second": "none, as in PyTorch"},
        reduction=_reduction,
    )
add("cosine_similarity", draw(2, 3), draw(2, 3))
add("pairwise_distance", draw(2, 3), draw(2, 3))

PURPOSE = dict.fromkeys(("gradient", "second"), "the gradient is another one on purpose")

# ---- look-up ------------------------------------------------------------------------------------------------------------------------------
add("embedding", np.array([[0, 2], [2, 1]]), draw(3, 4))
add("embedding", np.array([0, 2, 2]), draw(3, 4), padding_idx=0, skips=PURPOSE)
add(
    "embedding",
    np.array([0, 2, 2]),
    draw(3, 4),
    label="by frequency",
    function=lambda i, w: F.embedding(i, w, scale_grad_by_freq=True),
    skips=PURPOSE,
)
for _mode in ("sum", "mean", "max"):
    add("embedding_bag", np.array([[0, 2], [3, 1]]), draw(4, 3, distinct=True), mode=_mode)
add("embedding_bag", np.array([0, 2, 3, 1]), draw(4, 3), np.array([0, 1]), mode="sum")


# ---- recurrent layers: as functions of input, state and weights ---------------------------------------------------------------------------
def recurrent(make: Callable[[], Any], states: int) -> Callable[..., Any]:
    """A layer with its weights as arguments."""

    def function(x: Any, *rest: Any) -> Any:
        layer = make().to(x.device, x.dtype)
        state, weights = rest[:states], rest[states:]
        for (name, _), w in zip(list(layer.named_parameters()), weights, strict=True):
            delattr(layer, name)
            setattr(layer, name, w)
        y, h = layer(x, state[0] if states == 1 else tuple(state)) if states else layer(x)
        return (y, *(h if isinstance(h, tuple) else (h,)))

    return function


def weights_of(make: Callable[[], Any]) -> list[Any]:
    return [draw(*p.shape, low=-0.6, high=0.6) for p in make().parameters()]


for _label, _make, _states in [
    ("RNN", lambda: nn.RNN(2, 3), 1),
    ("RNN relu", lambda: nn.RNN(2, 3, nonlinearity="relu"), 1),
    ("RNN both ways", lambda: nn.RNN(2, 3, bidirectional=True), 1),
    ("GRU", lambda: nn.GRU(2, 3), 1),
    ("GRU both ways", lambda: nn.GRU(2, 3, bidirectional=True), 1),
    ("LSTM", lambda: nn.LSTM(2, 3), 2),
    ("LSTM both ways", lambda: nn.LSTM(2, 3, bidirectional=True), 2),
]:
    _ways = 2 if "both" in _label else 1
    _state = [draw(_ways, 2, 3, low=-1, high=1) for _ in range(_states)]
    add(_label, draw(4, 2, 2), *_state, *weights_of(_make), function=recurrent(_make, _states), label=_label, tolerance=4)
_make = lambda: nn.LSTM(2, 4, proj_size=3)
add(
    "LSTM projected",
    draw(3, 2, 2),
    draw(1, 2, 3),
    draw(1, 2, 4),
    *weights_of(_make),
    function=recurrent(_make, 2),
    label="LSTM projected",
    tolerance=4,
)

SEEN: set[str] = set()
RAN: set[str] = set()


def examine(name: str, device: str) -> None:
    def watch(node: Any) -> None:
        SEEN.add(getattr(node.op, "name", ""))

    add_observer(watch)
    try:
        for function, sample in CHECKED[name]:
            opcheck(function, [sample], name=name, devices=[device])
    finally:
        remove_observer(watch)
    SEEN.update(vars(backend_for(device).F))  # what formulas on raw arrays asked for
    RAN.add(name)


@pytest.mark.parametrize("name", CHECKED)
@pytest.mark.parametrize("device", testable_devices())
def test_function(name, device):
    examine(name, device)


def test_every_primitive_of_nn_took_part():
    """Every op that nn declares was recorded, forward or backward, by the tests above."""
    if not RAN:
        pytest.skip("none of the tests above ran")
    for name in set(CHECKED) - RAN:  # another worker had these
        examine(name, testable_devices()[0])
    assert sorted(set(declared_in("tane.nn")) - SEEN) == []
