"""A VAE with torch.distributions and kl_divergence; a mixture density network; distributions of many kinds."""

import torch
import torch.distributions as D
import torch.nn as nn
import torch.nn.functional as F
from torch.distributions import Bernoulli, Categorical, Independent, MixtureSameFamily, Normal, kl_divergence


class VAE(nn.Module):
    def __init__(self, d=16, z=2):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(d, 24), nn.ReLU(), nn.Linear(24, 2 * z))
        self.dec = nn.Sequential(nn.Linear(z, 24), nn.ReLU(), nn.Linear(24, d))

    def posterior(self, x):
        mu, logvar = self.enc(x).chunk(2, dim=-1)
        return Independent(Normal(mu, torch.exp(0.5 * logvar)), 1)

    def forward(self, x):
        q = self.posterior(x)
        z = q.rsample()
        return q, Independent(Bernoulli(logits=self.dec(z)), 1)


torch.manual_seed(1)
vae = VAE()
prior = Independent(Normal(torch.zeros(2), torch.ones(2)), 1)
print(prior)
x = (torch.rand(64, 16) < torch.linspace(0.1, 0.9, 16)).float()
opt = torch.optim.Adam(vae.parameters(), lr=1e-2)
for it in range(21):
    q, p = vae(x)
    rec = -p.log_prob(x).mean()
    kl = kl_divergence(q, prior).mean()
    loss = rec + kl
    opt.zero_grad()
    loss.backward()
    opt.step()
    if it % 10 == 0:
        print(f"{it}: elbo {-loss.item():.4f} rec {rec.item():.4f} kl {kl.item():.4f}")
with torch.no_grad():
    z = prior.sample((3,))
    print(torch.sigmoid(vae.dec(z))[:, :5])
mu, logvar = vae.enc(x).chunk(2, -1)
print(-0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp()), F.binary_cross_entropy_with_logits(vae.dec(mu), x, reduction="sum"))


class MDN(nn.Module):
    def __init__(self, k=3):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(1, 16), nn.Tanh())
        self.pi, self.mu, self.sigma = nn.Linear(16, k), nn.Linear(16, k), nn.Linear(16, k)

    def forward(self, x):
        h = self.body(x)
        return MixtureSameFamily(Categorical(logits=self.pi(h)), Normal(self.mu(h), F.softplus(self.sigma(h)) + 1e-3))


t = torch.linspace(-1, 1, 80)
x = (t + 0.3 * torch.sin(6.28 * t) + 0.02 * torch.randn(80)).unsqueeze(1)
mdn = MDN()
opt = torch.optim.Adam(mdn.parameters(), lr=3e-2)
for it in range(41):
    nll = -mdn(x).log_prob(t).mean()
    opt.zero_grad()
    nll.backward()
    opt.step()
    if it % 20 == 0:
        print(f"mdn {it} {nll.item():.4f}")
mix = mdn(x[:3])
print(mix.mean, mix.variance, mix.sample((2,)).shape)

c = Categorical(probs=torch.tensor([[0.1, 0.2, 0.7], [1.0, 1.0, 2.0]]))
print(c, c.probs, c.logits, c.entropy(), c.sample((4,)), c.log_prob(torch.tensor([2, 0])), sep="\n")
n = Normal(torch.tensor([0.0, 1.0]), torch.tensor([1.0, 2.0]))
print(n, n.cdf(torch.tensor(0.5)), n.icdf(torch.tensor(0.9)), n.entropy(), n.stddev, n.batch_shape, n.event_shape)
print(D.kl_divergence(n, Normal(0.0, 1.0)), D.kl_divergence(c, Categorical(torch.ones(3))))
u = D.Uniform(0.0, torch.tensor([1.0, 5.0]))
print(u, u.mean, u.variance, u.rsample().shape, u.log_prob(torch.tensor(0.5)))
for d in [
    D.Beta(torch.tensor(2.0), torch.tensor(3.0)),
    D.Gamma(torch.tensor([2.0, 1.0]), torch.tensor([1.0, 3.0])),
    D.Exponential(torch.tensor(2.0)),
    D.Laplace(torch.tensor(0.0), torch.tensor(2.0)),
    D.LogNormal(0.0, 0.5),
    D.Poisson(torch.tensor([1.0, 4.0])),
    D.Geometric(torch.tensor(0.3)),
    D.StudentT(torch.tensor(5.0)),
    D.Dirichlet(torch.tensor([1.0, 2.0, 3.0])),
    D.Gumbel(torch.tensor(0.0), torch.tensor(1.0)),
    D.Cauchy(torch.tensor(0.0), torch.tensor(1.0)),
    D.HalfNormal(torch.tensor(1.5)),
    D.OneHotCategorical(torch.tensor([0.2, 0.8])),
    D.Binomial(10, torch.tensor([0.2, 0.5])),
    D.MultivariateNormal(torch.zeros(2), torch.tensor([[2.0, 0.5], [0.5, 1.0]])),
]:
    s = d.sample((2,))
    print(d, d.mean, d.variance, s.shape, d.log_prob(s).shape)
    print(d.log_prob(d.mean.round() if isinstance(d, (D.Poisson, D.Geometric, D.Binomial)) else d.sample()).isfinite().all())
