"""Numerical linear algebra and analysis by hand: power iteration, Krylov methods, QR, splines, quadrature, fits, roots, implicit layers."""

import math

import torch

torch.manual_seed(3)
torch.set_default_dtype(torch.float64)
A = torch.randn(6, 6)
A = A @ A.T + 6 * torch.eye(6)
b = torch.arange(1.0, 7.0)
v = torch.ones(6)
for _ in range(200):
    v = A @ v
    v /= v.norm()
print("power", v @ A @ v, torch.linalg.eigvalsh(A)[-1])
x, r = torch.zeros(6), b.clone()
p, rs = r.clone(), r.dot(r)
for _ in range(6):
    Ap = A.mv(p)
    step = rs / p.dot(Ap)
    x.add_(p, alpha=step.item())
    r.sub_(step * Ap)
    new = r @ r
    p = r + (new / rs) * p
    rs = new
print("cg", torch.allclose(A @ x, b), x)
Q, R = torch.zeros(6, 6), torch.zeros(6, 6)
for j in range(6):
    u = A[:, j].clone()
    for i in range(j):
        R[i, j] = Q[:, i] @ u
        u -= R[i, j] * Q[:, i]
    R[j, j] = torch.linalg.vector_norm(u)
    Q[:, j] = u / R[j, j]
print(
    "qr",
    torch.dist(Q @ R, A) < 1e-10,
    (Q.mT @ Q - torch.eye(6)).abs().max() < 1e-8,
    torch.linalg.qr(A)[1].diagonal().abs().sub(R.diagonal()).abs().max() < 1e-8,
)
H = A.clone()
for _ in range(100):
    q, r_ = torch.linalg.qr(H)
    H = r_ @ q
print("eigenvalues", H.diagonal().sort().values)
LU, piv = torch.linalg.lu_factor(A)
print("lu", torch.linalg.lu_solve(LU, piv, b[:, None]).squeeze(), piv)
P, L, U = torch.linalg.lu(A)
print((P @ L @ U - A).abs().max() < 1e-10, L[2], U.diagonal(), torch.lu_unpack(LU, piv)[0].argmax(1))
print("norms", torch.linalg.cond(A), torch.linalg.norm(A, "nuc"), torch.linalg.norm(A, 2), torch.linalg.norm(A, float("inf")))
print(
    torch.linalg.multi_dot([A[:2], A, A[:, :3]]).shape,
    torch.linalg.slogdet(A),
    torch.linalg.inv_ex(A).info,
    torch.linalg.tensorinv(torch.eye(4).reshape(2, 2, 2, 2), ind=2).sum(),
)
print(torch.linalg.cross(b[:3], b[3:]), torch.cross(b[:3], torch.ones(3), dim=0), torch.linalg.matrix_norm(A), torch.linalg.vecdot(A, A))

t = torch.linspace(0, 2, 9)
y = torch.exp(-t) + 0.01 * torch.randn(9)
V = torch.vander(t, 4, increasing=True)
coef = torch.linalg.lstsq(V, y.unsqueeze(1)).solution.squeeze()
print("fit", coef, (V @ coef - y).norm(), torch.linalg.lstsq(V, y.unsqueeze(1), driver="gelsd").rank)
print(
    "trapezoid",
    torch.trapezoid(y, t),
    torch.cumulative_trapezoid(y, t)[-2:],
    torch.gradient(y, spacing=(t,))[0][:3],
    torch.trapz(y, dx=0.25),
)
nodes, weights = torch.linalg.eigh(
    torch.diag(torch.arange(1.0, 5) / torch.sqrt(4 * torch.arange(1.0, 5) ** 2 - 1), 1)
    + torch.diag(torch.arange(1.0, 5) / torch.sqrt(4 * torch.arange(1.0, 5) ** 2 - 1), -1)
)
print("gauss", (2 * weights[0] ** 2 * torch.cos(nodes)).sum(), 2 * math.sin(1))
h = t.diff()
M = torch.zeros(9, 9)
M[0, 0] = M[-1, -1] = 1
idx = torch.arange(1, 8)
M[idx, idx - 1], M[idx, idx], M[idx, idx + 1] = h[:-1], 2 * (h[:-1] + h[1:]), h[1:]
rhs = torch.zeros(9)
rhs[1:-1] = 6 * (y[2:] - y[1:-1]) / h[1:] - 6 * (y[1:-1] - y[:-2]) / h[:-1]
m = torch.linalg.solve(M, rhs)
at = torch.tensor([0.1, 0.77, 1.9])
i = torch.clamp(torch.searchsorted(t, at, right=True) - 1, 0, 7)
dx = at - t[i]
s = y[i] + dx * ((y[i + 1] - y[i]) / h[i] - h[i] * (2 * m[i] + m[i + 1]) / 6) + m[i] / 2 * dx**2 + (m[i + 1] - m[i]) / (6 * h[i]) * dx**3
print("spline", s, torch.lerp(y[i], y[i + 1], dx / h[i]))
lo, hi = torch.zeros(4), torch.full((4,), 3.0)
targets = torch.tensor([0.1, 0.5, 1.0, 2.0])
for _ in range(50):
    mid = (lo + hi) / 2
    below = mid**3 / 3 < targets
    lo, hi = torch.where(below, mid, lo), torch.where(below, hi, mid)
