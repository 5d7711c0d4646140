"""Recurrent layers, packed sequences, attention and transformers beside PyTorch's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tane
from tane import nn
from tane.nn.utils import rnn
from tane.testing.parity import same, same_error

torch = pytest.importorskip("torch")

trnn = torch.nn.utils.rnn
R = np.random.default_rng(8)


def array(x: Any) -> Any:
    return x.detach().numpy()


def made(name: str, *args: Any, **kwargs: Any) -> tuple[Any, Any]:
    tane.manual_seed(4)
    torch.manual_seed(4)
    return getattr(nn, name)(*args, **kwargs), getattr(torch.nn, name)(*args, **kwargs)


def close(a: Any, b: Any, what: str = "") -> None:
    if a is None or b is None:
        assert a is b, what
        return
    np.testing.assert_allclose(array(a), array(b), rtol=1e-4, atol=2e-5, err_msg=what)


def trained(ours: Any, theirs: Any, found: Any, expected: Any) -> None:
    """Compare results, and the gradients of all parameters."""
    assert len(found) == len(expected)
    total, other = 0, 0
    for y, z in zip(found, expected, strict=True):
        assert tuple(y.shape) == tuple(z.shape)
        close(y, z)
        if y.requires_grad:
            w = np.linspace(0.5, 1.5, y.numel()).reshape(tuple(y.shape)).astype("f")
            total, other = total + (y * tane.tensor(w)).sum(), other + (z * torch.tensor(w)).sum()
    total.backward()
    other.backward()
    for (name, p), q in zip(ours.named_parameters(), theirs.parameters(), strict=True):
        close(p.grad, q.grad, name)


# ---- recurrent ----------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU"])
def test_states_in_and_out(name: str, bidirectional: bool) -> None:
    ours, theirs = made(name, 4, 3, 2, bidirectional=bidirectional)
    x, h = R.normal(size=(5, 2, 4)).astype("f"), R.normal(size=(4 if bidirectional else 2, 2, 3)).astype("f")
    state = (h, h * 2) if name == "LSTM" else h
    y, last = ours(tane.tensor(x), tuple(map(tane.tensor, state)) if name == "LSTM" else tane.tensor(state))
    z, end = theirs(torch.tensor(x), tuple(map(torch.tensor, state)) if name == "LSTM" else torch.tensor(state))
    trained(ours, theirs, [y, *(last if name == "LSTM" else [last])], [z, *(end if name == "LSTM" else [end])])


@pytest.mark.parametrize("kwargs", [{}, {"bidirectional": True}, {"proj_size": 2}, {"nonlinearity": "relu"}, {"bias": False}])
@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU"])
def test_second_derivatives(name: str, kwargs: Any) -> None:
    """The recurrence in one node differentiates twice: compared with cells, which are made of ordinary operations."""
    if ("proj_size" in kwargs and name != "LSTM") or ("nonlinearity" in kwargs and name != "RNN"):
        pytest.skip("no such setting")
    tane.manual_seed(0)
    layer = getattr(nn, name)(3, 4, dtype=tane.float64, **kwargs)
    parameters = list(layer.parameters())
    x = tane.tensor(R.normal(size=(3, 2, 3)), requires_grad=True)

    def loss(forward: Any) -> list[Any]:
        y = forward(x)
        first = tane.autograd.grad((y**3).sum(), [x, *parameters], create_graph=True)
        return [y, *first, *tane.autograd.grad(sum((g * g).sum() for g in first), [x, *parameters])]

    def by_cells(x: Any) -> Any:
        outputs = []
        for d in range(2 if kwargs.get("bidirectional") else 1):
            weights = layer.all_weights[d]
            w_ih, w_hh, *rest = weights
            b_ih, b_hh = rest[:2] if kwargs.get("bias", True) else (0, 0)
            h = c = tane.zeros(2, 4, dtype=tane.float64)
            if "proj_size" in kwargs:
                h = h[:, :2]
            steps = []
            for t in range(3)[:: -1 if d else 1]:
                own, state = x[t] @ w_ih.t() + b_ih, h @ w_hh.t() + b_hh
                if name == "RNN":
                    h = (own + state).relu() if kwargs.get("nonlinearity") else (own + state).tanh()
                elif name == "LSTM":
                    i, f, g, o = (own + state).chunk(4, 1)
                    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
                    h = o.sigmoid() * c.tanh()
                    if "proj_size" in kwargs:
                        h = h @ weights[-1].t()
                else:
                    (a, b, n), (p, q, m) = own.chunk(3, 1), state.chunk(3, 1)
                    z = (b + q).sigmoid()
                    h = (1 - z) * (n + (a + p).sigmoid() * m).tanh() + z * h
                steps.append(h)
            outputs.append(tane.stack(steps[:: -1 if d else 1]))
        return tane.cat(outputs, -1)

    for a, b in zip(loss(lambda x: layer(x)[0]), loss(by_cells), strict=True):
        np.testing.assert_allclose(array(a), array(b), rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU"])
@pytest.mark.parametrize("sort", [True, False])
@pytest.mark.parametrize("batch_first", [True, False])
def test_packed(name: str, sort: bool, batch_first: bool) -> None:
    ours, theirs = made(name, 4, 3, 2, bidirectional=True, batch_first=batch_first)
    lengths = [5, 3, 3, 1] if sort else [3, 1, 5, 3]
    x = R.normal(size=(4, 5, 4)).astype("f")
    if not batch_first:
        x = x.swapaxes(0, 1).copy()
    found, expected = [], []
    for layer, module, framework, results in ((ours, rnn, tane, found), (theirs, trnn, torch, expected)):
        packed = module.pack_padded_sequence(framework.tensor(x), framework.tensor(lengths), batch_first, enforce_sorted=sort)
        out, last = layer(packed)
        assert out.batch_sizes.tolist() == [4, 3, 3, 1, 1]
        padded, sizes = module.pad_packed_sequence(out, batch_first, padding_value=-1.0, total_length=6)
        assert sizes.tolist() == lengths
        results += [padded, *(last if name == "LSTM" else [last])]
    trained(ours, theirs, found, expected)


def test_packing_and_back() -> None:
    sequences = [R.normal(size=(n, 2)).astype("f") for n in (2, 4, 1)]
    for module, framework in ((rnn, tane), (trnn, torch)):
        tensors = [framework.tensor(s) for s in sequences]
        packed = module.pack_sequence(tensors, enforce_sorted=False)
        for a, b in zip(module.unpack_sequence(packed), sequences, strict=True):
            np.testing.assert_array_equal(a.numpy(), b)
        assert packed.sorted_indices.tolist() == [1, 0, 2]
        assert packed.unsorted_indices.tolist() == [1, 0, 2]
        padded = module.pad_sequence(tensors, batch_first=True, padding_value=7.0)
        assert padded.shape == (3, 4, 2)
        assert padded[2, 1:].unique().tolist() == [7.0]
        assert module.pad_sequence(tensors, padding_side="left")[0, 2].tolist() == [0, 0]
        for a, b in zip(module.unpad_sequence(padded, framework.tensor([2, 4, 1]), batch_first=True), sequences, strict=True):
            np.testing.assert_array_equal(a.numpy(), b)


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("r.pack_padded_sequence(t.ones(3, 2, 1), t.tensor([2, 3]))", "must be sorted in decreasing order"),
        ("r.pack_padded_sequence(t.ones(3, 2, 1), t.tensor([2, 0]))", "Length of all samples has to be greater than 0"),
        ("r.pack_padded_sequence(t.ones(3, 2, 1), t.tensor([2]))", "Expected `len(lengths)` to be equal to batch_size"),
        ("r.pad_packed_sequence(r.pack_padded_sequence(t.ones(3, 2, 1), [3, 2]), total_length=2)", "Expected total_length to be at least"),
        ("r.pad_sequence([])", "received an empty list of sequences"),
    ],
)
def test_packing_errors(expression: str, text: str) -> None:
    same_error(lambda: eval(expression, {"t": tane, "r": rnn}), lambda: eval(expression, {"t": torch, "r": trnn}), text)


def test_repr_and_flat_weights() -> None:
    ours, theirs = made("LSTM", 3, 4, 2, bidirectional=True)
    assert ours._flat_weights_names == theirs._flat_weights_names
    assert [[tuple(w.shape) for w in ws] for ws in ours.all_weights] == [[tuple(w.shape) for w in ws] for ws in theirs.all_weights]
    assert ours.flatten_parameters() is None


@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU"])
def test_on_another_device(name: str) -> None:
    tane.manual_seed(0)
    layer = getattr(nn, name)(3, 4, 2, bidirectional=True)
    x = tane.tensor(R.normal(size=(3, 2, 3)).astype("f"), requires_grad=True)
    y = layer(x)[0]
    (first,) = tane.autograd.grad((y**3).sum(), x, create_graph=True)
    (second,) = tane.autograd.grad((first**2).sum(), x)
    layer.to("strict")
    z = x.detach().to("strict").requires_grad_()
    there = layer(z)[0]
    (g,) = tane.autograd.grad((there**3).sum(), z, create_graph=True)
    (h,) = tane.autograd.grad((g**2).sum(), z)
    for a, b in ((y, there), (first, g), (second, h)):
        assert b.device.type == "strict"
        np.testing.assert_allclose(array(a), array(b.cpu()), rtol=1e-5, atol=1e-6)


# ---- attention ----------------------------------------------------------------------------------------------------------------------
ATTENTIONS: list[dict[str, Any]] = [
    {},
    {"batch_first": True},
    {"bias": False},
    {"add_bias_kv": True},
    {"add_zero_attn": True},
    {"kdim": 5, "vdim": 3},
    {"dropout": 0.4},
]


@pytest.mark.parametrize("weights", [True, False])
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("kwargs", ATTENTIONS)
def test_multihead_attention(kwargs: Any, masked: bool, weights: bool) -> None:
    ours, theirs = made("MultiheadAttention", 8, 2, **kwargs)
    assert repr(ours) == repr(theirs)
    assert [n for n, _ in ours.named_parameters()] == [n for n, _ in theirs.named_parameters()]
    for (n, p), q in zip(ours.named_parameters(), theirs.parameters(), strict=True):
        np.testing.assert_array_equal(array(p), array(q), err_msg=n)
    q, k, v = (R.normal(size=(n, 3, d)).astype("f") for n, d in ((4, 8), (5, kwargs.get("kdim", 8)), (5, kwargs.get("vdim", 8))))
    if kwargs.get("batch_first"):
        q, k, v = (x.swapaxes(0, 1).copy() for x in (q, k, v))
    padding = np.zeros((3, 5), bool)
    padding[0, 3:] = padding[2, 0] = True
    found, expected = [], []
    for layer, framework, results in ((ours, tane, found), (theirs, torch, expected)):
        framework.manual_seed(6)
        masks = {"key_padding_mask": framework.tensor(padding), "attn_mask": framework.tensor(np.eye(4, 5, dtype=bool))} if masked else {}
        out, w = layer(*map(framework.tensor, (q, k, v)), need_weights=weights, **masks)
        results += [out] if w is None else [out, w]
    trained(ours, theirs, found, expected)


def test_choice_of_an_implementation() -> None:
    from tane.nn.attention import SDPBackend, sdpa_kernel

    q = tane.ones(1, 1, 2, 2)
    for chosen in (SDPBackend.MATH, [SDPBackend.FLASH_ATTENTION, SDPBackend.EFFICIENT_ATTENTION]):
        with sdpa_kernel(chosen):
            assert nn.functional.scaled_dot_product_attention(q, q, q).sum().item() == 4


def test_attention_variants() -> None:
    ours, theirs = made("MultiheadAttention", 8, 2)
    x = R.normal(size=(4, 8)).astype("f")
    mask = R.normal(size=(2, 4, 4)).astype("f")
    for kwargs in ({}, {"average_attn_weights": False}):
        a = ours(*[tane.tensor(x)] * 3, attn_mask=tane.tensor(mask), **kwargs)
        b = theirs(*[torch.tensor(x)] * 3, attn_mask=torch.tensor(mask), **kwargs)
        for y, z in zip(a, b, strict=True):
            close(y, z)
    for expression in (
        "nn.MultiheadAttention(7, 2)",
        "nn.MultiheadAttention(0, 2)",
        "nn.MultiheadAttention(8, 2)(t.ones(2, 3, 8), t.ones(2, 8), t.ones(2, 8))",
        "nn.MultiheadAttention(8, 2)(t.ones(2, 3, 8), t.ones(2, 3, 8), t.ones(2, 3, 8), attn_mask=t.ones(3, 3))",
        "nn.MultiheadAttention(8, 2)(t.ones(2, 3, 8), t.ones(2, 3, 8), t.ones(2, 3, 8), is_causal=True)",
    ):
        same_error(lambda e=expression: eval(e, {"t": tane, "nn": nn}), lambda e=expression: eval(e, {"t": torch, "nn": torch.nn}))


# ---- transformers -------------------------------------------------------------------------------------------------------------------
@pytest.mark.filterwarnings("ignore:enable_nested_tensor is True")
@pytest.mark.parametrize("kwargs", [{}, {"norm_first": True, "activation": "gelu"}, {"batch_first": True, "bias": False}])
def test_transformer(kwargs: Any) -> None:
    ours, theirs = made("Transformer", 8, 2, 2, 1, 16, dropout=0.2, **kwargs)
    assert repr(ours) == repr(theirs)
    for (n, p), (m, q) in zip(ours.named_parameters(), theirs.named_parameters(), strict=True):
        assert n == m
        np.testing.assert_array_equal(array(p), array(q), err_msg=n)
    s, t = R.normal(size=(5, 3, 8)).astype("f"), R.normal(size=(4, 3, 8)).astype("f")
    if kwargs.get("batch_first"):
        s, t = s.swapaxes(0, 1).copy(), t.swapaxes(0, 1).copy()
    padding = np.zeros((3, 5), bool)
    padding[1, 3:] = True
    found, expected = [], []
    for layer, framework, module, results in ((ours, tane, nn, found), (theirs, torch, torch.nn, expected)):
        framework.manual_seed(6)
        mask = module.Transformer.generate_square_subsequent_mask(4)
        out = layer(
            framework.tensor(s),
            framework.tensor(t),
            tgt_mask=mask,
            src_key_padding_mask=framework.tensor(np.where(padding, -np.inf, 0).astype("f")),
            memory_key_padding_mask=framework.tensor(padding),
        )
        results.append(out)
    trained(ours, theirs, found, expected)
    close(nn.Transformer.generate_square_subsequent_mask(3), torch.nn.Transformer.generate_square_subsequent_mask(3))


def test_encoder_in_evaluation() -> None:
    tane.manual_seed(4)
    torch.manual_seed(4)
    ours = nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 2).eval()
    theirs = torch.nn.TransformerEncoder(torch.nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 2, enable_nested_tensor=False).eval()
    x = R.normal(size=(3, 5, 8)).astype("f")
    assert list(ours.state_dict()) == list(theirs.state_dict())
    close(ours(tane.tensor(x)), theirs(torch.tensor(x)))
    mask = nn.Transformer.generate_square_subsequent_mask(5)
    close(ours(tane.tensor(x), mask, is_causal=True), theirs(torch.tensor(x), torch.tensor(mask.numpy()), is_causal=True))


# ---- connectionist temporal classification --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("flat", [False, True])
def test_ctc_loss(flat: bool, reduction: str) -> None:
    scores = R.normal(size=(7, 4, 5))
    targets, lengths = np.array([[1, 2, 2], [3, 1, 0], [4, 4, 4], [2, 0, 0]]), [3, 2, 3, 1]
    if flat:
        targets = np.concatenate([row[:n] for row, n in zip(targets, lengths, strict=True)])
    steps = [7, 5, 6, 7]
    for through in (True, False):  # with and without the logarithm of softmax in front
        same(
            lambda x, t, through=through: nn.functional.ctc_loss(
                x.log_softmax(2) if through else x, t, tane.tensor(steps), tane.tensor(lengths), reduction=reduction
            ),
            lambda x, t, through=through: torch.nn.functional.ctc_loss(
                x.log_softmax(2) if through else x, t, torch.tensor(steps), torch.tensor(lengths), reduction=reduction
            ),
            scores,
            targets,
            order=1,
        )


def test_ctc_loss_of_the_impossible() -> None:
    x = R.normal(size=(2, 1, 4))
    for infinite in (False, True):
        same(
            lambda x, infinite=infinite: nn.CTCLoss(blank=3, zero_infinity=infinite)(x.log_softmax(2), tane.tensor([[1, 1]]), [2], [2]),
            lambda x, infinite=infinite: torch.nn.CTCLoss(blank=3, zero_infinity=infinite)(
                x.log_softmax(2), torch.tensor([[1, 1]]), [2], [2]
            ),
            x,
            order=1 if infinite else 0,
        )
    same(
        lambda x: nn.functional.ctc_loss(x[:, 0].log_softmax(1), tane.tensor([2]), tane.tensor(2), tane.tensor(1)),
        lambda x: torch.nn.functional.ctc_loss(x[:, 0].log_softmax(1), torch.tensor([2]), torch.tensor(2), torch.tensor(1)),
        x,
        order=1,
    )
    leaf = tane.tensor(x, requires_grad=True)
    loss = nn.functional.ctc_loss(leaf, tane.tensor([[1]]), [2], [1])
    (first,) = tane.autograd.grad(loss, leaf, create_graph=True)
    with pytest.raises(RuntimeError, match="not implemented"):
        first.sum().backward()


# ---- lazy ---------------------------------------------------------------------------------------------------------------------------
@pytest.mark.filterwarnings("ignore:Lazy modules are a new feature")
@pytest.mark.parametrize(
    ("name", "args", "shape"),
    [
        ("LazyConv1d", (4, 3), (2, 3, 6)),
        ("LazyConv2d", (4, 3), (2, 3, 6, 6)),
        ("LazyConv3d", (4, 2), (2, 3, 4, 4, 4)),
        ("LazyConvTranspose1d", (4, 3, 2), (2, 3, 6)),
        ("LazyConvTranspose2d", (4, 3), (2, 3, 6, 6)),
        ("LazyConvTranspose3d", (4, 2), (2, 3, 4, 4, 4)),
        ("LazyBatchNorm1d", (), (2, 3, 6)),
        ("LazyBatchNorm2d", (), (2, 3, 6, 6)),
        ("LazyBatchNorm3d", (), (2, 3, 4, 4, 4)),
        ("LazyInstanceNorm1d", (), (2, 3, 6)),
        ("LazyInstanceNorm2d", (1e-3, 0.2, True, True), (2, 3, 6, 6)),
    ],
)
def test_lazy(name: str, args: Any, shape: Any) -> None:
    ours, theirs = made(name, *args)
    assert repr(ours) == repr(theirs)
    x = R.normal(size=shape).astype("f")
    y, z = ours(tane.tensor(x)), theirs(torch.tensor(x))
    close(y, z)
    assert repr(ours) == repr(theirs)
    assert type(ours).__name__ == name.removeprefix("Lazy")
    for (n, p), q in zip(ours.named_parameters(), theirs.parameters(), strict=True):
        np.testing.assert_array_equal(array(p), array(q), err_msg=n)
