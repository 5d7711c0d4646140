"""A modern decoder: RMS norm, rotary positions by complex numbers and by rotation, grouped queries, SwiGLU, a key-value cache, LoRA, beam search."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F


class RMSNorm(nn.Module):
    def __init__(self, dim: int, eps: float = 1e-6):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(dim))

    def forward(self, x):
        return (x.float() * torch.rsqrt(x.float().pow(2).mean(-1, keepdim=True) + self.eps)).type_as(x) * self.weight


def precompute_freqs_cis(dim, end, theta=10000.0):
    freqs = 1.0 / (theta ** (torch.arange(0, dim, 2)[: (dim // 2)].float() / dim))
    return torch.polar(torch.ones(end, dim // 2), torch.outer(torch.arange(end, dtype=torch.float32), freqs))


def apply_rotary(x, freqs):
    x_ = torch.view_as_complex(x.float().reshape(*x.shape[:-1], -1, 2))
    return torch.view_as_real(x_ * freqs[None, :, None, :]).flatten(3).type_as(x)


def rotate_half(x):
    a, b = x[..., : x.shape[-1] // 2], x[..., x.shape[-1] // 2 :]
    return torch.cat((-b, a), dim=-1)


class Attention(nn.Module):
    def __init__(self, dim, heads, kv_heads):
        super().__init__()
        self.heads, self.kv_heads, self.hd = heads, kv_heads, dim // heads
        self.wq = nn.Linear(dim, heads * self.hd, bias=False)
        self.wk, self.wv = (nn.Linear(dim, kv_heads * self.hd, bias=False) for _ in range(2))
        self.wo = nn.Linear(heads * self.hd, dim, bias=False)
        self.cache_k: torch.Tensor | None = None
        self.cache_v: torch.Tensor | None = None

    def forward(self, x, freqs, mask, start=None):
        b, t, _ = x.shape
        q, k, v = self.wq(x).view(b, t, self.heads, -1), self.wk(x).view(b, t, self.kv_heads, -1), self.wv(x).view(b, t, self.kv_heads, -1)
        q, k = apply_rotary(q, freqs), apply_rotary(k, freqs)
        if start is not None:
            if start == 0:
                self.cache_k, self.cache_v = (
                    k.new_zeros(b, 32, self.kv_heads, self.hd),
                    torch.zeros_like(v.new_empty(b, 32, self.kv_heads, self.hd)),
                )
            self.cache_k[:b, start : start + t], self.cache_v[:b, start : start + t] = k, v
            k, v = self.cache_k[:b, : start + t], self.cache_v[:b, : start + t]
        k, v = (z.repeat_interleave(self.heads // self.kv_heads, dim=2).transpose(1, 2) for z in (k, v))
        scores = q.transpose(1, 2) @ k.mT / math.sqrt(self.hd)
        if mask is not None:
            scores = scores + mask
        return self.wo((scores.softmax(-1) @ v).transpose(1, 2).reshape(b, t, -1))


class Block(nn.Module):
    def __init__(self, dim, heads, kv_heads, hidden):
        super().__init__()
        self.attention = Attention(dim, heads, kv_heads)
        self.w1, self.w2, self.w3 = (
            nn.Linear(dim, hidden, bias=False),
            nn.Linear(hidden, dim, bias=False),
            nn.Linear(dim, hidden, bias=False),
        )
        self.n1, self.n2 = RMSNorm(dim), nn.RMSNorm(dim, eps=1e-6)

    def forward(self, x, *args, **kwargs):
        x = x + self.attention(self.n1(x), *args, **kwargs)
        y = self.n2(x)
        return x + self.w2(F.silu(self.w1(y)) * self.w3(y))


class Model(nn.Module):
    def __init__(self, vocab=23, dim=16, layers=2):
        super().__init__()
        self.tok = nn.Embedding(vocab, dim)
        self.layers = nn.ModuleList()
        for _ in range(layers):
            self.layers.append(Block(dim, 4, 2, 24))
        self.norm, self.out = RMSNorm(dim), nn.Linear(dim, vocab, bias=False)
        self.register_buffer("freqs", precompute_freqs_cis(dim // 4, 32), persistent=False)

    def forward(self, tokens, start=None):
        t = tokens.size(1)
        first = start or 0
        mask = None
        if t > 1:
            mask = torch.full((t, t), float("-inf"), device=tokens.device).triu(diagonal=1)
            mask = torch.hstack([torch.zeros((t, first)), mask])
        h = self.tok(tokens)
        for layer in self.layers:
            h = layer(h, self.freqs[first : first + t], mask, start=start)
        return self.out(self.norm(h)).float()


class LoRA(nn.Module):
    def __init__(self, base: nn.Linear, r=2, alpha=4):
        super().__init__()
        self.base = base.requires_grad_(False)
        self.a = nn.Parameter(torch.empty(r, base.in_features))
        self.b = nn.Parameter(torch.zeros(base.out_features, r))
        nn.init.kaiming_uniform_(self.a, a=math.sqrt(5))
        self.scaling = alpha / r

    def forward(self, x):
        return self.base(x) + (x @ self.a.T @ self.b.T) * self.scaling

    @torch.no_grad()
    def merge(self):
        self.base.weight += self.b @ self.a * self.scaling
        return self.base


torch.manual_seed(0)
model = Model()
print(model, sum(p.numel() for p in model.parameters()), model.freqs.dtype, model.freqs[1])
data = (torch.arange(300) ** 2 % 23).long()
opt = torch.optim.AdamW(model.parameters(), lr=1e-2, betas=(0.9, 0.95), eps=1e-8)
warm = torch.optim.lr_scheduler.LinearLR(opt, 0.1, total_iters=5)
cosine = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 15, eta_min=1e-3)
sched = torch.optim.lr_scheduler.SequentialLR(opt, [warm, cosine], milestones=[5])
for step in range(20):
    for _micro in range(2):
        ix = torch.randint(0, 280, (4,))
        batch = torch.stack([data[i : i + 17] for i in ix])
        loss = F.cross_entropy(model(batch[:, :-1]).transpose(1, 2), batch[:, 1:]) / 2
        loss.backward()
    total = torch.nn.utils.get_total_norm([p.grad for p in model.parameters()])
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0, error_if_nonfinite=True)
    opt.step()
    sched.step()
    opt.zero_grad()
    if step % 6 == 0:
        print(step, f"{loss.item() * 2:.4f} {total.item():.4f} {sched.get_last_lr()[0]:.6f}")
model.eval()
prompt = data[None, :6]
with torch.inference_mode():
    whole = model(prompt)
    cached = torch.cat([model(prompt[:, :4], start=0), model(prompt[:, 4:5], start=4), model(prompt[:, 5:6], start=5)], 1)
    print(torch.allclose(whole, cached, atol=1e-5), whole.shape)
    beams = [(prompt[0].tolist(), 0.0)]
    for _ in range(5):
        grown = []
        for tokens, score in beams:
            logp = F.log_softmax(model(torch.tensor([tokens]))[0, -1], -1)
            top = logp.topk(3)
            grown += [([*tokens, i], score + s) for s, i in zip(top.values.tolist(), top.indices.tolist())]
        beams = sorted(grown, key=lambda b: -b[1])[:3]
    for tokens, score in beams:
        print(tokens[6:], f"{score:.3f}")
for layer in model.layers:
    layer.attention.wq = LoRA(layer.attention.wq)
for name, p in model.named_parameters():
    p.requires_grad = name.endswith((".a", ".b"))
print([n for n, p in model.named_parameters() if p.requires_grad])
opt = torch.optim.SGD(filter(lambda p: p.requires_grad, model.parameters()), lr=0.5)
for _ in range(4):
    loss = F.cross_entropy(model(data[None, 50:66]).flatten(0, 1), data[51:67])
    opt.zero_grad()
    loss.backward()
    opt.step()
before = model(prompt)
for layer in model.layers:
    layer.attention.wq = layer.attention.wq.merge()
print(f"{loss.item():.4f}", (before - model(prompt)).abs().max() < 1e-5)
q, k, v = torch.randn(1, 4, 5, 8), torch.randn(1, 2, 5, 8), torch.randn(1, 2, 5, 8)
print(F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True).norm(), rotate_half(q)[0, 0, 0])
alibi = -torch.arange(5).flip(0).float().mul(0.5).expand(1, 4, 5, 5)
print(F.scaled_dot_product_attention(q, q, q, attn_mask=alibi, scale=0.1)[0, 0, :, 0], F.rms_norm(q, (8,)).square().mean())
