"""Stacked recurrent layers over batches of sequences, padded or packed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tane.autocasting import to_float, to_half
from tane.autograd.fitting import namespaces
from tane.nn.functional.dropping import dropout
from tane.nn.functional.products import linear
from tane.nn.ops import recurrent as op
from tane.ops.shape import cat, stack
from tane.tensor import Tensor, wrap

__all__ = ["gru_cell", "layers", "lstm_cell", "rnn_cell"]

States = tuple[Tensor, ...]


def _direction(
    mode: str, data: Tensor, states: States, weights: Sequence[Tensor], bias: bool, sizes: tuple[int, ...], reverse: bool
) -> States:
    """One layer in one direction: the outputs of all steps, then the last states."""
    w_ih, w_hh = weights[:2]
    b_ih, b_hh = weights[2:4] if bias else (None, None)
    project = weights[-1] if len(weights) in (3, 5) else None
    if mode == "GRU":
        gates = linear(data, w_ih, b_ih)
        if b_hh is None:
            b_hh = wrap(namespaces[type(data.array)].zeros((w_hh.array.shape[0],), dtype=w_hh.array.dtype))
        return op.gru(gates, states[0], w_hh, b_hh, sizes, reverse)[:2]
    gates = linear(data, w_ih, None if b_ih is None else b_ih + b_hh)
    if mode == "LSTM":
        if project is None:
            return op.lstm(gates, *states, w_hh, sizes, reverse)[:3]
        return op.lstm_projected(gates, *states, w_hh, project, sizes, reverse)[:3]
    return op.rnn(gates, states[0], w_hh, sizes, reverse, "tanh" if mode == "RNN_TANH" else "relu")[:2]


def layers(
    mode: str,
    data: Tensor,
    states: States,
    weights: Sequence[Sequence[Tensor]],
    bias: bool,
    sizes: tuple[int, ...],
    bidirectional: bool,
    p: float,
) -> States:
    """All layers on rows of steps of ``sizes``; ``states`` are (layers * directions, batch, …), ``weights`` in the same order.

    Between layers the outputs are dropped out with probability ``p``. Under ``autocast`` gated recurrent units compute in float32, the others in half
    precision.
    """
    run = _layers_in_float if mode == "GRU" else _layers_in_half
    return run(mode, data, states, weights, bias, sizes, bidirectional, p)


def _layers(
    mode: str,
    data: Tensor,
    states: States,
    weights: Sequence[Sequence[Tensor]],
    bias: bool,
    sizes: tuple[int, ...],
    bidirectional: bool,
    p: float,
) -> States:
    directions = 2 if bidirectional else 1
    last: list[States] = []
    for i in range(0, len(weights), directions):
        outputs = []
        for d in range(directions):
            y, *end = _direction(mode, data, tuple(s[i + d] for s in states), weights[i + d], bias, sizes, bool(d))
            outputs.append(y)
            last.append(tuple(end))
        data = outputs[0] if directions == 1 else cat.call(outputs, 1)
        if p and i + directions < len(weights):
            data = dropout(data, p, True)
    return (data, *(stack.call(list(found), 0) for found in zip(*last, strict=True)))


@to_half
def _layers_in_half(*args: Any) -> States:
    return _layers(*args)


@to_float
def _layers_in_float(*args: Any) -> States:
    return _layers(*args)


# ---- single steps -------------------------------------------------------------------------------------------------------------------
def _shares(input: Tensor, h: Tensor, weights: Sequence[Any]) -> Any:
    w_ih, w_hh, b_ih, b_hh = weights
    return linear(input, w_ih, b_ih), linear(h, w_hh, b_hh)


def rnn_cell(input: Tensor, h: Tensor, weights: Sequence[Any], nonlinearity: str) -> Tensor:
    """The next state of a plain cell."""
    own, state = _shares(input, h, weights)
    x = own + state
    return x.tanh() if nonlinearity == "tanh" else x.relu()


def lstm_cell(input: Tensor, h: Tensor, c: Tensor, weights: Sequence[Any]) -> tuple[Tensor, Tensor]:
    """The next output and cell state of a long short-term memory."""
    own, state = _shares(input, h, weights)
    i, f, g, o = (own + state).chunk(4, 1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


def gru_cell(input: Tensor, h: Tensor, weights: Sequence[Any]) -> Tensor:
    """The next state of a gated recurrent unit."""
    own, state = _shares(input, h, weights)
    (xr, xz, xn), (hr, hz, hn) = own.chunk(3, 1), state.chunk(3, 1)
    new = (xn + (xr + hr).sigmoid() * hn).tanh()
    z = (xz + hz).sigmoid()
    return (h - new) * z + new
