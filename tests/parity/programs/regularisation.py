"""Label smoothing, mixup and cutmix, class weights, focal and contrastive losses, own schedules of weights, metrics by hand."""

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F


class LabelSmoothingLoss(nn.Module):
    def __init__(self, classes, smoothing=0.1, dim=-1):
        super().__init__()
        self.confidence, self.smoothing, self.cls, self.dim = 1.0 - smoothing, smoothing, classes, dim

    def forward(self, pred, target):
        pred = pred.log_softmax(dim=self.dim)
        with torch.no_grad():
            true_dist = torch.zeros_like(pred)
            true_dist.fill_(self.smoothing / (self.cls - 1))
            true_dist.scatter_(1, target.data.unsqueeze(1), self.confidence)
        return torch.mean(torch.sum(-true_dist * pred, dim=self.dim))


class FocalLoss(nn.Module):
    def __init__(self, gamma=2.0, alpha=None, reduction="mean"):
        super().__init__()
        self.gamma, self.reduction = gamma, reduction
        self.register_buffer("alpha", None if alpha is None else torch.as_tensor(alpha))

    def forward(self, logits, target):
        ce = F.cross_entropy(logits, target, reduction="none", weight=self.alpha)
        pt = torch.exp(-ce)
        loss = (1 - pt) ** self.gamma * ce
        return loss.mean() if self.reduction == "mean" else loss.sum()


class SupConLoss(nn.Module):
    def forward(self, features, labels, temperature=0.1):
        features = F.normalize(features, dim=1)
        sim = features @ features.T / temperature
        mask = torch.eq(labels[:, None], labels[None, :]).float()
        logits_mask = torch.ones_like(mask).fill_diagonal_(0)
        mask = mask * logits_mask
        sim = sim - sim.max(dim=1, keepdim=True)[0].detach()
        log_prob = sim - torch.log((torch.exp(sim) * logits_mask).sum(1, keepdim=True))
        return -((mask * log_prob).sum(1) / mask.sum(1).clamp(min=1)).mean()


def nt_xent(z1, z2, t=0.5):
    z = F.normalize(torch.cat([z1, z2]), dim=1)
    sim = F.cosine_similarity(z.unsqueeze(1), z.unsqueeze(0), dim=2) / t
    sim = sim.masked_fill(torch.eye(len(z), dtype=torch.bool), float("-inf"))
    targets = torch.arange(len(z)).roll(len(z1))
    return F.cross_entropy(sim, targets)


def mixup_data(x, y, alpha=1.0):
    lam = np.random.beta(alpha, alpha) if alpha > 0 else 1
    index = torch.randperm(x.size(0))
    return lam * x + (1 - lam) * x[index, :], y, y[index], lam


def rand_bbox(size, lam):
    w, h = size[2], size[3]
    cut = np.sqrt(1.0 - lam)
    cx, cy = np.random.randint(w), np.random.randint(h)
    cut_w, cut_h = int(w * cut), int(h * cut)
    return (
        *(int(np.clip(v, 0, w)) for v in (cx - cut_w // 2, cx + cut_w // 2)),
        *(int(np.clip(v, 0, h)) for v in (cy - cut_h // 2, cy + cut_h // 2)),
    )


class DropPath(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.p = p

    def forward(self, x):
        if not self.training or self.p == 0.0:
            return x
        keep = 1 - self.p
        mask = x.new_empty((x.shape[0],) + (1,) * (x.ndim - 1)).bernoulli_(keep)
        return x.div(keep) * mask


torch.manual_seed(2)
np.random.seed(2)
X, y = torch.randn(60, 3, 6, 6), torch.tensor(([0] * 6 + [1] * 3 + [2]) * 6)
X[y == 1, 0] += 1
X[y == 2, 1] -= 1
counts = torch.bincount(y)
weight = counts.sum() / (len(counts) * counts.float())
print(counts, weight)

model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), DropPath(0.2), nn.Flatten(), nn.LazyLinear(3))
print(model)
model(X[:1])
print(model[-1], sum(p.numel() for p in model.parameters()))
criteria = {
    "weighted": nn.CrossEntropyLoss(weight=weight),
    "smoothed": nn.CrossEntropyLoss(label_smoothing=0.1),
    "own smoothing": LabelSmoothingLoss(3),
    "focal": FocalLoss(alpha=weight),
    "one-hot": lambda out, target: nn.CrossEntropyLoss()(out, F.one_hot(target, 3).float()),
    "multi-label": lambda out, target: nn.BCEWithLogitsLoss(pos_weight=weight)(out, F.one_hot(target, 3).float()),
    "hinge": nn.MultiMarginLoss(),
    "contrast": SupConLoss(),
    "kl": lambda out, target: nn.KLDivLoss(reduction="batchmean")(F.log_softmax(out, 1), F.one_hot(target, 3) * 0.9 + 0.05),
}
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
for name, criterion in criteria.items():
    for _ in range(3):
        loss = criterion(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(f"{name:14s} {loss.item():.4f}")
for step in range(4):
    inputs, ya, yb, lam = mixup_data(X, y, 0.4)
    if step % 2:
        x0, x1, y0, y1 = rand_bbox(X.size(), lam)
        inputs = X.clone()
        inputs[:, :, x0:x1, y0:y1] = X[torch.randperm(len(X)), :, x0:x1, y0:y1]
        lam = 1 - ((x1 - x0) * (y1 - y0) / (X.size(-1) * X.size(-2)))
    out = model(inputs)
    loss = lam * F.cross_entropy(out, ya) + (1 - lam) * F.cross_entropy(out, yb)
    l1 = sum(p.abs().sum() for n, p in model.named_parameters() if "weight" in n)
    optimizer.zero_grad()
    (loss + 1e-4 * l1).backward()
    optimizer.step()
    print(f"mixed {step} lam {lam:.4f} loss {loss.item():.4f} l1 {l1.item():.3f}")
print(f"nt-xent {nt_xent(model(X[:8]), model(X[:8] + 0.1 * torch.randn(8, 3, 6, 6))).item():.4f}")

model.eval()
with torch.no_grad():
    logits = model(X)
    pred = logits.argmax(1)
matrix = torch.bincount(3 * y + pred, minlength=9).view(3, 3)
tp = matrix.diagonal()
precision, recall = tp / matrix.sum(0).clamp(min=1), tp / matrix.sum(1)
f1 = 2 * precision * recall / (precision + recall).clamp(min=1e-8)
print(matrix, precision, recall, f1, sep="\n")
top2 = logits.topk(2, dim=1).indices
print(f"acc {(pred == y).float().mean():.4f} top2 {(top2 == y[:, None]).any(1).float().mean():.4f}")
score, positive = logits.softmax(1)[:, 1], y == 1
order = score.argsort(descending=True)
tpr = positive[order].cumsum(0) / positive.sum()
fpr = (~positive[order]).cumsum(0) / (~positive).sum()
print(f"auc {torch.trapezoid(tpr, fpr).item():.4f}", torch.unique(pred, return_counts=True))
