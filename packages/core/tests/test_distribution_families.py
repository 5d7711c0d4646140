"""Every family of distributions beside PyTorch's: samples of the same seed, densities, moments, entropies, quantiles, repr, divergences, gradients."""

import pytest

import tane

torch = pytest.importorskip("torch", reason="compares with PyTorch")

CASES = {
    "Normal": lambda m, t: m.Normal(t([0.0, 1.0]), t([1.0, 2.5])),
    "Bernoulli": lambda m, t: m.Bernoulli(t([0.2, 0.7])),
    "Bernoulli of logits": lambda m, t: m.Bernoulli(logits=t([0.2, -0.7])),
    "Categorical": lambda m, t: m.Categorical(t([[0.2, 0.3, 0.5], [1.0, 1.0, 6.0]])),
    "Categorical of logits": lambda m, t: m.Categorical(logits=t([0.2, 0.3, 0.5])),
    "Uniform": lambda m, t: m.Uniform(t([0.0, -1.0]), t([1.0, 3.0])),
    "Exponential": lambda m, t: m.Exponential(t([0.5, 3.0])),
    "Gamma": lambda m, t: m.Gamma(t([0.4, 3.0, 20.0]), t([1.0, 2.0, 0.5])),
    "Chi2": lambda m, t: m.Chi2(t([1.0, 6.0])),
    "HalfNormal": lambda m, t: m.HalfNormal(t([0.5, 3.0])),
    "Weibull": lambda m, t: m.Weibull(t([1.0, 2.0]), t([0.8, 2.0])),
    "Poisson": lambda m, t: m.Poisson(t([0.5, 30.0])),
    "Laplace": lambda m, t: m.Laplace(t([0.0, 1.0]), t([1.0, 0.3])),
    "Cauchy": lambda m, t: m.Cauchy(t([0.0, 1.0]), t([1.0, 0.3])),
    "Gumbel": lambda m, t: m.Gumbel(t([0.0, 1.0]), t([1.0, 0.3])),
    "StudentT": lambda m, t: m.StudentT(t([3.0, 1.5]), t([0.0, 1.0]), t([1.0, 0.3])),
    "Geometric": lambda m, t: m.Geometric(t([0.3, 0.9])),
    "Geometric of logits": lambda m, t: m.Geometric(logits=t([0.3, -0.9])),
    "Binomial": lambda m, t: m.Binomial(t([5.0, 40.0]), t([0.3, 0.6])),
    "Binomial of many": lambda m, t: m.Binomial(10, logits=t([0.3, -0.6])),
    "NegativeBinomial": lambda m, t: m.NegativeBinomial(t([5.0, 40.0]), t([0.3, 0.6])),
    "OneHotCategorical": lambda m, t: m.OneHotCategorical(t([0.2, 0.3, 0.5])),
    "OneHotCategoricalStraightThrough": lambda m, t: m.OneHotCategoricalStraightThrough(logits=t([[0.2, 0.3, 0.5]])),
    "Dirichlet": lambda m, t: m.Dirichlet(t([[2.0, 3.0, 5.0], [1.5, 1.0, 0.5]])),
    "Beta": lambda m, t: m.Beta(t([2.0, 0.5]), t([3.0, 0.7])),
    "MultivariateNormal": lambda m, t: m.MultivariateNormal(t([0.0, 1.0]), t([[2.0, 0.5], [0.5, 1.0]])),
    "MultivariateNormal of a factor": lambda m, t: m.MultivariateNormal(t([[0.0, 1.0]] * 3), scale_tril=t([[2.0, 0.0], [0.5, 1.0]])),
    "MultivariateNormal of an inverse": lambda m, t: m.MultivariateNormal(t([0.0, 1.0]), precision_matrix=t([[2.0, 0.5], [0.5, 1.0]])),
    "LogNormal": lambda m, t: m.LogNormal(t([0.0, 1.0]), t([1.0, 0.3])),
    "Independent": lambda m, t: m.Independent(m.Normal(t([[0.0, 1.0]] * 3), t([1.0, 2.5])), 1),
    "MixtureSameFamily": lambda m, t: m.MixtureSameFamily(m.Categorical(t([0.3, 0.7])), m.Normal(t([-1.0, 1.0]), t([0.5, 0.2]))),
    "mixture of vectors": lambda m, t: m.MixtureSameFamily(
        m.Categorical(t([[0.3, 0.7]] * 4)), m.Independent(m.Normal(t([[-1.0, 1.0, 0.0], [1.0, 1.0, 1.0]]).expand(4, 2, 3), t(0.5)), 1)
    ),
    "squashed": lambda m, t: m.TransformedDistribution(m.Normal(t([0.0, 0.5]), t([1.0, 0.3])), [m.TanhTransform(cache_size=1)]),
    "logistic": lambda m, t: m.TransformedDistribution(
        m.Uniform(t([0.0, 0.0]), t([1.0, 1.0])), [m.SigmoidTransform().inv, m.AffineTransform(loc=t(1.0), scale=t(-2.0))]
    ),
    "composed": lambda m, t: m.TransformedDistribution(
        m.Independent(m.Normal(t([0.0, 0.5]), t([1.0, 0.3])), 1), m.ComposeTransform([m.ExpTransform(), m.PowerTransform(t(0.5))])
    ),
    "softplus": lambda m, t: m.TransformedDistribution(m.Normal(t([0.0, 0.5]), t([1.0, 0.3])), m.transforms.SoftplusTransform()),
    "RelaxedBernoulli": lambda m, t: m.RelaxedBernoulli(t(0.5), t([0.2, 0.7])),
    "RelaxedOneHotCategorical": lambda m, t: m.RelaxedOneHotCategorical(t(0.5), logits=t([0.2, 0.7, -1.0])),
}


