"""Recurrent layers over a whole sequence in one node: a loop over raw arrays forward, and one back through time.

A sequence is a matrix of rows, step after step, and ``sizes`` says how many rows each step has (batches of sequences sorted by length, longest first, so
that step ``t`` continues the first ``sizes[t]`` of them). ``gates`` are the inputs' share of the gates, already multiplied by their weights: what a
step adds is the state's share. ``reverse`` runs from the last step to the first.

The ops return the outputs of all steps and the last states, and after these what their gradients will need, which is not for use. Those gradients are
ops themselves (``…_backward``); the gradients of *those* are found by differentiating the same recurrence written in differentiable operations, see
:mod:`tane.nn.ops.twice`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tane.nn.ops.common import raw
from tane.nn.ops.twice import differentiated_twice
from tane.ops.joint import Joint
from tane.ops.shape import cat

__all__ = ["gru", "lstm", "lstm_projected", "rnn"]

Sizes = tuple[int, ...]


def steps(sizes: Sizes, reverse: bool) -> Iterator[tuple[int, slice]]:
    """The number of rows of each step, and where they lie, in the order of computation."""
    starts, start = [], 0
    for n in sizes:
        starts.append(start)
        start += n
    order = range(len(sizes))
    for t in reversed(order) if reverse else order:
        yield sizes[t], slice(starts[t], starts[t] + sizes[t])


def _sigmoid(F: Any, x: Any) -> None:
    """In place, as half a tanh of half its argument and a half: a tanh takes half the time of an exponential."""
    x *= 0.5
    F.tanh(x, out=x)
    x += 1
    x *= 0.5


# ---- a plain cell -------------------------------------------------------------------------------------------------------------------
def _rnn(F: Any, gates: Any, h0: Any, weight: Any, sizes: Sizes, reverse: bool, kind: str) -> tuple[Any, ...]:
    h, transposed = h0.copy(), weight.T
    y, before = F.empty(gates.shape, dtype=gates.dtype), F.empty(gates.shape, dtype=gates.dtype)
    for n, rows in steps(sizes, reverse):
        before[rows] = h[:n]
        out = y[rows]
        F.matmul(h[:n], transposed, out=out)
        out += gates[rows]
        if kind == "tanh":
            F.tanh(out, out=out)
        else:
            F.maximum(out, 0, out=out)
        h[:n] = out
    return y, h, before


def _rnn_backward(F: Any, gy: Any, gh: Any, weight: Any, y: Any, before: Any, sizes: Sizes, reverse: bool, kind: str) -> tuple[Any, ...]:
    dh, dgates = gh.copy(), gy.copy()
    for n, rows in reversed(list(steps(sizes, reverse))):
        d, out = dgates[rows], y[rows]
        d += dh[:n]
        d *= 1 - out * out if kind == "tanh" else out > 0
        F.matmul(d, weight, out=dh[:n])
    return dgates, dh, F.matmul(dgates.T, before)


def _rnn_steps(gates: Any, h0: Any, weight: Any, sizes: Sizes, reverse: bool, kind: str) -> tuple[Any, ...]:
    def cell(rows: Any, h: Any) -> Any:
        x = rows + h @ weight.t()
        return (x.tanh() if kind == "tanh" else x.relu(),)

    return _recurrence(gates, (h0,), sizes, reverse, cell)


# ---- lstm ---------------------------------------------------------------------------------------------------------------------------
# The gates of a row: input, forget, cell, output. A sigmoid is half a tanh of half its argument and a half, so one tanh does all four; it is also
# twice as fast as an exponential.
def _lstm(F: Any, gates: Any, h0: Any, c0: Any, weight: Any, project: Any, sizes: Sizes, reverse: bool) -> tuple[Any, ...]:
    h, c, size, kind = h0.copy(), c0.copy(), c0.shape[1], gates.dtype
    count = gates.shape[0]
    act, halved = gates * 0.5, weight * 0.5
    act[:, 2 * size : 3 * size] *= 2
    halved[2 * size : 3 * size] *= 2
    halved = halved.T
    y = F.empty((count, h0.shape[1]), dtype=kind)
    before_h, before_c, curve = F.empty(y.shape, dtype=kind), F.empty((count, size), dtype=kind), F.empty((count, size), dtype=kind)
    for n, rows in steps(sizes, reverse):
        before_h[rows], before_c[rows] = h[:n], c[:n]
        a = act[rows]
        a += F.matmul(h[:n], halved)
        F.tanh(a, out=a)
        for part in (a[:, : 2 * size], a[:, 3 * size :]):
            part += 1
            part *= 0.5
        state = c[:n]
        state *= a[:, size : 2 * size]
        state += a[:, 2 * size : 3 * size] * a[:, :size]
        t = F.tanh(state, out=curve[rows])
        out = t * a[:, 3 * size :]
        h[:n] = y[rows] = out if project is None else F.matmul(out, project.T)
    return y, h, c, act, curve, before_h, before_c


def _lstm_backward(
    F: Any,
    gy: Any,
    gh: Any,
    gc: Any,
    weight: Any,
    project: Any,
    kept: tuple[Any, ...],
    sizes: Sizes,
    reverse: bool,
) -> tuple[Any, ...]:
    act, curve, before_h, before_c = kept
    dh, dc, size = gh.copy(), gc.copy(), gc.shape[1]
    i, f, g, o = (act[:, k * size : (k + 1) * size] for k in range(4))
    # What does not depend on the states' gradients, for all steps at once.
    slope = F.empty(act.shape, dtype=gy.dtype)
    slope[:, :size] = g * i * (1 - i)
    slope[:, size : 2 * size] = before_c * f * (1 - f)
    slope[:, 2 * size : 3 * size] = i * (1 - g * g)
    slope[:, 3 * size :] = curve * o * (1 - o)
    through = o * (1 - curve * curve)
    dgates = F.empty(act.shape, dtype=gy.dtype)
    sent = None if project is None else F.empty(gy.shape, dtype=gy.dtype)
    for n, rows in reversed(list(steps(sizes, reverse))):
        d, s = dgates[rows], slope[rows]
        dout = gy[rows] + dh[:n]
        if sent is not None:
            sent[rows] = dout
            dout = F.matmul(dout, project)
        state = dc[:n]
        state += dout * through[rows]
        F.multiply(state.reshape((n, 1, size)), s[:, : 3 * size].reshape((n, 3, size)), out=d[:, : 3 * size].reshape((n, 3, size)))
        F.multiply(dout, s[:, 3 * size :], out=d[:, 3 * size :])
        state *= f[rows]
        F.matmul(d, weight, out=dh[:n])
    found = dgates, dh, dc, F.matmul(dgates.T, before_h)
    if sent is None:
        return found
    return (*found, F.matmul(sent.T, curve * o))


def _lstm_steps(gates: Any, h0: Any, c0: Any, weight: Any, project: Any, sizes: Sizes, reverse: bool) -> tuple[Any, ...]:
    def cell(rows: Any, h: Any, c: Any) -> Any:
        i, f, g, o = (rows + h @ weight.t()).chunk(4, 1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        h = o.sigmoid() * c.tanh()
        return (h if project is None else h @ project.t()), c

    return _recurrence(gates, (h0, c0), sizes, reverse, cell)


# ---- gru ----------------------------------------------------------------------------------------------------------------------------
# The gates of a row: reset, update, new.
def _gru(F: Any, gates: Any, h0: Any, weight: Any, bias: Any, sizes: Sizes, reverse: bool) -> tuple[Any, ...]:
    h, transposed, size, kind = h0.copy(), weight.T, h0.shape[1], gates.dtype
    count = gates.shape[0]
    act = F.empty(gates.shape, dtype=kind)
    y, before, inner = (F.empty((count, size), dtype=kind) for _ in range(3))
    for n, rows in steps(sizes, reverse):
        before[rows] = h[:n]
        a, own = act[rows], gates[rows]
        F.matmul(h[:n], transposed, out=a)
        a += bias
        inner[rows] = a[:, 2 * size :]
        a[:, : 2 * size] += own[:, : 2 * size]
        _sigmoid(F, a[:, : 2 * size])
        new = a[:, 2 * size :]
        new *= a[:, :size]
        new += own[:, 2 * size :]
        F.tanh(new, out=new)
        state = h[:n]
        state -= new
        state *= a[:, size : 2 * size]
        state += new
        y[rows] = state
    return y, h, act, inner, before


def _gru_backward(F: Any, gy: Any, gh: Any, weight: Any, kept: tuple[Any, ...], sizes: Sizes, reverse: bool) -> tuple[Any, ...]:
    act, inner, before = kept
    dh, size = gh.copy(), gh.shape[1]
    dgates, dstate = F.empty(act.shape, dtype=gy.dtype), F.empty(act.shape, dtype=gy.dtype)
    for n, rows in reversed(list(steps(sizes, reverse))):
        a, d, s = act[rows], dgates[rows], dstate[rows]
        r, z, new = a[:, :size], a[:, size : 2 * size], a[:, 2 * size :]
        dout = gy[rows] + dh[:n]
        dnew = dout * (1 - z) * (1 - new * new)
        d[:, :size] = dnew * inner[rows] * r * (1 - r)
        d[:, size : 2 * size] = dout * (before[rows] - new) * z * (1 - z)
        d[:, 2 * size :] = dnew
        s[...] = d
        s[:, 2 * size :] *= r
        back = F.matmul(s, weight)
        back += dout * z
        dh[:n] = back
    return dgates, dh, F.matmul(dstate.T, before), F.sum(dstate, axis=0)


def _gru_steps(gates: Any, h0: Any, weight: Any, bias: Any, sizes: Sizes, reverse: bool) -> tuple[Any, ...]:
    def cell(rows: Any, h: Any) -> Any:
        (xr, xz, xn), (hr, hz, hn) = rows.chunk(3, 1), (h @ weight.t() + bias).chunk(3, 1)
        new = (xn + (xr + hr).sigmoid() * hn).tanh()
        z = (xz + hz).sigmoid()
        return ((h - new) * z + new,)

    return _recurrence(gates, (h0,), sizes, reverse, cell)


# ---- in differentiable operations ---------------------------------------------------------------------------------------------------
def _recurrence(gates: Any, states: tuple[Any, ...], sizes: Sizes, reverse: bool, cell: Any) -> tuple[Any, ...]:
    """The outputs of all steps and the last states, from a cell that computes one step on Tensors."""
    found = {}
    for n, rows in steps(sizes, reverse):
        new = cell(gates[rows], *(s[:n] for s in states))
        states = tuple(v if n == len(s) else cat.call((v, s[n:]), 0) for v, s in zip(new, states, strict=True))
        found[rows.start] = new[0]
    y = cat.call([found[start] for start in sorted(found)], 0)
    return (y, *states)


# ---- the ops ------------------------------------------------------------------------------------------------------------------------
rnn = Joint(
    "rnn_sequence",
    lambda F, gates, h0, weight, sizes=(), reverse=False, kind="tanh": _rnn(F, gates, h0, weight, sizes, reverse, kind),
    lambda F, gs, gates, h0, weight, ys, sizes, reverse, kind: F.rnn_sequence_backward(
        gates, h0, weight, gs[0], gs[1], raw(ys[0]), raw(ys[2]), sizes, reverse, kind
    ),
    inputs=3,
    backward="RnnBackward0",
)
rnn_backward = Joint(
    "rnn_sequence_backward",
    lambda F, gates, h0, weight, gy, gh, y=None, before=None, sizes=(), reverse=False, kind="tanh": _rnn_backward(
        F, gy, gh, weight, y, before, sizes, reverse, kind
    ),
    lambda F, gs, gates, h0, weight, gy, gh, sizes, reverse, kind: differentiated_twice(
        lambda gates, h0, weight: _rnn_steps(gates, h0, weight, sizes, reverse, kind), (gates, h0, weight), (gy, gh), gs
    ),
    inputs=5,
)
lstm = Joint(
    "lstm_sequence",
    lambda F, gates, h0, c0, weight, sizes=(), reverse=False: _lstm(F, gates, h0, c0, weight, None, sizes, reverse),
    lambda F, gs, gates, h0, c0, weight, ys, sizes, reverse: F.lstm_sequence_backward(
        gates, h0, c0, weight, gs[0], gs[1], gs[2], tuple(map(raw, ys[3:])), sizes, reverse
    ),
    inputs=4,
    backward="LstmBackward0",
)
lstm_backward = Joint(
    "lstm_sequence_backward",
    lambda F, gates, h0, c0, weight, gy, gh, gc, kept=(), sizes=(), reverse=False: _lstm_backward(
        F, gy, gh, gc, weight, None, kept, sizes, reverse
    ),
    lambda F, gs, gates, h0, c0, weight, gy, gh, gc, sizes, reverse: differentiated_twice(
        lambda gates, h0, c0, weight: _lstm_steps(gates, h0, c0, weight, None, sizes, reverse), (gates, h0, c0, weight), (gy, gh, gc), gs
    ),
    inputs=7,
)
lstm_projected = Joint(
    "lstm_projected",
    lambda F, gates, h0, c0, weight, project, sizes=(), reverse=False: _lstm(F, gates, h0, c0, weight, project, sizes, reverse),
    lambda F, gs, gates, h0, c0, weight, project, ys, sizes, reverse: F.lstm_projected_backward(
        gates, h0, c0, weight, project, gs[0], gs[1], gs[2], tuple(map(raw, ys[3:])), sizes, reverse
    ),
    inputs=5,
    backward="LstmBackward0",
)
lstm_projected_backward = Joint(
    "lstm_projected_backward",
    lambda F, gates, h0, c0, weight, project, gy, gh, gc, kept=(), sizes=(), reverse=False: _lstm_backward(
        F, gy, gh, gc, weight, project, kept, sizes, reverse
    ),
    lambda F, gs, gates, h0, c0, weight, project, gy, gh, gc, sizes, reverse: differentiated_twice(
        lambda gates, h0, c0, weight, project: _lstm_steps(gates, h0, c0, weight, project, sizes, reverse),
        (gates, h0, c0, weight, project),
        (gy, gh, gc),
        gs,
    ),
    inputs=8,
)
gru = Joint(
    "gru_sequence",
    lambda F, gates, h0, weight, bias, sizes=(), reverse=False: _gru(F, gates, h0, weight, bias, sizes, reverse),
    lambda F, gs, gates, h0, weight, bias, ys, sizes, reverse: F.gru_sequence_backward(
        gates, h0, weight, bias, gs[0], gs[1], tuple(map(raw, ys[2:])), sizes, reverse
    ),
    inputs=4,
    backward="GruBackward0",
)
gru_backward = Joint(
    "gru_sequence_backward",
    lambda F, gates, h0, weight, bias, gy, gh, kept=(), sizes=(), reverse=False: _gru_backward(F, gy, gh, weight, kept, sizes, reverse),
    lambda F, gs, gates, h0, weight, bias, gy, gh, sizes, reverse: differentiated_twice(
        lambda gates, h0, weight, bias: _gru_steps(gates, h0, weight, bias, sizes, reverse), (gates, h0, weight, bias), (gy, gh), gs
    ),
    inputs=6,
)
rnn.recomputes = gru.recomputes = True
