"""Connectionist temporal classification: the probability of a target, summed over all its alignments with the input.

``states`` (N, 2S + 1) are the targets' classes with blanks around each; ``skips`` says where a state may be entered from two before. All of it, the
lengths too, is raw.
"""

from __future__ import annotations

from typing import Any, NoReturn

from tane.nn.ops.common import raw
from tane.ops.primitive import primitive

__all__ = ["ctc_loss"]

INF = float("inf")


def _shifted(F: Any, a: Any, by: int) -> Any:
    """The states moved up by one or two, or down."""
    out = F.full(a.shape, -INF, dtype=a.dtype)
    if by > 0:
        out[:, by:] = a[:, :-by]
    else:
        out[:, :by] = a[:, -by:]
    return out


def _scores(F: Any, x: Any, states: Any) -> Any:
    return F.take_along_axis(x, F.broadcast_to(states, (x.shape[0], *states.shape)), axis=2)


def _ends(F: Any, states: Any, lengths: Any) -> Any:
    """0 at the two states that an alignment may end in, -inf elsewhere."""
    s = F.arange(states.shape[1])
    last = 2 * lengths.reshape((-1, 1))
    return F.where((s == last) | (s == last - 1), 0.0, -INF)


def _forward(F: Any, x: Any, states: Any, skips: Any, steps: Any, lengths: Any) -> tuple[Any, Any]:
    own = _scores(F, x, states)
    alpha = F.empty(own.shape, dtype=x.dtype)
    a = F.full(own.shape[1:], -INF, dtype=x.dtype)
    a[:, :2] = own[0, :, :2]
    a = F.where(F.arange(a.shape[1]) > 2 * lengths.reshape((-1, 1)), -INF, a)
    alpha[0] = a
    running = steps.reshape((-1, 1))
    for t in range(1, x.shape[0]):
        two = F.where(skips, _shifted(F, a, 2), -INF)
        new = F.logaddexp(F.logaddexp(a, _shifted(F, a, 1)), two) + own[t]
        a = F.where(t < running, new, a)
        alpha[t] = a
    # Logarithms of sums of what may all be -inf.
    final = a + F.cast(_ends(F, states, lengths), a.dtype)
    top = F.amax(final, axis=1, keepdims=True)
    base = F.where(top == -INF, 0, top)
    total = F.log(F.sum(F.exp(final - base), axis=1)) + base[:, 0]
    return -F.where(steps > 0, total, F.cast(F.where(lengths > 0, -INF, 0.0), total.dtype)), alpha


def _gradient(F: Any, x: Any, loss: Any, alpha: Any, states: Any, skips: Any, steps: Any, lengths: Any) -> Any:
    """``exp(x)`` less the probability of each class at each step: for ``x`` the logarithms of probabilities this is what PyTorch computes, the gradient
    but for a part that the normalisation takes out.
    """
    own = _scores(F, x, states)
    ends = F.cast(_ends(F, states, lengths), x.dtype)
    out = F.zeros(x.shape, dtype=x.dtype)
    rows = F.arange(x.shape[1]).reshape((-1, 1))
    running = steps.reshape((-1, 1))
    entered = F.concatenate([skips[:, 2:], F.zeros((skips.shape[0], 2), dtype=skips.dtype)], axis=1)
    b = F.full(ends.shape, -INF, dtype=x.dtype)
    for t in range(x.shape[0] - 1, -1, -1):
        two = F.where(entered, _shifted(F, b, -2), -INF)
        b = F.where(t == running - 1, ends, F.logaddexp(F.logaddexp(b, _shifted(F, b, -1)), two)) + own[t]
        share = F.exp(alpha[t] + b - own[t] + loss.reshape((-1, 1)))
        share = F.where((t < running) & (alpha[t] > -INF) & (b > -INF), share, 0)
        F.add.at(out[t], (rows, states), share)
    valid = F.arange(x.shape[0]).reshape((-1, 1, 1)) < steps.reshape((1, -1, 1))
    return F.where(valid, F.exp(x) - out, 0)


ctc_loss = primitive(
    "ctc_loss",
    lambda F, log_probs, states=None, skips=None, steps=None, lengths=None: _forward(F, log_probs, states, skips, steps, lengths),
    lambda F, g, log_probs, y, alpha, states, skips, steps, lengths: (
        F.ctc_loss_gradient(log_probs, raw(y), raw(alpha), states, skips, steps, lengths) * g.reshape((1, -1, 1))
    ),
    extra=("alpha",),
    wide=True,
)


def _no_second(F: Any, g: Any) -> NoReturn:
    raise RuntimeError("derivative for aten::_ctc_loss_backward is not implemented")


ctc_loss_gradient = primitive(
    "ctc_loss_gradient",
    lambda F, log_probs, loss=None, alpha=None, states=None, skips=None, steps=None, lengths=None: _gradient(
        F, log_probs, loss, alpha, states, skips, steps, lengths
    ),
    _no_second,
    backward="CtcLossBackwardBackward0",
)
