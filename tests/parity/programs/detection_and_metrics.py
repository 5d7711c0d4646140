"""A small detector: anchors, IoU, non-maximum suppression, focal and smooth losses, average precision; ranking and retrieval metrics."""

import math

import torch
import torch.nn.functional as F
from torch import nn


def box_iou(a, b):
    area_a = (a[:, 2] - a[:, 0]) * (a[:, 3] - a[:, 1])
    area_b = (b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1])
    lt = torch.max(a[:, None, :2], b[None, :, :2])
    rb = torch.min(a[:, None, 2:], b[None, :, 2:])
    wh = (rb - lt).clamp(min=0)
    inter = wh[..., 0] * wh[..., 1]
    return inter / (area_a[:, None] + area_b - inter)


def nms(boxes, scores, threshold):
    order, keep = scores.argsort(descending=True), []
    while order.numel() > 0:
        i = order[0].item()
        keep.append(i)
        if order.numel() == 1:
            break
        iou = box_iou(boxes[i : i + 1], boxes[order[1:]])[0]
        order = order[1:][iou <= threshold]
    return torch.tensor(keep, dtype=torch.long)


def make_anchors(size, stride, scales):
    shift = (torch.arange(size) + 0.5) * stride
    cy, cx = torch.meshgrid(shift, shift, indexing="ij")
    centres = torch.stack([cx, cy], -1).reshape(-1, 1, 2)
    half = torch.as_tensor(scales).view(1, -1, 1) / 2
    return torch.cat([centres - half, centres + half], -1).reshape(-1, 4)


def encode(gt, anchors):
    wh, gt_wh = anchors[:, 2:] - anchors[:, :2], gt[:, 2:] - gt[:, :2]
    d = ((gt[:, 2:] + gt[:, :2]) - (anchors[:, 2:] + anchors[:, :2])) / 2 / wh
    return torch.cat([d, (gt_wh / wh).log()], 1)


def decode(delta, anchors):
    wh = anchors[:, 2:] - anchors[:, :2]
    centre = (anchors[:, 2:] + anchors[:, :2]) / 2 + delta[:, :2] * wh
    size = wh * delta[:, 2:].clamp(max=math.log(4)).exp()
    return torch.cat([centre - size / 2, centre + size / 2], 1)


class Detector(nn.Module):
    def __init__(self, classes=2, per_cell=2):
        super().__init__()
        self.classes = classes
        self.backbone = nn.Sequential(nn.Conv2d(1, 8, 3, 2, 1), nn.BatchNorm2d(8), nn.SiLU(), nn.Conv2d(8, 12, 3, 2, 1), nn.SiLU())
        self.fpn = nn.ModuleDict({"lateral": nn.Conv2d(8, 12, 1), "out": nn.Conv2d(12, 12, 3, 2, 1, groups=4)})
        self.cls = nn.Conv2d(12, per_cell * classes, 3, padding=1)
        self.box = nn.Conv2d(12, per_cell * 4, 3, padding=1)
        nn.init.constant_(self.cls.bias, -math.log((1 - 0.1) / 0.1))

    def forward(self, x):
        c1 = self.backbone[:3](x)
        c2 = self.backbone[3:](c1)
        merged = self.fpn["lateral"](c1) + F.interpolate(c2, size=c1.shape[-2:], mode="nearest")
        p = self.fpn["out"](merged)
        n = x.shape[0]
        scores = self.cls(p).permute(0, 2, 3, 1).reshape(n, -1, self.classes)
        deltas = self.box(p).permute(0, 2, 3, 1).reshape(n, -1, 4)
        return scores, deltas


def scene(n, size=24):
    images, boxes, labels = torch.zeros(n, 1, size, size), torch.zeros(n, 4), torch.randint(0, 2, (n,))
    for i in range(n):
        x, y, s = (int(v) for v in torch.randint(2, 12, (3,)))
        s = max(5, s)
        x2, y2 = min(x + s, size), min(y + s, size)
        images[i, 0, y:y2, x:x2] = 1.0 if labels[i] else torch.arange(x2 - x).remainder(2).float()
        boxes[i] = torch.tensor([x, y, x2, y2])
    return images + 0.05 * torch.randn_like(images), boxes, labels