def value_of(d, name):
    try:
        return getattr(d, name)() if name in ("entropy", "perplexity", "enumerate_support") else getattr(d, name)
    except NotImplementedError:
        return None


@pytest.mark.parametrize("name", CASES)
def test_agrees_with_pytorch(name):
    results, texts = [], []
    for m in (tane, torch):
        m.manual_seed(5)
        d = CASES[name](m.distributions, lambda values, m=m: m.tensor(values))
        texts.append([repr(d)])
        drawn = [d.sample(), d.sample((3,)), d.sample((4, 5))]
        if d.has_rsample:
            drawn.append(d.rsample((2,)))
        drawn.append(m.rand(3))  # as many numbers were drawn
        texts[-1] += [d.batch_shape, d.event_shape, d.has_rsample, repr(d)]
        wide = d.expand((2, *d.batch_shape))
        texts[-1] += [repr(wide), wide.batch_shape, wide.event_shape, wide.sample().shape]
        drawn += [d.log_prob(x) for x in drawn[:3]] + [wide.log_prob(drawn[0])]
        drawn += [value_of(d, p) for p in ("mean", "variance", "stddev", "entropy")]
        results.append(drawn)
    assert [str(x) for x in texts[0]] == [str(x) for x in texts[1]]
    for i, (ours, theirs) in enumerate(zip(*results, strict=True)):
        if theirs is None:
            continue
        assert ours is not None, i
        assert tuple(ours.shape) == tuple(theirs.shape), i
        assert ours.dtype.name == str(theirs.dtype).partition(".")[2], i
        assert ours.double().detach().numpy() == pytest.approx(theirs.double().detach().numpy(), rel=2e-4, abs=2e-5, nan_ok=True), i


@pytest.mark.parametrize("name", CASES)
def test_quantiles_modes_and_supports_agree_with_pytorch(name):
    ours, theirs = (CASES[name](m.distributions, m.tensor) for m in (tane, torch))
    for attribute in ("mode", "enumerate_support"):
        wanted = value_of(theirs, attribute)
        if wanted is not None and not name.startswith(("squashed", "logistic", "composed", "softplus")):
            assert value_of(ours, attribute).double().numpy() == pytest.approx(wanted.double().numpy(), rel=1e-5, nan_ok=True), attribute
    for function, at in (("cdf", 0.4), ("icdf", 0.4)):
        try:
            wanted = getattr(theirs, function)(torch.tensor(at))
        except (NotImplementedError, ValueError, RuntimeError, IndexError):
            continue
        if hasattr(type(ours), function) and name not in ("Gamma", "Chi2"):  # whose cdf is an incomplete gamma function
            assert getattr(ours, function)(tane.tensor(at)).numpy() == pytest.approx(wanted.numpy(), rel=1e-4, abs=1e-6), function


PAIRS = ["Normal", "HalfNormal", "Categorical", "OneHotCategorical", "Bernoulli", "Geometric", "Poisson", "Exponential", "Gamma", "Laplace"]
PAIRS += ["Dirichlet", "Beta", "MultivariateNormal", "Independent", "LogNormal"]


