"""Generative models of 2-D points: a RealNVP flow, a DDPM with EMA weights, Langevin sampling from an energy."""

import copy
import math

import torch
import torch.nn as nn
from torch.distributions import MultivariateNormal, Normal


def moons(n, g):
    t = torch.rand(n, generator=g) * math.pi
    side = (torch.rand(n, generator=g) < 0.5).float()
    x = torch.stack([torch.cos(t) * (1 - 2 * side) + side, torch.sin(t) * (1 - 2 * side) + 0.5 * side], dim=1)
    return x + 0.05 * torch.randn(n, 2, generator=g)


class Coupling(nn.Module):
    def __init__(self, mask):
        super().__init__()
        self.register_buffer("mask", mask)
        self.s = nn.Sequential(nn.Linear(2, 16), nn.LeakyReLU(), nn.Linear(16, 2), nn.Tanh())
        self.t = nn.Sequential(nn.Linear(2, 16), nn.LeakyReLU(), nn.Linear(16, 2))

    def forward(self, x):
        kept = x * self.mask
        s, t = self.s(kept) * (1 - self.mask), self.t(kept) * (1 - self.mask)
        return kept + (1 - self.mask) * (x * s.exp() + t), s.sum(-1)

    def inverse(self, z):
        kept = z * self.mask
        s, t = self.s(kept) * (1 - self.mask), self.t(kept) * (1 - self.mask)
        return kept + (1 - self.mask) * (z - t) * torch.exp(-s)


class Flow(nn.Module):
    def __init__(self, n=4):
        super().__init__()
        masks = torch.tensor([[0.0, 1.0], [1.0, 0.0]]).repeat(n // 2, 1)
        self.layers = nn.ModuleList(Coupling(m) for m in masks)
        self.prior = MultivariateNormal(torch.zeros(2), torch.eye(2))

    def log_prob(self, x):
        logdet = x.new_zeros(x.shape[0])
        for layer in self.layers:
            x, d = layer(x)
            logdet += d
        return self.prior.log_prob(x) + logdet

    def sample(self, n):
        z = self.prior.sample((n,))
        for layer in reversed(self.layers):
            z = layer.inverse(z)
        return z


torch.manual_seed(0)
g = torch.Generator()
g.manual_seed(1)
flow = Flow()
print(flow.prior)
opt = torch.optim.Adam(flow.parameters(), lr=5e-3)
for it in range(31):
    loss = -flow.log_prob(moons(64, g)).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    if it % 10 == 0:
        print(f"flow {it:3d} nll {loss.item():.4f}")
with torch.no_grad():
    s = flow.sample(5)
    print(s, s.mean(0), s.std(0))


class Denoiser(nn.Module):
    def __init__(self, T, d=32):
        super().__init__()
        self.time = nn.Embedding(T, d)
        half = d // 2
        freqs = torch.exp(-math.log(10000) * torch.arange(half, dtype=torch.float32) / half)
        args = torch.arange(T)[:, None].float() * freqs[None]
        self.time.weight.data.copy_(torch.cat([torch.cos(args), torch.sin(args)], dim=-1))
        self.time.weight.requires_grad_(False)
        self.net = nn.Sequential(nn.Linear(2 + d, 32), nn.SiLU(), nn.Linear(32, 32), nn.SiLU(), nn.Linear(32, 2))

    def forward(self, x, t):
        return self.net(torch.cat([x, self.time(t)], dim=-1))


T = 20
betas = torch.linspace(1e-4, 0.2, T)
alphas = 1.0 - betas
bar = torch.cumprod(alphas, dim=0)
previous = torch.cat([torch.ones(1), bar[:-1]])
variance = betas * (1.0 - previous) / (1.0 - bar)
model = Denoiser(T)
ema = copy.deepcopy(model).eval().requires_grad_(False)
opt = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=3e-3)
for it in range(41):
    x0 = moons(64, g)
    t = torch.randint(0, T, (64,), generator=g)
    noise = torch.randn_like(x0)
    xt = bar[t].sqrt()[:, None] * x0 + (1 - bar[t]).sqrt().unsqueeze(-1) * noise
    loss = nn.functional.mse_loss(model(xt, t), noise)
    opt.zero_grad()
    loss.backward()
    opt.step()
    with torch.no_grad():
        for p, q in zip(model.parameters(), ema.parameters()):
            q.lerp_(p, 0.05)
    if it % 20 == 0:
        print(f"ddpm {it:3d} loss {loss.item():.4f}")
with torch.no_grad():
    x = torch.randn(4, 2)
    for i in reversed(range(T)):
        t = torch.full((4,), i, dtype=torch.long)
        eps = ema(x, t)
        mean = (x - betas[i] / torch.sqrt(1 - bar[i]) * eps) / torch.sqrt(alphas[i])
        x = mean + (variance[i].sqrt() * torch.randn_like(x) if i > 0 else 0)
    print(x)

energy = nn.Sequential(nn.Linear(2, 16), nn.Softplus(), nn.Linear(16, 1))
opt = torch.optim.SGD(energy.parameters(), lr=0.05)


def langevin(x, steps, eps=0.1):
    x = x.clone().requires_grad_(True)
    for _ in range(steps):
        (grad,) = torch.autograd.grad(energy(x).sum(), x)
        x.data.add_(grad, alpha=-0.5 * eps).add_(torch.randn_like(x), alpha=eps**0.5 * 0.1)
        x.data.clamp_(-3, 3)
    return x.detach()


for it in range(16):
    real = moons(32, g)
    fake = langevin(torch.empty(32, 2).uniform_(-2, 2), 5)
    loss = energy(real).mean() - energy(fake).mean() + 0.1 * (energy(real) ** 2 + energy(fake) ** 2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    if it % 5 == 0:
        print(f"energy {it} {loss.item():.4f}", tuple(fake[0].tolist()) == tuple(fake[0].numpy()))
print(Normal(0.0, 1.0).log_prob(langevin(torch.zeros(2, 2), 10)).sum(-1))
