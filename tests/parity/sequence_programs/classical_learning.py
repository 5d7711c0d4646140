"""Gaussian process regression, PCA, k-means, ridge and logistic regression, kernel density, graph convolution, PageRank."""

import math

import torch
import torch.nn.functional as F

torch.manual_seed(0)
x = torch.linspace(0, 5, 12).unsqueeze(1)
y = torch.sin(x).squeeze(1) + 0.1 * torch.randn(12)
logp = torch.zeros(3, requires_grad=True)


def rbf(a, b, scale, length):
    return scale**2 * torch.exp(-0.5 * torch.cdist(a, b).pow(2) / length**2)


opt = torch.optim.Adam([logp], lr=0.1)
for it in range(21):
    s, l, n = logp.exp().unbind()
    K = rbf(x, x, s, l) + (n**2 + 1e-6) * torch.eye(12)
    L = torch.linalg.cholesky(K)
    alpha = torch.cholesky_solve(y.unsqueeze(1), L)
    nll = 0.5 * y @ alpha.squeeze(1) + L.diagonal().log().sum() + 6 * math.log(2 * math.pi)
    opt.zero_grad()
    nll.backward()
    opt.step()
    if it % 10 == 0:
        print(f"gp {it} {nll.item():.4f}", logp.data)
with torch.no_grad():
    t = torch.tensor([[1.3], [4.0]])
    Ks = rbf(x, t, s, l)
    v = torch.linalg.solve_triangular(L, Ks, upper=False)
    print((Ks.T @ alpha).squeeze(), (rbf(t, t, s, l) - v.T @ v).diagonal().sqrt())

X = torch.randn(50, 4) @ torch.diag(torch.tensor([3.0, 1.0, 0.5, 0.1])) + torch.arange(4)
mean, std = X.mean(0, keepdim=True), X.std(dim=0, unbiased=True)
U, S, Vh = torch.linalg.svd(X - mean, full_matrices=False)
print(S, (S**2 / (S**2).sum()).cumsum(0), Vh.abs(), sep="\n")
evals, evecs = torch.linalg.eigh(torch.cov(X.T))
print(torch.allclose(evals.flip(0), S**2 / 49, rtol=1e-4), torch.linalg.matrix_rank(X), torch.linalg.cond(X.T @ X).log10())
u, s_, v_ = torch.pca_lowrank(X, q=2)
print(u.shape, s_, v_.shape)

pts = torch.cat([torch.randn(20, 2) + c for c in torch.tensor([[0.0, 0.0], [5.0, 5.0], [0.0, 6.0]])])
centers = pts[torch.randperm(len(pts))[:3]].clone()
for _ in range(5):
    assign = torch.cdist(pts, centers).argmin(dim=1)
    sums = torch.zeros_like(centers).scatter_add_(0, assign.unsqueeze(1).expand(-1, 2), pts)
    again = torch.zeros_like(centers).index_add_(0, assign, pts)
    count = torch.bincount(assign, minlength=3).clamp(min=1).unsqueeze(1)
    torch.testing.assert_close(sums, again)
    centers = sums / count
    inertia = (pts - centers[assign]).square().sum()
print(centers, count.squeeze().tolist(), inertia)

A = torch.zeros(6, 6)
edges = torch.tensor([[0, 1], [1, 2], [2, 0], [3, 4], [4, 5], [5, 3], [2, 3]]).T
A[edges[0], edges[1]] = 1
A = torch.maximum(A, A.T) + torch.eye(6)
d = A.sum(1).rsqrt()
norm = d[:, None] * A * d[None, :]
feats, labels = torch.eye(6), torch.tensor([0, 0, 0, 1, 1, 1])
train_mask = torch.tensor([True, False, False, False, True, False])
W1, W2 = torch.nn.Parameter(torch.empty(6, 8)), torch.nn.Parameter(torch.empty(8, 2))
for w in (W1, W2):
    torch.nn.init.kaiming_uniform_(w, a=math.sqrt(5))
opt = torch.optim.Adam([{"params": [W1], "weight_decay": 5e-4}, {"params": [W2]}], lr=0.1)
for _ in range(20):
    h = F.dropout(F.elu(norm @ feats @ W1), 0.2, training=True)
    out = F.log_softmax(torch.mm(torch.mm(norm, h), W2), 1)
    loss = F.nll_loss(out[train_mask], labels[train_mask])
    opt.zero_grad()
    loss.backward()
    opt.step()
print(f"gcn {loss.item():.4f}", out.argmax(1), out.argmax(1).eq(labels).float().mean())
src, dst = edges
msg = torch.zeros(6, 6).index_add(0, dst, feats[src], alpha=0.5)
deg = torch.zeros(6).scatter_reduce(0, dst, torch.ones(7), reduce="sum", include_self=False)
att = torch.randn(7)
top = torch.full((6,), -torch.inf).scatter_reduce(0, dst, att, reduce="amax")
ex = (att - top[dst]).exp()
soft = ex / torch.zeros(6).index_add_(0, dst, ex)[dst]
print(msg.sum(1), deg, soft, sep="\n")
rank = torch.full((6,), 1 / 6)
P = (A - torch.eye(6)).T / (A - torch.eye(6)).sum(1)
for _ in range(30):
    rank = 0.15 / 6 + 0.85 * P @ rank
print(rank, torch.matrix_power(P, 3)[0], torch.linalg.vector_norm(rank, 1))

Xd = torch.randn(40, 3, dtype=torch.float64)
w_true = torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64)
target = (torch.sigmoid(Xd @ w_true) > 0.5).double()
w = torch.zeros(3, dtype=torch.float64)
for _ in range(4):
    p = torch.sigmoid(Xd @ w)
    g = Xd.T @ (p - target) + 0.1 * w
    H = Xd.T @ (Xd * (p * (1 - p))[:, None]) + 0.1 * torch.eye(3)
    w = w - torch.linalg.solve(H, g)
print(w, F.binary_cross_entropy(torch.sigmoid(Xd @ w), target), torch.linalg.norm(g) < 1)
q, r = torch.linalg.qr(Xd)
print(torch.dist(q @ r, Xd) < 1e-10, torch.linalg.det(H), torch.slogdet(H), torch.trace(H), torch.linalg.pinv(Xd).shape)
kde = torch.logsumexp(-0.5 * (torch.linspace(-2, 2, 5)[:, None] - Xd[:, 0]) ** 2, 1) - math.log(40 * math.sqrt(2 * math.pi))
print(kde, torch.corrcoef(Xd.T), torch.quantile(Xd[:, 0], torch.tensor([0.1, 0.5, 0.9], dtype=torch.float64)))
try:
    torch.linalg.cholesky(torch.tensor([[1.0, 2.0], [2.0, 1.0]]))
except torch.linalg.LinAlgError as e:
    print(str(e)[:50])
try:
    torch.linalg.inv(torch.zeros(2, 2))
except RuntimeError as e:
    print(str(e)[:50])
