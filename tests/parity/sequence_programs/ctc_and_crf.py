"""CTC training with greedy decoding; a linear-chain CRF with the forward algorithm and Viterbi decoding."""

import itertools

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(5)
T, N, C = 20, 4, 6
net = nn.Sequential(nn.Conv1d(8, 16, 3, padding=1), nn.ReLU(), nn.Conv1d(16, C, 1))
ctc = nn.CTCLoss(blank=0, reduction="mean", zero_infinity=True)
x = torch.randn(N, 8, T)
target_lengths = torch.tensor([3, 5, 4, 2])
targets = torch.randint(1, C, (N, 5))
input_lengths = torch.full((N,), T, dtype=torch.long)
opt = torch.optim.RMSprop(net.parameters(), lr=5e-3, momentum=0.5)
for it in range(30):
    logp = net(x).permute(2, 0, 1).log_softmax(2)
    loss = ctc(logp, targets, input_lengths, target_lengths)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if it % 10 == 0:
        print(f"{it} {loss.item():.4f}")
print(F.ctc_loss(logp, targets, input_lengths, target_lengths, reduction="none"))
flat = torch.cat([t[:n] for t, n in zip(targets, target_lengths)])
print(F.ctc_loss(logp.double(), flat, input_lengths, target_lengths, reduction="sum"))
path = logp.argmax(2).t()
for row in path:
    merged = torch.unique_consecutive(row)
    print(merged[merged != 0].tolist(), [int(k) for k, _ in itertools.groupby(row.tolist()) if k])


class CRF(nn.Module):
    def __init__(self, tags):
        super().__init__()
        self.start, self.end = nn.Parameter(torch.zeros(tags)), nn.Parameter(torch.zeros(tags))
        self.trans = nn.Parameter(torch.empty(tags, tags).uniform_(-0.1, 0.1))

    def log_norm(self, emit, mask):
        alpha = self.start + emit[0]
        for t in range(1, len(emit)):
            scores = alpha.unsqueeze(2) + self.trans.unsqueeze(0) + emit[t].unsqueeze(1)
            alpha = torch.where(mask[t].unsqueeze(1), torch.logsumexp(scores, dim=1), alpha)
        return torch.logsumexp(alpha + self.end, dim=1)

    def score(self, emit, tags, mask):
        rows = torch.arange(emit.shape[1])
        s = self.start[tags[0]] + emit[0, rows, tags[0]]
        for t in range(1, len(emit)):
            s = s + (self.trans[tags[t - 1], tags[t]] + emit[t, rows, tags[t]]) * mask[t]
        last = tags.gather(0, (mask.long().sum(0) - 1).unsqueeze(0)).squeeze(0)
        return s + self.end[last]

    @torch.no_grad()
    def viterbi(self, emit, mask):
        score, history = self.start + emit[0], []
        for t in range(1, len(emit)):
            best, index = (score.unsqueeze(2) + self.trans + emit[t].unsqueeze(1)).max(dim=1)
            score = torch.where(mask[t].unsqueeze(1), best, score)
            history.append(index)
        result = []
        for b in range(emit.shape[1]):
            n = int(mask[:, b].sum())
            tag = (score[b] + self.end).argmax().item()
            tags = [tag]
            for index in reversed(history[: n - 1]):
                tag = index[b][tag].item()
                tags.append(tag)
            result.append(tags[::-1])
        return result


crf = CRF(3)
emit_layer = nn.Linear(5, 3)
features = torch.randn(6, 4, 5)
mask = torch.arange(6).unsqueeze(1) < torch.tensor([6, 4, 5, 2])
gold = (features.sum(-1) > 0).long() + (features[..., 0] > 0.5).long()
opt = torch.optim.LBFGS([*crf.parameters(), *emit_layer.parameters()], lr=0.5, max_iter=5, line_search_fn="strong_wolfe")


def closure():
    opt.zero_grad()
    emit = emit_layer(features)
    nll = (crf.log_norm(emit, mask) - crf.score(emit, gold, mask)).mean()
    nll.backward()
    return nll


for it in range(4):
    print("crf", it, f"{opt.step(closure).item():.4f}")
print(crf.viterbi(emit_layer(features), mask))
print([gold[:n, b].tolist() for b, n in enumerate(mask.sum(0))])
emit = emit_layer(features)
brute = torch.stack([crf.score(emit[:, :1], torch.tensor(p).unsqueeze(1), mask[:, :1]) for p in itertools.product(range(3), repeat=6)])
torch.testing.assert_close(torch.logsumexp(brute, 0), crf.log_norm(emit[:, :1], mask[:, :1]))
print(crf.trans.grad.norm())
