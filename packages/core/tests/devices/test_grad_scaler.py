"""Loss scaling: values by hand, and PyTorch's CPU scaler where it is installed."""

from __future__ import annotations

import pytest

import tane
from tane.amp import GradScaler


class Descent:
    """The least that a scaler asks of an optimizer."""

    def __init__(self, *params, lr=0.1):
        self.param_groups, self.lr, self.steps = [{"params": list(params)}], lr, 0

    def step(self):
        self.steps += 1
        for p in self.param_groups[0]["params"]:
            p.data -= self.lr * p.grad


def weights():
    w = tane.tensor([1.0, 2.0], requires_grad=True)
    return w, Descent(w)


def test_a_step_is_the_one_without_scaling():
    w, optimizer = weights()
    scaler = GradScaler("cpu", init_scale=1024.0)
    loss = (w * w).sum()
    scaled = scaler.scale(loss)
    assert scaled.item() == 5.0 * 1024
    scaled.backward()
    assert w.grad.tolist() == [2048.0, 4096.0]
    scaler.step(optimizer)
    assert w.grad.tolist() == [2.0, 4.0]
    assert w.tolist() == pytest.approx([0.8, 1.6])


@pytest.mark.parametrize("bad", [float("inf"), float("nan")])
def test_an_overflow_skips_the_step_and_halves_the_scale(bad):
    w, optimizer = weights()
    scaler = GradScaler("cpu", init_scale=8.0)
    scaler.scale((w * tane.tensor([1.0, bad])).sum()).backward()
    assert scaler.step(optimizer) is None
    scaler.update()
    assert (optimizer.steps, w.tolist(), scaler.get_scale()) == (0, [1.0, 2.0], 4.0)


def test_the_scale_grows_after_enough_good_steps():
    w, optimizer = weights()
    scaler = GradScaler("cpu", init_scale=2.0, growth_interval=2)
    scales = []
    for _ in range(4):
        w.grad = None
        scaler.scale(w.sum()).backward()
        scaler.step(optimizer)
        scaler.update()
        scales.append(scaler.get_scale())
    assert scales == [2.0, 4.0, 4.0, 8.0]


def test_gradients_can_be_unscaled_early_and_once():
    w, optimizer = weights()
    scaler = GradScaler("cpu", init_scale=4.0)
    scaler.scale(w.sum()).backward()
    scaler.unscale_(optimizer)
    assert w.grad.tolist() == [1.0, 1.0]
    with pytest.raises(RuntimeError, match="already been called on this optimizer"):
        scaler.unscale_(optimizer)
    scaler.step(optimizer)
    with pytest.raises(RuntimeError, match=r"step\(\) has already been called"):
        scaler.step(optimizer)
    with pytest.raises(RuntimeError, match=r"unscale_\(\) is being called after step\(\)"):
        scaler.unscale_(optimizer)
    scaler.update(new_scale=16.0)
    assert scaler.get_scale() == 16.0


def test_its_state_goes_into_a_checkpoint():
    scaler = GradScaler("cpu", init_scale=4.0, growth_interval=7)
    other = GradScaler("cpu")
    other.load_state_dict(scaler.state_dict())
    assert (
        other.state_dict()
        == scaler.state_dict()
        == {
            "scale": 4.0,
            "growth_factor": 2.0,
            "backoff_factor": 0.5,
            "growth_interval": 7,
            "_growth_tracker": 0,
        }
    )
    with pytest.raises(RuntimeError, match="state dict is empty"):
        other.load_state_dict({})


def test_disabled_it_passes_everything_through():
    w, optimizer = weights()
    scaler = GradScaler(enabled=False)
    loss = w.sum()
    assert scaler.scale(loss) is loss
    loss.backward()
    scaler.unscale_(optimizer)
    scaler.step(optimizer)
    scaler.update()
    assert (optimizer.steps, scaler.get_scale(), scaler.state_dict(), scaler.is_enabled()) == (1, 1.0, {}, False)


def test_made_for_a_gpu_that_is_not_there_it_disables_itself():
    if tane.cuda.is_available():
        pytest.skip("there is one")
    with pytest.warns(UserWarning, match="CUDA is not available"):
        assert not GradScaler().is_enabled()


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda s, o: s.update(), AssertionError, "No inf checks were recorded prior to update"),
        (lambda s, o: s.step(o), AssertionError, "No inf checks were recorded for this optimizer"),
        (lambda s, o: s.step(o, closure=print), RuntimeError, "Closure use is not currently supported"),
        (lambda s, o: s.scale(3), ValueError, "outputs must be a Tensor or an iterable of Tensors"),
    ],
)
def test_misuse_is_told(call, error, text):
    _, optimizer = weights()
    with pytest.raises(error, match=text):
        call(GradScaler("cpu"), optimizer)


@pytest.mark.parity
def test_the_scales_are_pytorchs():
    torch = pytest.importorskip("torch")
    found = []
    for m, make in ((tane, lambda p: Descent(p)), (torch, lambda p: torch.optim.SGD([p], lr=0.1))):
        w = m.tensor([1.0, 2.0], requires_grad=True)
        optimizer, scaler, seen = make(w), m.amp.GradScaler("cpu", init_scale=64.0, growth_interval=3), []
        for i in range(12):
            w.grad = None
            scaler.scale((w * (float("inf") if i in (4, 8) else 1.0)).sum()).backward()
            scaler.step(optimizer)
            scaler.update()
            seen.append((scaler.get_scale(), w.tolist()))
        found.append(seen)
    assert found[0] == found[1]
