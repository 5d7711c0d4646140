"""Pruning, weight and spectral normalisation, own parametrisations, and batch normalisation folded into convolutions."""

import copy

import torch
import torch.nn.functional as F
import torch.nn.utils.parametrize as parametrize
from torch import nn
from torch.nn.utils import prune
from torch.nn.utils.fusion import fuse_conv_bn_eval
from torch.nn.utils.parametrizations import spectral_norm, weight_norm


class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, 3)
        self.conv2 = nn.Conv2d(4, 8, 3)
        self.fc1 = nn.Linear(8, 12)
        self.fc2 = nn.Linear(12, 3)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.relu(self.conv2(x))
        x = x.view(-1, int(x.nelement() / x.shape[0]))
        return self.fc2(F.relu(self.fc1(x)))


def sparsity(model):
    for name, module in model.named_modules():
        if hasattr(module, "weight"):
            print(f"Sparsity in {name}.weight: {100.0 * float(torch.sum(module.weight == 0)) / float(module.weight.nelement()):.2f}%")


torch.manual_seed(1)
model = LeNet()
module = model.conv1
prune.random_unstructured(module, name="weight", amount=0.3)
print(
    next(iter(module.named_parameters()))[0],
    [n for n, _ in module.named_buffers()],
    module.weight.shape,
    type(next(iter(module._forward_pre_hooks.values()))).__name__,
)
print(module.weight_mask[0])
prune.l1_unstructured(module, name="bias", amount=3)
print(module.bias, module.bias_orig)
prune.ln_structured(module, name="weight", amount=0.5, n=2, dim=0)
for hook in module._forward_pre_hooks.values():
    if hook._tensor_name == "weight":
        print(len(hook), [type(m).__name__ for m in hook])
print(module.weight_mask.sum(dim=(1, 2, 3)), list(model.state_dict())[:4])
prune.remove(module, "weight")
print([n for n, _ in module.named_parameters()], prune.is_pruned(model), prune.is_pruned(model.fc1))

parameters_to_prune = [(model.conv2, "weight"), (model.fc1, "weight"), (model.fc2, "weight")]
prune.global_unstructured(parameters_to_prune, pruning_method=prune.L1Unstructured, amount=0.4)
sparsity(model)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
x, y = torch.randn(12, 1, 8, 8), torch.arange(12) % 3
for _ in range(3):
    loss = F.cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"fine-tuning {loss.item():.4f}", int((model.fc1.weight == 0).sum()))
fresh = LeNet()
for m, n in [(fresh.conv1, "bias"), (fresh.conv2, "weight"), (fresh.fc1, "weight"), (fresh.fc2, "weight")]:
    prune.identity(m, n)
print(fresh.load_state_dict(model.state_dict()), torch.allclose(fresh(x), model(x)))
for m, n in parameters_to_prune:
    prune.remove(m, n)
print([n for n, _ in model.named_parameters()])
prune.custom_from_mask(model.fc2, "bias", mask=torch.tensor([0, 1, 0]))
print(model.fc2.bias)
for bad in (
    lambda: prune.l1_unstructured(model.fc1, "weight", amount=1.5),
    lambda: prune.l1_unstructured(model.fc1, "weight", amount=100000),
    lambda: prune.remove(model.fc1, "bias"),
    lambda: prune.ln_structured(model.fc1, "bias", 0.5, 2, 0),
):
    try:
        bad()
    except ValueError as e:
        print("ValueError", str(e)[:60])

critic = nn.Sequential(spectral_norm(nn.Conv2d(1, 4, 3)), nn.LeakyReLU(0.1), nn.Flatten(), spectral_norm(nn.Linear(144, 1)))
print(critic)
print(sorted(critic.state_dict()))
opt = torch.optim.Adam(critic.parameters(), lr=1e-2)
for _ in range(3):
    loss = F.relu(1 - critic(x)).mean() + F.relu(1 + critic(torch.randn_like(x))).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(f"hinge {loss.item():.4f} norm {torch.linalg.matrix_norm(critic[3].weight, 2).item():.2f}")

layer = weight_norm(nn.Linear(5, 3), name="weight")
print(layer, layer.parametrizations.weight.original0.size(), layer.parametrizations.weight.original1.size())
out = layer(torch.ones(2, 5))
out.sum().backward()
print(out, layer.parametrizations.weight.original0.grad.flatten(), isinstance(layer, nn.Linear), type(layer).__name__)
before = layer.weight.detach().clone()
parametrize.remove_parametrizations(layer, "weight")
print(layer, torch.allclose(before, layer.weight), type(layer).__name__)
old = nn.utils.weight_norm(nn.Conv1d(2, 3, 2), dim=0)
print(sorted(dict(old.named_parameters())), nn.utils.remove_weight_norm(old))


class Symmetric(nn.Module):
    def forward(self, X):
        return X.triu() + X.triu(1).transpose(-1, -2)

    def right_inverse(self, A):
        return A.triu()


class MatrixExponential(nn.Module):
    def forward(self, X):
        return torch.matrix_exp(X)


class Skew(nn.Module):
    def forward(self, X):
        A = X.triu(1)
        return A - A.transpose(-1, -2)


layer = nn.Linear(3, 3)
parametrize.register_parametrization(layer, "weight", Symmetric())
print(torch.allclose(layer.weight, layer.weight.T), layer)
layer.weight = torch.tensor([[1.0, 2, 3], [2, 4, 5], [3, 5, 6]])
print(layer.weight, parametrize.is_parametrized(layer), parametrize.is_parametrized(layer, "bias"), layer.parametrizations.weight[0])
ortho = nn.Linear(3, 3)
parametrize.register_parametrization(ortho, "weight", Skew())
parametrize.register_parametrization(ortho, "weight", MatrixExponential())
print(torch.dist(ortho.weight.T @ ortho.weight, torch.eye(3)) < 1e-5, list(ortho.state_dict()))
with parametrize.cached():
    print(ortho.weight is ortho.weight)
twin = copy.deepcopy(ortho)
print(torch.equal(twin.weight, ortho.weight), twin.parametrizations.weight.original is ortho.parametrizations.weight.original)
parametrize.remove_parametrizations(ortho, "weight", leave_parametrized=False)
print(torch.equal(ortho.weight, twin.parametrizations.weight.original))
try:
    parametrize.register_parametrization(layer, "nothing", Skew())
except ValueError as e:
    print(str(e)[-60:])

conv, bn = nn.Conv2d(1, 4, 3, bias=False), nn.BatchNorm2d(4)
bn(conv(x))
fused = fuse_conv_bn_eval(conv.eval(), bn.eval())
print(fused, torch.allclose(fused(x), bn(conv(x)), atol=1e-5), fused.bias)
