"""Distributions agree with PyTorch's: densities, entropies, divergences, and samples drawn from the same seed."""

import pytest

import tane

CASES = {
    "normal": lambda m: m.distributions.Normal(m.tensor([0.0, 1.0]), m.tensor([1.0, 2.5])),
    "normal of numbers": lambda m: m.distributions.Normal(0.5, 2.0),
    "uniform": lambda m: m.distributions.Uniform(m.tensor([0.0, -1.0]), m.tensor([1.0, 3.0])),
    "bernoulli": lambda m: m.distributions.Bernoulli(m.tensor([0.2, 0.7])),
    "bernoulli of logits": lambda m: m.distributions.Bernoulli(logits=m.tensor([-3.0, 0.5])),
    "categorical": lambda m: m.distributions.Categorical(m.tensor([[0.2, 0.3, 0.5], [1.0, 1.0, 6.0]])),
    "categorical of logits": lambda m: m.distributions.Categorical(logits=m.tensor([0.1, -2.0, 0.7])),
}


@pytest.mark.parametrize("name", CASES)
def test_samples_log_probs_and_entropies_agree_with_pytorch(name):
    torch = pytest.importorskip("torch", reason="compares with PyTorch")
    results = []
    for library in (tane, torch):
        library.manual_seed(0)
        d = CASES[name](library)
        drawn = d.sample((4,))
        results.append([drawn, d.log_prob(drawn), d.entropy(), d.sample()])
    for ours, theirs in zip(*results, strict=True):
        assert tuple(ours.shape) == tuple(theirs.shape)
        # float32: a few roundings apart where terms are added in another order
        assert ours.double().numpy() == pytest.approx(theirs.double().numpy(), rel=2e-6, abs=1e-6)


@pytest.mark.parametrize("family", ["normal", "categorical", "bernoulli"])
def test_divergences_agree_with_pytorch(family):
    torch = pytest.importorskip("torch", reason="compares with PyTorch")
    other = {
        "normal": lambda m: m.distributions.Normal(m.tensor([0.3, 0.0]), m.tensor([2.0, 1.0])),
        "categorical": lambda m: m.distributions.Categorical(m.tensor([[0.1, 0.8, 0.1], [0.3, 0.3, 0.4]])),
        "bernoulli": lambda m: m.distributions.Bernoulli(m.tensor([0.4, 0.1])),
    }[family]
    ours, theirs = (m.distributions.kl_divergence(CASES[family](m), other(m)) for m in (tane, torch))
    assert ours.numpy() == pytest.approx(theirs.numpy(), rel=1e-5)


def test_policy_gradient_reaches_the_logits():
    logits = tane.tensor([0.1, 0.2, 0.3], requires_grad=True)
    d = tane.distributions.Categorical(logits=logits)
    d.log_prob(tane.tensor(1)).backward()
    expected = -logits.detach().softmax(0)
    expected[1] += 1
    assert logits.grad.numpy() == pytest.approx(expected.numpy(), rel=1e-6)


def test_bad_parameters_and_values_are_named():
    with pytest.raises(ValueError, match="scale"):
        tane.distributions.Normal(0.0, -1.0)
    with pytest.raises(ValueError, match="probs"):
        tane.distributions.Bernoulli(1.5)
    with pytest.raises(ValueError, match="support"):
        tane.distributions.Categorical(tane.tensor([0.5, 0.5])).log_prob(tane.tensor(2))
    with pytest.raises(ValueError, match="not both"):
        tane.distributions.Categorical()