torch.manual_seed(0)
anchors = make_anchors(6, 4, [6.0, 11.0])
print(anchors.shape, anchors[:3], box_iou(anchors[:2], anchors[2:4]))
model = Detector()
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
images, boxes, labels = scene(16)
for step in range(10):
    scores, deltas = model(images)
    cls_loss = box_loss = 0.0
    for s, d, gt, y in zip(scores, deltas, boxes, labels):
        iou = box_iou(anchors, gt[None])[:, 0]
        positive = iou > 0.4
        positive[iou.argmax()] = True
        target = torch.zeros_like(s)
        target[positive, y] = 1
        ce = F.binary_cross_entropy_with_logits(s, target, reduction="none")
        p_t = torch.where(target == 1, s.sigmoid(), 1 - s.sigmoid())
        cls_loss = cls_loss + (ce * (1 - p_t) ** 2).sum() / positive.sum()
        box_loss = box_loss + F.smooth_l1_loss(d[positive], encode(gt.expand(len(d), 4)[positive], anchors[positive]), beta=0.1)
    loss = (cls_loss + box_loss) / len(images)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 3 == 0:
        print(f"step {step} cls {cls_loss.item() / 16:.3f} box {box_loss.item() / 16:.3f}")

model.eval()
with torch.no_grad():
    scores, deltas = model(images[:2])
    boxes0 = decode(deltas[0], anchors)
    best, label = scores[0].sigmoid().max(-1)
    keep = nms(boxes0, best, 0.5)
print(keep.dtype, len(keep) <= len(anchors), boxes0.shape)
fixed = torch.tensor([[0.0, 0, 4, 4], [1, 1, 5, 5], [10, 10, 14, 14], [0, 0, 4, 3.5]])
print(nms(fixed, torch.tensor([0.9, 0.8, 0.7, 0.6]), 0.3))
print(torch.allclose(decode(encode(fixed + 1, fixed), fixed), fixed + 1, atol=1e-5))

relevance = torch.tensor([[3.0, 2, 3, 0, 1, 2], [0, 1, 0, 2, 0, 0]])
predicted = torch.tensor([[2.5, 0.3, 2.0, 0.1, 1.2, 0.2], [0.3, 0.2, 0.9, 0.8, 0.1, 0.05]])
gains = (2**relevance - 1).gather(1, predicted.argsort(1, descending=True))
ideal = (2**relevance - 1).sort(1, descending=True).values
discount = torch.log2(torch.arange(6) + 2.0)
print("nDCG", (gains / discount).sum(1) / (ideal / discount).sum(1))
hits = (relevance > 1).gather(1, predicted.topk(3).indices)
print("P@3", hits.float().mean(1), "MRR", (1 / (hits.float().argmax(1) + 1.0)))
truth, score = torch.tensor([1, 0, 1, 1, 0, 0, 1, 0]), torch.tensor([0.9, 0.8, 0.7, 0.65, 0.5, 0.4, 0.3, 0.1])
tp, fp = truth.cumsum(0), (1 - truth).cumsum(0)
precision, recall = tp / (tp + fp), tp / truth.sum()
envelope = precision.flip(0).cummax(0).values.flip(0)
print(f"AP {(envelope * recall.diff(prepend=torch.zeros(1))).sum().item():.4f}", torch.searchsorted(recall, torch.tensor([0.5, 0.9])))
x, y = torch.tensor([1.0, 2, 3, 4]), torch.tensor([1.5, 1.9, 3.6, 3.9])
print(torch.corrcoef(torch.stack([x, y])), torch.cov(torch.stack([x, y])), 1 - ((y - x) ** 2).sum() / ((y - y.mean()) ** 2).sum())
calibration = torch.bucketize(score, torch.linspace(0, 1, 5)[1:-1])
print(calibration, [score[calibration == b].mean().item() if (calibration == b).any() else math.nan for b in range(4)])
mse, peak = F.mse_loss(images[0], images[0] * 0.9), images.max()
print(
    f"psnr {(20 * torch.log10(peak) - 10 * torch.log10(mse)).item():.3f}",
    torch.quantile(score, torch.tensor([0.25, 0.75])),
    score.median(),
    truth.mode(),
)
