"""A character-level language model with an RNN, an LSTM and a GRU; sampling by temperature and of the top k."""

import torch
import torch.nn as nn
import torch.nn.functional as F

text = "the quick brown fox jumps over the lazy dog. " * 4
chars = sorted(set(text))
stoi = {c: i for i, c in enumerate(chars)}
itos = {i: c for c, i in stoi.items()}
data = torch.tensor([stoi[c] for c in text], dtype=torch.long)
block, batch = 12, 8


class CharModel(nn.Module):
    def __init__(self, kind, vocab, hidden=32, layers=2):
        super().__init__()
        self.embed = nn.Embedding(vocab, 16)
        self.rnn = getattr(nn, kind)(16, hidden, num_layers=layers, batch_first=True, dropout=0.1)
        self.head = nn.Linear(hidden, vocab)

    def forward(self, x, state=None):
        out, state = self.rnn(self.embed(x), state)
        return self.head(out), state


def get_batch(g):
    ix = torch.randint(len(data) - block - 1, (batch,), generator=g)
    x = torch.stack([data[i : i + block] for i in ix])
    y = torch.stack([data[i + 1 : i + block + 1] for i in ix])
    return x, y


@torch.no_grad()
def sample(model, start, n, temperature=1.0, top_k=None):
    model.eval()
    idx = torch.tensor([[stoi[c] for c in start]])
    logits, state = model(idx)
    out = list(start)
    for _ in range(n):
        logits = logits[:, -1, :] / temperature
        if top_k is not None:
            v, _ = torch.topk(logits, min(top_k, logits.size(-1)))
            logits[logits < v[:, [-1]]] = -float("inf")
        probs = F.softmax(logits, dim=-1)
        nxt = torch.multinomial(probs, num_samples=1)
        out.append(itos[nxt.item()])
        logits, state = model(nxt, state)
    model.train()
    return "".join(out)


for kind in ["RNN", "LSTM", "GRU"]:
    torch.manual_seed(1337)
    g = torch.Generator().manual_seed(7)
    model = CharModel(kind, len(chars))
    print(model)
    print("parameters:", sum(p.numel() for p in model.parameters() if p.requires_grad))
    opt = torch.optim.Adam(model.parameters(), lr=1e-2)
    for step in range(41):
        x, y = get_batch(g)
        logits, state = model(x)
        loss = F.cross_entropy(logits.view(-1, len(chars)), y.view(-1))
        opt.zero_grad(set_to_none=True)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        if step % 20 == 0:
            print(f"{kind} step {step:3d} | loss {loss.item():.4f} | norm {norm:.4f}")
    print(repr(sample(model, "the ", 20)))
    print(repr(sample(model, "q", 20, temperature=0.7, top_k=5)))
    hidden = state[0] if isinstance(state, tuple) else state
    print(hidden.shape, hidden.abs().mean())
    for name, p in model.rnn.named_parameters():
        print(name, tuple(p.shape), f"{p.grad.norm().item():.4f}")
