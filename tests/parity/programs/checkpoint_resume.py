"""Training stopped by a checkpoint and resumed goes on as if it had not been; early stopping, best weights, random states."""

import copy
import os
import random

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset


def seed_everything(seed):
    random.seed(seed)
    os.environ["PYTHONHASHSEED"] = str(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    torch.cuda.manual_seed_all(seed)
    torch.backends.cudnn.deterministic = True


class EarlyStopping:
    def __init__(self, patience=2, delta=0.0, path="best.pt"):
        self.patience, self.delta, self.path = patience, delta, path
        self.counter, self.best, self.early_stop = 0, None, False

    def __call__(self, val_loss, model):
        if self.best is None or val_loss < self.best - self.delta:
            print(f"    improved to {val_loss:.4f}, saving")
            self.best, self.counter = val_loss, 0
            torch.save(model.state_dict(), self.path)
        else:
            self.counter += 1
            print(f"    EarlyStopping counter: {self.counter} out of {self.patience}")
            self.early_stop = self.counter >= self.patience


def build():
    model = nn.Sequential(nn.Linear(6, 16), nn.BatchNorm1d(16), nn.PReLU(), nn.Dropout(0.3), nn.Linear(16, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-2, weight_decay=1e-3)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=6)
    return model, optimizer, scheduler


def train_epoch(model, optimizer, scheduler, loader):
    model.train()
    total = 0.0
    for xb, yb in loader:
        optimizer.zero_grad()
        loss = nn.functional.smooth_l1_loss(model(xb), yb)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(xb)
    scheduler.step()
    return total / len(loader.dataset)


def save_checkpoint(state, is_best, filename="checkpoint.pth"):
    torch.save(state, filename)
    if is_best:
        torch.save(state, "model_best.pth")


seed_everything(11)
X = torch.randn(64, 6)
Y = (X[:, :2].prod(1) + X[:, 2]).unsqueeze(-1)
generator = torch.Generator()
generator.manual_seed(5)
loader = DataLoader(TensorDataset(X, Y), batch_size=16, shuffle=True, generator=generator)
model, optimizer, scheduler = build()

for epoch in range(3):
    print(f"epoch {epoch} loss {train_epoch(model, optimizer, scheduler, loader):.5f} lr {scheduler.get_last_lr()[0]:.5f}")
save_checkpoint(
    {
        "epoch": epoch + 1,
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "scheduler": scheduler.state_dict(),
        "rng_state": torch.get_rng_state(),
        "generator": generator.get_state(),
        "loss": torch.tensor(1.5),
        "config": {"lr": 2e-2, "sizes": [6, 16, 1], "name": "mlp"},
    },
    is_best=True,
)
first = []
for epoch in range(3, 6):
    first.append(train_epoch(model, optimizer, scheduler, loader))
    print(f"epoch {epoch} loss {first[-1]:.5f} lr {scheduler.get_last_lr()[0]:.5f}")

print(sorted(os.listdir(".")))
model2, optimizer2, scheduler2 = build()
checkpoint = torch.load("checkpoint.pth", map_location="cpu", weights_only=True)
print(list(checkpoint), checkpoint["config"], checkpoint["loss"])
print(model2.load_state_dict(checkpoint["model"]))
optimizer2.load_state_dict(checkpoint["optimizer"])
scheduler2.load_state_dict(checkpoint["scheduler"])
torch.set_rng_state(checkpoint["rng_state"])
generator.set_state(checkpoint["generator"])
second = [train_epoch(model2, optimizer2, scheduler2, loader) for _ in range(checkpoint["epoch"], 6)]
print("identical", first == second, all(torch.equal(a, b) for a, b in zip(model.state_dict().values(), model2.state_dict().values())))
state = optimizer2.state_dict()
print(state["param_groups"])
print({k: {n: (v.shape, v.dtype) if torch.is_tensor(v) else v for n, v in s.items()} for k, s in list(state["state"].items())[:2]})
print(optimizer2)
print(scheduler2.state_dict())

stopper = EarlyStopping(patience=2)
best = copy.deepcopy(model2.state_dict())
for epoch in range(8):
    train_epoch(model2, optimizer2, scheduler2, loader)
    model2.eval()
    with torch.no_grad():
        val = nn.functional.mse_loss(model2(X[::2] + 0.3), Y[::2]).item()
    stopper(val, model2)
    if stopper.early_stop:
        print("Early stopping at", epoch)
        break
model2.load_state_dict(torch.load("best.pt", weights_only=True))
print(f"best {stopper.best:.4f}", torch.equal(best["0.weight"], model2[0].weight))
try:
    torch.load("nothing.pt")
except FileNotFoundError as e:
    print(e)
with open("buffer.bin", "wb") as f:
    torch.save([torch.arange(3), {"a": torch.eye(2, dtype=torch.float64)}, (1, "two", None, 3.0, True)], f)
with open("buffer.bin", "rb") as f:
    print(torch.load(f))
