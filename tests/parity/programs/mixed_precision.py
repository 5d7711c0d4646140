"""Training under autocast in bfloat16 with a gradient scaler, accumulated gradients, clipping, and evaluation in half precision."""

from contextlib import nullcontext

import torch
import torch.nn as nn
import torch.nn.functional as F

device = "cuda" if torch.cuda.is_available() else "cpu"
device_type = "cuda" if "cuda" in device else "cpu"
dtype = "bfloat16" if not torch.cuda.is_available() or torch.cuda.is_bf16_supported() else "float16"
ptdtype = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}[dtype]
torch.set_float32_matmul_precision("high")
torch.backends.cuda.matmul.allow_tf32 = True
torch.backends.cudnn.allow_tf32 = True
torch.manual_seed(1337)


class Block(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)
        self.norm = nn.GroupNorm(2, channels)
        self.proj = nn.Linear(channels, channels)
        self.ln = nn.LayerNorm(channels)

    def forward(self, x):
        h = F.gelu(self.norm(self.conv(x)))
        h = x + h
        tokens = self.ln(h.flatten(2).transpose(1, 2))
        return h.mean((2, 3)) + self.proj(tokens).mean(1)


model = nn.Sequential(nn.Conv2d(1, 8, 3, 2, 1), nn.BatchNorm2d(8), nn.ReLU(), Block(8), nn.Dropout(0.0), nn.Linear(8, 3)).to(device)
x = torch.randn(36, 1, 12, 12)
y = torch.arange(36) % 3
x[y == 1, :, :6] += 1.5
x[y == 2, :, :, 6:] -= 1.5

seen = {}


def remember(name):
    def hook(module, inputs, output):
        seen[name] = inputs[0].dtype, output.dtype

    return hook


for name, module in model.named_modules():
    if not list(module.children()):
        module.register_forward_hook(remember(name))

ctx = nullcontext() if dtype == "float32" else torch.autocast(device_type=device_type, dtype=ptdtype)
scaler = torch.amp.GradScaler(device_type, enabled=(dtype == "bfloat16"), init_scale=2.0**10)
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2, betas=(0.9, 0.95), weight_decay=0.1)
accumulation_steps = 3
for epoch in range(6):
    optimizer.zero_grad(set_to_none=True)
    total = 0.0
    for micro in range(accumulation_steps):
        xb, yb = x[micro::accumulation_steps], y[micro::accumulation_steps]
        with ctx:
            logits = model(xb)
            loss = F.cross_entropy(logits, yb) / accumulation_steps
        total += loss.item()
        scaler.scale(loss).backward()
    scaler.unscale_(optimizer)
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    scaler.step(optimizer)
    scaler.update()
    print(f"epoch {epoch} loss {total:.1f} finite {torch.isfinite(norm).item()} {logits.dtype} {loss.dtype} scale {scaler.get_scale()}")
for name, kinds in seen.items():
    print(name, *kinds)
print({p.grad.dtype for p in model.parameters()}, {p.dtype for p in model.parameters()})
print(torch.is_autocast_enabled("cpu"), torch.get_autocast_dtype("cpu"), scaler.state_dict())

model.eval()
with torch.no_grad(), torch.autocast("cpu"):
    logits = model(x)
    print(torch.is_autocast_enabled("cpu"), logits.dtype, tuple(logits.shape))
    with torch.autocast("cpu", enabled=False):
        print((x.flatten(1) @ x.flatten(1).T).dtype, model[0](x.float()).dtype)
    a, b = torch.rand(3, 4), torch.rand(4, 5)
    print((a @ b).dtype, torch.mm(a, b).dtype, torch.einsum("ij,jk->ik", a, b).dtype, torch.bmm(a[None], b[None]).dtype, a.exp().dtype)
    print(F.mse_loss((a @ b), a.new_zeros(3, 5)).dtype, torch.cat([a @ b, a @ b]).dtype, (a.double() @ b.double()).dtype, a.sum().dtype)
half = nn.Sequential(*[m for m in model if not isinstance(m, nn.Dropout)]).to(torch.bfloat16)
with torch.inference_mode():
    out = half(x.bfloat16())
print(out.dtype, out.shape, next(half.parameters()).dtype, (out.float() - logits.float()).abs().max() < 0.3)


@torch.autocast("cpu", dtype=torch.bfloat16)
def similarity(u, v):
    return F.normalize(u, dim=-1) @ F.normalize(v, dim=-1).mT


print(similarity(a, a).dtype, similarity(a, a).diagonal().float().round(decimals=1))
scaler = torch.amp.GradScaler("cpu", init_scale=4.0, growth_interval=1)
w = nn.Parameter(torch.ones(2))
opt = torch.optim.SGD([w], lr=0.1)
for value in (1.0, float("inf"), 2.0):
    opt.zero_grad()
    scaler.scale((w * value).sum()).backward()
    scaler.step(opt)
    scaler.update()
    print(w.data, scaler.get_scale())
