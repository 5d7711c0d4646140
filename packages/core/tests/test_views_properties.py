"""Programs of views and in-place changes, drawn at random: values, aliasing, versions, gradients and refusals, as in PyTorch."""

import numpy as np
import pytest

hypothesis = pytest.importorskip("hypothesis")
torch = pytest.importorskip("torch", reason="compares with PyTorch")

from hypothesis import given, settings
from hypothesis import strategies as st

import tane

VIEWS = {
    "row": lambda torch, t: t[0],
    "rest": lambda torch, t: t[1:],
    "last": lambda torch, t: t[..., -1],
    "every other": lambda torch, t: t[..., ::2],
    "transpose": lambda torch, t: t.transpose(0, -1),
    "t": lambda torch, t: t.T if t.dim() == 2 else t.unsqueeze(-1),
    "flat": lambda torch, t: t.view(-1),
    "reshape": lambda torch, t: t.reshape(-1, 1),
    "unsqueeze": lambda torch, t: t.unsqueeze(0),
    "squeeze": lambda torch, t: t.squeeze(),
    "expand": lambda torch, t: t.expand(2, *t.shape),
    "expand to itself": lambda torch, t: t.expand(t.shape),
    "diagonal": lambda torch, t: t.diagonal(),
    "unfold": lambda torch, t: t.unfold(0, 2, 2),
    "narrow": lambda torch, t: t.narrow(0, 0, 1),
    "as_strided": lambda torch, t: t.as_strided((2,), (2,), 1),
    "chunk": lambda torch, t: t.chunk(2)[0],
    "split": lambda torch, t: t.split(1)[-1],
    "unbind": lambda torch, t: t.unbind()[0],
    "detach": lambda torch, t: t.detach(),
    "movedim": lambda torch, t: t.movedim(0, -1),
    "view_as": lambda torch, t: t.view_as(t),
    "tensor_split": lambda torch, t: t.tensor_split(2)[1],
}
CHANGES = {
    "mul_": lambda torch, t, w: t.mul_(3),
    "mul_ leaf": lambda torch, t, w: t.mul_(w),
    "add_ leaf": lambda torch, t, w: t.add_(w),
    "square": lambda torch, t, w: t.mul_(t.detach().clone()),
    "set row": lambda torch, t, w: t.__setitem__(0, w),
    "set slice": lambda torch, t, w: t.__setitem__((Ellipsis, slice(0, 1)), 2.0),
    "set mask": lambda torch, t, w: None if 0 in t.stride() else t.__setitem__(t.detach() > 3, w),  # on expanded tensors PyTorch only warns
    "zero_": lambda torch, t, w: t.zero_(),
    "copy_": lambda torch, t, w: t.copy_(w),
    "unsqueeze_": lambda torch, t, w: t.unsqueeze_(0),
    "t_": lambda torch, t, w: t.transpose_(0, -1),
    "exp": lambda torch, t, w: t.sigmoid_(),
    "no_grad mul_": lambda torch, t, w: quietly(torch, t),
}


def quietly(library, t):
    with library.no_grad():
        t.mul_(2)


STEP = st.one_of(
    st.tuples(st.just("view"), st.integers(0, 5), st.sampled_from(sorted(VIEWS))),
    st.tuples(st.just("quiet view"), st.integers(0, 5), st.sampled_from(sorted(VIEWS))),
    st.tuples(st.just("change"), st.integers(0, 5), st.sampled_from(sorted(CHANGES))),
    st.tuples(st.just("use"), st.integers(0, 5), st.just("")),
)


def run(library, steps, plain):
    """What a program leaves behind: every tensor's values, then gradients; an error instead of what it comes from."""
    x = library.tensor(np.arange(1.0, 13.0).reshape(3, 4) / 4, requires_grad=True)
    w = library.tensor(1.5, dtype=library.float64, requires_grad=True)
    tensors = [library.tensor(np.arange(12.0).reshape(3, 4)) if plain else x * 2]
    losses, log = [], []
    for kind, which, name in steps:
        t = tensors[which % len(tensors)]
        try:
            if kind == "view":
                tensors.append(VIEWS[name](library, t))
            elif kind == "quiet view":
                with library.no_grad():
                    tensors.append(VIEWS[name](library, t))
            elif kind == "change":
                CHANGES[name](library, t, w)
            else:
                losses.append((t * t).sum())
        except (RuntimeError, IndexError, TypeError) as error:
            log.append(type(error).__name__)
            if "view" in kind and len(tensors) > 1:
                tensors.append(tensors[0])
            if "modified inplace" in str(error) or "in-place" in str(error):
                return tensors, log, "refused", []
    found = []
    try:
        for i, t in enumerate(tensors):
            if t.requires_grad:
                losses.append((t * (i + 1)).sum())
        total = sum(losses) if losses else None
        if total is not None and total.requires_grad:
            found = library.autograd.grad(total, [x, w], allow_unused=True)
    except RuntimeError as error:
        kind = "saved" if "modified by an inplace operation" in str(error) else "refused" if "view" in str(error) else str(error)
        return tensors, log, kind, []
    return tensors, log, "ok", list(found)


@settings(max_examples=400, deadline=None)
@given(st.lists(STEP, min_size=1, max_size=7), st.booleans())
def test_programs_of_views(steps, plain):
    ours, theirs = run(tane, steps, plain), run(torch, steps, plain)
    if theirs[2] == "refused" or ours[2] == "refused":
        # What PyTorch refuses at the next use, tane refuses in backward; nothing may pass in silence.
        assert ours[2] == theirs[2] or theirs[2] == "refused"
        return
    assert ours[1] == theirs[1]
    for a, b in zip(ours[0], theirs[0], strict=True):
        np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-12)
        assert a._version == b._version
        if not any(kind == "quiet view" for kind, *_ in steps):  # those say in PyTorch what their base says, though they have no history
            assert a.requires_grad == b.requires_grad
    # tane keeps copies of some values that PyTorch shares, so it may differentiate where PyTorch has to give up.
    if theirs[2] != ours[2] and (theirs[2] == "saved" or theirs[2].startswith("unsupported operation")):
        return
    assert ours[2] == theirs[2]
    for a, b in zip(ours[3], theirs[3], strict=True):
        assert (a is None) == (b is None) or not (b if a is None else a).detach().numpy().any()
        if a is not None and b is not None:
            np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-12)
