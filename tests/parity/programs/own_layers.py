"""Layers of one's own, built on PyTorch's base classes: deformable padding, switchable norms, attention blocks, state dict surgery, hooks on loading."""

import warnings
from collections import OrderedDict

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.common_types import _size_2_t
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.loss import _WeightedLoss
from torch.nn.modules.utils import _pair, consume_prefix_in_state_dict_if_present
from torch.nn.parameter import Parameter


class SamePadConv2d(nn.Conv2d):
    def __init__(self, in_channels: int, out_channels: int, kernel_size: _size_2_t, stride: _size_2_t = 1, **kwargs) -> None:
        super().__init__(in_channels, out_channels, kernel_size, stride, 0, **kwargs)

    def forward(self, input: Tensor) -> Tensor:
        pads = []
        for size, k, s in zip(reversed(input.shape[-2:]), reversed(self.kernel_size), reversed(self.stride)):
            total = max((-(-size // s) - 1) * s + k - size, 0)
            pads += [total // 2, total - total // 2]
        return F.conv2d(F.pad(input, pads), self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups)


class FrozenBatchNorm2d(_BatchNorm):
    def _check_input_dim(self, input):
        if input.dim() != 4:
            raise ValueError(f"expected 4D input (got {input.dim()}D input)")

    def forward(self, input):
        self._check_input_dim(input)
        return F.batch_norm(input, self.running_mean, self.running_var, self.weight, self.bias, False, 0.0, self.eps)


class PolyLoss(_WeightedLoss):
    def __init__(self, epsilon=1.0, weight=None, reduction="mean"):
        super().__init__(weight=weight, reduction=reduction)
        self.epsilon = epsilon

    def forward(self, input, target):
        ce = F.cross_entropy(input, target, weight=self.weight, reduction="none")
        pt = F.softmax(input, 1).gather(1, target[:, None]).squeeze(1)
        loss = ce + self.epsilon * (1 - pt)
        return loss.mean() if self.reduction == "mean" else loss


class NoisyLinear(nn.Module):
    __constants__ = ("in_features", "out_features")

    def __init__(self, in_features, out_features, sigma=0.5):
        super().__init__()
        self.in_features, self.out_features = in_features, out_features
        self.weight_mu = Parameter(torch.empty(out_features, in_features))
        self.weight_sigma = Parameter(torch.full((out_features, in_features), sigma / in_features**0.5))
        self.register_buffer("weight_epsilon", torch.zeros(out_features, in_features), persistent=False)
        self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self):
        nn.init.trunc_normal_(self.weight_mu, std=0.02)

    def reset_noise(self):
        self.weight_epsilon.copy_(
            torch.outer(*(x.sign() * x.abs().sqrt() for x in (torch.randn(self.out_features), torch.randn(self.in_features))))
        )

    def forward(self, x):
        return F.linear(x, self.weight_mu + self.weight_sigma * self.weight_epsilon if self.training else self.weight_mu, self.bias)

    def extra_repr(self):
        return "in_features={in_features}, out_features={out_features}".format(**self.__dict__)


class CBAM(nn.Module):
    def __init__(self, channels, ratio=2):
        super().__init__()
        self.mlp = nn.Sequential(
            OrderedDict(
                [("down", nn.Conv2d(channels, channels // ratio, 1)), ("act", nn.SELU()), ("up", nn.Conv2d(channels // ratio, channels, 1))]
            )
        )
        self.spatial = nn.Conv2d(2, 1, 3, padding="same", padding_mode="circular")
        self._version = 2
        self.register_load_state_dict_post_hook(lambda module, keys: print("loaded", sorted(keys.missing_keys)))

    def forward(self, x):
        gate = torch.sigmoid(self.mlp(F.adaptive_avg_pool2d(x, 1)) + self.mlp(F.adaptive_max_pool2d(x, 1)))
        x = x * gate
        both = torch.cat([x.mean(1, keepdim=True), x.amax(1, keepdim=True)], dim=1)
        return x * torch.sigmoid(self.spatial(both))


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = SamePadConv2d(1, 4, 3, stride=2, bias=False)
        self.norm = FrozenBatchNorm2d(4)
        self.blocks = nn.ModuleList([CBAM(4) for _ in range(2)])
        self.skip = nn.ModuleList()
        self.head = NoisyLinear(4, 3)
        self.dropouts = nn.ModuleDict()

    def forward(self, x, return_features=False):
        x = F.celu_(self.norm(self.stem(x)), 0.5)
        features = []
        for block in self.blocks:
            x = x + block(x)
            features.append(x)
        out = self.head(x.flatten(2).mean(-1))
        return (out, features) if return_features else out


torch.manual_seed(4)
print(_pair(3), _pair((1, 2)))
model = Model()
print(model)
print(len(list(model.buffers())), [k for k in model.state_dict() if "epsilon" in k or "norm" in k])
x, y = torch.randn(24, 1, 9, 9), torch.arange(24) % 3
x += y.view(-1, 1, 1, 1)
criterion = PolyLoss(epsilon=0.5, weight=torch.tensor([1.0, 2.0, 1.0]))
print(criterion, list(criterion.state_dict()))
optimizer = torch.optim.AdamW(model.parameters(), lr=2e-2)
for step in range(6):
    model.head.reset_noise()
    loss = criterion(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    grad_norms = {n: p.grad.norm().item() for n, p in model.named_parameters() if p.grad is not None and "head" in n}
    optimizer.step()
    print(f"step {step} loss {loss.item():.4f}", {k: round(v, 3) for k, v in grad_norms.items()})
out, features = model(x, return_features=True)
print([tuple(f.shape) for f in features])

state = OrderedDict((f"module.{k}", v) for k, v in model.state_dict().items())
consume_prefix_in_state_dict_if_present(state, "module.")
state["head.weight"] = state.pop("head.weight_mu")
twin = Model()
result = twin.load_state_dict(state, strict=False)
print(result.missing_keys, result.unexpected_keys)
state["head.weight_mu"] = state.pop("head.weight")
print(twin.load_state_dict(state))
print(torch.allclose(twin.eval()(x), model.eval()(x)))
for attempt in (
    lambda: model(torch.ones(3)),
    lambda: model.norm(torch.ones(2, 4)),
    lambda: setattr(model, "stem", "no module"),
    lambda: model.nothing,
    lambda: model.register_buffer("stem", torch.ones(1)),
    lambda: model.get_submodule("blocks.7"),
    lambda: nn.Sequential(nn.Linear(1, 1), "relu"),
    lambda: nn.Conv2d(3, 4, 3, groups=2),
    lambda: F.cross_entropy(out, y.float()),
    lambda: out.backward(),
    lambda: nn.Linear(2, 2)(torch.ones(1, 3)),
    lambda: nn.BatchNorm1d(3)(torch.ones(1, 3)),
    lambda: model.load_state_dict({}),
):
    try:
        attempt()
    except Exception as e:
        print(type(e).__name__, str(e).split("\n")[0][:50])
for name, _ in list(model.blocks.named_children()):
    model.blocks.add_module(name, nn.Identity())
model.blocks.append(nn.Identity())
model.blocks.insert(0, nn.ReLU())
del model.blocks[1]
print(model.blocks, model.blocks[-1], len(model.blocks), nn.ReLU() in model.blocks)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    F.mse_loss(torch.ones(2, 1), torch.ones(2))
    nn.functional.softmax(torch.ones(2, 2))
    optimizer2 = torch.optim.SGD(model.parameters(), lr=0.1)
    torch.optim.lr_scheduler.StepLR(optimizer2, 1).step()
for w in caught:
    print(w.category.__name__, str(w.message)[:70])
