"""Networks in functional style: weights as plain tensors, a siamese network with triplet loss, a spatial transformer, style statistics."""

import math

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)


def init_params(sizes):
    params = []
    for fan_in, fan_out in zip(sizes[:-1], sizes[1:]):
        w = torch.empty(fan_out, fan_in)
        nn.init.orthogonal_(w, gain=nn.init.calculate_gain("tanh"))
        params += [w.requires_grad_(), torch.zeros(fan_out, requires_grad=True)]
    return params


def net(x, params, p=0.1, training=True):
    *hidden, (w, b) = list(zip(params[::2], params[1::2]))
    for weight, bias in hidden:
        x = torch.tanh(F.linear(x, weight, bias))
        x = F.layer_norm(x, x.shape[-1:])
        x = F.dropout(x, p=p, training=training)
    return x @ w.t() + b


params = init_params([2, 12, 12, 3])
X = torch.rand(90, 2) * 2 - 1
y = (torch.atan2(X[:, 1], X[:, 0]) / (2 * math.pi) * 3).floor().long() % 3
lr, m = 0.2, 0.8
velocity = [torch.zeros_like(p) for p in params]
for step in range(30):
    loss = F.cross_entropy(net(X, params), y)
    grads = torch.autograd.grad(loss, params)
    with torch.no_grad():
        for p, v, g in zip(params, velocity, grads):
            v.mul_(m).add_(g)
            p -= lr * v
    if step % 10 == 9:
        acc = (net(X, params, training=False).argmax(-1) == y).float().mean()
        print(f"step {step} loss {loss:.4f} acc {acc:.3f}")


class Siamese(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv1d(1, 4, 5, padding=2), nn.Mish(), nn.AvgPool1d(2), nn.Conv1d(4, 8, 3, dilation=2), nn.AdaptiveMaxPool1d(1)
        )
        self.fc = nn.Linear(8, 4)

    def forward_once(self, x):
        return F.normalize(self.fc(self.body(x).squeeze(-1)), p=2, dim=-1)

    def forward(self, a, b, c):
        return self.forward_once(a), self.forward_once(b), self.forward_once(c)


def wave(freq, n):
    t = torch.linspace(0, 1, 32)
    return torch.sin(2 * math.pi * (freq * t + torch.rand(n, 1))).unsqueeze(1) + 0.1 * torch.randn(n, 1, 32)


model = Siamese()
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
triplet = nn.TripletMarginLoss(margin=0.5, p=2)
for step in range(12):
    a, p, n = model(wave(2, 16), wave(2, 16), wave(5, 16))
    loss = triplet(a, p, n)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 4 == 3:
        print(f"triplet {loss.item():.4f} near {F.pairwise_distance(a, p).mean():.4f} far {F.pairwise_distance(a, n).mean():.4f}")
print(F.cosine_embedding_loss(a, n, -torch.ones(16), margin=0.2), torch.cdist(a[:3], n[:3]).detach())


class STN(nn.Module):
    def __init__(self):
        super().__init__()
        self.localization = nn.Sequential(nn.Conv2d(1, 4, kernel_size=3), nn.MaxPool2d(2, stride=2), nn.ReLU(True))
        self.fc_loc = nn.Sequential(nn.Linear(4 * 3 * 3, 8), nn.ReLU(True), nn.Linear(8, 3 * 2))
        self.fc_loc[2].weight.data.zero_()
        self.fc_loc[2].bias.data.copy_(torch.tensor([1, 0, 0, 0, 1, 0], dtype=torch.float))
        self.out = nn.Linear(64, 2)

    def forward(self, x):
        xs = self.localization(x).view(-1, 36)
        theta = self.fc_loc(xs).view(-1, 2, 3)
        grid = F.affine_grid(theta, x.size(), align_corners=False)
        x = F.grid_sample(x, grid, align_corners=False)
        return self.out(x.flatten(1)), theta


stn = STN()
opt = torch.optim.SGD(stn.parameters(), lr=0.05)
images = torch.zeros(8, 1, 8, 8)
images[::2, :, 1:4, 1:4] = 1
images[1::2, :, 4:7, 4:7] = 1
target = torch.arange(8) % 2
for step in range(5):
    logits, theta = stn(images)
    loss = F.cross_entropy(logits, target)
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(f"stn {step} {loss.item():.4f}")
print(theta[0])


def gram(x):
    b, c, h, w = x.shape
    f = x.reshape(b, c, h * w)
    return torch.bmm(f, f.transpose(1, 2)) / (c * h * w)


vgg = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 4, 3, padding=1)).requires_grad_(False).eval()
content, style = images[:1], torch.rand(1, 1, 8, 8)
picture = content.clone().requires_grad_(True)
lbfgs = torch.optim.LBFGS([picture], max_iter=5)
history = []


def closure():
    with torch.no_grad():
        picture.clamp_(0, 1)
    lbfgs.zero_grad()
    features = vgg(picture)
    tv = (picture[..., 1:] - picture[..., :-1]).abs().mean()
    loss = F.mse_loss(features, vgg(content)) + 100 * F.mse_loss(gram(features), gram(vgg(style))) + 0.1 * tv
    loss.backward()
    history.append(loss.item())
    return loss


for _ in range(2):
    lbfgs.step(closure)
print([round(v, 3) for v in history[:4]], history[-1] < history[0])
shuffled = F.pixel_unshuffle(images, 2)
print(shuffled.shape, torch.equal(F.pixel_shuffle(shuffled, 2), images), F.unfold(images[:1], 3, stride=2).shape)
kernel = torch.tensor([[1.0, 2, 1], [2, 4, 2], [1, 2, 1]]).div(16)[None, None]
blurred = F.conv2d(F.pad(images[:1], (1, 1, 1, 1), mode="replicate"), kernel)
print(
    blurred[0, 0, 2],
    F.local_response_norm(blurred, 2)[0, 0, 2, :3],
    F.softplus(blurred).sum(),
    F.gumbel_softmax(logits, tau=0.5, hard=True).sum(),
)
