"""A neural ODE by Euler and RK4, a physics-informed network, Newton's method, L-BFGS, a custom ODE gradient by the adjoint."""

import numpy as np
import torch
from torch import nn, optim

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)


def rk4(f, t, y, h):
    k1 = f(t, y)
    k2 = f(t + h / 2, y + h / 2 * k1)
    k3 = f(t + h / 2, y + h / 2 * k2)
    k4 = f(t + h, y + h * k3)
    return y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


def odeint(f, y0, ts, step=rk4):
    ys = [y0]
    for a, b in zip(ts[:-1], ts[1:]):
        ys.append(step(f, a, ys[-1], b - a))
    return torch.stack(ys)


A = torch.tensor([[-0.1, 2.0], [-2.0, -0.1]])
ts = torch.linspace(0.0, 1.5, 12)
truth = odeint(lambda t, y: y**3 @ A, torch.tensor([[2.0, 0.0]]), ts)
print(truth[::4].squeeze(1))


class Field(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(2, 20), nn.Tanh(), nn.Linear(20, 2))
        for m in self.net.modules():
            if isinstance(m, nn.Linear):
                nn.init.normal_(m.weight, mean=0, std=0.1)
                nn.init.constant_(m.bias, val=0)

    def forward(self, t, y):
        return self.net(y**3)


field = Field()
opt = optim.RMSprop(field.parameters(), lr=1e-2)
for it in range(13):
    pred = odeint(field, truth[0], ts)
    loss = torch.mean(torch.abs(pred - truth))
    opt.zero_grad()
    loss.backward()
    opt.step()
    if it % 6 == 0:
        print(f"Iter {it:04d} | Total Loss {loss.item():.6f}")
euler = odeint(field, truth[0], ts, step=lambda f, t, y, h: y + h * f(t, y))
print(f"{(euler - pred).abs().max():.4f}", euler.dtype)

pinn = nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 1))
x = torch.linspace(0, 1, 20).reshape(-1, 1).requires_grad_(True)


def residual():
    u = pinn(x)
    du = torch.autograd.grad(u, x, torch.ones_like(u), create_graph=True)[0]
    d2u = torch.autograd.grad(du.sum(), x, create_graph=True)[0]
    return d2u + torch.pi**2 * torch.sin(torch.pi * x), u


adam = optim.Adam(pinn.parameters(), lr=1e-2)
for it in range(31):
    r, u = residual()
    loss = r.pow(2).mean() + 10 * (u[0] ** 2 + u[-1] ** 2).sum()
    adam.zero_grad()
    loss.backward()
    adam.step()
    if it % 15 == 0:
        print(f"adam {it} {loss.item():.5f}")
lbfgs = optim.LBFGS(pinn.parameters(), lr=1.0, max_iter=20, history_size=10, tolerance_grad=1e-9, line_search_fn="strong_wolfe")
calls = 0


def closure():
    global calls
    calls += 1
    lbfgs.zero_grad()
    r, u = residual()
    loss = r.pow(2).mean() + 10 * (u[0] ** 2 + u[-1] ** 2).sum()
    loss.backward()
    return loss


first = lbfgs.step(closure)
print(f"lbfgs from {first.item():.4f} to {closure().item():.4f} in {calls} calls", lbfgs.state_dict()["state"][0]["func_evals"])
print((pinn(x).detach() - torch.sin(torch.pi * x.detach())).abs().max() < 0.1)

z = torch.tensor([-1.2, 1.0], requires_grad=True)
f = lambda z: (1 - z[0]) ** 2 + 100 * (z[1] - z[0] ** 2) ** 2
for it in range(6):
    g = torch.autograd.grad(f(z), z)[0]
    H = torch.autograd.functional.hessian(f, z)
    with torch.no_grad():
        z -= torch.linalg.solve(H, g)
    print(it, z.detach().numpy(), f"{f(z):.3e}")


class Decay(torch.autograd.Function):
    @staticmethod
    def forward(ctx, y0, k, steps):
        y, h = y0, 1.0 / steps
        for _ in range(steps):
            y = y - h * k * y
        ctx.save_for_backward(y, k)
        ctx.steps = steps
        return y

    @staticmethod
    def backward(ctx, grad):
        y, k = ctx.saved_tensors
        h, a, gk = 1.0 / ctx.steps, grad, torch.zeros_like(k)
        for _ in range(ctx.steps):
            y = y / (1 - h * k)
            gk = gk - (a * h * y).sum()
            a = a - h * k * a
        return (a if ctx.needs_input_grad[0] else None), gk, None


y0, k = torch.tensor([1.0, 2.0], requires_grad=True), torch.tensor(0.7, requires_grad=True)
print(torch.autograd.gradcheck(Decay.apply, (y0, k, 5)))
out = Decay.apply(y0, k, 100)
out.sum().backward()
print(out, y0.grad, k.grad, np.exp(-0.7).round(3))
sol = torch.linalg.lstsq(torch.stack([torch.ones(5), torch.arange(5.0)], 1), torch.tensor([1.0, 3.1, 4.9, 7.2, 9.0]).unsqueeze(1))
print(sol.solution.squeeze())
torch.set_default_dtype(torch.float32)
