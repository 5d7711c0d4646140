"""Transfer learning: a pretrained backbone loaded in part, frozen layers, a new head, a learning rate per group."""

import copy
import os

import torch
import torch.nn as nn
import torch.optim as optim
from sklearn.datasets import load_digits
from torch.optim import lr_scheduler

torch.manual_seed(0)


class Backbone(nn.Module):
    def __init__(self, num_classes):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(1, 6, 3, padding=1), nn.BatchNorm2d(6), nn.ReLU())
        self.body = nn.Sequential(nn.Conv2d(6, 12, 3, stride=2), nn.BatchNorm2d(12), nn.ReLU(), nn.AdaptiveMaxPool2d(2))
        self.fc = nn.Linear(48, num_classes)
        self.register_buffer("steps", torch.tensor(0))

    def forward(self, x):
        self.steps += 1
        return self.fc(torch.flatten(self.body(self.stem(x)), 1))


digits = load_digits()
x = torch.tensor(digits.images[:400] / 16.0, dtype=torch.float32)[:, None]
y = torch.tensor(digits.target[:400])
first = y < 5
dataloaders = {
    "train": [(x[~first][i : i + 40], y[~first][i : i + 40] - 5) for i in range(0, 160, 40)],
    "val": [(x[~first][160:], y[~first][160:] - 5)],
}

source = Backbone(5)
opt = optim.SGD(source.parameters(), lr=0.05, momentum=0.9)
for _ in range(5):
    loss = nn.functional.cross_entropy(source(x[first]), y[first])
    opt.zero_grad()
    loss.backward()
    opt.step()
print(f"pretrained: {loss:.4f}", source.steps)
torch.save({"state_dict": {f"module.{k}": v for k, v in source.state_dict().items()}, "epoch": 5, "arch": "tiny"}, "model.pth.tar")

checkpoint = torch.load("model.pth.tar", map_location=torch.device("cpu"))
print(os.path.exists("model.pth.tar"), checkpoint["epoch"], checkpoint["arch"], type(checkpoint["state_dict"]).__name__)
state_dict = {k.removeprefix("module."): v for k, v in checkpoint["state_dict"].items()}
model = Backbone(5)
model.aux = nn.Linear(48, 1)
try:
    model.load_state_dict(state_dict)
except RuntimeError as e:
    print(e)
state_dict["extra"] = torch.zeros(1)
missing, unexpected = model.load_state_dict(state_dict, strict=False)
print("missing", missing, "unexpected", unexpected)
print(model.load_state_dict(model.state_dict()))
wide = Backbone(7)
try:
    wide.load_state_dict({k: v for k, v in state_dict.items() if k != "extra"}, strict=False)
except RuntimeError as e:
    print(e)
own = wide.state_dict()
pretrained = {k: v for k, v in state_dict.items() if k in own and v.shape == own[k].shape}
own.update(pretrained)
wide.load_state_dict(own)
print(len(pretrained), len(own), torch.equal(wide.stem[0].weight, source.stem[0].weight))
del model.aux

for param in model.parameters():
    param.requires_grad = False
model.fc = nn.Linear(model.fc.in_features, 5)
for param in model.body[0].parameters():
    param.requires_grad_(True)
print([n for n, p in model.named_parameters() if p.requires_grad])
optimizer = optim.SGD(
    [{"params": filter(lambda p: p.requires_grad, model.body.parameters())}, {"params": model.fc.parameters(), "lr": 0.1}],
    lr=0.01,
    momentum=0.9,
)
print(optimizer)
scheduler = lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.1)
criterion = nn.CrossEntropyLoss()
best_model_wts, best_acc = copy.deepcopy(model.state_dict()), 0.0
num_epochs = 4
for epoch in range(num_epochs):
    print(f"Epoch {epoch}/{num_epochs - 1}")
    print("-" * 10)
    for phase in ["train", "val"]:
        if phase == "train":
            model.train()
            model.stem.eval()
        else:
            model.eval()
        running_loss, running_corrects, count = 0.0, 0, 0
        for inputs, labels in dataloaders[phase]:
            optimizer.zero_grad()
            with torch.set_grad_enabled(phase == "train"):
                outputs = model(inputs)
                _, preds = torch.max(outputs, 1)
                loss = criterion(outputs, labels)
                if phase == "train":
                    loss.backward()
                    optimizer.step()
            running_loss += loss.item() * inputs.size(0)
            running_corrects += torch.sum(preds == labels.data)
            count += inputs.size(0)
        if phase == "train":
            scheduler.step()
        epoch_acc = running_corrects.double() / count
        print(f"{phase} Loss: {running_loss / count:.4f} Acc: {epoch_acc:.4f} lr {[g['lr'] for g in optimizer.param_groups]}")
        if phase == "val" and epoch_acc > best_acc:
            best_acc = epoch_acc
            best_model_wts = copy.deepcopy(model.state_dict())
print("Best val Acc:", best_acc)
model.load_state_dict(best_model_wts)
print(torch.allclose(model.stem[0].weight, source.stem[0].weight), torch.allclose(model.body[0].weight, source.body[0].weight))
print(model.stem[0].weight.grad, model.fc.bias)

optimizer.add_param_group({"params": model.stem.parameters(), "lr": 1e-4, "name": "stem"})
for p in model.stem.parameters():
    p.requires_grad = True
print(len(optimizer.param_groups), optimizer.param_groups[-1]["name"], optimizer.param_groups[-1]["momentum"])
try:
    optimizer.add_param_group({"params": model.fc.parameters()})
except ValueError as e:
    print("ValueError:", e)
