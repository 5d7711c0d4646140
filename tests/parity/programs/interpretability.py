"""Hooks for features and Grad-CAM, saliency, integrated gradients, FGSM and PGD attacks, input gradients."""

from collections import defaultdict

import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3, padding=1)
        self.conv2 = nn.Conv2d(8, 16, 3, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.fc = nn.Linear(16, 10)

    def forward(self, x):
        x = self.pool(F.relu(self.conv1(x)))
        x = F.relu(self.conv2(x))
        x = x.mean(dim=(-2, -1))
        return F.log_softmax(self.fc(x), dim=1)


class GradCAM:
    def __init__(self, model, layer):
        self.model = model
        self.handles = [layer.register_forward_hook(self.save_activation), layer.register_full_backward_hook(self.save_gradient)]

    def save_activation(self, module, inputs, output):
        self.activations = output.detach()

    def save_gradient(self, module, grad_input, grad_output):
        self.gradients = grad_output[0].detach()

    def __call__(self, x, index=None):
        out = self.model(x)
        index = out.argmax(dim=1) if index is None else index
        self.model.zero_grad()
        out.gather(1, index.view(-1, 1)).sum().backward()
        weights = self.gradients.mean(dim=(2, 3), keepdim=True)
        cam = F.relu((weights * self.activations).sum(dim=1, keepdim=True))
        cam = F.interpolate(cam, size=x.shape[2:], mode="bilinear", align_corners=False)
        cam -= cam.amin(dim=(2, 3), keepdim=True)
        return cam / (cam.amax(dim=(2, 3), keepdim=True) + 1e-8)


def fgsm_attack(image, epsilon, data_grad):
    return torch.clamp(image + epsilon * data_grad.sign(), 0, 1)


def pgd(model, x, y, eps=0.2, alpha=0.05, steps=4):
    adv = x.clone().detach() + torch.empty_like(x).uniform_(-eps, eps)
    for _ in range(steps):
        adv.requires_grad_()
        with torch.enable_grad():
            loss = F.nll_loss(model(adv), y)
        grad = torch.autograd.grad(loss, [adv])[0]
        adv = adv.detach() + alpha * torch.sign(grad.detach())
        adv = torch.min(torch.max(adv, x - eps), x + eps).clamp(0, 1)
    return adv


torch.manual_seed(0)
digits = load_digits()
x = torch.from_numpy(digits.images[:200]).float().unsqueeze(1) / 16
y = torch.from_numpy(digits.target[:200])
model = Net()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-2)
for _ in range(25):
    optimizer.zero_grad()
    loss = F.nll_loss(model(x), y)
    loss.backward()
    optimizer.step()
print(f"loss {loss.item():.3f}")
model.eval()

features = defaultdict(list)
handles = []
for name, layer in model.named_children():
    handles.append(layer.register_forward_hook(lambda m, i, o, name=name: features[name].append(o.detach())))
model.conv1.register_forward_pre_hook(lambda m, args: print("conv1 receives", tuple(args[0].shape)))
with torch.no_grad():
    model(x[:2])
print({k: tuple(v[0].shape) for k, v in features.items()}, features["fc"][0][0, :3])
for h in handles:
    h.remove()
model(x[:1])
print(len(features["fc"]), len(model.fc._forward_hooks), len(model.conv1._forward_pre_hooks))
model.conv1._forward_pre_hooks.clear()

cam = GradCAM(model, model.conv2)
heat = cam(x[:3])
print(heat.shape, heat.max().item(), heat[0, 0, ::2, ::2])
for h in cam.handles:
    h.remove()

sample = x[:4].clone().requires_grad_(True)
scores = model(sample)
scores.max(1).values.sum().backward()
saliency, _ = sample.grad.data.abs().max(dim=1)
print(saliency.shape, (saliency[0, 3] * 100).round())

baseline = torch.zeros_like(x[:1])
steps = torch.linspace(0, 1, 11)[1:].view(-1, 1, 1, 1)
path = (baseline + steps * (x[:1] - baseline)).requires_grad_()
(grads,) = torch.autograd.grad(model(path)[:, y[0]].sum(), path)
attribution = (x[:1] - baseline) * grads.mean(0, keepdim=True)
print(f"integrated {attribution.sum().item():.4f} difference {(model(x[:1]) - model(baseline))[0, y[0]].item():.4f}")

for epsilon in [0, 0.05, 0.1, 0.2]:
    data = x.clone()
    data.requires_grad = True
    loss = F.nll_loss(model(data), y)
    model.zero_grad()
    loss.backward()
    perturbed = fgsm_attack(data, epsilon, data.grad.data)
    with torch.no_grad():
        after = F.nll_loss(model(perturbed), y)
    print(f"Epsilon: {epsilon}\tloss {loss.item():.3f} -> {after.item():.3f}")
adv = pgd(model, x[:20], y[:20])
print((adv - x[:20]).abs().max() <= 0.2 + 1e-6, adv.requires_grad, F.nll_loss(model(adv), y[:20]) > F.nll_loss(model(x[:20]), y[:20]))

h = model.fc.weight.register_hook(lambda g: g * 2)
model.zero_grad()
F.nll_loss(model(x[:8]), y[:8]).backward()
doubled = model.fc.weight.grad.clone()
h.remove()
model.zero_grad()
F.nll_loss(model(x[:8]), y[:8]).backward()
print(torch.allclose(doubled, 2 * model.fc.weight.grad))
activation = {}


def get_activation(name):
    def hook(model, input, output):
        activation[name] = output.detach()

    return hook


model.conv2.register_forward_hook(get_activation("conv2"))
model(x[:1])
print(activation["conv2"].shape, [k for k, p in model.named_parameters() if p.grad is None])
