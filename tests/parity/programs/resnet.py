"""A small residual network with shortcut projections, warm-up and cosine annealing, clipped gradients and top-k accuracy."""

import math
import time
from typing import Optional

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim.lr_scheduler import CosineAnnealingLR, LambdaLR, LinearLR, SequentialLR


def conv3x3(in_planes: int, out_planes: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(in_planes, out_planes, kernel_size=3, stride=stride, padding=1, bias=False)


class BasicBlock(nn.Module):
    expansion: int = 1

    def __init__(self, inplanes: int, planes: int, stride: int = 1, downsample: Optional[nn.Module] = None) -> None:  # noqa: UP045
        super().__init__()
        self.conv1 = conv3x3(inplanes, planes, stride)
        self.bn1 = nn.BatchNorm2d(planes)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = conv3x3(planes, planes)
        self.bn2 = nn.BatchNorm2d(planes)
        self.downsample = downsample
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        identity = x
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        if self.downsample is not None:
            identity = self.downsample(x)
        out += identity
        return self.relu(out)


class ResNet(nn.Module):
    def __init__(self, block, layers, num_classes=6, zero_init_residual=True):
        super().__init__()
        self.inplanes = 8
        self.conv1 = nn.Conv2d(3, self.inplanes, kernel_size=7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(self.inplanes)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
        self.layer1 = self._make_layer(block, 8, layers[0])
        self.layer2 = self._make_layer(block, 16, layers[1], stride=2)
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(16 * block.expansion, num_classes)
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")
            elif isinstance(m, (nn.BatchNorm2d, nn.GroupNorm)):
                nn.init.constant_(m.weight, 1)
                nn.init.constant_(m.bias, 0)
        if zero_init_residual:
            for m in self.modules():
                if isinstance(m, BasicBlock) and m.bn2.weight is not None:
                    nn.init.constant_(m.bn2.weight, 0)

    def _make_layer(self, block, planes, blocks, stride=1):
        downsample = None
        if stride != 1 or self.inplanes != planes * block.expansion:
            downsample = nn.Sequential(
                nn.Conv2d(self.inplanes, planes * block.expansion, kernel_size=1, stride=stride, bias=False),
                nn.BatchNorm2d(planes * block.expansion),
            )
        layers = [block(self.inplanes, planes, stride, downsample)]
        self.inplanes = planes * block.expansion
        layers.extend(block(self.inplanes, planes) for _ in range(1, blocks))
        return nn.Sequential(*layers)

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer2(self.layer1(x))
        x = torch.flatten(self.avgpool(x), 1)
        return self.fc(x)


def accuracy(output, target, topk=(1,)):
    with torch.no_grad():
        maxk = max(topk)
        batch_size = target.size(0)
        _, pred = output.topk(maxk, 1, True, True)
        pred = pred.t()
        correct = pred.eq(target.view(1, -1).expand_as(pred))
        return [correct[:k].reshape(-1).float().sum(0, keepdim=True).mul_(100.0 / batch_size) for k in topk]


class AverageMeter:
    def __init__(self, name, fmt=":f"):
        self.name, self.fmt = name, fmt
        self.sum = self.count = self.val = 0

    def update(self, val, n=1):
        self.val = val
        self.sum += val * n
        self.count += n

    def __str__(self):
        return ("{name} {val" + self.fmt + "} ({avg" + self.fmt + "})").format(name=self.name, val=self.val, avg=self.sum / self.count)


torch.manual_seed(0)
torch.use_deterministic_algorithms(True)
torch.use_deterministic_algorithms(False)
model = ResNet(BasicBlock, [1, 2])
print(model)
print([name for name, _ in model.named_children()], len(list(model.modules())))
print({k: tuple(v.shape) for k, v in model.state_dict().items() if "layer2.0" in k})

# Each class is a wave of its own direction.
grid = torch.stack(torch.meshgrid(torch.arange(32.0), torch.arange(32.0), indexing="ij"))
labels = torch.randint(0, 6, (96,))
angles = labels.float() * math.pi / 6
waves = torch.sin((angles.cos()[:, None, None] * grid[0] + angles.sin()[:, None, None] * grid[1]) * 0.7)
images = waves[:, None].repeat(1, 3, 1, 1) + 0.3 * torch.randn(96, 3, 32, 32)

decay, no_decay = [], []
for name, param in model.named_parameters():
    (no_decay if param.ndim == 1 or name.endswith(".bias") else decay).append(param)
optimizer = torch.optim.SGD(
    [{"params": decay, "weight_decay": 1e-4}, {"params": no_decay, "weight_decay": 0.0}], lr=0.1, momentum=0.9, nesterov=True
)
print(optimizer)
warmup = LinearLR(optimizer, start_factor=0.1, total_iters=4)
scheduler = SequentialLR(optimizer, [warmup, CosineAnnealingLR(optimizer, T_max=8, eta_min=1e-3)], milestones=[4])

start = time.perf_counter()
losses, top1 = AverageMeter("Loss", ":.3f"), AverageMeter("Acc@1", ":6.2f")
for epoch in range(4):
    for i in range(0, 96, 32):
        x, y = images[i : i + 32], labels[i : i + 32]
        output = model(x)
        loss = F.cross_entropy(output, y)
        acc1, acc3 = accuracy(output, y, topk=(1, 3))
        losses.update(loss.item(), x.size(0))
        top1.update(acc1[0].item(), x.size(0))
        optimizer.zero_grad()
        loss.backward()
        norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm=1.0)
        optimizer.step()
        scheduler.step()
    print(f"Epoch [{epoch}] {losses} {top1} top3 {acc3.item():.1f} |g| {norm:.3f} lr {scheduler.get_last_lr()}")
if torch.cuda.is_available():
    torch.cuda.synchronize()
assert time.perf_counter() > start
print(model.bn1.running_mean, model.bn1.num_batches_tracked)
with torch.inference_mode():
    model.eval()
    probs = F.softmax(model(images), dim=1)
    print(torch.is_inference_mode_enabled(), probs.requires_grad, probs.max(dim=1).values[:5], (probs.argmax(1) == labels).float().mean())

another = torch.optim.SGD(model.parameters(), lr=1.0)
lambda_scheduler = LambdaLR(another, lr_lambda=lambda epoch: 0.95**epoch)
for _ in range(3):
    another.step()
    lambda_scheduler.step()
print(another.param_groups[0]["lr"], lambda_scheduler.state_dict()["last_epoch"])
