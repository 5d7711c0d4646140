"""Sequence to sequence with additive attention and teacher forcing: a toy task of reversing numbers; greedy decoding."""

import random

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor, optim

random.seed(0)
torch.manual_seed(0)
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
SOS, EOS, VOCAB, HID, LEN = 0, 1, 12, 24, 5


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(VOCAB, HID)
        self.gru = nn.GRU(HID, HID, bidirectional=True)
        self.fc = nn.Linear(HID * 2, HID)

    def forward(self, src: Tensor) -> tuple[Tensor, Tensor]:
        outputs, hidden = self.gru(self.embedding(src))
        hidden = torch.tanh(self.fc(torch.cat((hidden[-2], hidden[-1]), dim=1)))
        return outputs, hidden


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.attn = nn.Linear(HID * 3, HID)
        self.v = nn.Parameter(torch.rand(HID))
        nn.init.normal_(self.v, mean=0.0, std=1.0 / self.v.size(0) ** 0.5)

    def forward(self, hidden, outputs):
        h = hidden.unsqueeze(1).repeat(1, outputs.shape[0], 1)
        energy = torch.tanh(self.attn(torch.cat((h, outputs.permute(1, 0, 2)), dim=2)))
        v = self.v.repeat(energy.shape[0], 1).unsqueeze(1)
        return F.softmax(torch.bmm(v, energy.permute(0, 2, 1)).squeeze(1), dim=1)


class Decoder(nn.Module):
    def __init__(self, attention):
        super().__init__()
        self.attention = attention
        self.embedding = nn.Embedding(VOCAB, HID)
        self.cell = nn.GRUCell(HID * 3, HID)
        self.out = nn.Linear(HID * 4, VOCAB)

    def forward(self, token, hidden, outputs):
        embedded = self.embedding(token)
        a = self.attention(hidden, outputs)
        context = torch.einsum("bl,lbh->bh", a, outputs)
        hidden = self.cell(torch.cat([embedded, context], 1), hidden)
        return self.out(torch.cat((hidden, context, embedded), dim=1)), hidden, a


class Seq2Seq(nn.Module):
    def __init__(self, encoder: nn.Module, decoder: nn.Module):
        super().__init__()
        self.encoder, self.decoder = encoder, decoder

    def forward(self, src, trg, teacher_forcing_ratio=0.5):
        outputs, hidden = self.encoder(src)
        result = torch.zeros(trg.shape[0], trg.shape[1], VOCAB).to(device)
        token = trg[0, :]
        for t in range(1, trg.shape[0]):
            result[t], hidden, _ = self.decoder(token, hidden, outputs)
            token = trg[t] if random.random() < teacher_forcing_ratio else result[t].max(1)[1]
        return result


def init_weights(m):
    for name, p in m.named_parameters():
        if "weight" in name:
            nn.init.xavier_uniform_(p) if p.dim() > 1 else nn.init.zeros_(p)
        elif "bias" in name:
            nn.init.constant_(p.data, 0)


model = Seq2Seq(Encoder(), Decoder(Attention())).to(device)
model.apply(init_weights)
print(model)
print(f"The model has {sum(p.numel() for p in model.parameters() if p.requires_grad):,} trainable parameters")
optimizer = optim.Adam(model.parameters(), lr=5e-3)
scheduler = optim.lr_scheduler.StepLR(optimizer, step_size=20, gamma=0.5)
criterion = nn.NLLLoss()
for it in range(30):
    body = torch.randint(2, VOCAB, (LEN, 16))
    src = torch.cat([body, torch.full((1, 16), EOS)])
    trg = torch.cat([torch.full((1, 16), SOS), body.flip(0), torch.full((1, 16), EOS)])
    optimizer.zero_grad()
    output = model(src, trg)
    logp = F.log_softmax(output[1:].view(-1, VOCAB), dim=-1)
    loss = criterion(logp, trg[1:].view(-1))
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1)
    optimizer.step()
    scheduler.step()
    if it % 10 == 9:
        print(f"iter {it + 1}: loss {loss:.4f}, perplexity {loss.exp():.3f}, lr {scheduler.get_last_lr()}")

model.eval()
with torch.no_grad():
    src = torch.tensor([2, 3, 4, 5, 6, EOS], device=device).unsqueeze(1)
    outputs, hidden = model.encoder(src)
    token, weights = torch.tensor([SOS]), []
    decoded = []
    for _ in range(8):
        scores, hidden, a = model.decoder(token, hidden, outputs)
        weights.append(a)
        topv, topi = scores.data.topk(1)
        decoded.append(topi.item())
        if topi.item() == EOS:
            break
        token = topi.squeeze(1).detach()
    print(decoded)
    print(torch.cat(weights)[:3])
