"""word2vec with negative sampling, EmbeddingBag text classification, matrix factorisation, nearest neighbours."""

from collections import Counter

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(2)
corpus = ("the king rules the land the queen rules the land a man walks a dog a woman walks a cat " * 3).split()
counts = Counter(corpus)
vocab = {w: i for i, (w, _) in enumerate(counts.most_common())}
ids = torch.tensor([vocab[w] for w in corpus])
freq = torch.tensor([counts[w] for w in vocab], dtype=torch.float)
noise = (freq**0.75) / (freq**0.75).sum()
print(noise)
centers, contexts = [], []
for i in range(len(ids)):
    for j in range(max(0, i - 2), min(len(ids), i + 3)):
        if i != j:
            centers.append(ids[i])
            contexts.append(ids[j])
dataset = TensorDataset(torch.stack(centers), torch.stack(contexts))
print(len(dataset), dataset[0])


class SkipGram(nn.Module):
    def __init__(self, v, d):
        super().__init__()
        self.input = nn.Embedding(v, d)
        self.output = nn.Embedding(v, d)
        self.input.weight.data.uniform_(-0.5 / d, 0.5 / d)
        self.output.weight.data.zero_()

    def forward(self, c, pos, neg):
        c = self.input(c)
        pos = (c * self.output(pos)).sum(1)
        neg = torch.bmm(self.output(neg), c.unsqueeze(2)).squeeze(2)
        return -(F.logsigmoid(pos) + F.logsigmoid(-neg).sum(1)).mean()


model = SkipGram(len(vocab), 10)
opt = torch.optim.Adagrad(model.parameters(), lr=0.3)
for epoch in range(3):
    total = 0
    for c, p in DataLoader(dataset, batch_size=32, shuffle=True, drop_last=True):
        neg = torch.multinomial(noise, len(c) * 5, replacement=True).view(len(c), 5)
        loss = model(c, p, neg)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    print(f"epoch {epoch}: {total:.3f}")
vec = F.normalize(model.input.weight.detach(), dim=1)
sim = vec @ vec.T
sim.fill_diagonal_(-1)
best = sim.topk(2, dim=1)
words = list(vocab)
print([(w, words[best.indices[i, 0]], f"{best.values[i, 0]:.3f}") for w, i in vocab.items()])
print(F.cosine_similarity(vec[vocab["king"]], vec[vocab["queen"]], dim=0))

bag = nn.EmbeddingBag(len(vocab), 4, mode="mean")
print(bag, nn.EmbeddingBag(5, 3, mode="sum", padding_idx=0), nn.Embedding(5, 3, max_norm=1.0))
flat, offsets = torch.tensor([1, 2, 4, 5, 4, 3, 2, 9]), torch.tensor([0, 4])
print(bag(flat, offsets))
print(F.embedding_bag(flat, bag.weight, offsets, mode="max"))
print(F.embedding_bag(flat, bag.weight, offsets, mode="sum", per_sample_weights=torch.linspace(0, 1, 8)))
emb = nn.Embedding.from_pretrained(torch.eye(3), freeze=True)
print(emb(torch.tensor([[2, 0]])), emb.weight.requires_grad)
clipped = nn.Embedding(5, 3, max_norm=1.0)
print(clipped(torch.tensor([0, 3])).norm(dim=1), clipped.weight.norm(dim=1))
try:
    emb(torch.tensor([3]))
except IndexError as e:
    print("IndexError:", str(e)[:26])
try:
    emb(torch.tensor([1.0]))
except RuntimeError as e:
    print(str(e)[:60])


class Factors(nn.Module):
    def __init__(self, users, items, k=4):
        super().__init__()
        self.u, self.i = nn.Embedding(users, k), nn.Embedding(items, k)
        self.bu, self.bi = nn.Embedding(users, 1), nn.Embedding(items, 1)
        self.mean = nn.Parameter(torch.tensor(3.0))

    def forward(self, u, i):
        return (self.u(u) * self.i(i)).sum(-1) + self.bu(u).squeeze(-1) + self.bi(i).squeeze(-1) + self.mean


truth = (torch.randn(12, 2) @ torch.randn(2, 9)).clamp(-2, 2) + 3
users, items = torch.where(torch.rand(12, 9) < 0.6)
ratings = truth[users, items]
net = Factors(12, 9)
opt = torch.optim.SGD(net.parameters(), lr=0.5, momentum=0.9, nesterov=True, weight_decay=1e-4)
plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(opt, factor=0.5, patience=3)
for epoch in range(60):
    loss = F.mse_loss(net(users, items), ratings)
    opt.zero_grad()
    loss.backward()
    opt.step()
    plateau.step(loss.detach())
    if epoch % 20 == 19:
        print(epoch, f"rmse {loss.sqrt().item():.4f}", opt.param_groups[0]["lr"])
print(net.mean)
