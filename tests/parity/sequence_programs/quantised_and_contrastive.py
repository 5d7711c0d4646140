"""VQ-VAE with a straight-through codebook and its moving averages, Gumbel-softmax, InfoNCE, triplets, mixup, distillation, focal loss, memory banks."""

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(0)


class VectorQuantizer(nn.Module):
    def __init__(self, n, d, beta=0.25, decay=0.9):
        super().__init__()
        self.n, self.d, self.beta, self.decay = n, d, beta, decay
        self.embedding = nn.Embedding(n, d)
        nn.init.uniform_(self.embedding.weight, -1 / n, 1 / n)
        self.register_buffer("size", torch.zeros(n))
        self.ema = nn.Parameter(torch.Tensor(n, d), requires_grad=False)
        self.ema.data.normal_()

    def forward(self, z):
        flat = z.reshape(-1, self.d)
        d = (
            flat.pow(2).sum(1, keepdim=True)
            + self.embedding.weight.pow(2).sum(1)
            - 2 * torch.einsum("bd,nd->bn", flat, self.embedding.weight)
        )
        index = torch.argmin(d, dim=1)
        onehot = torch.zeros(index.shape[0], self.n, device=z.device).scatter_(1, index.unsqueeze(1), 1)
        q = torch.matmul(onehot, self.embedding.weight).view(z.shape)
        if self.training:
            self.size.mul_(self.decay).add_(onehot.sum(0), alpha=1 - self.decay)
            self.ema.data = self.ema.data * self.decay + (1 - self.decay) * onehot.t() @ flat.detach()
        loss = F.mse_loss(q, z.detach()) + self.beta * F.mse_loss(z, q.detach())
        mean = onehot.mean(0)
        perplexity = torch.exp(-torch.sum(mean * torch.log(mean + 1e-10)))
        return z + (q - z).detach(), loss, perplexity, index.view(z.shape[:-1])


enc, dec, vq = nn.Linear(6, 4), nn.Linear(4, 6), VectorQuantizer(8, 4)
opt = torch.optim.Adam([*enc.parameters(), *dec.parameters(), *(p for p in vq.parameters() if p.requires_grad)], lr=1e-2, amsgrad=True)
x = torch.randn(32, 3, 6)
for it in range(21):
    q, vq_loss, perplexity, index = vq(enc(x))
    loss = F.mse_loss(dec(q), x) + vq_loss
    opt.zero_grad()
    loss.backward()
    opt.step()
    if it % 10 == 0:
        print(f"vq {it} {loss.item():.4f} {perplexity.item():.4f} used {index.unique().numel()} {enc.weight.grad.norm():.4f}")
print(list(vq.state_dict()), vq.size, vq.ema.norm())

logits = torch.randn(3, 5, requires_grad=True)
soft, hard = F.gumbel_softmax(logits, tau=0.7), F.gumbel_softmax(logits, tau=0.7, hard=True, dim=-1)
(hard * torch.arange(5.0)).sum().backward()
print(soft, hard, logits.grad, sep="\n")

net = nn.Sequential(nn.Linear(6, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 8))
opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
base = torch.randn(16, 6)
queue = F.normalize(torch.randn(8, 24), dim=0)
ptr = torch.zeros(1, dtype=torch.long)
for it in range(11):
    a, b = base + 0.1 * torch.randn_like(base), base + 0.1 * torch.randn_like(base)
    z = F.normalize(torch.cat([net(a), net(b)]), dim=1)
    sim = z @ z.t() / 0.5
    sim = sim.masked_fill(torch.eye(32, dtype=torch.bool), -9e15)
    target = torch.arange(32).roll(16)
    nt_xent = F.cross_entropy(sim, target)
    pos, neg = torch.einsum("nc,nc->n", z[:16], z[16:]).unsqueeze(-1), torch.einsum("nc,ck->nk", z[:16], queue.clone().detach())
    moco = F.cross_entropy(torch.cat([pos, neg], 1) / 0.2, torch.zeros(16, dtype=torch.long))
    loss = nt_xent + 0.1 * moco
    opt.zero_grad()
    loss.backward()
    opt.step()
    p = int(ptr)
    queue[:, p : p + 8] = z[16:24].T.detach()
    ptr[0] = (p + 8) % 24
    if it % 5 == 0:
        top1 = (sim.argmax(1) == target).float().mean()
        print(f"simclr {it} {nt_xent.item():.4f} {moco.item():.4f} {top1:.3f} {ptr}")

u, v, w = torch.randn(3, 6, 4, requires_grad=True).unbind(0)
labels = torch.tensor([1, -1, 1, 1, -1, -1])
print(
    F.triplet_margin_loss(u, v, w, margin=0.5, swap=True),
    F.cosine_embedding_loss(u, v, labels, margin=0.1),
    F.margin_ranking_loss(u[:, 0], v[:, 0], labels, 0.2),
)
print(
    nn.TripletMarginWithDistanceLoss(distance_function=nn.PairwiseDistance(p=1))(u, v, w),
    F.hinge_embedding_loss(u, labels[:, None].expand(6, 4)),
)
print(torch.cosine_similarity(u, v), torch.cdist(u, v, p=1).amin(1), F.pairwise_distance(u, v).detach())
D = torch.cdist(u, u)
same = torch.tensor([0, 0, 1, 1, 2, 2])
mask = same[:, None] == same[None]
hardest = (D * mask).max(1)[0] - D.masked_fill(mask, float("inf")).min(1)[0]
print("hard triplets", F.relu(hardest + 1).mean())

student, teacher = torch.randn(4, 5, requires_grad=True), torch.randn(4, 5)
kd = F.kl_div(F.log_softmax(student / 2, 1), F.softmax(teacher / 2, 1), reduction="batchmean") * 4
kd2 = F.kl_div(F.log_softmax(student, 1), F.log_softmax(teacher, 1), reduction="sum", log_target=True)
lam = torch.distributions.Beta(torch.tensor(2.0), torch.tensor(2.0)).sample()
perm = torch.randperm(4)
y = torch.tensor([0, 1, 2, 3])
mix = lam * F.cross_entropy(student, y) + (1 - lam) * F.cross_entropy(student, y[perm])
ce = F.cross_entropy(student, y, reduction="none", weight=torch.tensor([1.0, 2.0, 0.5, 1.0, 1.0]))
focal = ((1 - torch.exp(-ce)) ** 2 * ce).mean()
soft_targets = F.cross_entropy(student, F.one_hot(y, 5) * 0.9 + 0.02, label_smoothing=0.1)
multi = (
    F.multilabel_soft_margin_loss(student, (teacher > 0).float()),
    F.multi_margin_loss(student, y),
    F.multilabel_margin_loss(student, torch.tensor([[0, 2, -1, 1, 1]] * 4)),
)
print(kd, kd2, lam, mix, focal, soft_targets.item(), *multi, sep="\n")
p = torch.sigmoid(student)
dice = 1 - (2 * (p * (teacher > 0)).sum() + 1) / (p.sum() + (teacher > 0).sum() + 1)
(dice + kd + focal).backward()
print(
    dice,
    student.grad.norm(),
    F.poisson_nll_loss(student, y[:, None].float()),
    F.gaussian_nll_loss(student, teacher, p.detach()),
    F.huber_loss(student, teacher, delta=0.5),
)
bce = nn.BCEWithLogitsLoss(pos_weight=torch.full((5,), 3.0), weight=torch.arange(5.0))
print(
    bce, bce(student, (teacher > 0).float()), nn.CrossEntropyLoss(weight=torch.ones(3), label_smoothing=0.1), nn.KLDivLoss(log_target=True)
)
