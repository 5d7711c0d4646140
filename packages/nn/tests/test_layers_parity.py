"""Layers beside PyTorch's: how they look, what they hold, their initial weights and their results."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

import tane
from tane import nn

torch = pytest.importorskip("torch")

R = np.random.default_rng(0)
I2, I3, I4, I5 = (2, 4), (2, 4, 6), (2, 4, 6, 6), (1, 4, 4, 6, 6)

# (name, arguments, keywords, shapes of inputs)
LAYERS: list[tuple[str, tuple[Any, ...], dict[str, Any], tuple[Any, ...]]] = [
    ("CELU", (), {}, (I2,)),
    ("CELU", (0.5, True), {}, (I2,)),
    ("ELU", (), {}, (I2,)),
    ("ELU", (), {"alpha": 0.7, "inplace": True}, (I2,)),
    ("GELU", (), {}, (I2,)),
    ("GELU", ("tanh",), {}, (I2,)),
    ("GLU", (), {}, (I2,)),
    ("Hardshrink", (), {}, (I2,)),
    ("Hardsigmoid", (), {}, (I2,)),
    ("Hardswish", (), {}, (I2,)),
    ("Hardtanh", (-2, 0.5), {}, (I2,)),
    ("LeakyReLU", (0.2,), {}, (I2,)),
    ("LeakyReLU", (), {"negative_slope": 0.1, "inplace": True}, (I2,)),
    ("LogSigmoid", (), {}, (I2,)),
    ("LogSoftmax", (1,), {}, (I2,)),
    ("Mish", (), {}, (I2,)),
    ("PReLU", (), {}, (I2,)),
    ("PReLU", (4, 0.1), {}, (I3,)),
    ("RReLU", (), {}, (I2,)),
    ("ReLU", (), {}, (I2,)),
    ("ReLU", (True,), {}, (I2,)),
    ("ReLU6", (), {}, (I2,)),
    ("SELU", (), {}, (I2,)),
    ("SiLU", (), {"inplace": True}, (I2,)),
    ("Sigmoid", (), {}, (I2,)),
    ("Softmax", (), {"dim": -1}, (I2,)),
    ("Softmax2d", (), {}, (I4,)),
    ("Softmin", (1,), {}, (I2,)),
    ("Softplus", (), {}, (I2,)),
    ("Softplus", (2, 5), {}, (I2,)),
    ("Softshrink", (), {}, (I2,)),
    ("Softsign", (), {}, (I2,)),
    ("Tanh", (), {}, (I2,)),
    ("Tanhshrink", (), {}, (I2,)),
    ("Threshold", (0.1, 20), {}, (I2,)),
    ("Conv1d", (4, 6, 3), {}, (I3,)),
    ("Conv1d", (4, 6, 3), {"padding": "same", "dilation": 2, "bias": False}, (I3,)),
    ("Conv2d", (4, 6, 3), {"stride": 2, "padding": 1}, (I4,)),
    ("Conv2d", (4, 6, (3, 2)), {"padding": (1, 0), "groups": 2, "padding_mode": "reflect"}, (I4,)),
    ("Conv2d", (4, 6, 3), {"padding": "same", "padding_mode": "circular"}, (I4,)),
    ("Conv2d", (4, 6, 3), {"padding": 2, "padding_mode": "replicate", "dilation": (1, 2)}, (I4,)),
    ("Conv3d", (4, 2, 2), {}, (I5,)),
    ("ConvTranspose1d", (4, 6, 3), {"stride": 2}, (I3,)),
    ("ConvTranspose2d", (4, 6, 3), {"stride": 2, "padding": 1, "output_padding": 1}, (I4,)),
    ("ConvTranspose2d", (4, 6, (3, 2), (2, 3)), {"groups": 2, "bias": False}, (I4,)),
    ("ConvTranspose3d", (4, 2, 2), {"dilation": 2}, (I5,)),
    ("BatchNorm1d", (4,), {}, (I2,)),
    ("BatchNorm1d", (4,), {"affine": False}, (I3,)),
    ("BatchNorm2d", (4, 1e-3, None), {}, (I4,)),
    ("BatchNorm2d", (4,), {"track_running_stats": False}, (I4,)),
    ("BatchNorm2d", (4,), {"bias": False}, (I4,)),
    ("BatchNorm3d", (4,), {"momentum": 0.3}, (I5,)),
    ("InstanceNorm1d", (4,), {}, (I3,)),
    ("InstanceNorm2d", (4,), {"affine": True, "track_running_stats": True}, (I4,)),
    ("InstanceNorm2d", (4,), {}, ((4, 6, 6),)),
    ("InstanceNorm3d", (4,), {}, (I5,)),
    ("LayerNorm", (4,), {}, (I2,)),
    ("LayerNorm", ((6, 6),), {"elementwise_affine": False}, (I4,)),
    ("LayerNorm", ([6, 6], 1e-3), {"bias": False}, (I4,)),
    ("RMSNorm", (4,), {}, (I2,)),
    ("RMSNorm", ((6, 6), 1e-3, False), {}, (I4,)),
    ("GroupNorm", (2, 4), {}, (I4,)),
    ("GroupNorm", (4, 4), {"affine": False}, (I3,)),
    ("LocalResponseNorm", (2,), {}, (I4,)),
    ("MaxPool1d", (2,), {}, (I3,)),
    ("MaxPool2d", (2,), {"stride": 1, "padding": 1, "ceil_mode": True}, (I4,)),
    ("MaxPool2d", ((3, 2), 2), {"return_indices": True}, (I4,)),
    ("MaxPool3d", (2,), {"dilation": 2, "stride": 1}, (I5,)),
    ("AvgPool1d", (2,), {}, (I3,)),
    ("AvgPool2d", (3, 2, 1), {"count_include_pad": False}, (I4,)),
    ("AvgPool2d", (2,), {"divisor_override": 3, "ceil_mode": True}, (I4,)),
    ("AvgPool3d", (2,), {}, (I5,)),
    ("LPPool1d", (2, 3), {}, (I3,)),
    ("LPPool2d", (2, 3), {"stride": 2}, (I4,)),
    ("AdaptiveAvgPool1d", (3,), {}, (I3,)),
    ("AdaptiveAvgPool2d", ((3, None),), {}, (I4,)),
    ("AdaptiveAvgPool2d", (1,), {}, (I4,)),
    ("AdaptiveAvgPool3d", (2,), {}, (I5,)),
    ("AdaptiveMaxPool1d", (4,), {}, (I3,)),
    ("AdaptiveMaxPool2d", (4,), {"return_indices": True}, (I4,)),
    ("AdaptiveMaxPool3d", (2,), {}, (I5,)),
    ("Dropout", (), {}, (I2,)),
    ("Dropout", (0.2, True), {}, (I2,)),
    ("Dropout1d", (), {}, (I3,)),
    ("Dropout2d", (0.3,), {}, (I4,)),
    ("Dropout3d", (), {}, (I5,)),
    ("AlphaDropout", (), {}, (I2,)),
    ("FeatureAlphaDropout", (), {}, (I4,)),
    ("PixelShuffle", (2,), {}, (I4,)),
    ("PixelUnshuffle", (3,), {}, (I4,)),
    ("ChannelShuffle", (2,), {}, (I4,)),
    ("Upsample", (), {"scale_factor": 2}, (I4,)),
    ("Upsample", (), {"size": (3, 8), "mode": "bilinear", "align_corners": True}, (I4,)),
    ("Upsample", (), {"scale_factor": (2, 1.5), "mode": "bicubic"}, (I4,)),
    ("UpsamplingNearest2d", (), {"scale_factor": 2}, (I4,)),
    ("UpsamplingBilinear2d", (), {"size": 9}, (I4,)),
    ("Unfold", (2,), {"stride": 2}, (I4,)),
    ("Fold", ((3, 3), 2), {}, ((2, 8, 4),)),
    ("CosineSimilarity", (), {}, (I2, I2)),
    ("PairwiseDistance", (), {"keepdim": True}, (I2, I2)),
    ("ZeroPad1d", (1,), {}, (I3,)),
    ("ZeroPad2d", ((1, 0, 2, 1),), {}, (I4,)),
    ("ZeroPad3d", (1,), {}, (I5,)),
    ("ConstantPad1d", (2, 3.5), {}, (I3,)),
    ("ConstantPad2d", (2, 3.5), {}, (I4,)),
    ("ConstantPad3d", (1, -1), {}, (I5,)),
    ("ReflectionPad1d", (2,), {}, (I3,)),
    ("ReflectionPad2d", ((1, 2, 3, 0),), {}, (I4,)),
    ("ReflectionPad3d", (1,), {}, (I5,)),
    ("ReplicationPad1d", (2,), {}, (I3,)),
    ("ReplicationPad2d", (2,), {}, (I4,)),
    ("ReplicationPad3d", (1,), {}, (I5,)),
    ("CircularPad1d", (2,), {}, (I3,)),
    ("CircularPad2d", (2,), {}, (I4,)),
    ("CircularPad3d", (1,), {}, (I5,)),
    ("L1Loss", (), {}, (I2, I2)),
    ("MSELoss", (), {"reduction": "sum"}, (I2, I2)),
    ("SmoothL1Loss", (), {"beta": 0.5}, (I2, I2)),
    ("HuberLoss", ("none", 0.5), {}, (I2, I2)),
    ("BCEWithLogitsLoss", (), {}, (I2, I2)),
    ("SoftMarginLoss", (), {}, (I2, I2)),
    ("PoissonNLLLoss", (), {}, (I2, I2)),
    ("HingeEmbeddingLoss", (0.5,), {}, (I2, I2)),
    ("TripletMarginLoss", (), {"margin": 2.0, "swap": True}, (I2, I2, I2)),
    ("TripletMarginWithDistanceLoss", (), {"margin": 0.5}, (I2, I2, I2)),
    ("RNNCell", (4, 3), {}, (I2,)),
    ("RNNCell", (4, 3, False, "relu"), {}, (I2,)),
    ("LSTMCell", (4, 3), {}, (I2,)),
    ("GRUCell", (4, 3), {"bias": False}, (I2,)),
    ("RNN", (6, 3), {}, (I3,)),
    ("RNN", (6, 3, 2, "relu"), {"bidirectional": True}, (I3,)),
    ("LSTM", (6, 3), {}, (I3,)),
    ("LSTM", (6, 3, 2), {"batch_first": True, "bidirectional": True, "dropout": 0.5}, (I3,)),
    ("LSTM", (6, 5), {"proj_size": 3, "num_layers": 2}, (I3,)),
    ("LSTM", (6, 5), {"bias": False}, ((4, 6),)),
    ("GRU", (6, 3), {"num_layers": 2, "dropout": 0.3}, (I3,)),
    ("GRU", (6, 3), {"batch_first": True, "bias": False, "bidirectional": True}, (I3,)),
]


def made(name: str, args: Any, kwargs: Any, seed: int = 5) -> tuple[Any, Any]:
    tane.manual_seed(seed)
    torch.manual_seed(seed)
    return getattr(nn, name)(*args, **kwargs), getattr(torch.nn, name)(*args, **kwargs)


def flat(result: Any) -> list[Any]:
    return [x for r in result for x in flat(r)] if isinstance(result, (tuple, list)) else [result]


def array(x: Any) -> Any:
    return x.detach().numpy()


@pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN")
@pytest.mark.parametrize(("name", "args", "kwargs", "shapes"), LAYERS)
def test_a_layer(name: str, args: Any, kwargs: Any, shapes: Any) -> None:
    ours, theirs = made(name, args, kwargs)
    assert repr(ours) == repr(theirs)
    mine, yours = ours.state_dict(), theirs.state_dict()
    assert list(mine) == list(yours)
    for key in mine:
        np.testing.assert_array_equal(array(mine[key]), array(yours[key]), err_msg=key)
        assert str(mine[key].dtype).rsplit(".")[-1] == str(yours[key].dtype).rsplit(".")[-1]
    assert [n for n, _ in ours.named_parameters()] == [n for n, _ in theirs.named_parameters()]

    inputs = [R.normal(size=s).astype("f") for s in shapes]
    for training in (True, False):
        tane.manual_seed(9)
        torch.manual_seed(9)
        a, b = [tane.tensor(x, requires_grad=True) for x in inputs], [torch.tensor(x, requires_grad=True) for x in inputs]
        inplace = "inplace=True" in repr(ours)
        held = [x * 1 for x in a] if inplace else a, [x * 1 for x in b] if inplace else b
        if name in ("SoftMarginLoss", "HingeEmbeddingLoss"):  # whose targets PyTorch gives no gradient
            a[1].requires_grad = b[1].requires_grad = False
        expected = flat(theirs.train(training)(*held[1]))
        found = flat(ours.train(training)(*held[0]))
        assert len(found) == len(expected)
        for y, z in zip(found, expected, strict=True):
            assert tuple(y.shape) == tuple(z.shape)
            np.testing.assert_allclose(array(y), array(z), rtol=2e-5, atol=2e-5)
        if not found[0].requires_grad:
            continue
        # Gradients of inputs and parameters.
        weights = np.linspace(0.5, 1.5, found[0].numel()).reshape(tuple(found[0].shape)).astype("f")
        ours.zero_grad()
        theirs.zero_grad()
        (found[0] * tane.tensor(weights)).sum().backward()
        (expected[0] * torch.tensor(weights)).sum().backward()
        for (key, p), q in zip([*enumerate(a), *ours.named_parameters()], [*b, *theirs.parameters()], strict=True):
            if q.grad is None:
                assert p.grad is None or not array(p.grad).any(), key
            else:
                np.testing.assert_allclose(array(p.grad), array(q.grad), rtol=1e-3, atol=5e-5, err_msg=str(key))
    for key, value in ours.state_dict().items():  # running statistics
        np.testing.assert_allclose(array(value), array(theirs.state_dict()[key]), rtol=1e-5, atol=1e-6, err_msg=key)


CLASSES = sorted(
    {name for name, *_ in LAYERS} | {"Embedding", "EmbeddingBag", "CrossEntropyLoss", "NLLLoss", "BCELoss", "KLDivLoss", "CTCLoss"}
)


@pytest.mark.parametrize("name", CLASSES)
def test_constructors_take_the_same_arguments(name: str) -> None:
    ours, theirs = (inspect.signature(getattr(m, name).__init__).parameters for m in (nn, torch.nn))
    assert [(p.name, p.kind) for p in ours.values()] == [(p.name, p.kind) for p in theirs.values()]
    for a, b in zip(ours.values(), theirs.values(), strict=True):
        assert a.default == b.default or a.default is b.default or a.default == getattr(b.default, "value", None), a.name


@pytest.mark.parametrize(("name", "args", "kwargs", "shapes"), LAYERS)
def test_attributes(name: str, args: Any, kwargs: Any, shapes: Any) -> None:
    ours, theirs = made(name, args, kwargs)
    wanted = {k: v for k, v in vars(theirs).items() if not k.startswith("_") and not callable(v)}
    for key, value in wanted.items():
        assert getattr(ours, key) == value, key


# ---- embeddings ---------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "kwargs", [{}, {"padding_idx": 2}, {"max_norm": 0.5, "norm_type": 1.0}, {"scale_grad_by_freq": True, "padding_idx": -1}]
)
def test_embedding(kwargs: Any) -> None:
    ours, theirs = made("Embedding", (7, 3), kwargs)
    assert repr(ours) == repr(theirs)
    np.testing.assert_array_equal(array(ours.weight), array(theirs.weight))
    index = np.array([[1, 2, 2], [6, 0, 2]])
    y, z = ours(tane.tensor(index)), theirs(torch.tensor(index))
    np.testing.assert_allclose(array(y), array(z), rtol=1e-6)
    y.sum().backward()
    z.sum().backward()
    np.testing.assert_allclose(array(ours.weight.grad), array(theirs.weight.grad), rtol=1e-6)


def test_embedding_from_pretrained() -> None:
    table = R.normal(size=(5, 3)).astype("f")
    for module, framework in ((nn, tane), (torch.nn, torch)):
        layer = module.Embedding.from_pretrained(framework.tensor(table), padding_idx=1)
        assert not layer.weight.requires_grad
        assert array(layer(framework.tensor([1, 4]))).tolist() == table[[1, 4]].tolist()
        assert module.Embedding.from_pretrained(framework.tensor(table), freeze=False).weight.requires_grad


@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
def test_embedding_bag(mode: str) -> None:
    ours, theirs = made("EmbeddingBag", (7, 3), {"mode": mode, "padding_idx": 2})
    assert repr(ours) == repr(theirs)
    index = np.array([[1, 2, 5], [6, 0, 2]])
    y, z = ours(tane.tensor(index)), theirs(torch.tensor(index))
    np.testing.assert_allclose(array(y), array(z), rtol=1e-6)


# ---- losses with weights --------------------------------------------------------------------------------------------------------------
def test_losses_of_classes() -> None:
    x, t, w = R.normal(size=(3, 4)).astype("f"), np.array([1, 3, 0]), R.uniform(size=4).astype("f")
    for name, kwargs in (
        ("CrossEntropyLoss", {"ignore_index": 3}),
        ("CrossEntropyLoss", {"label_smoothing": 0.1, "reduction": "sum"}),
        ("NLLLoss", {}),
        ("MultiMarginLoss", {"p": 2}),
    ):
        ours, theirs = getattr(nn, name)(weight=tane.tensor(w), **kwargs), getattr(torch.nn, name)(weight=torch.tensor(w), **kwargs)
        assert list(ours.state_dict()) == ["weight"]
        a, b = ours(tane.tensor(x), tane.tensor(t)), theirs(torch.tensor(x), torch.tensor(t))
        assert a.item() == pytest.approx(b.item(), rel=1e-5)
    p = R.uniform(0.1, 0.9, (3, 4)).astype("f")
    for name in ("BCELoss", "KLDivLoss", "MultiLabelSoftMarginLoss"):
        kwargs = {"reduction": "sum"}
        a = getattr(nn, name)(**kwargs)(tane.tensor(p), tane.tensor(p))
        assert a.item() == pytest.approx(getattr(torch.nn, name)(**kwargs)(torch.tensor(p), torch.tensor(p)).item(), rel=1e-5)
    var = tane.tensor(p)
    assert nn.GaussianNLLLoss()(var, var, var).item() == pytest.approx(torch.nn.GaussianNLLLoss()(*[torch.tensor(p)] * 3).item(), rel=1e-5)
    with pytest.warns(UserWarning, match="please use reduction='sum' instead"):
        assert nn.MSELoss(size_average=False).reduction == "sum"


# ---- refused ------------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "expression",
    [
        "nn.Conv2d(3, 4, 3, groups=2)",
        "nn.Conv2d(4, 3, 3, groups=2)",
        "nn.Conv2d(3, 4, 3, padding='foo')",
        "nn.Conv2d(3, 4, 3, stride=2, padding='same')",
        "nn.Conv2d(3, 4, 3, padding_mode='foo')",
        "nn.ConvTranspose2d(3, 4, 3, padding_mode='reflect')",
        "nn.ConvTranspose2d(3, 4, 3)(t.ones(1, 3, 4, 4), output_size=(9, 9))",
        "nn.Dropout(1.5)",
        "nn.BatchNorm1d(3)(t.ones(2, 3, 4, 5))",
        "nn.BatchNorm2d(3)(t.ones(2, 3))",
        "nn.InstanceNorm2d(3)(t.ones(2, 3))",
        "nn.GroupNorm(3, 4)",
        "nn.Embedding(3, 2, padding_idx=5)",
        "nn.Hardtanh(2, 1)",
        "nn.Softmax2d()(t.ones(2, 3))",
        "nn.TripletMarginLoss(margin=-1)",
        "nn.MultiMarginLoss(p=3)",
        "nn.LSTM(3, 0)",
        "nn.LSTM(0, 3)",
        "nn.LSTM(3, 4, bias=1)",
        "nn.GRU(3, 4, batch_first='yes')",
        "nn.HuberLoss(delta=1j)",
        "nn.CircularPad2d(1)(t.ones(2, 3))",
        "nn.LSTM(3, 4, proj_size=4)",
        "nn.GRU(3, 4, proj_size=2)",
        "nn.RNN(3, 4, nonlinearity='foo')",
        "nn.LSTM(3, 4, dropout=2)",
        "nn.LSTM(3, 4)(t.ones(2, 2, 5))",
        "nn.LSTM(3, 4)(t.ones(2, 2, 2, 3))",
        "nn.LSTM(3, 4)(t.ones(2, 2, 3), (t.ones(1, 1, 4), t.ones(1, 2, 4)))",
        "nn.GRU(3, 4)(t.ones(2, 2, 3), t.ones(1, 1, 4))",
        "nn.GRU(3, 4)(t.ones(2, 2, 3), t.ones(1, 4))",
        "nn.LSTM(3, 4)(t.ones(2, 2, 3, dtype=t.float64))",
        "nn.GRUCell(3, 4)(t.ones(2, 5))",
        "nn.GRUCell(3, 4)(t.ones(2, 3), t.ones(2, 5))",
        "nn.GRUCell(3, 4)(t.ones(2, 3), t.ones(3, 4))",
        "nn.LSTMCell(3, 4)(t.ones(2, 2, 3))",
    ],
)
def test_errors(expression: str) -> None:
    with pytest.raises(Exception) as theirs:
        eval(expression, {"t": torch, "nn": torch.nn})
    with pytest.raises(theirs.type) as ours:
        eval(expression, {"t": tane, "nn": nn})
    assert type(ours.value) is theirs.type
