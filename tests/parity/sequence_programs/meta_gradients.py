"""MAML by create_graph and functional_call, WGAN-GP, Hessian-vector products, per-sample gradients, hypergradients, torch.func."""

from collections import OrderedDict

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.autograd.functional import hessian, hvp, jacobian, jvp, vhp, vjp
from torch.func import functional_call, grad, grad_and_value, jacfwd, jacrev, vmap
from torch.func import hessian as fhessian

torch.manual_seed(0)
net = nn.Sequential(OrderedDict(l1=nn.Linear(1, 20), act=nn.Tanh(), l2=nn.Linear(20, 1)))
meta = torch.optim.Adam(net.parameters(), lr=1e-2)


def task(n=10):
    a, p = torch.rand(1) * 4 + 0.1, torch.rand(1) * 3.14
    x = torch.rand(n, 1) * 10 - 5
    return x, a * torch.sin(x + p)


for it in range(12):
    outer = 0.0
    for _ in range(3):
        x, y = task()
        fast = dict(net.named_parameters())
        for _ in range(2):
            loss = F.mse_loss(functional_call(net, fast, (x[:5],)), y[:5])
            grads = torch.autograd.grad(loss, tuple(fast.values()), create_graph=True)
            fast = {k: v - 0.05 * g for (k, v), g in zip(fast.items(), grads)}
        outer = outer + F.mse_loss(functional_call(net, fast, x[5:]), y[5:])
    meta.zero_grad()
    (outer / 3).backward()
    meta.step()
    if it % 4 == 3:
        print(f"maml {it}: {outer.item() / 3:.4f} {net.l1.weight.grad.norm():.4f}")

critic = nn.Sequential(nn.Linear(2, 16), nn.LeakyReLU(0.2), nn.Linear(16, 1))
gen = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 2))
d_opt = torch.optim.Adam(critic.parameters(), lr=1e-3, betas=(0.5, 0.9))
g_opt = torch.optim.Adam(gen.parameters(), lr=1e-3, betas=(0.0, 0.9))
for _step in range(10):
    for _ in range(2):
        real, fake = torch.randn(16, 2) * 0.3 + 1, gen(torch.randn(16, 3)).detach()
        eps = torch.rand(16, 1).expand_as(real)
        mid = (eps * real + (1 - eps) * fake).requires_grad_(True)
        score = critic(mid)
        g = torch.autograd.grad(
            outputs=score, inputs=mid, grad_outputs=torch.ones_like(score), create_graph=True, retain_graph=True, only_inputs=True
        )[0]
        gp = ((g.norm(2, dim=1) - 1) ** 2).mean()
        d_loss = critic(fake).mean() - critic(real).mean() + 10 * gp
        d_opt.zero_grad()
        d_loss.backward()
        d_opt.step()
    g_opt.zero_grad()
    g_loss = -critic(gen(torch.randn(16, 3))).mean()
    g_loss.backward()
    g_opt.step()
print(f"wgan {d_loss.item():.4f} {gp.item():.4f} {g_loss.item():.4f}")


def rosen(x):
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


x, v = torch.tensor([0.5, -0.3, 1.2]), torch.tensor([1.0, 0.0, -1.0])
print(hessian(rosen, x))
print(hvp(rosen, x, v), vhp(rosen, x, v)[1])
print(jacobian(lambda a, b: a.outer(b), (x[:2], x[1:]))[0].shape, jvp(torch.sin, x, v), vjp(torch.exp, x, v)[1])
print(jacobian(lambda a: a**3, x, create_graph=True, vectorize=True))
xr = x.clone().requires_grad_()
(g,) = torch.autograd.grad(rosen(xr), xr, create_graph=True)
print(g, torch.autograd.grad(g @ v, xr, retain_graph=True)[0])
print(torch.stack([torch.autograd.grad(g[i], xr, retain_graph=True)[0] for i in range(3)]))
print(torch.autograd.grad(g, xr, torch.eye(3), is_grads_batched=True)[0])

print(grad(rosen)(x), fhessian(rosen)(x).diag(), jacrev(torch.tanh)(x).diag(), jacfwd(lambda t: t**2)(x), sep="\n")
params = {k: p.detach() for k, p in net.named_parameters()}


def sample_loss(params, x, y):
    return F.mse_loss(functional_call(net, params, (x.unsqueeze(0),)), y.unsqueeze(0))


xs, ys = task(6)
per = vmap(grad(sample_loss), in_dims=(None, 0, 0))(params, xs, ys)
print({k: (tuple(t.shape), round(t.norm().item(), 3)) for k, t in per.items()})
gs, losses = vmap(grad_and_value(sample_loss), in_dims=(None, 0, 0))(params, xs, ys)
print(losses, torch.allclose(gs["l2.bias"], per["l2.bias"]))
print(
    vmap(torch.dot)(torch.arange(6.0).view(2, 3), torch.ones(2, 3)),
    vmap(lambda a, b: a @ b, in_dims=(0, None), out_dims=1)(torch.ones(2, 3, 4), torch.eye(4)).shape,
)

lam = torch.tensor(0.1, requires_grad=True)
A, b = torch.randn(8, 3), torch.randn(8)
Av, bv = torch.randn(5, 3), torch.randn(5)
w = torch.linalg.solve(A.T @ A + lam * torch.eye(3), A.T @ b)
val = (Av @ w - bv).square().mean()
(hyper,) = torch.autograd.grad(val, lam)
wd = w.detach().requires_grad_()
H = A.T @ A + lam.detach() * torch.eye(3)
gv = torch.autograd.grad((Av @ wd - bv).square().mean(), wd)[0]
print(f"hypergradient {hyper.item():.5f} implicit {-(gv @ torch.linalg.solve(H, w.detach())).item():.5f}")
hat = A @ torch.linalg.inv(A.T @ A) @ A.T
print("leave one out", ((b - hat @ b) / (1 - hat.diagonal())).square().mean())
try:
    torch.autograd.grad(val, lam)
except RuntimeError as e:
    print(str(e)[:80])
try:
    grad(torch.sin)(x)
except RuntimeError as e:
    print(str(e)[:80])
