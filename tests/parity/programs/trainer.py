"""A trainer class as frameworks write it: configuration, callbacks, metrics, learning-rate search, accumulation, clipping, best checkpoint."""

import dataclasses
import json
import logging
import math
import sys
from collections import defaultdict, deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, Dataset, Subset

logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(message)s", force=True)
log = logging.getLogger("trainer")


@dataclasses.dataclass
class Config:
    lr: float = 3e-3
    batch_size: int = 50
    epochs: int = 3
    accumulate: int = 2
    clip: float = 0.5
    device: str = "cuda" if torch.cuda.is_available() else "cpu"
    hidden: tuple = (32, 16)
    betas: tuple = (0.9, 0.99)


class Digits(Dataset):
    def __init__(self, transform: Callable | None = None):
        raw = load_digits()
        self.x = torch.tensor(raw.data[:400], dtype=torch.float32)
        self.y = torch.tensor(raw.target[:400], dtype=torch.long)
        self.transform = transform

    def __len__(self):
        return self.x.shape[0]

    def __getitem__(self, i) -> tuple[torch.Tensor, torch.Tensor]:
        x = self.x[i]
        return (self.transform(x) if self.transform else x), self.y[i]


class SmoothedValue:
    def __init__(self, window=5):
        self.deque, self.total, self.count = deque(maxlen=window), 0.0, 0

    def update(self, value, n=1):
        self.deque.append(value)
        self.count += n
        self.total += value * n

    @property
    def median(self):
        return torch.tensor(list(self.deque)).median().item()

    def __str__(self):
        return f"{self.median:.4f} ({self.total / self.count:.4f}) max {max(self.deque):.4f}"


class Metric:
    def __init__(self, classes):
        self.mat = torch.zeros((classes, classes), dtype=torch.int64)

    def update(self, a, b):
        n = self.mat.shape[0]
        with torch.inference_mode():
            k = (a >= 0) & (a < n)
            self.mat += torch.bincount(n * a[k].to(torch.int64) + b[k], minlength=n**2).reshape(n, n)

    def compute(self):
        h = self.mat.float()
        return torch.diag(h).sum() / h.sum(), torch.diag(h) / (h.sum(1) + h.sum(0) - torch.diag(h))


class Callback:
    def on_epoch_end(self, trainer: "Trainer", logs: dict[str, Any]) -> None: ...


class Best(Callback):
    def __init__(self, path):
        self.path, self.best = Path(path), -math.inf

    def on_epoch_end(self, trainer, logs):
        if logs["acc"] > self.best:
            self.best = logs["acc"]
            torch.save({"model": trainer.model.state_dict(), "config": dataclasses.asdict(trainer.cfg), "acc": self.best}, self.path)
            log.info("  saved %s at %.3f", self.path.name, self.best)


def mlp(sizes, act=nn.SiLU):
    layers = []
    for i, (a, b) in enumerate(zip(sizes, sizes[1:])):
        layers += [nn.Linear(a, b)] + ([nn.LayerNorm(b), act()] if i < len(sizes) - 2 else [])
    return nn.Sequential(*layers)


class Trainer:
    def __init__(self, cfg: Config, model: nn.Module, loaders: dict[str, DataLoader], callbacks=()):
        self.cfg, self.model, self.loaders, self.callbacks = cfg, model.to(cfg.device), loaders, list(callbacks)
        decay = {n for n, p in model.named_parameters() if p.dim() >= 2}
        groups = [
            {"params": [p for n, p in model.named_parameters() if n in decay], "weight_decay": 0.05, "name": "decay"},
            {"params": [p for n, p in model.named_parameters() if n not in decay], "weight_decay": 0.0, "name": "rest"},
        ]
        self.optimizer = torch.optim.AdamW(groups, lr=cfg.lr, betas=cfg.betas)
        steps = math.ceil(len(loaders["train"]) / cfg.accumulate) * cfg.epochs
        self.scheduler = torch.optim.lr_scheduler.OneCycleLR(self.optimizer, max_lr=cfg.lr * 5, total_steps=steps, pct_start=0.3)
        self.criterion = nn.CrossEntropyLoss()
        self.history = defaultdict(list)
        self.step = 0

    def fit(self):
        for epoch in range(self.cfg.epochs):
            self.model.train()
            meter, norms = SmoothedValue(), SmoothedValue()
            self.optimizer.zero_grad()
            for i, batch in enumerate(self.loaders["train"]):
                x, y = (t.to(self.cfg.device) for t in batch)
                loss = self.criterion(self.model(x), y)
                (loss / self.cfg.accumulate).backward()
                meter.update(loss.item(), len(x))
                if (i + 1) % self.cfg.accumulate == 0 or i + 1 == len(self.loaders["train"]):
                    norm = nn.utils.clip_grad_norm_(self.model.parameters(), self.cfg.clip, error_if_nonfinite=True)
                    norms.update(float(norm))
                    self.optimizer.step()
                    self.scheduler.step()
                    self.optimizer.zero_grad()
                    self.step += 1
            acc, iou = self.evaluate()
            logs = {"loss": meter.total / meter.count, "acc": acc.item(), "lr": self.scheduler.get_last_lr()[0]}
            for k, v in logs.items():
                self.history[k].append(round(v, 4))
            log.info("epoch %d step %d loss %s norm %s acc %.3f miou %.3f", epoch, self.step, meter, norms, acc, iou.mean())
            for callback in self.callbacks:
                callback.on_epoch_end(self, logs)

    @torch.no_grad()
    def evaluate(self):
        was_training = self.model.training
        self.model.eval()
        metric = Metric(10)
        for x, y in self.loaders["val"]:
            metric.update(y, self.model(x).argmax(-1))
        self.model.train(was_training)
        return metric.compute()


def lr_find(model, loader, lo=1e-4, hi=1.0, steps=8):
    state = {k: v.clone() for k, v in model.state_dict().items()}
    opt = torch.optim.SGD(model.parameters(), lr=lo)
    sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda i: (hi / lo) ** (i / (steps - 1)))
    losses, batches = [], iter(loader)
    for _ in range(steps):
        try:
            x, y = next(batches)
        except StopIteration:
            batches = iter(loader)
            x, y = next(batches)
        loss = nn.functional.cross_entropy(model(x), y)
        opt.zero_grad(), loss.backward(), opt.step()
        losses.append((sched.get_last_lr()[0], loss.item()))
        sched.step()
    model.load_state_dict(state)
    return losses


torch.manual_seed(0)
cfg = Config()
print(json.dumps(dataclasses.asdict(cfg)))
dataset = Digits(transform=lambda v: (v - 8.0) / 8.0)
order = torch.randperm(len(dataset)).tolist()
loaders = {
    "train": DataLoader(Subset(dataset, order[:300]), cfg.batch_size, shuffle=True, pin_memory=torch.cuda.is_available()),
    "val": DataLoader(Subset(dataset, order[300:]), cfg.batch_size * 2),
}
model = mlp([64, *cfg.hidden, 10])
for rate, loss in lr_find(model, loaders["train"]):
    print(f"{rate:.2e} {loss:.3f}")
trainer = Trainer(cfg, model, loaders, [Best("best.ckpt")])
print(trainer.optimizer)
trainer.fit()
print(dict(trainer.history))
ckpt = torch.load("best.ckpt", weights_only=False)
print(ckpt["config"], f"{ckpt['acc']:.3f}", f"{sum(v.sum() for v in ckpt['model'].values()).item():.3f}")
