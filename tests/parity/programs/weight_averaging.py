"""Exponential moving averages by hand and by swa_utils, stochastic weight averaging, Polyak updates of a target network."""

import copy

import torch
from torch import nn, optim
from torch.optim.swa_utils import SWALR, AveragedModel, get_ema_multi_avg_fn, update_bn
from torch.utils.data import DataLoader, TensorDataset


class EMA:
    def __init__(self, model, decay):
        self.model, self.decay, self.shadow, self.backup = model, decay, {}, {}

    def register(self):
        for name, param in self.model.named_parameters():
            if param.requires_grad:
                self.shadow[name] = param.data.clone()

    def update(self):
        for name, param in self.model.named_parameters():
            if param.requires_grad:
                assert name in self.shadow
                self.shadow[name] = ((1.0 - self.decay) * param.data + self.decay * self.shadow[name]).clone()

    def apply_shadow(self):
        for name, param in self.model.named_parameters():
            if param.requires_grad:
                self.backup[name] = param.data
                param.data = self.shadow[name]

    def restore(self):
        for name, param in self.model.named_parameters():
            if param.requires_grad:
                param.data = self.backup[name]
        self.backup = {}


class ModelEma(nn.Module):
    def __init__(self, model, decay=0.9):
        super().__init__()
        self.module = copy.deepcopy(model)
        self.module.eval()
        self.decay = decay

    @torch.no_grad()
    def update(self, model):
        for ema_v, model_v in zip(self.module.state_dict().values(), model.state_dict().values()):
            if ema_v.dtype.is_floating_point:
                ema_v.copy_(ema_v * self.decay + (1 - self.decay) * model_v)
            else:
                ema_v.copy_(model_v)


torch.manual_seed(0)
model = nn.Sequential(nn.Linear(3, 8), nn.BatchNorm1d(8), nn.Tanh(), nn.Linear(8, 1))
X = torch.rand(48, 3)
Y = X.sum(1, keepdim=True).sin()
loader = DataLoader(TensorDataset(X, Y), batch_size=16, shuffle=True)
optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)

ema = EMA(model, 0.9)
ema.register()
timm_style = ModelEma(model)
swa_model = AveragedModel(model)
ema_model = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.9), use_buffers=True)
custom = AveragedModel(model, avg_fn=lambda averaged, current, num: 0.5 * averaged + 0.5 * current)
swa_scheduler = SWALR(optimizer, swa_lr=0.05, anneal_epochs=3, anneal_strategy="cos")
scheduler = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=10)
swa_start = 3
for epoch in range(8):
    for xb, yb in loader:
        optimizer.zero_grad()
        loss = nn.MSELoss()(model(xb), yb)
        loss.backward()
        optimizer.step()
        ema.update()
        timm_style.update(model)
        ema_model.update_parameters(model)
    if epoch >= swa_start:
        swa_model.update_parameters(model)
        custom.update_parameters(model)
        swa_scheduler.step()
    else:
        scheduler.step()
    print(f"epoch {epoch} loss {loss.item():.5f} lr {optimizer.param_groups[0]['lr']:.5f} averaged {swa_model.n_averaged.item()}")
update_bn(loader, swa_model)
print(swa_model)
print(list(swa_model.state_dict()))
for name, net in {"model": model, "swa": swa_model, "ema": ema_model, "custom": custom, "timm": timm_style.module}.items():
    net.eval()
    with torch.no_grad():
        print(name, f"{nn.functional.l1_loss(net(X), Y).item():.5f}", next(net.parameters()).flatten()[:3])
before = model[0].weight.detach().clone()
ema.apply_shadow()
with torch.no_grad():
    print(f"shadow {nn.functional.l1_loss(model(X), Y).item():.5f}", torch.equal(before, model[0].weight))
ema.restore()
print(torch.equal(before, model[0].weight), model[1].num_batches_tracked, swa_model.module[1].running_mean[:3])

target = copy.deepcopy(model).requires_grad_(False)
for p in model.parameters():
    p.data.add_(1.0)
tau = 0.005
with torch.no_grad():
    for tp, p in zip(target.parameters(), model.parameters()):
        tp.data.mul_(1 - tau)
        tp.data.add_(tau * p.data)
for tp, p in zip(target.parameters(), model.parameters()):
    tp.data.lerp_(p.data, tau)
print((model[0].weight - target[0].weight).mean(), any(p.requires_grad for p in target.parameters()))
vector = nn.utils.parameters_to_vector(model.parameters())
nn.utils.vector_to_parameters(vector * 0 + 0.5, target.parameters())
print(vector.shape, target[3].weight)
