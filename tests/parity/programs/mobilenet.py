"""Depthwise separable convolutions with inverted residuals, squeeze-and-excitation and a summary made by forward hooks."""

from collections import OrderedDict
from functools import partial

import torch
import torch.nn as nn


def _make_divisible(v, divisor=8):
    new_v = max(divisor, int(v + divisor / 2) // divisor * divisor)
    return new_v + divisor if new_v < 0.9 * v else new_v


class ConvBNReLU(nn.Sequential):
    def __init__(self, in_planes, out_planes, kernel_size=3, stride=1, groups=1, act=nn.ReLU6):
        padding = (kernel_size - 1) // 2
        super().__init__(
            nn.Conv2d(in_planes, out_planes, kernel_size, stride, padding, groups=groups, bias=False),
            nn.BatchNorm2d(out_planes, momentum=0.01, eps=1e-3),
            act(inplace=True),
        )


class SqueezeExcite(nn.Module):
    def __init__(self, channels, reduction=4):
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Sequential(
            nn.Conv2d(channels, channels // reduction, 1), nn.SiLU(), nn.Conv2d(channels // reduction, channels, 1), nn.Hardsigmoid()
        )

    def forward(self, x):
        return x * self.fc(self.pool(x))


class InvertedResidual(nn.Module):
    def __init__(self, inp, oup, stride, expand_ratio, act):
        super().__init__()
        assert stride in [1, 2]
        hidden_dim = round(inp * expand_ratio)
        self.use_res_connect = stride == 1 and inp == oup
        layers = []
        if expand_ratio != 1:
            layers.append(ConvBNReLU(inp, hidden_dim, kernel_size=1, act=act))
        layers.extend(
            [
                ConvBNReLU(hidden_dim, hidden_dim, stride=stride, groups=hidden_dim, act=act),
                SqueezeExcite(hidden_dim),
                nn.Conv2d(hidden_dim, oup, 1, 1, 0, bias=False),
                nn.BatchNorm2d(oup),
            ]
        )
        self.conv = nn.Sequential(*layers)

    def forward(self, x):
        return x + self.conv(x) if self.use_res_connect else self.conv(x)


class ChannelShuffle(nn.Module):
    def __init__(self, channels, groups):
        super().__init__()
        self.point = nn.Conv2d(channels, channels, 1, groups=groups)
        self.groups = groups

    def forward(self, x):
        b, c, h, w = x.size()
        x = self.point(x).view(b, self.groups, c // self.groups, h, w)
        return x.transpose(1, 2).contiguous().view(b, -1, h, w)


class MobileNet(nn.Module):
    def __init__(self, num_classes=4, width_mult=0.5):
        super().__init__()
        settings = [[1, 16, 1, 1], [4, 24, 2, 2]]
        channels = _make_divisible(16 * width_mult)
        features = [ConvBNReLU(3, channels, stride=2)]
        for t, c, n, s in settings:
            out = _make_divisible(c * width_mult)
            for i in range(n):
                features.append(InvertedResidual(channels, out, s if i == 0 else 1, t, nn.Hardswish if c > 20 else nn.ReLU6))
                channels = out
        features.append(ChannelShuffle(channels, 2))
        self.features = nn.Sequential(*features)
        self.classifier = nn.ModuleDict({"drop": nn.Dropout(0.2), "head": nn.Linear(channels, num_classes)})

    def forward(self, x):
        x = self.features(x).mean([2, 3])
        for layer in self.classifier.values():
            x = layer(x)
        return x


def summary(model, x):
    rows, handles = OrderedDict(), []

    def hook(name, module, inputs, output):
        params = sum(p.numel() for p in module.parameters(recurse=False))
        rows[name] = (module.__class__.__name__, list(inputs[0].shape), list(output.shape), params)

    for name, module in model.named_modules():
        if not list(module.children()):
            handles.append(module.register_forward_hook(partial(hook, name)))
    model(x)
    for h in handles:
        h.remove()
    return rows


torch.manual_seed(7)
model = MobileNet()
print(model)
rows = summary(model.eval(), torch.zeros(1, 3, 24, 24))
print(f"{'Layer':<32}{'Type':<20}{'Output Shape':<20}{'Param #':>10}")
for name, (kind, _, shape, params) in rows.items():
    print(f"{name:<32}{kind:<20}{shape!s:<20}{params:>10,d}")
print("total", sum(r[3] for r in rows.values()), sum(p.numel() for p in model.parameters()))

x = torch.rand(16, 3, 24, 24)
y = torch.arange(16) % 4
x[torch.arange(16), y % 3] += y.view(-1, 1, 1) * 0.5
weight = torch.tensor([1.0, 2.0, 0.5, 1.0])
criterion = nn.CrossEntropyLoss(weight=weight, reduction="none")
optimizer = torch.optim.RMSprop(model.parameters(), lr=2e-3, alpha=0.9, momentum=0.9, eps=1e-3)
print(criterion, optimizer, sep="\n")
model.train()
for step in range(6):
    losses = criterion(model(x), y)
    loss = losses.mean()
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_value_(model.parameters(), 0.5)
    optimizer.step()
    print(f"step {step} loss {loss:.4f} worst {losses.max().item():.4f}")
print(model.features[0][0].weight.grad.abs().mean(), model.features[0][1].running_var)
