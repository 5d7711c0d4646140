"""Own autograd functions, hooks on tensors and modules, retain_grad, anomaly detection, in-place errors, checkpointing."""

import copy
import io
import pickle

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.autograd import Function, gradcheck
from torch.utils.checkpoint import checkpoint, checkpoint_sequential


class Binarize(Function):
    @staticmethod
    def forward(ctx, x, clip=1.0):
        ctx.save_for_backward(x)
        ctx.clip = clip
        return x.sign()

    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        return grad_output * (x.abs() <= ctx.clip).to(grad_output.dtype), None


class LinearFunction(Function):
    @staticmethod
    def forward(ctx, input, weight, bias=None):
        ctx.save_for_backward(input, weight, bias)
        output = input.mm(weight.t())
        if bias is not None:
            output += bias.unsqueeze(0).expand_as(output)
        return output

    @staticmethod
    def backward(ctx, grad_output):
        input, weight, bias = ctx.saved_tensors
        grad_input = grad_weight = grad_bias = None
        print("needs", ctx.needs_input_grad)
        if ctx.needs_input_grad[0]:
            grad_input = grad_output.mm(weight)
        if ctx.needs_input_grad[1]:
            grad_weight = grad_output.t().mm(input)
        if bias is not None and ctx.needs_input_grad[2]:
            grad_bias = grad_output.sum(0)
        return grad_input, grad_weight, grad_bias


class SortWithIndex(Function):
    @staticmethod
    def forward(ctx, x):
        values, index = x.sort()
        ctx.mark_non_differentiable(index)
        ctx.save_for_backward(index)
        return values, index

    @staticmethod
    def backward(ctx, g, _):
        (index,) = ctx.saved_tensors
        return torch.zeros_like(g).scatter_(0, index, g)


class Reverse(Function):
    @staticmethod
    def forward(x, lam):
        return x.view_as(x)

    @staticmethod
    def setup_context(ctx, inputs, output):
        _, ctx.lam = inputs

    @staticmethod
    def backward(ctx, g):
        return g.neg() * ctx.lam, None


class Wrong(Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, g):
        return g, g


torch.manual_seed(0)
x = torch.randn(5, requires_grad=True)
y = Binarize.apply(x, 0.5)
y.backward(torch.arange(5.0))
print(y, x.grad, sep="\n")
inp, w, b = torch.randn(2, 3), torch.randn(4, 3, requires_grad=True), torch.randn(4, requires_grad=True)
out = LinearFunction.apply(inp, w, b)
print(type(out.grad_fn).__name__, out.requires_grad)
out.square().sum().backward()
print(w.grad.shape, b.grad)
vals, idx = SortWithIndex.apply(x)
print(vals.requires_grad, idx.requires_grad, torch.autograd.grad(vals[0] * 3, x))
print(torch.autograd.grad(Reverse.apply(x, 0.1).sum(), x))
print(gradcheck(SortWithIndex.apply, (torch.randn(4, dtype=torch.double, requires_grad=True),)))
try:
    Wrong.apply(x).sum().backward()
except RuntimeError as e:
    print(e)

a = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
h = a * 2
h.retain_grad()
handle = h.register_hook(lambda g: print("hook", g) or g * 10)
h.sum().backward()
print(h.grad, a.grad, h.is_leaf, a.is_leaf)
handle.remove()
acts, grads = {}, {}
net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(inplace=True), nn.Linear(4, 2))
hooks = [
    m.register_forward_hook(lambda mod, i, o, name=name: acts.__setitem__(name, o.detach().clone()))
    for name, m in net.named_modules()
    if name
]
hooks.append(net[2].register_full_backward_hook(lambda mod, gi, go: grads.update(gi=gi[0].clone(), go=go[0].clone())))
net(torch.ones(2, 3)).logsumexp(1).sum().backward()
print({k: tuple(v.shape) for k, v in acts.items()}, grads["gi"], grads["go"], sep="\n")
for hk in hooks:
    hk.remove()

for bad in ("exp", "sigmoid", "relu", "leaf", "view"):
    try:
        z = torch.ones(3, requires_grad=True)
        if bad == "leaf":
            z += 1
        elif bad == "view":
            z[0] = 5
        else:
            r = getattr(z, bad)()
            r += 1
            r.sum().backward()
    except RuntimeError as e:
        print(bad, "|", str(e)[:180] if "output" in str(e) else str(e)[:70])
for f in (
    lambda: torch.ones(3, requires_grad=True).backward(),
    lambda: torch.ones(3).sum().backward(),
    lambda: torch.ones(2, requires_grad=True).numpy(),
):
    try:
        f()
    except RuntimeError as e:
        print(str(e)[:50])
try:
    with torch.autograd.detect_anomaly(check_nan=True):
        q = torch.tensor([0.0], requires_grad=True)
        (q.sqrt() * 0).sum().backward()
except RuntimeError as e:
    print(str(e).splitlines()[0])
print(q.grad)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(3, 3)
        self.scale = nn.Parameter(torch.ones(()))
        self.register_buffer("steps", torch.tensor(0))

    def forward(self, x):
        self.steps += 1
        return x + self.scale * torch.tanh(self.lin(x))


m = Block()
twin = copy.deepcopy(m)
twin.lin.weight.data.zero_()
print(m.lin.weight.norm() > 0, twin.lin.weight.norm(), m.state_dict().keys())
buf = io.BytesIO()
torch.save(m.state_dict(), buf)
buf.seek(0)
print(twin.load_state_dict(torch.load(buf)), torch.equal(twin.lin.weight, m.lin.weight))
lin = pickle.loads(pickle.dumps(m.lin))
print(lin, torch.equal(lin.weight, m.lin.weight), pickle.loads(pickle.dumps(x.detach())))
inp = torch.randn(2, 3, requires_grad=True)
checkpoint(m, inp, use_reentrant=False).sum().backward()
print(inp.grad, m.steps)
for reentrant in (False, True):
    torch.manual_seed(4)
    stack = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Dropout(0.5), nn.Linear(8, 3), nn.Tanh())
    inp = torch.randn(2, 3, requires_grad=True)
    checkpoint_sequential(stack, 2, inp, use_reentrant=reentrant).square().sum().backward()
    print(reentrant, inp.grad, stack[0].bias.grad)
try:
    twin.load_state_dict({"lin.weight": torch.zeros(2, 2), "extra": torch.zeros(1)})
except RuntimeError as e:
    print(e)
try:
    m.nothing
except AttributeError as e:
    print(e)
print(F.gumbel_softmax(torch.tensor([[1.0, 2.0, 3.0]], requires_grad=True), tau=0.5, hard=True))
