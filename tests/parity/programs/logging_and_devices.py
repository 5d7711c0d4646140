"""Device idioms, timing, TensorBoard, learning-rate search, and the reprs of layers and optimizers that scripts print."""

import os
import time
from collections import OrderedDict

import torch
from torch import nn
from torch.utils.tensorboard import SummaryWriter

device = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
print(f"Using {device} device", torch.cuda.device_count(), torch.device(device), torch.device("cuda", 0).index)
if torch.cuda.is_available():
    torch.cuda.manual_seed_all(0)
    torch.cuda.empty_cache()
torch.backends.cudnn.benchmark = True
torch.set_num_threads(1)
torch.set_default_dtype(torch.float32)
print(torch.version.cuda, torch.get_num_threads(), torch.get_default_dtype(), torch.get_default_device(), torch.is_grad_enabled())
torch.set_printoptions(precision=3, sci_mode=False, linewidth=100)
torch.manual_seed(0)


class TinyVGG(nn.Module):
    def __init__(self, cfg, num_classes=4):
        super().__init__()
        layers, c = [], 1
        for v in cfg:
            if v == "M":
                layers += [nn.MaxPool2d(kernel_size=2, stride=2)]
            else:
                layers += [nn.Conv2d(c, v, kernel_size=3, padding=1), nn.BatchNorm2d(v), nn.ReLU(inplace=True)]
                c = v
        self.features = nn.Sequential(*layers)
        self.heads = nn.ModuleDict(OrderedDict(label=nn.Linear(c, num_classes), angle=nn.Linear(c, 1)))
        self.scales = nn.ParameterList([nn.Parameter(torch.ones(1)) for _ in range(2)])
        self.temperature = nn.Parameter(torch.tensor(1.0))
        self.register_buffer("mean", torch.tensor(0.5))

    def forward(self, x):
        x = self.features(x - self.mean).flatten(2).mean(-1)
        return {name: head(x) * s / self.temperature for (name, head), s in zip(self.heads.items(), self.scales)}


model = TinyVGG([4, "M", 8, "M"]).to(device)
print(model)
print(next(model.parameters()).device, next(model.parameters()).is_cuda, model.mean.device.type)
for name, buffer in model.named_buffers():
    print(name, buffer.shape, buffer.dtype)
print(model.get_parameter("heads.angle.bias").shape, model.get_submodule("features.0"))

x = torch.randn(16, 1, 8, 8, device=device)
labels = torch.arange(16, device=device) % 4
x += labels.view(-1, 1, 1, 1)
optimizers = [
    torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4),
    torch.optim.Adam(model.parameters()),
    torch.optim.AdamW(model.parameters(), lr=1e-2),
    torch.optim.RMSprop(model.parameters(), lr=1e-3),
    torch.optim.Adagrad(model.parameters()),
    torch.optim.NAdam(model.parameters()),
]
writer = SummaryWriter("runs/experiment")
step = 0
for optimizer in optimizers:
    start = time.time()
    for _ in range(2):
        out = model(x)
        loss = nn.functional.cross_entropy(out["label"], labels) + 0.1 * nn.functional.mse_loss(out["angle"].squeeze(), labels.float())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        writer.add_scalar("Loss/train", loss.item(), step)
        writer.add_scalars("parts", {"a": loss.item(), "b": 2.0}, step)
        writer.add_histogram("weights", model.features[0].weight, step)
        step += 1
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    elapsed = time.time() - start
    print(optimizer)
    print(f"{type(optimizer).__name__} loss {loss.item():.4f} temperature {model.temperature.item():.4f}", elapsed >= 0)
writer.add_image("sample", x[0].clamp(0, 1), 0)
writer.add_text("note", "done")
writer.add_figure if hasattr(writer, "add_figure") else None
writer.add_hparams({"lr": 0.1, "bsize": 16}, {"hparam/loss": loss.item()})
writer.add_pr_curve("pr", labels == 1, out["label"].softmax(1)[:, 1].detach(), 0)
writer.flush()
writer.close()
print(sorted(os.listdir("runs/experiment"))[-1].startswith("parts") or len(os.listdir("runs/experiment")) > 0)

for layer in (
    nn.Conv2d(3, 6, (3, 5), stride=(2, 1), padding=(1, 2), dilation=2, groups=3, bias=False, padding_mode="circular"),
    nn.ConvTranspose2d(4, 2, 3, stride=2, padding=1, output_padding=1),
    nn.BatchNorm2d(4, momentum=None, affine=False),
    nn.LSTM(4, 8, num_layers=2, batch_first=True, dropout=0.1, bidirectional=True),
    nn.Embedding(10, 3, padding_idx=0),
    nn.MultiheadAttention(8, 2),
    nn.TransformerEncoderLayer(8, 2, 16),
    nn.MaxPool2d(3, stride=2, padding=1, ceil_mode=True),
    nn.AdaptiveAvgPool2d((None, 2)),
    nn.Upsample(scale_factor=2, mode="nearest"),
    nn.LayerNorm([2, 3], elementwise_affine=False),
    nn.Bilinear(2, 3, 4),
    nn.Softmax(dim=-1),
    nn.GELU(approximate="tanh"),
    nn.CrossEntropyLoss(ignore_index=-1),
    nn.ReflectionPad2d((1, 2, 3, 4)),
    nn.ParameterDict({"w": nn.Parameter(torch.ones(2))}),
    nn.Identity(),
    nn.PixelShuffle(2),
    nn.Unflatten(1, (2, 3)),
):
    print(layer)
model.double()
print({p.dtype for p in model.parameters()}, model.features[1].num_batches_tracked.dtype, model.to(torch.float16).mean.dtype)
print(torch.rand(2, 3) * 100, torch.tensor([1e-5, 1.0]), torch.arange(3) > 1)
torch.set_printoptions(profile="default")
print(torch.tensor([1e-5, 1.0]), torch.ones(2, device="meta").device.type if hasattr(torch, "meta") else "")
try:
    torch.ones(1).to("cuda" if not torch.cuda.is_available() else "nonsense")
except (RuntimeError, AssertionError):
    print("no such device")