print("bisection", mid, (3 * targets) ** (1 / 3))


class FixedPoint(torch.autograd.Function):
    @staticmethod
    def forward(ctx, W, x):
        z = torch.zeros_like(x)
        for _ in range(60):
            z = torch.tanh(W @ z + x)
        ctx.save_for_backward(W, x, z)
        return z

    @staticmethod
    def backward(ctx, g):
        W, x, z = ctx.saved_tensors
        d = 1 - z**2
        u = torch.linalg.solve((torch.eye(len(z)) - d[:, None] * W).T, g)
        return torch.outer(u * d, z), u * d


W = (0.2 * torch.randn(4, 4)).requires_grad_()
x0 = torch.randn(4, requires_grad=True)
z = FixedPoint.apply(W, x0)
z.square().sum().backward()
print("implicit", z, x0.grad, W.grad.norm(), torch.autograd.gradcheck(FixedPoint.apply, (W, x0), eps=1e-6, atol=1e-4))


def deq_hook():
    with torch.no_grad():
        z0 = FixedPoint.apply(W, x0)
    z1 = torch.tanh(W @ z0 + x0)
    z2 = z0.clone().detach().requires_grad_()
    f0 = torch.tanh(W @ z2 + x0)

    def hook(g):
        u = g
        for _ in range(60):
            u = torch.autograd.grad(f0, z2, u, retain_graph=True)[0] + g
        return u

    z1.register_hook(hook)
    return torch.autograd.grad(z1.square().sum(), x0)[0]


print("hook", deq_hook())
poly = torch.tensor([1.0, -6.0, 11.0, -6.0])
companion = torch.diag(torch.ones(2), -1)
companion[0] = -poly[1:] / poly[0]
print("roots", torch.linalg.eigvals(companion).real.sort()[0])
heat = torch.zeros(20)
heat[8:12] = 1
lap = torch.diag(torch.full((20,), -2.0)) + torch.diag(torch.ones(19), 1) + torch.diag(torch.ones(19), -1)
implicit = torch.linalg.solve(torch.eye(20) - 0.5 * lap, heat)
print(
    "heat",
    implicit[8:12],
    torch.matrix_exp(0.5 * lap) @ heat @ torch.ones(20),
    torch.nn.functional.conv1d(heat.view(1, 1, -1), torch.tensor([[[1.0, -2.0, 1.0]]]), padding=1).view(-1)[6:10],
)
dct = torch.cos(math.pi / 8 * (torch.arange(8.0) + 0.5) * torch.arange(8.0)[:, None])
ext = torch.cat([b, b[:2], (b.flip(0)[:0])])
fast = torch.fft.fft(torch.cat([ext, ext.flip(0)])).mul(torch.exp(-1j * math.pi * torch.arange(16) / 16)).real[:8] / 2
print("dct", torch.allclose(dct @ ext, fast), fast[:3])
mandel = torch.zeros(3, 5, dtype=torch.complex128)
c = torch.complex(torch.linspace(-2, 0.5, 5).expand(3, 5), torch.linspace(-1, 1, 3)[:, None].expand(3, 5))
n = torch.zeros(3, 5, dtype=torch.int64)
for _ in range(20):
    mandel = torch.where(mandel.abs() < 2, mandel**2 + c, mandel)
    n += mandel.abs() < 2
print("mandelbrot", n)
sieve = torch.ones(50, dtype=torch.bool)
sieve[:2] = False
for i in range(2, 8):
    if sieve[i]:
        sieve[i * i :: i] = False
print(
    "primes", sieve.nonzero().squeeze().tolist(), torch.gcd(torch.tensor(12), torch.tensor(18)), torch.lcm(torch.tensor(4), torch.tensor(6))
)
life = torch.zeros(6, 6)
life[[0, 1, 2, 2, 2], [1, 2, 0, 1, 2]] = 1
for _ in range(4):
    around = sum(torch.roll(life, (i, j), (0, 1)) for i in (-1, 0, 1) for j in (-1, 0, 1) if (i, j) != (0, 0))
    life = ((around == 3) | ((around == 2) & (life == 1))).double()
print("life", life.int().tolist())
torch.set_default_dtype(torch.float32)
