"""Message passing by gather and scatter: a graph attention network, graph pooling, deep sets, spectral embedding, label propagation, a tree of tensors."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(7)


def scatter_softmax(src, index, n):
    top = torch.full((n, *src.shape[1:]), float("-inf")).index_reduce_(0, index, src.detach(), "amax")
    e = torch.exp(src - top.index_select(0, index))
    total = src.new_zeros(n, *src.shape[1:]).index_add_(0, index, e)
    return e / (total[index] + 1e-16)


class GATLayer(nn.Module):
    def __init__(self, d_in, d_out, heads, concat=True):
        super().__init__()
        self.h, self.d, self.concat = heads, d_out, concat
        self.lin = nn.Linear(d_in, heads * d_out, bias=False)
        self.att_src, self.att_dst = (nn.Parameter(torch.empty(1, heads, d_out)) for _ in range(2))
        self.bias = nn.Parameter(torch.zeros(heads * d_out if concat else d_out))
        self.register_parameter("edge", None)
        self.reset_parameters()

    def reset_parameters(self):
        nn.init.xavier_uniform_(self.lin.weight)
        for p in (self.att_src, self.att_dst):
            nn.init.xavier_normal_(p, gain=nn.init.calculate_gain("leaky_relu", 0.2))

    def forward(self, x, edge_index):
        n = x.size(0)
        src, dst = edge_index
        h = self.lin(x).view(n, self.h, self.d)
        alpha = F.leaky_relu((h * self.att_src).sum(-1)[src] + (h * self.att_dst).sum(-1)[dst], 0.2)
        alpha = F.dropout(scatter_softmax(alpha, dst, n), 0.1, self.training)
        out = torch.zeros(n, self.h, self.d).scatter_add_(0, dst.view(-1, 1, 1).expand(-1, self.h, self.d), h[src] * alpha.unsqueeze(-1))
        return (out.flatten(1) if self.concat else out.mean(1)) + self.bias

    def extra_repr(self):
        return f"heads={self.h}, concat={self.concat}"


class GIN(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.eps = nn.Parameter(torch.zeros(1))
        self.mlp = nn.Sequential(nn.Linear(d, 2 * d), nn.BatchNorm1d(2 * d), nn.ReLU(True), nn.Linear(2 * d, d))

    def forward(self, x, edge_index):
        src, dst = edge_index
        return self.mlp((1 + self.eps) * x + torch.zeros_like(x).index_add(0, dst, x[src]))


n = 12
a = (torch.rand(n, n) < 0.25).triu(1)
a = a | a.T
a[torch.arange(n), torch.arange(n).roll(1)] = True
edge_index = a.nonzero().t().contiguous()
print(edge_index.shape, edge_index.is_contiguous(), a.sum(1))
x = torch.randn(n, 5)
y = torch.tensor([0, 1, 2] * 4)
model = nn.ModuleList([GATLayer(5, 4, 2), GIN(8), GATLayer(8, 3, 2, concat=False)])
print(model)
opt = torch.optim.Adam(model.parameters(), lr=2e-2, weight_decay=5e-4)
for epoch in range(31):
    h = x
    for i, layer in enumerate(model):
        h = layer(h, edge_index)
        if i < 2:
            h = F.elu(h)
    loss = F.cross_entropy(h, y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if epoch % 10 == 0:
        print(f"gat {epoch} {loss.item():.4f} {(h.argmax(1) == y).sum().item()}/{n}")

batch = torch.tensor([0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 2])
h = h.detach()
sums = torch.zeros(3, 3).index_add_(0, batch, h)
means = torch.zeros(3, 3).scatter_reduce_(0, batch[:, None].expand_as(h), h, "mean", include_self=False)
tops = torch.zeros(3, 3).scatter_reduce(0, batch[:, None].expand_as(h), h, "amax", include_self=False)
prods = torch.ones(3, 3).index_reduce(0, batch, h.tanh(), "prod")
print(sums, means, tops, prods, sep="\n")
torch.testing.assert_close(sums / batch.bincount()[:, None], means)
ptr = torch.cat([torch.zeros(1, dtype=torch.long), batch.bincount().cumsum(0)])
print(ptr, [h[i:j].sum().item() > 0 for i, j in zip(ptr[:-1], ptr[1:])], torch.repeat_interleave(torch.arange(3), ptr.diff()).equal(batch))
dense = h.new_zeros(3, 5, 3)
pos = torch.arange(n) - ptr[batch]
dense[batch, pos] = h
mask = torch.zeros(3, 5, dtype=torch.bool).index_put_((batch, pos), torch.tensor(True))
print(dense[1], mask, dense[mask].equal(h))

deg = a.sum(1).float()
L = torch.diag(deg) - a.float()
vals, vecs = torch.linalg.eigh(L)
print(vals[:4], (vecs[:, 1].sign() * vecs[0, 1].sign()).int(), torch.linalg.matrix_rank(L), torch.trace(L))
walk = a.float() / deg[:, None]
print(
    torch.linalg.matrix_power(walk, 4).diagonal(), torch.matrix_exp(-0.1 * L)[0, :4], torch.linalg.eigvalsh(walk.sqrt() * walk.T.sqrt())[-1]
)
known, F0 = torch.tensor([0, 1, 2]), torch.zeros(n, 3)
F0[known, y[known]] = 1
S, Z = a / (deg[:, None] * deg[None]).sqrt(), F0.clone()
for _ in range(40):
    Z = 0.8 * S @ Z + 0.2 * F0
closed = 0.2 * torch.linalg.solve(torch.eye(n) - 0.8 * S, F0)
print((Z - closed).abs().max() < 1e-3, Z.argmax(1))
dist = torch.where(a, 1.0, torch.inf).fill_diagonal_(0)
for k in range(n):
    dist = torch.minimum(dist, dist[:, k, None] + dist[None, k])
print(dist[0], dist.max(), (dist == 2).sum().item() // 2)


class DeepSet(nn.Module):
    def __init__(self):
        super().__init__()
        self.phi = nn.Sequential(nn.Linear(2, 16), nn.Tanh())
        self.rho = nn.Linear(16, 1)
        self.seeds = nn.Parameter(torch.randn(1, 1, 16))
        self.pool = nn.MultiheadAttention(16, 4, batch_first=True)

    def forward(self, s, m):
        h = self.phi(s)
        pooled, w = self.pool(self.seeds.expand(len(s), -1, -1), h, h, key_padding_mask=~m, need_weights=True)
        return self.rho(pooled.squeeze(1) + (h * m[..., None]).sum(1) / math.sqrt(6)).squeeze(-1), w


net = DeepSet()
opt = torch.optim.NAdam(net.parameters(), lr=1e-2)
for it in range(16):
    s = torch.randn(16, 6, 2)
    m = torch.arange(6) < torch.randint(2, 7, (16, 1))
    goal = (s.norm(dim=-1) * m).amax(1)
    out, w = net(s, m)
    loss = F.mse_loss(out, goal)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if it % 5 == 0:
        print(f"set {it} {loss.item():.4f}")
perm = torch.randperm(6)
print((net(s[:, perm], m[:, perm])[0] - net(s, m)[0]).abs().max() < 1e-5, w[0].detach())