@pytest.mark.parametrize("name", PAIRS)
def test_divergences_agree_with_pytorch(name):
    others = {
        "Categorical": lambda m, t: m.Categorical(t([[0.1, 0.8, 0.1], [0.0, 0.6, 0.4]])),
        "OneHotCategorical": lambda m, t: m.OneHotCategorical(t([0.1, 0.8, 0.1])),
        "Bernoulli": lambda m, t: m.Bernoulli(t([0.4, 0.0])),
        "Dirichlet": lambda m, t: m.Dirichlet(t([1.0, 2.0, 3.0])),
        "MultivariateNormal": lambda m, t: m.MultivariateNormal(t([1.0, -1.0]), t([[1.0, 0.2], [0.2, 3.0]])),
        "Independent": lambda m, t: m.Independent(m.Normal(t([[0.5, 1.0]] * 3), t(1.0)), 1),
        "Geometric": lambda m, t: m.Geometric(t([0.5, 0.6])),
    }
    two = {"Normal", "Laplace", "LogNormal", "Beta"}
    three = {"Gamma": ([1.0, 2.0, 15.0], [2.0, 2.0, 0.7])}

    def second(m, t):
        if name in others:
            return others[name](m, t)
        if name in three:
            return getattr(m, name)(*map(t, three[name]))
        return getattr(m, name)(t([0.7, 0.8]), t([1.5, 2.0])) if name in two else getattr(m, name)(t([0.7, 0.8]))

    ours, theirs = (
        m.distributions.kl_divergence(CASES[name](m.distributions, m.tensor), second(m.distributions, m.tensor)) for m in (tane, torch)
    )
    assert ours.numpy() == pytest.approx(theirs.numpy(), rel=1e-4, abs=1e-6)


def test_a_draw_follows_the_shape_of_the_gamma_distribution():
    """PyTorch approximates this gradient to about three digits."""
    shapes = [0.3, 1.0, 2.5, 7.0, 12.0, 60.0]
    found = []
    for m in (tane, torch):
        m.manual_seed(0)
        a = m.tensor(shapes, requires_grad=True)
        m.distributions.Gamma(a, m.ones(6)).rsample((20,)).sum(0).backward(m.ones(6))
        found.append(a.grad)
    assert found[0].numpy() == pytest.approx(found[1].numpy(), rel=2e-3)


def test_gradients_reach_parameters_of_reparametrised_samples():
    for name, wanted in (("Laplace", 2), ("Gumbel", 2), ("StudentT", 3), ("Beta", 2)):
        given = [tane.full((2,), 1.5, requires_grad=True) for _ in range(wanted)]
        getattr(tane.distributions, name)(*given).rsample((5,)).sum().backward()
        assert all(p.grad is not None and bool(p.grad.isfinite().all()) for p in given), name


def test_tables_of_divergences_can_be_extended():
    class Mine(tane.distributions.Normal):
        pass

    class Other(tane.distributions.Distribution):
        pass

    with pytest.raises(NotImplementedError, match="No KL"):
        tane.distributions.kl_divergence(Mine(0.0, 1.0), Other())
    tane.distributions.register_kl(Mine, Other)(lambda p, q: p.loc + 7)
    assert tane.distributions.kl_divergence(Mine(0.0, 1.0), Other()) == 7
    assert tane.distributions.kl_divergence(Mine(0.0, 1.0), Mine(0.0, 1.0)) == 0
    with pytest.raises(TypeError, match="subclasses"):
        tane.distributions.register_kl(int, Mine)


def test_a_lazy_parameter_keeps_its_history_when_sampled_first():
    logits = tane.zeros(3, requires_grad=True)
    d = tane.distributions.Categorical(logits=logits)
    d.sample()
    d.probs[0].backward()
    assert logits.grad is not None


def test_wrong_arguments_are_named():
    D = tane.distributions
    for wrong in (
        lambda: D.Gamma(-1.0, 1.0),
        lambda: D.Beta(1.0, 0.0),
        lambda: D.MultivariateNormal(tane.zeros(2), tane.tensor([[1.0, 2.0], [2.0, 1.0]])),
        lambda: D.MultivariateNormal(tane.zeros(2)),
        lambda: D.Geometric(),
        lambda: D.Independent(D.Normal(0.0, 1.0), 1),
        lambda: D.Poisson(tane.tensor(1.0)).log_prob(tane.tensor(0.5)),
    ):
        with pytest.raises(ValueError, match=r"Expected|specified"):
            wrong()
    try:
        D.Distribution.set_default_validate_args(False)
        assert D.Normal(0.0, -1.0).scale == -1
    finally:
        D.Distribution.set_default_validate_args(True)


def test_binomial_draws():
    for m in (tane, torch):
        m.manual_seed(3)
    count, prob = [20.0, 200.0, 3.0, 50.0, 0.0], [0.1, 0.4, 0.9, 1.0, 0.5]
    ours, theirs = (m.binomial(m.tensor([count] * 30), m.tensor([prob] * 30)) for m in (tane, torch))
    assert ours.tolist() == theirs.tolist()
    with pytest.raises(ValueError, match="binomial"):
        tane.binomial(tane.tensor([1]), tane.tensor([0.5]))
