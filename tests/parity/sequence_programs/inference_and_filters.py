"""Hidden Markov models, Kalman and particle filters, Hamiltonian Monte Carlo, variational inference, optimal transport, dynamic time warping."""

import torch
from torch import distributions as dist

torch.manual_seed(11)
torch.set_printoptions(precision=4, sci_mode=False)

pi, A, B = torch.tensor([0.6, 0.4]), torch.tensor([[0.7, 0.3], [0.4, 0.6]]), torch.tensor([[0.5, 0.4, 0.1], [0.1, 0.3, 0.6]])
z, obs = dist.Categorical(pi).sample(), []
for _ in range(12):
    obs.append(dist.Categorical(B[z]).sample())
    z = dist.Categorical(A[z]).sample()
obs = torch.stack(obs)
print("observed", obs.tolist())
alpha = [pi.log() + B[:, obs[0]].log()]
for o in obs[1:]:
    alpha.append(torch.logsumexp(alpha[-1].unsqueeze(1) + A.log(), 0) + B[:, o].log())
beta = [torch.zeros(2)]
for o in reversed(obs[1:]):
    beta.insert(0, torch.logsumexp(A.log() + B[:, o].log() + beta[0], 1))
gamma = torch.softmax(torch.stack(alpha) + torch.stack(beta), -1)
print(torch.logsumexp(alpha[-1], 0), gamma[::4], gamma.argmax(1).tolist())
xi = torch.stack([a[:, None] + A.log() + B[:, o].log() + b for a, o, b in zip(alpha[:-1], obs[1:], beta[1:])])
xi = torch.softmax(xi.flatten(1), 1).view(-1, 2, 2)
print(
    (xi.sum(0) / gamma[:-1].sum(0)[:, None]),
    torch.stack([(gamma * (obs == k)[:, None]).sum(0) for k in range(3)], 1) / gamma.sum(0)[:, None],
)
theta = torch.zeros(2, 2, requires_grad=True)
opt = torch.optim.Adam([theta], lr=0.1)
for _ in range(15):
    T = theta.log_softmax(-1)
    a = pi.log() + B[:, obs[0]].log()
    for o in obs[1:]:
        a = torch.logsumexp(a[:, None] + T, 0) + B[:, o].log()
    loss = -torch.logsumexp(a, 0)
    opt.zero_grad()
    loss.backward()
    opt.step()
print(f"learned {loss.item():.4f}", theta.softmax(-1).detach())

F, H = torch.tensor([[1.0, 1.0], [0.0, 1.0]]), torch.tensor([[1.0, 0.0]])
Q, R = 0.01 * torch.eye(2), torch.tensor([[0.5]])
x, P, truth, loglik = torch.zeros(2, 1), torch.eye(2), torch.tensor([[0.0], [0.3]]), 0.0
for _t in range(20):
    truth = F @ truth + torch.linalg.cholesky(Q) @ torch.randn(2, 1)
    y = H @ truth + R.sqrt() * torch.randn(1, 1)
    x, P = F @ x, F @ P @ F.mT + Q
    S = H @ P @ H.T + R
    K = torch.linalg.solve(S, H @ P, left=True).mT
    loglik += dist.MultivariateNormal((H @ x).squeeze(1), S).log_prob(y.squeeze(1))
    x = x + K @ (y - H @ x)
    P = (torch.eye(2) - K @ H).addmm(torch.zeros(2, 2), torch.zeros(2, 2)) @ P
print("kalman", x.squeeze(), P, loglik)

particles, w = torch.randn(50), torch.full((50,), 1 / 50)
state = torch.tensor(0.5)
for _t in range(8):
    state = 0.9 * state + 0.3 * torch.randn(())
    seen = state**2 / 2 + 0.2 * torch.randn(())
    particles = 0.9 * particles + 0.3 * torch.randn(50)
    logw = w.log() + dist.Normal(particles**2 / 2, 0.2).log_prob(seen)
    w = (logw - logw.logsumexp(0)).exp()
    ess = 1 / w.square().sum()
    if ess < 25:
        u = (torch.arange(50) + torch.rand(1)) / 50
        index = torch.searchsorted(w.cumsum(0), u).clamp_(max=49)
        particles, w = particles[index], torch.full_like(w, 1 / 50)
print("particles", (w * particles).sum(), ess)

target = dist.MultivariateNormal(torch.tensor([1.0, -1.0]), torch.tensor([[1.0, 0.6], [0.6, 1.5]]))


def energy(q):
    return -target.log_prob(q)


q, kept, accepted = torch.zeros(2), [], 0
for _it in range(60):
    p0 = torch.randn(2)
    new, p = q.clone().requires_grad_(), p0.clone()
    p -= 0.1 * torch.autograd.grad(energy(new), new)[0]
    for step in range(6):
        new = (new.detach() + 0.2 * p).requires_grad_()
        p -= (0.1 if step == 5 else 0.2) * torch.autograd.grad(energy(new), new)[0]
    delta = energy(q) + p0 @ p0 / 2 - energy(new) - p @ p / 2
    if torch.rand(()).log() < delta:
        q, accepted = new.detach(), accepted + 1
    kept.append(q)
kept = torch.stack(kept[10:])
print("hmc", accepted, kept.mean(0), torch.cov(kept.T))

loc, rho = torch.zeros(2, requires_grad=True), torch.zeros(2, requires_grad=True)
opt = torch.optim.Adam([loc, rho], lr=0.1)
for _it in range(40):
    guide = dist.Independent(dist.Normal(loc, torch.nn.functional.softplus(rho)), 1)
    s = guide.rsample((8,))
    elbo = (target.log_prob(s) + guide.entropy()).mean()
    opt.zero_grad()
    (-elbo).backward()
    opt.step()
print("svi", elbo, loc.data, torch.nn.functional.softplus(rho).data)
flow = dist.TransformedDistribution(
    dist.Normal(torch.zeros(2), torch.ones(2)), [dist.AffineTransform(torch.ones(2), 2.0), dist.TanhTransform()]
)
print(flow.rsample((2,)), flow.log_prob(torch.tensor([0.5, -0.2])), dist.kl_divergence(guide.base_dist, dist.Normal(0.0, 1.0)))

xs, ys = torch.randn(6, 2), torch.randn(5, 2) + 1
C = torch.cdist(xs, ys, p=2) ** 2
f, g, eps = torch.zeros(6), torch.zeros(5), 0.5
for _ in range(100):
    f = -eps * torch.logsumexp((g - C) / eps + torch.log(torch.tensor(1 / 5)), 1)
    g = -eps * torch.logsumexp((f[:, None] - C) / eps + torch.log(torch.tensor(1 / 6)), 0)
plan = ((f[:, None] + g - C) / eps).exp() / 30
print("sinkhorn", (plan * C).sum(), plan.sum(1), plan.sum(0))
s1, s2 = torch.sin(torch.linspace(0, 3, 8)), torch.sin(torch.linspace(0.5, 3.5, 9))
D = torch.full((9, 10), torch.inf)
D[0, 0] = 0
for i in range(1, 9):
    for j in range(1, 10):
        D[i, j] = (s1[i - 1] - s2[j - 1]).abs() + torch.min(torch.stack([D[i - 1, j], D[i, j - 1], D[i - 1, j - 1]]))
print("dtw", D[-1, -1], D[1:4, 1:4])
mmd = lambda a, b: torch.exp(-torch.cdist(a, b).square()).mean()
print("mmd", mmd(xs, xs) + mmd(ys, ys) - 2 * mmd(xs, ys), torch.pdist(xs).sort().values[:3])
torch.set_printoptions(profile="default")
